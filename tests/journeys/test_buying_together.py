"""Buying together as people do it: in a browser, each with their own, from looking to having bought."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import translation
from playwright.sync_api import Page, expect

from tests.builders import goods, teams
from tests.builders.people import make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import FulfilmentState
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

SIZES_AND_LANGUAGES = [(360, "zh-hans"), (360, "en"), (1280, "zh-hans"), (1280, "en")]


def said_in(language: str, text: str) -> str:
    """A text of the pages in a language."""
    with translation.override(language):
        return translation.gettext(text)


def nothing_sticks_out(page: Page) -> None:
    """No page scrolls sideways; what would make it do so is named."""
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("main *")].filter(each => each.getBoundingClientRect().right > innerWidth)
                .map(each => `${each.tagName}.${each.getAttribute("class")}`)"""
    )
    assert wide == [], page.url


def review_and_pay(page: Page) -> None:
    """From the review through the cashier."""
    page.wait_for_url(re.compile("/checkout"))
    nothing_sticks_out(page)
    page.check("[name=accepts_reroute]")
    page.click("button[form=order]")
    page.wait_for_url(re.compile("/pay/"))
    nothing_sticks_out(page)
    page.click("main .cashier form button")
    page.wait_for_url(re.compile("/t/"))


@pytest.mark.parametrize(("width", "language"), SIZES_AND_LANGUAGES)
def test_open_pay_share_join_pay_formed(visit: Visit, width: int, language: str) -> None:
    now = utc_now()
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    goods.make_campaign(now, product, size=2)
    mei = make_person(now, "小梅", avatar="cat", has_password=True)
    lin = make_person(now, "林一", avatar="fox", has_password=True)

    # Mei finds something on the home page and opens a team from the sheet over it.
    first = visit(width=width, language=language)
    page = first.page
    page.goto("/")
    nothing_sticks_out(page)
    page.click(f"#products a[href='/p/{product.id}']")
    page.wait_for_url(re.compile(f"/p/{product.id}$"))
    expect(page.locator("dialog#sheet")).to_be_visible()
    page.click("dialog#sheet button[value=team]")
    page.wait_for_url(re.compile("/sign-in"))
    first.sign_in(mei)
    review_and_pay(page)
    link = page.locator("[data-share][data-url*='/s/']").first
    expect(link).to_be_attached()
    expect(page.locator(".countdown--l")).to_be_visible()
    nothing_sticks_out(page)
    share_url = link.get_attribute("data-url") or ""

    # Lin comes in by the link, on a device that nobody has signed in on.
    second = visit(width=width, language=language)
    second.page.goto(share_url)
    second.page.wait_for_url(re.compile(r"/t/.*\?via="))
    expect(second.page.locator(".people")).to_contain_text("小梅")
    nothing_sticks_out(second.page)
    second.page.click("#join button")
    second.page.wait_for_url(re.compile("/sign-in"))
    second.sign_in(lin)
    review_and_pay(second.page)

    # Both see it, Mei without touching anything.
    for one in (second.page, page):
        expect(one.locator("h1")).to_have_text(said_in(language, "The team is complete"))
        expect(one.locator(".people")).to_contain_text("林一")
        nothing_sticks_out(one)
    for person in (mei, lin):
        (order,) = orders.list_orders_of(person.id).items
        assert order.fulfilment is FulfilmentState.READY
    (conversion,) = alliance.list_conversions(mei.id).items
    assert conversion.amount_minor == 3_900


@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1280, "en")])
def test_team_that_does_not_fill_gives_the_money_back(visit: Visit, width: int, language: str) -> None:
    now = utc_now()
    product = goods.make_product(now)
    goods.make_campaign(now, product, size=3, team_ttl=timedelta(seconds=4))
    mei = make_person(now, "小梅", has_password=True)
    visitor = visit(width=width, language=language)
    page = visitor.page
    page.goto(f"/p/{product.id}")
    page.click("button[value=team]")
    visitor.sign_in(mei)
    review_and_pay(page)
    expect(page.locator("h1")).to_have_text(said_in(language, "Time ran out for this team"))
    order = page.locator(".my-seat a[href*='/orders/']")
    expect(order).to_be_visible()
    nothing_sticks_out(page)
    order.click()
    page.wait_for_url(re.compile("/orders/"))
    expect(page.locator(".timeline").last.locator(".timeline__step--done")).to_have_count(2)
    nothing_sticks_out(page)
    (after,) = orders.list_orders_of(mei.id).items
    (refund,) = orders.list_refunds(after.id)
    assert (after.refunded_minor, refund.returned_at is not None) == (3_900, True)


def test_bank_that_declines_and_bank_that_is_silent(visit: Visit) -> None:
    now = utc_now()
    product = goods.make_product(now)
    mei = make_person(now, "Mei", has_password=True)
    order_no = teams.buy_alone(now, mei, product).order_no
    visitor = visit()
    visitor.sign_in(mei)
    page = visitor.page
    page.wait_for_url(re.compile("/$"))
    page.goto(f"/pay/{order_no}")
    page.click("summary")
    page.click("button[value=decline]")
    page.wait_for_url(re.compile("declined"))
    expect(page.get_by_role("alert")).to_contain_text("Nothing was taken")
    page.click("summary")
    page.click("button[value=lost]")
    page.wait_for_url(re.compile("waiting"))
    expect(page.locator("h1")).to_have_text("Paid. The shop sends it next")


def test_buying_alone_without_scripts(visit: Visit) -> None:
    now = utc_now()
    product = goods.make_product(now)
    mei = make_person(now, "Mei", has_password=True)
    visitor = visit(has_scripts=False)
    page = visitor.page
    page.goto("/")
    page.click(f"#products a[href='/p/{product.id}']")
    page.click("button[value=alone]")
    visitor.sign_in(mei)
    page.click("button[form=order]")
    page.click("main .cashier form button")
    page.wait_for_url(re.compile("/orders/"))
    expect(page.locator("h1")).to_have_text("Paid. The shop sends it next")  # the page asks again by itself


def test_joining_a_team_without_scripts(visit: Visit) -> None:
    now = utc_now()
    product = goods.make_product(now)
    campaign = goods.make_campaign(now, product, size=2)
    team = teams.open_and_pay(now, make_person(now, "Mei"), campaign, product)
    lin = make_person(now, "Lin", has_password=True)
    visitor = visit(has_scripts=False)
    page = visitor.page
    page.goto(f"/t/{team.token}")
    page.click("#join button")
    visitor.sign_in(lin)
    page.click("button[form=order]")
    page.click("main .cashier form button")
    expect(page.locator("h1")).to_have_text("The team is complete")
    assert groupbuy.get_team(team.token).paid == 2


def test_variant_chosen_in_a_sheet_changes_its_prices(visit: Visit) -> None:
    now = utc_now()
    drafts = [
        goods.VariantDraft("茶轴", "Brown", goods.yuan(80_000), goods.yuan(70_000)),
        goods.VariantDraft("静电容", "Capacitive", goods.yuan(120_000), goods.yuan(100_000)),
    ]
    product = goods.make_product(now, variants=drafts)
    goods.make_campaign(now, product)
    page = visit().page
    page.goto("/")
    page.click(f"#products a[href='/p/{product.id}']")
    sheet = page.locator("dialog#sheet")
    expect(sheet.locator("button[value=team]")).to_contain_text("¥700")
    sheet.get_by_label("Capacitive").check()
    expect(sheet.locator("button[value=team]")).to_contain_text("¥1,000")
    sheet.locator("button[value=team]").click()
    page.wait_for_url(re.compile(f"sign-in.*variant%3D{product.variants[1].id}"))


def test_pages_hold_together_at_every_size(visit: Visit) -> None:
    now = utc_now()
    shop_owner, mei = make_person(now, "Zhou", has_password=True), make_person(now, "小梅", has_password=True)
    shop = goods.make_shop(
        now, owner_id=shop_owner.id, name="一家名字很长的小店" * 4, name_en="A shop by a long name " * 3
    )
    goods.make_plan(now, shop)
    product = goods.make_product(
        now, shop=shop, title="一个很长很长的名字" * 6, title_en="A very long name indeed " * 5, price=99_999_999
    )
    campaign = goods.make_campaign(now, product, size=5)
    team = teams.open_and_pay(now, mei, campaign, product)
    seat = teams.join_team(now, shop_owner, team.token, product)
    teams.buy_alone(now, mei, product, quantity=9)
    paths = [
        "/",
        f"/p/{product.id}",
        f"/t/{team.token}",
        "/cart",
        f"/checkout?way=team&variant={product.variants[0].id}&quantity=2",
        f"/pay/{seat.order_no}",
        "/orders",
        f"/orders/{seat.order_no}",
        "/earnings",
        "/earnings/links",
        f"/seller/{shop.id}",
        f"/seller/{shop.id}/orders",
        f"/seller/{shop.id}/teams",
        "/me",
    ]
    for width, language, theme in [(360, "zh-hans", "dark"), (768, "en", "light"), (1280, "zh-hans", "light")]:
        visitor = visit(width=width, language=language, theme=theme)
        visitor.sign_in(shop_owner)
        visitor.page.wait_for_url(re.compile("/$"))
        for path in paths:
            answer = visitor.page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            nothing_sticks_out(visitor.page)
