"""What has the shop sold, and what has to be done about it?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.aftersales import queries as aftersales
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog.types import Permission
from wuyou.domains.complaints import queries as complaints
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity import queries as identity
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations, queries
from wuyou.domains.orders.providers.carriers import LOCAL
from wuyou.domains.orders.types import (
    FulfilmentState,
    Order,
    Parcel,
    PaymentState,
    Refund,
    RefundStage,
    RefundState,
    ScanKind,
    ShopCounts,
)
from wuyou.domains.promotions import queries as promotions
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.surfaces.seller import order_money, tables, tracking_files, viewmodels
from wuyou.surfaces.seller.access import Desk, change, clerks_with, sold_order
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import carriers, lists, parts
from wuyou.surfaces.ui.claims import chip as claim_chip
from wuyou.surfaces.ui.complaints import chip as complaint_chip
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.lists import Search
from wuyou.surfaces.ui.texts import listed


@dataclass(frozen=True, slots=True)
class _Shelf:
    key: str
    label: object
    payment: PaymentState | None = None
    fulfilment: Collection[FulfilmentState] = ()

    def count(self, counts: ShopCounts) -> int | None:
        return getattr(counts, self.key) if self.key != "all" else None


_SHELVES: Final = (
    _Shelf("ready", gettext_lazy("To send"), None, (FulfilmentState.READY,)),
    _Shelf("held", gettext_lazy("Team is filling"), PaymentState.PAID, (FulfilmentState.HELD,)),
    _Shelf("shipped", gettext_lazy("On its way"), None, (FulfilmentState.SHIPPED,)),
    _Shelf("received", gettext_lazy("Received"), None, (FulfilmentState.RECEIVED,)),
    _Shelf("completed", gettext_lazy("Completed"), None, (FulfilmentState.COMPLETED,)),
    _Shelf("unpaid", gettext_lazy("Unpaid"), PaymentState.UNPAID),
    _Shelf("all", gettext_lazy("All")),
)


@clerks_with(Permission.ORDERS)
@require_safe
def orders(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Orders by state, those that wait to be sent first; the oldest of them first."""
    shelf = next((each for each in _SHELVES if each.key == request.GET.get("state")), _SHELVES[0])
    trail, term, now = lists.trail_of(request), lists.search_term(request), utc_now()
    if lists.wants_csv(request):
        return _export(desk, shelf)
    page = _read(desk, shelf, term, trail.cursor, lists.PAGE_SIZE)
    buyers = identity.persons_by_id(order.buyer_id for order in page.items) if page.items else {}
    parcels = queries.parcels_by_order([order.id for order in page.items])
    counts = queries.count_of_shop(desk.shop.id, now)
    numbers = {order_id: listed(parcel.number for parcel in each) for order_id, each in parcels.items()}
    return show(
        request,
        desk,
        "orders",
        "orders",
        orders=[
            viewmodels.order_row(desk, order, buyers[order.buyer_id], numbers.get(order.id, ""), now)
            for order in page.items
        ],
        tabs=[
            parts.Tab(str(each.label), lists.href(request, state=each.key), each is shelf, each.count(counts))
            for each in _SHELVES
        ],
        search=Search(_("Order or tracking number"), term, (("state", shelf.key),)),
        late=counts.late,
        is_ready=shelf.key == "ready",
        export_href=lists.href(request, format="csv"),
        paging=lists.paging(request, trail, page.next_cursor),
        empty=_empty(shelf, term),
        now=now,
    )


def _read(desk: Desk, shelf: _Shelf, term: str, cursor: int | None, limit: int) -> Page[Order]:
    return queries.list_orders_of_shop(
        desk.shop.id,
        payment=shelf.payment,
        fulfilment=shelf.fulfilment,
        term=term,
        cursor=cursor,
        limit=limit,
        oldest_first=shelf.key == "ready",
    )


def _empty(shelf: _Shelf, term: str) -> parts.Empty:
    if term:
        return parts.Empty(
            _("Nothing with “%(term)s”") % {"term": term}, _("Look among all orders, or by another number."), "tent"
        )
    if shelf.key == "ready":
        return parts.Empty(_("Nothing waits to be sent"), _("Paid orders appear here at once."), "sun-hat")
    return parts.Empty(_("No order in this state"), _("Look at another state, or at all of them."), "tent")


def _export(desk: Desk, shelf: _Shelf) -> HttpResponseBase:
    return tables.csv_answer(f"orders-{shelf.key}", tracking_files.COLUMNS, _exported(desk, shelf))


def _exported(desk: Desk, shelf: _Shelf) -> Iterator[tuple[object, ...]]:
    cursor: int | None = None
    while True:
        page = _read(desk, shelf, "", cursor, MAX_PAGE)
        buyers = identity.persons_by_id(order.buyer_id for order in page.items) if page.items else {}
        parcels = queries.parcels_by_order([order.id for order in page.items])
        for order in page.items:
            buyer = viewmodels.person_part(buyers[order.buyer_id]).name
            yield from tracking_files.rows_of(order, buyer, parcels.get(order.id, ()))
        cursor = page.next_cursor
        if cursor is None:
            return


# ---------------------------------------------------------------- one order


@clerks_with(Permission.ORDERS)
@require_safe
def order(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """One order: its goods, its parcels, its money."""
    return order_page(request, desk, sold_order(desk, order_no))


@clerks_with(Permission.ORDERS)
@require_POST
def refund(request: HttpRequest, desk: Desk, order_no: str) -> HttpResponseBase:
    """Give money back: an amount, or all that is left."""
    found = sold_order(desk, order_no)
    try:
        minor = amount_of(request.POST.get("amount", ""), found)

        def effect(now: datetime) -> str:
            operations.request_refund(seller=desk.actor, order_id=found.id, amount_minor=minor, reason="shop", now=now)
            return desk.href("order", order_no)

        return change(request, desk, effect, _("The money goes back to the buyer"))
    except DomainError as refused:
        count_refusal(refused)
        return order_page(request, desk, sold_order(desk, order_no), refused)


def amount_of(said: str, order: Order) -> int | None:
    """An amount as a form says it, in the smallest unit; None for nothing, which is all. Raises `RefundOutOfRange`."""
    left = order.total_minor - order.refunded_minor
    if not said.strip():
        return None
    try:
        minor = Decimal(said.strip()[:30]).scaleb(order.currency.exponent)
    except InvalidOperation as error:
        raise orders_errors.RefundOutOfRange(left_minor=left) from error
    is_plain = set(said.strip()) <= set("0123456789.")
    if not is_plain or minor != minor.to_integral_value() or not 0 < minor <= left:
        raise orders_errors.RefundOutOfRange(left_minor=left)
    return int(minor)


def order_page(request: HttpRequest, desk: Desk, order: Order, refused: DomainError | None = None) -> HttpResponseBase:
    """The page of one order, with what was refused. Cost: at most sixteen queries."""
    now = utc_now()
    buyer = identity.persons_by_id([order.buyer_id])[order.buyer_id]
    parcels = queries.list_parcels(order.id)
    refunds = queries.list_refunds(order.id) if order.refunded_minor else ()
    complaint = complaints.find_of_order(order.id) if order.payment is PaymentState.PAID else None
    claim = aftersales.find_of_order(order.id) if order.payment is PaymentState.PAID else None
    left = order.total - order.refunded
    is_ready = order.fulfilment is FulfilmentState.READY and order.refund is not RefundState.FULL
    unsent = unsent_lines(order) if is_ready else ()
    return show(
        request,
        desk,
        "order",
        "orders",
        status=status_of(refused) if refused else 200,
        order=order,
        chip=viewmodels.chip_of(order, now),
        buyer=viewmodels.person_part(buyer),
        lines=[viewmodels.order_line(desk, line) for line in order.lines],
        facts=_facts(order, is_in_team=groupbuy.find_team_of_order(order.id) is not None),
        money=_money(order),
        steps=_steps(order),
        ship_by=order.ship_by if is_ready else None,
        can_ship=is_ready,
        unsent=unsent,
        has_parts=sum(each.most for each in unsent) > 1,
        carriers=viewmodels.carrier_choices(parcels[-1].carrier if parcels else LOCAL),
        parcels=_parcel_rows(order, parcels),
        left=left if left and order.payment is PaymentState.PAID else None,
        refunds=_refund_table(refunds) if refunds else None,
        claim=claim,
        claim_chip=claim_chip(claim.state) if claim else None,
        complaint=complaint,
        complaint_chip=complaint_chip(complaint.state) if complaint else None,
        refusal=text_of(refused) if refused else "",
        now=now,
    )


def _money(order: Order) -> tuple[tuple[parts.Fact, ...], ...]:
    """Cost: one query; another where vouchers took something off."""
    is_promoted = order.discount_minor + order.funded_minor
    uses = promotions.uses_by_ref([order.order_no]).get(order.order_no, ()) if is_promoted else ()
    return order_money.explain(order, uses, alliance.conversions_by_order([order.id]).get(order.id, ()))


@dataclass(frozen=True, slots=True)
class UnsentLine:
    """Pieces of an order that may go into its next parcel."""

    field: str
    name: str
    most: int


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel, and what its shop can say of it."""

    view: carriers.ParcelView
    can_correct: bool
    carriers: tuple[parts.Choice, ...]
    scans: tuple[parts.Choice, ...]


def unsent_lines(order: Order) -> tuple[UnsentLine, ...]:
    """What of an order is still to be sent."""
    return tuple(
        UnsentLine(f"pieces-{line.id}", carriers.name_of(line), line.unsent_count)
        for line in order.lines
        if line.unsent_count
    )


def _parcel_rows(order: Order, parcels: Sequence[Parcel]) -> tuple[ParcelRow, ...]:
    can_correct = order.fulfilment in (FulfilmentState.READY, FulfilmentState.SHIPPED)
    return tuple(
        ParcelRow(
            view,
            can_correct,
            viewmodels.carrier_choices(parcel.carrier),
            _scan_choices() if parcel.carrier == LOCAL and not parcel.is_delivered else (),
        )
        for parcel, view in zip(parcels, carriers.views_of(order, parcels), strict=True)
    )


def _scan_choices() -> tuple[parts.Choice, ...]:
    return tuple(
        parts.Choice(kind.value, str(text), chosen=kind is ScanKind.PICKED_UP) for kind, text in carriers.SCANS.items()
    )


def _facts(order: Order, *, is_in_team: bool) -> tuple[parts.Fact, ...]:
    facts = [
        parts.Fact(_("Order"), order.order_no),
        parts.Fact(_("Placed"), order.placed_at),
        parts.Fact(_("Paid"), order.paid_at),
        parts.Fact(_("Bought"), _("in a team") if is_in_team else _("alone")),
    ]
    return tuple(fact for fact in facts if fact.value is not None)


def _steps(order: Order) -> tuple[parts.Step, ...]:
    if order.payment is PaymentState.CLOSED or order.fulfilment is FulfilmentState.CANCELLED:
        return (parts.Step(_("Placed"), "done", order.placed_at), parts.Step(_("Cancelled"), "done"))
    reached = (
        (_("Placed"), order.placed_at),
        (_("Paid"), order.paid_at),
        (_("Sent in part") if order.is_partly_sent else _("Sent"), order.shipped_at),
        (_("Received"), order.received_at),
        (_("Completed: the money is yours"), order.completed_at),
    )
    current = next((place for place, (_label, at) in enumerate(reached) if at is None), len(reached))
    if order.refund is RefundState.FULL:
        return tuple(parts.Step(label, "done", at) for label, at in reached if at is not None)
    return tuple(
        parts.Step(
            label,
            "done" if at else "current" if place == current else "next",
            at or (order.completes_at if place == len(reached) - 1 else None),
        )
        for place, (label, at) in enumerate(reached)
    )


_REASONS: Final = {
    "buyer": gettext_lazy("The buyer asked before it was sent"),
    "shop": gettext_lazy("You gave it"),
    "complaint": gettext_lazy("Staff decided about a complaint"),
    "claim": gettext_lazy("The buyer asked for it back"),
    "charged_back": gettext_lazy("The buyer’s bank took it back"),
    "team_expired": gettext_lazy("The team did not fill in time"),
    "team_cancelled": gettext_lazy("The team was dissolved"),
    "team_missed": gettext_lazy("The money came after the team had closed"),
    "out_of_stock": gettext_lazy("The money came after the last piece was sold"),
}


def _refund_table(refunds: Collection[Refund]) -> parts.Table:
    columns = (
        parts.Column(_("Refund")),
        parts.Column(_("Amount"), numeric=True),
        parts.Column(_("Why")),
        parts.Column(_("Promised")),
        parts.Column(_("Returned")),
    )
    rows = tuple(
        parts.Row(
            (
                refund.refund_no,
                refund.amount,
                str(_REASONS.get(refund.reason, refund.reason)),
                refund.promised_at,
                refund.returned_at if refund.stage is RefundStage.RETURNED else _("on its way"),
            )
        )
        for refund in refunds
    )
    return parts.Table(_("Refunds"), columns, rows)
