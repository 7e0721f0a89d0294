"""One's own corner: all of one's own pages that have no place in the navigation."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


def addresses(page: str, nav: str) -> list[str]:
    """Where the links of a navigation lead, in their order."""
    (found,) = re.findall(rf'<nav class="{nav}"[^>]*>(.*?)</nav>', page, re.DOTALL)
    return re.findall(r'<a [^>]*href="([^"]+)"', found)


def test_navigation_has_the_places_and_none_of_the_shop(market: Market) -> None:
    for client in (browser(), browser(market.owner)):
        assert addresses(client.get("/").content.decode(), "rail") == ["/", "/things", "/posts/new", "/talk", "/me"]


@pytest.mark.parametrize("is_owner", [True, False])
def test_corner_leads_to_orders_cart_earnings_and_ones_shop(market: Market, is_owner: bool) -> None:
    person = market.owner if is_owner else make_person(utc_now(), "Mei")
    page = browser(person).get("/me").content.decode()
    assert re.findall(r'class="menu__item" href="([^"]+)"', page) == [
        "/posts",
        "/posts/drafts",
        "/posts/saved",
        "/people",
        "/friends",
        "/gifts",
        "/awards",
        "/orders",
        "/coupons",
        "/cart",
        "/earnings",
        "/lists",
        "/studio/",
        *(["/seller/"] if is_owner else []),
        "/faces",
        "/privacy",
        "/reports",
        "/decisions",
        "/account",
    ]


def test_corner_of_a_stranger_offers_to_sign_in_and_nothing_else(market: Market) -> None:
    page = browser().get("/me").content.decode()
    assert "You are not signed in" in page
    assert 'class="menu__item" href' not in page


def test_budget(market: Market, django_assert_num_queries: Budget) -> None:
    client = browser(market.owner)
    with django_assert_num_queries(4):
        client.get("/me")
