"""One's own orders on their three axes, and what one can do about them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.groupbuy import tasks as groupbuy_tasks
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations, queries, tasks
from wuyou.domains.orders.types import FulfilmentState, PaymentState, PlacedOrder
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


def paid(mei: Person, market: Market) -> PlacedOrder:
    order = teams.buy_alone(utc_now(), mei, market.product)
    teams.pay(utc_now(), mei, order.order_no)
    teams.settle_down(utc_now())
    return order


def shipped(mei: Person, market: Market) -> PlacedOrder:
    order = paid(mei, market)
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=utc_now()))
    return order


def page_of(person: Person, order_no: str) -> str:
    return browser(person).get(f"/orders/{order_no}").content.decode()


# ------------------------------------------------------------------------------------------------- list


def test_empty_list_shows_the_next_step(mei: Person) -> None:
    assert "Nothing here yet" in browser(mei).get("/orders").content.decode()


def test_shelves_hold_what_they_say(committed: Market, mei: Person) -> None:
    unpaid = teams.buy_alone(utc_now(), mei, committed.product)
    filling = teams.open_team(utc_now(), mei, committed.campaign, committed.product)
    teams.pay(utc_now(), mei, filling.order_no)
    coming = shipped(mei, committed)
    done = shipped(mei, committed)
    db.in_transaction(lambda: operations.receive_order(order_id=done.id, now=utc_now()))
    everything = {unpaid.order_no, filling.order_no, coming.order_no, done.order_no}
    shelves = {
        "": everything,
        "pay": {unpaid.order_no},
        "team": {filling.order_no},
        "coming": {coming.order_no},
        "done": {done.order_no},
    }
    client = browser(mei)
    for state, order_nos in shelves.items():
        page = client.get("/orders", {"state": state} if state else {}).content.decode()
        assert {order_no for order_no in everything if f"/orders/{order_no}" in page} == order_nos, state


@pytest.mark.parametrize("query", [{"state": "stolen"}, {"after": "x"}, {"after": "9" * 30}])
def test_malformed_shelf_is_refused(mei: Person, query: dict[str, str]) -> None:
    assert browser(mei).get("/orders", query).status_code == 422


def test_list_shows_only_ones_own(committed: Market, mei: Person) -> None:
    order = teams.buy_alone(utc_now(), mei, committed.product)
    assert order.order_no not in browser(make_person(utc_now())).get("/orders").content.decode()
    assert browser().get("/orders")["Location"] == "/sign-in?next=%2Forders"


# ------------------------------------------------------------------------------------------------- page


def test_unpaid_order_says_until_when_and_how_much(committed: Market, mei: Person) -> None:
    order = teams.buy_alone(utc_now(), mei, committed.product)
    page = page_of(mei, order.order_no)
    assert "Waiting for your payment" in page
    assert "¥59.00" in page
    assert f'href="/pay/{order.order_no}"' in page


def test_money_that_has_come_is_not_asked_for_again(committed: Market, mei: Person) -> None:
    order = teams.buy_alone(utc_now(), mei, committed.product)
    teams.pay(utc_now(), mei, order.order_no)
    page = page_of(mei, order.order_no)
    assert "Payment received, one moment" in page
    assert 'http-equiv="refresh"' in page
    assert f'href="/pay/{order.order_no}"' not in page
    assert "Cancel this order" not in page


def test_page_answers_nothing_until_something_changes(committed: Market, mei: Person) -> None:
    order = paid(mei, committed)
    client = browser(mei)
    seen = client.get(f"/orders/{order.order_no}").context["order"].mark
    assert client.get(f"/orders/{order.order_no}", {"seen": seen}).status_code == 204
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=utc_now()))
    assert client.get(f"/orders/{order.order_no}", {"seen": seen}).status_code == 200


def test_way_of_an_order_to_its_end(committed: Market, mei: Person) -> None:
    order = shipped(mei, committed)
    assert "It is on its way" in page_of(mei, order.order_no)
    browser(mei).post(f"/orders/{order.order_no}/receive", key())
    assert "You have received it" in page_of(mei, order.order_no)
    assert tasks.complete_received_orders(utc_now() + timedelta(days=8)) == 1
    assert "Everyone who had a part in it is paid." in page_of(mei, order.order_no)


def test_refund_of_an_expired_team_is_followed_until_it_is_back(committed: Market, mei: Person) -> None:
    seat = teams.open_team(utc_now(), mei, committed.campaign, committed.product)
    teams.pay(utc_now(), mei, seat.order_no)
    teams.settle_down(utc_now())
    assert "Paid. The team is filling" in page_of(mei, seat.order_no)
    later = utc_now() + timedelta(hours=25)
    groupbuy_tasks.expire_due_teams(later)
    teams.settle_down(later)
    page = page_of(mei, seat.order_no)
    assert "Your money is on its way back" in page
    assert "Refund of ¥39.00" in page
    assert "The team did not fill in time" in page
    assert "The bank is sending it" in page
    teams.send_refunds(later)
    page = page_of(mei, seat.order_no)
    assert "All of your money is back with you" in page
    assert "Back with you" in page


def test_part_of_the_money_back_is_shown_beside_the_delivery(committed: Market, mei: Person) -> None:
    order = paid(mei, committed)
    db.in_transaction(
        lambda: operations.request_refund(
            seller=None, order_id=order.id, amount_minor=100, reason="shop", now=utc_now()
        )
    )
    page = page_of(mei, order.order_no)
    assert "Paid. The shop sends it next" in page
    assert "Refund of ¥1.00" in page
    assert "Given by the shop" in page


def test_order_of_somebody_else_is_not_found_even_for_the_shop(committed: Market, mei: Person) -> None:
    order = paid(mei, committed)
    for reader in (committed.owner, make_person(utc_now()), make_person(utc_now(), is_staff=True)):
        assert browser(reader).get(f"/orders/{order.order_no}").status_code == 404


# ------------------------------------------------------------------------------------------------- actions


def test_cancelling_an_unpaid_order_frees_its_stock(committed: Market, mei: Person) -> None:
    order = teams.buy_alone(utc_now(), mei, committed.product)
    answer = browser(mei).post(f"/orders/{order.order_no}/close", key())
    assert answer["Location"] == f"/orders/{order.order_no}"
    assert queries.get_order(order.id).payment is PaymentState.CLOSED
    assert db.rows("SELECT reserved FROM inventory_stock_item") == [(0,)]
    assert "This order was cancelled" in page_of(mei, order.order_no)


def test_money_back_before_it_is_sent(committed: Market, mei: Person) -> None:
    order = paid(mei, committed)
    browser(mei).post(f"/orders/{order.order_no}/refund", key())
    after = queries.get_order(order.id)
    assert (after.fulfilment, after.refunded_minor) == (FulfilmentState.CANCELLED, 5_900)
    assert "You asked for it before it was sent" in page_of(mei, order.order_no)


@pytest.mark.parametrize("action", ["close", "receive", "refund"])
def test_form_sent_twice_does_it_once(committed: Market, mei: Person, action: str) -> None:
    make = {"close": lambda: teams.buy_alone(utc_now(), mei, committed.product)}.get(
        action, lambda: (shipped if action == "receive" else paid)(mei, committed)
    )
    order, form, client = make(), key(), browser(mei)
    first = client.post(f"/orders/{order.order_no}/{action}", form)
    before = footprint()
    second = client.post(f"/orders/{order.order_no}/{action}", form)
    assert first["Location"] == second["Location"] == f"/orders/{order.order_no}"
    assert footprint() == before


@pytest.mark.parametrize("action", ["close", "receive", "refund"])
def test_what_is_no_longer_possible_is_refused_and_changes_nothing(committed: Market, mei: Person, action: str) -> None:
    order = paid(mei, committed) if action != "refund" else shipped(mei, committed)
    client = browser(mei)
    before = footprint()
    answer = client.post(f"/orders/{order.order_no}/{action}", key())
    assert answer.status_code == 409
    assert "no longer possible" in answer.content.decode()
    assert footprint() == before


@pytest.mark.parametrize("action", ["close", "receive", "refund"])
def test_action_of_somebody_else_finds_nothing_and_changes_nothing(committed: Market, mei: Person, action: str) -> None:
    order = paid(mei, committed)
    strangers = [browser(committed.owner), browser(make_person(utc_now()))]
    before = footprint()
    for stranger in strangers:
        assert stranger.post(f"/orders/{order.order_no}/{action}", key()).status_code == 404
    assert browser().post(f"/orders/{order.order_no}/{action}", key())["Location"].startswith("/sign-in")
    assert footprint() == before


@pytest.mark.parametrize("action", ["close", "receive", "refund"])
def test_action_without_a_key_is_refused_and_changes_nothing(committed: Market, mei: Person, action: str) -> None:
    order = paid(mei, committed)
    client = browser(mei)
    before = footprint()
    assert client.post(f"/orders/{order.order_no}/{action}").status_code == 422
    assert footprint() == before


@pytest.mark.parametrize("action", ["close", "receive", "refund"])
def test_action_is_not_a_link(committed: Market, mei: Person, action: str) -> None:
    order = paid(mei, committed)
    assert browser(mei).get(f"/orders/{order.order_no}/{action}").status_code == 405


# ------------------------------------------------------------------------------------------------- budgets


@pytest.mark.parametrize("count", [1, 4])
def test_budget_of_the_list_does_not_grow(
    committed: Market, mei: Person, django_assert_num_queries: Budget, count: int
) -> None:
    for _ in range(count):
        product = goods.make_product(utc_now(), shop=committed.shop)
        campaign = goods.make_campaign(utc_now(), product, size=2)
        teams.open_team(utc_now(), mei, campaign, product)
    client = browser(mei)
    with django_assert_num_queries(8):
        client.get("/orders")


def test_budget_of_the_page(committed: Market, mei: Person, django_assert_num_queries: Budget) -> None:
    seat = teams.open_team(utc_now(), mei, committed.campaign, committed.product)
    client = browser(mei)
    with django_assert_num_queries(12):
        client.get(f"/orders/{seat.order_no}")
