"""Two people talk, each in a browser of their own: what one says is before the other without being asked for."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import make_person
from tests.builders.streams import streaming
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)


def make_friends(now: datetime) -> tuple[Person, Person]:
    """Two friends who can sign in."""
    mei, lin = (make_person(now, name, has_password=True) for name in ("梅", "林小溪"))
    social.befriend(now, mei, lin)
    return mei, lin


def test_what_is_said_comes_in_live_and_is_seen(visit: Visit, address: str, settings: Settings) -> None:
    now = utc_now()
    mei, lin = make_friends(now)
    pair = talk.open_with(now, mei, lin)
    talk.say(now, mei, pair, "周六去爬山吗")
    with streaming(web_port=urlsplit(address).port or 0) as stream:
        settings.STREAM_PORT = stream.port
        phone, desk = visit(width=360, language="zh-hans"), visit(width=1280, language="en")
        phone.sign_in(lin)
        expect(phone.page.locator('[data-count="talk"]')).to_have_text("1")
        desk.sign_in(mei)
        desk.page.goto(f"/talk/{pair}")

        phone.page.click(".rail__item[href='/talk']")
        nothing_sticks_out(phone.page)
        phone.page.click(".talk-row")
        expect(phone.page.locator("#new")).to_be_visible()
        expect(desk.page.locator(".room__seen")).to_have_text("Seen")
        phone.page.fill("[name=text]", "去,几点")
        phone.page.click(".say__send")

        expect(phone.page.locator(".bubble-row--mine .bubble__text")).to_have_text("去,几点")
        expect(desk.page.locator(".bubble-row:not(.bubble-row--mine) .bubble__text")).to_have_text("去,几点")
        expect(desk.page.locator(".talk-row__said")).to_have_text("去,几点")
        desk.page.locator("[name=text]").press_sequentially("八点")
        desk.page.keyboard.press("Enter")
        expect(phone.page.locator(".bubble__text").last).to_have_text("八点")
        for visitor in (phone, desk):
            nothing_sticks_out(visitor.page)
            visitor.page.goto("about:blank")  # before the program ends, of which a page would complain


def test_without_scripts_the_same_forms_are_pages(visit: Visit) -> None:
    now = utc_now()
    mei, lin = make_friends(now)
    pair = talk.open_with(now, mei, lin)
    talk.say(now, mei, pair, "在吗")
    phone = visit(width=360, has_scripts=False)
    phone.sign_in(lin)
    phone.page.goto(f"/talk/{pair}")
    phone.page.click("[data-mark] button")
    expect(phone.page.locator("[data-mark]")).to_have_count(0)

    phone.page.fill("[name=text]", "在")
    phone.page.click(".say__send")

    expect(phone.page.locator(".bubble-row--mine .bubble__text")).to_have_text("在")
    nothing_sticks_out(phone.page)
