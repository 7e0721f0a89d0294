"""`wuyou people`: secrets are printed once, and they work."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.contrib.auth import authenticate

from wuyou.domains.identity import queries
from wuyou.surfaces.cli.people import people

pytestmark = pytest.mark.django_db


def test_add_prints_a_password_that_signs_in() -> None:
    done = CliRunner().invoke(people, ["add", "lin", "--name", "林巧", "--staff"])

    assert done.exit_code == 0
    user = authenticate(username="lin", password=done.stdout.strip())
    assert user is not None
    assert (user.handle, user.display_name, user.is_staff) == ("lin", "林巧", True)
    assert done.stdout.strip() not in done.stderr


def test_add_makes_a_member_named_after_the_handle() -> None:
    CliRunner().invoke(people, ["add", "lin"])

    person = queries.find_person("lin")
    assert person is not None
    assert (person.display_name, person.is_staff) == ("lin", False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "lin"], "Somebody already has the name “lin”."),
        (["add", "1"], "3 to 30 lower-case letters"),
        (["add", "zhao", "--name", ""], "Please give a name of 1 to 40 characters."),
        (["token", "nobody"], "We could not find this person."),
    ],
)
def test_refusals_are_one_sentence(arguments: list[str], sentence: str) -> None:
    CliRunner().invoke(people, ["add", "lin"])
    before = queries.count_people()

    done = CliRunner().invoke(people, arguments)

    assert done.exit_code == 1
    assert sentence in done.stderr
    assert done.stdout == ""
    assert queries.count_people() == before


def test_token_prints_a_token_that_acts_as_the_person() -> None:
    CliRunner().invoke(people, ["add", "lin", "--staff"])

    first, second = (CliRunner().invoke(people, ["token", "lin"]).stdout.strip() for _ in range(2))

    person = queries.find_person("lin")
    actor = queries.find_actor_by_token(first)
    assert person is not None
    assert actor is not None
    assert (actor.user_id, actor.is_staff) == (person.id, True)
    assert first != second
