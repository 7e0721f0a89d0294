"""What the behaviour log and its files hold of a person: given to them, and taken out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wuyou.infra import db
from wuyou.infra.behaviour import partitions
from wuyou.infra.behaviour.types import ObjectKind
from wuyou.infra.lake import files
from wuyou.infra.lake.erasure import forget_in_files, visitors_in_files
from wuyou.infra.lake.streams import BEHAVIOUR
from wuyou.infra.person_data import PersonColumns, Records

PERSON_COLUMNS = PersonColumns(
    erased=(
        "behaviour_event.person_id",
        "behaviour_event.outlet_id",
        "behaviour_event.object_id",
        "behaviour_event.origin_id",
        "lake_erasure.person_id",
    ),
)
"""`object_id` and `origin_id` are a person's where the kind beside them says so. A row of `lake_erasure` says that
files still have to be written anew; it goes when they are."""

_TOLD = (
    "kind",
    "happened_at_ms",
    "object_kind",
    "object_id",
    "surface",
    "list",
    "position",
    "origin_kind",
    "origin_id",
    "value",
    "mark",
)
_OF_THEM = "(person_id = %(person)s OR (person_id IS NULL AND visitor = ANY(%(visitors)s::uuid[])))"
"""Also what was done in the same browser before they signed in: a visitor is known to be them once they have."""


def export_person(person_id: int) -> Iterator[Records]:
    """What they saw and did, oldest first: of the days that only files have, then of those in the table."""
    visitors = sorted({*_visitors_in_table(person_id), *visitors_in_files(person_id)})
    found = [*_in_files(person_id, visitors), *_in_table(person_id, visitors)]
    yield "behaviour", [_told(record) for record in found]


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Take out what they did, and what others did to them; an outlet of theirs loses its name, and its events stay.

    The files are written anew by the next compaction, for which a row waits.
    Cost: a scan of the days that the table keeps; it happens once in a person's life.
    """
    visitors = _visitors_in_table(person_id)
    forget_in_files(person_id=person_id, visitors=visitors, now=now)
    facts = {"person": person_id, "visitors": visitors, "kind": ObjectKind.PERSON.value}
    db.execute(
        f"DELETE FROM behaviour_event WHERE {_OF_THEM} OR (object_kind = %(kind)s AND object_id = %(person)s)",  # noqa: S608
        facts,
    )
    db.execute(
        """
        UPDATE behaviour_event SET origin_kind = NULL, origin_id = NULL
        WHERE origin_kind = %(kind)s AND origin_id = %(person)s
        """,
        facts,
    )
    db.execute("UPDATE behaviour_event SET outlet_id = NULL WHERE outlet_id = %(person)s", facts)


def _visitors_in_table(person_id: int) -> list[str]:
    sql = "SELECT DISTINCT visitor::text FROM behaviour_event WHERE person_id = %s AND visitor IS NOT NULL ORDER BY 1"
    return [visitor for (visitor,) in db.rows(sql, [person_id])]


def _in_table(person_id: int, visitors: list[str]) -> list[dict[str, Any]]:
    return db.records(
        f"SELECT {', '.join(_TOLD)} FROM behaviour_event WHERE {_OF_THEM} ORDER BY happened_at_ms, event_id",  # noqa: S608
        {"person": person_id, "visitors": visitors},
    )


def _in_files(person_id: int, visitors: list[str]) -> Iterator[dict[str, Any]]:
    there = set(partitions.days())
    for day in files.days_of(BEHAVIOUR.name):
        if day in there:
            continue
        table = pq.read_table(files.path_of(BEHAVIOUR.name, day))
        mine = pc.fill_null(pc.equal(table["person_id"], person_id), False)
        in_browsers = pc.is_in(table["visitor"], value_set=pa.array(visitors, pa.string()))
        theirs = pc.and_(pc.is_null(table["person_id"]), in_browsers)
        yield from table.filter(pc.or_(mine, theirs)).select(list(_TOLD)).to_pylist()


def _told(record: dict[str, Any]) -> dict[str, Any]:
    told = {**record, "happened_at": datetime.fromtimestamp(record["happened_at_ms"] / 1000, UTC)}
    del told["happened_at_ms"]
    for what in ("object", "origin"):
        # Another person is named as such, and only to a reader who may meet them.
        if told[f"{what}_kind"] == ObjectKind.PERSON:
            told[f"{what}_person_id"] = told.pop(f"{what}_id")
    return told
