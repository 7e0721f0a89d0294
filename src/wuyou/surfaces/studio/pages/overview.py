"""How does it go, and what waits for me?"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from wuyou.config.env import get_env
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.fan_types import Level, Standing
from wuyou.domains.alliance.types import Earnings, ParticipantState, Slot, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.ledger import statements
from wuyou.kernel.clock import business_date, utc_now
from wuyou.surfaces.studio.access import Desk, signed_in
from wuyou.surfaces.studio.viewmodels import show, title_of
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.lists import Attention
from wuyou.surfaces.ui.parts import Column, Figure

_FEW = 3


@dataclass(frozen=True, slots=True)
class LevelCard:
    """How much the reader is read, and what is missing."""

    chip: parts.Chip
    reads: int
    missing: int
    """Reads a month to the next level; 0 at the highest."""
    next_name: str
    length: int
    """Of the way to the next level, out of a hundred."""


@signed_in
@require_safe
def overview(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """What is earned by state and what became of it, what waits to be answered, and how much one is read.

    Cost: fifteen queries at most.
    """
    standing = queries.standing_of(
        desk.actor.person_id, creator_reads=get_env().creator_reads, today=business_date(utc_now())
    )
    return show(
        request,
        desk,
        "overview",
        "overview",
        figures=_figures(queries.earnings_of(desk.actor.person_id)),
        attention=_waiting(desk),
        level=_level(standing),
        links=_links(desk),
        months=_months(desk),
        slot_count=sum(is_own_slot(slot.name) for slot in _slots(desk)),
        list_count=len(queries.list_selections(desk.actor.person_id)),
    )


def _figures(sums: Earnings) -> tuple[Figure, ...]:
    return (
        Figure(_("Balance"), sums.balance, _("Settled, less reversed, less what was paid out to you.")),
        Figure(_("Paid out to you"), sums.paid_out, _("Left the platform for your account.")),
        Figure(_("Settled"), sums.settled, _("The return window is over, and it is booked to you.")),
        Figure(_("Reversed"), sums.reversed, _("Taken back because of a refund after it was settled.")),
        Figure(_("Confirmed"), sums.confirmed, _("The buyer has the goods, and may still return them.")),
        Figure(_("Estimated"), sums.estimated, _("Paid by the buyer. It is yours only if they keep the goods.")),
    )


def _level(standing: Standing) -> LevelCard:
    chips = {
        Level.BEGINS: parts.Chip(_("Beginner"), "plain"),
        Level.RISES: parts.Chip(_("On the way"), "amber"),
        Level.CREATOR: parts.Chip(_("Creator"), "jade", "star"),
    }
    names = {Level.BEGINS: _("On the way"), Level.RISES: _("Creator"), Level.CREATOR: ""}
    if standing.next_at is None:
        return LevelCard(chips[standing.level], standing.reads, 0, "", 100)
    return LevelCard(
        chips[standing.level],
        standing.reads,
        standing.next_at - standing.reads,
        names[standing.level],
        standing.reads * 100 // standing.next_at,
    )


def _slots(desk: Desk) -> tuple[Slot, ...]:
    return queries.list_slots(desk.publisher.id) if desk.publisher else ()


def _links(desk: Desk) -> parts.Table:
    """The reader's newest links with what came of them. Cost: three queries."""
    lines = queries.list_links(desk.actor.person_id, limit=_FEW).items if desk.publisher else ()
    products = catalog.products_by_id(line.link.product_id for line in lines)
    rows = tuple(
        parts.Row(
            (title_of(products[line.link.product_id]), line.click_count, line.order_count),
            reverse("studio:share", args=[line.link.token]),
        )
        for line in lines
    )
    columns = (Column(_("Product")), Column(_("Visits"), numeric=True), Column(_("Sales"), numeric=True))
    return parts.Table(_("My links"), columns, rows)


def _months(desk: Desk) -> parts.Table:
    """The last closed months of what the reader is owed. Cost: one query."""
    owners = [f"publisher:{desk.publisher.id}"] if desk.publisher else []
    found = statements.list_statements(owners, limit=_FEW).items if owners else ()
    rows = tuple(
        parts.Row(
            (f"{each.month:%Y-%m}", each.opening, each.closing, each.line_count),
            reverse("storefront:statement", args=[each.number]),
        )
        for each in found
    )
    columns = (
        Column(_("Month")),
        Column(_("Before"), numeric=True),
        Column(_("After"), numeric=True),
        Column(_("Lines"), numeric=True),
    )
    return parts.Table(_("Statements"), columns, rows)


def _waiting(desk: Desk) -> tuple[Attention, ...]:
    if desk.publisher is None:
        return ()
    invited = sum(one.state is ParticipantState.INVITED for one in queries.list_participations(desk.publisher.id))
    waiting = []
    if invited:
        title = ngettext("%(count)d invitation", "%(count)d invitations", invited) % {"count": invited}
        text = _("A shop would pay you by a plan of its own.")
        waiting.append(Attention("mail", "amber", title, text, reverse("studio:collaborations")))
    activities = queries.list_activities(desk.publisher.id) if desk.recruits else ()
    counts = queries.waiting_by_activity({activity.id for activity in activities})
    for activity in activities:
        if count := counts.get(activity.id):
            title = ngettext("%(count)d enrolment to decide", "%(count)d enrolments to decide", count) % {
                "count": count
            }
            href = reverse("studio:activity", args=[activity.id])
            waiting.append(Attention("speakerphone", "amber", title, activity.title, href))
    return tuple(waiting)
