"""What was booked, and where from?"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.ledger import queries
from wuyou.domains.ledger.types import Journal
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import journal_cards, show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import Search


@staff_only
@require_safe
def transfers(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    oldest = lists.is_oldest_first(request)
    if lists.wants_csv(request):
        return _export(request, term)
    page = _read(request, term, trail.cursor, lists.PAGE_SIZE)
    return show(
        request,
        "transfers",
        "transfers",
        journals=journal_cards(page.items),
        tabs=lists.order_tabs(request),
        search=Search(_("Order, refund or payout number"), term, (("order", "oldest"),) if oldest else ()),
        empty=_empty(term),
        paging=lists.paging(request, trail, page.next_cursor),
        actions=(lists.export_action(request),),
    )


def _read(request: HttpRequest, term: str, cursor: int | None, limit: int) -> Page[Journal]:
    """Journals of a source; a bare order number finds its own journals and those of its payment."""
    sources = [term, f"order:{term}", f"payout:{term}"] if term else []
    return queries.list_journals(
        source_refs=sources, cursor=cursor, limit=limit, oldest_first=lists.is_oldest_first(request)
    )


def _empty(term: str) -> parts.Empty:
    if term:
        return parts.Empty(
            _("Nothing was booked for “%(term)s”") % {"term": term},
            _("Type a whole number: of an order, a refund (with R1, R2 … behind it) or a payout."),
            "tent",
        )
    return parts.Empty(_("The books are empty"), _("The first captured payment is the first journal."), "books")


def _export(request: HttpRequest, term: str) -> HttpResponseBase:
    header = ("journal_id", "journal", "journal_kind", "source_ref", "occurred_at", "posted_at", "transfer_id", "kind",
              "debit", "credit", "currency", "amount")  # fmt: skip
    found = lists.all_items(lambda cursor: _read(request, term, cursor, MAX_PAGE))
    rows = (
        (j.id, j.key, j.kind, j.source_ref, j.occurred_at, j.posted_at, t.id, t.kind, t.debit.code, t.credit.code,
         t.amount.currency.code, t.amount)
        for j in found
        for t in j.transfers
    )  # fmt: skip
    return lists.csv_answer("transfers", header, rows)
