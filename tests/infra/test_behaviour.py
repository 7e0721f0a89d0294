"""The behaviour log: what an event must be, that it comes once, and what becomes of it with a person."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import IntegrityError, connection

from tests.builders import erasure
from tests.builders.people import make_person
from tests.builders.waiting import wait_for_waiters
from wuyou.infra import db, person_export
from wuyou.infra.behaviour import (
    AHEAD_MS,
    COLUMNS,
    RESEND_DAYS,
    Deed,
    Event,
    Kind,
    MalformedError,
    Mark,
    ObjectKind,
    Source,
    TooOldError,
    Whose,
    append,
    liner,
    note,
    partitions,
)
from wuyou.infra.behaviour.types import LONGEST_MS, MOST, ms_of
from wuyou.infra.lake import person

DAY_MS = 86_400_000


def event(now: datetime, **facts: Any) -> Event:
    usual = {
        "id": str(uuid4()),
        "kind": Kind.EXPOSURE,
        "at": ms_of(now),
        "object_kind": ObjectKind.PRODUCT,
        "object_id": 12,
    }
    return Event(**{**usual, **facts})


def lines(now: datetime, *events: Event, whose: Whose | None = None) -> bytes:
    ms = ms_of(now)
    whose = whose or Whose(Source.PAGE, 7, str(uuid4()), str(uuid4()))
    return "".join(map(liner(whose, ms, ms), events)).encode()


def rows() -> list[dict[str, Any]]:
    return db.records("SELECT * FROM behaviour_event ORDER BY received_at_ms, event_id")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "stare"},
        {"id": "1"},
        {"id": "0190C7F0-0000-7000-8000-000000000000"},
        {"id": "0190c7f0-0000-7000-8000-000000000000\n"},
        {"list": "a" * 25},
        {"position": -1},
        {"position": 32_768},
        {"object_id": 0},
        {"object_id": 2**53},
        {"object_id": 1.5},
        {"object_id": "12"},
        {"object_kind": "secret"},
        {"value": -1},
        {"at": -1},
        {"at": "now"},
        {"person_id": 3},
        {"visitor": "0190c7f0-0000-7000-8000-000000000000"},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused(now: datetime, said: dict[str, Any]) -> None:
    right = msgspec.to_builtins(event(now))
    assert msgspec.convert(right, Event).kind is Kind.EXPOSURE

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**right, **said} if said else {}, Event)


@pytest.mark.parametrize(
    "said",
    [
        {"object_id": None},
        {"object_kind": None},
        {"object_kind": None, "object_id": None},
        {"origin_id": 4},
        {"origin_kind": ObjectKind.POST},
        {"kind": Kind.DWELL},
        {"kind": Kind.VIDEO_VIEW},
        {"surface": "home\tnew"},
        {"surface": "home\n"},
        {"surface": "\\N"},
        {"surface": ""},
        {"list": "Neu"},
    ],
    ids=str,
)
def test_what_types_cannot_say_is_refused_before_it_is_a_line(now: datetime, said: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        lines(now, event(now, **said))


@pytest.mark.usefixtures("db")
def test_every_field_comes_back_as_it_was_said(now: datetime) -> None:
    said = event(
        now,
        kind=Kind.DWELL,
        at=ms_of(now) - 5_000,
        surface="product",
        list="related",
        position=3,
        origin_kind=ObjectKind.POST,
        origin_id=MOST,
        value=4_200,
    )
    whose = Whose(Source.OUTLET, None, str(uuid4()), str(uuid4()), 44, Mark.BOT)

    append(lines(now, said, whose=whose))

    (row,) = rows()
    assert set(row) == set(COLUMNS)
    assert row == {
        "event_id": UUID(said.id),
        "day": now.date(),
        "received_at_ms": ms_of(now),
        "happened_at_ms": ms_of(now) - 5_000,
        "kind": "dwell",
        "source": "outlet",
        "person_id": None,
        "visitor": UUID(whose.visitor),
        "session": UUID(whose.session),
        "outlet_id": 44,
        "object_kind": "product",
        "object_id": 12,
        "surface": "product",
        "list": "related",
        "position": 3,
        "origin_kind": "post",
        "origin_id": MOST,
        "value": 4_200,
        "mark": "bot",
    }


@pytest.mark.usefixtures("db")
def test_same_event_again_changes_nothing_and_takes_the_new_ones_along(now: datetime) -> None:
    first, second = event(now), event(now)
    append(lines(now, first))
    before = rows()

    append(lines(now, event(now, id=first.id, object_id=99), second, second))

    assert [row for row in rows() if row["event_id"] == UUID(first.id)] == before
    assert len(rows()) == 2


@pytest.mark.usefixtures("db")
def test_event_that_comes_again_on_another_day_is_of_both_days(now: datetime) -> None:
    said = event(now)

    for later in (timedelta(), timedelta(days=1)):
        append(lines(now + later, said))

    assert [row["day"] for row in rows()] == [now.date(), now.date() + timedelta(days=1)]
    assert {row["happened_at_ms"] for row in rows()} == {ms_of(now)}


@pytest.mark.usefixtures("db")
def test_control_plain_copy_refuses_a_duplicate(now: datetime) -> None:
    said = event(now)
    append(lines(now, said))

    with pytest.raises(IntegrityError), db.savepoint():
        db.execute("INSERT INTO behaviour_event SELECT * FROM behaviour_event")


def test_what_happened_is_told_by_how_long_ago_it_was_when_it_was_sent(now: datetime) -> None:
    ms, whose = ms_of(now), Whose(Source.PAGE)
    wrong_clock = ms - 900 * DAY_MS

    def happened(age: int) -> tuple[int, str]:
        fields = liner(whose, wrong_clock, ms)(event(now, at=wrong_clock - age)).rstrip("\n").split("\t")
        return int(fields[list(COLUMNS).index("happened_at_ms")]) - ms, fields[list(COLUMNS).index("mark")]

    assert happened(30_000) == (-30_000, "\\N")
    assert happened(-AHEAD_MS) == (0, "\\N")
    assert happened(-AHEAD_MS - 1) == (0, "clock")
    assert happened(RESEND_DAYS * DAY_MS) == (-RESEND_DAYS * DAY_MS, "\\N")
    with pytest.raises(TooOldError):
        happened(RESEND_DAYS * DAY_MS + 1)


def test_impossible_values_are_marked_and_a_mark_of_the_batch_comes_first(now: datetime) -> None:
    def mark(whose: Whose, **facts: Any) -> str:
        return liner(whose, ms_of(now), ms_of(now))(event(now, **facts)).split("\t")[list(COLUMNS).index("mark")]

    page = Whose(Source.PAGE)
    assert mark(page, kind=Kind.DWELL, value=LONGEST_MS) == "\\N"
    assert mark(page, kind=Kind.DWELL, value=LONGEST_MS + 1) == "value"
    assert mark(page, kind=Kind.ORDER, value=LONGEST_MS + 1) == "\\N"
    assert mark(page._replace(mark=Mark.RATE), kind=Kind.DWELL, value=LONGEST_MS + 1) == "rate"


def test_days_are_made_ahead_once(world: None, now: datetime) -> None:
    far = now + timedelta(days=4_000)

    made = partitions.make_days_ahead(far)

    assert made == partitions.AHEAD_DAYS + 1
    assert partitions.make_days_ahead(far) == 0
    assert partitions.days()[-1] == far.date() + timedelta(days=partitions.AHEAD_DAYS)


@pytest.mark.concurrency
def test_two_who_find_no_day_make_it_once(world: None, now: datetime) -> None:
    far = now + timedelta(days=5_000)
    has_made, may_commit = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    def first() -> None:
        append(lines(far, event(far)))
        has_made.set()
        assert may_commit.wait(20)

    def second() -> None:
        append(lines(far, event(far)))

    def run(entry: Callable[[], None]) -> None:
        try:
            db.in_transaction(entry)
        except BaseException as error:  # noqa: BLE001  (told to the test's own thread)
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[entry]) for entry in (first, second)]
    threads[0].start()
    assert has_made.wait(20)
    threads[1].start()
    wait_for_waiters()
    may_commit.set()
    for thread in threads:
        thread.join(20)

    assert problems == []
    assert len(rows()) == 2


@pytest.mark.usefixtures("db")
def test_what_the_platform_notes_is_of_the_person_and_undone_with_its_transaction(now: datetime) -> None:
    said = event(now, kind=Kind.ORDER, value=8_900)

    note([Deed(3, said)], now=now)
    with suppress(LookupError), db.savepoint():
        note([Deed(3, event(now))], now=now)
        raise LookupError

    (row,) = rows()
    assert (row["source"], row["person_id"], row["value"]) == ("server", 3, 8_900)


@pytest.mark.usefixtures("db")
def test_what_several_did_is_noted_at_once_and_what_is_there_already_is_passed_over(now: datetime) -> None:
    first, second, third = (Deed(person_id, event(now)) for person_id in (3, 4, 5))
    note([second], now=now)

    note([third, first, second], now=now)
    note([], now=now)

    assert sorted((row["person_id"], str(row["event_id"])) for row in rows()) == [
        (deed.person_id, deed.event.id) for deed in (first, second, third)
    ]


@pytest.mark.usefixtures("db")
def test_what_the_platform_notes_may_be_told_long_after(now: datetime) -> None:
    """A subscriber that was off for a month goes on where it stopped."""
    note([Deed(3, event(now))], now=now + timedelta(days=31))

    (row,) = rows()
    assert row["happened_at_ms"] == ms_of(now)


@pytest.mark.concurrency
def test_two_who_write_the_same_at_once_write_it_once(world: None, now: datetime) -> None:
    both = [event(now), event(now)]
    has_written, may_commit = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    def first() -> None:
        def entry() -> None:
            append(lines(now, *both))
            has_written.set()
            assert may_commit.wait(20)

        run(lambda: db.in_transaction(entry))

    def second() -> None:
        assert has_written.wait(20)
        run(lambda: db.in_transaction(lambda: append(lines(now, *reversed(both)))))

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  (told to the test's own thread)
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    assert has_written.wait(20)
    wait_for_waiters()
    may_commit.set()
    for thread in threads:
        thread.join(20)

    assert problems == []
    assert len(rows()) == 2


def test_erasure_takes_the_person_out_with_their_browser_before_signing_in(world: None, now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    browser = str(uuid4())
    mine = Whose(Source.PAGE, me.id, browser)
    theirs = Whose(Source.PAGE, other.id, browser)

    def write() -> None:
        append(lines(now, event(now, object_id=1), whose=mine))
        append(lines(now, event(now, object_id=2), whose=mine._replace(person_id=None)))
        append(lines(now, event(now, object_id=3), whose=theirs))
        append(lines(now, event(now, object_kind=ObjectKind.PERSON, object_id=me.id), whose=theirs))
        append(lines(now, event(now, object_id=4, origin_kind=ObjectKind.PERSON, origin_id=me.id), whose=theirs))
        append(lines(now, event(now, object_id=5), whose=Whose(Source.OUTLET, None, str(uuid4()), None, me.id)))
        append(lines(now, event(now, object_id=6), whose=Whose(Source.PAGE, None, str(uuid4()))))
        append(lines(now, event(now, object_id=me.id), whose=theirs))

    db.in_transaction(write)
    exported = [record["object_id"] for name, found in person.export_person(me.id) for record in found]
    assert sorted(exported) == [1, 2]

    erasure.erase(now, me.id)

    assert sorted(row["object_id"] for row in rows()) == sorted([3, 4, 5, 6, me.id])
    assert [row["origin_id"] for row in rows() if row["object_id"] == 4] == [None]
    assert [row["outlet_id"] for row in rows() if row["object_id"] == 5] == [None]


def test_export_goes_through_the_archive(world: None, now: datetime, tmp_path: Any) -> None:
    from wuyou.domains.identity import queries as identity

    me = make_person(now)
    whose = Whose(Source.PAGE, me.id)
    db.in_transaction(lambda: append(lines(now, event(now, kind=Kind.CLICK), whose=whose)))

    with (tmp_path / "export.zip").open("wb") as archive:
        person_export.write(me.id, identity.names_met_by, archive, now)

    import zipfile

    with zipfile.ZipFile(tmp_path / "export.zip") as archive_read:
        names = [name for name in archive_read.namelist() if "behaviour" in name]
        assert names
        assert b"click" in archive_read.read(names[0])
