"""What the studio tells a publisher: of posts, of who follows, of shops, and of what was earned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.builders import content, social, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, make_market
from wuyou.domains.content import queries as content_queries
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.insight import operations as insight
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import business_date, utc_now


@pytest.fixture(autouse=True)
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def market(world: None) -> Market:
    return make_market()


@pytest.fixture
def lin(market: Market) -> Person:
    return make_person(utc_now() - timedelta(days=70), "Lin")


def seen(post_id: int, people: int, exposures: int, ago: int = 0) -> None:
    """What a day brought a post."""
    day = business_date(utc_now()) - timedelta(days=ago)
    db.in_transaction(
        lambda: insight.keep_day(day=day, rows=[("post", post_id, people, exposures, 7_200, 5, 3_000, 4)])
    )


def sell_by_post(market: Market, author: Person) -> int:
    """A post of somebody's that sold the market's product once."""
    now, buyer = utc_now(), make_person(utc_now())
    post_id = content.make_post(now, author, title="冬天的蜂蜜", tags=[TagDraft(product_id=market.product.id)])
    (tag,) = content_queries.tags_by_post(get_viewer(buyer.id), [post_id])[post_id]
    browser(buyer).get(reverse("storefront:follow-tag", args=[post_id, tag.id]))
    placed = teams.buy_alone(utc_now(), buyer, market.product)
    teams.pay(utc_now(), buyer, placed.order_no)
    teams.settle_down(utc_now())
    return post_id


def test_post_is_followed_from_being_seen_to_being_paid_for(market: Market, lin: Person) -> None:
    post_id = sell_by_post(market, lin)
    seen(post_id, people=20, exposures=345)
    seen(post_id, people=19, exposures=9_000, ago=1)  # of few: in no figure

    page = browser(lin).get(reverse("studio:posts")).content.decode()

    assert "冬天的蜂蜜" in page
    assert ">345<" in page.replace("\n", "")
    assert "9,0" not in page
    assert "¥5.31" in page  # 59.00 × 10 % × nine tenths, estimated
    assert "冬天的蜂蜜" not in browser(make_person(utc_now())).get(reverse("studio:posts")).content.decode()


def test_fans_are_a_crowd_or_nothing(market: Market, lin: Person) -> None:
    client = browser(lin)
    assert "Not enough people yet" in client.get(reverse("studio:fans")).content.decode()
    before = utc_now() - timedelta(days=35)
    for _ in range(41):
        social.follow(before, make_person(before), lin)
    page = client.get(reverse("studio:fans")).content.decode()
    assert "40 or more" in page
    assert "41" not in page.split("fan-charts")[0].split("page-header")[-1]


def test_overview_says_what_is_missing_to_the_next_level(market: Market, lin: Person) -> None:
    post_id = sell_by_post(market, lin)
    seen(post_id, people=20, exposures=30_000)
    page = browser(lin).get(reverse("studio:overview")).content.decode()
    assert "10,000" in page  # a month
    assert "On the way" in page
    assert "90,000 more a month" in page
    assert "My links" in page


def test_shops_are_named_with_their_reasons(market: Market, lin: Person) -> None:
    sell_by_post(market, lin)
    page = browser(lin).get(reverse("studio:merchants")).content.decode()
    assert market.shop.name_en in page
    assert "You sold there 1 time" in page


def test_pages_cost_the_same_for_more(
    market: Market, lin: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sell_by_post(market, lin)
    client = browser(lin)
    for page, most in (("posts", 11), ("overview", 24), ("fans", 13), ("merchants", 30)):
        client.get(reverse(f"studio:{page}"))
        with django_assert_max_num_queries(most):
            client.get(reverse(f"studio:{page}"))
