"""Coupons: opened by a shop, claimed, used in an order, and stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.dateparse import parse_datetime

from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Publisher
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


def a_coupon(market: Market, **given: object) -> dict[str, Any]:
    """What opens a coupon of the market's shop, of ten yuan."""
    return {
        "kind": "COUPON",
        "name": "满减",
        "shop_id": market.shop.id,
        "currency": "CNY",
        "off_minor": 1_000,
        "threshold_minor": 2_000,
        "until": (utc_now() + timedelta(days=7)).isoformat(),
        **given,
    }


def a_packet(market: Market, **given: object) -> dict[str, Any]:
    """What opens five red packets of ten yuan each."""
    return a_coupon(market, kind="PACKET", total_count=5, **given)


def a_publisher(client: ApiClient) -> Publisher:
    """The account of who spreads links."""
    return db.in_transaction(lambda: alliance.ensure_publisher(user_id=client.person.id, now=utc_now()))


def promotions_and_vouchers() -> list[object]:
    """Whatever a refused request must leave as it was."""
    return [
        db.rows("SELECT id, claimed_count, until FROM promotions_promotion ORDER BY id"),
        db.rows("SELECT id, state FROM promotions_voucher ORDER BY id"),
        everything(),
    ]


def test_a_coupon_is_opened_claimed_used_and_counted(committed: Market) -> None:
    shop, buyer = committed.owner_client(), new_client()
    opened = shop.post("/promotions", a_coupon(committed, total_count=2)).ok()
    promotion_id = opened["promotion"]["id"]
    assert (opened["code"], opened["claimed_count"], opened["promotion"]["left_count"]) == ("", 0, 2)
    (offered,) = buyer.get(f"/products/{committed.product.id}/promotions").ok()["items"]
    assert (offered["id"], offered["off"]) == (promotion_id, {"amount_minor": 1_000, "currency": "CNY"})
    voucher = buyer.post(f"/promotions/{promotion_id}/voucher", {}).ok()
    assert buyer.post(f"/promotions/{promotion_id}/voucher", {}).ok() == voucher
    lines = [{"variant_id": committed.variant_id, "quantity": 1}]
    full = committed.product.variants[0].price.amount_minor
    order = buyer.post("/orders", {"lines": lines, "voucher_ids": [voucher["id"]]}).ok()
    assert order["total"]["amount_minor"] == full - 1_000
    committed.pay(buyer, order["order_no"])
    assert [each["state"] for each in buyer.get("/vouchers").ok()["items"]] == ["USED"]
    (run,) = shop.get(f"/shops/{committed.shop.id}/promotions").ok()["items"]
    assert (run["claimed_count"], run["used_count"], run["redeemed"]["amount_minor"]) == (1, 1, 1_000)


def test_who_came_by_the_publishers_link_or_knows_the_code_may_claim(committed: Market) -> None:
    publisher, stranger, friend = new_client(), new_client(), new_client()
    link = publisher.post("/links", {"product_id": committed.product.id}).ok()
    friend.post("/clicks", {"token": link["token"]}).ok()
    shop, only_for = committed.owner_client(), a_publisher(publisher).id
    opened = shop.post("/promotions", a_coupon(committed, publisher_id=only_for, has_code=True)).ok()
    promotion_id, code = opened["promotion"]["id"], opened["code"]
    assert code
    path = f"/products/{committed.product.id}/promotions"
    assert [each["id"] for each in friend.get(path).ok()["items"]] == [promotion_id]
    assert stranger.get(path).ok()["items"] == []
    before = promotions_and_vouchers()
    for body in ({}, {"code": "not-it"}):
        refused = stranger.post(f"/promotions/{promotion_id}/voucher", body)
        assert refused.code == "promotions.promotion_not_found"
    assert promotions_and_vouchers() == before
    for client, body in ((friend, {}), (stranger, {"code": code})):
        assert client.post(f"/promotions/{promotion_id}/voucher", body).ok()["state"] == "OPEN"


def test_one_that_is_stopped_or_used_up_is_claimed_no_more_and_stays_good(committed: Market) -> None:
    shop, first, late = committed.owner_client(), new_client(), new_client()
    single, other = (
        shop.post("/promotions", a_coupon(committed, total_count=count)).ok()["promotion"]["id"] for count in (1, 9)
    )
    voucher = first.post(f"/promotions/{single}/voucher", {}).ok()
    before = promotions_and_vouchers()
    assert late.post(f"/promotions/{single}/voucher", {}).code == "promotions.none_left"
    assert promotions_and_vouchers() == before
    first.post(f"/promotions/{other}/voucher", {}).ok()
    stopped = [shop.post(f"/promotions/{other}/closure").ok() for _ in range(2)]
    assert stopped[0] == stopped[1]
    until = parse_datetime(stopped[0]["promotion"]["until"])
    assert until is not None
    assert until <= utc_now()
    assert late.post(f"/promotions/{other}/voucher", {}).code == "promotions.promotion_over"
    lines = [{"variant_id": committed.variant_id, "quantity": 1}]
    assert first.post("/orders", {"lines": lines, "voucher_ids": [voucher["id"]]}).status < 300


def test_a_voucher_is_its_owners_and_is_used_once(committed: Market) -> None:
    shop, owner, other = committed.owner_client(), new_client(), new_client()
    promotion_id = shop.post("/promotions", a_coupon(committed)).ok()["promotion"]["id"]
    voucher = owner.post(f"/promotions/{promotion_id}/voucher", {}).ok()
    body = {"lines": [{"variant_id": committed.variant_id, "quantity": 1}], "voucher_ids": [voucher["id"]]}
    before = promotions_and_vouchers()
    assert other.post("/orders", body).code == "promotions.voucher_unusable"
    assert promotions_and_vouchers() == before
    owner.post("/orders", body).ok()
    before = promotions_and_vouchers()
    assert owner.post("/orders", body).code == "promotions.voucher_unusable"
    assert promotions_and_vouchers() == before


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"off_minor": None}, "promotions.promotion_malformed"),
        ({"off_bps": 1_000}, "promotions.promotion_malformed"),
        ({"threshold_minor": 1_000}, "promotions.promotion_malformed"),
        ({"until": "2020-01-01T00:00:00Z"}, "promotions.promotion_malformed"),
        ({"off_minor": 10.5}, "surface.form_malformed"),
        ({"name": ""}, "surface.form_malformed"),
        ({"kind": "GIFT"}, "surface.form_malformed"),
    ],
)
def test_terms_that_cannot_be_are_refused_and_change_nothing(market: Market, given: object, code: str) -> None:
    shop = market.owner_client()
    before = promotions_and_vouchers()
    assert isinstance(given, dict)
    assert shop.post("/promotions", a_coupon(market, **given)).code == code
    assert promotions_and_vouchers() == before


def test_only_who_works_for_the_shop_opens_sees_and_stops_its_promotions(market: Market) -> None:
    shop, stranger = market.owner_client(), new_client()
    promotion_id = shop.post("/promotions", a_coupon(market)).ok()["promotion"]["id"]
    before = promotions_and_vouchers()
    for answer in (
        stranger.post("/promotions", a_coupon(market)),
        stranger.post("/promotions", a_packet(market, funder="PLATFORM")),
        stranger.post(f"/promotions/{promotion_id}/closure"),
        shop.post("/promotions", a_coupon(market, product_id=999_999)),
    ):
        assert answer.code == "promotions.promotion_not_found"
    assert stranger.get(f"/shops/{market.shop.id}/promotions").status == 403
    assert ApiClient().post("/promotions", a_coupon(market)).status == 401
    assert promotions_and_vouchers() == before


def test_a_packet_that_nobody_can_pay_for_is_refused(market: Market) -> None:
    publisher = new_client()
    whose = {"publisher_id": a_publisher(publisher).id, "product_id": market.product.id}
    before = promotions_and_vouchers()
    refused = publisher.post("/promotions", a_packet(market, funder="PUBLISHER", **whose))
    assert refused.code == "promotions.funds_missing"
    assert promotions_and_vouchers() == before
