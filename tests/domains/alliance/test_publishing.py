"""Joining, slots, links and clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders.alliance import Market
from wuyou.domains.alliance import errors, operations, queries
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor


def test_ensure_publisher_twice_is_the_same_publisher(market: Market) -> None:
    user_id = market.person()
    first = market.publisher(user_id)
    again = operations.ensure_publisher(user_id=user_id, now=market.now + timedelta(days=1))
    assert again == first
    assert queries.find_publisher(user_id) == first


def test_nobody_is_made_a_publisher_by_somebody_else_staff_included(market: Market) -> None:
    user_id = market.person()
    for actor in (Actor(market.person()), Actor(market.person(), is_staff=True)):
        with pytest.raises(errors.NotYourself):
            operations.ensure_publisher(user_id=user_id, now=market.now, actor=actor)
    assert queries.find_publisher(user_id) is None
    assert operations.ensure_publisher(user_id=user_id, now=market.now, actor=Actor(user_id)).user_id == user_id


def test_links_are_made_for_oneself_only(market: Market) -> None:
    product, publisher = market.product(), market.publisher()
    stranger = Actor(market.person())
    with pytest.raises(errors.NotYourself):
        operations.ensure_link(
            publisher_id=publisher.id, slot_name="a", product_id=product.id, path="/", now=market.now, actor=stranger
        )
    with pytest.raises(errors.NotYourself):
        operations.add_slot(publisher_id=publisher.id, name="a", now=market.now, actor=stranger)
    assert queries.list_slots(publisher.id) == ()
    made = operations.ensure_link(
        publisher_id=publisher.id,
        slot_name="a",
        product_id=product.id,
        path="/",
        now=market.now,
        actor=Actor(publisher.user_id),
    )
    assert made.publisher_id == publisher.id


def test_slot_is_named_once_a_publisher(market: Market) -> None:
    one, other = market.publisher(), market.publisher()
    slot = operations.add_slot(publisher_id=one.id, name="群", now=market.now)
    assert operations.add_slot(publisher_id=one.id, name="群", now=market.now) == slot
    assert operations.add_slot(publisher_id=other.id, name="群", now=market.now) != slot
    assert queries.list_slots(one.id) == (slot,)


@pytest.mark.parametrize("name", ["", "x" * 41, "a\nb", "a\0b"])
def test_slot_name_that_cannot_be_shown_is_refused(market: Market, name: str) -> None:
    with pytest.raises(errors.SlotMalformed):
        operations.add_slot(publisher_id=market.publisher().id, name=name, now=market.now)


def test_ensure_link_gives_the_same_link_for_the_same_target(market: Market) -> None:
    product, publisher, tool = market.product(), market.publisher(), market.publisher()
    link = market.link(publisher, product)
    assert market.link(publisher, product) == link
    others = {
        market.link(publisher, product, slot="other").id,
        market.link(publisher, product, partner=tool).id,
        market.link(market.publisher(), product).id,
        market.link(publisher, market.product()).id,
    }
    assert len(others) == 4
    assert link.id not in others
    assert queries.get_link_by_token(link.token) == link
    assert link.shop_id == market.shop.id


def test_ensure_link_that_exists_costs_one_statement(market: Market) -> None:
    product, publisher = market.product(), market.publisher()
    market.link(publisher, product)
    with CaptureQueriesContext(connection) as captured:
        market.link(publisher, product)
    assert len(captured) == 1


@pytest.mark.parametrize(
    "path", ["", "p/1", "//evil.example", "/\\evil.example", "https://evil.example", "/" + "x" * 200, "/\n"]
)
def test_link_leads_to_this_site_only(market: Market, path: str) -> None:
    product, publisher = market.product(), market.publisher()
    with pytest.raises(errors.PathMalformed):
        operations.ensure_link(
            publisher_id=publisher.id, slot_name="a", product_id=product.id, path=path, now=market.now
        )
    assert queries.list_links(publisher.user_id).items == ()


def test_link_needs_a_product_a_publisher_and_another_partner(market: Market) -> None:
    product, publisher = market.product(), market.publisher()

    def make(publisher_id: int = publisher.id, product_id: int = product.id, partner_id: int | None = None) -> None:
        operations.ensure_link(
            publisher_id=publisher_id,
            slot_name="a",
            product_id=product_id,
            path="/",
            partner_id=partner_id,
            now=market.now,
        )

    with pytest.raises(errors.ProductNotFound):
        make(product_id=10**9)
    with pytest.raises(errors.PublisherNotFound):
        make(publisher_id=10**9)
    for partner_id in (publisher.id, 10**9):
        with pytest.raises(errors.PartnerMalformed):
            make(partner_id=partner_id)
    assert queries.list_links(publisher.user_id).items == ()


def test_token_is_found_by_its_index(market: Market) -> None:
    link = market.link(market.publisher(), market.product())
    db.execute("SET LOCAL enable_seqscan = off")
    query = f"EXPLAIN SELECT id FROM alliance_link WHERE token = '{link.token}'"
    plan = "\n".join(line for (line,) in db.rows(query))
    assert "one_link_a_token" in plan


def test_record_click_tells_where_it_leads_in_one_statement(market: Market) -> None:
    link = market.link(market.publisher(), market.product())
    with CaptureQueriesContext(connection) as captured:
        click = operations.record_click(token=link.token, visitor="v", user_id=None, now=market.now)
    assert len(captured) == 1
    assert (click.link_id, click.publisher_id, click.product_id, click.path, click.clicked_at) == (
        link.id,
        link.publisher_id,
        link.product_id,
        link.path,
        market.now,
    )


@pytest.mark.parametrize("token", ["nothing", "", "a\0b", "'; --"])
def test_click_on_an_unknown_token_is_refused_and_not_kept(market: Market, token: str) -> None:
    with pytest.raises(errors.LinkNotFound):
        operations.record_click(token=token, visitor="v", user_id=None, now=market.now)
    with pytest.raises(errors.LinkNotFound):
        queries.get_link_by_token(token)
    assert db.rows("SELECT 1 FROM alliance_click") == []


@pytest.mark.parametrize("visitor", ["", "x" * 65, "a\0b"])
def test_visitor_that_is_no_token_is_refused(market: Market, visitor: str) -> None:
    link = market.link(market.publisher(), market.product())
    with pytest.raises(errors.VisitorMalformed):
        operations.record_click(token=link.token, visitor=visitor, user_id=None, now=market.now)
    with pytest.raises(errors.VisitorMalformed):
        operations.bind_visitor(visitor=visitor, user_id=market.person(), now=market.now)


def test_bind_visitor_takes_only_clicks_that_are_nobodys(market: Market) -> None:
    link = market.link(market.publisher(), market.product())
    first, second = market.person(), market.person()
    for visitor, user_id in (("mine", None), ("mine", None), ("other", None), ("mine", second)):
        operations.record_click(token=link.token, visitor=visitor, user_id=user_id, now=market.now)
    assert operations.bind_visitor(visitor="mine", user_id=first, now=market.now) == 2
    assert operations.bind_visitor(visitor="mine", user_id=second, now=market.now) == 0
    assert db.rows("SELECT user_id, count(*) FROM alliance_click GROUP BY 1 ORDER BY 1 NULLS LAST") == [
        (first, 2),
        (second, 1),
        (None, 1),
    ]


def test_bind_visitor_takes_no_click_from_its_future(market: Market) -> None:
    """Clocks of two processes may differ by a little: nobody is known before they came."""
    link = market.link(market.publisher(), market.product())
    operations.record_click(token=link.token, visitor="v", user_id=None, now=market.now + timedelta(milliseconds=5))
    assert operations.bind_visitor(visitor="v", user_id=market.person(), now=market.now) == 0
    assert operations.bind_visitor(visitor="v", user_id=market.person(), now=market.now + timedelta(seconds=1)) == 1


def test_list_links_counts_clicks_and_orders_newest_first(market: Market) -> None:
    publisher, product, other = market.publisher(), market.product(), market.product()
    market.plan()
    older, newer = market.link(publisher, product), market.link(publisher, other)
    buyer = market.person()
    market.click(older, market.person())
    market.click(older, buyer)
    market.buy(buyer, product)
    lines = queries.list_links(publisher.user_id).items
    assert [(line.link, line.slot_name, line.click_count, line.order_count) for line in lines] == [
        (newer, "home", 0, 0),
        (older, "home", 2, 1),
    ]
    page = queries.list_links(publisher.user_id, limit=1)
    assert page.next_cursor == newer.id
    assert [line.link for line in queries.list_links(publisher.user_id, cursor=page.next_cursor).items] == [older]
    assert queries.list_links(market.person()).items == ()


def test_platform_may_act_for_its_own_flows(market: Market) -> None:
    assert operations.ensure_publisher(user_id=market.person(), now=market.now, actor=PLATFORM)
