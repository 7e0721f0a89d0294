"""Taking a person out of files: a row says that it waits, and a task writes the files anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wuyou.infra import db
from wuyou.infra.behaviour.types import ObjectKind
from wuyou.infra.lake import files
from wuyou.infra.lake.streams import BEHAVIOUR, EVENT, Stream

Rewrite = Callable[[Stream, date], bool]
_PERSON = ObjectKind.PERSON.value
_COLUMNS = ["person_id", "visitor", "outlet_id", "object_kind", "object_id", "origin_kind", "origin_id"]


@db.requires_transaction
def forget_in_files(*, person_id: int, visitors: Iterable[str], now: datetime) -> None:
    """Say that this person waits to be taken out of the files, with the browsers that are known to be theirs."""
    db.execute(
        """
        INSERT INTO lake_erasure (person_id, visitors, asked_at) VALUES (%s, %s::uuid[], %s)
        ON CONFLICT (person_id) DO UPDATE
        SET visitors = ARRAY(SELECT DISTINCT unnest(lake_erasure.visitors || EXCLUDED.visitors))
        """,
        [person_id, sorted(set(visitors)), now],
    )


def forget_waiting(now: datetime, rewrite: Rewrite) -> int:
    """Take out everybody who waits for it; returns how many. Who dies in between begins again: twice is once.

    Args: rewrite: writes a day's file from its table, which has lost the person; False when it cannot.
    Cost: a few columns of every file of behaviour; those that name the person are written anew.
    """
    waiting = db.rows("SELECT person_id, visitors::text[] FROM lake_erasure ORDER BY asked_at, person_id")
    for person_id, visitors in waiting:
        known = set(visitors) | visitors_in_files(person_id)
        # On record before the files lose what it was read from.
        db.in_transaction(partial(forget_in_files, person_id=person_id, visitors=known, now=now))
        db.in_transaction(partial(_forget_in_table, person_id, sorted(known)))
        for day in files.days_of(BEHAVIOUR.name):
            going, is_named = _count(files.path_of(BEHAVIOUR.name, day), person_id, known)
            if (going or is_named) and not rewrite(BEHAVIOUR, day):
                _filter_day(day, going, partial(_without, person_id=person_id, visitors=known), now)
        for day in files.days_of(EVENT.name):
            if _says_number(files.path_of(EVENT.name, day), person_id):
                rewrite(EVENT, day)
        db.in_transaction(partial(db.execute, "DELETE FROM lake_erasure WHERE person_id = %s", [person_id]))
    return len(waiting)


def visitors_in_files(person_id: int) -> set[str]:
    """Browsers in which somebody was signed in, as far as the files know. Cost: two columns of each."""
    found: set[str] = set()
    for day in files.days_of(BEHAVIOUR.name):
        table = pq.read_table(
            files.path_of(BEHAVIOUR.name, day), columns=["visitor"], filters=[("person_id", "=", person_id)]
        )
        found |= {visitor for visitor in table["visitor"].unique().to_pylist() if visitor}
    return found


def _forget_in_table(person_id: int, visitors: list[str]) -> None:
    """What came in the same browsers before signing in, and after the erasure."""
    db.execute(
        "DELETE FROM behaviour_event WHERE person_id = %s OR (person_id IS NULL AND visitor = ANY(%s::uuid[]))",
        [person_id, visitors],
    )


def _filter_day(day: date, going: int, keep: files.Keep, now: datetime) -> None:
    """Write a day's file anew that its table cannot tell any more.

    What is left is said first: who dies before the file takes its place finds the person in it again.
    """
    path = files.path_of(BEHAVIOUR.name, day)
    left = files.count_rows(path) - going
    # The table has lost the same rows, if it still has the day; nothing is added to a day so old.
    db.in_transaction(
        partial(
            db.execute,
            """
            UPDATE lake_day SET file_rows = %(left)s, compacted_at = %(now)s,
                                table_rows = (SELECT count(*) FROM behaviour_event WHERE day = %(day)s)
            WHERE stream = %(stream)s AND day = %(day)s
            """,
            {"left": left, "now": now, "day": day, "stream": BEHAVIOUR.name},
        )
    )
    files.filter_file(path, keep)


def _count(path: Path, person_id: int, visitors: set[str]) -> tuple[int, bool]:
    """How many rows of a file go, and whether others name the person."""
    going, is_named = 0, False
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=_COLUMNS):
            going += pc.sum(_is_theirs(batch, person_id, visitors)).as_py() or 0
            is_named = is_named or bool(pc.any(_is_named(batch, person_id)).as_py())
    return going, is_named


def _without(batch: pa.RecordBatch, *, person_id: int, visitors: set[str]) -> pa.RecordBatch:
    kept = batch.filter(pc.invert(_is_theirs(batch, person_id, visitors)))
    from_them = _and(_equals(kept["origin_kind"], _PERSON), _equals(kept["origin_id"], person_id))
    emptied = {
        "outlet_id": _equals(kept["outlet_id"], person_id),
        "origin_kind": from_them,
        "origin_id": from_them,
    }
    for name, where in emptied.items():
        place = kept.schema.get_field_index(name)
        column = pc.if_else(where, pa.scalar(None, kept.schema.field(place).type), kept[name])
        kept = kept.set_column(place, name, column)
    return kept


def _is_theirs(batch: pa.RecordBatch, person_id: int, visitors: set[str]) -> pa.Array:
    """Rows that go: theirs, their browsers' without a name, and what others did to them."""
    in_browsers = pc.is_in(batch["visitor"], value_set=pa.array(sorted(visitors), pa.string()))
    nameless = _and(pc.is_null(batch["person_id"]), in_browsers)
    to_them = _and(_equals(batch["object_kind"], _PERSON), _equals(batch["object_id"], person_id))
    return pc.or_(pc.or_(_equals(batch["person_id"], person_id), nameless), to_them)


def _is_named(batch: pa.RecordBatch, person_id: int) -> pa.Array:
    from_them = _and(_equals(batch["origin_kind"], _PERSON), _equals(batch["origin_id"], person_id))
    return pc.or_(_equals(batch["outlet_id"], person_id), from_them)


def _says_number(path: Path, person_id: int) -> bool:
    """Whether the number stands in what a file of the event log says, of a person or of anything else."""
    with pq.ParquetFile(path) as file:
        return any(
            pc.any(pc.match_substring_regex(batch["payload"], rf"\b{person_id}\b")).as_py()
            for batch in file.iter_batches(columns=["payload"])
        )


def _equals(column: pa.Array, value: object) -> pa.Array:
    return pc.fill_null(pc.equal(column, pa.scalar(value)), False)


def _and(one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.and_(one, other)
