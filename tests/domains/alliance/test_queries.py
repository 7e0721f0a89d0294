"""What creators, shops and recruiters see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders.alliance import Market
from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance.types import CommissionState, PartyRole
from wuyou.kernel.money import Currency, Money, allocate, apply_bps


def yuan(amount_minor: int) -> Money:
    return Money(amount_minor, Currency.CNY)


def test_earnings_follow_each_stage_over_all_roles(market: Market) -> None:
    product, publisher, tool = market.product(10_000), market.publisher(), market.publisher()
    market.plan(1_000, shares=(7_000, 2_000, 1_000))
    buyer = market.person()
    market.click(market.link(publisher, product, partner=tool), buyer)
    waiting, received, settled, partly, _invalid = (market.buy(buyer, product) for _ in range(5))
    market.receive(received)
    market.complete(settled)
    market.complete(partly)
    market.refund(partly, 5_000)
    market.refund(_invalid)
    earnings = queries.earnings_of(publisher.user_id)
    assert (earnings.estimated, earnings.confirmed) == (yuan(700), yuan(700))
    assert (earnings.settled, earnings.reversed, earnings.balance) == (yuan(1_400), yuan(350), yuan(1_050))
    assert earnings.paid_out == yuan(0)
    assert queries.earnings_of(tool.user_id).balance == yuan(300)
    assert market.conversion(waiting).state is CommissionState.ESTIMATED


def test_earnings_of_who_never_joined_and_in_another_currency_are_nothing(market: Market) -> None:
    earnings = queries.earnings_of(market.person())
    assert {earnings.estimated, earnings.confirmed, earnings.settled, earnings.reversed, earnings.balance} == {yuan(0)}
    assert queries.earnings_of(market.publisher().user_id, currency=Currency.USD).balance == Money(0, Currency.USD)


def test_creator_can_compute_the_sum_again_from_what_is_shown(market: Market) -> None:
    """With the published formulas only: base x rate, rounded once, divided by the shares with the largest remainder."""
    products = [market.product(price) for price in (3_333, 7_777, 12_345)]
    publisher, buyer = market.publisher(), market.person()
    market.plan(777, shares=(6_667, 0, 3_333))
    market.click(market.link(publisher, products[0]), buyer)
    order = market.buy(buyer, *products)
    market.refund(order, 4_321)
    market.complete(order)
    market.refund(order, 1_234)
    total = 0
    for shown in queries.list_conversions(publisher.user_id).items:
        commission = apply_bps(shown.amount_minor - shown.refunded_minor, shown.rate_bps)
        parts = allocate(commission, [part.share_bps for part in shown.parts])
        assert parts == [part.settled_minor for part in shown.parts]
        assert commission == shown.commission_minor
        total += parts[0]
    assert queries.earnings_of(publisher.user_id).balance == yuan(total)
    assert total > 0


def test_list_conversions_is_for_every_role_and_goes_by_pages(market: Market) -> None:
    product, publisher, tool, buyer = market.product(), market.publisher(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product, partner=tool), buyer)
    made = [market.conversion(market.buy(buyer, product)).id for _ in range(5)]
    for person in (publisher.user_id, tool.user_id):
        first = queries.list_conversions(person, limit=2)
        second = queries.list_conversions(person, limit=2, cursor=first.next_cursor)
        third = queries.list_conversions(person, limit=2, cursor=second.next_cursor)
        seen = [[conversion.id for conversion in page.items] for page in (first, second, third)]
        assert seen == [made[:2:-1], made[2:0:-1], made[:1]]
        assert third.next_cursor is None
    assert queries.list_conversions(buyer).items == ()


def test_who_is_publisher_and_recruiter_of_a_sale_sees_it_once_with_both_parts(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000, shares=(7_000, 2_000, 1_000), recruiter=publisher, service_bps=200)
    market.click(market.link(publisher, product), buyer)
    market.complete(market.buy(buyer, product))
    (shown,) = queries.list_conversions(publisher.user_id).items
    mine = [(part.role, part.settled_minor) for part in shown.parts if part.publisher_id == publisher.id]
    assert mine == [(PartyRole.PUBLISHER, 900), (PartyRole.RECRUITER, 200)]
    assert queries.earnings_of(publisher.user_id).balance == yuan(1_100)


def test_lists_cost_one_query_however_long(market: Market) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    for count in (1, 4):
        for _ in range(count):
            market.buy(buyer, product)
        for read in (
            lambda: queries.list_conversions(publisher.user_id),
            lambda: queries.list_conversions_of_shop(market.shop.id),
            lambda: queries.list_links(publisher.user_id),
            lambda: queries.list_merchants(at=market.now),
        ):
            with CaptureQueriesContext(connection) as captured:
                read()
            assert len(captured) == 1


def test_shop_sees_what_links_sold_there(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    market.click(market.link(market.publisher(), product), buyer)
    first, second = (market.conversion(market.buy(buyer, product)) for _ in range(2))
    assert queries.list_conversions_of_shop(market.shop.id).items == (second, first)
    page = queries.list_conversions_of_shop(market.shop.id, limit=1)
    assert queries.list_conversions_of_shop(market.shop.id, cursor=page.next_cursor).items == (first,)
    assert queries.list_conversions_of_shop(market.open_shop().id).items == ()


def test_pool_shows_a_recruiter_what_the_shops_they_brought_sold_and_owe(market: Market) -> None:
    recruiter, publisher, buyer = market.publisher(), market.publisher(), market.person()
    other_shop = market.open_shop()
    product = market.product(10_000)
    market.plan(1_000, recruiter=recruiter)
    market.plan(1_000, shop=other_shop)
    market.click(market.link(publisher, product), buyer)
    settled, refunded, waiting, gone = (market.buy(buyer, product) for _ in range(4))
    market.complete(settled)
    market.complete(refunded)
    market.refund(refunded, 5_000)
    market.refund(gone)
    assert market.conversion(waiting).commission_minor == 1_000
    (mine,) = queries.list_merchants(recruiter_user_id=recruiter.user_id, at=market.now)
    assert (mine.shop_id, mine.recruiter_id, mine.plan_count, mine.order_count) == (market.shop.id, recruiter.id, 1, 3)
    assert (mine.sales, mine.pending, mine.settled) == (yuan(25_000), yuan(1_000), yuan(1_500))
    assert [merchant.shop_id for merchant in queries.list_merchants(at=market.now)] == [market.shop.id, other_shop.id]
    assert queries.list_merchants(recruiter_user_id=publisher.user_id, at=market.now) == ()
    assert queries.list_merchants(recruiter_user_id=buyer, at=market.now) == ()


def test_shop_whose_plan_ended_stays_in_the_pool_with_what_it_sold(market: Market) -> None:
    product, buyer = market.product(10_000), market.person()
    market.plan(1_000, until=market.now + timedelta(days=1))
    market.click(market.link(market.publisher(), product), buyer)
    market.buy(buyer, product)
    (merchant,) = queries.list_merchants(at=market.now + timedelta(days=1))
    assert (merchant.plan_count, merchant.recruiter_id, merchant.order_count) == (0, None, 1)
    assert merchant.pending == yuan(1_000)


def test_publisher_that_does_not_exist_is_not_found(market: Market) -> None:
    with pytest.raises(errors.PublisherNotFound):
        queries.get_publisher(10**9)
    publisher = market.publisher()
    assert queries.get_publisher(publisher.id) == publisher
    assert queries.publishers_by_id([publisher.id, 10**9]) == {publisher.id: publisher}
