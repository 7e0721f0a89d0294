"""What others opened, newest first: whole, in order, page by page, and never more than the viewer may see."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FOLLOWERS, FRIENDS, ONLY_ME, PUBLIC, AudienceRule, Sight, Viewer, may_see

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(now: datetime) -> tuple[Person, list[Person]]:
    """A viewer and seven people with sixty copies, opened in every way; some are wishes."""
    draw = random.Random(5)
    viewer, *people = [make_person(now) for _ in range(8)]
    for each in people[:3]:
        social.befriend(now, viewer, each)
    for each in people[2:5]:
        social.follow(now, viewer, each)
    social.block(now, people[5], viewer)
    thing = make_thing(now)
    for _ in range(60):
        owner = draw.choice([viewer, *people])
        rule = draw.choice([PUBLIC, FOLLOWERS, FRIENDS, ONLY_ME])
        state = draw.choice([HoldingState.OWN, HoldingState.OWN, HoldingState.WANT])
        make_holding(now, owner, thing, state=state, audience=rule)
    return viewer, people


def expected(viewer: Viewer, owners: set[int]) -> list[int]:
    """Every copy, checked one by one."""
    rows = db.rows(
        "SELECT id, owner_id, state, sight_opens, sight_closes FROM things_holding h"
        " WHERE owner_id <> %s ORDER BY id DESC",
        [viewer.person_id],
    )
    return [
        id_
        for id_, owner, state, opens, closes in rows
        if state == "OWN" and owner in owners and may_see(viewer, Sight(owner, tuple(opens), tuple(closes)))
    ]


def read_all(page_after: object) -> list[int]:
    found: list[int] = []
    cursor: int | None = None
    while True:
        page = page_after(cursor)  # type: ignore[operator]
        found += [holding.id for holding in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 4, 24])
@pytest.mark.parametrize("newest", [2, 4_000])
def test_newest_of_all_are_those_that_the_check_passes(
    town: tuple[Person, list[Person]], monkeypatch: pytest.MonkeyPatch, limit: int, newest: int
) -> None:
    """Also when the newest do not fill a page and the index is asked."""
    monkeypatch.setattr(queries.copies, "_NEWEST", newest)
    person, people = town
    viewer = sight.get_viewer(person.id)
    wanted = expected(viewer, {each.id for each in people})

    assert read_all(lambda cursor: queries.list_newest(viewer, cursor=cursor, limit=limit)) == wanted
    assert len(wanted) > 10


@pytest.mark.parametrize("limit", [1, 4, 24])
@pytest.mark.parametrize(("many", "newest"), [(100, 4_000), (2, 4_000), (2, 6)])
def test_newest_of_some_are_those_that_the_check_passes(
    town: tuple[Person, list[Person]], monkeypatch: pytest.MonkeyPatch, limit: int, many: int, newest: int
) -> None:
    """Also when they are many, and the newest of all do not fill a page."""
    monkeypatch.setattr(queries.copies, "_MANY_OWNERS", many)
    monkeypatch.setattr(queries.copies, "_NEWEST", newest)
    person, people = town
    viewer = sight.get_viewer(person.id)
    some = {each.id for each in people[1:6]}
    wanted = expected(viewer, some)

    assert read_all(lambda cursor: queries.list_newest_of(viewer, some, cursor=cursor, limit=limit)) == wanted
    assert len(wanted) > 5
    assert not queries.list_newest_of(viewer, []).items


def test_newest_cost_one_query_and_a_second_where_little_is_open(
    town: tuple[Person, list[Person]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person, people = town
    viewer = sight.get_viewer(person.id)

    with django_assert_num_queries(1):
        queries.list_newest(viewer, limit=5)
    with django_assert_num_queries(2):
        queries.list_newest(viewer, limit=60)
    with django_assert_num_queries(1):
        queries.list_newest_of(viewer, [each.id for each in people], limit=60)


def test_what_is_narrowed_leaves_the_newest_at_once(now: datetime) -> None:
    owner, viewer = make_person(now), make_person(now)
    holding = make_holding(now, owner, audience=PUBLIC)
    assert [each.id for each in queries.list_newest(sight.get_viewer(viewer.id)).items] == [holding.id]

    db.in_transaction(
        lambda: operations.set_audience(actor=Actor(owner.id), holding_ids=[holding.id], rule=AudienceRule(), now=now)
    )

    for found in (
        queries.list_newest(sight.get_viewer(viewer.id)),
        queries.list_newest_of(sight.get_viewer(viewer.id), [owner.id]),
    ):
        assert found.items == ()
