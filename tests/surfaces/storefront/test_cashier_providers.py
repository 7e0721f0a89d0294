"""The cashier of an installation that has accounts: who pays chooses, goes on, comes back, and is believed once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.builders import providers, teams
from tests.builders.people import make_person
from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import Double
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.orders.types import FulfilmentState, PaymentState, PlacedOrder
from wuyou.domains.payments import queries as payments
from wuyou.domains.payments import rules as payments_rules
from wuyou.domains.payments import tasks as payments_tasks
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency
from wuyou.surfaces.storefront.pages import orders as orders_pages

Budget = Callable[[int], AbstractContextManager[object]]

DOUBLES: list[type[Double]] = [AlipayDouble, WechatPayDouble, StripeDouble]
BY_ADDRESS: list[type[Double]] = [AlipayDouble, StripeDouble]


@pytest.fixture
def doubles(settings: Settings, tmp_path: Path) -> Iterator[dict[str, Double]]:
    """Accounts with all of them."""
    made = [kind() for kind in DOUBLES]
    with providers.accounts_with(settings, tmp_path, *made):
        yield {double.name: double for double in made}


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def client(mei: Person) -> Client:
    return browser(mei)


@pytest.fixture
def order(doubles: dict[str, Double], committed: Market, mei: Person) -> PlacedOrder:
    return teams.buy_alone(utc_now(), mei, committed.product)


def taken_minor(provider: str) -> int:
    return ledger.get_balance(AccountRef(AccountKind.CLEARING, provider, Currency.CNY)).amount_minor


def target_on(page: str) -> str:
    """Where the page sends its reader, twice: by itself, and by the button."""
    (by_itself,) = re.findall(r'<meta http-equiv="refresh" content="1; url=([^"]+)">', page)
    (by_hand,) = re.findall(r'<a class="button button--primary[^>]*href="([^"]+)"', page)
    assert by_itself == by_hand
    return unescape(by_hand)


def test_it_offers_who_the_installation_has_accounts_with_and_not_the_sandbox(
    client: Client, order: PlacedOrder
) -> None:
    page = client.get(f"/pay/{order.order_no}").content.decode()
    assert "not a real bank" not in page
    assert "Try what can go wrong" not in page
    assert re.findall(r'name="provider" value="(\w+)"', page) == [kind.name for kind in DOUBLES]


@pytest.mark.parametrize("kind", BY_ADDRESS, ids=lambda kind: kind.name)
def test_paying_leads_on_and_back_and_the_order_is_released(
    client: Client, order: PlacedOrder, doubles: dict[str, Double], kind: type[Double]
) -> None:
    double = doubles[kind.name]
    answer = client.post(f"/pay/{order.order_no}", {"provider": double.name})
    assert answer["Location"] == f"/pay/{order.order_no}/onward"
    target = target_on(client.get(answer["Location"]).content.decode())
    assert target.startswith(double.url)
    assert client.get(f"{answer['Location']}?seen=1").status_code == 204

    double.pay(target)
    providers.deliver(double.name, *double.notices()[0])
    teams.settle_down(utc_now())

    paid = orders_queries.get_order(order.id)
    assert (paid.payment, paid.fulfilment) == (PaymentState.PAID, FulfilmentState.READY)
    assert taken_minor(double.name) == double.held_minor() == 5_900
    assert client.get(answer["Location"])["Location"] == f"/orders/{order.order_no}"
    assert client.get(f"{answer['Location']}?seen=1")["HX-Redirect"] == f"/orders/{order.order_no}"


def test_a_code_is_shown_and_the_page_goes_on_when_it_was_read(
    client: Client, order: PlacedOrder, doubles: dict[str, Double]
) -> None:
    double = doubles["wechat_pay"]
    assert isinstance(double, WechatPayDouble)
    onward = client.post(f"/pay/{order.order_no}", {"provider": "wechat_pay"})["Location"]
    page = client.get(onward).content.decode()
    assert "<svg" in page
    assert 'content="1; url' not in page
    assert f'href="/orders/{order.order_no}?waiting=1"' in page
    assert client.get(f"{onward}?seen=1").status_code == 204
    (code,) = double.codes
    double.pay(f"weixin://wxpay/bizpayurl?pr={code}")
    providers.deliver(double.name, *double.notices()[0])
    assert client.get(f"{onward}?seen=1")["HX-Redirect"] == f"/orders/{order.order_no}"
    assert taken_minor("wechat_pay") == double.held_minor() == 5_900


def test_a_provider_that_does_not_answer_or_refuses_is_said(
    client: Client, order: PlacedOrder, doubles: dict[str, Double]
) -> None:
    double = doubles["wechat_pay"]
    assert isinstance(double, WechatPayDouble)
    onward = client.post(f"/pay/{order.order_no}", {"provider": "wechat_pay"})["Location"]
    double.is_down = True
    answer = client.get(onward)
    assert answer["Location"] == f"/pay/{order.order_no}?result=unavailable"
    assert "did not answer" in client.get(answer["Location"]).content.decode()
    double.is_down = False
    client.get(onward)
    double.orders[order.order_no].state = "CLOSED"
    answer = client.get(onward)
    assert answer["Location"] == f"/pay/{order.order_no}?result=refused"
    assert "cannot take this order" in client.get(answer["Location"]).content.decode()
    assert taken_minor("wechat_pay") == 0


@pytest.mark.parametrize("kind", BY_ADDRESS, ids=lambda kind: kind.name)
def test_who_comes_back_before_the_notice_makes_us_ask(
    client: Client, order: PlacedOrder, doubles: dict[str, Double], kind: type[Double], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_pages, "ASK_AFTER", timedelta(0))
    monkeypatch.setattr(payments_rules, "LOOK_AGAIN_AFTER_S", 0)
    double = doubles[kind.name]
    client.post(f"/pay/{order.order_no}", {"provider": double.name})
    target = target_on(client.get(f"/pay/{order.order_no}/onward").content.decode())
    waiting = client.get(f"/orders/{order.order_no}?waiting=1").content.decode()
    assert "I have not paid yet" in waiting
    double.pay(target)
    assert "Payment received, one moment" in client.get(f"/orders/{order.order_no}?waiting=1").content.decode()
    assert taken_minor(double.name) == 5_900


def test_who_was_sent_to_one_provider_is_not_sent_to_another(
    client: Client, order: PlacedOrder, doubles: dict[str, Double]
) -> None:
    first = DOUBLES[0].name
    client.post(f"/pay/{order.order_no}", {"provider": first})
    before = footprint()
    page = client.get(f"/pay/{order.order_no}").content.decode()
    assert re.findall(r'name="provider" value="(\w+)"', page) == [first]
    assert "can only be paid there" in page
    for other in {kind.name for kind in DOUBLES} - {first}:
        answer = client.post(f"/pay/{order.order_no}", {"provider": other})
        assert answer["Location"] == f"/pay/{order.order_no}?result=begun"
        assert "begun with another provider" in client.get(answer["Location"]).content.decode()
    assert footprint() == before


@pytest.mark.parametrize("provider", ["sandbox", "moon", "'; --"])
def test_who_is_not_offered_is_not_asked(client: Client, order: PlacedOrder, provider: str) -> None:
    before = footprint()
    assert client.post(f"/pay/{order.order_no}", {"provider": provider}).status_code == 404
    assert footprint() == before


def test_an_order_of_the_time_of_the_sandbox_is_not_paid_with_play_money(
    committed: Market, client: Client, mei: Person, settings: Settings, tmp_path: Path
) -> None:
    order = teams.buy_alone(utc_now(), mei, committed.product)
    client.post(f"/pay/{order.order_no}", {"fault": "decline"})
    with providers.accounts_with(settings, tmp_path, AlipayDouble()):
        before = footprint()
        assert client.post(f"/pay/{order.order_no}").status_code == 404
        assert "There is no way to pay" in client.get(f"/pay/{order.order_no}").content.decode()
        assert footprint() == before


def test_nobody_is_sent_on_before_they_have_chosen_or_with_an_order_of_others(
    client: Client, order: PlacedOrder, committed: Market, doubles: dict[str, Double]
) -> None:
    assert client.get(f"/pay/{order.order_no}/onward")["Location"] == f"/pay/{order.order_no}"
    client.post(f"/pay/{order.order_no}", {"provider": DOUBLES[0].name})
    assert browser(committed.owner).get(f"/pay/{order.order_no}/onward").status_code == 404
    assert browser().get(f"/pay/{order.order_no}/onward")["Location"].startswith("/sign-in")
    assert all(double.asked == [] for double in doubles.values())


def test_an_order_that_was_given_up_leads_nowhere(
    client: Client, order: PlacedOrder, doubles: dict[str, Double]
) -> None:
    client.post(f"/pay/{order.order_no}", {"provider": DOUBLES[0].name})
    db.in_transaction(lambda: orders.close_order(order_id=order.id, now=utc_now()))
    assert client.get(f"/pay/{order.order_no}/onward")["Location"] == f"/orders/{order.order_no}"
    payments_tasks.reconcile_due_charges(utc_now())
    assert payments.get_intent(order.order_no).captured_at is None


def test_budgets(client: Client, order: PlacedOrder, django_assert_num_queries: Budget) -> None:
    with django_assert_num_queries(9):
        client.get(f"/pay/{order.order_no}")
    client.post(f"/pay/{order.order_no}", {"provider": DOUBLES[0].name})
    with django_assert_num_queries(7):
        client.get(f"/pay/{order.order_no}/onward?seen=1")
