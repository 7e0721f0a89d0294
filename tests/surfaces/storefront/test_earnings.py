"""What somebody earns can be checked by hand on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import tasks as orders_tasks
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


def formed_by_link(market: Market, mei: Person) -> Team:
    """Lin comes by Mei's link, joins and pays."""
    team = teams.open_and_pay(utc_now(), mei, market.campaign, market.product)
    lin = make_person(utc_now(), "Lin")
    token = team.link_token or ""
    db.in_transaction(lambda: alliance.record_click(token=token, visitor="lin", user_id=lin.id, now=utc_now()))
    return teams.join_and_pay(utc_now(), lin, team, market.product)


def sent_and_received(team: Team) -> None:
    for seat in team.seats:
        db.in_transaction(lambda i=seat.order_id: orders.ship_order(actor=PLATFORM, order_id=i, now=utc_now()))  # type: ignore[misc]
        db.in_transaction(lambda i=seat.order_id: orders.receive_order(order_id=i, now=utc_now()))  # type: ignore[misc]
    teams.settle_down(utc_now())


def figures(page: str) -> dict[str, str]:
    """Label → value of the figures on top."""
    found = re.findall(r'figure__label">(.*?)<span.*?figure__value">(.*?)</p>', page, re.DOTALL)
    return {label.strip(): re.sub("<[^>]+>", "", value).strip() for label, value in found}


def sums(page: str) -> list[list[str]]:
    """The figures of each sale: base, rate, commission, share, mine."""
    return [
        [re.sub("<[^>]+>", "", value).strip(" ×=") for value in re.findall(r"<dd[^>]*>(.*?)</dd>", block, re.DOTALL)]
        for block in re.findall(r'<dl class="sum">(.*?)</dl>', page, re.DOTALL)
    ]


def test_nothing_yet_shows_how_to_begin(mei: Person) -> None:
    page = browser(mei).get("/earnings").content.decode()
    assert "Nothing earned yet" in page
    assert set(figures(page).values()) == {"¥0.00"}


def test_each_sale_can_be_checked(committed: Market, mei: Person) -> None:
    formed_by_link(committed, mei)
    page = browser(mei).get("/earnings").content.decode()
    assert figures(page)["Estimated"] == "¥3.51"
    assert sums(page) == [["¥39.00", "10%", "¥3.90", "90%", "¥3.51"]]


def test_states_follow_the_order(committed: Market, mei: Person) -> None:
    sent_and_received(formed_by_link(committed, mei))
    assert figures(browser(mei).get("/earnings").content.decode())["Confirmed"] == "¥3.51"
    later = utc_now() + timedelta(days=8)
    orders_tasks.complete_received_orders(later)
    teams.settle_down(later)
    page = browser(mei).get("/earnings").content.decode()
    assert (figures(page)["Settled"], figures(page)["Balance"]) == ("¥3.51", "¥3.51")
    assert "Settled" in page


def test_refund_takes_its_share_back_and_the_sum_shows_it(committed: Market, mei: Person) -> None:
    team = formed_by_link(committed, mei)
    sent_and_received(team)
    later = utc_now() + timedelta(days=8)
    orders_tasks.complete_received_orders(later)
    teams.settle_down(later)
    bought_by_link = team.seats[1].order_id
    db.in_transaction(
        lambda: orders.request_refund(
            seller=None, order_id=bought_by_link, amount_minor=1_900, reason="shop", now=later
        )
    )
    teams.settle_down(later)
    page = browser(mei).get("/earnings").content.decode()
    assert figures(page)["Reversed"] == "¥1.71"
    assert figures(page)["Balance"] == "¥1.80"
    assert sums(page) == [["¥20.00", "10%", "¥2.00", "90%", "¥1.80"]]
    assert "¥39.00 − ¥19.00 refunded" in page


def test_links_with_visits_and_sales(committed: Market, mei: Person) -> None:
    team = formed_by_link(committed, mei)
    page = browser(mei).get("/earnings/links").content.decode()
    assert f"http://testserver/s/{team.link_token}" in page
    assert "1 visit" in page
    assert "1 sale" in page


def test_nobody_sees_what_others_earn(committed: Market, mei: Person) -> None:
    team = formed_by_link(committed, mei)
    other = browser(make_person(utc_now()))
    assert sums(other.get("/earnings").content.decode()) == []
    assert str(team.link_token) not in other.get("/earnings/links").content.decode()
    assert browser().get("/earnings")["Location"] == "/sign-in?next=%2Fearnings"
    assert browser().get("/earnings/links")["Location"] == "/sign-in?next=%2Fearnings%2Flinks"


@pytest.mark.parametrize("path", ["/earnings", "/earnings/links"])
def test_malformed_place_in_the_list_is_refused(mei: Person, path: str) -> None:
    assert browser(mei).get(path, {"after": "x"}).status_code == 422


def test_budgets(committed: Market, mei: Person, django_assert_num_queries: Budget) -> None:
    formed_by_link(committed, mei)
    client = browser(mei)
    with django_assert_num_queries(10):
        client.get("/earnings")
    with django_assert_num_queries(5):
        client.get("/earnings/links")
