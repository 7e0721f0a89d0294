"""Following, asking, being friends, keeping away: what each does, twice, and what it leaves alone when refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, operations, policies, queries
from wuyou.domains.social.types import Relation, RequestState
from wuyou.infra import db, sight

pytestmark = pytest.mark.django_db

_TABLES = ("follow", "friend_request", "friendship", "block", "mute", "subject_block", "label", "label_member", "note")


@pytest.fixture
def two(now: datetime) -> tuple[Person, Person]:
    return make_person(now), make_person(now)


def told() -> list[str]:
    return [name for (name,) in db.rows("SELECT name FROM event WHERE name LIKE 'social.%%' ORDER BY seq")]


def everything() -> list[Any]:
    """All rows of relations and the number of events, to see that nothing has changed."""
    return [db.rows(f"SELECT * FROM social_{table} ORDER BY id") for table in _TABLES] + [told()]


def refuses(error: type[Exception], call: Callable[[], Any]) -> None:
    before = everything()
    with pytest.raises(error):
        call()
    assert everything() == before


# ---------------------------------------------------------------------- following


def test_follow_is_one_sided_and_told_once(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    social.follow(now, me, you)
    social.follow(now, me, you)

    assert queries.get_relation(me.id, you.id) == Relation(follows=True)
    assert queries.get_relation(you.id, me.id) == Relation(is_followed=True)
    assert told() == ["social.person_followed"]


def test_unfollow_ends_it_once(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.follow(now, me, you)

    social.unfollow(now, me, you)
    social.unfollow(now, me, you)

    assert queries.get_relation(me.id, you.id) == Relation()
    assert told() == ["social.person_followed", "social.person_unfollowed"]


def test_relations_are_with_others_who_exist(two: tuple[Person, Person], now: datetime) -> None:
    me, _ = two
    actor, nobody = actor_for(me), 10**9
    verbs: list[Callable[[int], object]] = [
        lambda who: operations.follow(actor=actor, person_id=who, now=now),
        lambda who: operations.request_friend(actor=actor, person_id=who, reason="你好", now=now),
        lambda who: operations.block(actor=actor, person_id=who, now=now),
        lambda who: operations.mute(actor=actor, person_id=who, now=now),
        lambda who: operations.set_note(actor=actor, person_id=who, text="邻居", now=now),
    ]
    for verb in verbs:
        refuses(errors.NotYourself, lambda verb=verb: verb(me.id))  # type: ignore[misc]
        refuses(PersonNotFound, lambda verb=verb: verb(nobody))  # type: ignore[misc]


def test_lists_of_follows_leave_out_whom_the_viewer_may_not_meet(now: datetime) -> None:
    star, one, two, viewer = (make_person(now) for _ in range(4))
    for fan in (one, two):
        social.follow(now, fan, star)
        social.follow(now, star, fan)
    social.block(now, two, viewer)
    seen = sight.get_viewer(viewer.id)

    assert [tied.person_id for tied in queries.list_followers(seen, star.id).items] == [one.id]
    assert [tied.person_id for tied in queries.list_followed(seen, star.id).items] == [one.id]
    first = queries.list_followers(sight.get_viewer(None), star.id, limit=1)
    rest = queries.list_followers(sight.get_viewer(None), star.id, limit=1, cursor=first.next_cursor)
    assert [tied.person_id for tied in (*first.items, *rest.items)] == [two.id, one.id]
    assert rest.next_cursor is None
    with pytest.raises(PersonNotFound):
        queries.list_followers(seen, two.id)
    with pytest.raises(PersonNotFound):
        queries.list_followed(sight.get_viewer(two.id), viewer.id)


# ---------------------------------------------------------------------- friends


def test_accepted_request_makes_friends_once(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two

    assert social.ask(now, me, you) is RequestState.PENDING
    assert social.ask(now, me, you, "再说一次") is RequestState.PENDING
    request = social.request_id(me, you)
    assert [r.reason for r in queries.list_requests_to(you.id)] == ["我们一起拼过团"]
    assert [r.id for r in queries.list_requests_from(me.id)] == [request]
    assert queries.get_relation(me.id, you.id) == Relation(asks=True)
    assert queries.get_relation(you.id, me.id) == Relation(is_asked=True)
    social.accept(now, you, request)
    social.accept(now, you, request)

    assert queries.get_relation(me.id, you.id) == queries.get_relation(you.id, me.id) == Relation(are_friends=True)
    assert [tied.person_id for tied in queries.list_friends(me.id).items] == [you.id]
    assert [tied.person_id for tied in queries.list_friends(you.id).items] == [me.id]
    assert queries.list_requests_to(you.id) == queries.list_requests_from(me.id) == ()
    assert social.ask(now, me, you) is RequestState.ACCEPTED
    assert told() == ["social.friend_requested", "social.friendship_began"]


def test_asking_back_agrees(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.ask(now, me, you)

    assert social.ask(now, you, me) is RequestState.ACCEPTED

    assert queries.get_relation(me.id, you.id) == Relation(are_friends=True)
    assert told() == ["social.friend_requested", "social.friendship_began"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201, "one\ntwo"])
def test_request_says_why(two: tuple[Person, Person], now: datetime, reason: str) -> None:
    refuses(errors.ReasonMalformed, lambda: social.ask(now, *two, reason))


def test_declined_request_is_silent_and_keeps_from_asking_for_a_while(
    two: tuple[Person, Person], now: datetime
) -> None:
    me, you = two
    social.ask(now, me, you)
    request = social.request_id(me, you)

    social.decline(now, you, request)
    social.decline(now, you, request)

    assert queries.get_relation(me.id, you.id) == Relation()
    assert told() == ["social.friend_requested"]
    refuses(errors.RequestClosed, lambda: social.accept(now, you, request))
    refuses(errors.RequestClosed, lambda: social.withdraw(now, me, request))
    refuses(errors.AskedRecently, lambda: social.ask(now, me, you))
    last_moment = now + policies.ASK_AGAIN_AFTER - timedelta(seconds=1)
    with pytest.raises(errors.AskedRecently) as refused:
        social.ask(last_moment, me, you)
    assert refused.value.facts == {"days": 1}
    assert social.ask(now + policies.ASK_AGAIN_AFTER, me, you) is RequestState.PENDING
    assert social.ask(now, you, me) is RequestState.ACCEPTED


def test_days_to_wait_are_counted_up(now: datetime) -> None:
    with pytest.raises(errors.AskedRecently) as refused:
        policies.require_may_ask_again(now, now)
    assert refused.value.facts == {"days": 31}
    policies.require_may_ask_again(None, now)


def test_withdrawn_request_can_be_made_again(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.ask(now, me, you)
    request = social.request_id(me, you)

    social.withdraw(now, me, request)
    social.withdraw(now, me, request)

    refuses(errors.RequestClosed, lambda: social.accept(now, you, request))
    assert social.ask(now, me, you) is RequestState.PENDING
    assert social.request_id(me, you) != request


def test_request_is_answered_by_its_receiver_and_withdrawn_by_its_sender(
    two: tuple[Person, Person], now: datetime
) -> None:
    me, you = two
    stranger = make_person(now)
    social.ask(now, me, you)
    request = social.request_id(me, you)

    for person, verb in [
        (me, social.accept), (me, social.decline), (you, social.withdraw),
        (stranger, social.accept), (stranger, social.decline), (stranger, social.withdraw),
    ]:  # fmt: skip
        refuses(errors.RequestNotFound, lambda person=person, verb=verb: verb(now, person, request))  # type: ignore[misc]
    with pytest.raises(errors.RequestNotFound):
        queries.get_request(stranger.id, request)


def test_unfriend_ends_the_friendship_and_leaves_follows(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.befriend(now, me, you)
    social.follow(now, you, me)

    social.unfriend(now, you, me)
    social.unfriend(now, me, you)

    assert queries.get_relation(me.id, you.id) == Relation(is_followed=True)
    assert told()[-2:] == ["social.person_followed", "social.friendship_ended"]


# ---------------------------------------------------------------------- keeping away


def test_block_ends_everything_between_two_and_nothing_else(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    third = make_person(now)
    for a, b in [(me, you), (you, me), (me, third), (third, you)]:
        social.follow(now, a, b)
    social.befriend(now, me, you)
    social.befriend(now, third, you)
    social.ask(now, third, me)

    social.block(now, me, you)
    social.block(now, me, you)

    assert queries.get_relation(me.id, you.id) == Relation(blocks=True)
    assert queries.get_relation(you.id, me.id) == Relation(is_blocked=True)
    assert queries.get_relation(me.id, third.id) == Relation(follows=True, is_asked=True)
    assert queries.get_relation(third.id, you.id) == Relation(follows=True, are_friends=True)
    assert told()[-4:] == [
        "social.person_blocked", "social.person_unfollowed", "social.person_unfollowed", "social.friendship_ended",
    ]  # fmt: skip
    assert [tied.person_id for tied in queries.list_blocked(me.id)] == [you.id]
    assert queries.list_blocked(you.id) == ()


@pytest.mark.parametrize("sender_blocks", [True, False])
def test_block_ends_what_waits(two: tuple[Person, Person], now: datetime, sender_blocks: bool) -> None:
    me, you = two
    social.ask(now, me, you)
    request = social.request_id(me, you)

    social.block(now, *((me, you) if sender_blocks else (you, me)))

    refuses(errors.RequestClosed, lambda: social.accept(now, you, request))


def test_nothing_begins_across_a_block_and_who_is_blocked_is_not_told(
    two: tuple[Person, Person], now: datetime
) -> None:
    me, you = two
    social.block(now, me, you)

    refuses(PersonNotFound, lambda: social.follow(now, you, me))
    refuses(PersonNotFound, lambda: social.ask(now, you, me))
    refuses(errors.UnblockFirst, lambda: social.follow(now, me, you))
    refuses(errors.UnblockFirst, lambda: social.ask(now, me, you))


def test_unblock_ends_ones_own_block_and_restores_nothing(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    social.befriend(now, me, you)
    social.block(now, me, you)
    social.block(now, you, me)

    social.unblock(now, me, you)
    social.unblock(now, me, you)
    assert queries.get_relation(me.id, you.id) == Relation(is_blocked=True)
    social.unblock(now, you, me)

    assert queries.get_relation(me.id, you.id) == Relation()
    assert told().count("social.person_unblocked") == 2


def test_mute_is_private_and_changes_nothing_else(two: tuple[Person, Person], now: datetime) -> None:
    me, you = two
    before = sight.get_viewer(me.id), sight.get_viewer(you.id), told()

    for _ in range(2):
        db.in_transaction(lambda: operations.mute(actor=actor_for(me), person_id=you.id, now=now))

    assert queries.muted_by(me.id) == {you.id}
    assert queries.muted_by(you.id) == frozenset()
    assert queries.get_relation(me.id, you.id) == Relation(mutes=True)
    assert queries.get_relation(you.id, me.id) == Relation()
    assert (sight.get_viewer(me.id), sight.get_viewer(you.id), told()) == before
    db.in_transaction(lambda: operations.unmute(actor=actor_for(me), person_id=you.id))
    assert queries.muted_by(me.id) == frozenset()
