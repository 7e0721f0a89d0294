"""What of an order is sent, and what is still to be. All of it is decided under the order's row, which callers lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.orders import rules
from wuyou.infra import db


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a locked order."""

    id: int
    product_id: int
    variant_id: int
    quantity: int
    sent_count: int
    dropped_count: int
    paid_minor: int
    """What the buyer paid for all of it."""

    @property
    def unsent_count(self) -> int:
        return self.quantity - self.sent_count - self.dropped_count


def lines_of(order_id: int) -> dict[int, Line]:
    """The lines of an order by id. A statement of its own: one that waits for the order's row would read old lines."""
    found = db.rows(
        """
        SELECT id, product_id, variant_id, quantity, sent_count, dropped_count,
               quantity * unit_price_minor - discount_minor - funded_minor
        FROM orders_order_line WHERE order_id = %s ORDER BY id
        """,
        [order_id],
    )
    return {columns[0]: Line(*columns) for columns in found}


def count(pieces: Mapping[int, int], *, as_sent: bool) -> None:
    """Pieces of lines are sent, or dropped."""
    column = "sent_count" if as_sent else "dropped_count"
    db.execute(
        f"""
        UPDATE orders_order_line l SET {column} = l.{column} + p.quantity
        FROM unnest(%s::bigint[], %s::int[]) AS p (line_id, quantity) WHERE l.id = p.line_id
        """,  # noqa: S608  (one of two literals)
        [list(pieces), list(pieces.values())],
    )


def by_variant(lines: Mapping[int, Line], pieces: Mapping[int, int]) -> dict[int, int]:
    """Pieces of lines as stock counts them; an order has one line a variant."""
    return {lines[line_id].variant_id: quantity for line_id, quantity in pieces.items()}


def mark_sent(order_id: int, now: datetime) -> None:
    """Nothing is left to be sent. Receipt is counted from the last parcel, or from now when there is none."""
    db.execute(
        """
        UPDATE orders_order o SET fulfilment = 'SHIPPED', is_partly_sent = false, shipped_at = sent.at,
                                  receives_at = sent.at + %s
        FROM (SELECT coalesce(max(sent_at), %s) AS at FROM orders_parcel WHERE order_id = %s) AS sent
        WHERE o.id = %s
        """,
        [rules.AUTO_RECEIVE, now, order_id, order_id],
    )
