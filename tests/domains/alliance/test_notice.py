"""A raise begins at once; a cut waits for who already promotes the shop; a promise not to cut is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders.alliance import Market
from wuyou.domains.alliance import errors, models, queries
from wuyou.domains.alliance.types import FirstPieces, PartyRole, Publisher
from wuyou.domains.catalog.types import Product

DAY = timedelta(days=1)


def rate_for(market: Market, publisher: Publisher | None, product: Product, days: int) -> int:
    """What a publisher is paid for a click so many days from now."""
    plan = queries.find_plan(
        shop_id=market.shop.id,
        product_id=product.id,
        at=market.now + days * DAY,
        publisher_id=publisher.id if publisher else None,
    )
    return plan.rate_bps if plan else 0


def test_cut_begins_for_newcomers_at_once_and_for_who_promotes_the_shop_in_thirty_days(market: Market) -> None:
    product, old, new = market.product(), market.publisher(), market.publisher()
    market.plan(1_000)
    market.link(old, product)
    market.plan(500, at=market.now + DAY)
    market.link(new, product, at=market.now + 2 * DAY)
    assert [rate_for(market, old, product, days) for days in (1, 30, 31)] == [1_000, 1_000, 500]
    assert [rate_for(market, one, product, 2) for one in (new, None)] == [500, 500]


def test_sale_is_paid_the_kept_rate(market: Market) -> None:
    product, old, new = market.product(10_000), market.publisher(), market.publisher()
    market.plan(1_000)
    kept = market.link(old, product)
    market.plan(500, at=market.now + DAY)
    fresh = market.link(new, product, at=market.now + DAY)
    rates = []
    for link, days in ((kept, 2), (fresh, 2), (kept, 31)):
        buyer, at = market.person(), market.now + days * DAY
        market.click(link, buyer, at)
        rates.append(market.conversion(market.buy(buyer, product, at=at)).rate_bps)
    assert rates == [1_000, 500, 500]
    assert [check for check in queries.verify() if check.breach_count] == []


def test_raise_begins_for_everybody_at_once(market: Market) -> None:
    product, old = market.product(), market.publisher()
    market.plan(1_000)
    market.link(old, product)
    market.plan(1_500, at=market.now + DAY)
    assert [rate_for(market, one, product, 1) for one in (old, None)] == [1_500, 1_500]


def test_lower_plan_of_one_product_is_a_cut_of_what_the_shop_pays(market: Market) -> None:
    product, old = market.product(), market.publisher()
    market.plan(1_000)
    market.link(old, product)
    market.plan(300, product=product, at=market.now + DAY)
    assert [rate_for(market, old, product, days) for days in (2, 31)] == [1_000, 300]
    assert rate_for(market, None, product, 2) == 300


def test_raise_over_a_cut_leaves_who_was_promised_more_what_they_have(market: Market) -> None:
    product, old, between = market.product(), market.publisher(), market.publisher()
    market.plan(1_000)
    market.link(old, product)
    market.plan(500, at=market.now + DAY)
    market.link(between, product, at=market.now + 5 * DAY)
    market.plan(700, at=market.now + 10 * DAY)
    assert [rate_for(market, old, product, days) for days in (11, 30, 31)] == [1_000, 1_000, 700]
    assert [rate_for(market, between, product, days) for days in (9, 10)] == [500, 700]


def test_two_cuts_each_give_their_notice(market: Market) -> None:
    product, old, between = market.product(), market.publisher(), market.publisher()
    market.plan(1_000)
    market.link(old, product)
    market.plan(500, at=market.now + DAY)
    market.link(between, product, at=market.now + 5 * DAY)
    market.plan(300, at=market.now + 10 * DAY)
    assert [rate_for(market, old, product, days) for days in (30, 35, 40)] == [1_000, 500, 300]
    assert [rate_for(market, between, product, days) for days in (9, 39, 40)] == [500, 500, 300]
    assert rate_for(market, None, product, 11) == 300


def test_locked_rate_is_not_lowered_before_and_may_be_raised(market: Market) -> None:
    product = market.product()
    locked_until = market.now + 20 * DAY
    market.plan(1_000, locked_until=locked_until)
    before = queries.list_plans(market.shop.id)
    for lower in ({"rate_bps": 500}, {"rate_bps": 500, "product": product}, {"shares": (100, 8_900, 1_000)}):
        with pytest.raises(errors.PlanLocked) as refused:
            market.plan(**{"rate_bps": 1_000, "from_": locked_until - DAY} | lower)  # type: ignore[arg-type]
        assert refused.value.facts == {"locked_until": locked_until}
    assert queries.list_plans(market.shop.id) == before
    market.plan(1_200)
    market.plan(500, from_=locked_until)
    assert rate_for(market, None, product, 20) == 500


def test_first_pieces_are_paid_more_until_they_are_sold(market: Market) -> None:
    product, publisher = market.product(10_000), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0), first=FirstPieces(2_000, 5))
    link = market.link(publisher, product)

    def buy(quantity: int) -> int:
        buyer = market.person()
        market.click(link, buyer)
        conversion = market.conversion(market.buy(buyer, product, quantity=quantity))
        assert conversion.is_first is (conversion.rate_bps == 2_000)
        return conversion.rate_bps

    assert [buy(quantity) for quantity in (3, 3, 2, 1)] == [2_000, 1_000, 2_000, 1_000]
    assert models.Plan.objects.get().first_sold == 5
    market.hear_again(market.now)
    assert models.Plan.objects.get().first_sold == 5
    assert [check for check in queries.verify() if check.breach_count] == []


def test_subsidy_is_capped_by_line_and_by_budget_and_free_again_when_all_comes_back(market: Market) -> None:
    product, publisher = market.product(10_000), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0))
    subsidy = market.subsidy(rate_bps=500, cap_minor=400, budget_minor=1_000, product=product)
    link = market.link(publisher, product)

    def buy() -> tuple[object, int]:
        buyer = market.person()
        market.click(link, buyer)
        order = market.buy(buyer, product)
        added = [part for part in market.conversion(order).parts if part.role is PartyRole.SUBSIDY]
        return order, added[0].estimated_minor if added else 0

    orders = [buy() for _ in range(4)]
    assert [minor for _, minor in orders] == [400, 400, 200, 0]
    market.refund(orders[2][0], 9_000)  # type: ignore[arg-type]
    (part,) = (p for p in market.conversion(orders[2][0]).parts if p.role is PartyRole.SUBSIDY)  # type: ignore[arg-type]
    assert part.estimated_minor == 50
    assert buy()[1] == 0
    market.refund(orders[0][0])  # type: ignore[arg-type]
    assert queries.list_subsidies()[0].spent.amount_minor == 600
    assert buy()[1] == 400
    assert queries.list_subsidies()[0].id == subsidy.id
    assert [check for check in queries.verify() if check.breach_count] == []


def test_subsidy_ends_with_its_time(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000)
    market.subsidy(rate_bps=500, cap_minor=400, budget_minor=1_000, until=market.now + DAY)
    market.click(market.link(publisher, product), buyer, market.now + DAY)
    assert market.conversion(market.buy(buyer, product, at=market.now + DAY)).terms.subsidies == ()


def test_slot_is_shared_for_good(market: Market) -> None:
    product, publisher, third = market.product(), market.publisher(), market.publisher()
    market.link(publisher, product, slot="a", third=third, third_share_bps=2_000)
    (slot,) = queries.list_slots(publisher.id)
    assert (slot.third_id, slot.third_share_bps) == (third.id, 2_000)
    with pytest.raises(errors.SlotShared):
        market.link(publisher, product, slot="a", third=third, third_share_bps=3_000)
    for share, with_ in ((10_000, third), (2_000, publisher)):
        with pytest.raises(errors.ShareMalformed):
            market.link(publisher, product, slot="b", third=with_, third_share_bps=share)
    assert queries.list_slots(publisher.id) == (slot,)
