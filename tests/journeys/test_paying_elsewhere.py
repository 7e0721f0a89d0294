"""Paying with a provider: on its page and back, or with a code that a phone reads; in a browser."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import segno
from playwright.sync_api import expect
from pytest_django import Settings

from tests.builders import goods, providers, teams
from tests.builders.people import make_person
from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import Double
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from tests.journeys.conftest import PATIENCE_MS, Visit, Visitor
from tests.journeys.test_buying_together import nothing_sticks_out, said_in
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)


def order_of(buyer: Person) -> str:
    now = utc_now()
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=make_person(now).id))
    return teams.buy_alone(now, buyer, product).order_no


def at_the_cashier(visitor: Visitor, person: Person, order_no: str) -> None:
    visitor.sign_in(person)
    visitor.page.wait_for_url(re.compile("/$"))
    visitor.page.goto(f"/pay/{order_no}")
    nothing_sticks_out(visitor.page)


def choose(visitor: Visitor, double: Double) -> None:
    visitor.page.locator(f"label:has([name=provider][value={double.name}])").click()
    visitor.page.locator("main form button").click()
    visitor.page.wait_for_url(re.compile("/onward$"))


@pytest.mark.parametrize(
    ("kind", "width", "language", "has_scripts"),
    [(AlipayDouble, 360, "zh-hans", True), (StripeDouble, 1280, "en", True), (AlipayDouble, 768, "en", False)],
)
def test_on_the_page_of_the_provider_and_back_to_the_order(
    visit: Visit,
    address: str,
    settings: Settings,
    tmp_path: Path,
    kind: type[Double],
    width: int,
    language: str,
    has_scripts: bool,
) -> None:
    settings.BASE_URL = address
    double, mei = kind(), make_person(utc_now(), "梅", has_password=True)
    with providers.accounts_with(settings, tmp_path, double, *([] if kind is AlipayDouble else [AlipayDouble()])):
        order_no = order_of(mei)
        payer = visit(width=width, language=language, has_scripts=has_scripts)
        at_the_cashier(payer, mei, order_no)
        choose(payer, double)
        nothing_sticks_out(payer.page)

        # It goes on by itself.
        payer.page.wait_for_url(re.compile(re.escape(double.url)))
        payer.page.get_by_role("button").click()

        # No notice comes: who comes back makes us ask.
        payer.page.wait_for_url(re.compile(f"/orders/{order_no}"))
        expect(payer.page.locator("main")).to_contain_text(said_in(language, "Paid. The shop sends it next"))
        assert double.held_minor() > 0


@pytest.mark.parametrize(("width", "language", "theme"), [(1280, "zh-hans", "light"), (768, "en", "dark")])
def test_a_code_is_read_with_a_phone_and_the_page_goes_on_by_itself(
    visit: Visit, address: str, settings: Settings, tmp_path: Path, width: int, language: str, theme: str
) -> None:
    settings.BASE_URL = address
    double, mei = WechatPayDouble(), make_person(utc_now(), "梅", has_password=True)
    with providers.accounts_with(settings, tmp_path, double):
        order_no = order_of(mei)
        payer = visit(width=width, language=language, theme=theme)
        at_the_cashier(payer, mei, order_no)
        choose(payer, double)
        nothing_sticks_out(payer.page)
        drawn = payer.page.locator(".cashier__code svg path").first.get_attribute("d")
        (code,) = [f"weixin://wxpay/bizpayurl?pr={token}" for token in double.codes]
        assert drawn in svg_of(code)

        double.pay(code)
        for notice in double.notices():
            assert providers.deliver(double.name, *notice).status_code == 200
        payer.page.wait_for_url(re.compile(f"/orders/{order_no}$"))
        expect(payer.page.locator("main")).to_contain_text(said_in(language, "Paid. The shop sends it next"))


def svg_of(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=6, border=4, light="#ffffff", xmldecl=False)
    return drawn.getvalue().decode()
