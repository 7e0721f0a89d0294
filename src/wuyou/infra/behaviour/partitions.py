"""Days of the behaviour log: a partition each, made ahead, and dropped once the lake has what is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

from wuyou.infra import db

TABLE = "behaviour_event"
AHEAD_DAYS = 3


def name_of(day: date) -> str:
    """The partition of a day."""
    return f"{TABLE}_{day:%Y%m%d}"


def today(now: datetime) -> date:
    """The day that an event which comes now belongs to: UTC's, so that no law ever moves it."""
    return now.astimezone(UTC).date()


@db.requires_transaction
def make_day(day: date) -> None:
    """Make the partition of a day; twice is once. Locks: the making of days, and the table for a moment."""
    # «If not exists» is not asked again by one who had to wait for another to make it: so they wait before.
    db.rows("SELECT pg_advisory_xact_lock(hashtextextended('behaviour_day', 0))")
    db.execute(
        f"CREATE TABLE IF NOT EXISTS {name_of(day)} PARTITION OF {TABLE} "
        f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    )


def make_days_ahead(now: datetime) -> int:
    """Make today's partition and the next ones; returns how many are new. A task, and what the beacon starts with."""
    wanted = [today(now) + timedelta(days=ahead) for ahead in range(AHEAD_DAYS + 1)]
    missing = sorted(set(wanted) - set(days()))
    for day in missing:
        db.in_transaction(partial(make_day, day))
    return len(missing)


def days() -> list[date]:
    """Days that have a partition, in order. Cost: one query."""
    found = db.rows(
        "SELECT right(inhrelid::regclass::text, 8) FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1", [TABLE]
    )
    return [datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC).date() for (name,) in found]
