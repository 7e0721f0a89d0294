"""Ties: what is counted once, what fades, whose eyes a correction is for, and whom one is reminded of."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, operations, queries, rules, tasks
from wuyou.domains.social.types import (
    Band,
    Channel,
    Correction,
    GiftsFrom,
    Occasion,
    OccasionKind,
    TieKind,
)
from wuyou.infra import db

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EXCHANGED = 2 * rules.WEIGHTS[TieKind.EXCHANGE].answered


@pytest.fixture
def two(now: datetime) -> tuple[Person, Person]:
    return make_person(now), make_person(now)


def stored(one: Person, other: Person) -> tuple[int, int]:
    """The weight that a tie keeps, and the weight that its facts make."""
    (tie_id, weight), *_ = db.rows(
        "SELECT id, weight FROM social_tie WHERE low_id = %s AND high_id = %s", sorted((one.id, other.id))
    )
    facts = db.rows("SELECT kind, side, happened_on FROM social_tie_fact WHERE tie_id = %s", [tie_id])
    months: dict[tuple[int, str], list[int]] = {}
    for kind, side, day in facts:
        counts = months.setdefault((rules.month_of(day), kind), [0, 0])
        counts[0] += side & 1
        counts[1] += side >> 1
    made = sum(rules.points(TieKind(kind), *counts) * rules.growth(month) for (month, kind), counts in months.items())
    return int(weight), made


# ---------------------------------------------------------------------- what is counted


def test_words_that_are_answered_tie_more_than_words_alone(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    social.write(now, me, you, key="message:1")
    alone = social.strength(now, me, you)
    social.write(now, you, me, key="message:2")

    assert alone == rules.WEIGHTS[TieKind.EXCHANGE].alone
    assert social.strength(now, me, you) == social.strength(now, you, me) == EXCHANGED


def test_a_fact_told_twice_counts_once(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    for _ in range(3):
        social.write(now, me, you, key="message:1")
        social.do_together(now, me, you, key="team:1")

    assert db.rows("SELECT count(*) FROM social_tie_fact") == [(2,)]
    assert social.strength(now, me, you) == 25 + 2 * 500


def test_so_many_words_a_day_count_and_no_more(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    cap = rules.WEIGHTS[TieKind.EXCHANGE].daily_cap

    for number in range(3 * cap):
        social.write(now, me, you, key=f"message:{number}")
    social.write(now + DAY, me, you, key="message:of the next day")

    assert social.strength(now, me, you) == 25 * (cap + 1)


def test_the_same_facts_in_any_order_make_the_same_tie(now: datetime) -> None:
    def live(me: Person, you: Person, seed: int) -> int:
        calls: list[Callable[[], None]] = [
            *(lambda d=d: social.write(now - d * 20 * DAY, me, you, key=f"m{d}") for d in range(6)),  # type: ignore[misc]
            *(lambda d=d: social.write(now - d * 9 * DAY, you, me, key=f"n{d}") for d in range(6)),  # type: ignore[misc]
            *(lambda d=d: social.do_together(now - d * 50 * DAY, me, you, key=f"t{d}") for d in range(3)),  # type: ignore[misc]
        ]
        random.Random(seed).shuffle(calls)
        for call in calls + calls[:5]:
            call()
        weight, made = stored(me, you)
        assert weight == made
        return weight

    assert len({live(make_person(now), make_person(now), seed) for seed in range(4)}) == 1


def test_a_team_ties_every_two_of_its_members_and_a_large_one_less(now: datetime) -> None:
    few = [make_person(now) for _ in range(3)]
    many = [make_person(now) for _ in range(rules.FEW + 1)]

    social.do_together(now, *few, key="team:1")
    social.do_together(now, *many, key="team:2")

    assert {social.strength(now, few[0], other) for other in few[1:]} == {1_000}
    assert social.strength(now, many[0], many[-1]) == 200
    assert db.rows("SELECT count(*) FROM social_tie") == [(3 + 21,)]


def test_beyond_many_nothing_is_counted(now: datetime) -> None:
    people = [make_person(now) for _ in range(rules.MANY + 1)]

    social.do_together(now, *people, key="team:1")
    social.write(now, people[0], *people[1:], make_person(now), key="message:1")

    assert db.rows("SELECT count(*) FROM social_tie") == [(0,)]


def test_words_to_a_group_say_little_of_any_two(now: datetime) -> None:
    me, *others = [make_person(now) for _ in range(4)]

    social.write(now, me, *others, key="message:1")

    assert {social.strength(now, me, other) for other in others} == {rules.WEIGHTS[TieKind.GROUP_EXCHANGE].alone}


def test_trade_is_a_link_of_its_own(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    social.do_together(now, me, you, key="order:1", kind=TieKind.TRADE)
    social.give(now, *befriended(now, me, you))

    parts = {part.channel: part for part in queries.get_tie_story(me.id, you.id, now=now).parts}
    assert (parts[Channel.TRADE].strength, parts[Channel.GIFTS].strength) == (20, 1_000)
    (week, *_) = queries.list_weeks_of_ties(now=now)
    assert (week.gift_links, week.trade_links) == (1, 1)


def befriended(now: datetime, me: Person, you: Person) -> tuple[Person, Person]:
    social.befriend(now, me, you)
    return me, you


def test_trade_alone_breaks_no_silence_and_ties_nobody(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    social.do_together(now, me, you, key="order:1", kind=TieKind.TRADE)

    tie = queries.get_tie_story(me.id, you.id, now=now).tie
    assert (tie.band, tie.last_on) == (Band.NONE, None)
    assert queries.list_ties(me.id, now=now) == ()


def test_a_request_with_its_reason_counts_when_it_is_agreed_to(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    social.ask(now, me, you)
    before = social.strength(now, me, you)
    social.accept(now, you, social.request_id(me, you))

    assert before == 0
    assert social.strength(now, me, you) == 300 + rules.FRIENDSHIP


def test_across_a_block_nothing_is_counted_and_nothing_is_shown(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.do_together(now, me, you, key="team:1")
    social.block(now, you, me)

    social.do_together(now, me, you, key="team:2")

    assert db.rows("SELECT count(*) FROM social_tie_fact") == [(1,)]
    assert queries.list_ties(me.id, now=now) == queries.list_ties(you.id, now=now) == ()
    for one, other in [(me, you), (you, me)]:
        assert queries.ties_by_person(one.id, [other.id], now=now) == {}
        with pytest.raises(PersonNotFound):
            queries.get_tie_story(one.id, other.id, now=now)


# ---------------------------------------------------------------------- one's own side


def test_a_correction_is_for_the_eyes_of_its_owner_alone(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.do_together(now, me, you, key="team:1")
    seen_by_you = queries.get_tie_story(you.id, me.id, now=now)

    for said, band in [
        (Correction.CLOSER, Band.CLOSE),
        (Correction.DISTANT, Band.NONE),
        (Correction.HIDDEN, Band.NONE),
        (None, Band.ACQUAINTED),
    ]:
        social.correct(now, me, you, said)

        mine = queries.get_tie_story(me.id, you.id, now=now)
        assert (mine.tie.band, mine.tie.correction, mine.counted) == (band, said, 1_000)
        assert queries.get_tie_story(you.id, me.id, now=now) == seen_by_you


def test_the_closest_come_first_and_whom_one_hides_does_not_come(now: datetime) -> None:
    me, near, nearer, hidden = (make_person(now) for _ in range(4))
    social.do_together(now, me, near, key="team:1")
    for team in range(2):
        social.do_together(now, me, nearer, key=f"team:2{team}")
        social.do_together(now, me, hidden, key=f"team:3{team}")
    social.correct(now, me, hidden, Correction.HIDDEN)

    assert [tie.person_id for tie in queries.list_ties(me.id, now=now)] == [nearer.id, near.id]
    assert [tie.person_id for tie in queries.list_ties(hidden.id, now=now)] == [me.id]


def test_a_tie_fades_and_keeps_its_history(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.do_together(now, me, you, key="team:1")

    story = queries.get_tie_story(me.id, you.id, now=now + timedelta(days=184))

    assert story.counted == 500
    assert [point.strength for point in story.history[-7:]] == [1_000, 891, 793, 707, 630, 561, 500]


def test_reads_of_ties_cost_the_same_for_any_number(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me, *others = [make_person(now) for _ in range(6)]
    for number, other in enumerate(others):
        social.do_together(now, me, other, key=f"team:{number}")

    with django_assert_num_queries(1):
        assert len(queries.list_ties(me.id, now=now)) == 5
    with django_assert_num_queries(2):
        queries.get_tie_story(me.id, others[0].id, now=now)


# ---------------------------------------------------------------------- who grows silent


def once_close(now: datetime, me: Person, *others: Person, days: int = 60) -> None:
    """They were familiar, and have been silent for so many days."""
    for other in others:
        for number in range(4):
            social.do_together(now - (days + number // 2) * DAY, me, other, key=f"team:{me.id}:{other.id}:{number}")


def reminded(person: Person) -> list[int]:
    return [reminder.person_id for reminder in queries.list_reminders(person.id)]


def test_who_was_close_and_grows_silent_is_told_of_once(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    once_close(now, me, you)

    tasks.remind_of_fading_ties(now)
    tasks.remind_of_fading_ties(now + DAY)

    assert (reminded(me), reminded(you)) == ([you.id], [me.id])
    assert db.rows("SELECT count(*) FROM social_reminder") == [(2,)]


@pytest.mark.parametrize("days", [10, 44, 430])
def test_a_short_silence_and_one_long_over_are_not_told(two: tuple[Person, Person], now: datetime, days: int) -> None:
    me, you = two
    once_close(now, me, you, days=days)

    assert tasks.remind_of_fading_ties(now) == 0
    assert reminded(me) == []


def test_who_was_never_close_is_not_told_of(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.do_together(now - 60 * DAY, me, you, key="team:1")

    tasks.remind_of_fading_ties(now)

    assert reminded(me) == []


def test_at_most_so_many_a_week(now: datetime) -> None:
    me, *others = [make_person(now) for _ in range(5)]
    once_close(now, me, *others)

    tasks.remind_of_fading_ties(now)
    first = len(reminded(me))
    tasks.remind_of_fading_ties(now + 3 * DAY)
    same_week = len(reminded(me))
    tasks.remind_of_fading_ties(now + 8 * DAY)

    assert (first, same_week, len(reminded(me))) == (2, 2, 4)


def test_a_reminder_that_was_put_away_does_not_come_again_soon(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    once_close(now, me, you)
    tasks.remind_of_fading_ties(now)
    (reminder,) = queries.list_reminders(me.id)
    with pytest.raises(errors.ReminderNotFound):
        db.in_transaction(lambda: operations.close_reminder(actor=actor_for(you), reminder_id=reminder.id, now=now))

    db.in_transaction(lambda: operations.close_reminder(actor=actor_for(me), reminder_id=reminder.id, now=now))
    tasks.remind_of_fading_ties(now + 30 * DAY)
    soon = reminded(me)
    tasks.remind_of_fading_ties(now + 91 * DAY)

    assert (soon, reminded(me)) == ([], [you.id])


def test_writing_again_ends_the_reminder(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    once_close(now, me, you)
    tasks.remind_of_fading_ties(now)

    social.write(now, me, you, key="message:1")

    assert (reminded(me), reminded(you)) == ([], [])


@pytest.mark.parametrize("how", ["mute", "hide", "block", "be blocked", "switch off"])
def test_nobody_is_reminded_of_whom_they_keep_away(two: tuple[Person, Person], now: datetime, how: str) -> None:
    me, you = two
    once_close(now, me, you)
    keep_away = {
        "mute": lambda: db.in_transaction(lambda: operations.mute(actor=actor_for(me), person_id=you.id, now=now)),
        "hide": lambda: social.correct(now, me, you, Correction.HIDDEN),
        "block": lambda: social.block(now, me, you),
        "be blocked": lambda: social.block(now, you, me),
        "switch off": lambda: db.in_transaction(
            lambda: operations.set_preference(actor=actor_for(me), gifts_from=GiftsFrom.KNOWN, is_reminded=False)
        ),
    }

    keep_away[how]()
    tasks.remind_of_fading_ties(now)

    assert reminded(me) == []


def test_what_was_open_is_not_shown_of_whom_one_now_keeps_away(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    once_close(now, me, you)
    tasks.remind_of_fading_ties(now)

    social.block(now, you, me)

    assert (reminded(me), reminded(you)) == ([], [])


def test_a_year_of_friendship_is_an_occasion(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.befriend(now - 365 * DAY, me, you)

    assert queries.find_occasion(me.id, you.id, now=now) == Occasion(OccasionKind.YEARS_OF_FRIENDSHIP, 1)
    assert queries.find_occasion(me.id, you.id, now=now + 30 * DAY) is None


def test_weeks_tell_how_many_ties_formed_and_grew(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.do_together(now - 7 * DAY, me, you, key="team:1")
    social.write(now, me, you, key="message:1")
    social.write(now, me, make_person(now), key="message:2")

    this, last, *_ = queries.list_weeks_of_ties(now=now)

    assert (this.formed, this.strengthened) == (1, 1)
    assert (last.formed, last.strengthened) == (1, 0)
