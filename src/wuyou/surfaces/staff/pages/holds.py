"""Which sales are looked at before anybody is paid for them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.hold_types import Hold, HoldState
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, shop_name, show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import holds as words
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage
from wuyou.surfaces.ui.names import name_of


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding: what a rule looks for, what it saw, and what it counts with."""

    what: str
    saw: str
    rule: str
    at: datetime


@staff_only
@require_safe
def holds(request: HttpRequest) -> HttpResponseBase:
    """Everything that is held or was, by state."""
    trail = lists.trail_of(request)
    state = lists.chosen(request, "state", HoldState)
    page = queries.list_holds(state=state, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = queries.count_holds()
    tabs = lists.state_tabs(request, state, {each: words.STATES[each][0] for each in HoldState}, counts)
    names = _publishers(page.items)
    findings = queries.findings_by_hold([each.id for each in page.items])
    columns = (
        parts.Column(_("Order")),
        parts.Column(_("Publisher")),
        parts.Column(_("Found")),
        parts.Column(_("Commission"), numeric=True),
        parts.Column(_("State")),
        parts.Column(_("Since")),
        parts.Column(_("Clock")),
    )
    rows = tuple(
        parts.Row(
            (
                each.order_no,
                names.get(each.publisher_user_id, ""),
                str(words.RULES[findings[each.id][0].found.rule]),
                each.commission,
                words.chip(each.state),
                each.held_at,
                each.due_at or "",
            ),
            reverse("staff:hold", args=[each.id]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Held commissions"),
        intro=_("Sales that do not look like sales. Nobody is paid for them until you decide, or time does."),
        table=parts.Table(_("Held commissions"), columns, rows),
        empty=parts.Empty(_("Nothing here"), _("Every night the rules look at what was sold."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
    )
    return show(request, "list", "holds", view=view)


@staff_only
@require_safe
def hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    """What was found of one sale, and the decision."""
    return _show(request, hold_id)


@staff_only
@require_POST
def decide(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Release or punish it, or answer the appeal, with reasons."""
    actor, now, text = actor_of(request), utc_now(), request.POST.get("text", "")
    releases = request.POST.get("decision") == "release"
    act: Callable[[], None]
    if queries.get_hold(hold_id).state is HoldState.APPEALED:
        act = lambda: alliance.answer_hold_appeal(  # noqa: E731
            actor=actor, hold_id=hold_id, is_granted=releases, words=text, now=now
        )
    else:
        decided = alliance.release_hold if releases else alliance.punish_hold
        act = lambda: decided(actor=actor, hold_id=hold_id, reason=text, now=now)  # noqa: E731
    try:
        handle_once(request, act, now)
    except DomainError as refused:
        return _show(request, hold_id, refused)
    messages.success(request, _("The publisher reads your decision now."))
    return HttpResponseRedirect(reverse("staff:hold", args=[hold_id]))


def _publishers(found: tuple[Hold, ...]) -> dict[int, str]:
    people = identity.persons_by_id({each.publisher_user_id for each in found}) if found else {}
    return {person.id: name_of(person) for person in people.values()}


def _show(request: HttpRequest, hold_id: int, refused: DomainError | None = None) -> HttpResponse:
    found = queries.get_hold(hold_id)
    shop = catalog.shops_by_id([found.shop_id]).get(found.shop_id)
    facts = known_facts(
        parts.Fact(_("Order"), parts.Link(found.order_no, reverse("staff:order", args=[found.order_no]))),
        parts.Fact(_("Publisher"), _publishers((found,)).get(found.publisher_user_id)),
        parts.Fact(_("Shop"), shop_name(shop) if shop else None),
        parts.Fact(_("Commission"), found.commission),
        parts.Fact(_("The publisher's part"), found.share),
        parts.Fact(_("Since"), found.held_at),
        parts.Fact(_("Clock"), found.due_at),
        parts.Fact(_("Ended"), found.ended_at),
    )
    return show(
        request,
        "hold",
        "holds",
        ui_errors.status_of(refused) if refused else 200,
        hold=found,
        state=words.chip(found.state),
        seen=[
            Seen(
                str(words.RULES[each.found.rule]),
                words.evidence_line(each.found.evidence),
                f"{each.found.rule.value}.{each.found.version}"
                + (f" · {words.evidence_line(each.found.parameters)}" if each.found.parameters else ""),
                each.found_at,
            )
            for each in queries.findings_by_hold([hold_id])[hold_id]
        ],
        facts=facts,
        can_decide=found.state in (HoldState.HELD, HoldState.APPEALED),
        is_appeal=found.state is HoldState.APPEALED,
        text=request.POST.get("text", ""),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
