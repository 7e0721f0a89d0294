"""Passkeys in a browser: made, signed in with, asked for after a password, and taken away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.builders.people import make_person
from tests.journeys.conftest import Visit, Visitor
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.identity import queries as identity
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey


def with_authenticator(visitor: Visitor) -> Visitor:
    """Give a browser the lock of a device, which says yes by itself."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return visitor


def test_a_passkey_signs_in_where_it_was_made_and_nowhere_else(address: str, visit: Visit) -> None:
    here = address.replace("127.0.0.1", "localhost")  # passkeys know hosts by name only
    lin = make_person(utc_now(), "林一", has_password=True)
    own = with_authenticator(visit(language="zh-hans"))
    page = own.page

    page.goto(f"{here}/sign-in?next=/account/passkeys/add")
    own.sign_in(lin)
    page.wait_for_url(re.compile("/account/passkeys/add"))
    nothing_sticks_out(page)
    page.fill("[name=name]", "我的手机")
    page.click("form[data-passkey] button")
    page.wait_for_url(re.compile("/account/recovery-codes"))
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    assert identity.ways_in(lin.id).passkeys == 1

    # Signed in by it alone: it is both what one has and who one is.
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{here}/sign-in?next=/account")
    page.click("form[data-passkey] button")
    page.wait_for_url(re.compile("[^=]/account$"))
    expect(page.locator("main")).to_contain_text("我的手机")
    nothing_sticks_out(page)

    # After the password it is asked for as well.
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{here}/sign-in?next=/account")
    own.sign_in(lin)
    page.wait_for_url(re.compile("/sign-in/second"))
    page.click("form[data-passkey] button")
    page.wait_for_url(re.compile("[^=]/account$"))

    # A device without it gets in neither by a passkey nor by the password alone.
    other = with_authenticator(visit())
    other.page.goto(f"{here}/sign-in")
    other.page.click("form[data-passkey] button")
    expect(other.page.locator("[data-passkey-said]")).to_contain_text("The passkey was not used")
    other.sign_in(lin)
    other.page.wait_for_url(re.compile("/sign-in/second"))
    other.page.goto(f"{here}/account")
    other.page.wait_for_url(re.compile("/sign-in"))

    page.click("a[href*='/remove']")
    page.click("main form button")
    page.wait_for_url(re.compile("[^=]/account$"))
    assert identity.ways_in(lin.id).passkeys == 0
