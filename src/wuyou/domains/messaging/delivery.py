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
        f"WITH {told('SELECT %(message)s::bigint AS id')} SELECT",
        {
            **telling(people, kind, seen_by_id=seen_by_id, seen_up_to=seen_up_to),
            "conversation": conversation_id,
            "message": message_id,
            "now": now,
        },
    )
    realtime.notify(people)


def told(message: str) -> str:
    """The parts of a WITH that write a change for each person; `message` selects the message it is about, or none.

    Takes `telling`, `conversation` and `now`. Where `message` finds no row, nobody is told.
    """
    return f"""
        counted AS (
            INSERT INTO messaging_inbox AS i (person_id, last_number)
            SELECT person_id, 1 FROM unnest(%(people)s::bigint[]) AS t (person_id), ({message}) m ORDER BY person_id
            ON CONFLICT (person_id) DO UPDATE SET last_number = i.last_number + 1
            RETURNING i.person_id, i.last_number),
        told AS (
            INSERT INTO messaging_change
                (person_id, number, kind, conversation_id, message_id, seen_by_id, seen_up_to, at)
            SELECT person_id, last_number, %(change)s, %(conversation)s, m.id, %(seen_by)s, %(seen_up_to)s, %(now)s
            FROM counted, ({message}) m)"""  # noqa: S608  (literals of this domain)


def telling(
    person_ids: Iterable[int], kind: ChangeKind, *, seen_by_id: int | None = None, seen_up_to: int | None = None
) -> dict[str, object]:
    """The parameters of `told`."""
    return {
        "people": sorted(set(person_ids)),
        "change": kind.value,
        "seen_by": seen_by_id,
        "seen_up_to": seen_up_to,
    }
