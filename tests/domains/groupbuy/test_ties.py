"""Buying together ties people; buying of each other is a link of its own."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders.goods import make_campaign, make_product, make_shop
from tests.builders.people import make_person
from tests.builders.teams import buy_alone, form_team, join_and_pay, open_and_pay, pay, settle_down
from wuyou.domains.groupbuy import handlers
from wuyou.domains.groupbuy.events import TeamFormed
from wuyou.domains.orders import operations as orders
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import Band, Channel
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM

pytestmark = pytest.mark.usefixtures("world")


def test_who_formed_a_team_is_a_little_closer_and_told_again_no_more(now: datetime) -> None:
    leader, *others = [make_person(now) for _ in range(3)]
    product = make_product(now)

    team = form_team(now, leader, others, make_campaign(now, product, size=3), product)
    settle_down(now)
    ids = tuple(person.id for person in (leader, *others))
    told_again = TeamFormed(team.id, product.id, leader.id, ids, was_waived=False, occurred_at=now)
    db.in_transaction(lambda: handlers.on_team_formed(told_again, now))

    ties = social.list_ties(leader.id, now=now)
    assert [(tie.person_id, tie.strength, tie.band) for tie in ties] == [
        (other.id, 1_000, Band.ACQUAINTED) for other in others
    ]


def test_who_waits_in_a_team_that_has_not_formed_is_no_closer(now: datetime) -> None:
    leader, other = make_person(now), make_person(now)
    product = make_product(now)

    team = open_and_pay(now, leader, make_campaign(now, product, size=3), product)
    join_and_pay(now, other, team, product)
    settle_down(now)

    assert social.list_ties(leader.id, now=now) == ()


def test_who_bought_of_a_shop_has_a_link_of_trade_with_its_owner(now: datetime) -> None:
    buyer, owner = make_person(now), make_person(now)
    product = make_product(now, shop=make_shop(now, owner_id=owner.id))

    placed = buy_alone(now, buyer, product)
    pay(now, buyer, placed.order_no)
    settle_down(now)
    db.in_transaction(lambda: orders.ship_order(actor=PLATFORM, order_id=placed.id, now=now))
    db.in_transaction(lambda: orders.receive_order(order_id=placed.id, now=now))
    settle_down(now)

    (part,) = social.get_tie_story(buyer.id, owner.id, now=now).parts
    assert (part.channel, part.strength) == (Channel.TRADE, 20)
    assert social.list_ties(buyer.id, now=now) == ()
