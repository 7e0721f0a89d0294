"""What time does to orders. Entry points: each order in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from wuyou.domains.orders import operations
from wuyou.infra import db

BATCH = 200


def close_unpaid_orders(now: datetime) -> int:
    """Give up orders whose time to pay is over; returns how many."""
    due = db.rows(
        "SELECT id FROM orders_order WHERE payment = 'UNPAID' AND pay_until <= %s ORDER BY pay_until LIMIT %s",
        [now, BATCH],
    )
    return sum(db.in_transaction(partial(operations.close_order, order_id=order_id, now=now)) for (order_id,) in due)


def receive_overdue_orders(now: datetime) -> int:
    """Count sent orders as received when nobody said so in time; returns how many."""
    due = db.rows(
        """
        SELECT id FROM orders_order WHERE fulfilment = 'SHIPPED' AND receives_at <= %s AND refunded_minor < total_minor
        ORDER BY receives_at LIMIT %s
        """,
        [now, BATCH],
    )
    for (order_id,) in due:
        db.in_transaction(partial(operations.receive_order, order_id=order_id, now=now))
    return len(due)


def complete_received_orders(now: datetime) -> int:
    """End return windows that are over; returns how many."""
    due = db.rows(
        """
        SELECT id FROM orders_order
        WHERE fulfilment = 'RECEIVED' AND completes_at <= %s AND refunded_minor < total_minor
        ORDER BY completes_at LIMIT %s
        """,
        [now, BATCH],
    )
    return sum(db.in_transaction(partial(operations.complete_order, order_id=order_id, now=now)) for (order_id,) in due)
