"""Telling screens: a numbered line for each person, written with what it tells, and a wake-up after the commit.

The counter of a person is locked until the transaction ends. So a person's changes are committed in the order of their
numbers, and whoever has read up to a number has missed nothing below it (docs/adr, «streams»).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wuyou.domains.messaging.types import ChangeKind
from wuyou.infra import db, realtime


def tell(
    person_ids: Iterable[int],
    kind: ChangeKind,
    conversation_id: int,
    now: datetime,
    *,
    message_id: int | None = None,
    seen_by_id: int | None = None,
    seen_up_to: int | None = None,
) -> None:
    """Write a change for each person and wake their streams when it is committed. Locks their counters, by id."""
    people = sorted(set(person_ids))
    if not people:
        return
    db.execute(
        """
        WITH numbered AS (
            INSERT INTO messaging_inbox AS i (person_id, last_number)
            SELECT person_id, 1 FROM unnest(%(people)s::bigint[]) AS t (person_id) ORDER BY person_id
            ON CONFLICT (person_id) DO UPDATE SET last_number = i.last_number + 1
            RETURNING i.person_id, i.last_number)
        INSERT INTO messaging_change
            (person_id, number, kind, conversation_id, message_id, seen_by_id, seen_up_to, at)
        SELECT person_id, last_number, %(kind)s, %(conversation)s, %(message)s, %(seen_by)s, %(seen_up_to)s, %(now)s
        FROM numbered
        """,
        {
            "people": people,
            "kind": kind.value,
            "conversation": conversation_id,
            "message": message_id,
            "seen_by": seen_by_id,
            "seen_up_to": seen_up_to,
            "now": now,
        },
    )
    realtime.notify(people)
