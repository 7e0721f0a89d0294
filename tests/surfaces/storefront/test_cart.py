"""The cart: today's prices, what is wrong with it, and who may change it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import goods
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


def put(person: Person, variant_id: int, quantity: int = 1) -> None:
    db.in_transaction(
        lambda: orders.put_in_cart(actor=Actor(person.id), variant_id=variant_id, quantity=quantity, now=utc_now())
    )


def test_empty_cart_shows_the_next_step(market: Market) -> None:
    assert "Your cart is empty" in browser(make_person(utc_now())).get("/cart").content.decode()


def test_one_sum_a_shop(market: Market) -> None:
    mei, other = make_person(utc_now()), goods.make_product(utc_now(), price=10_000)
    put(mei, market.variant_id, 2)
    put(mei, other.variants[0].id)
    page = browser(mei).get("/cart").content.decode()
    assert "¥118.00" in page
    assert "¥100.00" in page
    assert page.count("Review and order") == 2


def test_what_cannot_be_ordered_is_marked(market: Market) -> None:
    mei = make_person(utc_now())
    put(mei, goods.make_product(utc_now(), shop=market.shop, stock=2).variants[0].id, 3)
    page = browser(mei).get("/cart").content.decode()
    assert "Only 2 left" in page
    assert "Review and order" not in page


def test_unlisted_goods_are_marked(market: Market) -> None:
    mei = make_person(utc_now())
    put(mei, market.variant_id)
    db.in_transaction(
        lambda: catalog.unlist_product(actor=Actor(market.owner.id), product_id=market.product.id, now=utc_now())
    )
    page = browser(mei).get("/cart").content.decode()
    assert "No longer sold" in page
    assert "Review and order" not in page


def test_change_and_take_out(market: Market) -> None:
    mei = make_person(utc_now())
    put(mei, market.variant_id)
    client = browser(mei)
    client.post("/cart/change", {"variant": market.variant_id, "quantity": 4})
    assert [line.quantity for line in orders_queries.list_cart(mei.id)] == [4]
    client.post("/cart/change", {"variant": market.variant_id, "quantity": 0})
    assert orders_queries.list_cart(mei.id) == ()


@pytest.mark.parametrize("quantity", ["-1", "1000", "9" * 30, "one", ""])
def test_malformed_change_is_refused_and_changes_nothing(market: Market, quantity: str) -> None:
    mei = make_person(utc_now())
    put(mei, market.variant_id)
    client = browser(mei)
    before = footprint()
    assert client.post("/cart/change", {"variant": market.variant_id, "quantity": quantity}).status_code == 422
    assert footprint() == before


def test_stranger_has_no_cart(market: Market) -> None:
    before = footprint()
    assert browser().get("/cart")["Location"] == "/sign-in?next=%2Fcart"
    answer = browser().post("/cart/change", {"variant": market.variant_id, "quantity": 1})
    assert answer["Location"].startswith("/sign-in")
    assert footprint() == before


def test_budget(market: Market, django_assert_num_queries: Budget) -> None:
    mei = make_person(utc_now())
    for _ in range(3):
        put(mei, goods.make_product(utc_now()).variants[0].id)
    client = browser(mei)
    with django_assert_num_queries(8):
        client.get("/cart")
