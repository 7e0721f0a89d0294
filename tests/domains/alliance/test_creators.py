"""Whom a shop is shown that may fit it, by which reasons, and what links cost it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import goods, social, teams
from tests.builders.alliance import Market
from tests.builders.people import make_person
from wuyou.domains.alliance import errors, operations, queries
from wuyou.domains.alliance.fan_types import CreatorReason
from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date

MONTH = timedelta(days=32)


def join(now: datetime, person: Person, *, is_findable: bool = True) -> int:
    def entry() -> int:
        publisher = operations.ensure_publisher(user_id=person.id, now=now)
        operations.let_shops_find(actor=Actor(person.id), publisher_id=publisher.id, is_findable=is_findable)
        return publisher.id

    return db.in_transaction(entry)


def buy(now: datetime, person: Person, product: Product) -> None:
    order = teams.buy_alone(now, person, product)
    teams.pay(now, person, order.order_no)
    teams.settle_down(now)


@pytest.mark.usefixtures("world")
def test_shop_is_shown_who_wants_it_for_what_twenty_of_their_followers_do(now: datetime) -> None:
    before = now - MONTH
    shop = goods.make_shop(before)
    product = goods.make_product(before, shop=shop, stock=100)
    mei, shy = make_person(before, "Mei"), make_person(before, "Shy")
    join(before, mei)
    join(before, shy, is_findable=False)
    fans = [make_person(before) for _ in range(41)]
    for fan in fans:
        for each in (mei, shy):
            social.follow(before, fan, each)
    for fan in fans[:19]:
        buy(before, fan, product)
    assert queries.creators_for(shop.id, now=now) == ()  # 19 are few

    buy(before, fans[19], product)
    (found,) = queries.creators_for(shop.id, now=now)
    assert (found.user_id, found.reasons) == (mei.id, ((CreatorReason.FANS_BUY, 20),))

    for fan in fans[20:22]:
        buy(before, fan, product)
    assert queries.creators_for(shop.id, now=now) == ()  # 19 have not bought, and would be told of


@pytest.mark.usefixtures("world")
def test_whom_the_shop_works_with_is_left_out_and_nobody_speaks_for_another(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    publisher_id = join(now, mei, is_findable=False)
    with pytest.raises(errors.NotYourself):
        db.in_transaction(
            lambda: operations.let_shops_find(
                actor=Actor(lin.id, is_staff=True), publisher_id=publisher_id, is_findable=True
            )
        )
    found = queries.find_publisher(mei.id)
    assert found is not None
    assert not found.is_findable


def test_cost_is_what_the_shop_pays_and_effect_what_it_kept_of_the_sales(market: Market) -> None:
    product = market.product(10_000)
    market.plan(1_000)
    known, unknown = market.publisher(), market.publisher()
    circle = operations.open_collaboration(
        actor=Actor(market.shop.owner_id), shop_id=market.shop.id, name="老友", terms="", takes_applications=True,
        now=market.now,
    )  # fmt: skip
    applied = operations.apply_to_join(
        actor=Actor(known.user_id), collaboration_id=circle.id, publisher_id=known.id, words="", now=market.now
    )
    operations.answer_application(
        actor=Actor(market.shop.owner_id), participant_id=applied.id, takes=True, now=market.now
    )
    orders = []
    for publisher in (known, known, unknown):
        buyer = market.person()
        market.click(market.link(publisher, product), buyer)
        orders.append(market.buy(buyer, product))
    market.refund(orders[0], 4_000)
    market.complete(orders[2])
    back = market.person()
    market.click(market.link(unknown, product), back)
    market.refund(market.buy(back, product))

    today = business_date(market.now)
    whole, parts = queries.effect_of_shop(market.shop.id, from_=today, until=today + timedelta(days=1))

    assert (whole.order_count, whole.sales.amount_minor, whole.cost.amount_minor) == (3, 26_000, 2_600)
    assert (whole.cost_bps, whole.publisher_count) == (1_000, 2)
    assert [(part.publisher_id, part.order_count, part.cost.amount_minor) for part in parts] == [
        (known.id, 2, 1_600),
        (None, 1, 1_000),
    ]
    later, _ = queries.effect_of_shop(market.shop.id, from_=today + timedelta(days=1), until=today + timedelta(days=2))
    assert later.order_count == 0
