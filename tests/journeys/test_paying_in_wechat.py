"""Paying inside WeChat: its own browser names the payer, opens the payment, and is never believed about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.builders import providers
from tests.builders.people import make_person
from tests.doubles.server import PayerRefused
from tests.doubles.wechat_pay import WechatPayDouble
from tests.journeys.conftest import PATIENCE_MS, Visit, Visitor
from tests.journeys.test_buying_together import nothing_sticks_out, said_in
from tests.journeys.test_paying_elsewhere import at_the_cashier, order_of
from tests.surfaces.storefront.test_cashier_in_wechat import IN_WECHAT
from wuyou.domains.payments import queries as payments
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

BRIDGE = """
const told = (done) => (said) => done({err_msg: said});
const bridge = {invoke: (name, call, done) => window.weixin(name, JSON.stringify(call)).then(told(done))};
const begin = () => { window.WeixinJSBridge = bridge; document.dispatchEvent(new Event("WeixinJSBridgeReady")); };
if (LATE) addEventListener("load", () => setTimeout(begin, 300)); else window.WeixinJSBridge = bridge;
"""


@pytest.fixture
def double(settings: Settings, address: str, tmp_path: Path) -> Iterator[WechatPayDouble]:
    settings.BASE_URL = address
    made = WechatPayDouble()
    with providers.accounts_with(settings, tmp_path, made):
        yield made


def app_around(payer: Visitor, double: WechatPayDouble, answers: list[str], *, is_late: bool = False) -> list[str]:
    """WeChat around the page: each call gets the next answer; `paid…` pays first. Returns the calls, as they come."""
    calls: list[str] = []

    def answer(name: str, call: str) -> str:
        assert name == "getBrandWCPayRequest"
        calls.append(call)
        said = answers.pop(0)
        if said.startswith("paid"):
            try:
                double.pay(call)
            except PayerRefused:
                return "get_brand_wcpay_request:fail"
        return f"get_brand_wcpay_request:{said.rpartition(' ')[2]}"

    payer.context.expose_function("weixin", answer)
    payer.context.add_init_script(f"const LATE = {str(is_late).lower()};{BRIDGE}")
    return calls


def choose_wechat_pay(payer: Visitor) -> None:
    payer.page.locator("label:has([name=provider][value=wechat_pay])").click()
    payer.page.locator("main form button").click()


@pytest.mark.parametrize(("width", "language", "is_late"), [(360, "zh-hans", False), (1280, "en", True)])
def test_the_payment_opens_by_itself_and_leads_to_the_order(
    visit: Visit, double: WechatPayDouble, width: int, language: str, is_late: bool
) -> None:
    mei = make_person(utc_now(), "梅", has_password=True)
    order_no = order_of(mei)
    payer = visit(width=width, language=language, agent=IN_WECHAT)
    calls = app_around(payer, double, ["paid ok"], is_late=is_late)
    at_the_cashier(payer, mei, order_no)
    choose_wechat_pay(payer)

    # No notice comes: who comes back makes us ask.
    payer.page.wait_for_url(re.compile(f"/orders/{order_no}"))
    expect(payer.page.locator("main")).to_contain_text(said_in(language, "Paid. The shop sends it next"))
    assert len(calls) == 1
    assert double.held_minor() > 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_who_cancels_is_told_so_and_pays_once_after_all(visit: Visit, double: WechatPayDouble, language: str) -> None:
    mei = make_person(utc_now(), "梅", has_password=True)
    order_no = order_of(mei)
    payer = visit(width=360, language=language, agent=IN_WECHAT)
    calls = app_around(payer, double, ["cancel", "paid cancel", "paid ok"])
    at_the_cashier(payer, mei, order_no)
    choose_wechat_pay(payer)
    expect(payer.page.locator("[data-unpaid]")).to_be_visible()
    expect(payer.page.locator("[data-unpaid]")).to_contain_text(said_in(language, "Not paid yet"))
    nothing_sticks_out(payer.page)
    assert payments.get_intent(order_no).captured_at is None

    # The app says that it was cancelled, and it was paid.
    payer.page.locator("[data-wechat-call] button").click()
    payer.page.wait_for_url(re.compile(f"/orders/{order_no}"))
    expect(payer.page.locator("main")).to_contain_text(said_in(language, "Paid. The shop sends it next"))
    assert len(calls) == 2
    assert double.held_minor() == payments.get_intent(order_no).amount.amount_minor


def test_an_app_that_says_paid_is_not_believed(visit: Visit, double: WechatPayDouble) -> None:
    mei = make_person(utc_now(), "梅", has_password=True)
    order_no = order_of(mei)
    payer = visit(width=360, agent=IN_WECHAT)
    app_around(payer, double, ["ok", "paid ok"])
    at_the_cashier(payer, mei, order_no)
    choose_wechat_pay(payer)
    payer.page.wait_for_url(re.compile(f"/orders/{order_no}"))
    payer.page.get_by_role("link", name="I have not paid yet").click()
    payer.page.wait_for_url(re.compile(f"/pay/{order_no}$"))
    assert payments.get_intent(order_no).captured_at is None
    assert double.held_minor() == 0

    choose_wechat_pay(payer)
    payer.page.wait_for_url(re.compile(f"/orders/{order_no}"))
    expect(payer.page.locator("main")).to_contain_text("Paid. The shop sends it next")


def test_who_is_not_named_comes_back_to_the_cashier(visit: Visit, double: WechatPayDouble) -> None:
    double.is_naming = False
    mei = make_person(utc_now(), "梅", has_password=True)
    order_no = order_of(mei)
    payer = visit(width=360, language="zh-hans", agent=IN_WECHAT)
    app_around(payer, double, [])
    at_the_cashier(payer, mei, order_no)
    choose_wechat_pay(payer)
    payer.page.wait_for_url(re.compile(f"/pay/{order_no}\\?result=nameless"))
    expect(payer.page.locator("main")).to_contain_text(
        said_in("zh-hans", "WeChat did not say who pays. Nothing was taken; you can try again.")
    )
    nothing_sticks_out(payer.page)
