"""What only a browser shows: pages on a free port, and a browser that looks at them."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Literal

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Page, sync_playwright

Theme = Literal["light", "dark"]
Look = Callable[[Page], object]


class _Closing(QuietWSGIRequestHandler):
    """Gives its thread's connection back when the browser hangs up."""

    def finish(self) -> None:
        super().finish()
        connections.close_all()


@contextmanager
def serve_pages() -> Iterator[str]:
    """Where the pages answer meanwhile."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Closing)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def width_at(page: Page, width: int, height: int) -> int:
    """How wide the page is in a window of this size, once it has been drawn there."""
    page.set_viewport_size({"width": width, "height": height})
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollWidth)))"
    return int(page.evaluate(f"new Promise(done => {frames})"))


def browse(address: str, client: Client, look: Look, *, language: str = "en-US", theme: Theme = "light") -> list[str]:
    """Let a browser look with this client's cookies, on a phone at first, and return what it complained about.

    In a thread of its own: the browser's event loop would forbid this one to use the database.
    """
    program = os.environ.get("WUYOU_CHROMIUM", "") or shutil.which("chromium")
    if not program:
        pytest.skip("there is no Chromium on this machine")
    cookies = [{"name": name, "value": each.value, "url": address} for name, each in client.cookies.items()]
    complaints: list[str] = []

    def run() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(
                locale=language, color_scheme=theme, base_url=address, viewport={"width": 360, "height": 780}
            )
            context.add_cookies(cookies)  # type: ignore[arg-type]  (the three keys that a cookie needs)
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            try:
                look(page)
            finally:
                browser.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()
    return complaints
