"""Every write of insight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from wuyou.domains.insight.types import Cell
from wuyou.infra import db


@db.requires_transaction
def keep_day(*, day: date, rows: Sequence[Sequence[Cell]]) -> int:
    """Keep what a day brought each object, in place of what was kept of it before; returns how many objects.

    Args: rows: kind and id of the object, people, exposures, seconds of dwell, clicks, milliseconds of the median
        dwell, presses onward.
    """
    db.execute("DELETE FROM insight_daily_figure WHERE day = %s", [day])
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 8
    return db.execute(
        """
        INSERT INTO insight_daily_figure (day, object_kind, object_id, people, exposures, dwell_s, clicks,
                                          dwell_median_ms, onward)
        SELECT %s::date, t.* FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                                         %s::bigint[], %s::bigint[], %s::bigint[]) t
        """,
        [day, *columns],
    )


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget what days brought a person as something to look at; of what they did no row here knows."""
    db.execute("DELETE FROM insight_daily_figure WHERE object_kind = 'person' AND object_id = %s", [person_id])
