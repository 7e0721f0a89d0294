"""The whole platform for a browser: pages on a free port, and a worker that hands out events and keeps the schedule.

Both run in threads of this process on the test's committed database, with the code that `wuyou web` and `wuyou worker`
run; only their loops are of the test, so that they end with it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection, connections
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import Settings

from tests.builders.people import PASSWORD
from wuyou.domains.groupbuy import tasks as groupbuy
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import tasks as orders
from wuyou.domains.payments import tasks as payments
from wuyou.domains.payments.providers.sandbox import post_to
from wuyou.infra import events
from wuyou.kernel.clock import utc_now

TICK_S = 0.1
PATIENCE_MS = 20_000
HEIGHTS = {360: 780, 768: 1024, 1280: 900}


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """One browser for a module's journeys.

    Its driver runs an event loop in this thread until it is closed. Beside one, Django reads no database unless it is
    told to mind none, and keeps connections of their own, which end with it.
    """
    program = os.environ.get("WUYOU_CHROMIUM", "")
    if not program:
        pytest.skip("WUYOU_CHROMIUM names no browser: journeys are not walked (`make test` finds or installs one)")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()
        connections.close_all()


@pytest.fixture(autouse=True)
def plain_names(settings: Settings, plain_static_files: None) -> None:
    """Static files come from their sources, and nothing streams unless it is asked."""
    settings.STREAM_PORT = 0


@dataclass
class Visitor:
    """Somebody's own browser. What it complains of fails the test."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, person: Person) -> None:
        """Fill in the sign-in form that stands there now, or go there first."""
        if "/sign-in" not in self.page.url:
            self.page.goto("/sign-in")
        self.page.fill("[name=handle]", person.handle)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button")


Visit = Callable[..., Visitor]


@pytest.fixture
def address(world: None, chromium: Browser) -> Iterator[str]:
    """Where the platform answers while the test runs."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.daemon_threads = False  # closing waits for the answers under way, and for their database connections
    server.set_app(WSGIHandler())
    pages = threading.Thread(target=server.serve_forever, daemon=True)
    pages.start()
    url = f"http://127.0.0.1:{server.server_port}"
    stopping = threading.Event()
    worker = threading.Thread(target=_work, args=[stopping, url], daemon=True)
    worker.start()
    yield url
    stopping.set()
    worker.join()
    server.shutdown()
    server.server_close()
    pages.join()


@pytest.fixture
def visit(address: str, chromium: Browser) -> Iterator[Visit]:
    """Give somebody a browser of their own: `visit(width=360, language="zh-hans")`."""
    visitors: list[Visitor] = []

    def open_browser(
        *,
        width: int = 360,
        language: str = "en",
        theme: str = "light",
        has_scripts: bool = True,
        agent: str | None = None,
    ) -> Visitor:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": HEIGHTS[width]},
            java_script_enabled=has_scripts,
            user_agent=agent,
            has_touch=width < 768,
        )
        context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": address},
                {"name": "theme", "value": theme, "url": address},
            ]
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context.new_page(), context)
        page = visitor.page
        page.on(
            "console", lambda said: visitor.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitors.append(visitor)
        return visitor

    yield open_browser
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.complaints for visitor in visitors] == [[] for _ in visitors]


def _work(stopping: threading.Event, url: str) -> None:
    send, subscribers = post_to(url), events.subscribers()
    try:
        while not stopping.wait(TICK_S):
            now = utc_now()
            events.drain(subscribers, now)
            groupbuy.expire_due_teams(now)
            orders.close_unpaid_orders(now)
            payments.submit_due_refunds(now)
            payments.reconcile_due_charges(now)
            payments.deliver_due_notices(now, send)
    finally:
        connection.close()
