"""Many friendships at once keep what one promises."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders import social as builders
from tests.builders.people import make_person
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.infra import db

pytestmark = pytest.mark.django_db


def befriend(now: datetime, *pairs: tuple[int, int]) -> int:
    return db.in_transaction(lambda: operations.befriend_in_bulk(pairs=pairs, now=now))


def friendships() -> int:
    return int(db.rows("SELECT count(*) FROM social_friendship")[0][0])


def test_friends_are_friends_once_and_both_ways(now: datetime) -> None:
    one, other, third = (make_person(now).id for _ in range(3))

    assert befriend(now, (other, one), (one, other), (one, third)) == 2
    assert befriend(now, (one, other)) == 0

    assert queries.friends_by_person([one, other, third]) == {
        one: frozenset({other, third}),
        other: frozenset({one}),
        third: frozenset({one}),
    }


def test_a_block_keeps_a_friendship_away_and_a_waiting_request_is_agreed_to(now: datetime) -> None:
    one, other, third = (make_person(now) for _ in range(3))
    builders.block(now, other, one)
    builders.ask(now, third, one)

    assert befriend(now, (one.id, other.id), (one.id, third.id)) == 1

    assert not queries.get_relation(one.id, other.id).are_friends
    relation = queries.get_relation(one.id, third.id)
    assert relation.are_friends
    assert not relation.is_asked


def test_one_wrong_pair_refuses_all(now: datetime) -> None:
    one, other = (make_person(now).id for _ in range(2))

    with pytest.raises(errors.NotYourself):
        befriend(now, (one, other), (one, one))
    with pytest.raises(PersonNotFound):
        befriend(now, (one, other), (one, other + 1_000))

    assert friendships() == 0
