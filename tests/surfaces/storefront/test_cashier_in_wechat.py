"""The cashier inside WeChat: the payer is named, the page carries a signed call, and only the provider is believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from tests.builders import providers, teams
from tests.builders.people import make_person
from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import PayerRefused
from tests.doubles.wechat_pay import OTHERS_PAYER, PAYER, WechatPayDouble
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

IN_WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
    "Mobile Safari/537.36 MicroMessenger/8.0.47.2560(0x28002F36) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN"
)
PATIENCE_S = 5


@pytest.fixture
def double(settings: Settings, tmp_path: Path) -> Iterator[WechatPayDouble]:
    made = WechatPayDouble()
    with providers.accounts_with(settings, tmp_path, made, AlipayDouble()):
        yield made


@pytest.fixture
def mei(committed: Market) -> Person:
    return make_person(utc_now(), "Mei")


@pytest.fixture
def client(mei: Person) -> Client:
    return in_wechat(mei)


@pytest.fixture
def order(double: WechatPayDouble, committed: Market, mei: Person) -> PlacedOrder:
    return teams.buy_alone(utc_now(), mei, committed.product)


def in_wechat(person: Person | None = None) -> Client:
    made = browser(person)
    made.defaults["HTTP_USER_AGENT"] = IN_WECHAT
    return made


def taken_minor() -> int:
    return ledger.get_balance(AccountRef(AccountKind.CLEARING, "wechat_pay", Currency.CNY)).amount_minor


def chosen(client: Client, order: PlacedOrder) -> str:
    """WeChat Pay is chosen; where the payer goes on to."""
    return client.post(f"/pay/{order.order_no}", {"provider": "wechat_pay"})["Location"]


def naming_page(client: Client, onward: str) -> str:
    """Where the page sends its reader to be named."""
    page = client.get(onward).content.decode()
    (by_itself,) = re.findall(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    assert "data-wechat-call" not in page
    return unescape(by_itself)


def sent_back(double: WechatPayDouble, page: str) -> str:
    """Where the provider's page sends the payer: the path and query of an address."""
    parts = urlsplit(page)
    assert f"{parts.scheme}://{parts.netloc}" == double.url
    connection = HTTPConnection(parts.netloc, timeout=PATIENCE_S)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return f"{back.path}?{back.query}"


def called(client: Client, back: str) -> str:
    """What the page calls the browser with."""
    (call,) = re.findall(r'data-wechat-call="([^"]+)"', client.get(back).content.decode())
    return unescape(call)


def begun(client: Client, double: WechatPayDouble, order: PlacedOrder) -> str:
    return called(client, sent_back(double, naming_page(client, chosen(client, order))))


def test_the_payer_is_named_calls_pays_and_the_order_is_released(
    client: Client, order: PlacedOrder, double: WechatPayDouble
) -> None:
    onward = chosen(client, order)
    back = sent_back(double, naming_page(client, onward))
    assert urlsplit(back).path == onward == f"/pay/{order.order_no}/onward"
    assert set(parse_qs(urlsplit(back).query)) == {"code", "state"}
    answer = client.get(back)
    assert "frame-src 'self' weixin:;" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    (call,) = re.findall(r'data-wechat-call="([^"]+)"', answer.content.decode())

    double.pay(unescape(call))
    providers.deliver("wechat_pay", *double.notices()[0])
    teams.settle_down(utc_now())

    paid = orders_queries.get_order(order.id)
    assert (paid.payment, paid.fulfilment) == (PaymentState.PAID, FulfilmentState.READY)
    assert taken_minor() == double.held_minor() == 5_900
    assert client.get(f"{onward}?seen=1")["HX-Redirect"] == f"/orders/{order.order_no}"


def test_the_payers_name_is_kept_nowhere(client: Client, order: PlacedOrder, double: WechatPayDouble) -> None:
    begun(client, double, order)
    assert double.orders[order.order_no].given["payer"] == {"openid": PAYER}
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert "naming_payer" not in str(kept)
    assert PAYER not in str(kept)
    for (table,) in db.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        found = db.rows(f'SELECT 1 FROM "{table}" AS t WHERE t::text LIKE %(like)s', {"like": f"%{PAYER}%"})
        assert found == [], table


def test_a_call_that_somebody_changed_or_another_payer_opens_pays_nothing(
    client: Client, order: PlacedOrder, double: WechatPayDouble
) -> None:
    call = json.loads(begun(client, double, order))
    for name in ("appId", "timeStamp", "nonceStr", "package"):
        with pytest.raises(PayerRefused, match="SIGN_ERROR"):
            double.pay(json.dumps(call | {name: f"{call[name]}1"}))
    double.payer = OTHERS_PAYER
    with pytest.raises(PayerRefused, match="another payer"):
        double.pay(json.dumps(call))
    assert double.held_minor() == 0


def test_who_is_not_named_is_told_and_nothing_is_placed(
    client: Client, order: PlacedOrder, double: WechatPayDouble
) -> None:
    double.is_naming = False
    back = sent_back(double, naming_page(client, chosen(client, order)))
    before = footprint()
    answer = client.get(back)
    assert answer["Location"] == f"/pay/{order.order_no}?result=nameless"
    assert "did not say who pays" in client.get(answer["Location"]).content.decode()
    assert double.orders == {}
    assert footprint() == before


def test_a_state_is_good_once_and_so_is_a_code(client: Client, order: PlacedOrder, double: WechatPayDouble) -> None:
    onward = chosen(client, order)
    back = sent_back(double, naming_page(client, onward))
    called(client, back)
    asked = list(double.asked)
    assert client.get(back)["Location"] == f"/pay/{order.order_no}?result=nameless"
    assert double.asked == asked

    # A code that was used, beside a state that is good.
    used = parse_qs(urlsplit(back).query)["code"][0]
    fresh = parse_qs(urlsplit(naming_page(client, onward)).query)["state"][0]
    answer = client.get(f"{onward}?{urlencode({'code': used, 'state': fresh})}")
    assert answer["Location"] == f"/pay/{order.order_no}?result=nameless"
    assert [each for each in double.asked if each.endswith("/jsapi")] == ["POST /v3/pay/transactions/jsapi"]


@pytest.mark.parametrize("state", ["", "0" * 32, "é", "\x00"])
def test_a_state_that_is_not_of_this_session_is_not_looked_at(
    client: Client, order: PlacedOrder, double: WechatPayDouble, state: str
) -> None:
    onward = chosen(client, order)
    naming_page(client, onward)
    double.payer_codes["a code of somebody else"] = PAYER
    answer = client.get(f"{onward}?{urlencode({'code': 'a code of somebody else', 'state': state})}")
    assert answer["Location"] == f"/pay/{order.order_no}?result=nameless"
    assert double.payer_codes == {"a code of somebody else": PAYER}
    assert double.orders == {}


def test_a_state_is_of_one_session_and_one_order(
    client: Client, order: PlacedOrder, double: WechatPayDouble, mei: Person, committed: Market
) -> None:
    back = sent_back(double, naming_page(client, chosen(client, order)))
    assert in_wechat(mei).get(back)["Location"] == f"/pay/{order.order_no}?result=nameless"

    another = teams.buy_alone(utc_now(), mei, committed.product)
    elsewhere = chosen(client, another)
    answer = client.get(f"{elsewhere}?{urlsplit(back).query}")
    assert answer["Location"] == f"/pay/{another.order_no}?result=nameless"
    assert double.orders == {}


def test_a_payer_of_another_official_account_is_refused(
    client: Client, order: PlacedOrder, double: WechatPayDouble
) -> None:
    double.payer = OTHERS_PAYER
    back = sent_back(double, naming_page(client, chosen(client, order)))
    assert client.get(back)["Location"] == f"/pay/{order.order_no}?result=refused"
    assert double.orders == {}


def test_an_answer_about_the_payer_that_never_comes_is_said_and_tried_again(
    client: Client, order: PlacedOrder, double: WechatPayDouble
) -> None:
    back = sent_back(double, naming_page(client, chosen(client, order)))
    double.lost_answers = 1
    assert client.get(back)["Location"] == f"/pay/{order.order_no}?result=unavailable"
    double.pay(begun(client, double, order))
    assert double.held_minor() == 5_900


def test_whatever_the_browser_says_the_provider_is_asked(
    client: Client, order: PlacedOrder, double: WechatPayDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments_rules, "LOOK_AGAIN_AFTER_S", 0)
    call, asked = begun(client, double, order), f"/pay/{order.order_no}/onward?seen=1&asked=1"
    # It says that it was paid, or cancelled: it was not paid.
    assert client.get(asked).status_code == 204
    assert taken_minor() == 0
    # It says nothing, and the notice is lost: it was paid.
    double.pay(call)
    assert client.get(asked)["HX-Redirect"].startswith(f"/orders/{order.order_no}")
    assert taken_minor() == double.held_minor() == 5_900


def test_who_cancels_and_pays_again_pays_once(client: Client, order: PlacedOrder, double: WechatPayDouble) -> None:
    first = begun(client, double, order)
    second = begun(client, double, order)
    double.pay(second)
    with pytest.raises(PayerRefused):
        double.pay(first)
    for notice in double.notices() * 2:
        providers.deliver("wechat_pay", *notice)
    assert taken_minor() == double.held_minor() == 5_900


def test_who_cancels_and_pays_in_another_way_pays_once(
    client: Client, order: PlacedOrder, double: WechatPayDouble, mei: Person, committed: Market
) -> None:
    call = begun(client, double, order)
    # On a desk the same order has no second way there, and it is said where it goes on.
    onward = f"/pay/{order.order_no}/onward"
    answer = browser(mei).get(onward)
    assert answer["Location"] == f"/pay/{order.order_no}?result=elsewhere"
    assert "in another browser" in browser(mei).get(answer["Location"]).content.decode()
    assert double.orders[order.order_no].state == "NOTPAY"

    # Given up, it is shut at the provider, and the open page pays nothing any more.
    db.in_transaction(lambda: orders.close_order(order_id=order.id, now=utc_now()))
    payments_tasks.reconcile_due_charges(utc_now() + timedelta(seconds=5))
    with pytest.raises(PayerRefused, match="CLOSED"):
        double.pay(call)
    again = teams.buy_alone(utc_now(), mei, committed.product)
    answer = client.post(f"/pay/{again.order_no}", {"provider": "alipay"})
    assert "data-wechat-call" not in client.get(answer["Location"]).content.decode()
    assert payments.get_intent(order.order_no).captured_at is None
    assert double.held_minor() == taken_minor() == 0


def test_who_began_on_a_desk_is_told_to_go_on_there(
    client: Client, order: PlacedOrder, double: WechatPayDouble, mei: Person
) -> None:
    assert "<svg" in browser(mei).get(chosen(client, order)).content.decode()
    back = sent_back(double, naming_page(client, f"/pay/{order.order_no}/onward"))
    assert client.get(back)["Location"] == f"/pay/{order.order_no}?result=elsewhere"


def test_an_order_of_somebody_else_names_nobody(
    client: Client, order: PlacedOrder, double: WechatPayDouble, committed: Market
) -> None:
    back = sent_back(double, naming_page(client, chosen(client, order)))
    assert in_wechat(committed.owner).get(back).status_code == 404
    assert in_wechat().get(back)["Location"].startswith("/sign-in")
    assert double.orders == {}


@pytest.mark.parametrize("agent", [IN_WECHAT + " wxwork/4.1", IN_WECHAT + " miniProgram/wx123", "Mozilla/5.0 Mobile"])
def test_outside_of_wechats_own_browser_it_is_as_on_every_phone(
    client: Client, order: PlacedOrder, double: WechatPayDouble, agent: str
) -> None:
    page = client.get(chosen(client, order), headers={"User-Agent": agent}).content.decode()
    assert f"{double.url}/h5" in page
    assert double.orders[order.order_no].trade == "h5"


def test_without_the_secret_of_the_official_account_it_is_as_on_every_phone(
    client: Client, committed: Market, mei: Person, settings: Settings, tmp_path: Path
) -> None:
    double = WechatPayDouble(has_app_secret=False)
    with providers.accounts_with(settings, tmp_path, double):
        order = teams.buy_alone(utc_now(), mei, committed.product)
        page = client.get(chosen(client, order)).content.decode()
        assert f"{double.url}/h5" in page
