"""Where a shop's goods are seen: of enough people, and in posts that who asks may see."""

from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from tests.builders import content, social
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.insight import operations as insight
from wuyou.infra import db
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.sight import FRIENDS

Row = tuple[str, int, int, int, int, int, int, int]


def seen(*rows: Row, ago: int = 0) -> None:
    """What a day brought: kind, id, people, exposures, seconds, clicks, median, presses further on."""
    day = business_date(utc_now()) - timedelta(days=ago)
    db.in_transaction(lambda: insight.keep_day(day=day, rows=list(rows)))


def a_post(market: Market, author: Person, title: str, **how: object) -> int:
    return content.make_post(utc_now(), author, title=title, tags=[TagDraft(product_id=market.product.id)], **how)


def test_goods_posts_and_topics_stand_with_what_they_led_to(committed: Market, bench: Bench, mei: Person) -> None:
    assert "Nothing of yours was seen by enough people yet" in bench.page("/seeding")
    post_id = a_post(committed, mei, "A month with it", topics=["开箱"])
    seen(
        ("product", committed.product.id, 40, 400, 900, 36, 3_000, 0),
        ("post", post_id, 30, 2_000, 7_200, 5, 3_000, 150),
    )
    page = bench.page("/seeding")
    for said in ("A month with it", "Mei", "开箱", "2,000", "7,200", "150", "7.5%", "400", "36", "9%"):
        assert said in page, said
    seen(("post", post_id, 30, 1_000, 10, 5, 3_000, 50), ago=60)
    assert "3,000" not in bench.page("/seeding")
    assert "3,000" in bench.page("/seeding", days="90")


def test_a_day_of_few_people_counts_for_nothing(committed: Market, bench: Bench, mei: Person) -> None:
    post_id = a_post(committed, mei, "Seen by few")
    seen(
        ("product", committed.product.id, 19, 777, 900, 36, 3_000, 0),
        ("post", post_id, 19, 888, 7_200, 5, 3_000, 150),
    )
    page = bench.page("/seeding")
    assert "777" not in page
    assert "888" not in page
    assert "Seen by few" not in page


def test_a_post_that_one_may_not_see_stands_nowhere(committed: Market, bench: Bench, mei: Person) -> None:
    post_id = a_post(committed, mei, "Among friends", audience=FRIENDS, topics=["悄悄话"])
    seen(("post", post_id, 30, 2_345, 7_200, 5, 3_000, 150))
    page = bench.page("/seeding")
    for hidden in ("Among friends", "悄悄话", "2,345"):
        assert hidden not in page
    social.befriend(utc_now(), committed.owner, mei)
    assert "Among friends" in bench.page("/seeding")


def test_it_asks_as_often_for_more_and_is_for_the_shop_alone(
    committed: Market, bench: Bench, mei: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows: list[Row] = []
    for number in range(5):
        post_id = a_post(committed, mei, f"Number {number}", topics=["开箱", f"第{number}次"])
        rows.append(("post", post_id, 30, 2_000, 7_200, 5, 3_000, 150))
    seen(*rows)
    bench.page("/seeding")
    with django_assert_max_num_queries(21):
        bench.page("/seeding")
    assert browser(make_person(utc_now())).get(f"{bench.home}/seeding").status_code == 404
