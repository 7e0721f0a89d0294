"""What time does to claims. An entry point: each claim in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.aftersales import operations
from wuyou.infra.scans import each_due


def move_overdue_claims(now: datetime) -> int:
    """Whoever let their time pass has agreed, or given up; returns how many."""
    return each_due(
        """
        SELECT id FROM aftersales_claim WHERE due_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda claim_id: operations.let_time_decide(claim_id=claim_id, now=now),
    )
