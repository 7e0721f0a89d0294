"""Vouchers at orders: from the price to the books, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import promotions
from tests.builders.alliance import Market
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import FulfilmentState, LineDraft, OrderKind, RefundState
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import Funder, Layer, UseState, VoucherState
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def states(person: int) -> list[VoucherState]:
    return [voucher.state for voucher in queries.list_vouchers(person).items]


def books_hold() -> None:
    broken = [check for check in ledger.verify() + alliance.verify() if check.checked_count and not check.holds]
    assert not broken


def test_an_order_costs_less_and_says_why(market: Market) -> None:
    one, two, buyer = market.product(10_000), market.product(5_000), market.person()
    item = promotions.claim(market, promotions.coupon(market, 1_000, product=one), buyer)
    shop = promotions.claim(market, promotions.coupon(market, 2_000, threshold_minor=12_000), buyer)
    packet = promotions.claim(market, promotions.packet(market, 500), buyer)
    placed = promotions.place(market, buyer, [one, two], item, shop, packet)
    order = promotions.order_of(placed)
    assert (order.items_minor, order.discount_minor, order.funded_minor, order.total_minor) == (
        15_000, 3_000, 500, 11_500,
    )  # fmt: skip
    assert placed.total.amount_minor == 11_500 == sum(line.paid_minor for line in order.lines)
    uses = queries.uses_by_ref([order.order_no])[order.order_no]
    assert [(use.layer, use.amount.amount_minor, use.state) for use in uses] == [
        (Layer.ITEM, 1_000, UseState.HELD), (Layer.SHOP, 2_000, UseState.HELD), (Layer.PACKET, 500, UseState.HELD),
    ]  # fmt: skip
    assert states(buyer) == [VoucherState.HELD] * 3


def test_without_vouchers_an_order_costs_four_statements_still(
    market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product, buyer = market.product(), market.person()
    with django_assert_num_queries(4):
        promotions.place(market, buyer, [product])


@pytest.mark.parametrize("what", ["other's", "used", "over", "team", "threshold", "other shop", "twice"])
def test_a_voucher_of_no_use_is_refused_and_nothing_is_ordered(market: Market, what: str) -> None:
    product, buyer = market.product(10_000), market.person()
    other_shop = market.open_shop()
    coupon = promotions.coupon(market, threshold_minor=20_000 if what == "threshold" else 1_001)
    voucher = promotions.claim(market, coupon, market.person() if what == "other's" else buyer)
    if what == "used":
        market.pay(promotions.place(market, buyer, [product], voucher))
    if what == "other shop":
        product = market.product(10_000, shop=other_shop)
    before = db.rows("SELECT count(*), count(*) FILTER (WHERE payment = 'PAID') FROM orders_order")
    with pytest.raises(errors.VoucherUnusable):
        orders.place_order(
            actor=Actor(buyer),
            lines=[LineDraft(product.variants[0].id, 1)],
            kind=OrderKind.ALONE,
            now=voucher.use_until if what == "over" else market.now,
            voucher_ids=[voucher.id] * (2 if what == "twice" else 1) if what != "team" else [voucher.id, 10**9],
        )
    assert db.rows("SELECT count(*), count(*) FILTER (WHERE payment = 'PAID') FROM orders_order") == before


def test_what_may_not_be_combined_is_refused(market: Market) -> None:
    product, buyer = market.product(10_000), market.person()
    one = promotions.claim(market, promotions.coupon(market, product=product, combines=frozenset()), buyer)
    two = promotions.claim(market, promotions.coupon(market), buyer)
    with pytest.raises(errors.NotCombinable):
        promotions.place(market, buyer, [product], one, two)
    assert states(buyer) == [VoucherState.OPEN] * 2


def test_an_order_given_up_gives_its_vouchers_back(market: Market) -> None:
    product, buyer = market.product(), market.person()
    coupon = promotions.coupon(market, budget_minor=1_500)
    placed = promotions.place(market, buyer, [product], promotions.claim(market, coupon, buyer))
    assert queries.get_promotion(coupon.id).spent_minor == 1_000
    assert orders.close_order(order_id=placed.id, now=market.now)
    assert orders.close_order(order_id=placed.id, now=market.now)
    assert states(buyer) == [VoucherState.OPEN]
    assert queries.get_promotion(coupon.id).spent_minor == 0


def test_a_budget_is_never_overdrawn(market: Market) -> None:
    product = market.product()
    coupon = promotions.coupon(market, 1_000, budget_minor=1_500)
    first, second, third = market.person(), market.person(), market.person()
    vouchers = [promotions.claim(market, coupon, person) for person in (first, second, third)]
    assert promotions.place(market, first, [product], vouchers[0]).total.amount_minor == 9_000
    assert promotions.place(market, second, [product], vouchers[1]).total.amount_minor == 9_500
    with pytest.raises(errors.VoucherUnusable):
        promotions.place(market, third, [product], vouchers[2])
    assert queries.get_promotion(coupon.id).spent_minor == 1_500
    with pytest.raises(errors.NoneLeft):
        promotions.claim(market, coupon, market.person())


@pytest.mark.parametrize("funder", [Funder.PLATFORM, Funder.SHOP, None])
def test_only_what_the_shop_gives_lowers_the_commission(market: Market, funder: Funder | None) -> None:
    """None is a coupon: of 100.00 the shop sells for 90.00, or somebody else pays 10.00 for the buyer."""
    product, buyer, publisher = market.product(10_000), market.person(), market.publisher()
    market.complete(market.buy(market.person(), product))
    market.plan(1_000, shares=(10_000, 0, 0))
    market.click(market.link(publisher, product), buyer)
    made = promotions.packet(market, 1_000, funder=funder) if funder else promotions.coupon(market, 1_000)
    placed = market.pay(promotions.place(market, buyer, [product], promotions.claim(market, made, buyer)))
    owed = market.shop_balance()
    basis = 10_000 if funder is Funder.PLATFORM else 9_000
    assert market.conversion(placed).amount_minor == basis
    market.complete(placed)
    assert market.balance(publisher) == basis // 10
    assert market.shop_balance() - owed == basis - basis // 10
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == promotions.balance(AccountKind.BUYERS_HELD) == 0
    books_hold()


def test_a_publishers_packet_pays_for_the_buyer(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000, shares=(10_000, 0, 0))
    first = market.person()
    for person in (first, buyer):
        market.click(market.link(publisher, product), person)
    market.complete(market.buy(first, product))
    packet = promotions.packet(market, 400, 2, publisher=publisher, product=product)
    placed = market.pay(promotions.place(market, buyer, [product], promotions.claim(market, packet, buyer)))
    assert placed.total.amount_minor == 9_600
    assert promotions.fund_minor(packet) == 400
    market.complete(placed)
    assert market.balance(publisher) == 1_000 - 800 + 1_000
    operations.close_packet(promotion_id=packet.id, now=packet.until)
    assert market.balance(publisher) == 1_600
    books_hold()


@pytest.mark.parametrize("stage", ["paid", "received", "completed"])
@pytest.mark.parametrize("funder", [Funder.PLATFORM, Funder.SHOP])
def test_a_whole_refund_in_steps_leaves_everybody_where_they_were(market: Market, stage: str, funder: Funder) -> None:
    product, buyer = market.product(10_000), market.person()
    market.complete(market.buy(market.person(), product))
    coupon = promotions.coupon(market, 700, budget_minor=700)
    packet = promotions.packet(market, 333, 2, funder=funder)
    owed, revenue = market.shop_balance(), promotions.balance(AccountKind.PLATFORM_REVENUE)
    vouchers = [promotions.claim(market, made, buyer) for made in (coupon, packet)]
    placed = market.pay(promotions.place(market, buyer, [product], *vouchers))
    assert placed.total.amount_minor == 8_967
    if stage == "received":
        market.receive(placed)
    elif stage == "completed":
        market.complete(placed)
    market.refund(placed, 1_001)
    assert states(buyer) == [VoucherState.USED] * 2, "a part of the money never gives a voucher back"
    back = 37  # 333 × 1,001 / 8,967 is 37.2
    assert promotions.fund_minor(packet) == 333 + back
    market.refund(placed)
    order = promotions.order_of(placed)
    assert order.refund is RefundState.FULL
    assert states(buyer) == [VoucherState.OPEN] * 2
    assert promotions.fund_minor(packet) == 666
    assert queries.get_promotion(coupon.id).spent_minor == 0
    assert (market.shop_balance(), promotions.balance(AccountKind.PLATFORM_REVENUE)) == (owed, revenue)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == promotions.balance(AccountKind.BUYERS_HELD) == 0
    if stage == "paid":
        assert order.fulfilment is FulfilmentState.CANCELLED
    assert promotions.place(market, buyer, [product], *vouchers).total.amount_minor == 8_967
    books_hold()


def test_what_comes_back_after_the_end_goes_to_who_paid(market: Market) -> None:
    product, buyer = market.product(10_000), market.person()
    packet = promotions.packet(market, 500, 2)
    placed = market.pay(promotions.place(market, buyer, [product], promotions.claim(market, packet, buyer)))
    revenue = promotions.balance(AccountKind.PLATFORM_REVENUE)
    assert operations.close_packet(promotion_id=packet.id, now=packet.until)
    assert promotions.balance(AccountKind.PLATFORM_REVENUE) == revenue + 500
    orders.request_refund(seller=None, order_id=placed.id, amount_minor=None, reason="return", now=packet.until)
    assert promotions.balance(AccountKind.PLATFORM_REVENUE) == revenue + 1_000
    assert states(buyer) == [VoucherState.USED]
    books_hold()


def test_commissions_follow_the_sale_through_refunds(market: Market) -> None:
    product, buyer, publisher = market.product(10_000), market.person(), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0))
    market.click(market.link(publisher, product), buyer)
    packet = promotions.packet(market, 1_000)
    placed = market.pay(promotions.place(market, buyer, [product], promotions.claim(market, packet, buyer)))
    market.complete(placed)
    market.refund(placed, 4_500)
    assert market.balance(publisher) == 500
    market.refund(placed)
    assert market.balance(publisher) == 0
    books_hold()


@pytest.mark.parametrize("is_used_elsewhere", [False, True])
def test_money_that_comes_late_finds_its_voucher_or_goes_back(market: Market, is_used_elsewhere: bool) -> None:
    product, buyer = market.product(10_000), market.person()
    packet = promotions.packet(market, 500, 1)
    voucher = promotions.claim(market, packet, buyer)
    placed = promotions.place(market, buyer, [product], voucher)
    assert orders.close_order(order_id=placed.id, now=market.now)
    if is_used_elsewhere:
        promotions.place(market, buyer, [product], voucher)
    market.pay(placed, market.now + timedelta(minutes=1))
    order = promotions.order_of(placed)
    if is_used_elsewhere:
        assert order.refund is RefundState.FULL
        assert promotions.fund_minor(packet) == 500
    else:
        assert order.fulfilment is FulfilmentState.READY
        assert promotions.fund_minor(packet) == 0
        assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 10_000
    assert promotions.balance(AccountKind.BUYERS_HELD) == 0
    books_hold()


def test_paying_twice_redeems_once(market: Market) -> None:
    product, buyer = market.product(10_000), market.person()
    packet = promotions.packet(market, 500, 2)
    placed = market.pay(promotions.place(market, buyer, [product], promotions.claim(market, packet, buyer)))
    orders.mark_paid(order_no=placed.order_no, now=market.now)
    operations.redeem(ref=placed.order_no, now=market.now)
    assert promotions.fund_minor(packet) == 500
