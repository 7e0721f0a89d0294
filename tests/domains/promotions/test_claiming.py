"""Who gets a voucher, and how many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import promotions
from tests.builders.alliance import Market
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import VoucherState
from wuyou.infra import db


def test_claiming_twice_is_once_while_one_is_at_hand(market: Market) -> None:
    coupon, person = promotions.coupon(market, per_person=2), market.person()
    first = promotions.claim(market, coupon, person)
    assert promotions.claim(market, coupon, person) == first
    assert first.state is VoucherState.OPEN
    assert first.use_until == coupon.until
    assert queries.get_promotion(coupon.id).claimed_count == 1


def test_one_person_has_so_many_in_all(market: Market) -> None:
    product, person = market.product(), market.person()
    coupon = promotions.coupon(market, per_person=2)
    for _ in range(2):
        market.pay(promotions.place(market, person, [product], promotions.claim(market, coupon, person)))
    with pytest.raises(errors.PersonLimitReached) as refused:
        promotions.claim(market, coupon, person)
    assert refused.value.facts == {"most": 2}
    assert queries.get_promotion(coupon.id).claimed_count == 2


def test_there_are_only_so_many(market: Market) -> None:
    coupon = promotions.coupon(market, total_count=1)
    promotions.claim(market, coupon, market.person())
    late = market.person()
    with pytest.raises(errors.NoneLeft):
        promotions.claim(market, coupon, late)
    assert not queries.list_vouchers(late).items


def test_it_is_claimed_in_its_time(market: Market) -> None:
    coupon, person = promotions.coupon(market, use_within=timedelta(days=3)), market.person()
    for moment in (market.now - timedelta(seconds=1), coupon.until):
        with pytest.raises(errors.PromotionOver):
            operations.claim(person_id=person, promotion_id=coupon.id, now=moment)
    assert not queries.list_vouchers(person).items
    last = operations.claim(person_id=person, promotion_id=coupon.id, now=coupon.until - timedelta(seconds=1))
    assert last.use_until == coupon.until - timedelta(seconds=1) + timedelta(days=3)


def test_what_is_for_a_channel_is_not_there_for_others(market: Market) -> None:
    publisher, other = market.publisher(), market.publisher()
    coupon = promotions.coupon(market, publisher_id=publisher.id, has_code=True)
    person = market.person()
    for way in ({}, {"came_by": [other.id]}, {"code": "wrong"}):
        with pytest.raises(errors.PromotionNotFound):
            operations.claim(person_id=person, promotion_id=coupon.id, now=market.now, **way)
    assert not queries.list_claimable(shop_id=market.shop.id, came_by=[other.id], now=market.now)
    assert not queries.list_vouchers(person).items
    assert queries.list_claimable(shop_id=market.shop.id, came_by=[publisher.id], now=market.now) == (coupon,)
    by_code = operations.claim(person_id=person, promotion_id=coupon.id, code=coupon.code, now=market.now)
    by_link = operations.claim(
        person_id=market.person(), promotion_id=coupon.id, came_by=[publisher.id], now=market.now
    )
    assert by_code.promotion.id == by_link.promotion.id == coupon.id


def test_a_coupon_of_goods_that_are_gone_is_gone(market: Market) -> None:
    product = market.product()
    coupon, person = promotions.coupon(market, product=product), market.person()
    db.execute("UPDATE catalog_product SET is_listed = false WHERE id = %s", [product.id])
    with pytest.raises(errors.PromotionNotFound):
        promotions.claim(market, coupon, person)
    assert not queries.list_vouchers(person).items


def test_what_may_be_claimed_of_goods_is_the_most_of_what_is_open_to_who_asks(market: Market) -> None:
    one, two, publisher = market.product(), market.product(), market.publisher()
    asked = {one.id: market.shop.id, two.id: market.shop.id, market.product(shop=market.open_shop()).id: 10**9}

    def found(publisher_id: int | None = None, days: int = 0) -> dict[int, int]:
        best = queries.claimable_by_product(asked, publisher_id=publisher_id, now=market.now + timedelta(days=days))
        return {product_id: promotion.off_minor or 0 for product_id, promotion in best.items()}

    assert found() == {}
    promotions.coupon(market, 300)
    promotions.coupon(market, 900, has_code=True)  # who knows the code alone
    spent = promotions.coupon(market, 800, product=two, total_count=1)
    promotions.packet(market, 950)  # of every shop
    assert found() == {one.id: 300, two.id: 800}
    promotions.claim(market, spent, market.person())
    promotions.coupon(market, 600, publisher_id=publisher.id)  # who comes by their links
    assert found() == {one.id: 300, two.id: 300}
    assert found(publisher.id) == {one.id: 600, two.id: 600}
    assert found(days=31) == {}
    assert found(days=-1) == {}
