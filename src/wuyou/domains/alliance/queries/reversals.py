"""Reads of what refunds take back."""

from __future__ import annotations

from typing import Any

from wuyou.domains.alliance.reversal_types import (
    Reversal,
    ReversalPart,
    ReversalPartState,
    ReversalSide,
    ReversalState,
)
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page


def list_reversals(
    *,
    state: ReversalState | None = None,
    publisher_id: int | None = None,
    order_no: str | None = None,
    cursor: int | None = None,
    limit: int = MAX_PAGE,
) -> Page[Reversal]:
    """Reversals, the newest first: in a state, of what a publisher has a part in, of an order, where asked.

    A publisher's own list has what was taken from their account alone. Cost: one query.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT r.id, v.id, v.order_no, v.shop_id, v.product_id, r.refund_no, r.state, r.was_settled, v.currency,
               r.refunded_minor, r.promoters_minor, r.platform_minor, r.opened_at, r.ended_at,
               p.sides, p.accounts, p.amounts, p.waits, p.states
        FROM alliance_reversal r JOIN alliance_conversion v ON v.id = r.conversion_id
        LEFT JOIN LATERAL (
            SELECT array_agg(p.side ORDER BY p.id) AS sides, array_agg(p.account ORDER BY p.id) AS accounts,
                   array_agg(p.amount_minor ORDER BY p.id) AS amounts, array_agg(p.waits_minor ORDER BY p.id) AS waits,
                   array_agg(p.state ORDER BY p.id) AS states
            FROM alliance_reversal_part p WHERE p.reversal_id = r.id
              AND (%(mine)s::text IS NULL OR p.account LIKE %(mine)s::text)) AS p ON TRUE
        WHERE (%(state)s::text IS NULL OR r.state = %(state)s::text)
          AND (%(order)s::text IS NULL OR v.order_no = %(order)s::text)
          AND (%(publisher)s::bigint IS NULL OR v.id IN (
                SELECT m.conversion_id FROM alliance_commission m WHERE m.publisher_id = %(publisher)s::bigint))
          AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s::bigint)
        ORDER BY r.id DESC LIMIT %(limit)s
        """,
        {
            "state": state and state.value,
            "order": order_no,
            "publisher": publisher_id,
            "mine": None if publisher_id is None else f"%/publisher:{publisher_id}/%",
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_reversal(columns) for columns in found], limit, lambda reversal: reversal.id)


def count_reversals() -> dict[ReversalState, int]:
    """How many there are in each state. Cost: one query."""
    counted: dict[str, int] = dict(db.rows("SELECT state, count(*) FROM alliance_reversal GROUP BY state"))
    return {state: counted.get(state.value, 0) for state in ReversalState}


def _reversal(columns: tuple[Any, ...]) -> Reversal:
    (reversal_id, conversion_id, order_no, shop_id, product_id, refund_no, state, was_settled, code, refunded,
     promoters, platform, opened_at, ended_at, *parts) = columns  # fmt: skip
    currency = Currency(code)
    return Reversal(
        reversal_id, conversion_id, order_no, shop_id, product_id, refund_no, ReversalState(state), was_settled,
        Money(refunded, currency), Money(promoters, currency), Money(platform, currency), opened_at, ended_at,
        tuple(
            ReversalPart(
                ReversalSide(side), account.split("/")[1], Money(amount, currency), Money(waits, currency),
                ReversalPartState(part_state),
            )
            for side, account, amount, waits, part_state in zip(*(each or () for each in parts), strict=True)
        ),
    )  # fmt: skip
