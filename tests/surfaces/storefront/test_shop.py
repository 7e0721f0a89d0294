"""A shop sends, refunds and decides on teams; nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import Team, TeamState
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import queries
from wuyou.domains.orders.types import FulfilmentState, PlacedOrder
from wuyou.kernel.clock import utc_now

Budget = Callable[[int], AbstractContextManager[object]]

ACTIONS = ("orders/{order}/ship", "orders/{order}/refund", "teams/{team}/waive", "teams/{team}/dissolve")


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def order(committed: Market, mei: Person) -> PlacedOrder:
    """A paid order that waits to be sent."""
    placed = teams.buy_alone(utc_now(), mei, committed.product)
    teams.pay(utc_now(), mei, placed.order_no)
    teams.settle_down(utc_now())
    return placed


@pytest.fixture
def team(committed: Market, mei: Person) -> Team:
    return teams.open_and_pay(utc_now(), mei, committed.campaign, committed.product)


@pytest.fixture
def owner(committed: Market) -> Client:
    return browser(committed.owner)


def test_what_waits_to_be_sent(owner: Client, order: PlacedOrder, committed: Market, mei: Person) -> None:
    unpaid = teams.buy_alone(utc_now(), mei, committed.product)
    page = owner.get("/shop").content.decode()
    assert order.order_no in page
    assert unpaid.order_no not in page
    assert "Mei" in page
    assert unpaid.order_no in owner.get("/shop", {"state": "all"}).content.decode()


def test_sending(owner: Client, order: PlacedOrder) -> None:
    owner.post(f"/shop/orders/{order.order_no}/ship", key())
    assert queries.get_order(order.id).fulfilment is FulfilmentState.SHIPPED
    assert "Nothing waits to be sent" in owner.get("/shop").content.decode()


@pytest.mark.parametrize(("amount", "minor"), [("", 5_900), ("59", 5_900), ("0.01", 1), ("12.5", 1_250)])
def test_refunding(owner: Client, order: PlacedOrder, amount: str, minor: int) -> None:
    owner.post(f"/shop/orders/{order.order_no}/refund", {"amount": amount, **key()})
    assert queries.get_order(order.id).refunded_minor == minor


@pytest.mark.parametrize(
    "amount", ["0", "-1", "59.01", "0.001", "1e3", "nan", "Infinity", "all", "9" * 30, "1,5", "\x00"]
)
def test_refund_of_a_wrong_amount_is_refused_and_changes_nothing(
    owner: Client, order: PlacedOrder, amount: str
) -> None:
    before = footprint()
    answer = owner.post(f"/shop/orders/{order.order_no}/refund", {"amount": amount, **key()})
    assert answer.status_code == 422
    assert "A refund must be above zero" in answer.content.decode()
    assert footprint() == before


def test_letting_a_team_pass(owner: Client, team: Team) -> None:
    assert "Let this team pass" in owner.get("/shop/teams").content.decode()
    owner.post(f"/shop/teams/{team.id}/waive", key())
    after = groupbuy.get_team(team.token)
    assert (after.state, after.was_waived) == (TeamState.FORMED, True)


def test_dissolving_a_team(owner: Client, team: Team) -> None:
    owner.post(f"/shop/teams/{team.id}/dissolve", key())
    assert groupbuy.get_team(team.token).state is TeamState.CANCELLED
    assert "No team is filling now" in owner.get("/shop/teams").content.decode()


@pytest.mark.parametrize(
    "action", ["orders/{order}/ship", "orders/{order}/refund", "teams/{team}/waive", "teams/{team}/dissolve"]
)
def test_form_sent_twice_does_it_once(owner: Client, order: PlacedOrder, team: Team, action: str) -> None:
    path, form = f"/shop/{action.format(order=order.order_no, team=team.id)}", {"amount": "1", **key()}
    first = owner.post(path, form)
    before = footprint()
    assert owner.post(path, form)["Location"] == first["Location"]
    assert footprint() == before


@pytest.mark.parametrize("action", ["orders/{order}/ship", "teams/{team}/waive", "teams/{team}/dissolve"])
def test_what_is_no_longer_possible_is_refused_and_changes_nothing(
    owner: Client, order: PlacedOrder, team: Team, action: str
) -> None:
    path = f"/shop/{action.format(order=order.order_no, team=team.id)}"
    owner.post(path, key())
    before = footprint()
    assert owner.post(path, key()).status_code == 409
    assert footprint() == before


@pytest.mark.parametrize(
    "action", ["orders/{order}/ship", "orders/{order}/refund", "teams/{team}/waive", "teams/{team}/dissolve"]
)
def test_nobody_else_may(order: PlacedOrder, team: Team, mei: Person, action: str) -> None:
    path = f"/shop/{action.format(order=order.order_no, team=team.id)}"
    others = [browser(mei), browser(goods_owner())]
    before = footprint()
    for other in others:
        assert other.post(path, {"amount": "1", **key()}).status_code == 404
        assert other.get(path).status_code == 405
    assert browser().post(path, key())["Location"].startswith("/sign-in")
    assert footprint() == before


def goods_owner() -> Person:
    """Somebody with another shop."""
    owner = make_person(utc_now())
    goods.make_shop(utc_now(), owner_id=owner.id)
    return owner


@pytest.mark.parametrize("path", ["/shop", "/shop/teams"])
def test_who_has_no_shop_finds_none(committed: Market, mei: Person, path: str) -> None:
    assert browser(mei).get(path).status_code == 404
    assert browser(goods_owner()).get(path, {"shop": committed.shop.id}).status_code == 404
    assert browser(committed.owner).get(path, {"shop": "x"}).status_code == 422


@pytest.mark.parametrize(
    "action", ["orders/1/ship", "orders/nothing/refund", "teams/999999/waive", "teams/999999/dissolve"]
)
def test_no_such_order_or_team(owner: Client, action: str) -> None:
    before = footprint()
    assert owner.post(f"/shop/{action}", key()).status_code == 404
    assert footprint() == before


def test_second_shop_is_chosen(committed: Market, owner: Client) -> None:
    second = goods.make_shop(utc_now(), owner_id=committed.owner.id, name_en="Second shop")
    assert "Second shop" in owner.get("/shop", {"shop": second.id}).content.decode()


def test_only_owners_see_the_place(committed: Market, mei: Person, owner: Client) -> None:
    assert "My shop" in owner.get("/me").content.decode()
    assert "My shop" not in browser(mei).get("/me").content.decode()


def test_budgets(owner: Client, order: PlacedOrder, team: Team, django_assert_num_queries: Budget) -> None:
    with django_assert_num_queries(9):
        owner.get("/shop")
    with django_assert_num_queries(10):
        owner.get("/shop/teams")
