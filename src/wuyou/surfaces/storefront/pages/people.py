"""Looking for people by what they have, and calling out to one of them."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.messaging import operations as messaging
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import Role, TraitQuery
from wuyou.domains.things import finding
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingState, PeopleQuery, Thing
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.meeting import meet_by_id, persons_met
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, faces, found, people, tiles
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import texts
from wuyou.surfaces.ui.parsing import MAX_ID, read_id
from wuyou.surfaces.ui.parts import Empty

PAGE_SIZE = 12
PICKED_FROM = 36
"""So many of one's own things are offered to pick from."""
MOST_CALLED = 12
_PICKED_AT_FIRST = 3
_APART = re.compile(r"[,，、;；]+")
_HELD = (HoldingState.OWN, HoldingState.LENT, HoldingState.HAD)


@require_safe
@signed_in
def search(request: HttpRequest) -> HttpResponse:
    """People of whom everything holds that is asked: `n` in common, all of these things `t`, a `brand`, `near` friends.

    Without a question: who has anything in common with the reader. Raises: `QuestionMalformed`, `ThingNotFound`.
    """
    viewer = get_viewer(viewer_id(request))
    asked, cursor = _question(request.GET), _number(request.GET.get("after", ""), least=0, most=2**140)
    answer = finding.find_people(viewer, asked, cursor=cursor, limit=PAGE_SIZE)
    ids = {one.person_id for one in answer.people}
    through = social.friends_between(viewer.person_id or 0, ids) if ids else {}
    persons = persons_met(viewer, ids | {friend for friends in through.values() for friend in friends[:2]})
    pictured = tiles.by_thing(viewer, (thing for one in answer.people for thing in one.shared))
    picks = _picks(viewer, asked)
    context: dict[str, object] = {
        "found": [
            found.card(one, persons, through.get(one.person_id, ()), pictured)
            for one in answer.people
            if one.person_id in persons
        ],
        "asked": asked,
        "picks": picks,
        "hobby": "，".join(asked.said.hobbies),
        "roles": faces.role_choices([asked.said.role] if asked.said.role else []),
        "has_said": {own.trait.kind.value for own in social.list_own_traits(viewer.person_id or 0)},
        "is_narrowed": not asked.said.is_empty,
        "family": _family(viewer, asked),
        "next_href": _next_href(request, answer.next_cursor),
        "empty": None if answer.people else _nobody(bool(picks), asked),
        "most": finding.MAX_AT_LEAST,
    }
    return show(request, "people.html", context, place="people")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def call_out(request: HttpRequest, person_id: int) -> HttpResponse:
    """Greet somebody with what both have as the reason. What is refused is said above the greeting, which stays.

    Raises: `PersonNotFound`, also across a block.
    """
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    other = meet_by_id(viewer, person_id)
    shared = things.things_in_common(viewer, person_id, limit=MOST_CALLED)
    refused: DomainError | None = None
    if request.method == "POST":
        text, chosen = request.POST.get("text", ""), _ids(request.POST.getlist("thing"))
        client_id, now = request.POST.get("client_id", ""), utc_now()
        try:
            conversation_id, _seq = db.in_transaction(
                lambda: messaging.call_out(
                    actor=actor, person_id=person_id, text=text, thing_ids=chosen, client_id=client_id, now=now
                )
            )
        except DomainError as error:
            ui_errors.count_refusal(error)
            refused = error
        else:
            messages.success(request, _("Your greeting is on its way to %(name)s") % {"name": other.display_name})
            return redirect("storefront:conversation", conversation_id)
    else:
        chosen = [thing.id for thing in shared[:_PICKED_AT_FIRST]]
        text = _greeting(shared[:_PICKED_AT_FIRST])
    context: dict[str, object] = {
        "other": people.face(other),
        "person_id": person_id,
        "shared": [(tile, tile.id in chosen) for tile in tiles.of_things(viewer, shared)],
        "text": text,
        "client_id": tokens.new_token(),
        "refusal": ui_errors.text_of(refused) if refused else "",
    }
    return show(request, "call_out.html", context, status=ui_errors.status_of(refused) if refused else 200)


def _question(sent: QueryDict) -> PeopleQuery:
    asked = PeopleQuery(
        at_least=_number(sent.get("n", ""), least=0, most=finding.MAX_AT_LEAST) or 0,
        thing_ids=tuple(dict.fromkeys(_ids(sent.getlist("t")))),
        brand=sent.get("brand", "").strip(),
        family_of=_number(sent.get("family", ""), least=1, most=MAX_ID),
        said=_said(sent),
        friends_of_friends=bool(sent.get("near")),
    )
    return PeopleQuery(at_least=1) if asked.is_empty else asked


def _said(sent: QueryDict) -> TraitQuery:
    """What is asked of what people say of themselves. Raises `FormMalformed`."""
    role = sent.get("role", "")
    try:
        asked_role = Role(role) if role else None
    except ValueError as error:
        raise errors.FormMalformed() from error
    return TraitQuery(
        hobbies=tuple(dict.fromkeys(one.strip() for one in _APART.split(sent.get("hobby", "")) if one.strip())),
        same_hobbies=bool(sent.get("hobbies")),
        same_age=bool(sent.get("age")),
        place=sent.get("place", "").strip(),
        role=asked_role,
    )


def _family(viewer: Viewer, asked: PeopleQuery) -> tiles.Tile | None:
    """The thing of whose family something is asked for."""
    named = things.known_by_id(viewer, [asked.family_of]) if asked.family_of is not None else {}
    return next(iter(tiles.of_things(viewer, list(named.values()))), None)


def _picks(viewer: Viewer, asked: PeopleQuery) -> list[tuple[tiles.Tile, bool]]:
    """One's own things to pick from, with those that are asked for ticked and first."""
    mine = things.list_holdings_of(viewer, viewer.person_id or 0, states=_HELD, limit=PICKED_FROM).items
    chosen = list(things.known_by_id(viewer, asked.thing_ids).values()) if asked.thing_ids else []
    ids = {thing.id for thing in chosen}
    offered: dict[int, Thing] = {holding.thing.id: holding.thing for holding in mine if holding.thing.id not in ids}
    return [(tile, tile.id in ids) for tile in tiles.of_things(viewer, [*chosen, *offered.values()])]


def _greeting(shared: tuple[Thing, ...]) -> str:
    if not shared:
        return ""
    return _("Hello! I see that we both have %(things)s. I would like to hear what you like about it.") % {
        "things": texts.listed(covers.name_of(thing) for thing in shared)
    }


def _next_href(request: HttpRequest, cursor: int | None) -> str:
    if cursor is None:
        return ""
    kept = [(name, value) for name, values in request.GET.lists() if name != "after" for value in values]
    return f"{reverse('storefront:people')}?{urlencode([*kept, ('after', cursor)])}"


def _nobody(has_things: bool, asked: PeopleQuery) -> Empty:
    if not has_things and asked == PeopleQuery(at_least=asked.at_least):
        text = _("Put what you have on your shelves: whoever has the same is found here.")
        return Empty(_("People are found by their things"), text, "books")
    return Empty(_("Nobody yet"), _("Ask for a little less: fewer things in common, or one thing alone."), "kite")


def _number(text: str, *, least: int, most: int) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 45 or not least <= int(text) <= most:
        raise errors.FormMalformed()
    return int(text)


def _ids(texts: list[str]) -> list[int]:
    found_ids = [read_id(text) for text in texts if text]
    if 0 in found_ids:
        raise errors.FormMalformed()
    return found_ids
