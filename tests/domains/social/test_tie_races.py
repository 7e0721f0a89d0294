"""The same facts and gifts at the same moment, on connections of their own; and what happens without the guards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any
from unittest import mock

import pytest

from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.builders.waiting import wait_for_waiters
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, facts, operations, pairs, queries, rules, tasks
from wuyou.domains.social.types import AppreciatedKind, GiftState, TieKind
from wuyou.infra import db
from wuyou.kernel.sight import make_viewer

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]


def friends(now: datetime) -> tuple[Person, Person]:
    me, you = make_person(now), make_person(now)
    social.befriend(now, me, you)
    return me, you


def test_a_fact_told_at_once_many_times_counts_once(rush: Rush, now: datetime) -> None:
    people = [make_person(now) for _ in range(4)]

    results = rush([lambda: social.do_together(now, *people, key="team:1") for _ in range(6)])

    assert results == [None] * 6
    assert {social.strength(now, people[0], other) for other in people[1:]} == {1_000}


def test_different_facts_at_once_all_count_up_to_the_cap_of_the_day(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    cap = rules.WEIGHTS[TieKind.EXCHANGE].daily_cap

    rush([lambda n=n: social.write(now, me, you, key=f"message:{n}") for n in range(cap + 5)])  # type: ignore[misc]

    assert db.row("SELECT count(*) FROM social_tie_fact") == (cap,)
    assert social.strength(now, me, you) == 25 * cap


def last_of_the_day_at_once(rush: Rush, now: datetime) -> tuple[object, ...] | None:
    """What is counted when two write, the day may count one more, and the first is not committed yet."""
    me, you = make_person(now), make_person(now)
    for n in range(rules.WEIGHTS[TieKind.EXCHANGE].daily_cap - 1):
        social.write(now, me, you, key=f"message:{n}")
    has_counted = Event()

    def count_and_stay() -> None:
        operations.record_exchange(from_id=me.id, to_ids=[you.id], key="message:first", now=now)
        has_counted.set()
        wait_for_waiters()

    def come_after() -> None:
        assert has_counted.wait(20)
        social.write(now, me, you, key="message:second")

    assert rush([lambda: db.in_transaction(count_and_stay), come_after]) == [None, None]
    return db.row("SELECT count(*) FROM social_tie_fact")


def test_the_last_that_a_day_counts_is_counted_once(rush: Rush, now: datetime) -> None:
    assert last_of_the_day_at_once(rush, now) == (rules.WEIGHTS[TieKind.EXCHANGE].daily_cap,)


def test_control_without_the_lock_of_the_tie_a_day_counts_more_than_its_cap(rush: Rush, now: datetime) -> None:
    def unlocked(sides: Mapping[tuple[int, int], int], *_: object) -> list[tuple[int, int, int]]:
        (side,) = sides.values()
        return [(tie_id, side, 0) for (tie_id,) in db.rows("SELECT id FROM social_tie")]

    locked = facts._lock
    with mock.patch.object(facts, "_lock", lambda *given: unlocked(*given) or locked(*given)):
        counted = last_of_the_day_at_once(rush, now)

    assert counted == (rules.WEIGHTS[TieKind.EXCHANGE].daily_cap + 1,)


def test_crossing_rounds_do_not_deadlock(rush: Rush, now: datetime) -> None:
    people = [make_person(now) for _ in range(5)]

    results = rush(
        [lambda n=n: social.do_together(now, *people[:: 1 if n % 2 else -1], key=f"team:{n}") for n in range(6)]  # type: ignore[misc]
    )

    assert results == [None] * 6


def test_accept_against_decline_of_a_gift_ends_in_one_of_the_two(rush: Rush, now: datetime) -> None:
    for _ in range(6):
        me, you = friends(now)
        gift = social.offer(now, me, you)

        results = rush(
            [
                lambda p=you, g=gift: social.take_gift(now, p, g.id),  # type: ignore[misc]
                lambda p=you, g=gift: db.in_transaction(  # type: ignore[misc]
                    lambda: operations.decline_gift(actor=actor_for(p), gift_id=g.id, now=now)
                ),
            ]
        )

        state = queries.get_gift(me.id, gift.id).state
        assert state in {GiftState.ACCEPTED, GiftState.DECLINED}
        if state is GiftState.ACCEPTED:
            assert [type(result) for result in results].count(errors.GiftClosed) == 1


def test_give_against_withdraw_has_one_outcome(rush: Rush, now: datetime) -> None:
    for _ in range(6):
        me, you = friends(now)
        gift = social.offer(now, me, you)
        social.take_gift(now, you, gift.id)

        results = rush(
            [
                lambda p=me, g=gift: social.hand_over(now, p, g.id),  # type: ignore[misc]
                lambda p=me, g=gift: db.in_transaction(  # type: ignore[misc]
                    lambda: operations.withdraw_gift(actor=actor_for(p), gift_id=g.id, now=now)
                ),
            ]
        )

        is_given = queries.get_gift(me.id, gift.id).state is GiftState.GIVEN
        assert [type(result) for result in results].count(errors.GiftClosed) == 1
        assert (social.strength(now, me, you) > rules.FRIENDSHIP + 300) is is_given


def test_a_gift_given_at_once_many_times_counts_once(rush: Rush, now: datetime) -> None:
    me, you = friends(now)
    gift = social.offer(now, me, you)
    social.take_gift(now, you, gift.id)

    results = rush([lambda: social.hand_over(now, me, gift.id) for _ in range(5)])

    assert sorted(results) == [False] * 4 + [True]
    assert db.row("SELECT count(*) FROM event WHERE name = 'social.gift_given'") == (1,)


@contextmanager
def without_the_lock_of_the_pair() -> Iterator[None]:
    with mock.patch.object(pairs, "lock_pair"):
        yield


def open_gifts() -> int:
    found = db.row("SELECT count(*) FROM social_gift WHERE state IN ('OFFERED', 'ACCEPTED')")
    assert found is not None
    return int(found[0])


def test_no_gift_is_open_across_a_block(rush: Rush, now: datetime) -> None:
    for _ in range(6):
        me, you = friends(now)

        rush([lambda p=me, o=you: social.offer(now, p, o), lambda p=me, o=you: social.block(now, o, p)])  # type: ignore[misc]

        assert open_gifts() == 0


def test_control_without_the_lock_of_the_pair_a_gift_outlives_the_block(rush: Rush, now: datetime) -> None:
    me, you = friends(now)
    get = queries.get_gift
    is_offered, is_blocked = Event(), Event()

    def slowly(*arguments: Any) -> Any:
        gift = get(*arguments)
        is_offered.set()
        assert is_blocked.wait(30)
        return gift

    def block() -> None:
        assert is_offered.wait(30)
        social.block(now, you, me)
        is_blocked.set()

    with without_the_lock_of_the_pair(), mock.patch.object(queries, "get_gift", slowly):
        assert len(rush([lambda: social.offer(now, me, you), block])) == 2

    assert open_gifts() == 1


def test_thanks_sent_at_once_many_times_count_once(rush: Rush, now: datetime) -> None:
    me, you = make_person(now), make_person(now)

    results = rush([lambda: social.thank(now, me, you, 1, words="谢谢") for _ in range(5)])

    assert results == [None] * 5
    assert queries.appreciation_by_source(make_viewer(None), AppreciatedKind.REVIEW, [1]) == {1: 1}
    assert social.strength(now, me, you) == 250


def test_two_runs_of_the_reminder_keep_to_what_a_week_may_bring(rush: Rush, now: datetime) -> None:
    from tests.domains.social.test_ties import once_close

    me, *others = [make_person(now) for _ in range(6)]
    once_close(now, me, *others)

    rush([lambda: tasks.remind_of_fading_ties(now) for _ in range(3)])

    assert len(queries.list_reminders(me.id)) == rules.MAX_REMINDERS_A_WEEK
