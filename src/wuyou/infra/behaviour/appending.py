"""Writing to the behaviour log: COPY, and another way when something in it is there already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, connection

from wuyou.infra import db
from wuyou.infra.behaviour import partitions
from wuyou.infra.behaviour.types import COLUMNS, Event, Kind, ObjectKind, Source, Whose, liner, ms_of

_NO_PARTITION = "23514"
_LISTED = ", ".join(COLUMNS)
_DAY = COLUMNS.index("day")


@db.requires_transaction
def append(lines: bytes) -> None:
    """Append lines that `liner` made. An event that is there already on its day is passed over.

    COPY is the quickest, and knows no «if it is not there»; a duplicate is rare and makes it fail as a whole. Then the
    lines go through a table of the connection's own. The same event on two days is two rows, of which the lake takes
    the first.
    Locks: two writers of one id wait for each other; in the slow way ids go in order.
    """
    try:
        with db.savepoint():
            _copy(partitions.TABLE, lines)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") == _NO_PARTITION:
            for day in {line.split(b"\t")[_DAY].decode() for line in lines.splitlines()}:
                partitions.make_day(date.fromisoformat(day))
        _append_what_is_new(lines)


@db.requires_transaction
def note(events: Iterable[Event], *, person_id: int, now: datetime) -> None:
    """Say what somebody did, in the transaction that makes it true: twice with one id is once a day.

    For operations and handlers: an event's id is made of what it tells (`uuid5`), so that a repetition makes the same.
    """
    ms = ms_of(now)
    append("".join(map(liner(Whose(Source.SERVER, person_id), ms, ms), events)).encode())


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


def _append_what_is_new(lines: bytes) -> None:
    db.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS behaviour_incoming (LIKE {partitions.TABLE}) ON COMMIT DELETE ROWS"
    )
    _copy("behaviour_incoming", lines)
    db.execute(
        f"INSERT INTO {partitions.TABLE} ({_LISTED}) SELECT {_LISTED} FROM behaviour_incoming ORDER BY event_id "  # noqa: S608
        "ON CONFLICT (event_id, day) DO NOTHING"
    )


def _copy(table: str, lines: bytes) -> None:
    with (
        db.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({_LISTED}) FROM STDIN") as copy,
    ):
        copy.write(lines)
