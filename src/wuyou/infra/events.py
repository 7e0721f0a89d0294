"""The event log: written in the transaction that makes a fact true, read in commit order, once.

`publish` is the only way that news travels up the ladder of domains. Each subscriber has one cursor, moved in the same
transaction as the effect of the events that it read, so an effect happens exactly once however often a process dies.
Readers go by `(xid, seq)` and stop at the snapshot's xmin: a reader by `seq > last` would lose the events of slow
committers (docs/adr/0004).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from itertools import groupby
from typing import Any, ClassVar, Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import TypeAdapter

from wuyou.infra import db
from wuyou.infra.metrics import EVENTS_DEAD, EVENTS_HANDLED

log = structlog.get_logger(__name__)

BATCH = 200
PATIENCE_S = 5.0
BACKOFF_S = (1, 5, 15, 30, 60)
"""Seconds to wait after the first, second … failure; after the last one the event is a dead letter."""


# Each kind is read by itself in the order of its index, and stops early: asked for all kinds at once, the server reads
# and sorts everything that is unread for each batch of it; asked for any row of a kind, in no order, it may walk
# through the whole log to find that there is none. An order by `xid` alone would be that of its text, where 10 comes
# before 9: the column that is read has the name too.
_UNREAD_OF = """
    SELECT f.seq, f.xid, f.name, f.payload
    FROM {reader} CROSS JOIN unnest(%(names)s::text[]) AS n (name)
    CROSS JOIN LATERAL (
        SELECT e.seq, e.xid, e.name, e.payload FROM event e
        WHERE e.name = n.name AND (e.xid, e.seq) > (reader.xid, reader.seq)
          AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY e.xid, e.seq LIMIT %(limit)s) AS f
    ORDER BY f.xid, f.seq LIMIT %(limit)s
"""

_NEXT = f"""
    SELECT seq, xid::text, name, payload
    FROM ({_UNREAD_OF.format(reader="(VALUES (%(xid)s::xid8, %(seq)s::bigint)) AS reader (xid, seq)")}) AS unread
    ORDER BY unread.xid, unread.seq
"""  # noqa: S608  (built of constants)

# A cursor that another one holds is passed over. It is moved before its events are handled, in the same transaction:
# together or not at all.
_TAKE = f"""
    WITH reader AS MATERIALIZED (
        SELECT c.xid, c.seq, c.blocked_until IS NOT NULL AS has_failed FROM event_cursor c
        WHERE c.subscriber = %(subscriber)s AND (c.blocked_until IS NULL OR c.blocked_until <= %(now)s)
        FOR UPDATE SKIP LOCKED),
    unread AS MATERIALIZED ({_UNREAD_OF.format(reader="reader")}),
    moved AS (
        UPDATE event_cursor c SET xid = last.xid, seq = last.seq, blocked_until = NULL
        FROM (SELECT xid, seq FROM unread ORDER BY xid DESC, seq DESC LIMIT 1) AS last
        WHERE c.subscriber = %(subscriber)s)
    SELECT unread.seq, unread.xid::text, unread.name, unread.payload, reader.has_failed FROM unread, reader
    ORDER BY unread.xid, unread.seq
"""  # noqa: S608  (built of constants)


def _waiting(condition: str = "TRUE") -> str:
    """The subscribers with something unread that meets a condition on its event `e`."""
    return f"""
        SELECT c.subscriber FROM event_cursor c
        WHERE (c.blocked_until IS NULL OR c.blocked_until <= %s)
          AND EXISTS (SELECT FROM jsonb_array_elements_text(c.names) AS n (name),
                             LATERAL (SELECT FROM event e
                                      WHERE e.name = n.name AND (e.xid, e.seq) > (c.xid, c.seq) AND {condition}
                                      ORDER BY e.xid, e.seq LIMIT 1) AS unread)
    """  # noqa: S608  (the conditions are literals of this module)


_READABLE = _waiting("e.xid < pg_snapshot_xmin(pg_current_snapshot())")
_UNREAD = f"SELECT EXISTS ({_waiting()})"


class DomainEvent(Protocol):
    """A frozen dataclass of plain facts: past tense, versioned, true when published."""

    name: ClassVar[str]
    version: ClassVar[int]

    @property
    def occurred_at(self) -> datetime:
        """When it became true."""
        ...

    __dataclass_fields__: ClassVar[dict[str, Any]]


class LogFromElsewhereError(RuntimeError):
    """The log was restored from another server's dump: its transaction numbers mean nothing here."""


Handler = Callable[[Any, datetime], None]
"""`handle(event, now)`, inside the dispatcher's transaction."""

RunHandler = Callable[[Sequence[Any], datetime], None]
"""`handle(events, now)`, of one kind that follow each other in the log, inside the dispatcher's transaction."""


@dataclass(frozen=True)
class Subscriber:
    """A named reader of the log and what it does with each kind of event."""

    name: str
    handlers: Mapping[type[DomainEvent], Handler] = field(default_factory=dict)
    run_handlers: Mapping[type[DomainEvent], RunHandler] = field(default_factory=dict)
    """For kinds of which many come at once: as many as follow each other are handled by one call."""
    first: Mapping[type[DomainEvent], str] = field(default_factory=dict)
    """Kinds that come first of a thing, and the field that names the thing: without them its later news has no effect,
    so a dead letter of these kinds is handled with all that has gone by of the same thing since."""

    @cached_property
    def by_name(self) -> dict[str, type[DomainEvent]]:
        """Its events by the name that the log knows."""
        return {kind.name: kind for kind in (*self.handlers, *self.run_handlers)}

    def handle(self, events: Sequence[DomainEvent], now: datetime) -> None:
        """Handle events in their order."""
        for kind, run in groupby(events, type):
            if kind in self.run_handlers:
                self.run_handlers[kind](list(run), now)
            else:
                for event in run:
                    self.handlers[kind](event, now)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@db.requires_transaction
def publish(*events: DomainEvent) -> None:
    """Write events to the log, in order, in one statement."""
    if not events:
        return
    db.execute(
        """
        INSERT INTO event (name, version, payload, occurred_at)
        SELECT e.name, e.version, e.payload::jsonb, e.occurred_at
        FROM unnest(%(names)b::text[], %(versions)b::smallint[], %(payloads)b::text[], %(moments)b::timestamptz[])
             WITH ORDINALITY AS e (name, version, payload, occurred_at, place)
        ORDER BY e.place
        """,
        {
            "names": [event.name for event in events],
            "versions": [event.version for event in events],
            "payloads": [_adapter(type(event)).dump_json(event).decode() for event in events],
            "moments": [event.occurred_at for event in events],
        },
    )


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is that keeps no cursor in the database: what a process holds in memory dies with it."""

    xid: str
    seq: int


def position() -> Position:
    """Behind everything that the present snapshot surely sees; some of what comes after it may be seen already."""
    found = db.row("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
    assert found is not None  # noqa: S101  (a function returns a row)
    return Position(found[0], 0)


def read_on(kinds: Sequence[type[DomainEvent]], after: Position, limit: int) -> tuple[list[Any], Position]:
    """The next events of these kinds in commit order, below the oldest running transaction, and how far that is.

    For what a process keeps in memory and makes anew when it starts. What has effects on rows is a `Subscriber`.
    Cost: one query.
    """
    by_name = {kind.name: kind for kind in kinds}
    found = db.rows(_NEXT, {"names": list(by_name), "xid": after.xid, "seq": after.seq, "limit": limit})
    return [_event(by_name[name], payload) for _, _, name, payload in found], (
        Position(found[-1][1], found[-1][0]) if found else after
    )


def subscribers() -> Sequence[Subscriber]:
    """The subscribers of this installation, as `settings.EVENT_SUBSCRIBERS` names them."""
    installed: Sequence[Subscriber] = import_string(settings.EVENT_SUBSCRIBERS)
    return installed


@db.requires_transaction
def register(subscribers: Sequence[Subscriber]) -> None:
    """Give every subscriber its cursor; a new one starts at the beginning of the log."""
    beyond = db.rows("SELECT subscriber FROM event_cursor WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())")
    if beyond:
        raise LogFromElsewhereError(
            "The event log was written by another server, and its readers would wait for ever: "
            "see «Moving to another server» in docs/guides/operating.md."
        )
    for subscriber in subscribers:
        db.execute(
            """
            INSERT INTO event_cursor (subscriber, names, xid, seq) VALUES (%s, %s::jsonb, '0'::xid8, 0)
            ON CONFLICT (subscriber) DO UPDATE SET names = EXCLUDED.names WHERE event_cursor.names <> EXCLUDED.names
            """,
            [subscriber.name, TypeAdapter(list[str]).dump_json(sorted(subscriber.by_name)).decode()],
        )


def dispatch(subscribers: Sequence[Subscriber], now: datetime) -> int:
    """Let every subscriber with unread events handle one batch; returns how many events were handled.

    Entry point: opens its own transactions. Several processes may dispatch: a cursor is handled by one at a time.
    """
    waiting = {name for (name,) in db.rows(_READABLE, [now])}
    return sum(_dispatch_batch(subscriber, now) for subscriber in subscribers if subscriber.name in waiting)


def drain(subscribers: Sequence[Subscriber], now: datetime) -> int:
    """Dispatch until nothing is unread (events cause events); returns how many were handled.

    An event may be committed and not yet readable while an older transaction is open anywhere on the server; such
    events are waited for, up to `PATIENCE_S` after the last progress.
    """
    handled = 0
    waited_until = time.monotonic() + PATIENCE_S
    while True:
        if step := dispatch(subscribers, now):
            handled += step
            waited_until = time.monotonic() + PATIENCE_S
        elif not has_unread(now) or time.monotonic() > waited_until:
            return handled
        else:
            time.sleep(0.002)


def has_unread(now: datetime) -> bool:
    """Whether some subscriber still has something to do, readable already or not."""
    found = db.row(_UNREAD, [now])
    return bool(found and found[0])


def retry_dead_letter(subscribers: Sequence[Subscriber], letter_id: int, now: datetime) -> bool:
    """Handle a dead letter again, in its own transaction; returns whether it succeeded. Entry point.

    What came by meanwhile of the thing that it is the `first` news of is handled after it, in its order, but for what
    is a dead letter itself. Locks: the subscriber's cursor, so no batch of it is handled at the same time.
    """

    def attempt() -> bool:
        db.rows(
            """
            SELECT FROM event_cursor
            WHERE subscriber = (SELECT subscriber FROM event_dead_letter WHERE id = %s) FOR UPDATE
            """,
            [letter_id],
        )
        found = db.row(
            """
            SELECT l.subscriber, e.seq, e.xid::text, e.name, e.payload
            FROM event_dead_letter l JOIN event e ON e.seq = l.event_id
            WHERE l.id = %s AND l.died_at IS NOT NULL AND l.resolved_at IS NULL FOR UPDATE OF l
            """,
            [letter_id],
        )
        if found is None:
            return False
        subscriber = next(s for s in subscribers if s.name == found[0])
        _handle(subscriber, [found[1:], *_passed_since(subscriber, found[1], found[3])], now)
        db.execute("UPDATE event_dead_letter SET resolved_at = %s WHERE id = %s", [now, letter_id])
        return True

    try:
        return db.in_transaction(attempt)
    except Exception:  # noqa: BLE001  (whatever it was, staff reads it on the letter)
        error = traceback.format_exc(limit=-6)
        db.in_transaction(
            lambda: db.execute(
                "UPDATE event_dead_letter SET attempts = attempts + 1, error = %s, failed_at = %s WHERE id = %s",
                [error, now, letter_id],
            )
        )
        return False


def _passed_since(subscriber: Subscriber, seq: int, name: str) -> list[tuple[Any, ...]]:
    """What the subscriber has gone by since an event, of the thing that this is the first news of."""
    thing = subscriber.first.get(subscriber.by_name[name])
    if thing is None:
        return []
    return db.rows(
        """
        SELECT e.seq, e.xid::text, e.name, e.payload
        FROM event f, event_cursor c, event e
        WHERE f.seq = %(seq)s AND c.subscriber = %(subscriber)s AND e.name = ANY(%(names)s)
          AND (e.xid, e.seq) > (f.xid, f.seq) AND (e.xid, e.seq) <= (c.xid, c.seq)
          AND e.payload -> %(thing)s = f.payload -> %(thing)s
          AND NOT EXISTS (SELECT FROM event_dead_letter l WHERE l.subscriber = c.subscriber AND l.event_id = e.seq
                          AND l.died_at IS NOT NULL AND l.resolved_at IS NULL)
        ORDER BY e.xid, e.seq
        """,
        {"seq": seq, "subscriber": subscriber.name, "names": list(subscriber.by_name), "thing": thing},
    )


def _dispatch_batch(subscriber: Subscriber, now: datetime) -> int:
    try:
        return db.in_transaction(lambda: _read_and_handle(subscriber, now, BATCH))
    except Exception:  # noqa: BLE001  (the one to blame is found below, alone)
        log.warning("event_batch_failed", subscriber=subscriber.name)
    handled = 0
    while True:
        try:
            step = db.in_transaction(lambda: _read_and_handle(subscriber, now, 1))
        except Exception as error:  # noqa: BLE001  (recorded, retried with back-off, then a dead letter)
            _record_failure(subscriber, now, error)
            return handled
        if not step:
            return handled
        handled += step


def _read_and_handle(subscriber: Subscriber, now: datetime, limit: int) -> int:
    names = list(subscriber.by_name)
    batch = db.rows(_TAKE, {"subscriber": subscriber.name, "names": names, "limit": limit, "now": now})
    if not batch:
        return 0
    _handle(subscriber, [event for *event, _ in batch], now)
    if batch[0][-1]:
        db.execute(
            "UPDATE event_dead_letter SET resolved_at = %s WHERE subscriber = %s AND event_id = %s AND died_at IS NULL",
            [now, subscriber.name, batch[0][0]],
        )
    EVENTS_HANDLED.labels(subscriber.name).inc(len(batch))
    return len(batch)


def _unread(subscriber: Subscriber, cursor: Sequence[Any], limit: int) -> list[tuple[Any, ...]]:
    return db.rows(_NEXT, {"names": list(subscriber.by_name), "xid": cursor[0], "seq": cursor[1], "limit": limit})


def _handle(subscriber: Subscriber, batch: Sequence[Sequence[Any]], now: datetime) -> None:
    subscriber.handle([_event(subscriber.by_name[name], payload) for _, _, name, payload in batch], now)


def _event(kind: type[DomainEvent], payload: Any) -> Any:
    adapter = _adapter(kind)
    return adapter.validate_json(payload) if isinstance(payload, str) else adapter.validate_python(payload)


def _record_failure(subscriber: Subscriber, now: datetime, error: Exception) -> None:
    """Count the failure of the next unread event; when its attempts are used up, bury it and go on."""

    def record() -> None:
        cursor = db.row("SELECT xid::text, seq FROM event_cursor WHERE subscriber = %s FOR UPDATE", [subscriber.name])
        unread = _unread(subscriber, cursor, 1) if cursor else []
        if not unread:
            return
        seq, xid, name, _ = unread[0]
        text = "".join(traceback.format_exception(error, limit=-6))
        counted = db.row(
            """
            INSERT INTO event_dead_letter (subscriber, event_id, attempts, error, failed_at) VALUES (%s, %s, 1, %s, %s)
            ON CONFLICT (subscriber, event_id) DO UPDATE
            SET attempts = event_dead_letter.attempts + 1, error = EXCLUDED.error, failed_at = EXCLUDED.failed_at
            RETURNING attempts
            """,
            [subscriber.name, seq, text, now],
        )
        attempts = counted[0] if counted else 1
        log.error("event_failed", subscriber=subscriber.name, name=name, seq=seq, attempts=attempts, error=str(error))
        if attempts <= len(BACKOFF_S):
            wait = timedelta(seconds=BACKOFF_S[attempts - 1])
            db.execute(
                "UPDATE event_cursor SET blocked_until = %s WHERE subscriber = %s", [now + wait, subscriber.name]
            )
            return
        db.execute(
            "UPDATE event_dead_letter SET died_at = %s WHERE subscriber = %s AND event_id = %s",
            [now, subscriber.name, seq],
        )
        db.execute(
            "UPDATE event_cursor SET xid = %s::xid8, seq = %s, blocked_until = NULL WHERE subscriber = %s",
            [xid, seq, subscriber.name],
        )
        EVENTS_DEAD.labels(subscriber.name).inc()

    db.in_transaction(record)
