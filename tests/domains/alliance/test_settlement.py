"""From a paid order to the books, and back."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders.alliance import Market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(db: None, now: datetime) -> Market:
    return Market(now)


def test_completed_order_pays_publisher_partner_platform_and_shop(market: Market) -> None:
    product, publisher, tool = market.product(10_000), market.publisher(), market.publisher()
    market.plan(1_000, shares=(7_000, 2_000, 1_000))
    buyer = market.person()
    market.click(market.link(publisher, product, partner=tool), buyer)
    order = market.buy(buyer, product)
    assert (market.balance(publisher), market.balance(tool), market.balance(None)) == (0, 0, 0)
    market.complete(order)
    assert (market.balance(publisher), market.balance(tool), market.balance(None)) == (700, 200, 100)
    assert market.shop_balance() == 9_000
