"""Gifts: what one was given and gave, without a price anywhere."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.social import operations, queries
from wuyou.domains.social.types import Gift, GiftDraft, GiftKind, GiftsFrom
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.meeting import friends_met, handle_in, meet_named, persons_met
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import given, people, tiles
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.parts import Action, Empty, Paging, Tab

PAGE_SIZE = 24
_OFFERED = 24
_GIVEN, _THANKS = "given", "thanks"


@require_safe
@signed_in
def show_gifts(request: HttpRequest) -> HttpResponse:
    """Gifts that one was given, latest first; those that one gives (`view=given`); thanks that one got (`thanks`)."""
    view = request.GET.get("view", "")
    if view not in {"", _GIVEN, _THANKS}:
        raise errors.FormMalformed()
    me, after = actor_of(request).person_id, optional_id(request, "after")
    shown, next_cursor = _thanks(me, after) if view == _THANKS else _gifts(me, after, is_mine=view == _GIVEN)
    preference = queries.get_preference(me)
    context: dict[str, object] = {
        "tabs": _tabs(view),
        **shown,
        "paging": Paging(next_href=f"?view={view}&after={next_cursor}" if next_cursor else ""),
        "give_href": reverse("storefront:give"),
        "takes_from": given.sources(preference.gifts_from),
        "is_reminded": preference.is_reminded,
    }
    return show(request, "gifts.html", context, place="me")


@require_POST
@signed_in
def choose(request: HttpRequest) -> HttpResponse:
    """Of whom one takes gifts, and whether one is reminded of people who grow silent."""
    try:
        gifts_from = GiftsFrom(request.POST.get("gifts_from", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    actor, is_reminded = actor_of(request), request.POST.get("reminded") == "yes"
    db.in_transaction(lambda: operations.set_preference(actor=actor, gifts_from=gifts_from, is_reminded=is_reminded))
    messages.success(request, _("It holds from now on"))
    return redirect("storefront:gifts")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def give(request: HttpRequest) -> HttpResponse:
    """Offer something to `to`: a copy of one's own, knowledge, a favour, an introduction, time.

    What is refused is said above the form, which stays as it was.
    """
    actor = actor_of(request)
    viewer, sent = get_viewer(actor.person_id), request.POST if request.method == "POST" else request.GET
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            other = meet_named(viewer, sent.get("to", ""))
            return _offer(request, actor, other.id, other.display_name)
        except DomainError as error:
            ui_errors.count_refusal(error)
            refused = error
    mine = things.list_holdings_of(viewer, actor.person_id, states=(HoldingState.OWN,), limit=_OFFERED).items
    context: dict[str, object] = {
        "to": handle_in(sent.get("to", "")),
        "friends": [(friend.handle, people.face(friend)) for friend in friends_met(viewer, _OFFERED)],
        "kinds": given.kinds(sent.get("kind", GiftKind.KNOWLEDGE.value)),
        "copies": [
            (holding.id, tile, sent.get("copy") == str(holding.id))
            for holding, tile in zip(mine, tiles.of_copies(viewer, mine), strict=True)
        ],
        "what": sent.get("what", ""),
        "words": sent.get("words", ""),
        "refusal": ui_errors.text_of(refused) if refused else "",
    }
    return show(request, "give.html", context, place="me", status=ui_errors.status_of(refused) if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def answer(request: HttpRequest, gift_id: int) -> HttpResponse:
    """One gift: take it, or not; give it, take it back, or thank for it. Raises `GiftNotFound`, `GiftClosed`."""
    actor, now, words = actor_of(request), utc_now(), request.POST.get("words", "")
    gift = queries.get_gift(actor.person_id, gift_id)
    if request.method != "POST":
        return _show_one(request, gift)
    match request.POST.get("do"):
        case "accept":
            db.in_transaction(lambda: operations.accept_gift(actor=actor, gift_id=gift_id, now=now))
        case "decline":
            db.in_transaction(lambda: operations.decline_gift(actor=actor, gift_id=gift_id, now=now))
        case "withdraw":
            db.in_transaction(lambda: operations.withdraw_gift(actor=actor, gift_id=gift_id, now=now))
        case "give" if gift.copy_id is not None:
            db.in_transaction(lambda: things_operations.give_copy(actor=actor, gift_id=gift_id, now=now))
        case "give":
            db.in_transaction(lambda: operations.give_gift(actor=actor, gift_id=gift_id, now=now))
        case "thank":
            db.in_transaction(lambda: operations.thank_for_gift(actor=actor, gift_id=gift_id, words=words, now=now))
            messages.success(request, _("Your thanks have arrived"))
        case _:
            raise errors.FormMalformed()
    is_mine = gift.giver_id == actor.person_id
    return redirect(f"{reverse('storefront:gifts')}{f'?view={_GIVEN}' if is_mine else ''}")


def _show_one(request: HttpRequest, gift: Gift) -> HttpResponse:
    me = actor_of(request).person_id
    persons = persons_met(get_viewer(me), {gift.giver_id, gift.receiver_id})
    context: dict[str, object] = {
        "tabs": _tabs("" if gift.receiver_id == me else _GIVEN),
        "gifts": given.cards([gift], persons, me),
        "paging": Paging(),
        "give_href": reverse("storefront:give"),
    }
    return show(request, "gifts.html", context, place="me")


def _tabs(view: str) -> tuple[Tab, ...]:
    here = reverse("storefront:gifts")
    return (
        Tab(_("For you"), here, not view),
        Tab(_("From you"), f"{here}?view={_GIVEN}", view == _GIVEN),
        Tab(_("Thanks"), f"{here}?view={_THANKS}", view == _THANKS),
    )


def _offer(request: HttpRequest, actor: Actor, receiver_id: int, name: str) -> HttpResponse:
    sent, now = request.POST, utc_now()
    try:
        kind = GiftKind(sent.get("kind", ""))
    except ValueError as error:
        raise errors.FormMalformed() from error
    draft = GiftDraft(receiver_id, kind, sent.get("what", ""), sent.get("words", ""))
    if kind is GiftKind.THING:
        copy_id = read_id(sent.get("copy", ""))
        db.in_transaction(lambda: things_operations.offer_copy(actor=actor, holding_id=copy_id, draft=draft, now=now))
    else:
        db.in_transaction(lambda: operations.offer_gift(actor=actor, draft=draft, now=now))
    messages.success(request, _("Offered to %(name)s") % {"name": name})
    return redirect(f"{reverse('storefront:gifts')}?view={_GIVEN}")


def _gifts(me: int, after: int | None, *, is_mine: bool) -> tuple[dict[str, object], int | None]:
    page = (queries.list_gifts_from if is_mine else queries.list_gifts_to)(me, cursor=after, limit=PAGE_SIZE)
    ids = {gift.giver_id for gift in page.items} | {gift.receiver_id for gift in page.items}
    cards = given.cards(page.items, persons_met(get_viewer(me), ids), me)
    return {"gifts": cards, "empty": None if cards else _nothing(is_mine)}, page.next_cursor


def _thanks(me: int, after: int | None) -> tuple[dict[str, object], int | None]:
    page = queries.list_appreciation_to(me, cursor=after, limit=PAGE_SIZE)
    cards = given.thanks(page.items, persons_met(get_viewer(me), {each.giver_id for each in page.items}))
    none = Empty(_("No thanks yet"), _("They come for what you give, tell and explain. Nobody owes them."), "gift")
    return {"thanks": cards, "empty": None if cards else none}, page.next_cursor


def _nothing(is_mine: bool) -> Empty:
    offer = Action(_("Give something"), reverse("storefront:give"), "primary", "gift")
    if is_mine:
        return Empty(
            _("Nothing given yet"), _("An hour, a recipe, a book you have read: it need not be much."), "gift", offer
        )
    return Empty(_("No gifts yet"), _("Whoever gives, begins something. Why not you?"), "gift", offer)
