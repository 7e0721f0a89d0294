"""The page of a copy, and what its owner does with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import GiftDraft, GiftKind
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations, policies
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, HoldingState
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.sight import Viewer, is_blocked, make_viewer
from wuyou.surfaces.storefront import audience, errors, saying
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.copy_forms import WordsForm, labels_in, words_of
from wuyou.surfaces.storefront.meeting import persons_seen
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import copies, copy_page, covers, judged, people
from wuyou.surfaces.ui import judging, parts
from wuyou.surfaces.ui.errors import count_refusal, text_of

SAME_SHOWN = 12
THREADS_SHOWN = 20


@require_safe
def show_copy(request: HttpRequest, holding_id: int) -> HttpResponse:
    """A copy, for whoever may see it. Raises `HoldingNotFound` for everyone else.

    Cost: those of a viewer and seven queries for others, up to seven more for its owner, and those of what is said of
    it.
    """
    viewer = get_viewer(viewer_id(request))
    holding = things.get_holding_for(viewer, holding_id)
    is_own = holding.owner_id == viewer.person_id
    gift = social.find_open_offer(holding.owner_id, holding_id) if is_own else None
    said = things.list_annotations(viewer, holding.thing.id, holding_id=holding.id, limit=THREADS_SHOWN).items
    context: dict[str, object] = {
        "copy": _page(viewer, holding, is_own=is_own),
        "moves": (),
        "gift": gift,
        "threads": saying.threads(viewer, said),
    }
    if is_own:
        standing = moderation.standings(holding.owner_id, SubjectKind.COPY, [holding_id]).get(holding_id)
        context["held"] = judged.held_link(standing)
        context["moves"] = [
            parts.Choice(to.value, str(copies.STATES[to][0]))
            for to in policies.moves_for_all([holding.state])
            if to is not HoldingState.GIVEN
        ]
        context["can_lend"] = HoldingState.LENT in policies.moves_for_all([holding.state])
        context["can_give"] = gift is None and HoldingState.GIVEN in policies.moves_for_all([holding.state])
        context["receiver"] = people.face(persons_seen(viewer, [gift.receiver_id])[gift.receiver_id]) if gift else None
    return show(request, "copy.html", context, place="things" if is_own else "")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit_copy(request: HttpRequest, holding_id: int) -> HttpResponse:
    """Say anew what is true of one's copy, and which photos it has in which order."""
    actor = actor_of(request)
    viewer = make_viewer(actor.person_id, within=actor.person_id)
    holding = things.get_holding_for(viewer, holding_id)
    if request.method == "POST":
        form = WordsForm(request.POST, latest=business_date(utc_now()))
        if form.is_valid():
            said, now = labels_in(form.cleaned_data["labels"]), utc_now()

            def change() -> None:
                operations.describe_holding(actor=actor, holding_id=holding_id, words=words_of(form), now=now)
                operations.label_holdings(
                    actor=actor,
                    holding_ids=[holding_id],
                    add=[label for label in said if label not in holding.labels],
                    remove=[label for label in holding.labels if label not in said],
                )

            try:
                db.in_transaction(change)
            except judging.REFUSALS as refused:
                count_refusal(refused)
                form.add_error(None, text_of(refused))
            else:
                messages.success(request, _("Saved"))
                return redirect("storefront:copy", holding_id)
    else:
        form = WordsForm.of(holding)
    photos = things.photos_by_holding(viewer, [holding_id]).get(holding_id, ())
    context: dict[str, object] = {
        "form": form,
        "title": covers.name_of(holding.thing),
        "holding_id": holding_id,
        "photos": [(photo.id, covers.of_photo(photo)) for photo in photos],
    }
    return show(request, "copy_edit.html", context, place="things", status=200 if not form.errors else 422)


@require_POST
@signed_in
def move(request: HttpRequest, holding_id: int) -> HttpResponse:
    """One's copy stands otherwise: `to` is a state, `person` by name whom it was lent to."""
    actor, now = actor_of(request), utc_now()
    try:
        to = HoldingState(request.POST.get("to", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    other = _person_called(actor.person_id, request.POST.get("person", ""))
    db.in_transaction(
        lambda: operations.move_holding(
            actor=actor, holding_id=holding_id, to=to, other_id=other.id if other else None, now=now
        ),
    )
    messages.success(request, _("Noted in its history"))
    return redirect("storefront:copy", holding_id)


@require_POST
@signed_in
def offer(request: HttpRequest, holding_id: int) -> HttpResponse:
    """Offer one's copy to a person, called by name; it changes hands when they have accepted."""
    actor, now = actor_of(request), utc_now()
    other = _person_called(actor.person_id, request.POST.get("person", ""))
    words = request.POST.get("words", "")
    if other is None:
        raise errors.NobodyCalled(handle="?")
    draft = GiftDraft(other.id, GiftKind.THING, "", words)
    db.in_transaction(
        lambda: operations.offer_copy(actor=actor, holding_id=holding_id, draft=draft, now=now),
    )
    messages.success(request, _("Offered. When %(name)s accepts, you hand it over.") % {"name": other.display_name})
    return redirect("storefront:copy", holding_id)


@require_POST
@signed_in
def hand_on(request: HttpRequest, holding_id: int) -> HttpResponse:
    """Hand over what was accepted: from now on it is theirs."""
    actor, now = actor_of(request), utc_now()
    gift = social.find_open_offer(actor.person_id, holding_id)
    if gift is None:
        raise things_errors.HoldingNotFound()
    db.in_transaction(lambda: operations.give_copy(actor=actor, gift_id=gift.id, now=now))
    messages.success(request, _("It has changed hands"))
    return redirect("storefront:copy", holding_id)


@require_POST
@signed_in
def remove(request: HttpRequest, holding_id: int) -> HttpResponse:
    """Take one's copy off the record, with its history and photos."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(lambda: operations.remove_holdings(actor=actor, holding_ids=[holding_id], now=now))
    messages.success(request, _("Taken off the record"))
    return redirect("storefront:my-things")


def _page(viewer: Viewer, holding: Holding, *, is_own: bool) -> copy_page.CopyPage:
    me = viewer.person_id
    photos = things.photos_by_holding(viewer, [holding.id]).get(holding.id, ())
    others = [
        each.owner_id
        for each in things.list_holders(viewer, holding.thing.id, limit=SAME_SHOWN).items
        if each.owner_id not in {me, holding.owner_id}
    ]
    history = things.list_provenance(holding.owner_id, holding.id) if is_own else ()
    named = {line.other_id for line in history if line.other_id is not None and not is_blocked(viewer, line.other_id)}
    persons = persons_seen(viewer, {holding.owner_id, *others, *named})
    return copy_page.copy_page(
        holding,
        is_own=is_own,
        owner=persons[holding.owner_id],
        photos=photos,
        cover=covers.of_copies([holding], {holding.id: photos[0]} if photos else {})[holding.id],
        rule=things.rules_by_holding(holding.owner_id, [holding.id])[holding.id] if is_own else None,
        labels={label.id: label.name for label in social.list_labels(holding.owner_id)} if is_own else {},
        history=history,
        persons={key: persons[key] for key in named if key in persons},
        same=[persons[key] for key in dict.fromkeys(others) if key in persons],
        shelf=things.find_shelf(holding.owner_id, holding.shelf_id) if is_own and holding.shelf_id else None,
    )


def _person_called(me: int, text: str) -> Person | None:
    """Who is called by one name; None for no name. Raises `NobodyCalled`, `FormMalformed` for several."""
    called = audience.people_called(me, text)
    if len(called) > 1:
        raise errors.FormMalformed()
    for handle, person in called.items():
        if person is None or person.id == me:
            raise errors.NobodyCalled(handle=handle[:30])
        return person
    return None
