"""From whom one hears, of what, and by what way: decided at each look, so it holds for what is there already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import operations, queries
from wuyou.domains.notifications.types import (
    TOPICS,
    Channel,
    Decision,
    Kind,
    Origin,
    Preference,
    Topic,
)
from wuyou.domains.social import queries as relations
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.usefixtures("db")


def choose(person: Person, preference: Preference) -> None:
    db.in_transaction(lambda: operations.set_preference(actor=actor_for(person), preference=preference, now=utc_now()))


def told(person: Person, box: Decision = Decision.ACCEPT) -> list[Kind]:
    return [group.kind for group in queries.list_groups(get_viewer(person.id), box=box).items]


def count(person: Person) -> int:
    return queries.count_unread(get_viewer(person.id))


def befriended(now: datetime, me: Person, other: Person) -> None:
    social.befriend(now, me, other)


def followed(now: datetime, me: Person, other: Person) -> None:
    social.follow(now, me, other)


def written_to(now: datetime, me: Person, other: Person) -> None:
    social.write(now, me, other, key="message:1")


def given_to(now: datetime, me: Person, other: Person) -> None:
    social.follow(now, other, me)
    social.give(now, me, other)


def written_by(now: datetime, me: Person, other: Person) -> None:
    social.write(now, other, me, key="message:1")


def written_to_in_a_group(now: datetime, me: Person, other: Person) -> None:
    social.write(now, me, other, make_person(now), key="message:1")


def nothing(now: datetime, me: Person, other: Person) -> None:
    return


HOW_KNOWN: list[tuple[Callable[[datetime, Person, Person], None], Origin]] = [
    (befriended, Origin.FRIEND),
    (followed, Origin.FOLLOWED),
    (written_to, Origin.KNOWN),
    (given_to, Origin.KNOWN),
    (written_by, Origin.STRANGER),
    (written_to_in_a_group, Origin.STRANGER),
    (nothing, Origin.STRANGER),
]


def _name(each: object) -> str:
    return getattr(each, "__name__", str(each))


@pytest.mark.parametrize(("meet", "origin"), HOW_KNOWN, ids=_name)
@pytest.mark.parametrize("swapped", [False, True])
def test_people_are_what_the_reader_made_of_them(
    now: datetime, meet: Callable[[datetime, Person, Person], None], origin: Origin, swapped: bool
) -> None:
    first, second = make_person(now), make_person(now)
    me, other = (second, first) if swapped else (first, second)

    meet(now, me, other)

    assert relations.origins_of(get_viewer(me.id), [other.id]) == {other.id: origin}


@pytest.mark.parametrize(("meet", "origin"), HOW_KNOWN[:3] + HOW_KNOWN[-1:], ids=_name)
def test_each_decision_holds_for_what_is_there_already_and_can_be_taken_back(
    now: datetime, meet: Callable[[datetime, Person, Person], None], origin: Origin
) -> None:
    me, other = make_person(now), make_person(now)
    meet(now, me, other)
    before = (told(me), count(me))
    db.in_transaction(
        lambda: operations.notify(person_id=me.id, kind=Kind.SIGNED_IN_ANEW, actor_id=other.id, object_id=1, now=now)
    )
    social.follow(now, other, me)
    everything = (told(me), count(me))
    assert everything != before

    choose(me, Preference({origin: Decision.FILTER}))
    assert (told(me), count(me)) == ([Kind.SIGNED_IN_ANEW], 1)  # of one's own account everything is told
    assert Kind.FOLLOWED in told(me, Decision.FILTER)

    choose(me, Preference({origin: Decision.DROP}))
    assert (told(me), count(me)) == ([Kind.SIGNED_IN_ANEW], 1)
    assert told(me, Decision.FILTER) == []

    choose(me, Preference())
    assert (told(me), count(me)) == everything
    assert told(me, Decision.FILTER) == []


@pytest.mark.parametrize("origin", [Origin.FRIEND, Origin.FOLLOWED, Origin.KNOWN, Origin.PLATFORM])
def test_a_decision_about_others_changes_nothing_for_a_stranger(now: datetime, origin: Origin) -> None:
    me, stranger = make_person(now), make_person(now)
    social.follow(now, stranger, me)

    choose(me, Preference({origin: Decision.DROP}))

    assert (told(me), count(me)) == ([Kind.FOLLOWED], 1)


def test_who_becomes_a_friend_comes_out_of_the_filter(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    social.follow(now, other, me)
    choose(me, Preference({Origin.STRANGER: Decision.FILTER}))
    assert (told(me), told(me, Decision.FILTER)) == ([], [Kind.FOLLOWED])

    social.befriend(now, other, me)

    assert Kind.FOLLOWED in told(me)
    assert told(me, Decision.FILTER) == []


def test_shops_and_the_platform_are_decided_apart_from_people(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    social.follow(now, other, me)
    db.in_transaction(lambda: operations.notify(person_id=me.id, kind=Kind.ORDER_SHIPPED, object_id=1, now=now))

    choose(me, Preference({Origin.PLATFORM: Decision.FILTER}))

    assert (told(me), told(me, Decision.FILTER), count(me)) == ([Kind.FOLLOWED], [Kind.ORDER_SHIPPED], 1)


def test_stranger_who_writes_is_filtered_until_answered(now: datetime) -> None:
    me, stranger = make_person(now), make_person(now)
    pair = talk.open_with(now, stranger, me)
    talk.say(now, stranger, pair)
    choose(me, Preference({Origin.STRANGER: Decision.FILTER}))
    assert (told(me), told(me, Decision.FILTER)) == ([], [Kind.MESSAGE])

    talk.accept(now, me, pair)
    talk.say(now, me, pair)
    talk.say(now, stranger, pair)

    assert told(me) == [Kind.MESSAGE]


def test_block_and_mute_hold_in_the_filter_as_well(now: datetime) -> None:
    from wuyou.domains.social import operations as relations_operations

    me, blocker, muted = make_person(now), make_person(now), make_person(now)
    for other in (blocker, muted):
        social.follow(now, other, me)
    choose(me, Preference({Origin.STRANGER: Decision.FILTER}))
    assert len(queries.list_groups(get_viewer(me.id), box=Decision.FILTER).items[0].notifications) == 2

    social.block(now, blocker, me)
    db.in_transaction(lambda: relations_operations.mute(actor=actor_for(me), person_id=muted.id, now=now))

    assert told(me, Decision.FILTER) == []


def test_topic_that_is_off_on_the_page_is_neither_listed_nor_counted(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    social.follow(now, other, me)
    db.in_transaction(lambda: operations.notify(person_id=me.id, kind=Kind.ORDER_SHIPPED, object_id=1, now=now))

    choose(me, Preference(silenced=frozenset({(Topic.PEOPLE, Channel.PAGE), (Topic.ORDERS, Channel.MAIL)})))

    assert (told(me), count(me)) == ([Kind.ORDER_SHIPPED], 1)


def test_ones_own_account_cannot_be_silenced_on_the_page(now: datetime) -> None:
    me = make_person(now)
    db.in_transaction(lambda: operations.notify(person_id=me.id, kind=Kind.SIGNED_IN_ANEW, object_id=1, now=now))

    choose(
        me,
        Preference({Origin.PLATFORM: Decision.DROP}, frozenset((topic, Channel.PAGE) for topic in Topic)),
    )

    assert (told(me), count(me)) == ([Kind.SIGNED_IN_ANEW], 1)


def test_what_one_chooses_is_ones_own_is_exported_and_erased(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    choose(me, Preference({Origin.STRANGER: Decision.DROP}, language="en"))
    assert queries.get_preference(other.id) == Preference()
    records = dict(queries.export_person(me.id))
    assert records["notification_preference"] == [
        {"decisions": {"STRANGER": "DROP"}, "silenced": [], "pace": "HOURLY", "language": "en", "shows_content": False}
    ]

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert queries.get_preference(me.id) == Preference()


def test_choosing_costs_no_query_when_looking(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    me = make_person(now)
    for _ in range(4):
        social.follow(now, make_person(now), me)
    choose(me, Preference({Origin.FRIEND: Decision.DROP}))
    viewer = get_viewer(me.id)

    with django_assert_num_queries(3):  # rows with what was chosen, actors, who still follows
        assert len(queries.list_groups(viewer).items) == 1
    choose(me, Preference({Origin.STRANGER: Decision.DROP}))
    with django_assert_num_queries(2):  # nothing is left that a source would look at
        assert queries.list_groups(viewer).items == ()


def test_every_kind_has_a_topic() -> None:
    assert set(TOPICS) == set(Kind)
    assert set(TOPICS.values()) == set(Topic)
