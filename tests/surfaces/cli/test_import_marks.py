"""`wuyou import marks`: real marks become people with shelves, once, whole, and as the ordinary path writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result
from tests.builders.erasure import erase
from tests.builders.people import make_person

from wuyou.domains.identity import queries as identity
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.domains.things import serving
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.cli.marks import importing, importing_group

pytestmark = pytest.mark.usefixtures("world")
COUNTED = ("identity_user", "things_thing", "things_holding", "things_provenance", "social_friendship", "event")
PEOPLE, BOOKS = 30, 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty people with three to six books of forty each; friends are next to each other, and one is their own."""
    marks = [(person, (7 * person + 3 * place) % BOOKS) for person in range(PEOPLE) for place in range(3 + person % 4)]
    marks += marks[:2]
    _write(
        tmp_path / "interactions.parquet",
        user=[person for person, _ in marks],
        item=[book for _, book in marks],
        rating=[None if person % 2 else 4 + book % 2 for person, book in marks],
    )
    ties = [(person, person + 1) for person in range(PEOPLE - 1)]
    ties += [(other, one) for one, other in ties] + [(3, 3)]
    _write(tmp_path / "social.parquet", src=[one for one, _ in ties], dst=[other for _, other in ties])
    _write(
        tmp_path / "book_author.parquet",
        item=list(range(BOOKS - 1)),
        author_id=[book // 3 for book in range(BOOKS - 1)],
    )
    return tmp_path


def test_marks_become_people_things_copies_and_friends(folder: Path) -> None:
    done = run(folder)

    assert done.exit_code == 0, done.output
    assert "As the ordinary path writes them: 20 people, 100 copies and 29 friendships" in done.output
    reader = identity.find_person("reader_6")
    assert reader is not None
    copies = things.list_holdings_of(get_viewer(None), reader.id).items
    assert sorted(copy.thing.name for copy in copies) == sorted(f"书 {2 + 3 * place}" for place in range(5))
    assert {copy.state for copy in copies} == {HoldingState.HAD}
    assert {copy.rating for copy in copies} == {4, 5}
    assert copies[0].thing.parent_id is not None
    friends = {identity.get_person(tied.person_id).handle for tied in social.list_friends(reader.id).items}
    assert friends == {"reader_5", "reader_7"}
    assert counts()["social_friendship"] == PEOPLE - 1
    assert not db.rows("SELECT 1 FROM identity_user WHERE password NOT LIKE '!%%'"), "nobody of them can sign in"


def test_a_second_import_changes_nothing(folder: Path) -> None:
    run(folder)
    before = counts()

    again = run(folder)

    assert again.exit_code == 0, again.output
    assert "0 copies and 0 friendships are new" in again.output
    assert counts() == before


def test_what_was_interrupted_is_whole_as_far_as_it_came_and_is_gone_on_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = importing.import_in_bulk
    calls = []

    def stopped(**arguments: object) -> int:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "COPIES_AT_ONCE", 20)
    monkeypatch.setattr(importing, "import_in_bulk", stopped)
    first = run(folder)
    shelves = dict(db.rows("SELECT owner_id, count(*) FROM things_holding GROUP BY owner_id"))

    assert first.exit_code == 1
    assert "the same command goes on" in first.output
    assert 0 < len(shelves) < PEOPLE
    people = {identity.get_person(owner_id).handle: count for owner_id, count in shelves.items()}
    assert people == {f"reader_{number}": 3 + number % 4 for number in range(len(people))}, "whole shelves or none"

    second = run(folder)

    assert second.exit_code == 0, second.output
    assert counts()["things_holding"] == counts()["things_provenance"] == sum(3 + n % 4 for n in range(PEOPLE))


def test_who_has_left_stays_gone(folder: Path, now: datetime) -> None:
    run(folder)
    reader = identity.find_person("reader_6")
    assert reader is not None
    erase(now, reader.id)

    again = run(folder)

    assert again.exit_code == 0, again.output
    assert identity.find_person("reader_6") is None
    assert counts()["social_friendship"] == PEOPLE - 3


def test_somebody_elses_handle_refuses_the_whole_of_their_piece(folder: Path, now: datetime) -> None:
    real = make_person(now, "真人", handle="reader_6")

    refused = run(folder)

    assert refused.exit_code == 1
    assert "reader_6" in refused.output
    assert things.list_holdings_of(get_viewer(real.id), real.id).items == ()
    assert identity.count_people() == 1
    assert counts()["things_holding"] == 0


def test_a_row_that_differs_from_the_ordinary_path_is_found(folder: Path) -> None:
    run(folder)
    db.execute("UPDATE things_holding SET condition = 'WORN'")

    again = run(folder)

    assert again.exit_code == 1
    assert "differs from the ordinary path in condition" in again.output


def test_the_report_ranks_friends_beside_counting_and_chance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "serve", lambda: None)  # SQL answers: no thread outlives the test

    done = run(folder, "--report")

    assert done.exit_code == 0, done.output
    figures = json.loads(done.output.splitlines()[-1])
    assert figures["sampled"] == figures["people"] == PEOPLE
    assert figures["friends"] == pytest.approx(2 * (PEOPLE - 1) / PEOPLE)
    assert figures["chance"]["share"] == pytest.approx(20 / (PEOPLE - 1))
    assert 0 <= figures["rarity"]["found"] <= figures["friends"]
    assert "rarity of what is shared" in done.output


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda at: (at / "social.parquet").unlink(), "lacks social.parquet"),
        (lambda at: (at / "interactions.parquet").write_bytes(b"not parquet"), "cannot be read as Parquet"),
        (lambda at: _write(at / "interactions.parquet", user=[1]), "lacks the column item"),
        (lambda at: _write(at / "interactions.parquet", user=[1], item=["x"]), "item must hold a whole number"),
        (lambda at: _write(at / "interactions.parquet", user=[None, 1], item=[1, 2]), "user must hold a whole number"),
        (lambda at: _write(at / "interactions.parquet", user=[-1], item=[1]), "below 0"),
        (lambda at: _write(at / "interactions.parquet", user=[1], item=[1], rating=[9]), "not one of 1 to 5"),
        (lambda at: _write(at / "interactions.parquet", user=[1], item=[1], mark=["liked"]), "'liked' is no mark"),
    ],
)
def test_a_broken_folder_is_said_in_one_line_and_changes_nothing(
    folder: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(folder)
    before = counts()

    refused = run(folder)

    assert refused.exit_code == 1
    assert says in refused.output
    assert len(refused.output.splitlines()) == 1
    assert counts() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused = run(tmp_path / "nowhere")

    assert (refused.exit_code, refused.output) == (1, f"Error: There is no folder {tmp_path / 'nowhere'}.\n")


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(importing_group, ["marks", str(folder), *options])


def counts() -> dict[str, int]:
    return {table: db.rows(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


def _write(path: Path, **columns: list[object]) -> None:
    parquet.write_table(pa.table(columns), path)
