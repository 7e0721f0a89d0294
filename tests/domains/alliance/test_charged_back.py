"""Orders whose buyer's bank asks the payment back: held while it decides, taken back like a refund when it is lost."""

from __future__ import annotations

import pytest

from tests.builders.alliance import RETURN_WINDOW, Market
from tests.domains.alliance.test_reversals import assert_proven, of, sums
from tests.domains.alliance.test_settlement import brought_order, everyone
from wuyou.domains.alliance.reversal_types import ReversalState
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.domains.orders.types import FulfilmentState, PlacedOrder
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments.types import DisputeState, RefundState
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

OPEN, WON, LOST = DisputeState.OPEN, DisputeState.WON, DisputeState.LOST
DISPUTED = AccountRef(AccountKind.DISPUTED, "sandbox", Currency.CNY)


def shop_account(market: Market) -> AccountRef:
    return AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{market.shop.id}", Currency.CNY)


def disputed_minor() -> int:
    return ledger.get_balance(DISPUTED).amount_minor


def try_to_complete(market: Market, order: PlacedOrder) -> bool:
    later = market.now + RETURN_WINDOW * 10
    by_schedule = orders_tasks.complete_received_orders(later)
    by_hand = orders.complete_order(order_id=order.id, now=later)
    market.hear(later)
    return bool(by_schedule or by_hand)


def pay_shop(market: Market, amount_minor: int, number: str) -> None:
    statements.record_payout(
        account=shop_account(market),
        amount=Money(amount_minor, Currency.CNY),
        payout_no=number,
        provider="sandbox",
        now=market.now,
    )


def test_while_the_bank_decides_nobody_is_paid_and_when_it_is_won_everybody(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.receive(order)
    market.charge_back(order, OPEN)
    assert not try_to_complete(market, order)
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    assert (disputed_minor(), [each.state for each in of(order)]) == (10_000, [ReversalState.OPEN])

    market.charge_back(order, WON)
    assert [each.state for each in of(order)] == [ReversalState.DROPPED]
    assert try_to_complete(market, order)
    assert everyone(market, publisher, tool) == (700, 200, 100, 9_000)
    assert disputed_minor() == 0
    assert_proven()


def test_a_lost_payment_is_a_refund_that_is_not_sent(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.receive(order)
    market.charge_back(order, OPEN)
    market.charge_back(order, LOST)

    found = orders_queries.get_order(order.id)
    assert found.refunded.amount_minor == 10_000
    (refund,) = payments.list_refunds(intent_no=order.order_no).items
    assert (refund.state, refund.amount.amount_minor) == (RefundState.SUCCEEDED, 10_000)
    assert everyone(market, publisher, tool) == (0, 0, 0, 0)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == disputed_minor() == 0
    assert ledger.get_balance(AccountRef(AccountKind.REFUNDS_DUE, "", Currency.CNY)).amount_minor == 0
    assert ledger.get_balance(AccountRef(AccountKind.CLEARING, "sandbox", Currency.CNY)).amount_minor == 0
    assert sums(order)[0][0] is ReversalState.REDUCED
    assert_proven()


def test_after_settlement_the_part_is_reserved_and_taken_back_from_everybody(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.charge_back(order, OPEN, 2_500)

    with pytest.raises(ledger_errors.PayoutExceedsBalance), db.savepoint():
        pay_shop(market, 6_501, "P1")
    pay_shop(market, 6_500, "P1")

    market.charge_back(order, LOST, 2_500)
    assert sums(order) == [(ReversalState.COLLECTED, 2_500, 225, 25)]
    assert everyone(market, publisher, tool) == (525, 150, 75, 250)
    assert disputed_minor() == 0
    pay_shop(market, 250, "P2")
    assert_proven()


def test_what_was_reserved_is_paid_out_when_it_is_won(market: Market) -> None:
    order, *_ = brought_order(market)
    market.complete(order)
    market.charge_back(order, OPEN)
    with pytest.raises(ledger_errors.PayoutExceedsBalance), db.savepoint():
        pay_shop(market, 1, "P1")
    market.charge_back(order, WON)
    pay_shop(market, 9_000, "P1")
    assert_proven()


@pytest.mark.parametrize("state", [WON, LOST])
def test_a_claim_and_a_dispute_hold_an_order_each_by_itself(market: Market, state: DisputeState) -> None:
    order, *_ = brought_order(market)
    market.receive(order)
    orders.dispute_order(order_id=order.id, now=market.now)
    market.charge_back(order, OPEN, 2_500)
    orders.settle_dispute(order_id=order.id, now=market.now)
    market.hear(market.now)
    assert not try_to_complete(market, order), "the bank has not decided"
    assert [each.state for each in of(order)] == [ReversalState.OPEN]

    market.charge_back(order, state, 2_500)
    assert try_to_complete(market, order)
    assert market.conversion(order).refunded_minor == (0 if state is WON else 2_500)
    assert_proven()


def test_a_claim_that_runs_goes_on_when_the_dispute_has_ended(market: Market) -> None:
    order, *_ = brought_order(market)
    market.receive(order)
    market.charge_back(order, OPEN)
    orders.dispute_order(order_id=order.id, now=market.now)
    market.charge_back(order, WON)
    assert not try_to_complete(market, order)
    assert [each.state for each in of(order)] == [ReversalState.OPEN]


def test_what_the_shop_gave_back_before_is_counted_and_nothing_twice(market: Market) -> None:
    order, *_ = brought_order(market)
    market.receive(order)
    market.refund(order, 4_000)  # promised, and held back at the provider once the bank asks
    market.charge_back(order, OPEN)
    market.charge_back(order, LOST)

    refunds = payments.list_refunds(intent_no=order.order_no).items
    assert sorted(refund.amount.amount_minor for refund in refunds) == [4_000, 6_000]
    assert {refund.state for refund in refunds} == {RefundState.SUCCEEDED}
    assert orders_queries.get_order(order.id).refunded.amount_minor == 10_000
    assert disputed_minor() == 0
    assert_proven()


def test_an_order_that_was_not_sent_is_cancelled_and_its_stock_is_free(market: Market) -> None:
    order, *_ = brought_order(market)
    market.charge_back(order, OPEN)
    market.charge_back(order, LOST)
    assert orders_queries.get_order(order.id).fulfilment is FulfilmentState.CANCELLED
    assert disputed_minor() == 0
    assert_proven()


def test_told_again_everything_stays(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    for state in (OPEN, LOST, LOST, OPEN):
        market.charge_back(order, state)
    before = everyone(market, publisher, tool), sums(order)
    dispute = payments.find_dispute("sandbox", f"dp-{order.order_no}")
    assert dispute is not None
    orders.end_charge_back(order_no=order.order_no, dispute_ref=dispute.dispute_ref, lost_minor=10_000, now=market.now)
    market.hear(market.now)
    assert (everyone(market, publisher, tool), sums(order)) == before
    assert not orders.hold_charged_back(order_no="nobody", dispute_ref="dp", amount_minor=1, now=market.now)
    assert_proven()
