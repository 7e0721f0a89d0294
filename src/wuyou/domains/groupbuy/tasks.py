"""What time does to teams. Entry points: each team in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.groupbuy import operations
from wuyou.infra.scans import each_due


def expire_due_teams(now: datetime) -> int:
    """End teams whose time is over; returns how many."""
    return each_due(
        """
        SELECT id FROM groupbuy_team WHERE state = 'FORMING' AND expires_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda team_id: operations.expire_team(team_id=team_id, now=now),
    )
