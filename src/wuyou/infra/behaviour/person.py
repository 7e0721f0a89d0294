"""What the behaviour log holds of a person: given to them, and taken out of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from wuyou.infra import db
from wuyou.infra.behaviour.types import ObjectKind
from wuyou.infra.person_data import PersonColumns, Records

PERSON_COLUMNS = PersonColumns(
    erased=(
        "behaviour_event.person_id",
        "behaviour_event.outlet_id",
        "behaviour_event.object_id",
        "behaviour_event.origin_id",
    ),
)
"""`object_id` and `origin_id` are a person's where the kind beside them says so."""

_OF_THEM = """
    (person_id = %(person)s
     OR (person_id IS NULL AND visitor IN (SELECT visitor FROM behaviour_event WHERE person_id = %(person)s)))
"""
"""Also what was done in the same browser before they signed in: a visitor is known to be them once they have."""


def export_person(person_id: int) -> Iterator[Records]:
    """What they saw and did, oldest first."""
    found = db.records(
        f"""
        SELECT kind, happened_at_ms, object_kind, object_id, surface, list, position, origin_kind, origin_id,
               value, mark
        FROM behaviour_event WHERE {_OF_THEM} ORDER BY happened_at_ms, event_id
        """,  # noqa: S608
        {"person": person_id},
    )
    for record in found:
        record["happened_at"] = datetime.fromtimestamp(record.pop("happened_at_ms") / 1000, UTC)
        for what in ("object", "origin"):
            # Another person is named as such, and only to a reader who may meet them.
            if record[f"{what}_kind"] == ObjectKind.PERSON:
                record[f"{what}_person_id"] = record.pop(f"{what}_id")
    yield "behaviour", found


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Take out what they did, and what others did to them; an outlet of theirs loses its name, and its events stay.

    Cost: a scan of the days that the table keeps; it happens once in a person's life.
    """
    facts = {"person": person_id, "kind": ObjectKind.PERSON.value}
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
