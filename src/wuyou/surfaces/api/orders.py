"""Orders: bought alone or with a team, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from ninja import Query, Router
from pydantic import ConfigDict, Field, model_validator

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.orders import errors, operations, policies, queries
from wuyou.domains.orders.types import (
    FulfilmentState,
    LineDraft,
    Order,
    OrderKind,
    PaymentState,
    Refund,
    RefundStage,
    RefundState,
)
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.kernel.money import Money
from wuyou.kernel.paging import Page
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.goods import photo_path
from wuyou.surfaces.api.problems import DOCUMENTED, NotAllowed
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id, OrderNo, PageQuery, Pieces

router = Router(tags=["orders"])


class OrderLineDraft(Draft):
    """So many of a variant."""

    variant_id: Id
    quantity: Pieces


def _no_default(schema: dict[str, Any]) -> None:
    """What is left out has no value that could be sent."""
    schema.pop("default", None)


class OrderDraft(Draft):
    """What to order: lines of its own, or lines of your cart."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["lines"]}, {"required": ["cart_variant_ids"]}],
            "examples": [{"lines": [{"variant_id": 42, "quantity": 1}]}, {"cart_variant_ids": [42, 43]}],
        }
    )

    lines: Annotated[list[OrderLineDraft], Field(min_length=1, max_length=50)] = Field(
        default=[], json_schema_extra=_no_default
    )
    """Goods of one shop, each variant once."""
    cart_variant_ids: Annotated[list[Id], Field(min_length=1, max_length=50)] = Field(
        default=[], json_schema_extra=_no_default
    )
    """Lines of your cart, all of one shop; they leave the cart with the order."""
    voucher_ids: Annotated[list[Id], Field(max_length=50)] = []
    """Vouchers of yours, all of which are to be used, each once."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if bool(self.lines) is bool(self.cart_variant_ids):
            raise ValueError("give either lines or cart_variant_ids")
        return self


class RefundDraft(Draft):
    """How much to give back, and why."""

    amount_minor: Annotated[int, Field(ge=1, le=10**15)] | None = None
    """In the smallest unit of the order's currency; null is all that is left. A buyer takes all of it back."""
    reason: Annotated[str, Field(min_length=1, max_length=40, pattern=ONE_LINE, examples=["changed_mind"])]
    """For people to read."""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """A new order, to be paid."""

    __pydantic_config__ = DOCUMENTED

    order_no: str
    total: Amount
    pay_until: datetime
    """Until then the goods (and the seat) are kept."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line as it was ordered."""

    __pydantic_config__ = DOCUMENTED

    product_id: int
    variant_id: int
    title: str
    title_en: str
    variant_name: str
    variant_name_en: str
    picture: str
    photo: str | None
    """Where the shop's photograph is on this server, for who may see the order; null without any."""
    quantity: int
    sent_count: int
    """Pieces that were handed to a carrier."""
    dropped_count: int
    """Pieces that were taken off the order before they were sent, and paid back."""
    unit_price: Amount
    amount: Amount


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order of one shop. How it was paid, where the goods are and what went back are separate."""

    __pydantic_config__ = DOCUMENTED

    order_no: str
    shop_id: int
    kind: OrderKind
    payment: PaymentState
    fulfilment: FulfilmentState
    refund: RefundState
    items: Amount
    """The goods at their prices, before anything is taken off."""
    discount: Amount
    """What the shop takes off."""
    funded: Amount
    """What somebody else pays of it for the buyer, out of a red packet."""
    shipping: Amount
    total: Amount
    """What the buyer pays."""
    refunded: Amount
    """Promised or returned so far."""
    placed_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    """When the last of it was sent; null until all of it is."""
    received_at: datetime | None
    completes_at: datetime | None
    """When the return window ends."""
    completed_at: datetime | None
    team_token: str | None
    """The team in which this order has its seat; null for an order alone."""
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class OrderList:
    """What a person bought, newest first."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[OrderPage, ...]
    next_cursor: int | None
    """Give this as `cursor` for the next page; null at the end."""


@dataclass(frozen=True, slots=True)
class RefundPage:
    """A promise to give money back."""

    __pydantic_config__ = DOCUMENTED

    refund_no: str
    order_no: str
    amount: Amount
    reason: str
    stage: RefundStage
    promised_at: datetime
    returned_at: datetime | None
    """When the money was back with the buyer."""


@dataclass(frozen=True, slots=True)
class RefundList:
    """The refunds of an order, oldest first."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[RefundPage, ...]


@operation(
    router,
    "POST",
    "/orders",
    entry=Entry.ONCE,
    status=201,
    refuses=[
        errors.LinesMalformed,
        errors.AmountOutOfRange,
        catalog_errors.VariantNotFound,
        inventory_errors.OutOfStock,
        promotions_errors.VoucherUnusable,
        promotions_errors.NotCombinable,
        promotions_errors.NoneLeft,
    ],
)
def place_order(call: Call, body: OrderDraft) -> PlacedOrder:
    """Order goods of one shop alone.

    The goods are kept until `pay_until`; pay with `POST /orders/{order_no}/payment`.
    """
    lines = [LineDraft(line.variant_id, line.quantity) for line in body.lines] or _cart_lines(call, body)
    placed = operations.place_order(
        actor=call.actor, lines=lines, kind=OrderKind.ALONE, voucher_ids=body.voucher_ids, now=call.now
    )
    if body.cart_variant_ids:
        operations.take_from_cart(actor=call.actor, variant_ids=body.cart_variant_ids)
    return PlacedOrder(placed.order_no, amount_of(placed.total), placed.pay_until)


@operation(router, "GET", "/orders", entry=Entry.READ)
def list_orders(call: Call, query: Query[PageQuery]) -> OrderList:
    """List what you bought, newest first."""
    return orders_of(queries.list_orders_of(call.actor.person_id, cursor=query.cursor, limit=query.limit))


def orders_of(page: Page[Order]) -> OrderList:
    """A page of orders as the API says it. Cost: two queries when there are orders with teams."""
    in_teams = [order.id for order in page.items if order.kind is OrderKind.TEAM]
    teams = groupbuy.teams_by_order(in_teams) if in_teams else {}
    tokens = {order_id: team.token for order_id, team in teams.items()}
    return OrderList(tuple(_order(order, tokens.get(order.id)) for order in page.items), page.next_cursor)


@operation(router, "GET", "/orders/{order_no}", entry=Entry.READ, refuses=[errors.OrderNotFound])
def show_order(call: Call, order_no: OrderNo) -> OrderPage:
    """Show an order of yours, or of your shop."""
    return order_of(queries.get_order_for(call.actor, order_no))


@operation(
    router,
    "POST",
    "/orders/{order_no}/closure",
    entry=Entry.WRITE,
    refuses=[errors.OrderNotFound, errors.WrongState, NotAllowed],
)
def close_order(call: Call, order_no: OrderNo) -> OrderPage:
    """Give up an order of yours that is not paid; the goods are free again. Twice is once."""
    order = queries.get_order_for(call.actor, order_no)
    if order.buyer_id != call.actor.user_id:
        raise NotAllowed
    if order.payment is PaymentState.CLOSED:
        return order_of(order)
    if not operations.close_order(order_id=order.id, now=call.now):
        order = queries.get_order(order.id)
        if order.payment is not PaymentState.CLOSED:
            raise errors.WrongState(order_no=order_no, state=order.payment.value)
    return order_of(queries.get_order(order.id))


@operation(
    router,
    "POST",
    "/orders/{order_no}/shipment",
    entry=Entry.WRITE,
    refuses=[errors.OrderNotFound, errors.WrongState, NotAllowed],
)
def ship_order(call: Call, order_no: OrderNo) -> OrderPage:
    """Say that your shop handed to the carrier all that was still to be sent."""
    order = queries.get_order_for(call.actor, order_no)
    if not policies.may_ship(call.actor, catalog.get_shop(order.shop_id)):
        raise NotAllowed
    operations.ship_order(actor=call.actor, order_id=order.id, now=call.now)
    return order_of(queries.get_order(order.id))


@operation(
    router,
    "POST",
    "/orders/{order_no}/receipt",
    entry=Entry.WRITE,
    refuses=[errors.OrderNotFound, errors.WrongState, NotAllowed],
)
def receive_order(call: Call, order_no: OrderNo) -> OrderPage:
    """Say that the goods of your order arrived; the return window begins."""
    order = queries.get_order_for(call.actor, order_no)
    if not policies.may_receive(call.actor, order):
        raise NotAllowed
    operations.receive_order(order_id=order.id, now=call.now)
    return order_of(queries.get_order(order.id))


@operation(
    router,
    "POST",
    "/orders/{order_no}/refunds",
    entry=Entry.ONCE,
    status=201,
    refuses=[errors.OrderNotFound, errors.WrongState, errors.RefundOutOfRange, NotAllowed],
)
def request_refund(call: Call, order_no: OrderNo, body: RefundDraft) -> RefundPage:
    """Promise money of an order back.

    The shop may at any time, a part or all. The buyer may take all of it back before it is sent.
    """
    order = queries.get_order_for(call.actor, order_no)
    shop = catalog.get_shop(order.shop_id)
    if not policies.may_refund(call.actor, order, shop):
        raise NotAllowed
    is_shop = catalog_policies.may(call.actor, shop, Permission.ORDERS)
    if not is_shop and body.amount_minor not in (None, order.total_minor - order.refunded_minor):
        raise errors.RefundOutOfRange(left_minor=order.total_minor - order.refunded_minor)
    refund_no = operations.request_refund(
        seller=call.actor if is_shop else None,
        order_id=order.id,
        amount_minor=body.amount_minor,
        reason=body.reason,
        only_unsent=not is_shop,  # decided again where the order's row is locked: the shop may send it right now
        now=call.now,
    )
    return refund_of(order.id, refund_no)


@operation(router, "GET", "/orders/{order_no}/refunds", entry=Entry.READ, refuses=[errors.OrderNotFound])
def list_refunds(call: Call, order_no: OrderNo) -> RefundList:
    """List what was promised back of an order, oldest first."""
    order = queries.get_order_for(call.actor, order_no)
    return RefundList(tuple(_refund(refund) for refund in queries.list_refunds(order.id)))


def order_of(order: Order) -> OrderPage:
    """An order as the API says it. Cost: two queries for an order with a team."""
    team = groupbuy.find_team_of_order(order.id) if order.kind is OrderKind.TEAM else None
    return _order(order, team.token if team else None)


def _order(order: Order, team_token: str | None) -> OrderPage:
    return OrderPage(
        order.order_no,
        order.shop_id,
        order.kind,
        order.payment,
        order.fulfilment,
        order.refund,
        amount_of(Money(order.items_minor, order.currency)),
        amount_of(Money(order.discount_minor, order.currency)),
        amount_of(Money(order.funded_minor, order.currency)),
        amount_of(Money(order.shipping_minor, order.currency)),
        amount_of(order.total),
        amount_of(order.refunded),
        order.placed_at,
        order.pay_until,
        order.paid_at,
        order.shipped_at,
        order.received_at,
        order.completes_at,
        order.completed_at,
        team_token,
        tuple(
            OrderLine(
                line.product_id,
                line.variant_id,
                line.title,
                line.title_en,
                line.variant_name,
                line.variant_name_en,
                line.picture,
                photo_path(line.photo_id),
                line.quantity,
                line.sent_count,
                line.dropped_count,
                amount_of(line.unit_price),
                amount_of(line.amount),
            )
            for line in order.lines
        ),
    )


def refund_of(order_id: int, refund_no: str) -> RefundPage:
    """A refund of an order as the API says it. Cost: one query."""
    return next(_refund(refund) for refund in queries.list_refunds(order_id) if refund.refund_no == refund_no)


def _refund(refund: Refund) -> RefundPage:
    return RefundPage(
        refund.refund_no,
        refund.order_no,
        amount_of(refund.amount),
        refund.reason,
        refund.stage,
        refund.promised_at,
        refund.returned_at,
    )


def _cart_lines(call: Call, body: OrderDraft) -> list[LineDraft]:
    in_cart = {line.variant_id: line.quantity for line in queries.list_cart(call.actor.person_id)}
    if not in_cart.keys() >= set(body.cart_variant_ids):
        raise errors.LinesMalformed
    return [LineDraft(variant_id, in_cart[variant_id]) for variant_id in body.cart_variant_ids]
