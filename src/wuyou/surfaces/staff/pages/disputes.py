"""Which payments do banks ask back, until when is it to be answered, and where is the money?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import Journal
from wuyou.domains.payments import queries
from wuyou.domains.payments.types import Dispute, DisputeState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Money
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import journal_cards, known_facts, show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search


@staff_only
@require_safe
def disputes(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    state = lists.chosen(request, "state", DisputeState)
    states = (state,) if state else ()
    if lists.wants_csv(request):
        return _export(states, term)
    page = queries.list_disputes(states=states, intent_no=term, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    view = ListPage(
        title=_("Disputes"),
        intro=_(
            "Payments that payers’ banks ask back. They are answered in the provider’s console; until a bank has "
            "decided, nobody is paid on the sale."
        ),
        table=_table(page.items),
        empty=parts.Empty(_("Nothing is disputed"), _("No payer’s bank has asked for money back."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=lists.state_tabs(
            request,
            state,
            {each: label for each, (label, _tone) in words.DISPUTE.items()},
            queries.count_disputes_by_state(),
        ),
        search=Search(_("Order number"), term, (("state", state.value),) if state else ()),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "disputes", view=view)


def _table(disputes: Sequence[Dispute]) -> parts.Table:
    columns = (
        parts.Column(_("Order number")),
        parts.Column(_("State")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("To be answered by")),
        parts.Column(_("Reason")),
        parts.Column(_("Provider")),
        parts.Column(_("Began")),
    )
    rows = (
        parts.Row(
            (
                dispute.intent_no,
                words.chip(words.DISPUTE[dispute.state]),
                dispute.amount,
                None if dispute.ended_at else dispute.due_at,
                dispute.reason,
                words.provider(dispute.provider),
                dispute.opened_at,
            ),
            reverse("staff:dispute", args=[dispute.id]),
        )
        for dispute in disputes
    )
    return parts.Table(_("Disputes"), columns, tuple(rows))


def _export(states: Sequence[DisputeState], term: str) -> HttpResponseBase:
    header = ("provider", "dispute_ref", "intent_no", "state", "reason", "currency", "amount", "withdrawn", "returned",
              "stands_for_refunds", "opened_at", "due_at", "ended_at")  # fmt: skip
    found = lists.all_items(
        lambda cursor: queries.list_disputes(states=states, intent_no=term, cursor=cursor, limit=MAX_PAGE)
    )
    rows = (
        (d.provider, d.dispute_ref, d.intent_no, d.state.value, d.reason, d.amount.currency.code, d.amount,
         _money(d, d.withdrawn_minor), _money(d, d.returned_minor), _money(d, d.absorbed_minor), d.opened_at, d.due_at,
         d.ended_at)
        for d in found
    )  # fmt: skip
    return lists.csv_answer("disputes", header, rows)


def _money(dispute: Dispute, minor: int) -> Money:
    return Money(minor, dispute.amount.currency)


# ---------------------------------------------------------------- one dispute


@staff_only
@require_safe
def dispute(request: HttpRequest, dispute_id: int) -> HttpResponse:
    found = queries.get_dispute(dispute_id)
    now = utc_now()
    return show(
        request,
        "dispute",
        "disputes",
        dispute=found,
        state=words.chip(words.DISPUTE[found.state]),
        clock=_clock(found, now),
        is_overdue=bool(found.due_at and found.due_at <= now and found.ended_at is None),
        left=_money(found, found.open_minor) if found.state is DisputeState.LOST and found.open_minor else None,
        facts=_facts(found),
        steps=_steps(found),
        journals=journal_cards(_journals(found)),
    )


def _journals(dispute: Dispute) -> list[Journal]:
    sources = [f"{dispute.dispute_ref}:{minor}" for minor in {dispute.withdrawn_minor, dispute.returned_minor} if minor]
    return list(ledger.list_journals(source_refs=sources, oldest_first=True).items) if sources else []


def _clock(dispute: Dispute, now: datetime) -> str:
    if dispute.ended_at is not None or dispute.due_at is None:
        return ""
    if dispute.due_at <= now:
        return _("The time to answer is over. If nothing was handed in, the bank decides for its customer.")
    hours = int((dispute.due_at - now).total_seconds()) // 3600
    return _("%(days)d days and %(hours)d hours are left to answer it in the provider’s console.") % {
        "days": hours // 24,
        "hours": hours % 24,
    }


def _facts(dispute: Dispute) -> tuple[parts.Fact, ...]:
    return known_facts(
        parts.Fact(_("Amount"), dispute.amount, total=True),
        parts.Fact(_("Order"), parts.Link(dispute.intent_no, reverse("staff:order", args=[dispute.intent_no]))),
        parts.Fact(_("Taken by the provider"), _money(dispute, dispute.withdrawn_minor)),
        parts.Fact(_("Given back to us"), _money(dispute, dispute.returned_minor)),
        parts.Fact(_("Stands for refunds"), _money(dispute, dispute.absorbed_minor)),
        parts.Fact(_("Reason"), dispute.reason),
        parts.Fact(_("To be answered by"), dispute.due_at),
        parts.Fact(_("Provider"), words.provider(dispute.provider)),
        parts.Fact(_("Provider’s number"), dispute.dispute_ref),
    )


def _steps(dispute: Dispute) -> tuple[parts.Step, ...]:
    began = parts.Step(_("The payer’s bank asked"), "done", dispute.opened_at)
    taken = parts.Step(_("The provider took the money back"), "done" if dispute.withdrawn_minor else "next")
    if dispute.ended_at is None:
        here = parts.Step(_("To be answered, or being looked at"), "current", dispute.due_at)
        return (began, taken, here, parts.Step(_("The bank decides"), "next"))
    label, _tone = words.DISPUTE[dispute.state]
    ended = parts.Step(str(label), "done", dispute.ended_at)
    return (began, taken, ended) if dispute.withdrawn_minor else (began, ended)
