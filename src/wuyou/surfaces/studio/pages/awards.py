"""What have I won, by what was it decided, and who sees it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.awards import operations, queries
from wuyou.domains.awards.types import Honour, HonourState, Rule
from wuyou.surfaces.studio.access import Desk, signed_in
from wuyou.surfaces.studio.viewmodels import show
from wuyou.surfaces.ui import awards as words
from wuyou.surfaces.ui import doors, parts


@dataclass(frozen=True, slots=True)
class HonourCard:
    """An award of one's own with what was counted."""

    honour: Honour
    title: str
    rule: str
    explained: str
    facts: tuple[parts.Fact, ...]
    state: parts.Chip
    is_open: bool
    """Neither declined nor withdrawn."""


@signed_in
@require_safe
def awards(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """All that one won, the latest first, with the figures and how they were computed. Cost: one query."""
    return show(
        request,
        desk,
        "awards",
        "awards",
        cards=[_card(honour) for honour in queries.list_own_honours(desk.actor.person_id)],
        empty=parts.Empty(
            _("No award yet"),
            _("When you win one, it stands here with what was counted. Nobody else sees the figures."),
            "plant",
            parts.Action(_("What is honoured here"), reverse("storefront:awards"), "secondary", "award"),
        ),
    )


@signed_in
@require_POST
def show_honour(request: HttpRequest, desk: Desk, honour_id: int) -> HttpResponse:
    """Show it to others, or no longer."""
    is_shown = request.POST.get("show") == "yes"

    def effect(now: datetime) -> str:
        operations.show_honour(actor=desk.actor, honour_id=honour_id, is_shown=is_shown)
        return reverse("studio:awards")

    said = _("Who may see your page sees it now") if is_shown else _("Nobody but you sees it now")
    return doors.change(request, desk.actor, effect, said)


@signed_in
@require_POST
def decline_honour(request: HttpRequest, desk: Desk, honour_id: int) -> HttpResponse:
    """Will not have it."""

    def effect(now: datetime) -> str:
        operations.decline_honour(actor=desk.actor, honour_id=honour_id, now=now)
        return reverse("studio:awards")

    return doors.change(request, desk.actor, effect, _("Declined; it is shown nowhere"))


def _card(honour: Honour) -> HonourCard:
    award = honour.round.award
    facts = [
        parts.Fact(_("Month"), words.month_text(honour.round.month)),
        parts.Fact(_("Rank"), honour.place),
        parts.Fact(_("Counted"), words.figure_text(award.rule, honour.figure)),
        parts.Fact(_("Read in the month"), words.figure_text(Rule.MOST_READ, honour.reads)),
        parts.Fact(_("When"), honour.round.given_at),
    ]
    return HonourCard(
        honour,
        words.title_of(award),
        words.rule_of(award),
        words.explained(award),
        tuple(facts),
        words.state_chip(honour),
        honour.state is HonourState.GIVEN,
    )
