"""Two people at the same moment, each on a connection of their own; and what happens without the lock of the pair."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Barrier, Event
from typing import Any
from unittest import mock

import pytest

from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import rush as rush
from wuyou.domains.social import errors, operations, pairs, policies, queries
from wuyou.domains.social.types import Relation, RequestState
from wuyou.infra import db

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]
ROUNDS = 8


def no_lock(one: int, other: int) -> None:
    """What stands in the lock's place in the controls."""


Decide = Callable[[Relation], None]


def then(decide: Decide, wait: Callable[[], object]) -> Decide:
    """Decide, and wait before what was decided is done."""

    def decide_and_wait(relation: Relation) -> None:
        decide(relation)
        wait()

    return decide_and_wait


def test_two_who_ask_each_other_at_once_are_friends(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you = make_person(now), make_person(now)

        results = rush([lambda a=a, b=b: social.ask(now, a, b) for a, b in [(me, you), (you, me)]])  # type: ignore[misc]

        assert sorted(results) == [RequestState.ACCEPTED, RequestState.PENDING]
        assert queries.get_relation(me.id, you.id) == Relation(are_friends=True)
    assert db.row("SELECT count(*) FROM event WHERE name = 'social.friendship_began'") == (ROUNDS,)


def test_control_without_the_lock_two_who_ask_each_other_both_wait(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    both_decided = Barrier(2)

    with (
        mock.patch.object(pairs, "lock_pair", no_lock),
        mock.patch.object(
            policies, "require_reachable", then(policies.require_reachable, lambda: both_decided.wait(30))
        ),
    ):
        results = rush([lambda a=a, b=b: social.ask(now, a, b) for a, b in [(me, you), (you, me)]])  # type: ignore[misc]

    assert results == [RequestState.PENDING, RequestState.PENDING]
    assert not queries.get_relation(me.id, you.id).are_friends


def test_follow_against_block_leaves_no_follow(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you = make_person(now), make_person(now)

        rush(
            [
                lambda a=me, b=you: social.follow(now, a, b),  # type: ignore[misc]
                lambda a=me, b=you: social.ask(now, a, b),  # type: ignore[misc]
                lambda a=me, b=you: social.block(now, b, a),  # type: ignore[misc]
            ]
        )

        assert queries.get_relation(me.id, you.id) == Relation(is_blocked=True)


def test_control_without_the_lock_a_follow_outlives_the_block(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    has_decided, is_blocked = Event(), Event()

    def until_blocked() -> None:
        has_decided.set()
        assert is_blocked.wait(30)

    def block() -> None:
        assert has_decided.wait(30)
        social.block(now, you, me)
        is_blocked.set()

    with (
        mock.patch.object(pairs, "lock_pair", no_lock),
        mock.patch.object(policies, "require_reachable", then(policies.require_reachable, until_blocked)),
    ):
        assert rush([lambda: social.follow(now, me, you), block]) == [None, None]

    assert queries.get_relation(me.id, you.id) == Relation(follows=True, is_blocked=True)


def test_accept_against_withdraw_has_one_outcome(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you = make_person(now), make_person(now)
        social.ask(now, me, you)
        request = social.request_id(me, you)

        results = rush(
            [
                lambda p=you, r=request: social.accept(now, p, r),  # type: ignore[misc]
                lambda p=me, r=request: social.withdraw(now, p, r),  # type: ignore[misc]
            ]
        )

        state = queries.get_request(me.id, request).state
        assert [type(result) for result in results].count(errors.RequestClosed) == 1
        assert queries.get_relation(me.id, you.id) == Relation(are_friends=state is RequestState.ACCEPTED)


def test_control_without_the_lock_a_withdrawn_request_makes_friends(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    social.ask(now, me, you)
    request = social.request_id(me, you)
    befriend = operations.relations._befriend
    has_decided, is_withdrawn = Event(), Event()

    def late(**facts: Any) -> None:
        has_decided.set()
        assert is_withdrawn.wait(30)
        befriend(**facts)

    def withdraw() -> None:
        assert has_decided.wait(30)
        social.withdraw(now, me, request)
        is_withdrawn.set()

    with mock.patch.object(pairs, "lock_pair", no_lock), mock.patch.object(operations.relations, "_befriend", late):
        assert rush([lambda: social.accept(now, you, request), withdraw]) == [None, None]

    assert queries.get_request(me.id, request).state is RequestState.WITHDRAWN
    assert queries.get_relation(me.id, you.id).are_friends


def test_the_same_call_many_times_at_once_counts_once(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    label = social.make_label(now, me, "同学")

    def all_of_it() -> None:
        social.follow(now, me, you)
        social.put_label(now, me, label.id, you)
        db.in_transaction(lambda: operations.mute(actor=actor_for(me), person_id=you.id, now=now))
        social.ask(now, me, you)

    results = rush([all_of_it for _ in range(6)])

    assert results == [None] * 6
    told = db.rows("SELECT name, count(*) FROM event WHERE name LIKE 'social.%%' GROUP BY name ORDER BY name")
    assert told == [("social.friend_requested", 1), ("social.person_followed", 1)]
    assert queries.members_of_label(me.id, label.id) == {you.id}


def test_one_name_makes_one_label_however_it_comes_about(rush: Rush, now: datetime) -> None:
    me = make_person(now)
    old = social.make_label(now, me, "旧")

    def rename() -> None:
        db.in_transaction(lambda: operations.rename_label(actor=actor_for(me), label_id=old.id, name="新"))

    results = rush([rename, *itertools.repeat(lambda: social.make_label(now, me, "新"), 3)])

    assert [type(result) for result in results].count(errors.LabelTaken) == 3
    assert [label.name for label in queries.list_labels(me.id)].count("新") == 1
