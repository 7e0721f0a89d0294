"""Ordering alone, and what becomes of an order."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from tests.builders import goods
from tests.builders.teams import send_refunds
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.orders import operations
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now

UNKNOWN = "26030199999999"


def test_an_order_alone_costs_the_price_alone_and_keeps_the_goods(market: Market) -> None:
    buyer = new_client()
    placed = buyer.post("/orders", {"lines": [{"variant_id": market.variant_id, "quantity": 2}]})
    assert placed.status == 201
    assert placed.body["total"] == {"amount_minor": 11_800, "currency": "CNY"}
    order = buyer.get(f"/orders/{placed.body['order_no']}").ok()
    assert (order["kind"], order["payment"], order["fulfilment"]) == ("ALONE", "UNPAID", "HELD")
    assert order["lines"][0]["amount"] == {"amount_minor": 11_800, "currency": "CNY"}
    assert ApiClient().get(f"/products/{market.product.id}").ok()["variants"][0]["available"] == 98


def test_lines_of_the_cart_leave_it_with_the_order(market: Market) -> None:
    buyer = new_client()
    other = goods.make_product(utc_now(), shop=market.shop).variants[0].id
    buyer.put(f"/cart/lines/{market.variant_id}", {"quantity": 2}).ok()
    buyer.put(f"/cart/lines/{other}", {"quantity": 1}).ok()
    placed = buyer.post("/orders", {"cart_variant_ids": [market.variant_id]}).ok()
    assert placed["total"]["amount_minor"] == 11_800
    assert buyer.get("/cart").ok()["lines"] == [{"variant_id": other, "quantity": 1}]


def line(variant_id: int, quantity: int = 1) -> dict[str, int]:
    return {"variant_id": variant_id, "quantity": quantity}


def test_orders_that_cannot_be_are_refused_and_change_nothing(market: Market) -> None:
    buyer, mine = new_client(), market.variant_id
    elsewhere = goods.make_product(utc_now()).variants[0].id
    before = everything()
    for body, code in (
        ({"lines": [line(mine, 101)]}, "inventory.out_of_stock"),
        ({"lines": [line(mine), line(999_999)]}, "catalog.variant_not_found"),
        ({"lines": [line(mine), line(elsewhere)]}, "orders.lines_malformed"),
        ({"lines": [line(mine), line(mine)]}, "orders.lines_malformed"),
        ({"cart_variant_ids": [mine]}, "orders.lines_malformed"),
        ({"lines": [line(mine)], "cart_variant_ids": [mine]}, "surface.form_malformed"),
        ({"lines": []}, "surface.form_malformed"),
        ({"lines": [line(mine)] * 51}, "surface.form_malformed"),
        ({"lines": [line(2**63)]}, "surface.form_malformed"),
        ({}, "surface.form_malformed"),
    ):
        assert buyer.post("/orders", body).code == code, body
    assert everything() == before


def test_what_costs_more_than_any_order_may_is_refused(market: Market) -> None:
    drafts = [goods.VariantDraft(f"第{i}种", f"Kind {i}", goods.yuan(10**12)) for i in range(2)]
    first, second = goods.make_product(utc_now(), variants=drafts, stock=10_000).variants
    buyer = new_client()
    buyer.post("/orders", {"lines": [line(first.id, 999), line(second.id, 1)]}).ok()  # exactly as much as may be
    before = everything()
    refused = buyer.post("/orders", {"lines": [line(first.id, 2), line(second.id, 999)]})
    assert refused.code == "orders.amount_out_of_range"
    assert everything() == before


def test_your_orders_come_in_pages_newest_first(market: Market) -> None:
    buyer = new_client()
    numbers = [market.order_alone(buyer), market.order_in_team(buyer)["order_no"], market.order_alone(buyer)]
    market.order_alone(new_client())
    first = buyer.get("/orders?limit=2").ok()
    assert [order["order_no"] for order in first["items"]] == numbers[:0:-1]
    assert [bool(order["team_token"]) for order in first["items"]] == [False, True]
    second = buyer.get(f"/orders?limit=2&cursor={first['next_cursor']}").ok()
    assert [order["order_no"] for order in second["items"]] == numbers[:1]


def test_somebody_elses_order_is_not_found_whatever_is_asked_of_it(market: Market) -> None:
    order_no = market.order_alone(new_client())
    stranger = new_client()
    before = everything()
    for number in (order_no, UNKNOWN):
        assert stranger.get(f"/orders/{number}").code == "orders.order_not_found"
        assert stranger.get(f"/orders/{number}/refunds").code == "orders.order_not_found"
        assert stranger.get(f"/orders/{number}/payment").code == "orders.order_not_found"
        for noun in ("closure", "shipment", "receipt"):
            assert stranger.post(f"/orders/{number}/{noun}").code == "orders.order_not_found"
        assert stranger.post(f"/orders/{number}/refunds", {"reason": "mine"}).code == "orders.order_not_found"
        assert stranger.post(f"/orders/{number}/payment").code == "orders.order_not_found"
    assert everything() == before


def test_shop_and_staff_see_an_order(market: Market) -> None:
    order_no = market.order_alone(new_client())
    assert market.owner_client().get(f"/orders/{order_no}").ok()["order_no"] == order_no
    assert new_client(is_staff=True).get(f"/orders/{order_no}").ok()["order_no"] == order_no


def test_closing_an_unpaid_order_frees_the_goods_and_twice_is_once(market: Market) -> None:
    buyer = new_client()
    order_no = market.order_alone(buyer, 5)
    closed = buyer.post(f"/orders/{order_no}/closure").ok()
    assert (closed["payment"], closed["fulfilment"]) == ("CLOSED", "CANCELLED")
    assert buyer.post(f"/orders/{order_no}/closure").ok() == closed
    assert ApiClient().get(f"/products/{market.product.id}").ok()["variants"][0]["available"] == 100
    assert buyer.post(f"/orders/{order_no}/payment").code == "payments.intent_not_open"


def test_only_the_buyer_closes(market: Market) -> None:
    order_no = market.order_alone(new_client())
    owner = market.owner_client()
    before = everything()
    assert owner.post(f"/orders/{order_no}/closure").code == "surface.not_allowed"
    assert everything() == before


def test_a_paid_order_is_sent_received_and_partly_given_back(committed: Market) -> None:
    buyer, owner = new_client(), committed.owner_client()
    order_no = committed.order_alone(buyer)
    committed.pay(buyer, order_no)
    assert buyer.get(f"/orders/{order_no}").ok()["fulfilment"] == "READY"
    assert buyer.post(f"/orders/{order_no}/closure").code == "orders.wrong_state"
    before = everything()
    assert buyer.post(f"/orders/{order_no}/shipment").code == "surface.not_allowed"
    assert buyer.post(f"/orders/{order_no}/receipt").code == "orders.wrong_state"
    assert everything() == before
    assert owner.post(f"/orders/{order_no}/shipment").ok()["fulfilment"] == "SHIPPED"
    before = everything()
    assert owner.post(f"/orders/{order_no}/shipment").code == "orders.wrong_state"
    assert owner.post(f"/orders/{order_no}/receipt").code == "surface.not_allowed"
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "late"}).code == "surface.not_allowed"
    assert everything() == before
    received = buyer.post(f"/orders/{order_no}/receipt").ok()
    assert received["completes_at"] > received["received_at"]
    refund = owner.post(f"/orders/{order_no}/refunds", {"amount_minor": 900, "reason": "a scratch"})
    assert refund.status == 201
    assert refund.body["amount"] == {"amount_minor": 900, "currency": "CNY"}
    before = everything()
    too_much = owner.post(f"/orders/{order_no}/refunds", {"amount_minor": 5_001, "reason": "more"})
    assert too_much.code == "orders.refund_out_of_range"
    assert everything() == before
    send_refunds(utc_now())
    (returned,) = buyer.get(f"/orders/{order_no}/refunds").ok()["items"]
    assert (returned["refund_no"], returned["stage"]) == (refund.body["refund_no"], "RETURNED")
    assert buyer.get(f"/orders/{order_no}").ok()["refund"] == "PARTIAL"


def test_the_buyer_takes_all_of_it_back_before_it_is_sent(committed: Market) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    before = everything()
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "unpaid"}).code == "surface.not_allowed"
    assert everything() == before
    committed.pay(buyer, order_no)
    before = everything()
    part = buyer.post(f"/orders/{order_no}/refunds", {"amount_minor": 100, "reason": "a part"})
    assert part.code == "orders.refund_out_of_range"
    assert everything() == before
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "changed_mind"}).ok()["amount"]["amount_minor"] == 5_900
    order = buyer.get(f"/orders/{order_no}").ok()
    assert (order["fulfilment"], order["refund"]) == ("CANCELLED", "FULL")
    before = everything()
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "again"}).code == "surface.not_allowed"
    assert everything() == before


@pytest.mark.concurrency
def test_a_buyer_cannot_take_back_what_is_sent_at_this_very_moment(
    committed: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = new_client()
    order_no = committed.order_alone(buyer)
    committed.pay(buyer, order_no)
    request_refund = operations.request_refund

    def sent_first(**facts: Any) -> str:
        def ship() -> None:
            db.in_transaction(
                lambda: operations.ship_order(actor=PLATFORM, order_id=facts["order_id"], now=facts["now"])
            )
            connection.close()

        shop = threading.Thread(target=ship)
        shop.start()
        shop.join(timeout=30)
        return request_refund(**facts)

    monkeypatch.setattr(operations, "request_refund", sent_first)
    journals = db.row("SELECT count(*) FROM ledger_journal")
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "too late"}).code == "orders.wrong_state"
    order = buyer.get(f"/orders/{order_no}").ok()
    assert (order["fulfilment"], order["refund"]) == ("SHIPPED", "NONE")
    assert db.row("SELECT count(*) FROM ledger_journal") == journals


@pytest.mark.parametrize(
    "body",
    [
        {"reason": ""},
        {"reason": "x" * 41},
        {"reason": "nul \x00"},
        {"amount_minor": 0, "reason": "x"},
        {"amount_minor": -5, "reason": "x"},
        {"amount_minor": 2**63, "reason": "x"},
        {"amount_minor": 1.0, "reason": "x"},
        {},
    ],
)
def test_a_malformed_refund_is_refused_and_changes_nothing(market: Market, body: object) -> None:
    buyer = new_client()
    order_no = market.order_alone(buyer)
    before = everything()
    assert buyer.post(f"/orders/{order_no}/refunds", body).code == "surface.form_malformed"
    assert everything() == before


def test_statements_of_orders(market: Market, django_assert_num_queries: Any) -> None:
    buyer = new_client()
    with django_assert_num_queries(1 + 2 + 2 + 4):  # token; begin, end; claim, keep; variants, order, stock, intent
        order_no = market.order_alone(buyer)
    with django_assert_num_queries(1 + 4):  # token; order, lines, products with variants, shop
        buyer.get(f"/orders/{order_no}").ok()
    with django_assert_num_queries(1 + 3):
        buyer.get("/orders").ok()


def test_a_parcel_with_its_number_and_its_way(committed: Market) -> None:
    buyer, owner, stranger = new_client(), committed.owner_client(), new_client()
    order_no = committed.order_alone(buyer)
    committed.pay(buyer, order_no)
    path, body = f"/orders/{order_no}/parcel", {"carrier": "SF", "number": "sf1234567890"}
    before = everything()
    assert buyer.get(path).code == "orders.parcel_not_found"
    assert buyer.post(path, body).code == "surface.not_allowed"
    assert stranger.post(path, body).code == stranger.get(path).code == "orders.order_not_found"
    assert owner.post(path, body | {"number": "!"}).code == "orders.number_malformed"
    assert owner.post(path, body | {"carrier": "OWL"}).status == 422
    assert everything() == before
    assert owner.post(path, body).ok()["number"] == "SF1234567890"
    assert buyer.get(path).ok()["scans"] == []
    assert buyer.get(f"/orders/{order_no}").ok()["fulfilment"] == "SHIPPED"
    before = everything()
    assert owner.post(path, body).code == "orders.wrong_state"
    assert everything() == before


def test_an_order_in_two_parcels_and_what_is_not_sent(committed: Market) -> None:
    buyer, owner, stranger = new_client(), committed.owner_client(), new_client()
    order_no = committed.order_alone(buyer, 4)
    committed.pay(buyer, order_no)
    path, variant = f"/orders/{order_no}/parcel", committed.variant_id
    body = {"carrier": "SF", "number": "SF1234567", "lines": [line(variant, 2)]}
    sent = owner.post(path, body).ok()
    assert sent["lines"] == [{"variant_id": variant, "quantity": 2}]
    seen = buyer.get(f"/orders/{order_no}").ok()
    assert (seen["fulfilment"], seen["shipped_at"], seen["lines"][0]["sent_count"]) == ("READY", None, 2)
    before = everything()
    assert owner.post(path, body).code == "orders.parcel_there"
    for lines in ([line(variant, 3)], [line(variant + 999)], [line(variant), line(variant)]):
        assert owner.post(path, body | {"number": "SF7654321", "lines": lines}).code == "orders.pieces_malformed"
    unsent = f"/orders/{order_no}/withdrawal"
    assert stranger.post(unsent, {"reason": "mine"}).code == "orders.order_not_found"
    assert stranger.get(f"/orders/{order_no}/parcels").code == "orders.order_not_found"
    assert buyer.post(unsent, {"reason": "some", "lines": [line(variant)]}).code == "surface.not_allowed"
    assert buyer.post(f"/orders/{order_no}/refunds", {"reason": "all"}).code == "surface.not_allowed"
    assert everything() == before
    dropped = owner.post(unsent, {"reason": "sold_out", "lines": [line(variant)]}).ok()
    assert (dropped["refund"]["amount"]["amount_minor"], dropped["order"]["fulfilment"]) == (5_900, "READY")
    rest = buyer.post(unsent, {"reason": "no time"}).ok()
    assert (rest["refund"]["amount"]["amount_minor"], rest["order"]["fulfilment"]) == (5_900, "SHIPPED")
    assert rest["order"]["lines"][0]["dropped_count"] == 2
    assert [each["number"] for each in buyer.get(f"/orders/{order_no}/parcels").ok()["items"]] == ["SF1234567"]
    acts = [act.what for act in catalog.list_acts(committed.shop.id).items]
    assert acts == ["refund-unsent", "ship"]
