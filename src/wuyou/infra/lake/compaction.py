"""From the tables into the files, day by day, and out of the table what is safe in a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from wuyou.infra import db, events
from wuyou.infra.behaviour import RESEND_DAYS, partitions
from wuyou.infra.lake import erasure, files
from wuyou.infra.lake.streams import BEHAVIOUR, EVENT, Stream, bounds

log = structlog.get_logger(__name__)

KEPT_DAYS = 16
"""Days of behaviour that the table keeps: a day is written anew only while those are there that may hold the same."""
_COMPARED_DAYS = RESEND_DAYS + 1
_LOCK = 7_263_002
"""Key of the advisory lock; the registry of such keys is docs/reference/locks.md."""


class BusyError(RuntimeError):
    """Another process writes the lake just now."""


def compact(now: datetime) -> int:
    """Bring the files up to the tables, and drop days from the table that are safe; returns how many files it wrote.

    A task. First of all what waits to be forgotten. Raises: `BusyError`.
    """
    with alone():
        files.sweep()
        erasure.forget_waiting(now, partial(_rewrite, now=now))
        written = sum(_rewrite(BEHAVIOUR, day, now=now) for day in _changed_days())
        written += _compact_events(now)
        drop_old_days(now)
    return written


@contextmanager
def alone() -> Iterator[None]:
    """Be the only one who writes the lake. Raises: `BusyError`."""
    found = db.row("SELECT pg_try_advisory_lock(%s)", [_LOCK])
    if not found or not found[0]:
        raise BusyError("another process writes the lake just now")
    try:
        yield
    finally:
        db.rows("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _rewrite(stream: Stream, day: date, *, now: datetime) -> bool:
    """Write the file of a day from the table, then say so; False when the table cannot tell the day any more.

    Between the two lies the only moment in which a file knows more than `lake_day`: who dies there writes it again.
    """
    if stream is BEHAVIOUR and not _can_tell(day):
        return False
    rows, duplicates = files.write_day(stream, day)
    db.in_transaction(partial(_say, stream.name, day, rows, duplicates, now))
    return True


def _can_tell(day: date) -> bool:
    """Whether the table has the day, and all days with which it must be compared."""
    there = set(partitions.days())
    said = {each for (each,) in db.rows("SELECT day FROM lake_day WHERE stream = %s", [BEHAVIOUR.name])}
    compared = files.days_between(day - timedelta(days=_COMPARED_DAYS), day)
    return day in there and all(each in there for each in compared if each in said)


def drop_old_days(now: datetime) -> int:
    """Drop days from the table that the lake holds whole and that nothing is compared with; returns how many."""
    oldest_kept = partitions.today(now) - timedelta(days=KEPT_DAYS)
    return sum(db.in_transaction(partial(_drop, day)) for day in partitions.days() if day < oldest_kept)


def _changed_days() -> list[date]:
    """Days of behaviour whose table is not what it was when the file was written."""
    said: dict[date, int] = dict(db.rows("SELECT day, table_rows FROM lake_day WHERE stream = %s", [BEHAVIOUR.name]))
    counted: dict[date, int] = dict(db.rows("SELECT day, count(*) FROM behaviour_event GROUP BY day"))
    return [day for day in partitions.days() if counted.get(day, 0) != said.get(day, 0)]


def _compact_events(now: datetime) -> int:
    """Days of the event log in which something was committed since the last time.

    Readers of the log go by transaction numbers, and so does this one: what was running when it looked is looked at
    again by the next.
    """
    # A number that is yet to come is of the server from which the log was restored: then all days are looked at.
    reached = db.row(
        "SELECT xid::text FROM lake_reach WHERE stream = %s AND xid <= pg_snapshot_xmax(pg_current_snapshot())",
        [EVENT.name],
    )
    position = events.position()
    days = db.rows(
        "SELECT DISTINCT (occurred_at AT TIME ZONE 'UTC')::date FROM event WHERE xid >= %s::xid8 ORDER BY 1",
        [reached[0] if reached else "0"],
    )
    written = sum(_rewrite(EVENT, day, now=now) for (day,) in days)
    db.in_transaction(
        partial(
            db.execute,
            """
            INSERT INTO lake_reach (stream, xid) VALUES (%s, %s::xid8)
            ON CONFLICT (stream) DO UPDATE SET xid = EXCLUDED.xid
            """,
            [EVENT.name, position.xid],
        )
    )
    return written


def _say(stream: str, day: date, rows: int, duplicates: int, now: datetime) -> None:
    db.execute(
        """
        INSERT INTO lake_day (stream, day, table_rows, file_rows, compacted_at)
        VALUES (%(stream)s, %(day)s, %(rows)s, %(left)s, %(now)s)
        ON CONFLICT (stream, day) DO UPDATE
        SET table_rows = EXCLUDED.table_rows, file_rows = EXCLUDED.file_rows, compacted_at = EXCLUDED.compacted_at
        """,
        {"stream": stream, "day": day, "rows": rows, "left": rows - duplicates, "now": now},
    )


def _drop(day: date) -> bool:
    """Drop a day's partition, if its file has all of it; whoever would write to it waits meanwhile."""
    db.execute(f"LOCK TABLE {partitions.name_of(day)} IN ACCESS EXCLUSIVE MODE")
    counted = db.row(BEHAVIOUR.counts, bounds(day))
    said = db.row("SELECT table_rows, file_rows FROM lake_day WHERE stream = %s AND day = %s", [BEHAVIOUR.name, day])
    rows = counted[0] if counted else 0
    if rows and (said is None or said[0] != rows or said[1] != files.count_rows(files.path_of(BEHAVIOUR.name, day))):
        log.error("lake_day_differs", day=str(day), rows=rows)
        return False
    db.execute(f"DROP TABLE {partitions.name_of(day)}")
    return True
