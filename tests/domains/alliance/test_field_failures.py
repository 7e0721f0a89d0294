"""What breaks in other programmes does not break here: one test for each failure that the field reports.

Where a test of this house shows it already, the table names it, and it is held to be there.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.builders.alliance import Market
from wuyou.domains.alliance import models, queries, rules
from wuyou.domains.alliance.types import CommissionState, PartyRole, Shares, Terms
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.kernel.money import allocate, apply_bps

ROOT = Path(__file__).resolve().parents[3]

FAILURES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "an order is refunded, its commission stays owed",
        "opencart/opencart#7703",
        (
            "test_refunded_order_owes_no_commission_at_any_stage",
            "test_full_refund_after_settlement_leaves_nobody_anything",
        ),
    ),
    (
        "going back at payment makes several referrals of one order",
        "AffiliateWP#403",
        (
            "test_paid_order_heard_twice_is_one_conversion_a_line",
            "test_paid_order_handled_at_once_is_one_conversion",
            "test_order_told_twice_in_one_call_is_recorded_and_settled_once",
        ),
    ),
    (
        "a partial refund is not prorated, an edited price not reflected",
        "AffiliateWP#1829, #2708",
        (
            "test_partial_refund_after_settlement_takes_its_share_from_every_party",
            "test_price_edited_later_leaves_what_was_paid_alone",
        ),
    ),
    (
        "a cancelled payment leaves a referral pending",
        "AffiliateWP#2706",
        ("test_unpaid_order_leaves_nothing_behind",),
    ),
    (
        "shares are rounded one by one",
        "getdokan/dokan#3324",
        ("test_shares_of_645_at_30_and_70_are_645",),
    ),
    (
        "a full refund without lines reverses nothing",
        "getdokan/dokan#3391",
        (
            "test_full_refund_that_names_no_line_reverses_every_line",
            "test_refund_of_an_order_of_several_lines_is_spread_by_their_amounts",
        ),
    ),
    (
        "a float percentage pays 14 of 14.5, and nothing of 0.6",
        "dubinc/dub, calculate-sale-earnings",
        ("test_rates_lose_nothing_to_floats_or_truncation",),
    ),
    (
        "integer division pays 10 of 10.8",
        "soldatov-ss/django-referral-system#6",
        ("test_rates_lose_nothing_to_floats_or_truncation",),
    ),
    (
        "a partial refund voids everything, one after payout is passed over",
        "dubinc/dub, charge-refunded",
        (
            "test_refund_after_payout_claws_back_exactly_its_share_and_later_earnings_offset_it",
            "test_refunds_at_once_take_back_each_share_once",
        ),
    ),
    (
        "a kept total drifts from what it sums",
        "dubinc/dub, retally-payouts-amount",
        (
            "test_books_hold_whatever_is_asked_of_them",
            "test_books_follow_from_the_snapshot_and_the_sum_of_refunds",
            "test_earnings_that_come_to_nothing_keep_their_history",
        ),
    ),
    (
        "two commits at once read the same remainder",
        "blnkfinance/blnk#171",
        (
            "test_payout_by_hand_and_by_batch_never_pay_more_than_is_owed",
            "test_last_first_piece_and_last_of_a_budget_are_given_once",
        ),
    ),
    (
        "a refund is taken twice; a leg that is not covered does nothing and says that it did",
        "blnkfinance/blnk#315",
        (
            "test_refund_heard_twice_is_taken_back_once",
            "test_what_cannot_be_booked_settles_none_of_a_call",
        ),
    ),
    (
        "a key is unique in code only",
        "blnkfinance/blnk before 0.13.2",
        (
            "test_database_itself_refuses_a_second_conversion_of_a_line_and_a_second_part_of_a_role",
            "test_a_key_is_one_journal",
        ),
    ),
    (
        "a known buyer's sale goes to the wrong link, or loses its place",
        "dubinc/dub#3344, #847",
        (
            "test_order_goes_to_the_link_of_its_own_shop",
            "test_sale_of_a_buyer_known_by_another_link_goes_to_the_last_one",
        ),
    ),
    (
        "a rounded balance cannot be paid out whole",
        "getdokan/dokan#1030",
        ("test_whole_balance_can_be_paid_out",),
    ),
)
"""What fails, where it was told, and the tests that it does not here."""


def test_every_failure_has_a_test_and_the_page_of_the_domain_tells_it() -> None:
    assert len(FAILURES) == 15
    page = (ROOT / "docs/domains/alliance.md").read_text()
    there = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    for failure, _, tests in FAILURES:
        assert set(tests) - there == set()
        assert f"| {failure} | {', '.join(f'`{name}`' for name in tests)} |" in page


@pytest.mark.parametrize("stage", ["paid", "received", "settled"])
def test_refunded_order_owes_no_commission_at_any_stage(market: Market, stage: str) -> None:
    product, publisher, buyer = market.product(2_000), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    if stage == "settled":
        market.complete(order)
        assert market.balance(publisher) == 180
    elif stage == "received":
        market.receive(order)
    market.refund(order)
    assert [part.estimated_minor for part in market.conversion(order).parts if stage != "settled"] == (
        [] if stage == "settled" else [0, 0]
    )
    assert [part.settled_minor for part in market.conversion(order).parts] == [0, 0]
    assert (market.balance(publisher), market.balance(None)) == (0, 0)
    if stage != "settled":
        assert market.conversion(order).state is CommissionState.INVALID


def test_price_edited_later_leaves_what_was_paid_alone(market: Market) -> None:
    from wuyou.infra import db

    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    assert db.execute("UPDATE catalog_variant SET price_minor = 1 WHERE product_id = %s", [product.id]) == 1
    market.complete(order)
    assert (market.balance(publisher), market.balance(None), market.shop_balance()) == (900, 100, 9_000)
    assert all(check.holds for check in ledger.verify() if check.checked_count)


def test_shares_of_645_at_30_and_70_are_645() -> None:
    """1.93 + 4.51 is a cent less than 6.45 × 100 %; the parts here are 1.94 and 4.51."""
    assert allocate(645, [30, 70]) == [194, 451]
    parts = rules.split_sale(2_150, Terms(3_000, Shares(3_000, 0, 7_000)))
    assert parts == {PartyRole.PUBLISHER: 194, PartyRole.PARTNER: 0, PartyRole.PLATFORM: 451}
    assert sum(parts.values()) == apply_bps(2_150, 3_000) == 645


def test_full_refund_that_names_no_line_reverses_every_line(market: Market) -> None:
    goods, publisher, buyer = [market.product(1_500), market.product(500)], market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, goods[0]), buyer)
    order = market.buy(buyer, *goods)
    market.complete(order)
    assert market.balance(publisher) == 180
    market.refund(order)
    assert [conversion.refunded_minor for conversion in market.conversions(order)] == [1_500, 500]
    assert (market.balance(publisher), market.balance(None), market.shop_balance()) == (0, 0, 0)
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0


def test_rates_lose_nothing_to_floats_or_truncation() -> None:
    assert apply_bps(500, 290) == 15  # 14.5; as a float 14.499999999999998
    assert apply_bps(6, 1_000) == 1  # 0.6
    assert apply_bps(144, 750) == 11  # 10.8


def test_earnings_that_come_to_nothing_keep_their_history(market: Market) -> None:
    """What was earned and taken back is not deleted because its sum is zero."""
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    market.complete(order)
    market.refund(order)
    earnings = queries.earnings_of(publisher.user_id)
    assert (earnings.settled.amount_minor, earnings.reversed.amount_minor, earnings.balance.amount_minor) == (
        900,
        900,
        0,
    )
    lines = ledger.get_statement(queries.account_of(publisher.id, earnings.balance.currency)).lines.items
    assert [line.delta_minor for line in lines] == [-900, 900]


def test_sale_of_a_buyer_known_by_another_link_goes_to_the_last_one(market: Market) -> None:
    product, buyer = market.product(10_000), market.person()
    first, last = market.publisher(), market.publisher()
    market.plan(1_000)
    market.click(market.link(first, product, slot="博客"), buyer)
    market.complete(market.buy(buyer, product))
    market.click(market.link(last, product, slot="短视频"), buyer)
    order = market.buy(buyer, product)
    conversion = market.conversion(order)
    assert (conversion.parts[0].publisher_id, conversion.slot_name) == (last.id, "短视频")
    assert models.Conversion.objects.count() == 2
