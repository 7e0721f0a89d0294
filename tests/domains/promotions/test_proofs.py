"""Each proof holds on what operations made, and fires on books broken in its way."""

from __future__ import annotations

import pytest

from tests.builders import promotions
from tests.builders.alliance import Market
from wuyou.domains.orders import queries as orders
from wuyou.domains.promotions import operations, queries
from wuyou.infra import db

BROKEN = {
    "vouchers_are_within_their_number": "UPDATE promotions_promotion SET claimed_count = 1 WHERE kind = 'COUPON'",
    "vouchers_are_where_their_uses_say": "UPDATE promotions_voucher SET state = 'OPEN' WHERE state = 'HELD'",
    "coupons_are_within_their_budget": "UPDATE promotions_promotion SET spent_minor = 1 WHERE kind = 'COUPON'",
    "packets_are_what_the_books_hold": "UPDATE promotions_use SET back_minor = 1 WHERE layer = 'PACKET'",
    "orders_cost_what_vouchers_say": "UPDATE promotions_use SET amount_minor = 999, line_minor = '{999}' "
    "WHERE layer = 'SHOP' AND state = 'HELD'",
    "orders_send_each_piece_once": "UPDATE orders_order_line SET sent_count = 1",
}


@pytest.fixture
def lived(market: Market) -> None:
    """One order held, one paid, one given back, with a coupon and a packet each; and a packet that is closed."""
    product = market.product(10_000)
    made = promotions.coupon(market, 1_000, budget_minor=100_000), promotions.packet(market, 500, 5)
    for stage in ("held", "paid", "back"):
        buyer = market.person()
        placed = promotions.place(market, buyer, [product], *(promotions.claim(market, each, buyer) for each in made))
        if stage != "held":
            market.pay(placed)
        if stage == "back":
            market.refund(placed)
    closed = promotions.packet(market, 100, 1)
    assert operations.close_packet(promotion_id=closed.id, now=closed.until)


@pytest.mark.usefixtures("lived")
def test_they_hold(market: Market) -> None:
    checks = queries.verify() + orders.verify()
    assert {check.name for check in checks} == BROKEN.keys()
    assert [check for check in checks if not check.holds] == []
    assert all(check.checked_count >= 2 for check in checks)


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize("name", BROKEN)
def test_each_fires(market: Market, name: str) -> None:
    db.execute(BROKEN[name])
    broken = [check.name for check in queries.verify() + orders.verify() if not check.holds]
    assert name in broken
