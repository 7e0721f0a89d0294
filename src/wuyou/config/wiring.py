"""Who listens to what: the only list of event → handler. And who says which tokens of sight a person holds.

One subscriber is one cursor: its events are handled in commit order, one batch a transaction.
"""

from __future__ import annotations

from wuyou.domains.alliance import handlers as alliance
from wuyou.domains.groupbuy import handlers as groupbuy
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import handlers as orders
from wuyou.domains.payments import events as payments_events
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.infra.events import Subscriber
from wuyou.infra.sight import Source

SUBSCRIBERS = (
    Subscriber(
        "orders",
        {
            payments_events.PaymentCaptured: orders.on_payment_captured,
            payments_events.RefundSucceeded: orders.on_refund_succeeded,
        },
    ),
    Subscriber(
        "arrivals",
        {
            orders_events.OrderReceived: orders.on_order_received,
            orders_events.OrderRefunded: orders.on_order_refunded,
        },
    ),
    Subscriber(
        "alliance",
        {
            orders_events.OrderPaid: alliance.on_order_paid,
            orders_events.OrderReceived: alliance.on_order_received,
            orders_events.OrderCompleted: alliance.on_order_completed,
            orders_events.OrderRefunded: alliance.on_order_refunded,
        },
    ),
    Subscriber(
        "groupbuy",
        {
            orders_events.OrderPaid: groupbuy.on_order_paid,
            orders_events.OrderPaidLate: groupbuy.on_order_paid_late,
            orders_events.OrderClosed: groupbuy.on_order_closed,
            orders_events.OrderRefunded: groupbuy.on_order_refunded,
            orders_events.RefundReturned: groupbuy.on_refund_returned,
        },
    ),
)

SIGHT_SOURCES: tuple[Source, ...] = (social.sight_tokens_of, things.sight_tokens_of)
