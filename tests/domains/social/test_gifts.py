"""Gifts and thanks: offered, answered, given, thanked for; and what a refusal leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import actor_for, make_person
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import errors, operations, policies, queries, rules
from wuyou.domains.social.types import (
    AppreciatedKind,
    GiftDraft,
    GiftKind,
    GiftsFrom,
    GiftState,
    NudgeKind,
    Standing,
    TieKind,
)
from wuyou.infra import db
from wuyou.kernel.sight import Subject, SubjectKind, make_viewer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CAMERA = Subject(SubjectKind.THING, 7)


@pytest.fixture
def friends(now: datetime) -> tuple[Person, Person]:
    me, you = make_person(now), make_person(now)
    social.befriend(now, me, you)
    return me, you


def told() -> list[str]:
    return [
        name
        for (name,) in db.rows("SELECT name FROM event ORDER BY seq")
        if name.startswith(("social.gift", "social.person_appr"))
    ]


def refuses(error: type[Exception], call: Callable[[], Any]) -> None:
    def everything() -> list[Any]:
        tables = ("gift", "appreciation", "tie", "tie_fact", "tie_month")
        return [db.rows(f"SELECT * FROM social_{table} ORDER BY id") for table in tables] + [told()]

    before = everything()
    with pytest.raises(error):
        call()
    assert everything() == before


def act(operation: Callable[..., Any], person: Person, **facts: Any) -> Any:
    return db.in_transaction(lambda: operation(actor=actor_for(person), **facts))


def state(gift_id: int) -> str:
    return str(db.rows("SELECT state FROM social_gift WHERE id = %s", [gift_id])[0][0])


# ---------------------------------------------------------------------- the way of a gift


def test_a_gift_is_offered_accepted_given_and_thanked_for(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends

    gift = social.offer(now, me, you, kind=GiftKind.TIME, what="周六陪你看房", words="我正好有空")
    assert (gift.state, gift.what, gift.words) == (GiftState.OFFERED, "周六陪你看房", "我正好有空")
    social.take_gift(now, you, gift.id)
    assert social.hand_over(now, me, gift.id)
    act(operations.thank_for_gift, you, gift_id=gift.id, words="多谢!", now=now)

    got = queries.get_gift(you.id, gift.id)
    assert (got.state, got.is_thanked, got.given_at) == (GiftState.GIVEN, True, now)
    assert told() == [
        "social.gift_offered",
        "social.gift_answered",
        "social.gift_given",
        "social.person_appreciated",
    ]
    assert social.strength(now, me, you) == rules.FRIENDSHIP + 300 + 1_000 + 250


def test_each_step_may_be_sent_twice(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    gift = social.offer(now, me, you)

    for _ in range(2):
        social.take_gift(now, you, gift.id)
    given = [social.hand_over(now, me, gift.id) for _ in range(2)]
    for _ in range(2):
        act(operations.thank_for_gift, you, gift_id=gift.id, words="", now=now)

    assert given == [True, False]
    assert len(told()) == 4


@pytest.mark.parametrize(
    ("steps", "then", "by_giver"),
    [
        (("decline",), "accept", False),
        (("withdraw",), "accept", False),
        (("decline",), "withdraw", True),
        ((), "give", True),
        (("decline",), "give", True),
        (("accept", "withdraw"), "give", True),
        (("accept", "give"), "decline", False),
        (("accept", "give"), "withdraw", True),
    ],
)
def test_what_a_gift_is_past_is_refused(
    friends: tuple[Person, Person], now: datetime, steps: tuple[str, ...], then: str, by_giver: bool
) -> None:
    me, you = friends
    gift = social.offer(now, me, you)
    does: dict[str, Callable[[], Any]] = {
        "accept": lambda: act(operations.accept_gift, you, gift_id=gift.id, now=now),
        "decline": lambda: act(operations.decline_gift, you, gift_id=gift.id, now=now),
        "withdraw": lambda: act(operations.withdraw_gift, me, gift_id=gift.id, now=now),
        "give": lambda: act(operations.give_gift, me, gift_id=gift.id, now=now),
    }
    for step in steps:
        does[step]()

    refuses(errors.GiftClosed, does[then])


def test_only_the_one_whose_turn_it_is_may_do_it(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    stranger = make_person(now)
    gift = social.offer(now, me, you)

    for person, operation in [
        (me, operations.accept_gift),
        (me, operations.decline_gift),
        (you, operations.withdraw_gift),
        (you, operations.give_gift),
        (stranger, operations.accept_gift),
        (stranger, operations.give_gift),
    ]:
        refuses(errors.GiftNotFound, lambda p=person, o=operation: act(o, p, gift_id=gift.id, now=now))  # type: ignore[misc]
    refuses(errors.GiftClosed, lambda: act(operations.thank_for_gift, you, gift_id=gift.id, words="", now=now))
    refuses(errors.GiftNotFound, lambda: act(operations.thank_for_gift, me, gift_id=gift.id, words="", now=now))
    with pytest.raises(errors.GiftNotFound):
        queries.get_gift(stranger.id, gift.id)


@pytest.mark.parametrize(
    ("what", "words"), [("", ""), ("  ", ""), ("字" * 121, ""), ("a\nb", ""), ("书", "字" * 501), ("书", "\x00")]
)
def test_a_gift_says_what_it_is(friends: tuple[Person, Person], now: datetime, what: str, words: str) -> None:
    me, you = friends

    refuses(errors.GiftMalformed, lambda: social.offer(now, me, you, what=what, words=words))


def test_a_thing_is_given_by_its_copy_alone(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    thing, favour = GiftDraft(you.id, GiftKind.THING, "相机"), GiftDraft(you.id, GiftKind.FAVOUR, "搬家")

    refuses(errors.GiftNeedsCopy, lambda: act(operations.offer_gift, me, draft=thing, now=now))
    refuses(errors.GiftNeedsCopy, lambda: act(operations.offer_gift, me, draft=favour, copy_id=1, now=now))
    gift = act(operations.offer_gift, me, draft=thing, copy_id=1, now=now)
    social.take_gift(now, you, gift.id)
    refuses(errors.GiftNeedsCopy, lambda: social.hand_over(now, me, gift.id))
    refuses(errors.CopyOffered, lambda: act(operations.offer_gift, me, draft=thing, copy_id=1, now=now))


def test_a_gift_may_answer_an_earlier_one_of_theirs(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    theirs = social.give(now, you, me)
    open_one = social.offer(now, you, me)
    mine = social.give(now, me, you)

    answer = social.offer(now, me, you, in_return_for=theirs.id)

    assert answer.in_return_for == theirs.id
    for wrong in (open_one.id, mine.id, 10**9):
        refuses(errors.GiftNotFound, lambda w=wrong: social.offer(now, me, you, in_return_for=w))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("setting", "relation", "is_taken"),
    [
        (GiftsFrom.FRIENDS, "friends", True),
        (GiftsFrom.FRIENDS, "followed", False),
        (GiftsFrom.KNOWN, "friends", True),
        (GiftsFrom.KNOWN, "followed", True),
        (GiftsFrom.KNOWN, "follows", False),
        (GiftsFrom.KNOWN, "none", False),
        (GiftsFrom.ANYONE, "none", True),
    ],
)
def test_a_person_says_of_whom_they_take_gifts(
    now: datetime, setting: GiftsFrom, relation: str, is_taken: bool
) -> None:
    me, you = make_person(now), make_person(now)
    act(operations.set_preference, you, gifts_from=setting, is_reminded=True)
    if relation == "friends":
        social.befriend(now, me, you)
    elif relation == "followed":
        social.follow(now, you, me)
    elif relation == "follows":
        social.follow(now, me, you)

    if is_taken:
        assert social.offer(now, me, you).state is GiftState.OFFERED
    else:
        refuses(errors.GiftNotWanted, lambda: social.offer(now, me, you))


def test_a_block_ends_what_is_open_and_hides_what_was(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    given, waiting, accepted = social.give(now, me, you), social.offer(now, you, me), social.offer(now, me, you)
    social.take_gift(now, you, accepted.id)

    social.block(now, you, me)

    assert [state(gift.id) for gift in (given, waiting, accepted)] == ["GIVEN", "WITHDRAWN", "WITHDRAWN"]
    for person in friends:
        assert queries.list_gifts_to(person.id).items == queries.list_gifts_from(person.id).items == ()
        with pytest.raises(errors.GiftNotFound):
            queries.get_gift(person.id, given.id)
    refuses(PersonNotFound, lambda: social.offer(now, me, you))
    refuses(errors.UnblockFirst, lambda: social.offer(now, you, me))


def test_whoever_blocked_a_thing_hears_of_no_gift_about_it(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    gift = social.offer(now, me, you, kind=GiftKind.KNOWLEDGE, what="怎么保养", about=CAMERA)

    social.block_subject(now, you, CAMERA)

    assert queries.list_gifts_to(you.id).items == ()
    refuses(errors.GiftNotFound, lambda: social.take_gift(now, you, gift.id))
    assert [one.id for one in queries.list_gifts_from(me.id).items] == [gift.id]


def test_so_many_gifts_of_one_giver_may_wait(
    friends: tuple[Person, Person], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "MAX_OPEN_GIFTS", 2)
    me, you = friends
    first, _ = social.offer(now, me, you), social.offer(now, me, you)

    refuses(errors.TooManyGifts, lambda: social.offer(now, me, you))
    social.take_gift(now, you, first.id)
    assert social.offer(now, me, you).state is GiftState.OFFERED


def test_lists_go_page_by_page_and_cost_one_query(
    friends: tuple[Person, Person], now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me, you = friends
    ids = [social.offer(now, me, you).id for _ in range(3)]
    social.take_gift(now, you, ids[0])

    with django_assert_num_queries(1):
        first = queries.list_gifts_from(me.id, limit=2)
    rest = queries.list_gifts_from(me.id, cursor=first.next_cursor, limit=2)
    assert [gift.id for gift in first.items + rest.items] == ids[::-1]
    assert [gift.id for gift in queries.list_gifts_to(you.id, states=[GiftState.ACCEPTED]).items] == ids[:1]
    assert len(queries.list_gifts_between(you.id, me.id).items) == 3
    assert queries.list_gifts_to(me.id).items == ()


def test_there_is_no_place_for_a_price() -> None:
    columns = [
        field.column for model in apps.get_app_config("social").get_models() for field in model._meta.concrete_fields
    ]
    assert columns
    assert [name for name in columns if any(word in name for word in ("minor", "price", "amount", "currency"))] == []


# ---------------------------------------------------------------------- thanks


def test_thanks_count_once_for_each_thing_and_can_be_taken_back(now: datetime) -> None:
    me, you = make_person(now), make_person(now)

    social.thank(now, me, you, 1, words="写得真细")
    social.thank(now, me, you, 1, words="again")
    social.thank(now, me, you, 2)
    assert queries.appreciation_by_source(make_viewer(None), AppreciatedKind.REVIEW, [1, 2, 3]) == {1: 1, 2: 1}
    assert queries.appreciated_by(me.id, AppreciatedKind.REVIEW, [1, 2, 3]) == {1, 2}
    assert [thanks.words for thanks in queries.list_appreciation_to(you.id).items] == ["", "写得真细"]
    assert social.strength(now, me, you) == rules.WEIGHTS[TieKind.THANKS].alone + rules.WEIGHTS[TieKind.CLICK].alone

    for source in (1, 2, 2):
        act(operations.withdraw_appreciation, me, kind=AppreciatedKind.REVIEW, source_id=source)

    assert social.strength(now, me, you) == 0
    assert queries.list_appreciation_to(you.id).items == ()
    assert queries.get_tie_story(me.id, you.id, now=now).tie.last_on is None


def test_thanks_are_refused_to_oneself_across_a_block_and_in_bad_words(now: datetime) -> None:
    me, you, keeper = make_person(now), make_person(now), make_person(now)
    social.block(now, keeper, me)

    refuses(errors.NotYourself, lambda: social.thank(now, me, me, 1))
    refuses(PersonNotFound, lambda: social.thank(now, me, keeper, 1))
    refuses(errors.UnblockFirst, lambda: social.thank(now, keeper, me, 1))
    refuses(errors.WordsMalformed, lambda: social.thank(now, me, you, 1, words="字" * 501))


def test_thanks_are_rare(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "MAX_THANKS_A_DAY", 2)
    me, you = make_person(now), make_person(now)
    social.thank(now, me, you, 1)
    social.thank(now, me, you, 2)

    refuses(errors.TooManyThanks, lambda: social.thank(now, me, you, 3))
    social.thank(now, me, you, 2)
    social.thank(now + 2 * DAY, me, you, 3)


def test_appreciators_of_what_is_named_are_different_people(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    expert, other, *fans = [make_person(now) for _ in range(5)]
    for number, fan in enumerate(fans):
        social.thank(now, fan, expert, number)
        social.thank(now, fan, expert, 100 + number)
    social.thank(now, fans[0], other, 200)

    with django_assert_num_queries(1):
        named = {AppreciatedKind.REVIEW: [0, 1, 2, 100, 101, 102, 200], AppreciatedKind.ANSWER: [0]}
        assert queries.appreciators_by_person(named) == {expert.id: 3, other.id: 1}
    assert queries.appreciators_by_person({AppreciatedKind.REVIEW: [0, 100]}) == {expert.id: 1}
    assert queries.appreciators_by_person({}) == {}


def test_a_level_is_earned_from_different_people(now: datetime) -> None:
    star, *fans = [make_person(now) for _ in range(4)]
    for number, fan in enumerate(fans):
        social.thank(now, fan, star, number)

    assert queries.standings_by_person([star.id, fans[0].id]) == {
        star.id: Standing(1, 3_000, 3),
        fans[0].id: Standing(0, 0, 0),
    }


def test_a_ring_of_accounts_that_thank_each_other_gains_little(now: datetime) -> None:
    ring = [make_person(now) for _ in range(5)]
    for giver in ring:
        for receiver in ring:
            for source in range(4):
                if giver != receiver:
                    social.thank(now, giver, receiver, receiver.id * 10 + source)

    standing = queries.standings_by_person([ring[0].id])[ring[0].id]

    assert (standing.appreciator_count, standing.level) == (4, 0)
    assert standing.credit < 2_000


# ---------------------------------------------------------------------- giving that goes one way


def test_a_gift_without_thanks_is_named_after_a_day_until_it_is_thanked_for(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    gift = social.give(now, me, you)

    assert queries.list_nudges(you.id, now=now) == ()
    (nudge,) = queries.list_nudges(you.id, now=now + 2 * DAY)
    assert (nudge.kind, nudge.person_id, nudge.gift_id) == (NudgeKind.UNTHANKED, me.id, gift.id)
    assert queries.list_nudges(you.id, now=now + 61 * DAY) == queries.list_nudges(me.id, now=now + 2 * DAY) == ()
    act(operations.thank_for_gift, you, gift_id=gift.id, words="", now=now)
    assert queries.list_nudges(you.id, now=now + 2 * DAY) == ()


def test_who_gives_and_gets_nothing_back_is_named_until_something_goes(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    for _ in range(2):
        gift = social.give(now, me, you)
        act(operations.thank_for_gift, you, gift_id=gift.id, words="", now=now)

    (nudge,) = queries.list_nudges(you.id, now=now + 2 * DAY)
    assert (nudge.kind, nudge.person_id, nudge.count) == (NudgeKind.ONE_WAY, me.id, 2)
    social.offer(now, you, me)
    assert queries.list_nudges(you.id, now=now + 2 * DAY) == ()


def test_no_nudge_across_a_block_nor_of_who_is_muted(friends: tuple[Person, Person], now: datetime) -> None:
    me, you = friends
    social.give(now, me, you)

    act(operations.mute, you, person_id=me.id, now=now)
    assert queries.list_nudges(you.id, now=now + 2 * DAY) == ()
    act(operations.unmute, you, person_id=me.id)
    social.block(now, me, you)
    assert queries.list_nudges(you.id, now=now + 2 * DAY) == ()


# ---------------------------------------------------------------------- what is held of a person


def test_who_leaves_is_in_no_gift_thanks_or_tie_and_others_keep_theirs(
    friends: tuple[Person, Person], now: datetime
) -> None:
    me, you = friends
    third = make_person(now)
    social.befriend(now, you, third)
    gift = social.give(now, me, you)
    social.offer(now, you, me, in_return_for=gift.id)
    social.thank(now, you, me, 1, words="谢谢")
    social.correct(now, you, me, None)
    social.give(now, you, third)

    exported = dict(queries.export_person(you.id))
    act_of_erasing = db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert act_of_erasing is None
    assert [row["what"] for row in exported["gifts_received"]] == ["帮你搬家"]
    assert {row["kind"] for row in exported["tie_facts"]} >= {"GIFT", "THANKS", "REQUEST"}
    assert [gift.receiver_id for gift in queries.list_gifts_from(you.id).items] == [third.id]
    assert [tie.person_id for tie in queries.list_ties(you.id, now=now)] == [third.id]
    assert queries.list_appreciation_to(me.id).items == ()
    assert dict(queries.export_person(me.id))["tie_facts"] == []
