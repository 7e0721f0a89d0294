"""What time does to conversations. Entry points."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.messaging import operations
from wuyou.infra import db


def forget_changes(now: datetime) -> int:
    """Drop what every screen has long read."""
    return db.in_transaction(lambda: operations.forget_old_changes(now=now))
