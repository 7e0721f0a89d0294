"""Opening a promotion, and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import promotions
from tests.builders.alliance import Market
from wuyou.domains.ledger import queries as ledger_queries
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import Funder, PromotionKind
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency


def count() -> int:
    return int(db.rows("SELECT count(*) FROM promotions_promotion")[0][0])


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "长" * 41}),
        ("off_minor", {"off_minor": 0, "threshold_minor": 1}),
        ("off_minor", {"off_bps": 500}),
        ("threshold_minor", {"threshold_minor": 1_000}),
        ("cap_minor", {"off_minor": None, "off_bps": 500}),
        ("off_bps", {"off_minor": None, "off_bps": 10_000, "cap_minor": 1_000}),
        ("until", {"until": "begin"}),
        ("total_count", {"total_count": 0}),
        ("total_count", {"kind": PromotionKind.PACKET}),
        ("per_person", {"per_person": 0}),
        ("budget_minor", {"budget_minor": 0}),
        ("use_within", {"use_within": timedelta(minutes=1)}),
        ("funder", {"funder": Funder.PLATFORM}),
        ("shop_id", {"shop_id": None}),
        ("publisher_id", {"kind": PromotionKind.PACKET, "funder": Funder.PUBLISHER, "total_count": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    market: Market, field: str, wrong: dict[str, object]
) -> None:
    draft = promotions.coupon_draft(market)
    if wrong == {"until": "begin"}:
        wrong = {"until": draft.from_}
    with pytest.raises(errors.PromotionMalformed) as refused:
        operations.open_promotion(actor=Actor(market.shop.owner_id), draft=replace(draft, **wrong), now=market.now)  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field
    assert count() == 0


def test_only_who_pays_opens_and_stops(market: Market) -> None:
    stranger, other = Actor(market.person()), market.open_shop()
    draft = promotions.coupon_draft(market)
    foreign = promotions.coupon_draft(market, shop_id=other.id, product_id=market.product().id)
    with pytest.raises(errors.PromotionNotFound):
        operations.open_promotion(actor=stranger, draft=draft, now=market.now)
    with pytest.raises(errors.PromotionNotFound):
        operations.open_promotion(actor=Actor(other.owner_id), draft=foreign, now=market.now)
    assert count() == 0
    coupon = promotions.coupon(market)
    with pytest.raises(errors.PromotionNotFound):
        operations.stop_promotion(actor=stranger, promotion_id=coupon.id, now=market.now)
    assert queries.get_promotion(coupon.id) == coupon
    operations.stop_promotion(actor=Actor(market.shop.owner_id), promotion_id=coupon.id, now=market.now)
    assert queries.get_promotion(coupon.id).until == market.now


def test_a_packet_sets_all_its_money_aside_and_gives_back_what_is_left(market: Market) -> None:
    revenue = promotions.balance(AccountKind.PLATFORM_REVENUE)
    packet = promotions.packet(market, 500, 3)
    assert promotions.fund_minor(packet) == 1_500
    assert promotions.balance(AccountKind.PLATFORM_REVENUE) == revenue - 1_500
    promotions.claim(market, packet, market.person())
    operations.stop_promotion(actor=PLATFORM, promotion_id=packet.id, now=market.now)
    assert promotions.fund_minor(packet) == 1_500, "somebody may still use one"
    assert not operations.close_packet(promotion_id=packet.id, now=market.now)
    assert operations.close_packet(promotion_id=packet.id, now=packet.until)
    assert not operations.close_packet(promotion_id=packet.id, now=packet.until)
    assert promotions.fund_minor(packet) == 0
    assert promotions.balance(AccountKind.PLATFORM_REVENUE) == revenue


def test_a_publisher_pays_from_what_is_available_and_nothing_else(market: Market) -> None:
    product, publisher = market.product(), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0))
    buyer = market.person()
    market.click(market.link(publisher, product), buyer)
    market.complete(market.buy(buyer, product))
    assert market.balance(publisher) == 1_000
    with pytest.raises(errors.FundsMissing), db.savepoint():
        promotions.packet(market, 600, 2, publisher=publisher, product=product)
    assert (count(), market.balance(publisher)) == (0, 1_000)
    packet = promotions.packet(market, 500, 2, publisher=publisher, product=product)
    assert (market.balance(publisher), promotions.fund_minor(packet)) == (0, 1_000)
    assert all(check.holds or not check.checked_count for check in ledger_queries.verify())


def test_what_is_held_pays_for_no_packet(market: Market) -> None:
    product, publisher = market.product(), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0))
    buyer = market.person()
    market.click(market.link(publisher, product), buyer)
    market.complete(market.buy(buyer, product))
    account = AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{publisher.id}", Currency.CNY)
    statements.hold_account(actor=Actor(market.person(), is_staff=True), account=account, reason="看看", now=market.now)
    with pytest.raises(errors.FundsMissing), db.savepoint():
        promotions.packet(market, 500, 2, publisher=publisher, product=product)
    assert (count(), market.balance(publisher)) == (0, 1_000)


def test_a_shop_pays_from_what_it_is_owed(market: Market) -> None:
    product = market.product()
    with pytest.raises(errors.FundsMissing), db.savepoint():
        promotions.packet(market, 500, 2, funder=Funder.SHOP)
    assert (count(), market.shop_balance()) == (0, 0)
    market.complete(market.buy(market.person(), product))
    promotions.packet(market, 500, 2, funder=Funder.SHOP)
    assert market.shop_balance() == 9_000
