"""Putting goods aside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import goods
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.kernel.clock import utc_now


def test_a_line_is_put_changed_and_taken_out(market: Market) -> None:
    buyer = new_client()
    assert buyer.get("/cart").ok() == {"lines": []}
    assert buyer.put(f"/cart/lines/{market.variant_id}", {"quantity": 2}).ok()["quantity"] == 2
    buyer.put(f"/cart/lines/{market.variant_id}", {"quantity": 3}).ok()
    assert buyer.get("/cart").ok()["lines"] == [{"variant_id": market.variant_id, "quantity": 3}]
    buyer.put(f"/cart/lines/{market.variant_id}", {"quantity": 0}).ok()
    assert buyer.get("/cart").ok() == {"lines": []}


def test_carts_of_different_people_never_meet(market: Market) -> None:
    new_client().put(f"/cart/lines/{market.variant_id}", {"quantity": 2}).ok()
    assert new_client().get("/cart").ok() == {"lines": []}


def test_the_fifty_first_variant_is_refused(market: Market) -> None:
    buyer = new_client()
    drafts = [goods.VariantDraft(f"第{i}种", f"Kind {i}", goods.yuan(100 + i)) for i in range(51)]
    variants = goods.make_product(utc_now(), variants=drafts, stock=0).variants
    for variant in variants[:50]:
        buyer.put(f"/cart/lines/{variant.id}", {"quantity": 1}).ok()
    before = everything()
    refused = buyer.put(f"/cart/lines/{variants[50].id}", {"quantity": 1})
    assert (refused.status, refused.code) == (409, "orders.cart_full")
    assert everything() == before


@pytest.mark.parametrize(
    ("variant_id", "body", "code"),
    [
        (999_999, {"quantity": 1}, "catalog.variant_not_found"),
        (1, {"quantity": 1_000}, "surface.form_malformed"),
        (1, {"quantity": -1}, "surface.form_malformed"),
        (1, {"quantity": "1"}, "surface.form_malformed"),
        (1, {"quantity": True}, "surface.form_malformed"),
        (1, {"quantity": 1.5}, "surface.form_malformed"),
        (1, {"quantity": 1, "price": 1}, "surface.form_malformed"),
        (1, {}, "surface.form_malformed"),
        (1, [], "surface.form_malformed"),
        (1, None, "surface.form_malformed"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    market: Market, variant_id: int, body: object, code: str
) -> None:
    buyer = new_client()
    before = everything()
    assert buyer.put(f"/cart/lines/{variant_id}", body).code == code
    assert everything() == before


def test_nobody_has_no_cart(market: Market) -> None:
    before = everything()
    assert ApiClient().get("/cart").code == "surface.sign_in_first"
    assert ApiClient().put(f"/cart/lines/{market.variant_id}", {"quantity": 1}).code == "surface.sign_in_first"
    assert everything() == before


def test_a_line_costs_four_statements(market: Market, django_assert_num_queries: Any) -> None:
    buyer = new_client()
    new_client().put(f"/cart/lines/{market.variant_id}", {"quantity": 1}).ok()  # the first of a day makes room for it
    with django_assert_num_queries(4 + 2):  # token, variant, line, note; the transaction
        buyer.put(f"/cart/lines/{market.variant_id}", {"quantity": 1}).ok()
    with django_assert_num_queries(2):
        buyer.get("/cart").ok()
