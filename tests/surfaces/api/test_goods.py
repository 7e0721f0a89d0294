"""Looking at goods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import goods
from tests.surfaces.api.client import ApiClient
from tests.surfaces.api.conftest import Market
from wuyou.domains.catalog import operations as catalog
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

NOBODY = ApiClient()


def test_a_product_shows_both_prices_its_stock_and_its_campaign(market: Market) -> None:
    page = NOBODY.get(f"/products/{market.product.id}").ok()
    (variant,) = page["variants"]
    assert variant["price"] == {"amount_minor": 5_900, "currency": "CNY"}
    assert variant["team_price"] == {"amount_minor": 3_900, "currency": "CNY"}
    assert variant["available"] == 100
    assert page["campaign"]["id"] == market.campaign.id
    assert page["campaign"]["team_ttl_s"] == 86_400
    assert page["open_teams"] == []


def test_a_product_without_a_campaign_says_so(market: Market) -> None:
    product = goods.make_product(utc_now(), shop=market.shop)
    page = NOBODY.get(f"/products/{product.id}").ok()
    assert page["campaign"] is None
    line = NOBODY.get("/products?limit=1").ok()["items"][0]
    assert (line["id"], line["team_price"], line["team_size"]) == (product.id, None, None)


def test_products_come_in_pages_newest_first(market: Market) -> None:
    newer = [goods.make_product(utc_now(), shop=market.shop).id for _ in range(2)]
    first = NOBODY.get("/products?limit=2").ok()
    assert [line["id"] for line in first["items"]] == newer[::-1]
    second = NOBODY.get(f"/products?limit=2&cursor={first['next_cursor']}").ok()
    assert [line["id"] for line in second["items"]] == [market.product.id]
    assert second["next_cursor"] is None


def test_products_are_found_by_words_and_shop(market: Market) -> None:
    other = goods.make_product(utc_now(), title="茶 100%", title_en="Tea 100%")
    assert [line["id"] for line in NOBODY.get("/products?words=100%25").ok()["items"]] == [other.id]
    assert [line["id"] for line in NOBODY.get("/products?words=HONEY").ok()["items"]] == [market.product.id]
    assert [line["id"] for line in NOBODY.get(f"/products?shop_id={market.shop.id}").ok()["items"]] == [
        market.product.id
    ]


@pytest.mark.parametrize("product_id", [2**63 - 1, 999_999])
def test_an_unknown_product_is_not_found(market: Market, product_id: int) -> None:
    assert NOBODY.get(f"/products/{product_id}").code == "catalog.product_not_found"


def test_an_unlisted_product_is_not_found(market: Market) -> None:
    db.in_transaction(
        lambda: catalog.unlist_product(actor=Actor(market.owner.id), product_id=market.product.id, now=utc_now())
    )
    assert NOBODY.get(f"/products/{market.product.id}").status == 404
    assert NOBODY.get("/products").ok()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["cursor=0", "cursor=x", f"cursor={2**63}", "limit=0", "limit=101", "words=%00", f"words={'x' * 61}", "shop_id=-1"],
)
def test_a_malformed_query_is_refused(market: Market, query: str) -> None:
    answer = NOBODY.get(f"/products?{query}")
    assert answer.code == "surface.form_malformed"
    assert answer.body["errors"][0]["pointer"] == f"query/{query.split('=')[0]}"


@pytest.mark.parametrize("product_id", ["0", "-1", str(2**63), "x", "1e3", "9" * 5_000])
def test_a_malformed_id_is_refused(market: Market, product_id: str) -> None:
    assert NOBODY.get(f"/products/{product_id}").code == "surface.form_malformed"


def test_looking_costs_four_statements_and_a_list_three(market: Market, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        NOBODY.get(f"/products/{market.product.id}").ok()
    with django_assert_num_queries(3):
        NOBODY.get("/products").ok()
