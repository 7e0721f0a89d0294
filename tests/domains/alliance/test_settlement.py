"""From a paid order to the books, and back."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders.alliance import RETURN_WINDOW, Market, published
from wuyou.domains.alliance import events, operations, queries, rules
from wuyou.domains.alliance.types import CommissionState, FirstPieces, PartyRole, Publisher, Shares, Terms
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders.types import PlacedOrder
from wuyou.kernel.money import Currency, Money


def brought_order(
    market: Market,
    *,
    price_minor: int = 10_000,
    rate_bps: int = 1_000,
    shares: tuple[int, int, int] = (7_000, 2_000, 1_000),
    first: FirstPieces | None = None,
) -> tuple[PlacedOrder, Publisher, Publisher]:
    """A paid order, the publisher whose link brought it and the tool provider that served the link."""
    product, publisher, tool, buyer = (
        market.product(price_minor),
        market.publisher(),
        market.publisher(),
        market.person(),
    )
    market.plan(rate_bps, shares=shares, first=first)
    market.click(market.link(publisher, product, partner=tool), buyer)
    return market.buy(buyer, product), publisher, tool


def everyone(market: Market, publisher: Publisher, tool: Publisher) -> tuple[int, int, int, int]:
    """What publisher, tool provider, platform and shop have in the books."""
    return market.balance(publisher), market.balance(tool), market.balance(None), market.shop_balance()


def assert_books_hold() -> None:
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []


def test_completed_order_pays_publisher_partner_platform_and_shop(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    market.complete(order)
    assert everyone(market, publisher, tool) == (700, 200, 100, 9_000)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0
    assert market.conversion(order).state is CommissionState.SETTLED
    assert [event.settled_minor for event in published(events.CommissionSettled)] == [700]  # type: ignore[attr-defined]
    assert_books_hold()


def test_nothing_is_booked_before_the_return_window_is_over(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.receive(order)
    assert market.conversion(order).state is CommissionState.CONFIRMED
    assert len(published(events.CommissionConfirmed)) == 1
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 10_000


def test_parts_that_do_not_divide_evenly_still_sum_to_the_commission(market: Market) -> None:
    order, publisher, tool = brought_order(market, price_minor=2_150, rate_bps=3_000, shares=(3_000, 3_333, 3_667))
    market.complete(order)
    assert sum(everyone(market, publisher, tool)[:3]) == 645
    assert everyone(market, publisher, tool) == (193, 215, 237, 1_505)


def test_several_lines_of_one_publisher_are_settled_in_one_journal(market: Market) -> None:
    cheap, dear, publisher, buyer = market.product(1_001), market.product(3_003), market.publisher(), market.person()
    market.plan(1_000, shares=(9_000, 0, 1_000))
    market.click(market.link(publisher, cheap), buyer)
    order = market.buy(buyer, cheap, dear)
    market.complete(order)
    assert market.balance(publisher) == 90 + 270
    lines = ledger.get_statement(queries.account_of(publisher.id, Currency.CNY)).lines.items
    assert [(line.journal_key, line.kind, line.delta_minor) for line in lines] == [
        (f"settle:{order.order_no}", "commission_publisher", 360)
    ]
    assert_books_hold()


# ---------------------------------------------------------------- refunds before settlement


def test_partial_refund_before_settlement_lowers_the_estimate_in_proportion(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.refund(order, 2_500)
    conversion = market.conversion(order)
    assert (conversion.refunded_minor, conversion.base_minor, conversion.commission_minor) == (2_500, 7_500, 750)
    assert [part.estimated_minor for part in conversion.parts] == [525, 150, 75]
    market.complete(order)
    assert everyone(market, publisher, tool) == (525, 150, 75, 6_750)
    assert_books_hold()


def test_full_refund_before_settlement_makes_the_conversion_invalid(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.refund(order)
    conversion = market.conversion(order)
    assert conversion.state is CommissionState.INVALID
    assert conversion.commission_minor == 0
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    assert queries.earnings_of(publisher.user_id).estimated.amount_minor == 0
    (told,) = published(events.CommissionReversed)
    assert (told.before_minor, told.after_minor, told.was_settled) == (700, 0, False)  # type: ignore[attr-defined]


def test_refund_of_an_order_of_several_lines_is_spread_by_their_amounts(market: Market) -> None:
    cheap, dear, buyer = market.product(10_000), market.product(20_000), market.person()
    market.plan(1_000)
    market.click(market.link(market.publisher(), cheap), buyer)
    order = market.buy(buyer, cheap, dear)
    market.refund(order, 10_000)
    assert [c.refunded_minor for c in market.conversions(order)] == [3_333, 6_667]
    market.refund(order)
    assert [(c.refunded_minor, c.commission_minor) for c in market.conversions(order)] == [(10_000, 0), (20_000, 0)]


# ---------------------------------------------------------------- refunds after settlement


def test_full_refund_after_settlement_leaves_nobody_anything(market: Market) -> None:
    """The commission of a refunded order is not owed any more, fees included."""
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.refund(order)
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    conversion = market.conversion(order)
    assert (conversion.state, conversion.commission_minor) == (CommissionState.SETTLED, 0)
    assert [part.estimated_minor for part in conversion.parts] == [700, 200, 100]
    assert_books_hold()


def test_partial_refund_after_settlement_takes_its_share_from_every_party(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    assert everyone(market, publisher, tool) == (525, 150, 75, 6_750)
    (told,) = published(events.CommissionReversed)
    assert (told.before_minor, told.after_minor, told.was_settled) == (700, 525, True)  # type: ignore[attr-defined]
    assert market.conversion(order).settled_at == market.now + RETURN_WINDOW
    assert_books_hold()


@pytest.mark.parametrize("is_settled", [False, True], ids=["before settlement", "after settlement"])
def test_partial_refunds_one_by_one_come_to_the_same_as_one_of_their_sum(market: Market, is_settled: bool) -> None:
    outcomes = []
    for refunds in ((3_333,), (1, 1_111, 2_221), (1_111, 1_111, 1_111)):
        shop = market.open_shop()
        market.shop = shop
        order, publisher, tool = brought_order(market, price_minor=9_999, rate_bps=1_234, shares=(3_333, 3_334, 3_333))
        platform_before = market.balance(None)
        if is_settled:
            market.complete(order)
        for amount in refunds:
            market.refund(order, amount)
        if not is_settled:
            market.complete(order)
        outcomes.append(
            (
                market.balance(publisher),
                market.balance(tool),
                market.balance(None) - platform_before,
                market.shop_balance(),
            )
        )
    assert outcomes[0] == outcomes[1] == outcomes[2]
    split = rules.split_sale(6_666, Terms(1_234, Shares(3_333, 3_334, 3_333)))
    assert outcomes[0][:3] == (split[PartyRole.PUBLISHER], split[PartyRole.PARTNER], split[PartyRole.PLATFORM])
    assert_books_hold()


def test_refund_heard_twice_is_taken_back_once(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    market.refund(order, 2_500)
    before = everyone(market, publisher, tool)
    for _ in range(3):
        market.hear_again(market.now, orders_events.OrderRefunded)
    assert everyone(market, publisher, tool) == before == (350, 100, 50, 4_500)
    assert len(published(events.CommissionReversed)) == 2
    assert_books_hold()


def test_everything_heard_twice_changes_nothing(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    before = everyone(market, publisher, tool), market.conversion(order), len(published(events.CommissionSettled))
    market.hear_again(market.now + RETURN_WINDOW)
    after = everyone(market, publisher, tool), market.conversion(order), len(published(events.CommissionSettled))
    assert after == before
    assert_books_hold()


@pytest.mark.parametrize("order_of_news", list(permutations(range(4))), ids=str)
def test_news_in_any_order_gives_the_same_books(market: Market, order_of_news: tuple[int, ...]) -> None:
    """A letter that was given up and handled later comes after what followed it."""
    order, publisher, tool = brought_order(market)
    heard = market.heard_seq
    market.hear = lambda now: None  # type: ignore[method-assign]
    market.refund(order, 1_000)
    market.complete(order)
    market.refund(order, 500)
    market.refund(order, 2_000)
    kinds = (orders_events.OrderRefunded, orders_events.OrderCompleted)
    news = published(*kinds)
    assert len(news) == 4
    assert heard
    for index in order_of_news:
        if isinstance(news[index], orders_events.OrderCompleted):
            operations.settle_orders(completed=[news[index]], now=market.now)
        else:
            operations.reverse_commissions(refunded=news[index], now=market.now)  # type: ignore[arg-type]
    assert everyone(market, publisher, tool) == (455, 130, 65, 5_850)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0
    assert_books_hold()


def test_great_refund_heard_late_never_settles_more_than_the_order_holds(market: Market) -> None:
    """The event's net amount already tells of it, though the news of the refund comes after the settlement."""
    order, publisher, tool = brought_order(market, rate_bps=9_000)
    market.receive(order)
    market.hear = lambda now: None  # type: ignore[method-assign]
    market.refund(order, 9_500)
    market.complete_received(order)
    (completed,) = published(orders_events.OrderCompleted)
    (refunded,) = published(orders_events.OrderRefunded)
    operations.settle_orders(completed=[completed], now=market.now)  # type: ignore[arg-type]
    after_settlement = everyone(market, publisher, tool)
    operations.reverse_commissions(refunded=refunded, now=market.now)  # type: ignore[arg-type]
    assert everyone(market, publisher, tool) == after_settlement == (315, 90, 45, 50)
    assert_books_hold()


# ---------------------------------------------------------------- payouts


def test_whole_balance_can_be_paid_out(market: Market) -> None:
    """No fraction of a unit stays behind that could never be withdrawn."""
    order, publisher, _ = brought_order(market, price_minor=9_999, rate_bps=777, shares=(3_333, 3_334, 3_333))
    market.complete(order)
    earned = market.balance(publisher)
    pay_out(market, publisher, earned)
    earnings = queries.earnings_of(publisher.user_id)
    assert (earnings.balance.amount_minor, earnings.paid_out.amount_minor) == (0, earned)


def test_refund_after_payout_claws_back_exactly_its_share_and_later_earnings_offset_it(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    pay_out(market, publisher, 700)
    market.refund(order, 2_500)
    assert market.balance(publisher) == -175
    market.refund(order)
    assert everyone(market, publisher, tool) == (-700, 0, 0, 0)
    earnings = queries.earnings_of(publisher.user_id)
    assert [m.amount_minor for m in (earnings.settled, earnings.reversed, earnings.paid_out, earnings.balance)] == [
        700,
        700,
        700,
        -700,
    ]
    assert_books_hold()
    product, buyer = market.product(20_000), market.person()
    market.click(market.link(publisher, product), buyer)
    market.complete(market.buy(buyer, product))
    assert market.balance(publisher) == -700 + 1_800
    assert_books_hold()


def pay_out(market: Market, publisher: Publisher, amount_minor: int) -> None:
    statements.record_payout(
        account=queries.account_of(publisher.id, Currency.CNY),
        amount=Money(amount_minor, Currency.CNY),
        payout_no=f"P{publisher.id}",
        provider="sandbox",
        now=market.now,
    )


# ---------------------------------------------------------------- cost


def test_settling_costs_few_statements(market: Market) -> None:
    order, *_ = brought_order(market)
    market.receive(order)
    completed = orders_events.OrderCompleted(
        order.id, order.order_no, 1, market.shop.id, "ALONE", 10_000, 0, "CNY", market.now + timedelta(days=7)
    )
    with CaptureQueriesContext(connection) as captured:
        operations.settle_orders(completed=[completed], now=market.now)
    own = [query for query in captured if "alliance_" in query["sql"] or "INSERT INTO event" in query["sql"]]
    assert len(own) == 3
