"""A red packet for who comes by the links of one place, and what came of it by place."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.seller.test_coupons import earn
from tests.surfaces.storefront.conftest import Market, browser, footprint, key, make_market
from tests.surfaces.studio.test_promoting import post, publisher_id, text
from wuyou.domains.alliance import queries
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import LineDraft, OrderKind
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.promotions.types import Funder, Promotion
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

PACKET = {"name": "群里的红包", "off": "3", "count": 5, "per_person": 1, "days": 7}


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def market(world: None) -> Market:
    return make_market()


@pytest.fixture
def lin(market: Market) -> Person:
    return make_person(utc_now(), "Lin")


def links_of(lin: Person, client: Client, market: Market, *places: str) -> dict[str, str]:
    """Links of places to the market's goods, by the name of the place."""
    for place in places:
        post(client, "studio:add-slot", name=place)
        post(client, "studio:take-link", market.product.id, slot=place)
    return {line.slot_name: line.link.token for line in queries.list_links(lin.id).items}


def opened(lin: Person) -> tuple[Promotion, ...]:
    return promotions.list_promotions(funder=Funder.PUBLISHER, publisher_id=publisher_id(lin)).items


def come(token: str) -> tuple[Person, Client]:
    """Somebody who followed a link."""
    person = make_person(utc_now())
    client = browser(person)
    client.get(reverse("storefront:link", args=[token]))
    return person, client


def test_packet_of_a_place_is_claimed_by_who_came_by_it_and_told_by_place(market: Market, lin: Person) -> None:
    client = browser(lin)
    tokens = links_of(lin, client, market, "群", "博客")
    earn(publisher_id(lin), 2_000)
    slots = {slot.name: slot.id for slot in queries.list_slots(publisher_id(lin))}
    form = PACKET | {"product": market.product.id}
    before = footprint()
    for slot, status in ((10**9, 422), ("x", 422)):
        assert client.post(reverse("studio:packets"), form | key() | {"slot": slot}).status_code == status
    assert footprint() == before
    assert opened(lin) == ()
    post(client, "studio:packets", **form, slot=slots["群"])
    (packet,) = opened(lin)
    assert packet.slot_id == slots["群"]

    buyer, by_group = come(tokens["群"])
    _reader, by_blog = come(tokens["博客"])
    shown, hidden = (each.get(f"/p/{market.product.id}").content.decode() for each in (by_group, by_blog))
    assert f"/coupons/{packet.id}/claim" in shown
    assert f"/coupons/{packet.id}/claim" not in hidden
    by_blog.post(f"/coupons/{packet.id}/claim")
    by_group.post(f"/coupons/{packet.id}/claim")
    assert promotions.get_promotion(packet.id).claimed_count == 1
    page = text(client, "studio:packets")
    assert "What came of it, by place" in page
    assert queries.claims_by_slot(publisher_id(lin))[0].slot_name == "群"

    (voucher,) = promotions.list_vouchers(buyer.id).items
    placed = db.in_transaction(
        lambda: orders.place_order(
            actor=Actor(buyer.id),
            lines=[LineDraft(market.variant_id, 1)],
            kind=OrderKind.ALONE,
            now=utc_now(),
            voucher_ids=[voucher.id],
        )
    )
    teams.pay(utc_now(), buyer, placed.order_no)
    teams.settle_down(utc_now())
    (told,) = queries.claims_by_slot(publisher_id(lin))
    assert (told.claim_count, told.order_count, told.cost.amount_minor) == (1, 1, 300)
    assert told.earned.amount_minor == 531  # 59.00 × 10 %, nine tenths: of the whole price, the packet is Lin's own
    page = text(client, "studio:packets")
    assert "¥5.31" in page
    assert "¥3.00" in page
    assert "What came of it" not in text(browser(make_person(utc_now())), "studio:packets")
    assert db.row("SELECT count(*) FROM alliance_voucher_origin") == (1,)
