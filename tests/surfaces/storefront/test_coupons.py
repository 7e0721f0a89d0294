"""Coupons where goods are looked at, in the review of an order, and on its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries as orders
from wuyou.domains.promotions import operations, queries
from wuyou.domains.promotions.types import Funder, Layer, Promotion, PromotionDraft, PromotionKind, VoucherState
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency

Budget = Callable[[int], AbstractContextManager[object]]
Form = dict[str, str | int | list[int]]


def draft(market: Market, off_minor: int = 500, **more: object) -> PromotionDraft:
    now = utc_now()
    made = PromotionDraft(
        PromotionKind.COUPON, Funder.SHOP, "春日券", Currency.CNY, now, now + timedelta(days=9), market.shop.id,
        off_minor=off_minor, threshold_minor=1_000, combines=frozenset(Layer),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def coupon(market: Market, off_minor: int = 500, **more: object) -> Promotion:
    made = draft(market, off_minor, **more)
    actor = PLATFORM if made.funder is Funder.PLATFORM else Actor(market.owner.id)
    return db.in_transaction(lambda: operations.open_promotion(actor=actor, draft=made, now=utc_now()))


def packet(market: Market, face_minor: int = 300) -> Promotion:
    return coupon(
        market, face_minor, kind=PromotionKind.PACKET, funder=Funder.PLATFORM, name="平台红包", total_count=10
    )


def claim(promotion: Promotion, person: Person) -> int:
    return db.in_transaction(lambda: operations.claim(person_id=person.id, promotion_id=promotion.id, now=utc_now())).id


def path(market: Market) -> str:
    return f"/p/{market.product.id}"


def review(market: Market, way: str = "alone", **more: str | int | list[int]) -> Form:
    return {"way": way, "variant": market.variant_id, "quantity": 1, **more}


def facts(page: str) -> list[str]:
    """The amounts of the sum, from above."""
    return re.findall(r'<dd class="money[^"]*">([^<]+)</dd>', page)


@pytest.fixture
def mei(market: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def client(mei: Person) -> Client:
    return browser(mei)


def test_it_is_claimed_on_the_page_of_a_product_once(market: Market, mei: Person, client: Client) -> None:
    made = coupon(market)
    page = client.get(path(market)).content.decode()
    assert "¥5 off" in page
    assert f"/coupons/{made.id}/claim" in page
    for _ in range(2):
        answer = client.post(f"/coupons/{made.id}/claim", {"next": path(market)})
        assert (answer.status_code, answer["Location"]) == (302, path(market))
    (voucher,) = queries.list_vouchers(mei.id).items
    assert voucher.state is VoucherState.OPEN
    page = client.get(path(market)).content.decode()
    assert f"/coupons/{made.id}/claim" not in page
    assert "You have it" in page
    assert "春日券" in client.get("/coupons").content.decode()


def test_pressed_with_htmx_it_turns_into_yours(market: Market, client: Client) -> None:
    made = coupon(market, total_count=1)
    fragment = client.post(f"/coupons/{made.id}/claim", headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "You have it" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    late = browser(make_person(utc_now())).post(f"/coupons/{made.id}/claim", headers={"HX-Request": "true"})
    assert (late.status_code, "All of them are gone." in late["HX-Trigger"]) == (204, True)


def test_strangers_sign_in_first_and_come_back(market: Market) -> None:
    made = coupon(market)
    before = footprint()
    answer = browser().post(f"/coupons/{made.id}/claim", headers={"referer": f"http://testserver{path(market)}"})
    assert answer["Location"].endswith(f"next={path(market).replace('/', '%2F')}")
    assert footprint() == before


def test_what_is_a_channels_is_shown_to_who_came_by_it_alone(market: Market, mei: Person, client: Client) -> None:
    now = utc_now()
    publisher_person = make_person(now, "Lin")
    publisher = db.in_transaction(lambda: alliance.ensure_publisher(user_id=publisher_person.id, now=now))
    made = coupon(market, publisher_id=publisher.id)
    before = footprint()
    assert "春日券" not in client.get(path(market)).content.decode()
    assert client.post(f"/coupons/{made.id}/claim", {"next": "/coupons"})["Location"] == "/coupons"
    assert client.post("/coupons/code", {"code": "nonsense", "next": "/coupons"})["Location"] == "/coupons"
    assert not queries.list_vouchers(mei.id).items
    assert {name: digest for name, digest in footprint().items() if "promotions" in name} == {
        name: digest for name, digest in before.items() if "promotions" in name
    }
    link = db.in_transaction(
        lambda: alliance.ensure_link(
            publisher_id=publisher.id, slot_name="home", product_id=market.product.id, path=path(market), now=now
        )
    )
    db.in_transaction(lambda: alliance.record_click(token=link.token, visitor="v", user_id=mei.id, now=utc_now()))
    page = client.get(path(market)).content.decode()
    assert "春日券" in page
    assert "because you came by a recommendation" in page
    client.post(f"/coupons/{made.id}/claim")
    assert len(queries.list_vouchers(mei.id).items) == 1


def test_a_code_opens_what_is_found_by_it_alone(market: Market, mei: Person, client: Client) -> None:
    made = coupon(market, has_code=True)
    assert "春日券" not in client.get(path(market)).content.decode()
    client.post("/coupons/code", {"code": f" {made.code} "})
    assert len(queries.list_vouchers(mei.id).items) == 1


def test_the_review_takes_the_best_and_says_why(market: Market, mei: Person, client: Client) -> None:
    for made in (coupon(market, 500), coupon(market, 900), packet(market)):
        claim(made, mei)
    page = client.get("/checkout", review(market)).content.decode()
    assert facts(page) == ["¥59.00", "-¥9.00", "-¥3.00", "¥47.00"]
    assert page.count('form="order" checked') == 2
    assert "These leave you the least to pay." in page
    assert "from the platform" in page


def test_the_reader_chooses_otherwise_and_pays_that(market: Market, mei: Person, client: Client) -> None:
    small, large = claim(coupon(market, 500), mei), claim(coupon(market, 900), mei)
    page = client.get("/checkout", review(market, chosen="on", voucher=small)).content.decode()
    assert facts(page) == ["¥59.00", "-¥5.00", "¥54.00"]
    both = client.get("/checkout", review(market, chosen="on", voucher=[small, large])).content.decode()
    assert "cannot be used together" in both
    assert facts(both)[-1] == "¥50.00"
    again = client.post("/checkout", review(market, chosen="on", again=1, total=1, **key()))
    assert facts(again.content.decode()) == ["¥59.00"]
    form = review(market, chosen="on", voucher=small, total=5_400, **key())
    answer = client.post("/checkout", form)
    assert answer.status_code == 302
    (order,) = orders.list_orders_of(mei.id).items
    assert (order.discount_minor, order.total_minor) == (500, 5_400)
    for place in (answer["Location"], f"/orders/{order.order_no}"):
        shown = client.get(place).content.decode()
        assert facts(shown)[:2] == ["¥59.00", "-¥5.00"], place
        assert "from the shop" in shown


def test_a_price_that_is_not_what_the_page_said_places_nothing(market: Market, mei: Person, client: Client) -> None:
    voucher = claim(coupon(market), mei)
    before = footprint()
    for total, vouchers in ((5_900, [voucher]), (5_400, []), (5_400, [10**9]), (5_400, "x")):
        form = {**review(market, chosen="on", total=total, **key()), "voucher": vouchers}
        answer = client.post("/checkout", form)
        assert answer.status_code in (404, 409, 422), (total, vouchers)
    assert footprint() == before


def test_teams_take_only_what_says_so(market: Market, mei: Person, client: Client) -> None:
    claim(coupon(market, 500), mei)
    good = claim(coupon(market, 200, for_teams=True), mei)
    page = client.get("/checkout", review(market, "team")).content.decode()
    assert facts(page)[-1] == "¥37.00"
    answer = client.post("/checkout", review(market, "team", chosen="on", voucher=good, total=3_700, **key()))
    assert answer.status_code == 302
    (order,) = orders.list_orders_of(mei.id).items
    assert (order.discount_minor, order.total_minor) == (200, 3_700)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_are_drawn_in_both_languages(committed: Market, language: str) -> None:
    mei = make_person(utc_now(), "Mei")
    claim(coupon(committed), mei)
    packet(committed)
    for page in ("/coupons", path(committed), f"/checkout?way=alone&variant={committed.variant_id}&quantity=1"):
        answer = browser(mei, language).get(page)
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.content.decode()


def test_budgets(committed: Market, django_assert_num_queries: Budget) -> None:
    mei = make_person(utc_now(), "Mei")
    for off in (100, 200, 300):
        claim(coupon(committed, off), mei)
    client = browser(mei)
    teams.settle_down(utc_now())
    with django_assert_num_queries(5):
        client.get("/coupons")
