"""The lake: files follow the tables, whatever dies in between, and lose a person whom the tables have lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from pytest_django import Settings

from tests.builders import erasure, lakes, social
from tests.builders.people import make_person
from tests.conftest import make_days
from tests.infra.test_behaviour import event, lines
from wuyou.infra import db, lake
from wuyou.infra.behaviour import Kind, ObjectKind, Source, Whose, append, partitions
from wuyou.infra.lake import compaction, files
from wuyou.infra.lake import person as lake_person
from wuyou.infra.lake.proof import State

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.concurrency]


class PowerCut(BaseException):
    """What no handler in between catches."""


@pytest.fixture(autouse=True)
def lake_root(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A lake of its own, and no partitions of other tests' days."""
    settings.LAKE_ROOT = tmp_path / "lake"
    lakes.drop_days()
    yield tmp_path / "lake"
    lakes.drop_days()
    make_days()


def write(now: datetime, *events: Any, whose: Whose | None = None) -> None:
    db.in_transaction(lambda: append(lines(now, *events, whose=whose)))


def in_file(day: date, stream: str = "behaviour") -> list[dict[str, Any]]:
    path = files.path_of(stream, day)
    return pq.read_table(path).to_pylist() if path.exists() else []


def states() -> dict[tuple[str, date], State]:
    return {(proof.stream, proof.day): proof.state for proof in lake.verify()}


def test_files_hold_what_the_tables_hold(now: datetime) -> None:
    full = event(
        now,
        kind=Kind.DWELL,
        value=4_000,
        surface="post",
        list="new",
        position=1,
        origin_kind=ObjectKind.POST,
        origin_id=9,
    )
    bare = event(now, kind=Kind.SEARCH, object_kind=None, object_id=None)
    whose = Whose(Source.PAGE, 7, str(uuid4()), str(uuid4()))
    write(now, full, whose=whose)
    write(now, bare, whose=Whose(Source.PAGE))
    db.execute(
        "INSERT INTO event (name, version, payload, occurred_at) VALUES ('test.said', 1, %s::jsonb, %s)",
        [json.dumps({"words": '"引号", 逗号\n换行\t\\N'}), now],
    )

    lake.compact(now)

    day = now.date()
    columns = ", ".join(lake.BEHAVIOUR.schema.names)
    rows = db.records(f"SELECT {columns} FROM behaviour_event ORDER BY happened_at_ms, event_id")
    assert in_file(day) == [{name: _plain(value) for name, value in row.items()} for row in rows]
    happened = db.records("SELECT seq, name, payload::text AS payload FROM event ORDER BY occurred_at, seq")
    assert [{name: row[name] for name in ("seq", "name", "payload")} for row in in_file(day, "event")] == happened
    assert len(happened) == 1
    assert set(states().values()) == {State.HOLDS}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)


def test_compaction_again_changes_nothing_and_takes_what_came_meanwhile(now: datetime) -> None:
    write(now, event(now), event(now))
    assert lake.compact(now) == 1
    before = in_file(now.date())
    assert lake.compact(now) == 0

    write(now, event(now))
    assert states() == {("behaviour", now.date()): State.WAITS}
    assert lake.compact(now) == 1

    assert len(in_file(now.date())) == 3
    assert all(row in in_file(now.date()) for row in before)


@pytest.mark.parametrize("place", ["before the file takes its place", "before it is said"])
def test_compaction_that_dies_half_way_is_made_up_for(
    now: datetime, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    write(now, event(now), event(now))
    lake.compact(now)
    write(now, event(now))

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as dying:
        if place == "before it is said":
            dying.setattr(compaction, "_say", cut)
        else:
            dying.setattr(Path, "replace", cut)
        with pytest.raises(PowerCut):
            lake.compact(now)
    readable = len(in_file(now.date()))
    lake.compact(now)

    assert readable == (3 if place == "before it is said" else 2)
    ids = [row["event_id"] for row in in_file(now.date())]
    assert len(ids) == len(set(ids)) == 3
    assert states() == {("behaviour", now.date()): State.HOLDS}
    assert not list(files.root().rglob("*.tmp"))


def test_event_of_two_days_is_of_the_first(now: datetime) -> None:
    twice, tomorrow = event(now), now + timedelta(days=1)
    write(now, twice)
    write(tomorrow, twice, event(tomorrow))

    lake.compact(tomorrow)

    assert [len(in_file(day)) for day in (now.date(), tomorrow.date())] == [1, 1]
    (proof,) = [proof for proof in lake.verify() if proof.day == tomorrow.date()]
    assert (proof.table_rows, proof.file_rows, proof.duplicate_rows, proof.state) == (2, 1, 1, State.HOLDS)


def test_days_leave_the_table_once_their_file_holds_them_and_count_on(now: datetime) -> None:
    write(now, event(now), event(now))
    lake.compact(now)
    later = now + timedelta(days=lake.KEPT_DAYS)

    lake.compact(later)
    assert partitions.days() == [now.date()]
    lake.compact(later + timedelta(days=1))

    assert partitions.days() == []
    assert states() == {("behaviour", now.date()): State.ALONE}
    assert len(in_file(now.date())) == 2


def test_day_whose_file_lacks_a_row_stays_in_the_table(now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    write(now, event(now), event(now))
    lake.compact(now)
    files.filter_file(files.path_of("behaviour", now.date()), lambda batch: batch.slice(1))

    assert states() == {("behaviour", now.date()): State.BROKEN}
    lake.compact(now + timedelta(days=lake.KEPT_DAYS + 1))

    assert partitions.days() == [now.date()]
    assert "lake_day_differs" in caplog.text


def test_verify_fires_on_rows_that_left_the_table_by_themselves(now: datetime) -> None:
    write(now, event(now), event(now))
    lake.compact(now)

    db.execute("DELETE FROM behaviour_event WHERE event_id = (SELECT max(event_id::text)::uuid FROM behaviour_event)")

    assert states() == {("behaviour", now.date()): State.BROKEN}


def test_two_never_write_at_once(now: datetime) -> None:
    import psycopg

    from tests.builders.processes import environment

    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [compaction._LOCK])
        with pytest.raises(lake.BusyError):
            lake.compact(now)
        other.execute("SELECT pg_advisory_unlock(%s)", [compaction._LOCK])
        lake.compact(now)


@pytest.mark.parametrize("is_old", [False, True], ids=["while the table has the day", "when only files have it"])
def test_erasure_takes_the_person_out_of_the_files(now: datetime, is_old: bool) -> None:
    me, other = make_person(now), make_person(now)
    browser = str(uuid4())
    mine, theirs = Whose(Source.PAGE, me.id, browser), Whose(Source.PAGE, other.id, browser)
    person = ObjectKind.PERSON
    write(now, event(now, object_id=1), whose=mine)
    write(now, event(now, object_id=2), whose=mine._replace(person_id=None))
    write(now, event(now, object_id=3), whose=theirs)
    write(now, event(now, object_kind=person, object_id=me.id), whose=theirs)
    write(now, event(now, object_id=4, origin_kind=person, origin_id=me.id), whose=theirs)
    write(now, event(now, object_id=5), whose=Whose(Source.OUTLET, None, str(uuid4()), None, me.id))
    social.follow(now, me, other)
    lake.compact(now)
    assert str(me.id) in str(in_file(now.date(), "event"))
    later = now + timedelta(days=lake.KEPT_DAYS + 1 if is_old else 0)
    lake.compact(later)
    # Days later, in the same browser, before signing in again.
    write(later, event(later, object_id=6), whose=mine._replace(person_id=None))
    lake.compact(later)
    exported = [record["object_id"] for _, found in lake_person.export_person(me.id) for record in found]
    assert sorted(exported) == [1, 2, 6]

    erasure.erase(later, me.id)
    assert State.BROKEN not in states().values()
    lake.compact(later)

    rows = in_file(now.date())
    assert sorted(row["object_id"] for row in rows if row["object_id"] != 6) == [3, 4, 5]
    assert [row["origin_id"] for row in rows if row["object_id"] == 4] == [None]
    assert [row["outlet_id"] for row in rows if row["object_id"] == 5] == [None]
    assert [row for row in in_file(later.date()) if row["object_id"] == 6] == []
    followed = [row for row in in_file(now.date(), "event") if row["name"] == "social.person_followed"]
    assert followed == []
    assert db.rows("SELECT FROM lake_erasure") == []
    assert set(states().values()) <= {State.HOLDS, State.ALONE}
    before = {path: path.read_bytes() for path in files.root().rglob("*.parquet")}
    assert lake.compact(later) == 0
    assert {path: path.read_bytes() for path in files.root().rglob("*.parquet")} == before


def test_erasure_that_dies_half_way_is_made_up_for(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    me = make_person(now)
    browser = str(uuid4())
    days = [now + timedelta(days=ahead) for ahead in range(3)]
    write(days[0], event(days[0]), whose=Whose(Source.PAGE, me.id, browser))
    for day in days[1:]:
        write(day, event(day), event(day), whose=Whose(Source.PAGE, None, browser))
        write(day, event(day), whose=Whose(Source.PAGE, None, str(uuid4())))
    lake.compact(days[-1])
    later = now + timedelta(days=30)
    lake.compact(later)
    assert partitions.days() == []
    erasure.erase(later, me.id)

    real = files.filter_file
    written: list[Path] = []

    def dies_at_the_second(path: Path, keep: Any) -> int:
        if written:
            raise PowerCut
        written.append(path)
        return real(path, keep)

    with monkeypatch.context() as dying:
        dying.setattr(files, "filter_file", dies_at_the_second)
        with pytest.raises(PowerCut):
            lake.compact(later)
    assert not files.path_of("behaviour", now.date()).exists()
    lake.compact(later)

    assert [len(in_file(day.date())) for day in days] == [0, 1, 1]
    assert db.rows("SELECT FROM lake_erasure") == []
    assert State.BROKEN not in states().values()
