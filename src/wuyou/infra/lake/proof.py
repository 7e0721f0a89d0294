"""Every row accounted for: what the table has, what was found when the file was written, what the file has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wuyou.infra import db
from wuyou.infra.behaviour import partitions
from wuyou.infra.lake import files
from wuyou.infra.lake.streams import BEHAVIOUR, EVENT, STREAMS


class State(StrEnum):
    """How the file of a day stands to its table."""

    HOLDS = "holds"
    """All rows of the table are in the file, but those that came before."""
    WAITS = "waits"
    """The table has more since then: the next compaction takes it."""
    ALONE = "alone"
    """The table has dropped the day, and the file is as it was written."""
    BROKEN = "BROKEN"
    """Rows are missing, or too many: somebody must look."""


@dataclass(frozen=True, slots=True)
class DayProof:
    """One day of one stream."""

    stream: str
    day: date
    table_rows: int | None
    """None when the table no longer keeps the day."""
    file_rows: int
    duplicate_rows: int
    """Rows of the table that are in an earlier day's file."""
    state: State


def verify() -> tuple[DayProof, ...]:
    """Compare tables and files day by day; writes nothing. Cost: a count of each table, and the end of each file."""
    said = {
        (stream, day): (table_rows, file_rows)
        for stream, day, table_rows, file_rows in db.rows("SELECT stream, day, table_rows, file_rows FROM lake_day")
    }
    kept = set(partitions.days())
    in_table: dict[tuple[str, date], int] = {
        (BEHAVIOUR.name, day): rows for day, rows in db.rows("SELECT day, count(*) FROM behaviour_event GROUP BY 1")
    }
    in_table |= {
        (EVENT.name, day): rows
        for day, rows in db.rows("SELECT (occurred_at AT TIME ZONE 'UTC')::date, count(*) FROM event GROUP BY 1")
    }
    on_disk = {
        (stream, day): files.count_rows(files.path_of(stream, day))
        for stream in STREAMS
        for day in files.days_of(stream)
    }
    is_forgetting = bool(db.row("SELECT 1 FROM lake_erasure LIMIT 1"))
    proofs = []
    for key in sorted({*said, *in_table, *on_disk}):
        stream, day = key
        is_kept = stream == EVENT.name or day in kept
        rows = in_table.get(key, 0) if is_kept else None
        found, written = said.get(key, (0, 0))
        there = on_disk.get(key, 0)
        state = _state(rows, found, written, there)
        if state is State.BROKEN and is_forgetting:
            state = State.WAITS  # the table has lost somebody, and the file is about to
        proofs.append(DayProof(stream, day, rows, there, found - written, state))
    return tuple(proofs)


def _state(rows: int | None, found: int, written: int, there: int) -> State:
    if there != written:
        return State.BROKEN
    if rows is None:
        return State.ALONE
    if rows < found:
        return State.BROKEN
    return State.WAITS if rows > found else State.HOLDS
