"""Sharing, and what it earns."""

from __future__ import annotations

from tests.builders.goods import make_plan
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import Market, everything
from wuyou.kernel.clock import utc_now


def test_a_link_earns_its_publisher_a_share_of_what_its_follower_buys(committed: Market) -> None:
    make_plan(utc_now(), committed.shop, rate_bps=1_000)
    publisher, buyer = new_client(), new_client()
    link = publisher.post("/links", {"product_id": committed.product.id, "slot": "blog"}).ok()
    assert link["path"] == f"/s/{link['token']}"
    assert publisher.post("/links", {"product_id": committed.product.id, "slot": "blog"}).ok() == link
    assert publisher.post("/links", {"product_id": committed.product.id}).ok()["token"] != link["token"]
    click = buyer.post("/clicks", {"token": link["token"]})
    assert (click.status, click.body) == (
        201,
        {"product_id": committed.product.id, "path": f"/p/{committed.product.id}"},
    )
    committed.pay(buyer, committed.order_alone(buyer))
    earnings = publisher.get("/me/earnings").ok()
    # 10 % of 59.00 yuan; nobody is the partner, so the publisher gets nine tenths of it and the platform one.
    assert earnings["estimated"] == {"amount_minor": 531, "currency": "CNY"}
    assert earnings["balance"]["amount_minor"] == 0
    assert buyer.get("/me/earnings").ok()["estimated"]["amount_minor"] == 0


def test_links_and_clicks_that_cannot_be_are_refused_and_change_nothing(market: Market) -> None:
    person = new_client()
    before = everything()
    for path, body, code in (
        ("/links", {"product_id": 999_999}, "catalog.product_not_found"),
        ("/links", {"product_id": market.product.id, "slot": ""}, "surface.form_malformed"),
        ("/links", {"product_id": market.product.id, "slot": "x" * 41}, "surface.form_malformed"),
        ("/links", {"product_id": market.product.id, "slot": "\u2028"}, "alliance.slot_malformed"),
        ("/clicks", {"token": "no-such-link"}, "alliance.link_not_found"),
        ("/clicks", {"token": "no such link"}, "surface.form_malformed"),
    ):
        assert person.post(path, body).code == code, body
    assert ApiClient().post("/links", {"product_id": market.product.id}).code == "surface.sign_in_first"
    assert ApiClient().post("/clicks", {"token": "no-such-link"}).code == "surface.sign_in_first"
    assert everything() == before
