"""The page of a person, what one does about them, and one's own page with another's eyes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import Correction, Face, FriendRequest, Role
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState
from wuyou.infra import db
from wuyou.infra.sight import get_viewer, view_as
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, is_ours, signed_in, viewer_id
from wuyou.surfaces.storefront.meeting import friends_met, meet, meet_face, meet_named
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import awards, faces, people, person, post_cards, ties, tiles
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Empty

PAGE_SIZE = 24
_POSTS_SHOWN = 8
_SOME_FRIENDS = 8
"""So many are offered to look with the eyes of."""
_WISHES, _HAD = "wishes", "had"
_STATES = {_WISHES: (HoldingState.WANT,), _HAD: (HoldingState.HAD, HoldingState.GIVEN)}


@require_safe
def show_person(request: HttpRequest, handle: str) -> HttpResponse:
    """A person as the reader may see them; `shelf` chooses, `after` goes on, `as` is for one's own page.

    Raises: `PersonNotFound` for nobody, across a block, and for `as` on another's page.
    """
    reader = get_viewer(viewer_id(request))
    face = meet_face(reader, handle)
    as_whom = request.GET.get("as", "")
    if as_whom:
        return _seen_by(request, reader, face.person, as_whom)
    return _page(request, reader, face, reader)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def relation(request: HttpRequest, handle: str) -> HttpResponse:
    """Everything that one can do about a person, as a sheet; `do` does one of it."""
    actor = actor_of(request)
    reader = get_viewer(actor.person_id)
    shown = meet_face(reader, handle)
    other = shown.person
    if request.method == "POST":
        return _do(request, actor, other)
    me, between = actor.person_id, queries.get_relation(actor.person_id, other.id)
    labelled = queries.labels_on(me, other.id)
    return show(
        request,
        "relation.html",
        {
            "person": person.header(other, me),
            "relation": between,
            "asked": _waits(me, other.id) if between.is_asked else None,
            "labels": [(label, label.id in labelled) for label in queries.list_labels(me)],
            "note": queries.notes_by_person(me, [other.id]).get(other.id, ""),
            "face_id": shown.face_id,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def tie(request: HttpRequest, handle: str) -> HttpResponse:
    """How close a person is and why, for the reader alone, who may correct it."""
    actor, now = actor_of(request), utc_now()
    other = meet(get_viewer(actor.person_id), handle)
    if request.method == "POST":
        said = _correction(request.POST.get("said", ""))
        db.in_transaction(lambda: operations.correct_tie(actor=actor, person_id=other.id, said=said, now=now))
        messages.success(request, _("It counts for your eyes alone"))
        return redirect(_back(request, other))
    story = queries.get_tie_story(actor.person_id, other.id, now=now)
    return show(
        request,
        "tie.html",
        {
            "person": person.header(other, actor.person_id),
            "tie": ties.story(story),
            "weights": ties.weights(),
            "explained": ties.explained(),
        },
    )


def _seen_by(request: HttpRequest, reader: Viewer, whose: Person, as_whom: str) -> HttpResponse:
    """One's own page with another's eyes; whom one cannot meet oneself is nobody."""
    if reader.person_id != whose.id:
        raise PersonNotFound()
    seer = None if as_whom == people.STRANGER else meet_named(reader, as_whom)
    eyes = view_as(reader, seer.id if seer else None)
    sure, most = (sum(things.count_by_state(each, whose.id).values()) for each in (eyes.surely, eyes.at_most))
    shown = queries.faces_by_person(eyes.surely, [whose.id])[whose.id]
    return _page(request, reader, shown, eyes.surely, as_whom=as_whom, seer=seer, unsaid_count=most - sure)


def _page(
    request: HttpRequest,
    reader: Viewer,
    shown: Face,
    eyes: Viewer,
    *,
    as_whom: str = "",
    seer: Person | None = None,
    unsaid_count: int = 0,
) -> HttpResponse:
    me, now = reader.person_id, utc_now()
    whose = shown.person
    header = person.header(whose, None if as_whom else me)
    met = me is not None and me != whose.id
    shared = things.things_in_common(eyes, whose.id, limit=person.MOST_COMMON) if met else ()
    shelves = things.list_shelves(eyes, whose.id)
    chosen = request.GET.get("shelf", "")
    page = _copies(eyes, whose.id, chosen, {shelf.id for shelf in shelves}, optional_id(request, "after"))
    common_tiles = tiles.of_things(eyes, shared)
    context: dict[str, object] = {
        "person": header,
        "about": _about(eyes, shown),
        "common": person.common(common_tiles),
        "between": _between(me, whose.id, now) if me is not None and met else None,
        "won": awards.won_by(eyes, whose.id),
        "tabs": person.shelf_tabs(header, shelves, chosen, as_whom),
        "posts": post_cards.of_posts(eyes, content.list_of_owner(eyes, whose.id, limit=_POSTS_SHOWN).items),
        "tiles": tiles.of_copies(eyes, page.items, {thing.id for thing in shared}),
        "next_href": _next_href(header.href, chosen, as_whom, page.next_cursor),
        "empty": None if page.items else _nothing(header, chosen),
        "as_whom": as_whom,
        "seer": people.face(seer) if seer else None,
        "unsaid_count": unsaid_count,
        "can_view_as": me == whose.id,
        "view_as_friends": [(friend.handle, people.face(friend)) for friend in friends_met(reader, _SOME_FRIENDS)]
        if me == whose.id
        else (),
        "stranger": people.STRANGER,
    }
    return show(request, "person.html", context, place="me" if me == whose.id else "")


def _about(eyes: Viewer, shown: Face) -> person.About:
    """What somebody says of themselves. Cost: one query; one more for who says to be a merchant."""
    has_shop = Role.MERCHANT in shown.roles and bool(catalog.list_shops_of(shown.person.id))
    traits = queries.list_traits(eyes, shown.person.id)
    return person.About(
        shown.words,
        faces.role_chips(shown.roles, has_shop=has_shop),
        tuple(faces.said(trait) for trait in traits),
    )


def _copies(eyes: Viewer, owner_id: int, chosen: str, shelves: set[int], after: int | None) -> Page[Holding]:
    if chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18 and int(chosen) in shelves:
        return things.list_shelf(eyes, int(chosen), cursor=after, limit=PAGE_SIZE)
    if chosen and chosen not in _STATES:
        return Page((), None)
    states = _STATES.get(chosen, (HoldingState.OWN, HoldingState.LENT))
    return things.list_holdings_of(eyes, owner_id, states=states, cursor=after, limit=PAGE_SIZE)


def _between(me: int, other: int, now: datetime) -> person.Between:
    relation = queries.get_relation(me, other)
    return person.between(
        relation,
        tie=queries.ties_by_person(me, [other], now=now).get(other),
        note=queries.notes_by_person(me, [other]).get(other, ""),
        labels=tuple(queries.labels_on(me, other).values()),
        asks=_waits(me, other) if relation.is_asked else None,
    )


def _waits(me: int, other: int) -> FriendRequest | None:
    return next((asked for asked in queries.list_requests_to(me) if asked.sender_id == other), None)


def _next_href(href: str, chosen: str, as_whom: str, cursor: int | None) -> str:
    if cursor is None:
        return ""
    query = {"shelf": chosen, "as": as_whom, "after": str(cursor)}
    return f"{href}?{urlencode({name: value for name, value in query.items() if value})}"


def _nothing(header: person.Header, chosen: str) -> Empty:
    if header.is_me:
        return Empty(
            _("Nothing here yet"), _("What you put on your shelves stands here, for those you open it to."), "gift"
        )
    if chosen:
        return Empty(_("Nothing to see here"), _("Perhaps another shelf has something."), "mirror")
    return Empty(_("A quiet home"), _("Whatever stands on these shelves is not open to you."), "plant")


def _do(request: HttpRequest, actor: Actor, other: Person) -> HttpResponse:
    now, sent = utc_now(), request.POST
    chosen = sent.get("do", "")
    if chosen not in _DEEDS:
        raise errors.FormMalformed()
    said = db.in_transaction(lambda: _DEEDS[chosen](request, actor, other, now))
    if said:
        messages.success(request, said)
    if chosen == "block":
        return redirect("storefront:home")
    return redirect(_back(request, other))


def _back(request: HttpRequest, other: Person) -> str:
    target = request.POST.get("next", "")
    return target if is_ours(request, target) else people.href_of(other)


Deed = Callable[[HttpRequest, Actor, Person, datetime], str]


def _follow(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.follow(actor=actor, person_id=other.id, now=now)
    return _("You follow %(name)s") % {"name": other.display_name}


def _unfollow(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.unfollow(actor=actor, person_id=other.id, now=now)
    return _("You no longer follow %(name)s") % {"name": other.display_name}


def _ask(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.request_friend(actor=actor, person_id=other.id, reason=request.POST.get("reason", ""), now=now)
    return _("%(name)s has your request") % {"name": other.display_name}


def _withdraw(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    for asked in queries.list_requests_from(actor.person_id):
        if asked.receiver_id == other.id:
            operations.withdraw_request(actor=actor, request_id=asked.id, now=now)
    return _("Your request is taken back")


def _accept(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.accept_request(actor=actor, request_id=_request_id(request), now=now)
    return _("You and %(name)s are friends now") % {"name": other.display_name}


def _decline(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.decline_request(actor=actor, request_id=_request_id(request), now=now)
    return _("Declined; %(name)s is not told") % {"name": other.display_name}


def _unfriend(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.unfriend(actor=actor, person_id=other.id, now=now)
    return _("You are no longer friends")


def _mute(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.mute(actor=actor, person_id=other.id, now=now)
    return _("You hear nothing of %(name)s any more") % {"name": other.display_name}


def _unmute(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.unmute(actor=actor, person_id=other.id)
    return _("You hear of %(name)s again") % {"name": other.display_name}


def _block(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    operations.block(actor=actor, person_id=other.id, now=now)
    return _("%(name)s is blocked: neither of you finds the other") % {"name": other.display_name}


def _remember(request: HttpRequest, actor: Actor, other: Person, now: datetime) -> str:
    """The note and the labels of one form, all or none."""
    sent = request.POST
    operations.set_note(actor=actor, person_id=other.id, text=sent.get("note", ""), now=now)
    wanted = {read_id(text) for text in sent.getlist("label")}
    if name := sent.get("new_label", "").strip():
        wanted.add(operations.make_label(actor=actor, name=name, now=now).id)
    has = queries.labels_on(actor.person_id, other.id).keys()
    for label_id in sorted(wanted - has):
        operations.add_to_label(actor=actor, label_id=label_id, person_id=other.id, now=now)
    for label_id in sorted(has - wanted):
        operations.remove_from_label(actor=actor, label_id=label_id, person_id=other.id)
    return _("Kept, for your eyes alone")


_DEEDS: dict[str, Deed] = {
    "follow": _follow,
    "unfollow": _unfollow,
    "ask": _ask,
    "withdraw": _withdraw,
    "accept": _accept,
    "decline": _decline,
    "unfriend": _unfriend,
    "mute": _mute,
    "unmute": _unmute,
    "block": _block,
    "remember": _remember,
}


def _request_id(request: HttpRequest) -> int:
    return read_id(request.POST.get("request", ""))


def _correction(text: str) -> Correction | None:
    if not text:
        return None
    try:
        return Correction(text)
    except ValueError as error:
        raise errors.FormMalformed() from error
