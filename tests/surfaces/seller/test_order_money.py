"""What an order comes to for its shop adds up, to the cent, with what the books say."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils.translation import override

from tests.builders import promotions as builders
from tests.builders.alliance import Market
from tests.surfaces.storefront.conftest import browser
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.identity import queries as identity
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders.types import PlacedOrder
from wuyou.domains.promotions import queries as promotions
from wuyou.kernel.money import Money
from wuyou.surfaces.seller import order_money
from wuyou.surfaces.ui import parts


@pytest.fixture
def market(db: None, now: datetime) -> Market:
    return Market(now)


def told(placed: PlacedOrder) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """The three sums as the page shows them, in the smallest unit."""
    order = builders.order_of(placed)
    uses = promotions.uses_by_ref([order.order_no]).get(order.order_no, ())
    with override("en"):
        sums = order_money.explain(order, uses, alliance.conversions_by_order([order.id]).get(order.id, ()))
    sold, paid, yours = ({fact.label: minor_of(fact) for fact in each} for each in sums)
    return sold, paid, yours


def minor_of(fact: parts.Fact) -> int:
    assert isinstance(fact.value, Money)
    return fact.value.amount_minor


def test_who_paid_what_and_what_the_shop_gets(market: Market) -> None:
    buyer, promoter = market.person(), market.publisher()
    product = market.product(9_999)
    market.plan(1_000)
    link = market.link(promoter, product)
    vouchers = [
        builders.claim(market, made, buyer)
        for made in (
            builders.coupon(market, 777),
            builders.packet(market, 333, name="平台红包"),
            builders.coupon(market, 222, product=product),
        )
    ]
    market.click(link, buyer)
    placed = market.pay(builders.place(market, buyer, [product], *vouchers))
    market.hear(market.now)

    sold, paid, yours = told(placed)

    assert sold["Sold for"] == 9_999 - 777 - 222
    assert sum(paid.values()) == sold["Sold for"]
    assert paid["The buyer paid"] == 9_000 - 333
    assert paid["平台红包 · from the platform"] == 333
    assert yours["Commissions and fees, as expected"] == -900
    assert yours["You receive"] == 9_000 - 900
    before = market.shop_balance()

    market.complete(placed)

    _sold, _paid, yours = told(placed)
    assert yours["You received"] == market.shop_balance() - before == 8_100


def test_what_went_back_is_taken_from_who_got_it(market: Market) -> None:
    buyer, product = market.person(), market.product(10_000)
    voucher = builders.claim(market, builders.packet(market, 2_000), buyer)
    placed = market.pay(builders.place(market, buyer, [product], voucher))
    market.refund(placed, 4_000)

    _sold, paid, yours = told(placed)

    assert paid == {"The buyer paid": 8_000, "优惠券 · from the platform": 2_000}
    assert yours == {
        "Given back to the buyer": -4_000,
        "Given back to who paid a part": -1_000,
        "You receive": 5_000,
    }
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 5_000


def test_the_page_says_it_to_the_shop(market: Market, plain_static_files: None) -> None:
    buyer, product = market.person(), market.product(10_000)
    placed = market.pay(
        builders.place(market, buyer, [product], builders.claim(market, builders.packet(market), buyer))
    )
    owner = browser(identity.get_person(market.shop.owner_id))
    page = owner.get(f"/seller/{market.shop.id}/orders/{placed.order_no}").content.decode()
    for words in ("Sold for", "The buyer paid", "¥95.00", "from the platform", "¥5.00", "You receive", "¥100.00"):
        assert words in page
