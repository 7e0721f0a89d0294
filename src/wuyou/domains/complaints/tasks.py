"""What time does to complaints. Entry points: each complaint in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.complaints import operations
from wuyou.infra.scans import each_due


def pass_on_overdue_complaints(now: datetime) -> int:
    """What a seller left unanswered for 48 hours goes to staff; returns how many."""
    return each_due(
        """
        SELECT id FROM complaints_complaint WHERE state = 'OPEN' AND answer_by <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda complaint_id: operations.pass_on_overdue(complaint_id=complaint_id, now=now),
    )


def close_unobjected_complaints(now: datetime) -> int:
    """What a buyer has not objected to for a week is solved; returns how many."""
    return each_due(
        """
        SELECT id FROM complaints_complaint WHERE state = 'ANSWERED' AND closes_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda complaint_id: operations.close_unobjected(complaint_id=complaint_id, now=now),
    )
