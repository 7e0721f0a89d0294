"""What did payment providers report?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.payments import queries
from wuyou.domains.payments.types import Mismatch, SentNotice
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import staff_only
from wuyou.surfaces.staff.viewmodels import show
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search

_CHARGE: Final = "charge"


@staff_only
@require_safe
def mismatches(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    if lists.wants_csv(request):
        return _export(term)
    page = queries.list_mismatches(number=term or None, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    view = ListPage(
        title=_("Mismatches"),
        intro=_(
            "What a provider reported and what cannot be right. Nothing was booked: compare, then ask the provider."
        ),
        table=_mismatch_table(page.items),
        empty=parts.Empty(
            _("Reports and books agree"),
            _("A report appears here when its amount or its provider is not what we asked for."),
            "tea",
        ),
        paging=lists.paging(request, trail, page.next_cursor),
        search=Search(_("Order or refund number"), term),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "mismatches", view=view)


def _mismatch_table(mismatches: Sequence[Mismatch]) -> parts.Table:
    columns = (
        parts.Column(_("Number")),
        parts.Column(_("What is wrong")),
        parts.Column(_("Expected"), numeric=True),
        parts.Column(_("Reported"), numeric=True),
        parts.Column(_("Provider")),
        parts.Column(_("Provider’s number")),
        parts.Column(_("Noted")),
    )
    rows = (
        parts.Row(
            (
                mismatch.number,
                str(words.MISMATCH[mismatch.reason]),
                mismatch.expected,
                mismatch.received,
                mismatch.provider,
                mismatch.provider_ref,
                mismatch.noted_at,
            ),
            reverse("staff:order" if mismatch.what == _CHARGE else "staff:refund", args=[mismatch.number]),
        )
        for mismatch in mismatches
    )
    return parts.Table(_("Mismatches"), columns, tuple(rows))


def _export(term: str) -> HttpResponseBase:
    header = ("what", "number", "reason", "provider", "provider_ref", "expected_currency", "expected",
              "received_currency", "received", "noted_at")  # fmt: skip
    found = lists.all_items(lambda cursor: queries.list_mismatches(number=term or None, cursor=cursor, limit=MAX_PAGE))
    rows = (
        (m.what, m.number, m.reason.value, m.provider, m.provider_ref, m.expected.currency.code, m.expected,
         m.received.currency.code, m.received, m.noted_at)
        for m in found
    )  # fmt: skip
    return lists.csv_answer("mismatches", header, rows)


@staff_only
@require_safe
def bank_notices(request: HttpRequest) -> HttpResponse:
    trail, term = lists.trail_of(request), lists.search_term(request)
    page = queries.list_notices(number=term or None, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    view = ListPage(
        title=_("Sandbox bank"),
        intro=_("What the sandbox bank tells us unasked. A lost notice is made up for: we ask the bank ourselves."),
        table=notice_table(page.items),
        empty=parts.Empty(
            _("No notices yet"), _("The bank sends one whenever a payment or a refund changes there."), "tent"
        ),
        paging=lists.paging(request, trail, page.next_cursor),
        search=Search(_("Order or refund number"), term),
    )
    return show(request, "list", "bank-notices", view=view)


def notice_table(notices: Sequence[SentNotice], *, is_of_one: bool = False) -> parts.Table:
    """Notices as rows; without their number where all are of one intent or refund."""
    columns = (
        parts.Column(_("Number")),
        parts.Column(_("Notice")),
        parts.Column(_("State")),
        parts.Column(_("Attempts"), numeric=True),
        parts.Column(_("Next attempt")),
        parts.Column(_("Delivered")),
    )
    rows = (
        (
            notice.number,
            notice.notice_id,
            _notice_chip(notice),
            notice.attempts,
            notice.due_at,
            notice.delivered_at,
        )
        for notice in notices
    )
    first = 1 if is_of_one else 0
    return parts.Table(_("Notices"), columns[first:], tuple(parts.Row(cells[first:]) for cells in rows))


def _notice_chip(notice: SentNotice) -> parts.Chip:
    if notice.delivered_at:
        return parts.Chip(_("Delivered"), "jade")
    if notice.is_lost:
        return parts.Chip(_("Lost on the way"), "plain")
    if notice.due_at:
        return parts.Chip(_("Waiting to be sent"), "amber")
    return parts.Chip(_("No longer sent"), "plain")
