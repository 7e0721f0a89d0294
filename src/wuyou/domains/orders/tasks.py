"""What time does to orders. Entry points: each order in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.orders import operations
from wuyou.infra.scans import each_due


def close_unpaid_orders(now: datetime) -> int:
    """Give up orders whose time to pay is over; returns how many."""
    return each_due(
        """
        SELECT id FROM orders_order WHERE payment = 'UNPAID' AND pay_until <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda order_id: operations.close_order(order_id=order_id, now=now),
    )


def receive_overdue_orders(now: datetime) -> int:
    """Count sent orders as received when nobody said so in time; returns how many."""
    return each_due(
        """
        SELECT id FROM orders_order WHERE fulfilment = 'SHIPPED' AND receives_at <= %(now)s
        AND refunded_minor < total_minor AND NOT is_disputed AND NOT is_charged_back
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda order_id: operations.receive_overdue_order(order_id=order_id, now=now),
    )


def complete_received_orders(now: datetime) -> int:
    """End return windows that are over; returns how many."""
    return each_due(
        """
        SELECT id FROM orders_order
        WHERE fulfilment = 'RECEIVED' AND completes_at <= %(now)s AND refunded_minor < total_minor
          AND NOT is_disputed AND NOT is_charged_back
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda order_id: operations.complete_order(order_id=order_id, now=now),
    )
