"""A browser in front of the gallery, on a server of its own that needs no database."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: while its driver runs an event loop in this thread, Django reads no database in it."""
    given = os.environ.get("WUYOU_CHROMIUM", "")
    program = given or shutil.which("chromium")
    if not program:
        pytest.skip("there is no Chromium on this machine")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def without_built_names(settings: Settings) -> None:
    """Static files keep their plain names, so that pages are drawn without a collected manifest."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def debug(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture
def gallery_address(debug: None) -> Iterator[str]:
    """Where the gallery answers while the test runs."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ui"
    server.shutdown()
    server.server_close()
    thread.join()
