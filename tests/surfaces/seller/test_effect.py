"""Cost and effect, creators and campaigns at the workbench."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


def sell_by_link(market: Market, publisher: Person) -> None:
    now, buyer = utc_now(), make_person(utc_now())

    def link() -> str:
        found = alliance.ensure_publisher(user_id=publisher.id, now=now)
        return alliance.ensure_link(
            publisher_id=found.id, slot_name="群", product_id=market.product.id, path="/", now=now
        ).token

    browser(buyer).get(reverse("storefront:link", args=[db.in_transaction(link)]))
    placed = teams.buy_alone(utc_now(), buyer, market.product)
    teams.pay(utc_now(), buyer, placed.order_no)
    teams.settle_down(utc_now())


def test_effect_says_what_links_sold_and_cost_and_names_nobody_it_does_not_work_with(
    committed: Market, bench: Bench, mei: Person
) -> None:
    assert "No sale came through a link" in bench.page("/effect")
    sell_by_link(committed, mei)
    page = bench.page("/effect", days="90")
    assert "¥59.00" in page
    assert "¥5.90" in page
    assert "10%" in page
    assert "1 other" in page
    assert "Mei" not in page
    assert "28 days" in bench.page("/effect", days="x")


def test_pages_ask_as_often_for_more(
    committed: Market, bench: Bench, mei: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sell_by_link(committed, mei)
    for page, most in (("/effect", 14), ("/creators", 12)):
        bench.page(page)
        with django_assert_max_num_queries(most):
            bench.page(page)


def test_campaigns_limits_and_end_are_moved_and_refused_in_words(committed: Market, bench: Bench) -> None:
    campaign = committed.campaign
    address = f"{bench.home}/campaigns/{campaign.id}/change"
    said = {"max_per_order": "3", "days": "7"}
    assert bench.client.post(address, key() | said).status_code == 302
    changed = groupbuy.get_campaign(campaign.id)
    assert changed.max_per_order == 3
    assert changed.closes_at is not None
    assert changed.size == campaign.size

    before = footprint()
    for wrong in ({"max_per_order": "0"}, {"max_per_order": "3", "total_limit": "5"}):
        answer = bench.client.post(address, key() | wrong)
        assert answer.status_code == 422
    other = browser(make_person(utc_now()))
    before = footprint()
    assert other.post(address, key() | said).status_code == 404
    assert footprint() == before


@pytest.mark.parametrize("yes", [True, False])
def test_publisher_says_whether_shops_find_them(committed: Market, mei: Person, yes: bool) -> None:
    client = browser(mei)
    client.post(reverse("studio:let-shops-find"), key() | {"yes": "yes" if yes else "no"})
    page = client.get(reverse("studio:merchants")).content.decode()
    assert ("Shops find you" if yes else "No shop finds you") in page
