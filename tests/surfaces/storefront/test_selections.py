"""Lists of goods on their pages: kept for oneself, opened to others, opened from."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import goods
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Selection
from wuyou.domains.identity.types import Person
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, PUBLIC


@pytest.fixture
def mei(market: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def made(market: Market, mei: Person) -> Selection:
    """A list of Mei's that everybody may see, with one product."""
    own = alliance.make_selection(actor=Actor(mei.id), name="早餐", now=utc_now(), audience=PUBLIC)
    alliance.pick(actor=Actor(mei.id), selection_id=own, product_id=market.product.id, words="配粥", now=utc_now())
    return queries.get_own_selection(mei.id, own)


def test_list_is_begun_named_opened_and_taken_apart(market: Market, mei: Person) -> None:
    client = browser(mei)
    where = client.post(reverse("storefront:selections"), key() | {"name": "早餐"})["Location"]
    (own,) = queries.list_selections(mei.id)
    assert "Only me" in client.get(where).content.decode()
    address = reverse("storefront:selection", args=[own.token])
    assert browser().get(address).status_code == 404
    assert client.post(where, {"name": "晚餐", "audience": "everyone"}).status_code == 302
    assert "晚餐" in browser().get(address).content.decode()
    before = footprint()
    refused = client.post(where, {"name": "", "audience": "friends"})
    assert refused.status_code == 422
    assert "1 to 60" in refused.content.decode()
    assert footprint() == before
    client.post(reverse("storefront:remove-selection", args=[own.id]))
    assert browser().get(address).status_code == 404


def test_others_open_goods_from_it_and_it_says_who_earns(market: Market, mei: Person, made: Selection) -> None:
    page = browser().get(reverse("storefront:selection", args=[made.token])).content.decode()
    assert "配粥" in page
    assert "earns a share" in page
    tap = reverse("storefront:follow-pick", args=[made.token, market.product.id])
    assert tap in page
    client = browser()
    answer = client.get(tap)
    (line,) = queries.list_links(mei.id).items
    assert answer["Location"].startswith(f"/p/{market.product.id}?via={line.link.token}&from=")
    assert "Back to the list" in client.get(answer["Location"]).content.decode()
    assert line.click_count == 1
    assert client.get(tap, headers={"Sec-Purpose": "prefetch"}).status_code == 503
    assert queries.list_links(mei.id).items[0].click_count == 1
    pasted = client.get(reverse("storefront:search"), {"q": f"看看 http://testserver/l/{made.token}"})
    assert pasted["Location"] == f"/l/{made.token}"


def test_copy_is_ones_own(market: Market, made: Selection) -> None:
    lin = make_person(utc_now())
    client = browser(lin)
    where = client.post(reverse("storefront:copy-selection", args=[made.token]), key() | {"name": "学来的"})
    (own,) = queries.list_selections(lin.id)
    assert where["Location"] == reverse("storefront:edit-selection", args=[own.id])
    assert own.count == 1


def test_what_another_keeps_for_friends_is_not_there(market: Market, mei: Person, made: Selection) -> None:
    alliance.change_selection(
        actor=Actor(mei.id), selection_id=made.id, name=made.name, audience=FRIENDS, now=utc_now()
    )
    client = browser(make_person(utc_now()))
    before = footprint()
    for address in (
        reverse("storefront:selection", args=[made.token]),
        reverse("storefront:selection-code", args=[made.token]),
        reverse("storefront:follow-pick", args=[made.token, market.product.id]),
        reverse("storefront:edit-selection", args=[made.id]),
    ):
        assert client.get(address).status_code == 404
    for address in (
        reverse("storefront:remove-selection", args=[made.id]),
        reverse("storefront:copy-selection", args=[made.token]),
    ):
        assert client.post(address, key() | {"name": "x"}).status_code == 404
    change = reverse("storefront:change-goods", args=[made.id, market.product.id])
    assert client.post(change, {"do": "remove"}).status_code == 404
    assert client.post(change, {"do": "paint"}).status_code == 422
    assert footprint() == before


def test_page_costs_as_much_for_one_product_as_for_many(
    market: Market, mei: Person, made: Selection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, address = browser(make_person(utc_now())), reverse("storefront:selection", args=[made.token])
    client.get(address)
    for count in (1, 4):
        while len(queries.picks_of(made.id)) < count:
            product = goods.make_product(utc_now(), shop=market.shop)
            alliance.pick(actor=Actor(mei.id), selection_id=made.id, product_id=product.id, now=utc_now())
        with django_assert_num_queries(12):
            client.get(address)
