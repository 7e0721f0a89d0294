"""Reads of the event log for those who look after it: what happened, who reads it, and what could not be handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

MOST_UNREAD = 1_000
"""Unread events are counted up to here."""


class LetterState(Enum):
    """Where an event is that a subscriber could not handle at once."""

    TRYING = "trying"
    """The subscriber waits to try it again; its later events wait behind it."""
    DEAD = "dead"
    """Given up: the subscriber went on with the next event, and staff must look."""
    HANDLED = "handled"
    """A later attempt succeeded."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as it stands in the log; `payload` is its JSON text."""

    seq: int
    name: str
    version: int
    payload: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that a subscriber failed on."""

    id: int
    subscriber: str
    state: LetterState
    attempts: int
    error: str
    """The traceback of the last failure."""
    failed_at: datetime
    died_at: datetime | None
    resolved_at: datetime | None
    event: LoggedEvent


@dataclass(frozen=True, slots=True)
class Reader:
    """How far a subscriber has read."""

    subscriber: str
    names: tuple[str, ...]
    """The events it reads."""
    unread_count: int
    """At most `MOST_UNREAD`."""
    blocked_until: datetime | None
    """Set while its next event waits for another attempt."""


# An event that succeeded before it was given up leaves its row behind: the reader's place tells that it went by.
_LETTERS = """
    SELECT * FROM (
        SELECT l.id, l.subscriber,
               CASE WHEN l.resolved_at IS NOT NULL THEN 'handled' WHEN l.died_at IS NOT NULL THEN 'dead'
                    WHEN (c.xid, c.seq) >= (e.xid, e.seq) THEN 'handled' ELSE 'trying' END AS state,
               l.attempts, l.error, l.failed_at, l.died_at, l.resolved_at,
               e.seq, e.name, e.version, e.payload::text, e.occurred_at
        FROM event_dead_letter l JOIN event e ON e.seq = l.event_id
        LEFT JOIN event_cursor c ON c.subscriber = l.subscriber
    ) AS letter
"""


def list_letters(*, state: LetterState | None = None, cursor: int | None = None, limit: int = 50) -> Page[Letter]:
    """Events that a subscriber failed on, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""{_LETTERS}
        WHERE (%(state)s::text IS NULL OR state = %(state)s::text)
          AND (%(cursor)s::bigint IS NULL OR id < %(cursor)s::bigint)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {"state": state.value if state else None, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_letter(columns) for columns in found], limit, lambda letter: letter.id)


def find_letter(letter_id: int) -> Letter | None:
    """One of them, or None. Cost: one query."""
    found = db.row(f"{_LETTERS} WHERE id = %s", [letter_id])
    return _letter(found) if found else None


def count_letters() -> dict[LetterState, int]:
    """How many stand in each state. Cost: one query."""
    found = dict(db.rows(f"SELECT state, count(*) FROM ({_LETTERS}) AS letters GROUP BY state"))  # noqa: S608
    return {state: found.get(state.value, 0) for state in LetterState}


def list_events(*, name: str = "", cursor: int | None = None, limit: int = 50) -> Page[LoggedEvent]:
    """What happened, newest first: of one name, or all. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT seq, name, version, payload::text, occurred_at FROM event
        WHERE (%(name)s::text = '' OR name = %(name)s::text)
          AND (%(cursor)s::bigint IS NULL OR seq < %(cursor)s::bigint)
        ORDER BY seq DESC LIMIT %(limit)s
        """,
        {"name": name, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([LoggedEvent(*columns) for columns in found], limit, lambda event: event.seq)


def list_readers() -> tuple[Reader, ...]:
    """Who reads the log and how far each is, by name. Cost: one query."""
    found = db.rows(
        """
        SELECT c.subscriber, ARRAY(SELECT jsonb_array_elements_text(c.names)),
               (SELECT count(*) FROM (SELECT FROM jsonb_array_elements_text(c.names) AS n (name),
                                                  LATERAL (SELECT FROM event e
                                                           WHERE e.name = n.name AND (e.xid, e.seq) > (c.xid, c.seq)
                                                           ORDER BY e.xid, e.seq LIMIT %(most)s) AS kind
                                      LIMIT %(most)s) AS unread),
               c.blocked_until
        FROM event_cursor c ORDER BY c.subscriber
        """,
        {"most": MOST_UNREAD},
    )
    return tuple(Reader(subscriber, tuple(names), unread, until) for subscriber, names, unread, until in found)


def _letter(columns: Sequence[Any]) -> Letter:
    letter_id, subscriber, state, attempts, error, failed_at, died_at, resolved_at, *event = columns
    return Letter(
        letter_id,
        subscriber,
        LetterState(state),
        attempts,
        error,
        failed_at,
        died_at,
        resolved_at,
        LoggedEvent(*event),
    )
