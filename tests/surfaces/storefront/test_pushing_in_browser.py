"""What only a browser shows of pushes: its worker says what came, not to who looks at a page, and opens it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import CDPSession, Page
from pytest_django import Settings

from tests.builders.browsers import browse, serve_pages
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("world")]

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
               .map((shown) => [shown.title, shown.body, shown.tag, shown.data])"""


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Where the pages answer while the test runs; nothing streams."""
    settings.STREAM_PORT = 0
    with serve_pages() as url:
        yield url


def register(page: Page) -> tuple[CDPSession, str]:
    """The worker of our pages, as the page of settings registers it; and what the browser calls it."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/worker.js', {scope: '/'}).then(() => navigator.serviceWorker.ready)"
    )
    page.wait_for_timeout(300)
    return session, found[-1]


def test_worker_says_what_came_unless_somebody_looks_at_a_page(now: datetime, address: str) -> None:
    client = browser(make_person(now, "小满"))
    client.get("/notifications/settings")  # what a first request loads is not the browser's to wait for
    shown: dict[str, object] = {}

    def look(page: Page) -> None:
        page.context.grant_permissions(["notifications"])
        page.goto("/notifications/settings")
        shown["state"] = page.locator("[data-state]:not([hidden])").get_attribute("data-state")
        session, registration = register(page)
        pushed = {"count": 1, "ids": [7], "text": "你有 1 条新通知。", "href": "/notifications"}

        def push() -> None:
            session.send(
                "ServiceWorker.deliverPushMessage",
                {"origin": address, "registrationId": registration, "data": json.dumps(pushed)},
            )
            page.wait_for_timeout(500)

        push()
        shown["in front"] = page.evaluate(SHOWN)
        page.goto("about:blank")
        push()
        page.goto("/notifications/settings")
        shown["gone"] = page.evaluate(SHOWN)

    complaints = browse(address, client, look)

    assert shown["state"] == "off"
    assert shown["in front"] == []
    assert shown["gone"] == [["物友 Wuyou", "你有 1 条新通知。", "wuyou", "/notifications"]]
    assert complaints == []
