"""The sandbox cashier: money is taken once, and every way that it can go wrong is said as it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client

from tests.builders import teams
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import PaymentState, PlacedOrder
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency
from wuyou.surfaces.storefront.pages import orders as orders_pages

Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def client(mei: Person) -> Client:
    return browser(mei)


@pytest.fixture
def order(committed: Market, mei: Person) -> PlacedOrder:
    return teams.buy_alone(utc_now(), mei, committed.product)


def taken_minor() -> int:
    return ledger.get_balance(AccountRef(AccountKind.CLEARING, "sandbox", Currency.CNY)).amount_minor


def test_it_says_that_it_is_a_sandbox_and_what_it_takes(client: Client, order: PlacedOrder) -> None:
    page = client.get(f"/pay/{order.order_no}").content.decode()
    assert "This is not a real bank" in page
    assert "Pay ¥59.00" in page


def test_paying_an_order_alone_leads_to_the_order(client: Client, order: PlacedOrder) -> None:
    answer = client.post(f"/pay/{order.order_no}")
    assert answer["Location"] == f"/orders/{order.order_no}"
    assert taken_minor() == 5_900


def test_paying_a_team_order_leads_to_the_team(committed: Market, client: Client, mei: Person) -> None:
    seat = teams.open_team(utc_now(), mei, committed.campaign, committed.product)
    assert client.post(f"/pay/{seat.order_no}")["Location"] == f"/t/{seat.team_token}"


def test_paying_twice_is_paying_once(client: Client, order: PlacedOrder) -> None:
    for _ in range(3):
        assert client.post(f"/pay/{order.order_no}")["Location"] == f"/orders/{order.order_no}"
    teams.settle_down(utc_now())
    assert client.post(f"/pay/{order.order_no}")["Location"] == f"/orders/{order.order_no}"
    assert client.get(f"/pay/{order.order_no}")["Location"] == f"/orders/{order.order_no}"
    assert taken_minor() == 5_900


def test_declined_payment_takes_nothing_and_can_be_tried_again(client: Client, order: PlacedOrder) -> None:
    answer = client.post(f"/pay/{order.order_no}", {"fault": "decline"})
    assert answer["Location"] == f"/pay/{order.order_no}?result=declined"
    assert "The bank declined." in client.get(answer["Location"]).content.decode()
    assert taken_minor() == 0
    client.post(f"/pay/{order.order_no}")
    assert taken_minor() == 5_900


@pytest.mark.parametrize("fault", ["lost", "late"])
def test_when_the_bank_is_silent_the_page_waits_and_then_we_ask(
    client: Client, order: PlacedOrder, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.post(f"/pay/{order.order_no}", {"fault": fault})
    assert answer["Location"] == f"/orders/{order.order_no}?waiting=1"
    page = client.get(answer["Location"]).content.decode()
    assert "Waiting for the bank" in page
    assert "Pay now" not in page
    assert taken_minor() == 0
    monkeypatch.setattr(orders_pages, "ASK_AFTER", timedelta(0))
    assert "Payment received, one moment" in client.get(answer["Location"]).content.decode()
    assert taken_minor() == 5_900
    teams.settle_down(utc_now())
    assert "Paid. The shop sends it next" in client.get(answer["Location"]).content.decode()


def test_late_notice_counts_once(client: Client, order: PlacedOrder) -> None:
    client.post(f"/pay/{order.order_no}", {"fault": "late"})
    later = utc_now() + timedelta(seconds=30)
    payments_tasks.reconcile_due_charges(later)
    assert taken_minor() == 5_900
    assert payments_tasks.deliver_due_notices(later, send=lambda _body, _headers: "success") == 1
    teams.settle_down(later)
    assert taken_minor() == 5_900


def test_waiting_is_only_said_of_who_was_at_the_bank(client: Client, order: PlacedOrder) -> None:
    page = client.get(f"/orders/{order.order_no}", {"waiting": "1"}).content.decode()
    assert "Waiting for your payment" in page


def test_unknown_fault_is_no_fault(client: Client, order: PlacedOrder) -> None:
    client.post(f"/pay/{order.order_no}", {"fault": "steal"})
    assert taken_minor() == 5_900


def test_order_that_was_given_up_cannot_be_paid(client: Client, order: PlacedOrder) -> None:
    db.in_transaction(lambda: orders.close_order(order_id=order.id, now=utc_now()))
    before = footprint()
    assert client.post(f"/pay/{order.order_no}")["Location"] == f"/orders/{order.order_no}"
    assert footprint() == before


def test_nobody_else_sees_or_pays_an_order(committed: Market, order: PlacedOrder) -> None:
    before = footprint()
    for reader in (browser(committed.owner), browser(make_person(utc_now(), is_staff=True))):
        people_only = {key: value for key, value in footprint().items() if key != "identity_user"}
        assert reader.get(f"/pay/{order.order_no}").status_code == 404
        assert reader.post(f"/pay/{order.order_no}").status_code == 404
        assert {key: value for key, value in footprint().items() if key != "identity_user"} == people_only
    assert browser().post(f"/pay/{order.order_no}")["Location"].startswith("/sign-in")
    assert before["payments_intent"] == footprint()["payments_intent"]


@pytest.mark.parametrize("order_no", ["0", "nothing-like-it", "9" * 400])
def test_no_such_order(client: Client, order_no: str) -> None:
    assert client.get(f"/pay/{order_no}").status_code == 404
    assert client.post(f"/pay/{order_no}").status_code == 404


def test_paid_order_is_paid_after_its_handlers(client: Client, order: PlacedOrder) -> None:
    client.post(f"/pay/{order.order_no}")
    assert orders_queries.get_order(order.id).payment is PaymentState.UNPAID
    assert payments.get_intent(order.order_no).captured_at is not None
    teams.settle_down(utc_now())
    assert orders_queries.get_order(order.id).payment is PaymentState.PAID


def test_budget(client: Client, order: PlacedOrder, django_assert_num_queries: Budget) -> None:
    with django_assert_num_queries(9):
        client.get(f"/pay/{order.order_no}")
