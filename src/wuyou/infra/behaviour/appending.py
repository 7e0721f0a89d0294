"""Writing to the behaviour log: COPY, and another way when something in it is there already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, connection

from wuyou.infra import db
from wuyou.infra.behaviour import partitions
from wuyou.infra.behaviour.types import COLUMNS, Event, Kind, ObjectKind, Source, Whose, day_of, liner, ms_of

_NO_PARTITION = "23514"
_LISTED = ", ".join(COLUMNS)
_DAY = COLUMNS.index("day")
_TYPES = {
    **dict.fromkeys(("event_id", "visitor", "session"), "uuid"),
    **dict.fromkeys(("happened_at_ms", "received_at_ms", "object_id", "origin_id", "value"), "bigint"),
    **dict.fromkeys(("person_id", "outlet_id"), "bigint"),
    "position": "smallint",
    "day": "date",
}
"""Of the columns that are no text."""
_PARTS = ", ".join(f"part[{place}]::{_TYPES.get(name, 'text')}" for place, name in enumerate(COLUMNS, 1))
# In the order of the ids, so that two writers of the same ones wait for each other and never in a ring.
_NEW = f"""
    INSERT INTO {partitions.TABLE} ({_LISTED})
    SELECT {_PARTS}
    FROM string_to_table(rtrim(%s, E'\\n'), E'\\n') AS line, string_to_array(line, E'\\t', E'\\\\N') AS part
    ORDER BY part[1]::uuid
    ON CONFLICT (event_id, day) DO NOTHING
"""  # noqa: S608  (our own text)

_days_known: set[str] = set()
"""Days of which this process has seen the partition. Those of days gone by are dropped; nothing is noted of them."""


@db.requires_transaction
def append(lines: bytes) -> None:
    """Append lines that `liner` made. An event that is there already on its day is passed over.

    COPY is the quickest, and knows no «if it is not there»; a duplicate is rare and makes it fail as a whole. Then the
    lines are put in by a statement that knows it. The same event on two days is two rows, of which the lake takes
    the first.
    Locks: two writers of one id wait for each other; in the slow way ids go in order.
    """
    try:
        with db.savepoint():
            _copy(lines)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") == _NO_PARTITION:
            for day in {line.split(b"\t")[_DAY].decode() for line in lines.splitlines()}:
                partitions.make_day(date.fromisoformat(day))
        db.execute(_NEW, [lines.decode()])


@db.requires_transaction
def note(events: Iterable[Event], *, person_id: int, now: datetime) -> None:
    """Say what somebody did, in the transaction that makes it true: twice with one id is once a day.

    For operations and handlers: an event's id is made of what it tells (`uuid5`), so that a repetition makes the same.
    Cost: one statement; two more for the first of a day in each process.
    """
    ms = ms_of(now)
    if lines := "".join(map(liner(Whose(Source.SERVER, person_id), ms, ms), events)):
        _be_sure_of_day(day_of(ms))
        db.execute(_NEW, [lines])


@db.requires_transaction
def note_deed(
    kind: Kind, what: ObjectKind, object_id: int, *, key: str, person_id: int, at: datetime, now: datetime
) -> None:
    """Say one thing that somebody did.

    Args: key: names the fact, so that told twice it is one: `comment:7`; at: when it was done; now: when it is noted.
    """
    event = Event(
        id=str(uuid5(NAMESPACE_OID, key)),
        kind=kind,
        at=ms_of(at),
        object_kind=what,
        object_id=object_id,
    )
    note([event], person_id=person_id, now=now)


def _be_sure_of_day(day: str) -> None:
    """Make the partition of a day unless it is known to be there: a statement that misses it ends the transaction."""
    if day not in _days_known:
        partitions.make_day(date.fromisoformat(day))
        db.after_commit(lambda: _days_known.add(day))


def _copy(lines: bytes) -> None:
    with (
        db.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {partitions.TABLE} ({_LISTED}) FROM STDIN") as copy,
    ):
        copy.write(lines)
