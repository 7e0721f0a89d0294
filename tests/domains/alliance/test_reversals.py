"""What a refund takes back of a sale, before and after settlement, before and after payout, from whom it is due."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import holds
from tests.builders.alliance import Market
from tests.domains.alliance.test_settlement import brought_order, pay_out
from tests.properties.test_alliance_books import undone
from wuyou.domains.alliance import operations, queries, reversing, tasks
from wuyou.domains.alliance.reversal_types import (
    MAY_FOLLOW,
    Reversal,
    ReversalPartState,
    ReversalSide,
    ReversalState,
)
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

SHOP, PROMOTER = ReversalSide.SELLER, ReversalSide.PROMOTER
WAITING, TAKEN, FORGIVEN = ReversalPartState.WAITING, ReversalPartState.TAKEN, ReversalPartState.FORGIVEN


def of(order: PlacedOrder) -> tuple[Reversal, ...]:
    return queries.list_reversals(order_no=order.order_no).items


def sums(order: PlacedOrder) -> list[tuple[ReversalState, int, int, int]]:
    return [
        (each.state, each.refunded.amount_minor, each.promoters.amount_minor, each.platform.amount_minor)
        for each in of(order)
    ]


def sides(order: PlacedOrder) -> list[tuple[ReversalSide, int, int, ReversalPartState]]:
    (one,) = of(order)
    return sorted((part.side, part.amount.amount_minor, part.waits.amount_minor, part.state) for part in one.parts)


def assert_proven() -> None:
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []


def test_claim_that_ends_without_money_is_dropped(market: Market) -> None:
    order, *_ = brought_order(market)
    orders.dispute_order(order_id=order.id, now=market.now)
    market.hear(market.now)
    assert [each.state for each in of(order)] == [ReversalState.OPEN]
    orders.settle_dispute(order_id=order.id, now=market.now)
    market.hear(market.now)
    (dropped,) = of(order)
    assert (dropped.state, dropped.refund_no, dropped.ended_at) == (ReversalState.DROPPED, "", market.now)
    market.hear_again(market.now)
    assert len(of(order)) == 2  # told again, it is asked again and dropped again: nothing runs
    assert ReversalState.OPEN not in {each.state for each in of(order)}


def test_refund_before_settlement_reduces_and_takes_nothing(market: Market) -> None:
    order, *_ = brought_order(market)
    orders.dispute_order(order_id=order.id, now=market.now)
    market.refund(order, 2_500)
    orders.settle_dispute(order_id=order.id, now=market.now)
    market.hear(market.now)
    assert sums(order) == [(ReversalState.REDUCED, 2_500, 225, 25)]
    assert of(order)[0].parts == ()
    assert_proven()


def test_refund_before_payout_is_collected_at_once_from_both_sides(market: Market) -> None:
    order, *_ = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    assert sums(order) == [(ReversalState.COLLECTED, 2_500, 225, 25)]
    assert sides(order) == [(PROMOTER, 50, 0, TAKEN), (PROMOTER, 175, 0, TAKEN), (SHOP, 2_250, 0, TAKEN)]
    assert_proven()


def test_refund_after_payout_waits_for_later_earnings_the_oldest_first(market: Market) -> None:
    order, publisher, _ = brought_order(market)
    market.complete(order)
    pay_out(market, publisher, 700)
    market.refund(order, 2_500)
    assert sums(order)[0][0] is ReversalState.COLLECTING
    assert sides(order) == [(PROMOTER, 50, 0, TAKEN), (PROMOTER, 175, 175, WAITING), (SHOP, 2_250, 0, TAKEN)]
    product, buyer = market.product(1_000), market.person()
    market.click(market.link(publisher, product), buyer)
    market.complete(market.buy(buyer, product))  # earns 90 of it
    assert tasks.collect_reversals(market.now) == 0
    assert (PROMOTER, 175, 85, WAITING) in sides(order)
    market.complete(market.buy(buyer, product))
    assert tasks.collect_reversals(market.now) == 1
    assert sums(order)[0][0] is ReversalState.COLLECTED
    assert tasks.collect_reversals(market.now) == 0
    assert_proven()


def test_shop_that_was_paid_out_owes_its_side(market: Market) -> None:
    order, *_ = brought_order(market)
    market.complete(order)
    shop = AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{market.shop.id}", Currency.CNY)
    statements.record_payout(
        account=shop, amount=Money(9_000, Currency.CNY), payout_no="P1", provider="sandbox", now=market.now
    )
    market.refund(order, 2_500)
    assert (SHOP, 2_250, 2_250, WAITING) in sides(order)
    assert sums(order)[0][0] is ReversalState.COLLECTING


def test_debt_that_two_people_write_off_is_forgiven(market: Market) -> None:
    order, publisher, _ = brought_order(market)
    market.complete(order)
    pay_out(market, publisher, 700)
    market.refund(order)
    account = queries.account_of(publisher.id, Currency.CNY)
    number = statements.ask_write_off(
        actor=holds.staff(market), account=account, amount_minor=700, reason="gone", now=market.now
    )
    statements.approve_write_off(actor=holds.staff(market), number=number, now=market.now)
    assert tasks.collect_reversals(market.now) == 1
    assert sums(order)[0][0] is ReversalState.FORGIVEN
    assert (PROMOTER, 700, 0, FORGIVEN) in sides(order)
    assert_proven()


def test_refund_heard_twice_is_one_reversal(market: Market) -> None:
    order, *_ = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    market.hear_again(market.now)
    assert len(of(order)) == 1


def test_publisher_sees_their_own_part_alone(market: Market) -> None:
    order, publisher, tool = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    for me, minor in ((publisher, 175), (tool, 50)):
        (mine,) = queries.list_reversals(publisher_id=me.id).items
        assert [(part.owner, part.amount.amount_minor) for part in mine.parts] == [(f"publisher:{me.id}", minor)]
    assert queries.list_reversals(publisher_id=market.publisher().id).items == ()


def test_newest_waits_longest() -> None:
    assert reversing.waits(70, [50, 30, 40]) == [50, 20, 0]
    assert reversing.waits(-1, [50]) == [0]


@pytest.mark.usefixtures("db")
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    steps=st.lists(
        st.sampled_from(["ask", "end", "refund", "complete", "pay", "earn", "collect", "forgive"]), max_size=10
    )
)
@undone
def test_every_step_is_in_the_table_and_the_books_hold(now: datetime, steps: list[str]) -> None:
    market = Market(now)
    order, publisher, _ = brought_order(market)
    is_complete = is_disputed = False
    seen: dict[int, list[ReversalState]] = {}
    for number, step in enumerate(steps):
        left = 10_000 - market.conversion(order).refunded_minor
        account = queries.account_of(publisher.id, Currency.CNY)
        match step:
            case "ask" if not is_complete and left and not is_disputed:
                orders.dispute_order(order_id=order.id, now=market.now)
                is_disputed = True
            case "end" if is_disputed:
                orders.settle_dispute(order_id=order.id, now=market.now)
                is_disputed = False
            case "refund" if left:
                market.refund(order, min(left, 3_000))
            case "complete" if not is_complete and left and not is_disputed:
                market.complete(order)
                is_complete = True
            case "pay" if market.balance(publisher) > 0:
                statements.record_payout(
                    account=account, amount=Money(market.balance(publisher), Currency.CNY),
                    payout_no=f"P{number}", provider="sandbox", now=market.now,
                )  # fmt: skip
            case "earn":
                product, buyer = market.product(1_000), market.person()
                market.click(market.link(publisher, product), buyer)
                market.complete(market.buy(buyer, product))
            case "collect":
                operations.collect_reversals_of(account=account.code, now=market.now)
            case "forgive" if market.balance(publisher) < 0:
                asked = statements.ask_write_off(
                    actor=holds.staff(market), account=account, amount_minor=-market.balance(publisher),
                    reason="gone", now=market.now,
                )  # fmt: skip
                statements.approve_write_off(actor=holds.staff(market), number=asked, now=market.now)
        market.hear(market.now)
        for each in of(order):
            states = seen.setdefault(each.id, [])
            if not states or states[-1] is not each.state:
                states.append(each.state)
    for states in seen.values():
        steps_taken = [(None, states[0]), *pairwise(states)]
        assert all(after in MAY_FOLLOW[before] for before, after in steps_taken), states
    operations.collect_reversals_of(account=queries.account_of(publisher.id, Currency.CNY).code, now=market.now)
    waiting = sum(
        part.waits.amount_minor
        for each in of(order)
        for part in each.parts
        if part.owner == f"publisher:{publisher.id}"
    )
    assert waiting == max(0, -market.balance(publisher))
    assert_proven()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE alliance_reversal SET promoters_minor = promoters_minor - 1",
        "UPDATE alliance_reversal_part SET amount_minor = amount_minor + 100 WHERE side = 'PROMOTER'",
        "DELETE FROM alliance_reversal_part",
    ],
)
def test_proof_finds_a_reversal_that_is_not_what_was_taken(market: Market, damage: str) -> None:
    order, *_ = brought_order(market)
    market.complete(order)
    market.refund(order, 2_500)
    assert_proven()
    db.execute(damage)
    assert "reversals_are_what_was_taken_back" in {check.name for check in queries.verify() if check.breach_count}
