"""What is for a publisher's links keeps the place by which it was claimed, and what came of it is told by place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import promotions
from tests.builders.alliance import Market
from wuyou.domains.alliance import errors, operations, queries
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.domains.promotions import queries as promotions_queries
from wuyou.domains.promotions.types import Promotion, Voucher
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency

MINUTE = timedelta(minutes=1)


def come(market: Market, publisher: Publisher, slot: str, person: int | None = None) -> int:
    """Somebody follows a link of a place, a minute after whatever was before; returns who."""
    market.now += MINUTE
    person = person or market.person()
    market.click(market.link(publisher, market.product(), slot=slot), person)
    return person


def claim(market: Market, promotion: Promotion, person: int, code: str = "") -> Voucher:
    market.now += MINUTE
    return operations.claim_voucher(actor=Actor(person), promotion_id=promotion.id, code=code, now=market.now)


def told(publisher: Publisher) -> dict[str, tuple[int, int, int, int]]:
    return {
        one.slot_name: (one.claim_count, one.order_count, one.cost.amount_minor, one.earned.amount_minor)
        for one in queries.claims_by_slot(publisher.id)
    }


def earn(market: Market, publisher: Publisher, minor: int) -> None:
    accounts = (
        AccountRef(AccountKind.PLATFORM_REVENUE, "", Currency.CNY),
        AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{publisher.id}", Currency.CNY),
    )
    draft = JournalDraft("bonus:1", "bonus", "", market.now, (TransferDraft(*accounts, minor, "bonus"),))
    ledger.post(journals=[draft], now=market.now)


def test_claim_keeps_the_last_place_and_orders_and_commissions_are_told_by_it(market: Market) -> None:
    publisher, other = market.publisher(), market.publisher()
    market.plan(1_000, shares=(10_000, 0, 0))
    coupon = promotions.coupon(market, 1_000, publisher_id=publisher.id)
    assert told(publisher) == {}
    first, second, third = (come(market, publisher, slot) for slot in ("博客", "博客", "群"))
    come(market, publisher, "群", second)  # the last one is the one that counts
    come(market, other, "别处", third)  # another publisher's link is another matter
    vouchers = [claim(market, coupon, person) for person in (first, second, third)]
    assert claim(market, coupon, first).id == vouchers[0].id  # twice is once
    assert told(publisher) == {"群": (2, 0, 0, 0), "博客": (1, 0, 0, 0)}
    assert told(other) == {}

    product = market.product(10_000)
    placed = market.pay(promotions.place(market, first, [product], vouchers[0]))
    promotions.place(market, second, [product], vouchers[1])  # and never paid
    assert told(publisher) == {"群": (2, 0, 0, 0), "博客": (1, 1, 0, 900)}  # 10 % of 90.00
    market.refund(placed)
    assert told(publisher)["博客"] == (1, 0, 0, 0)


def test_who_knows_the_code_claims_without_a_place_and_keeps_none_later(market: Market) -> None:
    publisher = market.publisher()
    coupon = promotions.coupon(market, publisher_id=publisher.id, has_code=True)
    person = market.person()
    held = claim(market, coupon, person, coupon.code)
    come(market, publisher, "博客", person)
    assert claim(market, coupon, person).id == held.id
    assert told(publisher) == {}


def test_packet_for_one_place_is_there_for_who_came_by_it_alone(market: Market) -> None:
    publisher, product = market.publisher(), market.product(10_000)
    slot = operations.add_slot(publisher_id=publisher.id, name="群", now=market.now)
    theirs = operations.add_slot(publisher_id=market.publisher().id, name="群", now=market.now)
    earn(market, publisher, 5_000)
    draft = promotions.coupon_draft(market, 500, product_id=product.id, total_count=3)

    def open_for(slot_id: int) -> Promotion:
        return operations.open_packet(
            actor=Actor(publisher.user_id), draft=replace(draft, slot_id=slot_id), now=market.now
        )

    with pytest.raises(errors.SlotNotFound):
        open_for(theirs.id)
    assert not promotions_queries.list_special_of(publisher.id, market.now)
    packet = open_for(slot.id)
    by_group, by_blog = come(market, publisher, "群"), come(market, publisher, "博客")

    def offered(person: int) -> list[int]:
        ways = queries.ways_to_shop(person, market.shop.id, market.now)
        found = promotions_queries.list_claimable(
            shop_id=market.shop.id,
            product_id=product.id,
            came_by=ways.publisher_ids,
            slot_ids=ways.slot_ids,
            now=market.now,
        )
        return [one.id for one in found]

    assert [offered(by_group), offered(by_blog)] == [[packet.id], []]
    with pytest.raises(promotions_errors.PromotionNotFound):
        claim(market, packet, by_blog)
    assert promotions_queries.get_promotion(packet.id).claimed_count == 0
    voucher = claim(market, packet, by_group)
    come(market, publisher, "博客", by_group)  # a later click elsewhere changes nothing of it
    assert told(publisher) == {"群": (1, 0, 0, 0)}
    market.pay(promotions.place(market, by_group, [product], voucher))
    assert told(publisher) == {"群": (1, 1, 500, 0)}


def test_who_is_erased_is_no_claim_any_more(market: Market) -> None:
    publisher = market.publisher()
    coupon = promotions.coupon(market, publisher_id=publisher.id)
    gone, stays = come(market, publisher, "博客"), come(market, publisher, "博客")
    for person in (gone, stays):
        claim(market, coupon, person)
    operations.erase_person(person_id=gone, now=market.now)
    assert told(publisher) == {"博客": (1, 0, 0, 0)}
    assert db.rows(
        "SELECT v.person_id FROM alliance_voucher_origin c JOIN promotions_voucher v ON v.id = c.voucher_id"
    ) == [(stays,)]
