"""What two people have in common, as far as the one may see it."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import queries
from wuyou.domains.things.types import HoldingState, ThingKind
from wuyou.infra import sight
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Subject, SubjectKind

pytestmark = pytest.mark.django_db


def in_common(viewer: Person, other: Person) -> list[int]:
    return [thing.id for thing in queries.things_in_common(sight.get_viewer(viewer.id), other.id)]


def test_rarest_comes_first_and_only_what_is_open_counts(now: datetime) -> None:
    me, other, third = make_person(now), make_person(now), make_person(now)
    common, rare, hidden, wished = (make_thing(now) for _ in range(4))
    for thing in (common, rare, hidden, wished):
        make_holding(now, me, thing)
    make_holding(now, other, common, audience=PUBLIC)
    make_holding(now, third, common, audience=PUBLIC)
    make_holding(now, other, rare, audience=PUBLIC, state=HoldingState.HAD)
    make_holding(now, other, hidden, audience=ONLY_ME)
    make_holding(now, other, wished, audience=PUBLIC, state=HoldingState.WANT)

    assert in_common(me, other) == [rare.id, common.id]
    assert in_common(other, me) == []
    assert in_common(me, me) == []
    assert queries.things_in_common(sight.get_viewer(None), other.id) == ()


def test_what_is_for_friends_is_in_common_for_friends_and_a_block_ends_it(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing)
    make_holding(now, other, thing, audience=FRIENDS)

    assert in_common(me, other) == []
    social.befriend(now, me, other)
    assert in_common(me, other) == [thing.id]
    social.block(now, other, me)
    assert in_common(me, other) == []


def test_blocked_thing_is_no_common_ground(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing)
    make_holding(now, other, thing, audience=PUBLIC)

    social.block_subject(now, me, Subject(SubjectKind.THING, thing.id))

    assert in_common(me, other) == []


def test_variants_count_as_their_model(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    model = make_thing(now)
    red, blue = (make_thing(now, kind=ThingKind.VARIANT, parent=model) for _ in range(2))
    make_holding(now, me, red)
    make_holding(now, other, blue, audience=PUBLIC)

    assert in_common(me, other) == [model.id]


def test_looking_with_anothers_eyes_shows_nothing_of_their_shelves(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    thing = make_thing(now)
    make_holding(now, me, thing, audience=PUBLIC)
    make_holding(now, other, thing)

    assert queries.things_in_common(sight.view_as(sight.get_viewer(me.id), other.id).at_most, me.id) == ()


def test_it_is_one_query(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me, other = make_person(now), make_person(now)
    viewer = sight.get_viewer(me.id)

    with django_assert_num_queries(1):
        queries.things_in_common(viewer, other.id)
