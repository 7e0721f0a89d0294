"""The event log under slow committers, failing handlers, and several readers at once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import ClassVar

import pytest
from django.db import connection

from wuyou.infra import db, events
from wuyou.infra.events import Subscriber


@dataclass(frozen=True, slots=True)
class Rang:
    name: ClassVar[str] = "tests.rang"
    version: ClassVar[int] = 1
    who: str
    times: tuple[int, ...]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Knocked:
    name: ClassVar[str] = "tests.knocked"
    version: ClassVar[int] = 1
    occurred_at: datetime


class Listener:
    """Remembers what it heard; fails for those it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.failing: set[str] = set()
        self.subscriber = Subscriber("listener", {Rang: self.on_rang})

    def on_rang(self, event: Rang, now: datetime) -> None:
        self.heard.append(event.who)
        db.execute(
            "INSERT INTO idempotency_key (owner, key, request_hash, expires_at) VALUES ('heard', %s, '', %s)",
            [f"{event.who}-{len(self.heard)}", now],
        )
        if event.who in self.failing:
            raise RuntimeError(f"cannot hear {event.who}")


@pytest.fixture
def listener(world: None) -> Listener:
    listener = Listener()
    db.in_transaction(lambda: events.register([listener.subscriber]))
    return listener


def ring(now: datetime, *names: str) -> None:
    db.in_transaction(lambda: events.publish(*(Rang(name, (1, 2), now) for name in names)))


def effects() -> int:
    found = db.row("SELECT count(*) FROM idempotency_key WHERE owner = 'heard'")
    return int(found[0]) if found else 0


def test_events_arrive_whole_in_order_and_once(listener: Listener, now: datetime) -> None:
    ring(now, "a", "b")
    db.in_transaction(lambda: events.publish(Knocked(now)))
    ring(now, "c")

    assert events.drain([listener.subscriber], now) == 3
    assert events.drain([listener.subscriber], now) == 0
    assert listener.heard == ["a", "b", "c"]


def test_rolled_back_event_never_happened(listener: Listener, now: datetime) -> None:
    with contextlib.suppress(KeyError), db.transaction():
        events.publish(Rang("never", (), now))
        raise KeyError

    assert events.drain([listener.subscriber], now) == 0


def test_publish_outside_a_transaction_is_refused(world: None, now: datetime) -> None:
    with pytest.raises(db.TransactionError):
        events.publish(Knocked(now))


def slow_ring(now: datetime, name: str, written: Event, may_commit: Event) -> None:
    try:
        with db.transaction():
            events.publish(Rang(name, (), now))
            written.set()
            may_commit.wait(timeout=10)
    finally:
        connection.close()


def test_slow_committer_is_not_lost(listener: Listener, now: datetime) -> None:
    """An event with the lower number commits after one with the higher: a reader by number alone would skip it."""
    written, may_commit = Event(), Event()
    thread = Thread(target=slow_ring, args=(now, "slow", written, may_commit))
    thread.start()
    written.wait(timeout=10)
    ring(now, "fast")

    early = events.dispatch([listener.subscriber], now)
    may_commit.set()
    thread.join(timeout=10)
    events.drain([listener.subscriber], now)

    assert early == 0
    assert sorted(listener.heard) == ["fast", "slow"]


def test_control_reading_by_number_loses_the_slow_committer(listener: Listener, now: datetime) -> None:
    written, may_commit = Event(), Event()
    thread = Thread(target=slow_ring, args=(now, "slow", written, may_commit))
    thread.start()
    written.wait(timeout=10)
    ring(now, "fast")

    first = db.rows("SELECT seq, payload->>'who' FROM event WHERE seq > 0 ORDER BY seq")
    may_commit.set()
    thread.join(timeout=10)
    second = db.rows("SELECT seq, payload->>'who' FROM event WHERE seq > %s ORDER BY seq", [first[-1][0]])

    assert [who for _, who in first + second] == ["fast"]


def test_failing_event_blocks_its_subscriber_in_order_then_dies_and_can_be_retried(
    listener: Listener, now: datetime
) -> None:
    listener.failing = {"b"}
    ring(now, "a", "b", "c")
    subscribers = [listener.subscriber]

    for wait_s in (0, *events.BACKOFF_S):
        now += timedelta(seconds=wait_s)
        assert "c" not in listener.heard
        events.dispatch(subscribers, now - timedelta(milliseconds=1))
        events.dispatch(subscribers, now)

    events.drain(subscribers, now)
    assert listener.heard[-1] == "c"
    assert effects() == 2
    (letter,) = db.rows("SELECT id, attempts, died_at IS NOT NULL, resolved_at, error FROM event_dead_letter")
    assert (letter[1:4], "cannot hear b" in letter[4]) == ((6, True, None), True)

    assert events.retry_dead_letter(subscribers, letter[0], now) is False
    assert effects() == 2
    listener.failing = set()
    assert events.retry_dead_letter(subscribers, letter[0], now) is True
    assert effects() == 3
    assert events.retry_dead_letter(subscribers, letter[0], now) is False


def test_event_that_recovers_by_itself_leaves_no_open_letter(listener: Listener, now: datetime) -> None:
    listener.failing = {"a"}
    ring(now, "a")
    events.drain([listener.subscriber], now)
    listener.failing = set()

    events.drain([listener.subscriber], now + timedelta(seconds=1))

    assert effects() == 1
    assert db.rows("SELECT died_at, resolved_at FROM event_dead_letter") == [(None, now + timedelta(seconds=1))]


def test_effect_and_cursor_are_one(listener: Listener, now: datetime) -> None:
    """A process that dies after the effect and before the cursor has done neither."""
    ring(now, "a")
    with contextlib.suppress(KeyError), db.transaction():
        events._read_and_handle(listener.subscriber, now, 10)
        raise KeyError

    assert effects() == 0
    assert events.drain([listener.subscriber], now) == 1
    assert effects() == 1


def test_two_dispatchers_handle_every_event_once(listener: Listener, now: datetime) -> None:
    ring(now, *(f"n{number}" for number in range(300)))

    def dispatch() -> None:
        try:
            for _ in range(50):
                events.dispatch([listener.subscriber], now)
        finally:
            connection.close()

    threads = [Thread(target=dispatch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    events.drain([listener.subscriber], now)

    assert sorted(listener.heard) == sorted(f"n{number}" for number in range(300))


def test_log_of_another_server_is_refused_at_the_start(listener: Listener) -> None:
    """After a dump and restore the cursors hold numbers that this server will reach years from now."""
    db.execute("UPDATE event_cursor SET xid = '99999999999'::xid8")

    with pytest.raises(events.LogFromElsewhereError):
        db.in_transaction(lambda: events.register([listener.subscriber]))
