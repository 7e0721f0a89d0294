"""What happened is told once, and looked at again every time it is told."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import Rush
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import errors, operations, queries
from wuyou.domains.notifications.types import Group, Kind
from wuyou.domains.things import operations as things
from wuyou.domains.things.types import BoughtLine
from wuyou.infra import db
from wuyou.infra.sight import get_viewer, view_as
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.sight import Viewer


def told_to(person: Person) -> tuple[Group, ...]:
    return queries.list_groups(get_viewer(person.id)).items


def unread(person: Person) -> int:
    return queries.count_unread(get_viewer(person.id))


def tell(now: datetime, person: Person, kind: Kind = Kind.ORDER_SHIPPED, object_id: int | None = 7) -> None:
    db.in_transaction(lambda: operations.notify(person_id=person.id, kind=kind, object_id=object_id, now=now))


def rows() -> int:
    found = db.row("SELECT count(*) FROM notifications_notification")
    assert found
    return int(found[0])


@pytest.fixture
def me(db: None, now: datetime) -> Person:
    return make_person(now, "梅")


@pytest.fixture
def lin(db: None, now: datetime) -> Person:
    return make_person(now, "林")


def test_same_fact_is_told_once(me: Person, now: datetime) -> None:
    tell(now, me)
    tell(now, me)
    tell(now, me, object_id=8)

    assert rows() == 2


@pytest.mark.concurrency
def test_same_fact_said_by_two_at_once_is_told_once(rush: Rush, now: datetime) -> None:
    me = make_person(now)

    rush([lambda: tell(now, me, object_id=None)] * 4)

    assert rows() == 1


def test_nobody_is_told_what_they_do_themselves(me: Person, now: datetime) -> None:
    db.in_transaction(lambda: operations.notify(person_id=me.id, kind=Kind.FOLLOWED, actor_id=me.id, now=now))

    assert rows() == 0


@pytest.mark.parametrize("facts", [{"text": "x" * 65}, {str(n): n for n in range(7)}])
def test_what_somebody_wrote_does_not_fit(me: Person, now: datetime, facts: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="few and short"):
        db.in_transaction(
            lambda: operations.notify(person_id=me.id, kind=Kind.ORDER_SHIPPED, object_id=1, facts=facts, now=now)
        )

    assert rows() == 0


def test_followers_are_told_in_one_group_newest_first(me: Person, now: datetime) -> None:
    others = [make_person(now) for _ in range(4)]
    for other in others:
        social.follow(now, other, me)

    (group,) = told_to(me)

    assert group.kind is Kind.FOLLOWED
    assert group.actor_ids == tuple(other.id for other in reversed(others))
    assert unread(me) == 4


def test_following_again_is_not_told_again(me: Person, lin: Person, now: datetime) -> None:
    for _ in range(3):
        social.follow(now, lin, me)
        social.unfollow(now, lin, me)

    assert rows() == 1
    assert told_to(me) == ()


def test_request_is_told_while_it_waits_and_then_its_sender_of_the_friendship(
    me: Person, lin: Person, now: datetime
) -> None:
    social.ask(now, lin, me)
    assert [group.kind for group in told_to(me)] == [Kind.FRIEND_REQUESTED]

    social.accept(now, me, social.request_id(lin, me))

    assert told_to(me) == ()
    assert [(group.kind, group.actor_ids) for group in told_to(lin)] == [(Kind.FRIENDSHIP_BEGAN, (me.id,))]


def test_withdrawn_request_is_no_longer_told_or_counted(me: Person, lin: Person, now: datetime) -> None:
    social.ask(now, lin, me)
    assert unread(me) == 1

    social.withdraw(now, lin, social.request_id(lin, me))

    assert told_to(me) == ()
    assert unread(me) == 0


@pytest.mark.parametrize("who_blocks", ["reader", "actor"])
def test_block_silences_both_ways(me: Person, lin: Person, now: datetime, who_blocks: str) -> None:
    # A kind whose source looks at nothing, so that the block alone decides.
    db.in_transaction(
        lambda: operations.notify(person_id=me.id, kind=Kind.SIGNED_IN_ANEW, actor_id=lin.id, object_id=1, now=now)
    )
    assert unread(me) == 1

    social.block(now, *((me, lin) if who_blocks == "reader" else (lin, me)))

    assert told_to(me) == ()
    assert unread(me) == 0


def test_muted_person_is_not_heard_until_unmuted(me: Person, lin: Person, now: datetime) -> None:
    from wuyou.domains.social import operations as relations

    social.follow(now, lin, me)
    db.in_transaction(lambda: relations.mute(actor=actor_for(me), person_id=lin.id, now=now))
    assert (told_to(me), unread(me)) == ((), 0)

    db.in_transaction(lambda: relations.unmute(actor=actor_for(me), person_id=lin.id))

    assert unread(me) == 1


def test_kind_without_a_source_is_told_to_nobody(me: Person, now: datetime, settings: object) -> None:
    tell(now, me)
    assert unread(me) == 1

    settings.NOTIFICATION_SOURCES = f"{__name__}.NO_SOURCES"  # type: ignore[attr-defined]

    assert (told_to(me), unread(me)) == ((), 0)


NO_SOURCES: dict[Kind, queries.Source] = {}


def test_nobody_reads_them_with_anothers_eyes(me: Person, lin: Person, now: datetime) -> None:
    tell(now, me)

    for viewer in (view_as(get_viewer(lin.id), me.id).at_most, get_viewer(None)):
        assert queries.list_groups(viewer).items == ()
        assert queries.count_unread(viewer) == 0


def test_one_reads_ones_own_alone(me: Person, lin: Person, now: datetime) -> None:
    tell(now, me)

    assert told_to(lin) == ()


def test_reading_marks_what_was_named_and_is_ones_own(me: Person, lin: Person, now: datetime) -> None:
    tell(now, me)
    tell(now, lin)
    mine, theirs = told_to(me)[0].newest.id, told_to(lin)[0].newest.id
    tell(now, me, object_id=8)

    marked = [
        db.in_transaction(lambda: operations.mark_read(actor=actor_for(me), notification_ids=[mine, theirs], now=now))
        for _ in range(2)
    ]

    assert marked == [1, 0]
    assert [group.is_read for group in told_to(me)] == [False, True]
    assert (unread(me), unread(lin)) == (1, 1)


def test_too_many_marked_at_once_change_nothing(me: Person, now: datetime) -> None:
    tell(now, me)
    ids = [told_to(me)[0].newest.id, *range(10**6, 10**6 + operations.MOST_MARKED)]

    with pytest.raises(errors.TooManyAtOnce):
        db.in_transaction(lambda: operations.mark_read(actor=actor_for(me), notification_ids=ids, now=now))

    assert unread(me) == 1


def test_pages_follow_each_other_without_gap_or_repetition(me: Person, now: datetime) -> None:
    for object_id in range(7):
        tell(now, me, object_id=object_id)
    viewer, cursor, seen = get_viewer(me.id), None, list[int]()

    while True:
        page = queries.list_groups(viewer, cursor=cursor, limit=3)
        seen += [group.newest.object_id or 0 for group in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor

    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_count_ends_at_a_hundred(me: Person, now: datetime) -> None:
    for object_id in range(queries.MOST_COUNTED + 5):
        tell(now, me, object_id=object_id)

    assert unread(me) == queries.MOST_COUNTED


def test_cost_does_not_grow_with_what_was_told(
    me: Person, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(6):
        social.follow(now, make_person(now), me)
    viewer: Viewer = get_viewer(me.id)

    with django_assert_num_queries(3):  # rows, actors, who still follows
        queries.list_groups(viewer)
    with django_assert_num_queries(3):
        queries.count_unread(viewer)
    with django_assert_num_queries(1):
        queries.has_unread(me.id)


def test_erased_person_is_neither_told_nor_told_of(me: Person, lin: Person, now: datetime) -> None:
    tell(now, me)
    social.follow(now, lin, me)
    social.follow(now, me, lin)
    tell(now, lin)
    (stem, records), *_ = queries.export_person(me.id)
    assert (stem, [record["kind"] for record in records]) == ("notifications", ["ORDER_SHIPPED", "FOLLOWED"])

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    assert told_to(me) == ()
    assert [group.kind for group in told_to(lin)] == [Kind.ORDER_SHIPPED]
    assert rows() == 1


def test_goods_that_come_are_told_once_however_often_it_is_said(me: Person, now: datetime) -> None:
    from tests.builders import goods

    product = goods.make_product(now)
    line = BoughtLine(1, product.variants[0].id)

    for _ in range(2):
        db.in_transaction(lambda: things.take_in(owner_id=me.id, lines=[line], now=now))

    (group,) = told_to(me)
    assert (group.kind, len(group.notifications)) == (Kind.GOODS_ARRIVED, 1)


def test_team_parcel_and_refund_are_told_to_who_bought(world: None, now: datetime) -> None:
    from tests.builders import goods, teams
    from wuyou.domains.orders import operations as orders

    product = goods.make_product(now)
    campaign = goods.make_campaign(now, product, size=2)
    leader, joiner = make_person(now), make_person(now)
    teams.form_team(now, leader, [joiner], campaign, product)
    assert [g.kind for g in told_to(leader)] == [g.kind for g in told_to(joiner)] == [Kind.TEAM_FORMED]
    placed = teams.buy_alone(now, leader, product)
    teams.pay(now, leader, placed.order_no)
    teams.settle_down(now)

    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now))
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=placed.id, amount_minor=None, reason="broken", now=now)
    )
    teams.send_refunds(now)

    assert [g.kind for g in told_to(leader)][0:2] == [Kind.REFUND_RETURNED, Kind.ORDER_SHIPPED]
