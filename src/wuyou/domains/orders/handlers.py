"""What orders do when payments speak, and what they bring to the shelves below when they themselves do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.orders import operations, queries
from wuyou.domains.orders.events import OrderPaid, OrderReceived, OrderRefunded
from wuyou.domains.payments.events import PaymentCaptured, PaymentDisputed, PaymentDisputeEnded, RefundSucceeded
from wuyou.domains.social import operations as social
from wuyou.domains.social.types import TieKind
from wuyou.domains.things import operations as things
from wuyou.domains.things.types import BoughtLine
from wuyou.infra import behaviour


def on_payment_captured(event: PaymentCaptured, now: datetime) -> None:
    """The money for an order is here."""
    if event.purpose == operations.PURPOSE:
        operations.mark_paid(order_no=event.intent_no, now=now)


def on_refund_succeeded(event: RefundSucceeded, now: datetime) -> None:
    """The money of a refund is back."""
    operations.mark_refund_returned(refund_no=event.refund_no, now=now)


def on_payment_disputed(event: PaymentDisputed, now: datetime) -> None:
    """The buyer's bank asks the money of an order back: nobody is paid on it until that is decided."""
    if event.purpose == operations.PURPOSE:
        operations.hold_charged_back(
            order_no=event.intent_no, dispute_ref=event.dispute_ref, amount_minor=event.amount_minor, now=now
        )


def on_payment_dispute_ended(event: PaymentDisputeEnded, now: datetime) -> None:
    """The bank has decided: what it gave the buyer is a refund like any other, but for the sending."""
    if event.purpose == operations.PURPOSE:
        operations.end_charge_back(
            order_no=event.intent_no, dispute_ref=event.dispute_ref, lost_minor=event.lost_minor, now=now
        )


def on_orders_paid(paid: Sequence[OrderPaid], now: datetime) -> None:
    """For who counts what people do: a paid line is the end of what they saw, looked at and pressed."""
    deeds = [
        behaviour.deed(
            behaviour.Kind.ORDER,
            behaviour.ObjectKind.PRODUCT,
            line.product_id,
            key=f"order_line:{line.line_id}",
            person_id=each.buyer_id,
            at=each.occurred_at,
            value=line.amount_minor,
        )
        for each in paid
        for line in each.lines
    ]
    behaviour.note(deeds, now=now)


def on_order_received(event: OrderReceived, now: datetime) -> None:
    """What was bought is the buyer's, but for what was never sent. Things stand below and cannot hear of orders, so
    orders bring it down."""
    lines = [
        BoughtLine(line.id, line.variant_id) for line in queries.get_order(event.order_id).lines if line.sent_count
    ]
    things.take_in(owner_id=event.buyer_id, lines=lines, now=event.occurred_at)


def on_order_refunded(event: OrderRefunded, now: datetime) -> None:
    """When all the money goes back, the goods are no longer the buyer's; a part of it says nothing about them."""
    if event.refunded_minor == event.total_minor:
        lines = queries.get_order(event.order_id).lines
        things.take_back(line_ids=[line.id for line in lines], now=event.occurred_at)


def on_goods_received(event: OrderReceived, now: datetime) -> None:
    """One has bought of the other: a link of trade, which is kept apart from what people give each other."""
    shop = catalog.get_shop(queries.get_order(event.order_id).shop_id)
    social.record_experience(
        person_ids=(event.buyer_id, shop.owner_id),
        key=f"order:{event.order_id}",
        kind=TieKind.TRADE,
        now=event.occurred_at,
    )
