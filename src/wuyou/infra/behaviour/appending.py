"""Writing to the behaviour log: COPY, and another way when something in it is there already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from django.db import IntegrityError, connection

from wuyou.infra import db
from wuyou.infra.behaviour import partitions
from wuyou.infra.behaviour.types import COLUMNS, Event, Kind, ObjectKind, Source, Whose, liner, ms_of

_NO_PARTITION = "23514"
_LISTED = ", ".join(COLUMNS)
_DAY = list(COLUMNS).index("day")

# Where a day has no partition nothing is written, and the day is told: the error would end the caller's transaction.
# Nobody drops one meanwhile: the statement holds the table before it looks.
_NOTE = f"""
    WITH told AS (
        SELECT string_to_array(line, E'\\t', '\\N') AS parts FROM unnest(string_to_array(%s, E'\\n')) AS line
        WHERE line <> ''),
    homeless AS (
        SELECT DISTINCT parts[{_DAY + 1}] AS day FROM told
        WHERE to_regclass('{partitions.TABLE}_' || replace(parts[{_DAY + 1}], '-', '')) IS NULL),
    written AS (
        INSERT INTO {partitions.TABLE} ({_LISTED})
        SELECT {", ".join(f"parts[{place}]::{kind}" for place, kind in enumerate(COLUMNS.values(), 1))}
        FROM told WHERE NOT EXISTS (SELECT FROM homeless) ORDER BY 1
        ON CONFLICT (event_id, day) DO NOTHING)
    SELECT day FROM homeless
"""  # noqa: S608  (built of constants)


class Deed(NamedTuple):
    """What somebody did."""

    person_id: int
    event: Event


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


def deed(
    kind: Kind, what: ObjectKind, object_id: int, *, key: str, person_id: int, at: datetime, value: int | None = None
) -> Deed:
    """One thing that somebody did.

    Args: key: names the fact, so that told twice it is one: `comment:7`; at: when it was done.
    """
    return Deed(
        person_id,
        Event(
            id=str(uuid5(NAMESPACE_OID, key)),
            kind=kind,
            at=ms_of(at),
            object_kind=what,
            object_id=object_id,
            value=value,
        ),
    )


@db.requires_transaction
def note(deeds: Iterable[Deed], *, now: datetime) -> None:
    """Say what people did, in the transaction that makes it true: twice with one id is once a day.

    For operations and handlers. Locks: as `append`, in the order of ids. Cost: one statement.
    """
    ms = ms_of(now)
    lines = "".join(liner(Whose(Source.SERVER, each.person_id), ms, ms)(each.event) for each in deeds)
    if lines and (homeless := db.rows(_NOTE, [lines])):
        for (day,) in homeless:
            partitions.make_day(date.fromisoformat(day))
        db.rows(_NOTE, [lines])


@db.requires_transaction
def note_deed(
    kind: Kind, what: ObjectKind, object_id: int, *, key: str, person_id: int, at: datetime, now: datetime
) -> None:
    """Say one thing that somebody did: `note` of one `deed`."""
    note([deed(kind, what, object_id, key=key, person_id=person_id, at=at)], now=now)


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
