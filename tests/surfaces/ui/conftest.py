"""A browser in front of the gallery, on a server of its own that needs no database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django import Settings

from tests.builders.browsers import serve_pages


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
def without_built_names(plain_static_files: None) -> None:
    """No page here needs a collected manifest."""


@pytest.fixture
def debug(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture
def gallery_address(debug: None) -> Iterator[str]:
    """Where the gallery answers while the test runs."""
    with serve_pages() as address:
        yield f"{address}/ui"
