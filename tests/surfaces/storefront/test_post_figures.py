"""What posts brought: for their author alone, day by day, and never so that few readers can be told apart."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import content, social, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.domains.insight import operations as insight
from wuyou.infra import db
from wuyou.kernel.clock import business_date, utc_now


def brought(days_ago: int, post_id: int, *, people: int, exposures: int, onward: int = 0, median_ms: int = 0) -> None:
    """What a day brought a post, as the task keeps it."""
    day = business_date(utc_now()) - timedelta(days=days_ago)
    row = ["post", post_id, people, exposures, 60, 3, median_ms, onward]
    db.in_transaction(partial(insight.keep_day, day=day, rows=[row]))


def sums(page: str) -> list[str]:
    """The large figures of a page, in their order."""
    return [re.sub(r"<[^>]+>", "", each).strip() for each in re.findall(r'figure__value">(.*?)</p>', page, re.DOTALL)]


def rows(page: str) -> list[list[str]]:
    body = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in body.split("</tr>")[:-1]
    ]


@pytest.fixture
def author(db: None) -> Person:
    return make_person(utc_now(), "梅")


def test_days_of_few_readers_show_a_dot_and_count_in_no_sum(author: Person) -> None:
    post = content.make_post(utc_now(), author, text="露营")
    brought(0, post, people=19, exposures=500, onward=9, median_ms=9_000)
    brought(1, post, people=20, exposures=41, onward=4, median_ms=7_400)
    brought(2, post, people=30, exposures=50, onward=1, median_ms=3_000)
    brought(28, post, people=90, exposures=1_000, onward=99)
    content.react(utc_now(), make_person(utc_now()), post)

    page = browser(author).get(f"/posts/{post}/figures").content.decode()

    assert sums(page) == ["91", "5", "1", "0", "¥0.00", "3 s"]
    assert [row[1:] for row in rows(page)] == [
        ["·", "·", "·", "·", "1", "0", "¥0.00"],
        ["20", "41", "7", "4", "0", "0", "¥0.00"],
        ["30", "50", "3", "1", "0", "0", "¥0.00"],
    ]
    assert sums(browser(author).get("/posts/figures").content.decode()) == ["91", "5", "1", "0", "¥0.00"]


def test_staff_see_their_own_posts_as_authors_do(db: None) -> None:
    person = make_person(utc_now(), is_staff=True)
    post = content.make_post(utc_now(), person)
    brought(1, post, people=2, exposures=5)

    assert sums(browser(person).get(f"/posts/{post}/figures").content.decode())[0] == "0"


def test_figures_are_their_authors_alone(author: Person) -> None:
    reader = make_person(utc_now())
    post, draft = content.make_post(utc_now(), author), content.draft_post(utc_now(), author)
    passed_on = content.repost(utc_now(), author, content.make_post(utc_now(), reader))

    for address in (f"/posts/{post}/figures", f"/posts/{draft}/figures", "/posts/99999/figures"):
        assert browser(reader).get(address).status_code == 404
    assert [browser(author).get(f"/posts/{one}/figures").status_code for one in (post, draft, passed_on)] == [
        200,
        404,
        404,
    ]
    assert browser().get("/posts/figures").status_code == 302


def test_orders_and_commission_come_from_the_books(committed: Market) -> None:
    now = utc_now()
    author, buyer, other = make_person(now, "梅"), make_person(now, "林"), make_person(now)
    post = content.make_post(now, author, text="好蜜", tags=[TagDraft(product_id=committed.product.id)])
    tag = db.rows("SELECT id FROM content_tag WHERE post_id = %s", [post])[0][0]
    for person in (buyer, other):
        follow = partial(
            alliance.follow_tag, post_id=post, tag_id=tag, visitor=f"v{person.id}", user_id=person.id, now=now
        )
        db.in_transaction(follow)
    for person in (buyer, other):
        order = teams.buy_alone(now, person, committed.product)
        teams.pay(now, person, order.order_no)
    teams.settle_down(now)

    page = browser(author).get(f"/posts/{post}/figures").content.decode()

    earned = db.rows(
        """
        SELECT sum(m.estimated_minor) FROM alliance_commission m JOIN alliance_publisher p ON p.id = m.publisher_id
        WHERE p.user_id = %s
        """,
        [author.id],
    )[0][0]
    assert earned > 0
    yuan = f"¥{int(earned) // 100}.{int(earned) % 100:02d}"
    assert sums(page)[3:5] == ["2", yuan]
    assert rows(page)[0][-2:] == ["2", yuan]


def test_reactions_across_a_block_are_not_counted(author: Person) -> None:
    reader = make_person(utc_now())
    post = content.make_post(utc_now(), author)
    content.react(utc_now(), reader, post)
    social.block(utc_now(), author, reader)

    assert sums(browser(author).get("/posts/figures").content.decode())[2] == "0"


def test_list_costs_the_same_for_one_post_and_for_many(
    author: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = browser(author)
    content.make_post(utc_now(), author)
    client.get("/posts/figures")
    with django_assert_num_queries(8):
        client.get("/posts/figures")
    for _ in range(4):
        brought(1, content.make_post(utc_now(), author), people=30, exposures=3)
    with django_assert_num_queries(8):
        assert client.get("/posts/figures").content.decode().count('class="card brought"') == 5
