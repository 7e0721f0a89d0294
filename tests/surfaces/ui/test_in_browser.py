"""What only a browser shows: nothing sticks out, sheets keep the page below, scripts add to what works without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders.browsers import width_at
from wuyou.surfaces.ui import gallery

pytestmark = [pytest.mark.urls("tests.surfaces.ui.urls"), pytest.mark.journey]

WIDTHS = {360: 780, 768: 1024, 1280: 860}
LEAST_TARGET_PX = 24  # WCAG 2.2, 2.5.8

Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, gallery_address: str) -> Iterator[Open]:
    """Open a page of the gallery on a phone; a complaint of the browser fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_it(path: str = "", language: str = "en-US", scripts: bool = True, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": 360, "height": 780},
            locale=language,
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(gallery_address + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "light"), ("en-US", "dark")])
@pytest.mark.parametrize("path", ["", *(f"/patterns/{name}" for name in gallery.PATTERNS)])
def test_nothing_sticks_out_and_every_target_can_be_hit(
    open_page: Open, path: str, language: str, theme: Literal["light", "dark"]
) -> None:
    page = open_page(path, language, theme=theme)
    for width, height in WIDTHS.items():
        assert width_at(page, width, height) == width
        small = page.evaluate(
            """least => [...document.querySelectorAll('button, select, input:not([type=hidden]), .button, nav a')]
                .filter(element => element.checkVisibility() && !element.matches('.choice input'))
                .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
                .filter(([, box]) => box.width > 1 && (box.width < least || box.height < least))
                .map(([html, box]) => `${html} ${box.width}x${box.height}`)""",
            LEAST_TARGET_PX,
        )
        assert small == []


def test_sheet_opens_over_the_page_and_every_way_out_returns_to_it(open_page: Open) -> None:
    page = open_page("/patterns/home")
    home = page.url
    page.evaluate("window.isStillHere = true; scrollTo(0, 500)")
    card = page.locator("a[data-sheet]").nth(4)
    sheet = page.locator("#sheet")

    def close_with_back() -> None:
        page.go_back()

    ways_out: list[Callable[[], None]] = [
        lambda: page.keyboard.press("Escape"),
        lambda: sheet.locator(".sheet__close button").click(),
        lambda: page.mouse.click(180, 20),
        close_with_back,
    ]
    for leave in ways_out:
        card.click()
        expect(sheet.locator("#sheet-title")).to_be_visible()
        assert page.url.endswith("/patterns/product")
        expect(page).to_have_title("Teddy bear that can be washed at 60°")
        leave()
        expect(sheet).to_be_hidden()
        page.wait_for_url(home)
        expect(page).to_have_title("Home · 物友 Wuyou")
        assert page.evaluate("[window.isStillHere, scrollY]") == [True, 500]
    page.go_forward()
    expect(sheet.locator("#sheet-title")).to_be_visible()


def test_sheet_reloaded_is_the_page_itself_and_back_is_the_page_below(open_page: Open) -> None:
    page = open_page("/patterns/home")
    page.locator("a[data-sheet]").first.click()
    expect(page.locator("#sheet #sheet-title")).to_be_visible()
    page.reload()
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("main #sheet-title")).to_be_visible()
    page.go_back()
    expect(page.locator(".card-grid")).to_be_visible()


def test_list_grows_to_its_end(open_page: Open) -> None:
    page = open_page("/patterns/home")
    cards = page.locator(".product-card")
    expect(cards).to_have_count(12)
    for count in (24, 36):
        page.locator(".more").scroll_into_view_if_needed()
        expect(cards).to_have_count(count)
    expect(page.locator(".more")).to_have_text("That is all for now")


def test_clock_ticks_stepper_stops_at_its_bounds_and_theme_stays(open_page: Open) -> None:
    page = open_page("/patterns/team")
    clock = page.locator(".countdown--l [data-clock]")
    shown = clock.inner_text()
    assert shown.startswith("03:1")
    expect(clock).not_to_have_text(shown)
    page.locator(".switch__to-dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page = open_page("/patterns/product")
    fewer, more = page.locator("[data-step='-1']"), page.locator("[data-step='1']")
    expect(fewer).to_be_disabled()
    for _ in range(4):
        more.click()
    expect(page.locator(".stepper__input")).to_have_value("5")
    expect(more).to_be_disabled()
    expect(fewer).to_be_enabled()


def test_form_is_sent_once(open_page: Open) -> None:
    page = open_page("/patterns/sign-in")
    page.locator("#sample_phone").fill("13800000000")
    sent = page.evaluate(
        """() => {
            let sent = 0;
            document.addEventListener("submit", (event) => { sent += 1; event.preventDefault(); });
            const button = document.querySelector("main .button--primary");
            button.click();
            button.click();
            return sent;
        }"""
    )
    assert sent == 1
    expect(page.locator("main .button--primary")).to_have_class("button button--primary button--wide is-busy")


def test_pages_read_and_order_without_scripts(open_page: Open) -> None:
    page = open_page("/patterns/home", scripts=False)
    page.locator("a[data-sheet]").first.click()
    expect(page.locator("main #sheet-title")).to_be_visible()
    expect(page.locator(".countdown").first).to_contain_text("3 h 1")
    expect(page.locator("[data-step='1']")).to_be_hidden()
    page.locator(".stepper__input").fill("2")
    page.locator("button[value=team]").click()
    expect(page).to_have_title("Order · 物友 Wuyou")
    page.locator(".switch__to-dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
