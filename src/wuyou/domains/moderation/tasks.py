"""What time does to what was decided. An entry point: each decision in a transaction of its own."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import operations
from wuyou.infra.scans import each_due


def finish_due_removals(now: datetime) -> int:
    """Let go what was removed and nobody can appeal about any more; returns how many."""
    return each_due(
        """
        SELECT id FROM moderation_decision WHERE remove_at <= %(now)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda decision_id: operations.finish_removal(decision_id=decision_id, now=now),
    )
