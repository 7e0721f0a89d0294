"""The event log under slow committers, failing handlers, and several readers at once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import ClassVar

import pytest
from django.db import connection

from wuyou.infra import db, event_log, events
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


def test_numbers_of_transactions_are_read_as_numbers(listener: Listener, now: datetime) -> None:
    """As texts, 100 would come before 99, and whoever had read both would stand at 99 again."""
    for xid in (99, 100):
        db.execute(
            """
            INSERT INTO event (xid, name, version, payload, occurred_at)
            VALUES (%s::text::xid8, %s, 1, jsonb_build_object('who', %s::text, 'times', '[]'::jsonb,
                                                              'occurred_at', %s::timestamptz), %s)
            """,
            [str(xid), Rang.name, str(xid), now, now],
        )

    first, second = events.dispatch([listener.subscriber], now), events.dispatch([listener.subscriber], now)

    assert listener.heard == ["99", "100"]
    assert (first, second) == (2, 0)


def test_who_has_nothing_to_do_reads_nothing_of_what_others_read(listener: Listener, now: datetime) -> None:
    """Also where the statistics say that the log holds nothing but one kind."""
    db.execute(
        """
        INSERT INTO event (xid, name, version, payload, occurred_at)
        SELECT (100 + n)::text::xid8, %s, 1, '{}', %s FROM generate_series(1, 3000) n
        """,
        [Knocked.name, now],
    )
    db.execute("ANALYZE event")
    before = rows_read_of_the_log()

    events.dispatch([listener.subscriber], now)
    events.has_unread(now)
    event_log.list_readers()
    found, _ = events.read_on([Rang], events.Position("0", 0), 10)

    assert found == []
    assert rows_read_of_the_log() == before


def test_batch_reads_no_more_than_it_handles(listener: Listener, now: datetime) -> None:
    ring(now, *(str(number) for number in range(3 * events.BATCH)))
    db.execute("ANALYZE event")
    before = rows_read_of_the_log()

    handled = events.dispatch([listener.subscriber], now)

    assert handled == events.BATCH
    # One more is looked at to see that something is to be done.
    assert rows_read_of_the_log() - before <= events.BATCH + 1


def rows_read_of_the_log() -> int:
    db.execute("SELECT pg_stat_force_next_flush()")
    found = db.row("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'event'")
    return int(found[0]) if found else 0


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


def first_news(listener: Listener) -> Subscriber:
    """The listener, for whom what somebody rang first comes before all else that they ring."""
    return replace(listener.subscriber, first={Rang: "who"})


def bury(listener: Listener, subscriber: Subscriber, now: datetime, who: str) -> int:
    """Let the first ring of somebody become a dead letter; returns its number."""
    listener.failing = {who}
    ring(now, who)
    for wait_s in (0, *events.BACKOFF_S):
        now += timedelta(seconds=wait_s)
        events.dispatch([subscriber], now)
    listener.failing = set()
    ((letter_id,),) = db.rows("SELECT id FROM event_dead_letter WHERE died_at IS NOT NULL AND resolved_at IS NULL")
    return int(letter_id)


def test_letter_of_first_news_is_handled_with_what_went_by_of_the_same_thing(listener: Listener, now: datetime) -> None:
    subscriber = first_news(listener)
    letter_id = bury(listener, subscriber, now, "a")
    ring(now, "b", "a", "c", "a")
    events.drain([subscriber], now)
    ring(now, "a")  # unread yet: it comes by itself
    listener.heard.clear()

    assert events.retry_dead_letter([subscriber], letter_id, now)

    assert listener.heard == ["a", "a", "a"]
    assert events.drain([subscriber], now) == 1


def test_letter_of_first_news_leaves_other_dead_letters_to_their_own_retry(listener: Listener, now: datetime) -> None:
    subscriber = first_news(listener)
    first = bury(listener, subscriber, now, "a")
    db.execute("UPDATE event_dead_letter SET died_at = NULL WHERE id = %s", [first])
    second = bury(listener, subscriber, now + timedelta(hours=1), "a")
    db.execute("UPDATE event_dead_letter SET died_at = %s WHERE id = %s", [now, first])
    listener.heard.clear()

    assert events.retry_dead_letter([subscriber], first, now)
    assert listener.heard == ["a"]
    assert events.retry_dead_letter([subscriber], second, now)
    assert listener.heard == ["a", "a"]


def retry_slowly(listener: Listener, letter_id: int, now: datetime, handling: Event, may_end: Event) -> None:
    def on_rang(event: Rang, at: datetime) -> None:
        handling.set()
        assert may_end.wait(timeout=10)

    try:
        assert events.retry_dead_letter([replace(listener.subscriber, handlers={Rang: on_rang})], letter_id, now)
    finally:
        connection.close()


@pytest.mark.parametrize("is_guarded", [True, False])
def test_nothing_else_of_a_subscriber_is_handled_while_a_letter_is(
    listener: Listener, now: datetime, is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control takes the lock of the cursor away: then a batch is handled in the middle of the letter."""
    letter_id = bury(listener, listener.subscriber, now, "a")
    ring(now, "b")
    listener.heard.clear()
    if not is_guarded:
        rows = db.rows
        monkeypatch.setattr(
            db, "rows", lambda sql, params=(): [] if "SELECT FROM event_cursor" in sql else rows(sql, params)
        )
    handling, may_end = Event(), Event()
    thread = Thread(target=retry_slowly, args=(listener, letter_id, now, handling, may_end))
    thread.start()
    assert handling.wait(timeout=10)

    handled = events.dispatch([listener.subscriber], now + timedelta(hours=1))
    may_end.set()
    thread.join(timeout=10)

    assert (handled, listener.heard) == ((0, []) if is_guarded else (1, ["b"]))
    assert events.drain([listener.subscriber], now) == 1 - handled
