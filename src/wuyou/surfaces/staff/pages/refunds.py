"""Is the money back with the buyer?"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.types import Refund, RefundState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import handle_once, new_key, staff_only
from wuyou.surfaces.staff.pages.payments import notice_table
from wuyou.surfaces.staff.viewmodels import journal_cards, known_facts, show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search


@staff_only
@require_safe
def refunds(request: HttpRequest) -> HttpResponseBase:
    trail = lists.trail_of(request)
    state, term = lists.chosen(request, "state", RefundState), lists.search_term(request)
    if lists.wants_csv(request):
        return _export(request, state, term)
    page = _read(request, state, term, trail.cursor, lists.PAGE_SIZE)
    view = ListPage(
        title=_("Refunds"),
        intro=_("Money that was promised to buyers, on its way back through the payment provider."),
        table=_table(request, page.items),
        empty=_empty(state, term),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=_tabs(request, state),
        search=Search(_("Order number"), term, (("state", state.value),) if state else ()),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "refunds", view=view)


def _read(request: HttpRequest, state: RefundState | None, term: str, cursor: int | None, limit: int) -> Page[Refund]:
    return queries.list_refunds(
        intent_no=term or None,
        state=state,
        cursor=cursor,
        limit=limit,
        oldest_first=lists.is_oldest_first(request),
    )


def _tabs(request: HttpRequest, state: RefundState | None) -> tuple[parts.Tab, ...]:
    counts = queries.count_refunds_by_state()
    tabs = [parts.Tab(_("All"), lists.href(request, state=""), state is None, sum(counts.values()))]
    for one in (RefundState.FAILED, RefundState.PENDING, RefundState.SUCCEEDED):
        label, _tone = words.REFUND[one]
        tabs.append(parts.Tab(str(label), lists.href(request, state=one.value), state is one, counts[one]))
    return tuple(tabs)


def _empty(state: RefundState | None, term: str) -> parts.Empty:
    if term:
        return parts.Empty(
            _("No refund of order “%(term)s”") % {"term": term},
            _("Type the whole order number; refunds carry it with R1, R2 … behind it."),
            "tent",
        )
    if state is RefundState.FAILED:
        return parts.Empty(_("No refund has failed"), _("Providers took every refund that was sent to them."), "tea")
    if state:
        return parts.Empty(_("No refund in this state"), _("Look at another state, or at all of them."), "tent")
    return parts.Empty(
        _("No refunds yet"),
        _("A refund appears here when a team does not form or a shop gives money back."),
        "umbrella",
    )


def _table(request: HttpRequest, refunds: Sequence[Refund]) -> parts.Table:
    columns = (
        parts.Column(_("Refund")),
        parts.Column(_("State")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("Failures"), numeric=True),
        parts.Column(_("Last reason")),
        lists.time_column(request, _("Requested")),
        parts.Column(_("Next attempt or end")),
        parts.Column(_("Provider")),
    )
    rows = (
        parts.Row(
            (
                refund.refund_no,
                words.chip(words.REFUND[refund.state]),
                refund.amount,
                refund.attempts,
                refund.reason,
                refund.requested_at,
                refund.next_attempt_at or refund.settled_at,
                refund.provider,
            ),
            reverse("staff:refund", args=[refund.refund_no]),
        )
        for refund in refunds
    )
    return parts.Table(_("Refunds"), columns, tuple(rows))


def _export(request: HttpRequest, state: RefundState | None, term: str) -> HttpResponseBase:
    header = ("refund_no", "intent_no", "state", "currency", "amount", "provider", "failures", "reason",
              "requested_at", "next_attempt_at", "settled_at")  # fmt: skip
    found = lists.all_items(lambda cursor: _read(request, state, term, cursor, MAX_PAGE))
    rows = (
        (r.refund_no, r.intent_no, r.state.value, r.amount.currency.code, r.amount, r.provider, r.attempts, r.reason,
         r.requested_at, r.next_attempt_at, r.settled_at)
        for r in found
    )  # fmt: skip
    return lists.csv_answer("refunds", header, rows)


# ---------------------------------------------------------------- one refund


@staff_only
@require_safe
def refund(request: HttpRequest, refund_no: str) -> HttpResponse:
    return _show(request, queries.get_refund(refund_no))


@staff_only
@require_POST
def retry(request: HttpRequest, refund_no: str) -> HttpResponse:
    now = utc_now()
    found = queries.get_refund(refund_no)
    try:
        handle_once(request, lambda: operations.retry_refund(refund_no=refund_no, now=now), now)
    except DomainError as refused:
        return _show(request, found, refused)
    messages.success(request, _("The refund goes to the provider again within seconds."))
    return HttpResponseRedirect(reverse("staff:refund", args=[refund_no]))


def _show(request: HttpRequest, refund: Refund, refused: DomainError | None = None) -> HttpResponse:
    notices = queries.list_notices(number=refund.refund_no).items
    sources = [refund.refund_no, f"order:{refund.intent_no}"]
    journals = [
        journal
        for journal in ledger.list_journals(source_refs=sources, oldest_first=True).items
        if journal.key.endswith(f":{refund.refund_no}")
    ]
    return show(
        request,
        "refund",
        "refunds",
        ui_errors.status_of(refused) if refused else 200,
        refund=refund,
        state=words.chip(words.REFUND[refund.state]),
        has_failed=refund.state is RefundState.FAILED,
        facts=_facts(refund),
        steps=_steps(refund),
        notices=notice_table(notices, is_of_one=True) if notices else None,
        journals=journal_cards(journals),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )


def _facts(refund: Refund) -> tuple[parts.Fact, ...]:
    return known_facts(
        parts.Fact(_("Amount"), refund.amount, total=True),
        parts.Fact(_("Order"), parts.Link(refund.intent_no, reverse("staff:order", args=[refund.intent_no]))),
        parts.Fact(_("Provider"), refund.provider),
        parts.Fact(_("Failures"), refund.attempts),
        parts.Fact(_("Last reason"), refund.reason),
        parts.Fact(_("Next attempt"), refund.next_attempt_at),
    )


def _steps(refund: Refund) -> tuple[parts.Step, ...]:
    asked = parts.Step(_("Promised to the buyer"), "done", refund.requested_at)
    if refund.state is RefundState.SUCCEEDED:
        return (asked, parts.Step(_("Returned by the provider"), "done", refund.settled_at))
    if refund.state is RefundState.FAILED:
        return (
            asked,
            parts.Step(_("Given up"), "current", note=_("All attempts failed. Find the reason, then send it again.")),
            parts.Step(_("Returned by the provider"), "next"),
        )
    return (
        asked,
        parts.Step(_("At the provider"), "current", note=_("We keep asking until it answers.")),
        parts.Step(_("Returned by the provider"), "next"),
    )
