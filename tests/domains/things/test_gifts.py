"""A copy that is given away: it changes hands whole or not at all, and only to whom it was accepted by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import Any
from unittest import mock

import pytest

from tests.builders import social, things
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social import operations as social_operations
from wuyou.domains.social import queries as gifts
from wuyou.domains.social.types import Gift, GiftDraft, GiftKind, GiftState, Occasion, OccasionKind
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.operations import gifts as giving
from wuyou.domains.things.types import Cause, Condition, Holding, HoldingSource, HoldingState, Words
from wuyou.infra import db, sight
from wuyou.kernel.sight import Audience, AudienceRule

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def friends(request: pytest.FixtureRequest, now: datetime) -> tuple[Person, Person]:
    request.getfixturevalue("world" if "rush" in request.fixturenames else "db")
    me, you = make_person(now), make_person(now)
    social.befriend(now, me, you)
    return me, you


def offer(now: datetime, person: Person, other: Person, holding: Holding, what: str = "") -> Gift:
    draft = GiftDraft(other.id, GiftKind.THING, what)
    return db.in_transaction(
        lambda: operations.offer_copy(actor=actor_for(person), holding_id=holding.id, draft=draft, now=now)
    )


def hand_on(now: datetime, person: Person, gift_id: int) -> None:
    db.in_transaction(lambda: operations.give_copy(actor=actor_for(person), gift_id=gift_id, now=now))


def describe(now: datetime, person: Person, holding: Holding) -> None:
    words = Words(Condition.WORN, None, "外公留下来的", 5, (("编号", "0217"),))
    db.in_transaction(
        lambda: operations.describe_holding(actor=actor_for(person), holding_id=holding.id, words=words, now=now)
    )


def held_by(person: Person) -> list[Holding]:
    return list(queries.list_holdings_of(sight.get_viewer(person.id), person.id).items)


def test_the_copy_goes_to_who_accepted_it_and_says_from_whom_it_came(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    copy = things.make_holding(now, me, audience=AudienceRule(Audience(everyone=True)))
    describe(now, me, copy)

    gift = offer(now, me, you, copy)
    assert gift.what == copy.thing.name
    social.take_gift(now, you, gift.id)
    for _ in range(2):
        hand_on(now, me, gift.id)

    (mine,), (theirs,) = held_by(me), held_by(you)
    assert (mine.id, mine.state) == (copy.id, HoldingState.GIVEN)
    assert (theirs.thing.id, theirs.state, theirs.source) == (copy.thing.id, HoldingState.OWN, HoldingSource.GIFT)
    assert (theirs.condition, theirs.story, theirs.rating, theirs.fields) == (Condition.WORN, "", None, ())
    assert [(line.cause, line.other_id) for line in queries.list_provenance(you.id, theirs.id)] == [
        (Cause.ADDED, me.id)
    ]
    assert queries.list_provenance(me.id, copy.id)[-1].other_id == you.id
    assert gifts.get_gift(me.id, gift.id).state is GiftState.GIVEN


def test_the_new_copy_is_private_however_open_the_old_one_was(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    copy = things.make_holding(now, me, audience=AudienceRule(Audience(everyone=True)))
    gift = offer(now, me, you, copy)
    social.take_gift(now, you, gift.id)
    hand_on(now, me, gift.id)

    for viewer in (sight.get_viewer(me.id), sight.get_viewer(None)):
        assert queries.list_holdings_of(viewer, you.id).items == ()


def test_an_offer_of_a_hidden_copy_shows_its_thing_and_nothing_else_of_it(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    copy = things.make_holding(now, me, story="秘密")

    gift = offer(now, me, you, copy)

    assert "秘密" not in repr(gifts.get_gift(you.id, gift.id))
    with pytest.raises(errors.HoldingNotFound):
        queries.get_holding_for(sight.get_viewer(you.id), copy.id)


@pytest.mark.parametrize("state", [HoldingState.WANT, HoldingState.HAD, HoldingState.GIVEN])
def test_only_what_one_has_can_be_offered(friends: tuple[Person, Person], now: datetime, state: HoldingState) -> None:
    me, you = friends
    copy = things.make_holding(now, me, state=state)

    with pytest.raises(errors.MoveRefused):
        offer(now, me, you, copy)
    with pytest.raises(errors.HoldingNotFound):
        offer(now, me, you, things.make_holding(now, you))
    assert gifts.list_gifts_from(me.id).items == ()


def test_a_copy_is_offered_to_one_person_at_a_time(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    third = make_person(now)
    social.befriend(now, me, third)
    copy = things.make_holding(now, me)
    first = offer(now, me, you, copy)

    with pytest.raises(social_errors.CopyOffered):
        offer(now, me, third, copy)
    db.in_transaction(lambda: social_operations.decline_gift(actor=actor_for(you), gift_id=first.id, now=now))
    assert offer(now, me, third, copy).state is GiftState.OFFERED


def test_a_copy_that_is_gone_meanwhile_is_not_given_and_nothing_changes(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    for go, refusal in [
        (
            lambda copy: operations.move_holding(actor=actor_for(me), holding_id=copy.id, to=HoldingState.HAD, now=now),
            errors.MoveRefused,
        ),
        (
            lambda copy: operations.remove_holdings(actor=actor_for(me), holding_ids=[copy.id], now=now),
            errors.HoldingNotFound,
        ),
    ]:
        copy = things.make_holding(now, me)
        gift = offer(now, me, you, copy)
        social.take_gift(now, you, gift.id)
        db.in_transaction(lambda g=go, c=copy: g(c))  # type: ignore[misc]

        with pytest.raises(refusal):
            hand_on(now, me, gift.id)

        assert gifts.get_gift(me.id, gift.id).state is GiftState.ACCEPTED
        assert held_by(you) == []


def test_what_was_not_accepted_or_is_no_copy_is_not_handed_on(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    copy = things.make_holding(now, me)
    gift, favour = offer(now, me, you, copy), social.offer(now, me, you)

    with pytest.raises(social_errors.GiftClosed):
        hand_on(now, me, gift.id)
    with pytest.raises(social_errors.GiftNeedsCopy):
        hand_on(now, me, favour.id)
    with pytest.raises(social_errors.GiftNotFound):
        hand_on(now, you, gift.id)
    assert [one.state for one in held_by(me)] == [HoldingState.OWN]


def test_a_thing_in_common_is_an_occasion_while_it_may_be_seen(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    thing = things.make_thing(now)
    things.make_holding(now, me, thing)
    copy = things.make_holding(now, you, thing)

    assert queries.occasion_of_thing(me.id, you.id, now) is None
    rule = AudienceRule(Audience(friends=True))
    db.in_transaction(lambda: operations.set_audience(actor=actor_for(you), holding_ids=[copy.id], rule=rule, now=now))
    assert queries.occasion_of_thing(me.id, you.id, now) == Occasion(OccasionKind.THING_IN_COMMON, thing.id)


@pytest.mark.concurrency
def test_a_copy_handed_on_at_once_many_times_arrives_once(
    rush: Rush, friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    gift = offer(now, me, you, things.make_holding(now, me))
    social.take_gift(now, you, gift.id)

    results = rush([lambda: hand_on(now, me, gift.id) for _ in range(5)])

    assert results == [None] * 5
    assert len(held_by(you)) == 1


@pytest.mark.concurrency
def test_handing_on_against_using_up_leaves_the_copy_with_one(
    rush: Rush, friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    for _ in range(6):
        copy = things.make_holding(now, me)
        gift = offer(now, me, you, copy)
        social.take_gift(now, you, gift.id)
        before = len(held_by(you))

        results = rush([lambda g=gift: hand_on(now, me, g.id), lambda c=copy: use_up(now, me, c)])  # type: ignore[misc]

        is_given = queries.get_holding_for(sight.get_viewer(me.id), copy.id).state is HoldingState.GIVEN
        assert [type(result) for result in results].count(errors.MoveRefused) == 1
        assert len(held_by(you)) - before == int(is_given)


@pytest.mark.concurrency
def test_control_without_the_lock_of_the_copy_it_is_used_up_and_given(
    rush: Rush, friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    copy = things.make_holding(now, me)
    gift = offer(now, me, you, copy)
    social.take_gift(now, you, gift.id)
    require = giving._require_giveable
    has_looked, is_used_up = Event(), Event()

    def unlocked(actor: Any, holding_id: int) -> Any:
        found = db.row("SELECT thing_id, state, condition FROM things_holding WHERE id = %s", [holding_id])
        has_looked.set()
        return found

    def late(found: Any) -> Any:
        assert is_used_up.wait(30)
        return require(found)

    def use_it_up() -> None:
        assert has_looked.wait(30)
        use_up(now, me, copy)
        is_used_up.set()

    with mock.patch.object(giving, "_lock", unlocked), mock.patch.object(giving, "_require_giveable", late):
        results = rush([lambda: hand_on(now, me, gift.id), use_it_up])

    assert results == [None, None]
    assert len(held_by(you)) == 1


def use_up(now: datetime, person: Person, holding: Holding) -> None:
    db.in_transaction(
        lambda: operations.move_holding(actor=actor_for(person), holding_id=holding.id, to=HoldingState.HAD, now=now)
    )
