"""Reports: each says of a small world exactly what happened in it, and the same on another engine."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from tests.builders import lakes
from tests.conftest import make_days
from wuyou.domains.insight import errors, operations, queries, rules, tasks
from wuyou.domains.insight.types import Figures, Table
from wuyou.infra import db, lake
from wuyou.infra.behaviour import Event, Kind, Mark, ObjectKind, Source, Whose, partitions
from wuyou.infra.behaviour.types import ms_of
from wuyou.infra.lake import reading
from wuyou.kernel.actor import PLATFORM, Actor

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.concurrency]

POST, PRODUCT = ObjectKind.POST, ObjectKind.PRODUCT
TODAY = date(2026, 3, 1)
TOMORROW = TODAY + timedelta(days=1)
NAMES = ("marked", "objects_by_day", "origins", "places", "post_engagement", "post_funnel", "reach_and_frequency")


@pytest.fixture(autouse=True)
def lake_root(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LAKE_ROOT = tmp_path / "lake"
    lakes.drop_days()
    yield
    lakes.drop_days()
    make_days()


def run(name: str, now: datetime, *, actor: Actor = PLATFORM, until: date = TOMORROW) -> list[dict[str, Any]]:
    lake.compact(now)
    table = queries.run_report(name, actor=actor, begins=TODAY, until=until)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_every_report_says_what_it_is_for() -> None:
    reports = queries.list_reports()

    assert tuple(report.name for report in reports) == NAMES
    assert all(len(report.purpose) > 60 and report.title and not report.title_zh.isascii() for report in reports)
    assert all(report.parameters <= {"from_ms", "until_ms", "offset_ms"} for report in reports)


def test_objects_by_day_counts_by_the_clock_of_the_installation(now: datetime) -> None:
    me, you = lakes.person(1), lakes.person(2)
    late = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)  # a second before midnight in Shanghai
    for who in (me, you, me):
        lakes.write(now, who, lakes.happened(now, Kind.EXPOSURE, POST, 5))
    lakes.write(
        now, me, lakes.happened(now, Kind.CLICK, POST, 5), lakes.happened(now, Kind.DWELL, POST, 5, value=2_700)
    )
    lakes.write(late, you, lakes.happened(late, Kind.DWELL, POST, 5, value=1_299))
    after = late + timedelta(seconds=1)
    lakes.write(after, you, lakes.happened(after, Kind.EXPOSURE, POST, 5))
    lakes.write(now, Whose(Source.PAGE, 9, mark=Mark.BOT), lakes.happened(now, Kind.CLICK, POST, 5))

    rows = run("objects_by_day", now, until=TOMORROW + timedelta(days=1))

    midnight = ms_of(datetime(2026, 2, 28, 16, 0, tzinfo=UTC))
    facts = {"object_kind": "post", "object_id": 5}
    assert rows == [
        {
            "day_ms": midnight,
            **facts,
            "people": 2,
            "exposures": 3,
            "dwell_s": 3,
            "dwell_median_ms": 1_299,
            "clicks": 1,
            "clicks_bps": 3_333,
            "onward": 0,
        },
        {
            "day_ms": midnight + 86_400_000,
            **facts,
            "people": 1,
            "exposures": 1,
            "dwell_s": 0,
            "dwell_median_ms": 0,
            "clicks": 0,
            "clicks_bps": 0,
            "onward": 0,
        },
    ]


@pytest.mark.parametrize(("looks", "median"), [((5,), 5), ((9, 1), 1), ((9, 1, 4), 4), ((2, 2, 2, 8), 2), ((), 0)])
def test_median_is_of_people_and_what_they_look_at_in_all(now: datetime, looks: tuple[int, ...], median: int) -> None:
    lakes.write(now, lakes.person(99), lakes.happened(now, Kind.EXPOSURE, POST, 1))
    for who, seconds in enumerate(looks, 1):
        for part in (seconds * 400, seconds * 600):
            lakes.write(now, lakes.person(who), lakes.happened(now, Kind.DWELL, POST, 1, value=part))

    (row,) = run("objects_by_day", now)

    assert (row["dwell_median_ms"], row["people"]) == (median * 1_000, max(len(looks), 0) + 1)


def test_what_is_pressed_further_on_counts_for_what_it_was_reached_from(now: datetime) -> None:
    lakes.write(now, lakes.person(1), lakes.happened(now, Kind.CLICK, PRODUCT, 7, origin_kind=POST, origin_id=1))
    lakes.write(now, lakes.person(2), lakes.happened(now, Kind.EXPOSURE, PRODUCT, 7, origin_kind=POST, origin_id=1))

    found = {row["object_kind"]: (row["people"], row["clicks"], row["onward"]) for row in run("objects_by_day", now)}

    assert found == {"post": (1, 0, 1), "product": (2, 1, 0)}


def test_sale_is_of_the_last_post_in_which_the_product_was_pressed(now: datetime) -> None:
    def minutes(count: float) -> datetime:
        return now + timedelta(minutes=count)

    def press(at: datetime, post: int, product: int = 7) -> Event:
        return lakes.happened(at, Kind.CLICK, PRODUCT, product, origin_kind=POST, origin_id=post)

    def buy(at: datetime, product: int = 7, price: int = 8_900) -> Event:
        return lakes.happened(at, Kind.ORDER, PRODUCT, product, value=price)

    me, you, third, guest = (
        lakes.person(1),
        lakes.person(2),
        lakes.person(3),
        Whose(Source.PAGE, None, str(UUID(int=4))),
    )
    for who in (me, you, third, guest):
        lakes.write(now, who, lakes.happened(now, Kind.EXPOSURE, POST, 1))
    lakes.write(now, me, lakes.happened(now, Kind.DWELL, POST, 1, value=3_000))
    lakes.write(minutes(1), me, press(minutes(1), post=1))
    lakes.write(minutes(2), me, press(minutes(2), post=2))
    lakes.write(minutes(3), me, buy(minutes(3)))
    lakes.write(minutes(4), me, press(minutes(4), post=1))  # after it was bought
    lakes.write(minutes(1), you, press(minutes(1), post=1))
    lakes.write(minutes(2), you, buy(minutes(2)), buy(minutes(2), product=8))
    week = now + timedelta(days=7, minutes=1)
    lakes.write(minutes(2), third, press(minutes(2), post=1))
    lakes.write(week + timedelta(minutes=1), third, buy(week + timedelta(minutes=1)))  # a moment too late
    lakes.write(minutes(5), guest, press(minutes(5), post=1))

    rows = run("post_funnel", week)

    assert rows == [
        {"post_id": 1, "people": 4, "exposed": 4, "dwelt": 1, "clicked": 4, "ordered": 1, "paid_minor": 8_900},
        {"post_id": 2, "people": 1, "exposed": 0, "dwelt": 0, "clicked": 1, "ordered": 1, "paid_minor": 8_900},
    ]


def test_engagement_leads_to_orders_and_pages_cannot_make_it_up(now: datetime) -> None:
    def minutes(count: float) -> datetime:
        return now + timedelta(minutes=count)

    def deed(person_id: int, at: datetime, kind: Kind, post: int = 1) -> None:
        lakes.write(at, Whose(Source.SERVER, person_id), lakes.happened(at, kind, POST, post))

    def take(person_id: int, at: datetime, kind: Kind, product: int = 7, value: int | None = None) -> None:
        lakes.write(at, Whose(Source.SERVER, person_id), lakes.happened(at, kind, PRODUCT, product, value=value))

    def press(person_id: int, at: datetime, post: int = 1, product: int = 7) -> None:
        event = lakes.happened(at, Kind.CLICK, PRODUCT, product, origin_kind=POST, origin_id=post)
        lakes.write(at, lakes.person(person_id), event)

    for kind in (Kind.LIKE, Kind.COMMENT, Kind.SAVE, Kind.THANK, Kind.REPOST):
        deed(1, now, kind)
    lakes.write(now, lakes.person(2), lakes.happened(now, Kind.LIKE, POST, 1))  # a page says so, and it is not so
    lakes.write(now, lakes.person(2), lakes.happened(now, Kind.SHARE, POST, 1))
    press(1, minutes(1))
    take(1, minutes(2), Kind.ADD_TO_CART)
    take(1, minutes(3), Kind.ORDER, value=8_900)
    press(3, minutes(1))
    take(3, minutes(2), Kind.ORDER, value=1_000)
    deed(3, minutes(3), Kind.LIKE)  # after it was bought
    lakes.write(minutes(4), lakes.person(2), lakes.happened(minutes(4), Kind.ORDER, PRODUCT, 7, value=99_999))
    press(4, minutes(1), post=2)
    take(4, minutes(2), Kind.ADD_TO_CART, product=8)  # of another thing
    deed(4, minutes(3), Kind.LIKE, post=2)

    bought = {"carted": 1, "ordered": 2, "engaged_ordered": 1, "paid_minor": 9_900}
    said = {"reactions": 2, "comments": 1, "reposts": 1, "saves": 1, "thanks": 1, "shares": 1}
    assert run("post_engagement", minutes(9)) == [
        {"post_id": 1, "people": 3, **said, "engaged": 3, **bought},
        {"post_id": 2, "people": 1, **dict.fromkeys(said, 0), "reactions": 1, "engaged": 1, **dict.fromkeys(bought, 0)},
    ]


def test_reach_is_who_saw_it_at_least_once(now: datetime) -> None:
    for who, times in ((1, 1), (2, 3), (3, 12)):
        lakes.write(now, lakes.person(who), *(lakes.happened(now, Kind.EXPOSURE, POST, n + 1) for n in range(times)))

    assert run("reach_and_frequency", now) == [
        {"object_kind": "post", "frequency": 1, "people": 1, "people_at_least": 3},
        {"object_kind": "post", "frequency": 3, "people": 1, "people_at_least": 2},
        {"object_kind": "post", "frequency": 10, "people": 1, "people_at_least": 1},
    ]


def test_places_fall_off_and_those_far_down_are_one(now: datetime) -> None:
    def at(position: int, kind: Kind = Kind.EXPOSURE) -> Event:
        return lakes.happened(now, kind, PRODUCT, position, surface="home", list="new", position=position)

    lakes.write(now, lakes.person(1), at(1), at(1, Kind.CLICK), at(20), at(31), at(31))

    facts = {"surface": "home", "list": "new", "people": 1, "dwell_s": 0}
    assert run("places", now) == [
        {**facts, "place": 1, "exposures": 1, "clicks": 1, "clicks_bps": 10_000},
        {**facts, "place": 20, "exposures": 3, "clicks": 0, "clicks_bps": 0},
    ]


def test_marked_share_and_origins(now: datetime) -> None:
    seen = [lakes.happened(now, Kind.EXPOSURE, POST, 1, origin_kind=ObjectKind.CHANNEL, origin_id=2) for _ in range(3)]
    lakes.write(now, lakes.person(1), *seen[:2])
    lakes.write(now, Whose(Source.OUTLET, None, str(UUID(int=1)), None, 44, Mark.BOT), seen[2])

    shares = [(row["source"], row["outlet_id"], row["mark"], row["share_bps"]) for row in run("marked", now)]
    assert shares == [("outlet", 44, "bot", 10_000), ("page", 0, "", 10_000)]
    (row,) = run("origins", now)
    assert (row["origin_kind"], row["object_kind"], row["exposures"], row["people"]) == ("channel", "post", 2, 1)


def test_few_people_are_shown_to_staff_alone(now: datetime) -> None:
    for who in range(rules.LEAST_PEOPLE):
        lakes.write(now, lakes.person(who + 1), lakes.happened(now, Kind.EXPOSURE, POST, 1))
    for who in range(rules.LEAST_PEOPLE - 1):
        lakes.write(now, lakes.person(who + 1), lakes.happened(now, Kind.EXPOSURE, POST, 2))

    assert [row["object_id"] for row in run("objects_by_day", now)] == [1, 2]
    assert [row["object_id"] for row in run("objects_by_day", now, actor=Actor(3))] == [1]
    shown = queries.run_report("objects_by_day", actor=Actor(3), begins=TODAY, until=TOMORROW)
    assert shown.withheld_count == 1
    with pytest.raises(errors.ReportNotFound):
        run("marked", now, actor=Actor(3))


def test_what_cannot_be_asked_is_refused(now: datetime) -> None:
    for begins, until in ((TODAY, TODAY), (TOMORROW, TODAY), (TODAY, TODAY + timedelta(days=401))):
        with pytest.raises(errors.RangeMalformed):
            queries.run_report("marked", actor=PLATFORM, begins=begins, until=until)
    for name in ("nothing", "../reports/marked", ""):
        with pytest.raises(errors.ReportNotFound):
            queries.run_report(name, actor=PLATFORM, begins=TODAY, until=TOMORROW)
    assert run("marked", now) == []


def test_value_is_bound_and_never_text(now: datetime) -> None:
    lake.compact(now)

    _, rows = reading.ask(
        rules.for_duckdb("SELECT :name AS name, '12:30' AS time"), {"name": "'; DROP"}, TODAY, TOMORROW
    )

    assert rows == [("'; DROP", "12:30")]


def test_figures_of_a_day_are_kept_anew_each_time_and_shown_like_the_report(now: datetime) -> None:
    for who in range(rules.LEAST_PEOPLE):
        lakes.write(now, lakes.person(who + 1), lakes.happened(now, Kind.EXPOSURE, POST, 1))
    lakes.write(now, lakes.person(1), lakes.happened(now, Kind.CLICK, POST, 2))
    lake.compact(now)

    assert tasks.refresh_figures(now) == 2
    assert tasks.refresh_figures(now) == 2

    def figures(number: int, actor: Actor) -> tuple[Figures, ...]:
        return queries.figures_of("post", number, actor=actor, begins=TODAY, until=TOMORROW)

    full, few = Figures(TODAY, 20, 20, 0, 0, 0, 0), Figures(TODAY, 1, 0, 0, 1, 0, 0)
    assert figures(1, Actor(3)) == figures(1, PLATFORM) == (full,)
    assert figures(2, PLATFORM) == (few,)
    assert figures(2, Actor(3)) == (Figures(TODAY, None, None, None, None, None, None),)
    assert figures(3, PLATFORM) == ()


def test_day_without_anything_is_emptied_and_a_person_is_forgotten(now: datetime) -> None:
    rows = [["person", 7, 30, 1, 1, 1, 1, 1], ["post", 7, 30, 1, 1, 1, 1, 1]]
    assert db.in_transaction(lambda: operations.keep_day(day=TODAY, rows=rows)) == 2

    db.in_transaction(lambda: operations.erase_person(person_id=7, now=now))
    assert db.rows("SELECT object_kind FROM insight_daily_figure") == [("post",)]
    db.in_transaction(lambda: operations.keep_day(day=TODAY, rows=[]))
    assert db.rows("SELECT FROM insight_daily_figure") == []


# ---------------------------------------------------------------------- the same on another engine


def make_crowd(now: datetime, count: int) -> None:
    """All sorts of events of three days, from a seed."""
    draw = Random(20_261_129)
    for day in range(3):
        at = now + timedelta(days=day)
        for _ in range(count):
            who = draw.choice(
                [
                    lakes.person(draw.randrange(1, 40)),
                    Whose(Source.PAGE, None, str(UUID(int=draw.randrange(1, 20)))),
                    Whose(Source.PAGE, None, None, str(UUID(int=draw.randrange(1, 9)))),
                    Whose(Source.SERVER, draw.randrange(1, 40)),
                    Whose(
                        Source.OUTLET, None, str(UUID(int=draw.randrange(1, 9))), None, 44, draw.choice([None, *Mark])
                    ),
                ]
            )
            moment = at - timedelta(minutes=draw.randrange(2_000))
            kind = draw.choice(
                [Kind.EXPOSURE] * 4
                + [Kind.DWELL, Kind.CLICK, Kind.CLICK, Kind.ORDER, Kind.ADD_TO_CART, Kind.LIKE, Kind.SAVE]
            )
            facts: dict[str, Any] = {}
            if kind in (Kind.DWELL, Kind.ORDER):
                facts["value"] = draw.randrange(1, 100_000)
            if draw.random() < 0.6:
                facts |= {"surface": draw.choice(["home", "post"]), "list": "new", "position": draw.randrange(30)}
            if draw.random() < 0.4:
                facts |= {"origin_kind": POST, "origin_id": draw.randrange(1, 5)}
            what = draw.choice([POST, PRODUCT, PRODUCT])
            lakes.write(at, who, lakes.happened(moment, kind, what, draw.randrange(1, 9), **facts))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of Spark Connect, answered by Sail: Spark's language without a JVM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Where no program has a file, as in a worker of xdist, pyspark takes the tests for doctests of its own.
        main = sys.modules["__main__"]
        main.__file__ = getattr(main, "__file__", None) or __file__
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession

        server = SparkConnectServer()
        server.start(background=True)
        _, port = server.listening_address
        session = SparkSession.builder.remote(f"sc://127.0.0.1:{port}").getOrCreate()
        yield session
        session.stop()
        server.stop()


@pytest.mark.filterwarnings("ignore")
def test_every_report_gives_the_same_rows_on_spark(now: datetime, spark: Any) -> None:
    make_crowd(now, 300)
    until = TODAY + timedelta(days=2)
    lake.compact(now + timedelta(days=3))
    paths = reading.paths_of(TODAY - timedelta(days=1), until + timedelta(days=1))["behaviour"]
    assert len(paths) == len(partitions.days()) == 3
    spark.read.parquet(*paths).createOrReplaceTempView("behaviour")
    values = queries.values_of(TODAY, until)

    for report in queries.list_reports():
        ours = queries.run_report(report.name, actor=PLATFORM, begins=TODAY, until=until)
        theirs = spark.sql(report.sql, args={name: values[name] for name in report.parameters})
        rows = tuple(tuple(row) for row in theirs.collect())

        assert tuple(theirs.columns) == ours.columns, report.name
        assert rows == ours.rows, report.name
        assert [[type(cell) for cell in row] for row in rows] == [[type(cell) for cell in row] for row in ours.rows]
        assert len(ours.rows) > 2, report.name


def test_control_another_text_gives_other_rows(now: datetime, spark: Any) -> None:
    # What the text of reports avoids: words joined to nothing are nothing in Spark, and the words in DuckDB.
    lake.compact(now)

    _, ours = reading.ask("SELECT CONCAT('p', CAST(NULL AS STRING)) AS who", {}, TODAY, TOMORROW)

    assert ours != [tuple(row) for row in spark.sql("SELECT CONCAT('p', CAST(NULL AS STRING)) AS who").collect()]


def test_table_of_nobody_is_shown_to_nobody() -> None:
    assert rules.shown_to_anybody(Table(("events",), ((5,),))) is None
