"""What the alliance does when orders speak."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.alliance import operations, telling
from wuyou.domains.ledger.events import PayoutEnded
from wuyou.domains.ledger.types import PayoutState
from wuyou.domains.orders.events import (
    DisputeEnded,
    OrderCompleted,
    OrderDisputed,
    OrderPaid,
    OrderReceived,
    OrderRefunded,
)


def on_orders_paid(paid: Sequence[OrderPaid], now: datetime) -> None:
    """Whoever's link brought the buyer gets the credit."""
    operations.record_conversions(paid=paid, now=now)


def on_orders_received(received: Sequence[OrderReceived], now: datetime) -> None:
    """The goods are there: only a return can still change the commission."""
    operations.confirm_conversions(order_ids=[each.order_id for each in received], now=now)


def on_orders_completed(completed: Sequence[OrderCompleted], now: datetime) -> None:
    """The return window is over: everyone who moved the sale, and the shop, are owed their money."""
    operations.settle_orders(completed=completed, now=now)


def on_order_refunded(event: OrderRefunded, now: datetime) -> None:
    """Money goes back to the buyer, and with it its share of the commission."""
    operations.reverse_commissions(refunded=event, now=now)


def on_order_disputed(event: OrderDisputed, now: datetime) -> None:
    """A buyer asks money back: what the sale pays may be taken back."""
    operations.open_reversals(order_id=event.order_id, now=now)


def on_dispute_ended(event: DisputeEnded, now: datetime) -> None:
    """What no money came of is dropped."""
    operations.drop_reversals(order_id=event.order_id, now=now)


def on_payout_ended(event: PayoutEnded, now: datetime) -> None:
    """Whose money it was is told."""
    telling.tell_payout(event.owner, event.line_id, event.state == PayoutState.PAID.value, now)
