"""From a tag of a post to buying and back to the same line, whatever comes in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from django.test import Client

from tests.builders import content, teams
from tests.builders.people import PASSWORD, make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.content import operations, queries
from wuyou.domains.content.types import TagDraft
from wuyou.domains.orders import queries as orders
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS
from wuyou.surfaces.storefront import trail

Budget = Callable[[int], AbstractContextManager[object]]
SHEET = {"X-Sheet": "1"}
BEGIN_AND_COMMIT = 2


class Told:
    """A post of Mei's whose tag leads to the market's product."""

    def __init__(self, market: Market, **how: object) -> None:
        self.market = market
        self.mei = make_person(utc_now(), "Mei")
        self.post_id = content.make_post(
            utc_now(), self.mei, title="山里的早饭", tags=[TagDraft(product_id=market.product.id)], **how
        )
        (tag,) = queries.tags_by_post(sight.get_viewer(self.mei.id), [self.post_id])[self.post_id]
        self.line = f"/posts/{self.post_id}#tag-{tag.id}"
        self.href = f"/posts/{self.post_id}/tags/{tag.id}"


@pytest.fixture
def told(committed: Market) -> Told:
    return Told(committed)


def clicks() -> list[tuple[str, int | None]]:
    return [tuple(row) for row in db.rows("SELECT visitor, user_id FROM alliance_click ORDER BY id")]


def address_in(page: str) -> str:
    """The address that a sheet takes."""
    found = re.search(r'data-address="([^"]*)"', page)
    assert found
    return unescape(found[1]).strip()


def order_from(client: Client, address: str, market: Market, way: str = "alone") -> str:
    """Choose on the product's page at this address, review, order; returns the order's number."""
    page = client.get(address).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(via|from)" value="([^"]*)"', page))
    answer = client.post(
        f"/p/{market.product.id}/choose", {"way": way, "variant": market.variant_id, "quantity": 1, **fields}
    )
    review = client.get(answer["Location"])
    if review.status_code == 302:  # to the sign-in page
        signed = client.post(review["Location"], {"handle": "lin", "password": PASSWORD})
        review = client.get(signed["Location"])
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', review.content.decode()))
    placed = client.post("/checkout", {name: unescape(value) for name, value in form.items()} | key())
    assert placed["Location"].startswith("/pay/"), placed["Location"]
    return placed["Location"].removeprefix("/pay/")


def test_post_leads_to_the_tag_and_the_line_can_be_found_again(told: Told) -> None:
    page = browser().get(f"/posts/{told.post_id}").content.decode()
    assert re.search(rf'<a[^>]*href="{told.href}"[^>]* data-sheet', page)
    assert f'id="{told.line.partition("#")[2]}"' in page


def test_tap_opens_the_product_in_the_sheet_at_once_and_is_one_click(told: Told) -> None:
    client = browser()
    answer = client.get(told.href, headers=SHEET)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Mountain honey" in page
    assert "Mei led you here" in page
    (link,) = alliance.list_links(told.mei.id).items
    assert address_in(page) == trail.Trail(link.link.token, told.line).on(f"/p/{told.market.product.id}")
    assert clicks() == [(answer.cookies["visitor"].value, None)]
    assert client.get(told.href, headers=SHEET).status_code == 200
    assert client.get(address_in(page), headers=SHEET).status_code == 200
    assert len(clicks()) == 1


def test_tap_without_scripts_goes_to_the_product(told: Told) -> None:
    client = browser()
    answer = client.get(told.href)
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Mei led you here" in page
    assert f'href="{told.line}"' in page
    assert len(clicks()) == 1


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}]
)
def test_looking_ahead_is_no_click(told: Told, headers: dict[str, str]) -> None:
    before = footprint()
    client = browser()
    assert client.get(told.href, headers=headers).status_code == 503
    assert client.head(told.href).status_code == 503
    assert client.cookies.get("visitor") is None
    assert footprint() == before


def test_post_that_one_may_not_see_leads_nowhere(committed: Market) -> None:
    told = Told(committed, audience=FRIENDS)
    clients = [browser(), browser(make_person(utc_now(), "Lin"))]
    before = footprint()
    for client in clients:
        for headers in ({}, SHEET):
            assert client.get(told.href, headers=headers).status_code == 404
    assert footprint() == before


def test_buying_leads_back_to_the_line_and_the_author_earns(told: Told) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client = browser()
    sheet = client.get(told.href, headers=SHEET).content.decode()
    order_no = order_from(client, address_in(sheet), told.market)
    back = f'href="{told.line}"'
    assert back in client.get(f"/pay/{order_no}").content.decode()
    paid = client.post(f"/pay/{order_no}")
    teams.settle_down(utc_now())
    assert back in client.get(paid["Location"]).content.decode()
    (conversion,) = alliance.list_conversions(told.mei.id).items
    assert conversion.order_no == order_no
    assert [user_id for _, user_id in clicks()] == [lin.id]
    earnings = browser(told.mei).get("/earnings").content.decode()
    assert "Post «山里的早饭»" in earnings
    assert f'href="/posts/{told.post_id}"' in earnings
    assert "Estimated" in earnings


def test_who_gives_up_is_led_back_too(told: Told) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client = browser(lin)
    order_no = order_from(client, client.get(told.href)["Location"], told.market)
    client.post(f"/orders/{order_no}/close", key())
    assert f'href="{told.line}"' in client.get(f"/orders/{order_no}").content.decode()


def test_team_leads_back_too(told: Told) -> None:
    make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client = browser()
    order_no = order_from(client, client.get(told.href)["Location"], told.market, "team")
    paid = client.post(f"/pay/{order_no}")
    teams.settle_down(utc_now())
    assert paid["Location"].startswith("/t/")
    assert f'href="{told.line}"' in client.get(paid["Location"]).content.decode()


def test_joining_a_team_from_the_post_keeps_to_the_way(told: Told) -> None:
    leader = make_person(utc_now(), "Zhao")
    team = teams.open_and_pay(utc_now(), leader, told.market.campaign, told.market.product)
    client = browser()
    way = client.get(told.href)["Location"]
    page = unescape(client.get(way).content.decode())
    query = way.partition("?")[2]
    assert f'href="/t/{team.token}?{query}"' in page
    joined = client.get(f"/t/{team.token}?{query}").content.decode()
    assert f'<input type="hidden" name="from" value="{told.line}">' in joined
    assert f'href="{told.line}"' in joined


@pytest.mark.parametrize("stage", ["product", "checkout", "sign-in"])
def test_click_goes_along_when_the_address_is_opened_elsewhere(told: Told, stage: str) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    inside = browser()  # the browser of a chat
    address = address_in(inside.get(told.href, headers=SHEET).content.decode())
    if stage != "product":
        fields = dict(re.findall(r'name="(via|from)" value="([^"]*)"', inside.get(address).content.decode()))
        chosen = {"way": "alone", "variant": told.market.variant_id, "quantity": 1, **fields}
        address = inside.post(f"/p/{told.market.product.id}/choose", chosen)["Location"]
    system = browser()  # what the chat hands the address to
    if stage == "sign-in":
        address = inside.get(address)["Location"]
        address = system.post(address, {"handle": "lin", "password": PASSWORD})["Location"]
    if stage == "product":
        order_no = order_from(system, address, told.market)
    else:
        review = system.get(address)
        if stage == "checkout":
            signed = system.post(review["Location"], {"handle": "lin", "password": PASSWORD})
            review = system.get(signed["Location"])
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', review.content.decode()))
        order_no = system.post("/checkout", form | key())["Location"].removeprefix("/pay/")
    system.post(f"/pay/{order_no}")
    teams.settle_down(utc_now())
    (conversion,) = alliance.list_conversions(told.mei.id).items
    assert conversion.order_no == order_no
    assert orders.find_origin(lin.id, order_no) == told.line


def test_new_account_in_between_keeps_to_the_way(told: Told) -> None:
    client = browser()
    way = client.get(told.href)["Location"]
    query = way.partition("?")[2]
    review = f"/checkout?way=alone&variant={told.market.variant_id}&quantity=1&{query}"
    door = client.get(review)["Location"]
    page = unescape(client.get(door).content.decode())
    up = re.search(r'href="(/sign-up[^"]*)"', page)
    assert up
    new = {"handle": "newcomer", "display_name": "New", "password": PASSWORD, "avatar": "fox"}
    assert client.post(up[1], new)["Location"] == review
    assert [user_id is not None for _, user_id in clicks()] == [True]


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/posts/1",
        "//elsewhere.example/posts/1",
        "/\\elsewhere.example",
        "/sign-in?next=/posts/1",
        "/posts/1?x=1",
        "/posts/1#<script>",
        "/posts/1#tag-1\n",
        "/posts/1/tags/2",
        "/talk/1/send",
        "javascript:alert(1)",
        "/posts/" + "1" * 200,
    ],
)
def test_way_back_leads_to_our_own_posts_and_conversations_only(path: str) -> None:
    assert trail.clean(path) == ""
    assert trail.link_to(path) is None


def test_way_back_that_is_none_is_neither_shown_nor_kept(committed: Market) -> None:
    lin = make_person(utc_now(), "Lin")
    client = browser(lin)
    page = client.get(f"/p/{committed.product.id}?from=//elsewhere.example/&via=x%22y").content.decode()
    assert not re.search(r'(href|value|data-address)="[^"?]*elsewhere', page)
    order_no = order_from(client, f"/p/{committed.product.id}?from=//elsewhere.example/", committed)
    assert orders.find_origin(lin.id, order_no) == ""


def test_where_a_buyer_came_from_is_theirs_alone(told: Told) -> None:
    lin = make_person(utc_now(), "Lin", handle="lin", has_password=True)
    client = browser(lin)
    order_no = order_from(client, client.get(told.href)["Location"], told.market)
    client.post(f"/pay/{order_no}")
    teams.settle_down(utc_now())
    assert orders.find_origin(lin.id, order_no) == told.line
    assert orders.find_origin(told.market.owner.id, order_no) == ""
    sold = browser(told.market.owner).get(f"/seller/{told.market.shop.id}/orders/{order_no}")
    assert sold.status_code == 200
    assert told.line not in sold.content.decode()


def test_unknown_link_in_an_address_notes_nothing(market: Market) -> None:
    before = footprint()
    answer = browser().get(f"/p/{market.product.id}?via=nobody-knows-it")
    assert (answer.status_code, "visitor" in answer.cookies) == (200, False)
    assert footprint() == before


def test_queries_of_a_tap(told: Told, django_assert_num_queries: Budget) -> None:
    client = browser()
    client.get(told.href, headers=SHEET)
    with django_assert_num_queries(25):
        client.get(told.href, headers=SHEET)


def test_former_post_is_called_so(told: Told) -> None:
    browser().get(told.href)
    db.in_transaction(lambda: operations.remove_post(actor=Actor(told.mei.id), post_id=told.post_id, now=utc_now()))
    page = browser(told.mei).get("/earnings/links").content.decode()
    assert "A former post" in page
