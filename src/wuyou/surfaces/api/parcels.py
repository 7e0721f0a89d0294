"""Parcels: what of an order is on its way and by whom, and what of it is not sent at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Router
from pydantic import AfterValidator, Field, StringConstraints

from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.orders import errors, operations, policies, queries
from wuyou.domains.orders.providers.carriers import CARRIERS
from wuyou.domains.orders.types import Order, Parcel, ParcelDraft, Pieces, ScanKind
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.orders import OrderLineDraft, OrderPage, RefundPage, order_of, refund_of
from wuyou.surfaces.api.problems import DOCUMENTED, NotAllowed
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, OrderNo, one_of

router = Router(tags=["orders"])

_LINES = Field(max_length=50)


class ParcelBody(Draft):
    """Who brings goods of an order."""

    carrier: Annotated[str, AfterValidator(one_of(CARRIERS)), Field(json_schema_extra={"enum": sorted(CARRIERS)})]
    """Code of a carrier."""
    number: Annotated[str, StringConstraints(max_length=40, pattern=ONE_LINE)] = ""
    """As the carrier gave it; the local delivery makes one."""
    lines: Annotated[list[OrderLineDraft], _LINES] = []
    """What is in it, each variant once; empty for all that is still to be sent."""


class UnsentDraft(Draft):
    """What of an order shall not be sent, and why."""

    lines: Annotated[list[OrderLineDraft], _LINES] = []
    """Each variant once; empty for all that is still to be sent, which is all that a buyer may say."""
    reason: Annotated[str, Field(min_length=1, max_length=40, pattern=ONE_LINE, examples=["sold_out"])]
    """For people to read."""


@dataclass(frozen=True, slots=True)
class ScanLine:
    """One line of a parcel's way."""

    __pydantic_config__ = DOCUMENTED

    kind: ScanKind
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ParcelContent:
    """So many of a variant in a parcel."""

    __pydantic_config__ = DOCUMENTED

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ParcelPage:
    """What was handed to a carrier."""

    __pydantic_config__ = DOCUMENTED

    id: int
    carrier: str
    """Code of the carrier."""
    number: str
    sent_at: datetime
    is_delivered: bool
    lines: tuple[ParcelContent, ...]
    """What is in it."""
    scans: tuple[ScanLine, ...]
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class ParcelList:
    """The parcels of an order, oldest first."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[ParcelPage, ...]


@dataclass(frozen=True, slots=True)
class UnsentRefund:
    """An order without what is not sent, and what goes back for it."""

    __pydantic_config__ = DOCUMENTED

    order: OrderPage
    refund: RefundPage | None
    """Null when all that was paid for these goods was given back before."""


@operation(
    router,
    "POST",
    "/orders/{order_no}/parcel",
    entry=Entry.WRITE,
    status=201,
    refuses=[
        errors.OrderNotFound,
        errors.WrongState,
        errors.CarrierUnknown,
        errors.NumberMalformed,
        errors.PiecesMalformed,
        errors.ParcelThere,
        NotAllowed,
    ],
)
def send_parcel(call: Call, order_no: OrderNo, body: ParcelBody) -> ParcelPage:
    """Hand goods of an order of your shop to a carrier, under a number by which its buyer follows them.

    Without lines it is all that is still to be sent. The order is on its way when nothing is left.
    """
    order = queries.get_order_for(call.actor, order_no)
    if not policies.may_ship(call.actor, catalog.get_shop(order.shop_id)):
        raise NotAllowed
    draft = ParcelDraft(body.carrier, body.number, _pieces(order, body.lines))
    operations.ship_order(actor=call.actor, order_id=order.id, now=call.now, parcel=draft)
    return _parcel(order, queries.list_parcels(order.id)[-1])


@operation(router, "GET", "/orders/{order_no}/parcels", entry=Entry.READ, refuses=[errors.OrderNotFound])
def list_parcels(call: Call, order_no: OrderNo) -> ParcelList:
    """List what brings an order that you bought or sold, with what is in each parcel and where it has been."""
    order = queries.get_order_for(call.actor, order_no)
    return ParcelList(tuple(_parcel(order, parcel) for parcel in queries.list_parcels(order.id)))


@operation(
    router,
    "GET",
    "/orders/{order_no}/parcel",
    entry=Entry.READ,
    refuses=[errors.OrderNotFound, errors.ParcelNotFound],
)
def show_parcel(call: Call, order_no: OrderNo) -> ParcelPage:
    """Show the parcel that left last of an order that you bought or sold, and where it has been."""
    order = queries.get_order_for(call.actor, order_no)
    parcels = queries.list_parcels(order.id)
    if not parcels:
        raise errors.ParcelNotFound
    return _parcel(order, parcels[-1])


@operation(
    router,
    "POST",
    "/orders/{order_no}/withdrawal",
    entry=Entry.ONCE,
    status=201,
    refuses=[errors.OrderNotFound, errors.WrongState, errors.PiecesMalformed, NotAllowed],
)
def refund_unsent(call: Call, order_no: OrderNo, body: UnsentDraft) -> UnsentRefund:
    """Take goods that are not sent yet off an order, and promise back what was paid for them.

    The shop names what it cannot send; the buyer takes back all that is not on its way. What is on its way stays.
    """
    order = queries.get_order_for(call.actor, order_no)
    shop = catalog.get_shop(order.shop_id)
    is_shop = catalog_policies.may(call.actor, shop, Permission.ORDERS)
    if not policies.may_take_unsent_back(call.actor, order, shop) or (body.lines and not is_shop):
        raise NotAllowed
    refund_no = operations.refund_unsent(
        seller=call.actor if is_shop else None,
        order_id=order.id,
        taken=_pieces(order, body.lines),
        reason=body.reason,
        now=call.now,
    )
    return UnsentRefund(order_of(queries.get_order(order.id)), refund_of(order.id, refund_no) if refund_no else None)


def _pieces(order: Order, lines: Sequence[OrderLineDraft]) -> tuple[Pieces, ...]:
    """Raises `PiecesMalformed` for what is not in the order."""
    by_variant = {line.variant_id: line.id for line in order.lines}
    if not by_variant.keys() >= {line.variant_id for line in lines}:
        raise errors.PiecesMalformed
    return tuple(Pieces(by_variant[line.variant_id], line.quantity) for line in lines)


def _parcel(order: Order, parcel: Parcel) -> ParcelPage:
    variants = {line.id: line.variant_id for line in order.lines}
    return ParcelPage(
        parcel.id,
        parcel.carrier,
        parcel.number,
        parcel.sent_at,
        parcel.is_delivered,
        tuple(ParcelContent(variants[each.line_id], each.quantity) for each in parcel.pieces),
        tuple(ScanLine(scan.kind, scan.place, scan.at) for scan in parcel.scans),
    )
