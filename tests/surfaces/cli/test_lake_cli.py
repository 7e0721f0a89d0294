"""`wuyou lake` and `wuyou report`: what operators run by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django import Settings
from tests.builders import lakes
from tests.conftest import make_days

from wuyou.infra import db
from wuyou.infra.behaviour import Kind, ObjectKind
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.cli.main import main as wuyou

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.concurrency]


@pytest.fixture(autouse=True)
def lake_root(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.LAKE_ROOT = tmp_path / "lake"
    lakes.drop_days()
    now = utc_now()
    lakes.write(now, lakes.person(1), *(lakes.happened(now, Kind.EXPOSURE, ObjectKind.POST, 7) for _ in range(1_200)))
    yield
    lakes.drop_days()
    make_days()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(wuyou, list(arguments))


def test_compact_then_verify_holds_and_a_lost_row_is_an_error() -> None:
    assert "waits" in run("lake", "verify").output

    assert run("lake", "compact").output == "1 files written\n"
    verified = run("lake", "verify")
    db.execute("DELETE FROM behaviour_event WHERE event_id = (SELECT max(event_id::text)::uuid FROM behaviour_event)")
    broken = run("lake", "verify")

    assert verified.exit_code == 0
    assert "1,200" in verified.output
    assert verified.output.rstrip().endswith("holds")
    assert (broken.exit_code, broken.output.rstrip().endswith("BROKEN")) == (1, True)


def test_report_for_people_and_for_programs() -> None:
    run("lake", "compact")
    shown = run("report", "objects_by_day")
    rows = list(csv.DictReader(io.StringIO(run("report", "objects_by_day", "--csv").output)))

    heads, line = shown.output.splitlines()
    assert heads.split()[:3] == ["day", "object_kind", "object_id"]
    assert line.split()[1:] == ["post", "7", "1", "1,200", "0", "0", "0", "0", "0"]
    (row,) = rows
    assert (row["object_id"], row["exposures"]) == ("7", "1200")


def test_reports_are_listed_and_what_is_none_is_refused_in_one_line() -> None:
    assert "post_funnel" in run("report").output
    unknown, backwards = run("report", "nothing"), run("report", "places", "--from", "2026-03-02", "--to", "2026-03-01")
    assert (unknown.exit_code, unknown.output) == (1, "Error: There is no such report.\n")
    assert backwards.exit_code == 1
    assert "first comes first" in backwards.output
