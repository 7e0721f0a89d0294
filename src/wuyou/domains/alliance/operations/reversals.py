"""What buyers ask back of commissioned sales, until it is taken back, or not.

OPEN → DROPPED | REDUCED | COLLECTING | COLLECTED; COLLECTING → COLLECTED | FORGIVEN. What a refund takes back is kept
by `reverse_commissions`, in the transaction that books it.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import queries, reversing
from wuyou.infra import db


@db.requires_transaction
def open_reversals(*, order_id: int, now: datetime) -> int:
    """A buyer asks money back for an order: what it pays may be taken back. Twice is once; returns how many lines.

    Locks: the conversions of the order. Cost: two statements.
    """
    queries.standings_of_order(order_id)
    return db.execute(
        """
        INSERT INTO alliance_reversal (conversion_id, refund_no, state, was_settled, refunded_minor, promoters_minor,
                                       platform_minor, opened_at)
        SELECT v.id, '', 'OPEN', v.state = 'SETTLED', 0, 0, 0, %s FROM alliance_conversion v
        WHERE v.order_id = %s AND v.state <> 'INVALID' AND NOT v.is_void ORDER BY v.id
        ON CONFLICT (conversion_id) WHERE state = 'OPEN' DO NOTHING
        """,
        [now, order_id],
    )


@db.requires_transaction
def drop_reversals(*, order_id: int, now: datetime) -> int:
    """The buyer's claim has ended: what no refund has come of is dropped. Returns how many. Cost: two statements.

    Locks: the conversions of the order.
    """
    queries.standings_of_order(order_id)
    return db.execute(
        """
        UPDATE alliance_reversal r SET state = 'DROPPED', ended_at = %s FROM alliance_conversion v
        WHERE v.id = r.conversion_id AND v.order_id = %s AND r.state = 'OPEN'
        """,
        [now, order_id],
    )


@db.requires_transaction
def collect_reversals_of(*, account: str, now: datetime) -> int:
    """Later earnings, or a write-off, have come up for what an account owed; returns how many parts have ended.

    Locks: its waiting parts. Cost: four statements.
    """
    return reversing.collect([account], now)
