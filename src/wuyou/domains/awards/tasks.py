"""What time does to awards. Entry points: each round in a transaction of its own."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from wuyou.domains.awards import operations, queries
from wuyou.infra import db

log = structlog.get_logger(__name__)


def give_due_awards(now: datetime) -> int:
    """Give every award for the months that are final by now; returns how many rounds."""
    given = 0
    for award_id, month in queries.due_rounds(now):
        try:
            given += db.in_transaction(partial(operations.give_award, award_id=award_id, month=month, now=now))
        except Exception:
            log.exception("award_not_given", award=award_id, month=str(month))
    return given
