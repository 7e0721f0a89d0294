"""What goes into the lake: two streams of rows, and how one day of each is read from its table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from wuyou.infra.behaviour import RESEND_DAYS, partitions


@dataclass(frozen=True, slots=True)
class Stream:
    """A table as days of files.

    Args: rows: a statement for the rows of a day, in the order of the file; counts: one for its rows in the table and
        those of them that do not go into the file. Both take `day`, `begins` and `ends`.
    """

    name: str
    schema: pa.Schema
    rows: str
    counts: str


_NUMBER, _TEXT = pa.int64(), pa.string()

# The same event of two days is of the earlier one. A sender sends it again within RESEND_DAYS, and a day more lies
# between what two clocks call today.
_CAME_BEFORE = f"""
    EXISTS (SELECT FROM {partitions.TABLE} before WHERE before.event_id = e.event_id
            AND before.day >= e.day - {RESEND_DAYS + 1} AND before.day < e.day)
"""

BEHAVIOUR = Stream(
    "behaviour",
    pa.schema(
        [
            ("event_id", _TEXT),
            ("received_at_ms", _NUMBER),
            ("happened_at_ms", _NUMBER),
            ("kind", _TEXT),
            ("source", _TEXT),
            ("person_id", _NUMBER),
            ("visitor", _TEXT),
            ("session", _TEXT),
            ("outlet_id", _NUMBER),
            ("object_kind", _TEXT),
            ("object_id", _NUMBER),
            ("surface", _TEXT),
            ("list", _TEXT),
            ("position", _NUMBER),
            ("origin_kind", _TEXT),
            ("origin_id", _NUMBER),
            ("value", _NUMBER),
            ("mark", _TEXT),
        ]
    ),
    rows=f"""
        SELECT event_id, received_at_ms, happened_at_ms, kind, source, person_id, visitor, session, outlet_id,
               object_kind, object_id, surface, list, position, origin_kind, origin_id, value, mark
        FROM {partitions.TABLE} e WHERE day = %(day)s AND NOT {_CAME_BEFORE} ORDER BY happened_at_ms, event_id
    """,  # noqa: S608
    counts=f"""
        SELECT count(*), count(*) FILTER (WHERE {_CAME_BEFORE}) FROM {partitions.TABLE} e WHERE day = %(day)s
    """,  # noqa: S608
)

EVENT = Stream(
    "event",
    pa.schema(
        [("seq", _NUMBER), ("name", _TEXT), ("version", _NUMBER), ("payload", _TEXT), ("occurred_at_ms", _NUMBER)]
    ),
    rows="""
        SELECT seq, name, version, payload::text, (extract(epoch FROM occurred_at) * 1000)::bigint
        FROM event WHERE occurred_at >= %(begins)s AND occurred_at < %(ends)s ORDER BY occurred_at, seq
    """,
    counts="SELECT count(*), 0 FROM event WHERE occurred_at >= %(begins)s AND occurred_at < %(ends)s",
)

STREAMS = {stream.name: stream for stream in (BEHAVIOUR, EVENT)}


def bounds(day: date) -> dict[str, object]:
    """What the statements take: a day of UTC."""
    begins = datetime.combine(day, time(), UTC)
    return {"day": day, "begins": begins, "ends": begins + timedelta(days=1)}
