"""The page of a product: honest about prices, stock and who earns."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import goods, teams
from tests.builders.goods import yuan
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.orders import queries as orders
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


def path(market: Market) -> str:
    return f"/p/{market.product.id}"


def test_both_prices_and_the_saving(market: Market) -> None:
    page = browser().get(path(market)).content.decode()
    assert "Team of 2" in page
    assert "¥20 less" in page
    assert "Open a team" in page


def test_product_without_campaign_is_sold_alone_only(market: Market) -> None:
    product = goods.make_product(utc_now(), shop=market.shop)
    page = browser().get(f"/p/{product.id}").content.decode()
    assert "Buy alone" in page
    assert "Open a team" not in page


@pytest.mark.parametrize(("stock", "said"), [(5, True), (6, False)])
def test_stock_is_told_only_when_it_is_low(market: Market, stock: int, said: bool) -> None:
    product = goods.make_product(utc_now(), shop=market.shop, stock=stock)
    assert ("Only 5 left" in browser().get(f"/p/{product.id}").content.decode()) is said
    assert ("left" in browser().get(f"/p/{product.id}").content.decode()) is said


def test_sold_out_product_offers_nothing(market: Market) -> None:
    product = goods.make_product(utc_now(), shop=market.shop, stock=0)
    page = browser().get(f"/p/{product.id}").content.decode()
    assert "Sold out" in page
    assert "Buy alone" not in page


def test_variants_with_other_prices_say_them_and_change_the_page(market: Market) -> None:
    drafts = [VariantDraft("大", "Large", yuan(9_900)), VariantDraft("小", "Small", yuan(4_900))]
    product = goods.make_product(utc_now(), shop=market.shop, variants=drafts)
    large, small = product.variants
    first = browser().get(f"/p/{product.id}").content.decode()
    assert f'value="{small.id}" checked' in first  # the cheapest, as on the card
    second = browser().get(f"/p/{product.id}", {"variant": large.id}).content.decode()
    assert f'value="{large.id}" checked' in second


def test_open_teams_can_be_joined_from_here(committed: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    team = teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)
    assert f"team={team.token}" in browser().get(path(committed)).content.decode()
    assert "Your team" in browser(mei).get(path(committed)).content.decode()


def test_as_sheet_it_is_a_fragment(market: Market) -> None:
    page = browser().get(path(market), headers={"X-Sheet": "1"}).content.decode()
    assert page.lstrip().startswith('<article class="sheet-part"')
    assert "<html" not in page


def test_who_led_here_is_told_to_have_a_share(market: Market) -> None:
    now = utc_now()
    mei = make_person(now, "Mei")

    def make_link() -> str:
        publisher = alliance.ensure_publisher(user_id=mei.id, now=now)
        return alliance.ensure_link(
            publisher_id=publisher.id, slot_name="blog", product_id=market.product.id, path=path(market), now=now
        ).token

    token = db.in_transaction(make_link)
    assert "Mei led you here" in browser().get(path(market), {"via": token}).content.decode()
    other = goods.make_product(now, shop=market.shop)
    assert "led you here" not in browser().get(f"/p/{other.id}", {"via": token}).content.decode()
    assert "led you here" not in browser().get(path(market), {"via": "\x00"}).content.decode()


@pytest.mark.parametrize("product_id", ["0", "-1", "abc", "999999", "9" * 40])
def test_no_such_product(market: Market, product_id: str) -> None:
    assert browser().get(f"/p/{product_id}").status_code == 404


def test_unlisted_product_is_not_found(market: Market) -> None:
    db.in_transaction(
        lambda: catalog.unlist_product(actor=Actor(market.owner.id), product_id=market.product.id, now=utc_now())
    )
    answer = browser().get(path(market))
    assert answer.status_code == 404
    assert "taken off the shelf" in answer.content.decode()


@pytest.mark.parametrize("way", ["alone", "team"])
def test_choice_goes_to_the_review(market: Market, way: str) -> None:
    answer = browser().post(f"{path(market)}/choose", {"variant": market.variant_id, "quantity": 2, "way": way})
    assert answer["Location"] == f"/checkout?way={way}&variant={market.variant_id}&quantity=2"


def test_into_the_cart_and_stay(market: Market) -> None:
    mei = make_person(utc_now(), "Mei")
    choice = {"variant": market.variant_id, "quantity": 2, "way": "cart"}
    answer = browser(mei).post(f"{path(market)}/choose", choice)
    assert answer["Location"] == path(market)
    assert [(line.variant_id, line.quantity) for line in orders.list_cart(mei.id)] == [(market.variant_id, 2)]


def test_stranger_signs_in_before_the_cart(market: Market) -> None:
    before = footprint()
    choice = {"variant": market.variant_id, "quantity": 2, "way": "cart"}
    answer = browser().post(f"{path(market)}/choose", choice, headers={"Referer": f"http://testserver{path(market)}"})
    assert answer["Location"] == f"/sign-in?next=%2Fp%2F{market.product.id}"
    assert footprint() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "0"},
        {"quantity": "-1"},
        {"quantity": "1000"},
        {"quantity": "9" * 5000},
        {"quantity": "two"},
        {"quantity": ""},
        {"variant": "x"},
        {"variant": "9" * 30},
        {"variant": "\x00"},
        {"way": "steal"},
        {"way": ""},
    ],
)
def test_malformed_choice_is_refused_and_changes_nothing(market: Market, wrong: dict[str, str]) -> None:
    client = browser(make_person(utc_now()))
    before = footprint()
    answer = client.post(f"{path(market)}/choose", {"variant": market.variant_id, "quantity": 1, "way": "cart"} | wrong)
    assert answer.status_code == 422
    assert "Please check what you entered." in answer.content.decode()
    assert footprint() == before


def test_unknown_variant_does_not_enter_the_cart(market: Market) -> None:
    client = browser(make_person(utc_now()))
    before = footprint()
    answer = client.post(f"{path(market)}/choose", {"variant": 999_999, "quantity": 1, "way": "cart"})
    assert answer.status_code == 404
    assert footprint() == before


def test_budget(committed: Market, django_assert_num_queries: Budget) -> None:
    teams.open_and_pay(utc_now(), make_person(utc_now()), committed.campaign, committed.product)
    stranger, friend = browser(), browser(make_person(utc_now()))
    with django_assert_num_queries(9):
        stranger.get(path(committed))
    with django_assert_num_queries(13):
        friend.get(path(committed))
    with django_assert_num_queries(12):
        friend.get(path(committed), headers={"X-Sheet": "1"})
