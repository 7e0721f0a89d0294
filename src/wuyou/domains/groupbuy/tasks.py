"""What time does to teams. Entry points: each team in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from wuyou.domains.groupbuy import operations
from wuyou.infra import db

BATCH = 200


def expire_due_teams(now: datetime) -> int:
    """End teams whose time is over; returns how many."""
    due = db.rows(
        "SELECT id FROM groupbuy_team WHERE state = 'FORMING' AND expires_at <= %s ORDER BY expires_at LIMIT %s",
        [now, BATCH],
    )
    return sum(db.in_transaction(partial(operations.expire_team, team_id=team_id, now=now)) for (team_id,) in due)
