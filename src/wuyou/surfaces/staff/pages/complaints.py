"""What do buyers and sellers not settle between themselves?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.complaints import operations, queries
from wuyou.domains.complaints.types import ComplaintState
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.surfaces.staff.access import actor_of, handle_once, new_key, staff_only
from wuyou.surfaces.staff.viewmodels import known_facts, show
from wuyou.surfaces.ui import complaints as words
from wuyou.surfaces.ui import errors as ui_errors
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import ListPage, Search


@staff_only
@require_safe
def complaints(request: HttpRequest) -> HttpResponseBase:
    trail, term = lists.trail_of(request), lists.search_term(request)
    state = lists.chosen(request, "state", ComplaintState)
    page = queries.list_complaints(state=state, order_no=term, cursor=trail.cursor, limit=lists.PAGE_SIZE)
    counts = queries.count_by_state()
    tabs = lists.state_tabs(request, state, {each: words.STATES[each][0] for each in ComplaintState}, counts)
    columns = (
        parts.Column(_("Order")),
        parts.Column(_("What is wrong")),
        parts.Column(_("State")),
        parts.Column(_("Since")),
        parts.Column(_("Clock")),
    )
    rows = tuple(
        parts.Row(
            (each.order_no, str(words.REASONS[each.reason]), words.chip(each.state), each.made_at, each.due_at or ""),
            reverse("staff:complaint", args=[each.id]),
        )
        for each in page.items
    )
    view = ListPage(
        title=_("Complaints"),
        intro=_("What a seller leaves unanswered for 48 hours, or does not solve, is decided here."),
        table=parts.Table(_("Complaints"), columns, rows),
        empty=parts.Empty(_("No complaints here"), _("What buyers say is wrong with an order appears here."), "tea"),
        paging=lists.paging(request, trail, page.next_cursor),
        tabs=tabs,
        search=Search(_("Order number"), term, (("state", state.value),) if state else ()),
    )
    return show(request, "list", "complaints", view=view)


@staff_only
@require_safe
def complaint(request: HttpRequest, complaint_id: int) -> HttpResponse:
    return _show(request, complaint_id)


@staff_only
@require_POST
def decide(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Give so much back, or nothing, with reasons."""
    actor, now, text = actor_of(request), utc_now(), request.POST.get("text", "")
    found, _side = queries.get_complaint_for(actor, complaint_id)
    order = orders.get_order(found.order_id)
    try:
        minor = _refund_of(request, order)
        handle_once(
            request,
            lambda: operations.decide(actor=actor, complaint_id=complaint_id, refund_minor=minor, text=text, now=now),
            now,
        )
    except DomainError as refused:
        return _show(request, complaint_id, refused)
    messages.success(request, _("Both sides read your decision now."))
    return HttpResponseRedirect(reverse("staff:complaint", args=[complaint_id]))


def _refund_of(request: HttpRequest, order: Order) -> int:
    """What the form gives back, in the currency's smallest unit. Raises `RefundOutOfRange`."""
    if request.POST.get("decision") != "refund":
        return 0
    left = order.total_minor - order.refunded_minor
    said = request.POST.get("amount", "").strip()
    if not said:
        return left
    try:
        minor = Decimal(said).scaleb(order.currency.exponent)
    except InvalidOperation as error:
        raise orders_errors.RefundOutOfRange(left_minor=left) from error
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor <= left:
        raise orders_errors.RefundOutOfRange(left_minor=left)
    return int(minor)


def _show(request: HttpRequest, complaint_id: int, refused: DomainError | None = None) -> HttpResponse:
    found, side = queries.get_complaint_for(actor_of(request), complaint_id)
    order = orders.get_order(found.order_id)
    facts = known_facts(
        parts.Fact(_("Order"), parts.Link(found.order_no, reverse("staff:order", args=[found.order_no]))),
        parts.Fact(_("Total"), order.total),
        parts.Fact(_("Refund"), order.refunded if order.refunded_minor else None),
        parts.Fact(_("Since"), found.made_at),
        parts.Fact(_("Clock"), found.due_at),
    )
    return show(
        request,
        "complaint",
        "complaints",
        ui_errors.status_of(refused) if refused else 200,
        complaint=found,
        reason=str(words.REASONS[found.reason]),
        state=words.chip(found.state),
        steps=[words.line_of(step, None) for step in queries.list_steps(complaint_id)],
        facts=facts,
        can_decide=found.state is ComplaintState.WITH_STAFF and side.value == "STAFF",
        text=request.POST.get("text", ""),
        key=new_key(),
        refusal=ui_errors.text_of(refused) if refused else "",
    )
