"""With which shops do I work at a rate of our own?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Collaboration, Participant, ParticipantState, Publisher
from wuyou.domains.catalog import queries as catalog
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import shop_name, show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.alliance import participant_chip

_OPEN = (ParticipantState.APPLIED, ParticipantState.INVITED, ParticipantState.JOINED)


@dataclass(frozen=True, slots=True)
class Card:
    """A collaboration as a publisher sees it."""

    id: int
    name: str
    shop: str
    terms: str
    rates: tuple[int, ...]
    """What it pays now, in basis points; several when goods have plans of their own."""
    participant_id: int
    chip: parts.Chip | None
    is_exclusive: bool
    """Goods for the reader alone."""
    is_invited: bool
    is_joined: bool


@signed_in
@require_safe
def collaborations(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Where one takes part or was asked to, and what one may apply to."""
    mine: dict[int, Participant] = {}
    for one in queries.list_participations(desk.publisher.id) if desk.publisher else ():
        mine.setdefault(one.collaboration_id, one)
    live = {key: one for key, one in mine.items() if one.state in _OPEN}
    circles = queries.collaborations_by_id(live)
    own = [circles[key] for key in live]
    own_shops = {shop.id for shop in catalog.list_shops_of(desk.actor.person_id)}
    others = [one for one in queries.list_open_collaborations() if one.id not in live and one.shop_id not in own_shops]
    return show(
        request,
        desk,
        "collaborations",
        "collaborations",
        mine=_cards(own, mine),
        others=_cards(others, {}),
        empty=parts.Empty(
            _("No collaboration yet"),
            _("Shops invite whom they want to work with, and some take applications."),
            "tent",
        ),
    )


@signed_in
@require_POST
def apply(request: HttpRequest, desk: Desk, collaboration_id: int) -> HttpResponseBase:
    """Ask a shop to take one in."""
    words = request.POST.get("words", "")

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.apply_to_join(
            actor=desk.actor, collaboration_id=collaboration_id, publisher_id=publisher.id, words=words, now=now
        )
        return reverse("studio:collaborations")

    return change(request, desk, effect, _("The shop has your application"))


@signed_in
@require_POST
def answer(request: HttpRequest, desk: Desk, participant_id: int) -> HttpResponseBase:
    """Take an invitation, or refuse it."""
    takes = request.POST.get("takes") == "yes"

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.answer_invitation(actor=desk.actor, participant_id=participant_id, takes=takes, now=now)
        return reverse("studio:collaborations")

    return change(request, desk, effect, _("You take part") if takes else _("You have refused"))


@signed_in
@require_POST
def leave(request: HttpRequest, desk: Desk, participant_id: int) -> HttpResponseBase:
    """End one's part, from now on."""

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.end_participation(actor=desk.actor, participant_id=participant_id, now=now)
        return reverse("studio:collaborations")

    return change(request, desk, effect, _("You have left"))


def _cards(found: Iterable[Collaboration], mine: dict[int, Participant]) -> list[Card]:
    """Collaborations with what they pay. Cost: two queries."""
    found = list(found)
    shops = catalog.shops_by_id({one.shop_id for one in found})
    plans = queries.plans_by_collaboration({one.id for one in found}, utc_now())
    cards = []
    for one in found:
        part = mine.get(one.id)
        cards.append(
            Card(
                id=one.id,
                name=one.name,
                shop=shop_name(shops.get(one.shop_id)),
                terms=one.terms,
                rates=tuple(sorted({plan.rate_bps for plan in plans.get(one.id, ())})),
                participant_id=part.id if part else 0,
                chip=participant_chip(part.state) if part else None,
                is_exclusive=one.only_id is not None,
                is_invited=part is not None and part.state is ParticipantState.INVITED,
                is_joined=part is not None and part.state is ParticipantState.JOINED,
            )
        )
    return cards
