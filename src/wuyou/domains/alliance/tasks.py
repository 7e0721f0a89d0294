"""What time does in the alliance. Entry points: each row in a transaction of its own, so a crash loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog

from wuyou.domains.alliance import flagging, operations, queries
from wuyou.infra import db
from wuyou.infra.scans import each_due

log = structlog.get_logger(__name__)

LOOKED_AT = timedelta(days=90)
"""For how long after it was recorded a conversion is looked at."""
_PAGE = 500


def flag_conversions(now: datetime) -> int:
    """Hold what the rules find of what was sold in the last 90 days; returns for how many something is new."""
    held = after = 0
    while looks := queries.looks_after(after, since=now - LOOKED_AT, limit=_PAGE):
        for look in looks:
            found = flagging.findings_of(look)
            if not found:
                continue
            hold = partial(operations.hold_conversion, conversion_id=look.conversion_id, found=found, now=now)
            try:
                held += db.in_transaction(hold)
            except Exception:
                log.exception("conversion_not_held", conversion=look.conversion_id)
        after = looks[-1].conversion_id
    return held


def collect_reversals(now: datetime) -> int:
    """See which accounts have come up for what refunds took back of them; returns how many parts have ended."""
    accounts = db.rows("SELECT DISTINCT account FROM alliance_reversal_part WHERE state = 'WAITING' ORDER BY account")
    return sum(
        db.in_transaction(partial(operations.collect_reversals_of, account=account, now=now)) for (account,) in accounts
    )


def end_due_holds(now: datetime) -> int:
    """What nobody appealed is void, what staff did not decide is released; returns how many."""
    return each_due(
        """
        SELECT id FROM alliance_hold WHERE due_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda hold_id: operations.end_hold_by_time(hold_id=hold_id, now=now),
    )


def tell_of_activities(now: datetime) -> int:
    """Tell publishers of what has begun for them alone since it was opened; returns of how many activities."""
    return each_due(
        """
        SELECT id FROM alliance_activity
        WHERE only_id IS NOT NULL AND told_at IS NULL AND from_at <= %(now)s AND until_at > %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda activity_id: operations.tell_of_activity(activity_id=activity_id, now=now),
    )
