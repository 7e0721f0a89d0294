"""Selling."""

from __future__ import annotations

from typing import Any

import pytest

from tests.surfaces.api.client import ApiClient, new_client, new_key
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.kernel.clock import utc_now

YUAN_59 = {"amount_minor": 5_900, "currency": "CNY"}
YUAN_39 = {"amount_minor": 3_900, "currency": "CNY"}
VARIANT = {"name": "一瓶", "name_en": "One jar", "price": YUAN_59, "team_price": YUAN_39}
PRODUCT = {"title": "蜂蜜", "title_en": "Honey", "picture": "honey", "variants": [VARIANT]}


def test_a_seller_opens_a_shop_lists_a_product_and_sells_it_to_teams(db: None) -> None:
    seller = new_client()
    shop = seller.post("/shops", {"name": "山货", "name_en": "From the hills"}).ok()
    assert shop["return_window_s"] == 7 * 86_400
    product = seller.post(f"/shops/{shop['id']}/products", PRODUCT).ok()
    (variant,) = product["variants"]
    assert (variant["available"], product["campaign"]) == (0, None)
    assert seller.post(f"/variants/{variant['id']}/stock", {"quantity": 7}).ok()["available"] == 7
    campaign = seller.post(f"/products/{product['id']}/campaigns", {"size": 3, "max_per_person": 2}).ok()
    assert (campaign["size"], campaign["max_per_order"], campaign["max_per_person"]) == (3, 1, 2)
    page = ApiClient().get(f"/products/{product['id']}").ok()
    assert (page["variants"][0]["available"], page["campaign"]) == (7, campaign)


def test_a_repeated_request_with_a_key_opens_one_shop_and_without_two(db: None) -> None:
    seller, body, key = new_client(), {"name": "山货", "name_en": "Hills"}, new_key()
    first = seller.post("/shops", body, key=key)
    second = seller.post("/shops", body, key=key)
    assert (second.body, second.headers.get("Idempotent-Replayed")) == (first.body, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert seller.post("/shops", body, key="").ok()["id"] != first.body["id"]
    assert seller.post("/shops", body, key="").status == 201
    assert len(seller.get("/me").ok()["shops"]) == 3


def test_somebody_elses_shop_is_not_found_whatever_is_asked_of_it(market: Market) -> None:
    stranger = new_client()
    before = everything()
    assert stranger.post(f"/shops/{market.shop.id}/products", PRODUCT).code == "catalog.shop_not_found"
    assert stranger.post(f"/variants/{market.variant_id}/stock", {"quantity": 1}).code == "catalog.variant_not_found"
    assert stranger.post(f"/products/{market.product.id}/campaigns", {"size": 2}).code == "groupbuy.campaign_not_found"
    assert stranger.get(f"/shops/{market.shop.id}/orders").code == "catalog.shop_not_found"
    assert stranger.post("/shops/999999/products", PRODUCT).code == "catalog.shop_not_found"
    assert stranger.post("/variants/999999/stock", {"quantity": 1}).code == "catalog.variant_not_found"
    assert stranger.post("/products/999999/campaigns", {"size": 2}).code == "catalog.product_not_found"
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "\u2028"}, "catalog.text_malformed"),
        ({"title": ""}, "surface.form_malformed"),
        ({"title": "x" * 121}, "surface.form_malformed"),
        ({"brief": "nul \x00"}, "surface.form_malformed"),
        ({"brief": "x" * 2_001}, "surface.form_malformed"),
        ({"picture": "../../etc/passwd"}, "surface.form_malformed"),
        ({"variants": []}, "surface.form_malformed"),
        ({"variants": [{**VARIANT, "team_price": YUAN_59}]}, "catalog.price_out_of_range"),
        (
            {"variants": [{**VARIANT, "team_price": {"amount_minor": 1, "currency": "JPY"}}]},
            "catalog.price_out_of_range",
        ),
        ({"variants": [{**VARIANT, "price": {"amount_minor": 0, "currency": "CNY"}}]}, "surface.form_malformed"),
        (
            {"variants": [{**VARIANT, "price": {"amount_minor": 10**12 + 1, "currency": "CNY"}}]},
            "surface.form_malformed",
        ),
        ({"variants": [{**VARIANT, "price": {"amount_minor": 1, "currency": "XXX"}}]}, "surface.form_malformed"),
        ({"variants": [{**VARIANT, "price": 59.0}]}, "surface.form_malformed"),
    ],
)
def test_a_product_that_cannot_be_is_refused_and_changes_nothing(
    market: Market, change: dict[str, Any], code: str
) -> None:
    owner = market.owner_client()
    before = everything()
    assert owner.post(f"/shops/{market.shop.id}/products", {**PRODUCT, **change}).code == code
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "groupbuy.campaign_overlaps"),
        ({"total_limit": 1}, "groupbuy.campaign_malformed"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "groupbuy.campaign_malformed"),
        ({"opens_at": "2030-01-01T00:00:00"}, "surface.form_malformed"),
        ({"opens_at": "0001-01-01T00:00:00+14:00"}, "surface.form_malformed"),
        ({"opens_at": "9999-12-31T23:59:59-12:00"}, "surface.form_malformed"),
        ({"opens_at": 1_900_000_000}, "surface.form_malformed"),
        ({"size": 1}, "surface.form_malformed"),
        ({"size": 201}, "surface.form_malformed"),
        ({"team_ttl_s": 2_592_001}, "surface.form_malformed"),
        ({"max_per_person": 2**31}, "surface.form_malformed"),
        ({"total_limit": 2**31}, "surface.form_malformed"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused_and_changes_nothing(
    market: Market, change: dict[str, Any], code: str
) -> None:
    owner = market.owner_client()
    before = everything()
    assert owner.post(f"/products/{market.product.id}/campaigns", {"size": 2, **change}).code == code
    assert everything() == before


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, "7", None])
def test_stock_that_cannot_be_is_refused_and_changes_nothing(market: Market, quantity: object) -> None:
    owner = market.owner_client()
    before = everything()
    refused = owner.post(f"/variants/{market.variant_id}/stock", {"quantity": quantity})
    assert refused.code == "surface.form_malformed"
    assert everything() == before


def test_a_shop_sees_what_it_sold(market: Market) -> None:
    numbers = [market.order_alone(new_client()), market.order_in_team(new_client())["order_no"]]
    sold = market.owner_client().get(f"/shops/{market.shop.id}/orders").ok()
    assert [order["order_no"] for order in sold["items"]] == numbers[::-1]
    assert utc_now().isoformat() > sold["items"][0]["placed_at"]


def test_a_seller_changes_goods_and_it_is_written_down(market: Market) -> None:
    owner, product = market.owner_client(), f"/products/{market.product.id}"
    text = {"title": "新蜜", "title_en": "New honey", "brief": "甜", "brief_en": "Sweet", "picture": "honey"}
    assert owner.put(f"{product}/words", text).ok()["title_en"] == "New honey"
    prices = {"price": {"amount_minor": 4_900, "currency": "CNY"}, "team_price": None}
    (variant,) = owner.put(f"/variants/{market.variant_id}/price", prices).ok()["variants"]
    assert (variant["price"]["amount_minor"], variant["team_price"]) == (4_900, None)
    added = owner.post(f"{product}/variants", VARIANT | {"name": "两瓶", "name_en": "Two", "team_price": None}).ok()
    assert [each["name_en"] for each in added["variants"]] == ["One jar", "Two"]
    for _ in range(2):
        owner.put(f"{product}/shelf", {"is_listed": False}).ok()
    assert ApiClient().get(product).code == "catalog.product_not_found"
    owner.put(f"{product}/shelf", {"is_listed": True}).ok()
    assert ApiClient().get(product).ok()["brief_en"] == "Sweet"
    done = [act.what for act in catalog_queries.list_acts(market.shop.id).items]
    assert done[::-1][:3] == ["describe-product", "save-variants", "add-variant"]


def test_others_change_no_goods(market: Market) -> None:
    stranger, owner = new_client(), market.owner_client()
    before = everything()
    text = {"title": "新蜜", "title_en": "New honey"}
    prices = {"price": YUAN_39}
    for product in (market.product.id, 999_999):
        assert stranger.put(f"/products/{product}/words", text).code == "catalog.product_not_found"
        assert stranger.put(f"/products/{product}/shelf", {"is_listed": False}).code == "catalog.product_not_found"
        assert stranger.post(f"/products/{product}/variants", VARIANT).code == "catalog.product_not_found"
    for variant in (market.variant_id, 999_999):
        assert stranger.put(f"/variants/{variant}/price", prices).code == "catalog.variant_not_found"
    wrong = {"price": YUAN_39, "team_price": YUAN_59}
    assert owner.put(f"/variants/{market.variant_id}/price", wrong).code == "catalog.price_out_of_range"
    assert everything() == before
