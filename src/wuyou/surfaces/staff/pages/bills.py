"""Do providers bill what we hold? What differs waits for somebody who says what it was."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity import queries as identity
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.types import Discrepancy
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.staff import words
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, show
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage
from wuyou.surfaces.ui.names import name_of


@staff_only
@require_safe
def discrepancies(request: HttpRequest) -> HttpResponseBase:
    """What bills and we hold differently: what is open, or was resolved."""
    trail = lists.trail_of(request)
    is_open = request.GET.get("state") != "resolved"
    if lists.wants_csv(request):
        return _export(is_open=is_open)
    page = queries.list_discrepancies(is_open=is_open, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    opened, resolved = queries.count_discrepancies()
    view = ListPage(
        title=_("Providers’ bills"),
        intro=_(
            "Every day each line of what providers billed is compared with what we hold, and their fees are booked. "
            "What differs stands here until somebody says what it was."
        ),
        table=_table(page.items),
        empty=parts.Empty(_("Nothing differs"), _("Every line of every bill is what we hold."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=(
            parts.Tab(pgettext("difference", "Open"), lists.href(request, state=""), is_open, opened),
            parts.Tab(_("Resolved"), lists.href(request, state="resolved"), not is_open, resolved),
            parts.Tab(_("Bills by day"), reverse("staff:bills"), False),
        ),
        actions=(lists.export_action(request),),
    )
    return show(request, "list", "discrepancies", view=view)


def _table(found: Sequence[Discrepancy]) -> parts.Table:
    columns = (
        parts.Column(_("Number")),
        parts.Column(_("What differs")),
        parts.Column(_("Here"), numeric=True),
        parts.Column(_("Billed"), numeric=True),
        parts.Column(_("Provider")),
        parts.Column(_("Day")),
    )
    rows = (
        parts.Row(
            (
                each.number or each.said or "–",
                str(words.DISCREPANCY[each.reason]),
                each.ours,
                each.theirs,
                words.provider(each.provider),
                each.day.isoformat(),
            ),
            reverse("staff:discrepancy", args=[each.id]),
        )
        for each in found
    )
    return parts.Table(_("What differs"), columns, tuple(rows))


def _export(*, is_open: bool) -> HttpResponseBase:
    header = ("provider", "day", "number", "reason", "line", "ours", "theirs", "noted_at", "resolved_at", "resolution")
    found = lists.all_items(lambda cursor: queries.list_discrepancies(is_open=is_open, cursor=cursor, limit=MAX_PAGE))
    rows = (
        (d.provider, d.day.isoformat(), d.number, d.reason.value, d.said, d.ours, d.theirs, d.noted_at, d.resolved_at,
         d.resolution)
        for d in found
    )  # fmt: skip
    return lists.csv_answer("discrepancies", header, rows)


@staff_only
@require_safe
def bills(request: HttpRequest) -> HttpResponseBase:
    """Which bills were read, and which could not be."""
    trail = lists.trail_of(request)
    page = queries.list_bills(cursor=trail.cursor, limit=lists.PAGE_SIZE)
    columns = (
        parts.Column(_("Day")),
        parts.Column(_("Provider")),
        parts.Column(_("State")),
        parts.Column(_("Lines"), numeric=True),
        parts.Column(pgettext("difference", "Open"), numeric=True),
        parts.Column(_("Why")),
        parts.Column(_("Asked for")),
    )
    rows = tuple(
        parts.Row(
            (
                bill.day.isoformat(),
                words.provider(bill.provider),
                words.chip(words.BILL[bill.state]),
                bill.line_count,
                bill.open_count,
                bill.reason or "–",
                bill.asked_at,
            )
        )
        for bill in page.items
    )
    view = ListPage(
        title=_("Bills by day"),
        intro=_("A bill that is not there yet, or cannot be believed, is asked for again every hour."),
        table=parts.Table(_("Bills by day"), columns, rows),
        empty=parts.Empty(_("No bill yet"), _("The first comes the day after the first payment."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=(
            parts.Tab(_("What differs"), reverse("staff:discrepancies"), False),
            parts.Tab(_("Bills by day"), lists.href(request), True),
        ),
    )
    return show(request, "list", "discrepancies", view=view)


# ---------------------------------------------------------------- one difference


@staff_only
@require_safe
def discrepancy(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """What a bill says, and what we hold."""
    return _show(request, discrepancy_id)


@staff_only
@require_POST
def resolve(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    """Somebody has looked at it, and says what it was."""
    actor, now, text = actor_of(request), utc_now(), request.POST.get("text", "")

    def act() -> None:
        operations.resolve_discrepancy(actor=actor, discrepancy_id=discrepancy_id, reason=text, now=now)

    try:
        handle_once(request, act, now)
    except DomainError as refused:
        return _show(request, discrepancy_id, refused)
    messages.success(request, _("Resolved"))
    return HttpResponseRedirect(reverse("staff:discrepancy", args=[discrepancy_id]))


def _show(request: HttpRequest, discrepancy_id: int, refused: DomainError | None = None) -> HttpResponse:
    found = queries.get_discrepancy(discrepancy_id)
    by = identity.persons_by_id([found.resolved_by_id]) if found.resolved_by_id else {}
    facts = known_facts(
        parts.Fact(_("Number"), found.number),
        parts.Fact(_("Provider"), words.provider(found.provider)),
        parts.Fact(_("Day"), found.day.isoformat()),
        parts.Fact(_("The provider’s word"), found.said),
        parts.Fact(_("Here"), found.ours),
        parts.Fact(_("Billed"), found.theirs),
        parts.Fact(_("Noted"), found.noted_at),
        parts.Fact(_("Resolved"), found.resolved_at),
        parts.Fact(_("By"), ", ".join(name_of(person) for person in by.values())),
    )
    return show(
        request,
        "discrepancy",
        "discrepancies",
        ui_errors.status_of(refused) if refused else 200,
        discrepancy=found,
        what=str(words.DISCREPANCY[found.reason]),
        facts=facts,
        text=request.POST.get("text", ""),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
