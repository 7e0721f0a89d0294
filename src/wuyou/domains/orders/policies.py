"""Who may do what with an order."""

from __future__ import annotations

from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog.types import Permission, Shop
from wuyou.domains.orders import events
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def may_see(actor: Actor, order: Order, shop: Shop) -> bool:
    """The buyer, the shop and staff see an order; nobody else knows that it exists."""
    return actor.user_id == order.buyer_id or catalog_policies.may(actor, shop, Permission.ORDERS)


def may_pay(actor: Actor, order: Order) -> bool:
    """The buyer pays an order that waits for it."""
    return actor.user_id == order.buyer_id and order.payment is PaymentState.UNPAID


def may_close(actor: Actor, order: Order) -> bool:
    """The buyer may give an order up until it is paid."""
    return may_pay(actor, order)


def may_ship(actor: Actor, shop: Shop) -> bool:
    """The shop sends."""
    return catalog_policies.may(actor, shop, Permission.ORDERS)


def may_receive(actor: Actor, order: Order) -> bool:
    """The buyer says that it arrived."""
    return actor.user_id == order.buyer_id


def may_refund(actor: Actor, order: Order, shop: Shop) -> bool:
    """The shop and staff may give money back at any time; the buyer may take all of it back before it is sent."""
    if catalog_policies.may(actor, shop, Permission.ORDERS):
        return True
    return actor.user_id == order.buyer_id and _waits(order) and not order.is_partly_sent


def may_take_unsent_back(actor: Actor, order: Order, shop: Shop) -> bool:
    """The shop and staff may take off an order what is not sent yet; its buyer may take back all of that."""
    return catalog_policies.may(actor, shop, Permission.ORDERS) or (actor.user_id == order.buyer_id and _waits(order))


def _waits(order: Order) -> bool:
    return order.payment is PaymentState.PAID and order.fulfilment is FulfilmentState.READY


PERSON_COLUMNS = PersonColumns(
    erased=("orders_cart_line.buyer_id",),
    kept={"orders_order.buyer_id": "a sale, under a pseudonym, as long as the books are kept"},
    kept_events=(
        events.OrderPaid,
        events.OrderPaidLate,
        events.OrderClosed,
        events.GoodsSent,
        events.OrderShipped,
        events.OrderReceived,
        events.OrderCompleted,
        events.OrderRefunded,
        events.RefundReturned,
    ),
)
