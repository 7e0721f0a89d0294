"""A record that somebody changed is found, whatever was changed."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from click.testing import CliRunner
from django.db import connection

from tests.builders import awards, content
from tests.builders.people import make_person
from wuyou.domains.awards import queries
from wuyou.infra import db
from wuyou.surfaces.cli.proofs import awards as command

pytestmark = pytest.mark.usefixtures("world")

EVERY = {"honours_follow_from_what_was_counted"}
MONTH = date(2026, 3, 1)
BREAKAGES = {
    "a figure that changes no place": "UPDATE awards_candidate SET figure = figure + 1 WHERE figure = 9",
    "a figure that makes another win": "UPDATE awards_candidate SET figure = 99 WHERE figure = 1",
    "reads": "UPDATE awards_candidate SET reads = reads + 1",
    "a candidate is taken out": "DELETE FROM awards_candidate WHERE figure = 1",
    "more was asked": "UPDATE awards_round SET least = least + 1",
    "more win": "UPDATE awards_round SET winner_count = winner_count + 1",
    "of another month": "UPDATE awards_round SET month = '2026-02-01'",
    "another wins": "UPDATE awards_honour SET candidate_id = (SELECT id FROM awards_candidate WHERE figure = 1)"
    " WHERE place = 2",
    "a winner is taken out": "DELETE FROM awards_honour WHERE place = 2",
    "another place": "UPDATE awards_honour SET place = 3 WHERE place = 2",
    "another digest": "UPDATE awards_round SET digest = ''",
}


@pytest.fixture
def given(now: datetime) -> None:
    award = awards.make_award(now)
    awards.read(date(2026, 3, 5), {content.make_post(now, make_person(now)): reads for reads in (10, 9, 1)})
    awards.give(award, MONTH)


def test_proof_of_nothing_proves_nothing() -> None:
    (check,) = queries.verify()

    assert (check.name, check.checked_count, check.holds) == (*EVERY, 0, False)


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("breakage", list(BREAKAGES))
def test_broken_rows_are_noticed(breakage: str) -> None:
    assert all(check.holds for check in queries.verify())

    assert db.execute(BREAKAGES[breakage]) > 0

    (check,) = queries.verify()
    assert (check.holds, check.checked_count, check.breach_count) == (False, 1, 1)
    assert check.examples


@pytest.mark.usefixtures("given")
def test_what_becomes_of_an_honour_breaks_nothing(now: datetime) -> None:
    awards.withdraw(now, queries.list_given(MONTH)[0])

    assert all(check.holds for check in queries.verify())


@pytest.mark.usefixtures("given")
def test_command_says_what_it_saw_and_fails_where_it_is_broken() -> None:
    told = CliRunner().invoke(command, ["verify", "--json"])
    assert (told.exit_code, {json.loads(line)["name"] for line in told.stdout.splitlines()}) == (0, EVERY)

    db.in_transaction(lambda: db.execute("UPDATE awards_round SET digest = ''"))
    connection.close()

    broken = CliRunner().invoke(command, ["verify"])
    assert (broken.exit_code, broken.output.count("BROKEN")) == (1, 1)
