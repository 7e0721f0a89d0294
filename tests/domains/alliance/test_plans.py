"""What shops pay, and from when to when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from tests.builders.alliance import Market
from wuyou.domains.alliance import errors, models, operations, policies, queries
from wuyou.domains.alliance.types import FirstPieces
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.infra import db
from wuyou.kernel.actor import Actor

DAY = timedelta(days=1)


def test_owner_and_staff_set_plans_and_nobody_else(market: Market) -> None:
    def set_plan(actor: Actor) -> None:
        operations.set_plan(
            actor=actor,
            shop_id=market.shop.id,
            product_id=None,
            rate_bps=500,
            publisher_share_bps=10_000,
            partner_share_bps=0,
            platform_share_bps=0,
            from_=market.now,
            until=None,
            now=market.now,
        )

    stranger = Actor(market.person())
    assert not policies.may_set_plan(stranger, market.shop.id)
    with pytest.raises(catalog_errors.ShopNotFound):
        set_plan(stranger)
    assert queries.list_plans(market.shop.id) == ()
    for actor in (Actor(market.shop.owner_id), Actor(market.person(), is_staff=True)):
        assert policies.may_set_plan(actor, market.shop.id)
        set_plan(actor)
    assert len(queries.list_plans(market.shop.id)) == 2


def test_new_plan_takes_the_place_of_the_running_one_and_leaves_its_past_alone(market: Market) -> None:
    first = market.plan(1_000)
    change = market.now + 10 * DAY
    second = market.plan(500, at=change)
    plans = {plan.id: plan for plan in queries.list_plans(market.shop.id)}
    assert (plans[first.id].from_, plans[first.id].until) == (market.now, None)
    assert plans[first.id].rate_bps == 1_000
    assert plans[second.id] == second
    product = market.product()
    found = [queries.find_plan(shop_id=market.shop.id, product_id=product.id, at=at) for at in (change - DAY, change)]
    assert [plan and plan.id for plan in found] == [first.id, second.id]


def test_plan_set_anew_for_the_same_moment_takes_the_place_of_the_first(market: Market) -> None:
    market.plan(1_000)
    second = market.plan(2_000)
    product = market.product()
    assert queries.find_plan(shop_id=market.shop.id, product_id=product.id, at=market.now) == second


def test_plan_of_a_product_comes_before_the_shops(market: Market) -> None:
    product, other = market.product(), market.product()
    whole = market.plan(1_000)
    own = market.plan(2_000, product=product)
    assert queries.find_plan(shop_id=market.shop.id, product_id=product.id, at=market.now) == own
    assert queries.find_plan(shop_id=market.shop.id, product_id=other.id, at=market.now) == whole
    assert queries.find_plan(shop_id=market.shop.id, product_id=other.id, at=market.now - DAY) is None


def test_plan_cannot_begin_in_the_past(market: Market) -> None:
    with pytest.raises(errors.PlanBackdated):
        market.plan(from_=market.now - timedelta(microseconds=1))
    assert queries.list_plans(market.shop.id) == ()


def test_plan_for_a_while_gives_way_to_what_held_before(market: Market) -> None:
    usual = market.plan(1_000)
    festive = market.plan(2_000, from_=market.now + DAY, until=market.now + 3 * DAY)
    product = market.product()
    found = [
        queries.find_plan(shop_id=market.shop.id, product_id=product.id, at=market.now + days * DAY)
        for days in (0, 1, 2, 3)
    ]
    assert [plan and plan.id for plan in found] == [usual.id, festive.id, festive.id, usual.id]


def test_plan_set_last_takes_the_place_of_one_that_was_to_come(market: Market) -> None:
    market.plan(1_000)
    market.plan(1_500, from_=market.now + 10 * DAY)
    last = market.plan(2_000, from_=market.now + DAY)
    product = market.product()
    found = queries.find_plan(shop_id=market.shop.id, product_id=product.id, at=market.now + 11 * DAY)
    assert found is not None
    assert found.id == last.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rate_bps": -1}, "rate_bps"),
        ({"rate_bps": 9_001}, "rate_bps"),
        ({"shares": (7_000, 2_000, 999)}, "shares"),
        ({"shares": (11_000, -1_000, 0)}, "shares"),
        ({"rate_bps": 8_000, "special_bps": 1_001}, "rate_bps"),
        ({"special_bps": -1}, "rate_bps"),
        ({"service_bps": 100}, "service_bps"),
        ({"rate_bps": 1_000, "first": FirstPieces(1_000, 5)}, "first"),
        ({"rate_bps": 1_000, "first": FirstPieces(2_000, 0)}, "first"),
    ],
)
def test_plan_that_does_not_add_up_is_refused(market: Market, changes: dict[str, object], field: str) -> None:
    with pytest.raises(errors.PlanMalformed) as refused:
        market.plan(**changes)  # type: ignore[arg-type]
    assert refused.value.facts == {"field": field}
    with pytest.raises(errors.PlanMalformed):
        market.plan(until=market.now)
    assert queries.list_plans(market.shop.id) == ()


def test_plan_names_goods_of_its_shop_and_a_recruiter_that_exists(market: Market) -> None:
    foreign = market.product(shop=market.open_shop())
    with pytest.raises(errors.ProductNotFound):
        market.plan(product=foreign)
    with pytest.raises(errors.PartnerMalformed):
        operations.set_plan(
            actor=Actor(market.shop.owner_id),
            shop_id=market.shop.id,
            product_id=None,
            rate_bps=500,
            publisher_share_bps=10_000,
            partner_share_bps=0,
            platform_share_bps=0,
            from_=market.now,
            until=None,
            recruiter_id=10**9,
            now=market.now,
        )
    assert queries.list_plans(market.shop.id) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"publisher_share_bps": 7_001},
        {"publisher_share_bps": -1, "partner_share_bps": 10_001, "platform_share_bps": 0},
        {"rate_bps": 9_001},
        {"until_at": "before"},
        {"service_bps": 100},
        {"first_rate_bps": 500, "first_count": 1},
        {"first_rate_bps": 2_000, "first_count": 1, "first_sold": 2},
    ],
    ids=["sum", "negative", "rate", "period", "fee", "first", "overdrawn"],
)
def test_database_itself_refuses_impossible_plans(market: Market, changes: dict[str, object]) -> None:
    market.plan(1_000)
    row = {
        "shop_id": market.shop.id,
        "rate_bps": 1_000,
        "publisher_share_bps": 7_000,
        "partner_share_bps": 2_000,
        "platform_share_bps": 1_000,
        "from_at": market.now - 9 * DAY,
        "until_at": market.now - 8 * DAY,
        "set_at": market.now,
    } | changes
    if row["until_at"] == "before":
        row["until_at"] = market.now - 10 * DAY
    with pytest.raises(IntegrityError), db.savepoint():
        models.Plan.objects.create(**row)
    assert models.Plan.objects.count() == 1
