"""Films among the posts of a list: they play without sound while they are looked at, and a tap gives them theirs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.builders import content, goods
from tests.builders.people import make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.content.types import TagDraft
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

FILM = "main [data-plays] video"


def photograph(page: Page, name: str) -> None:
    """For people to look at, where `WUYOU_PHOTOGRAPHS` names a directory."""
    if folder := os.environ.get("WUYOU_PHOTOGRAPHS"):
        page.screenshot(path=Path(folder) / f"films-{name}.png")


def plays(page: Page, film: str, *, muted: bool) -> None:
    page.wait_for_function(
        """([film, muted]) => {
            const video = document.querySelector(film);
            return video !== null && !video.paused && video.currentTime > 0 && video.muted === muted;
        }""",
        arg=[film, muted],
    )


@pytest.mark.parametrize(("width", "language"), [(360, "en"), (768, "zh-hans"), (1280, "en")])
def test_film_plays_silently_in_view_stops_outside_of_it_and_sounds_when_it_is_tapped(
    visit: Visit, width: int, language: str
) -> None:
    now = utc_now()
    author = make_person(now, "Somebody with a long name")
    post = content.make_video(now, author, title="A film of four seconds", seconds=4.0)
    product = goods.make_product(now)
    content.make_post(now, author, text="Plain words", photos=1, tags=(TagDraft(product_id=product.id),))
    for number in range(24):
        goods.make_product(now, shop=goods.make_shop(now) if number == 0 else None)
    page = visit(width=width, language=language).page

    page.goto("/")
    page.locator("[data-plays]").scroll_into_view_if_needed()
    plays(page, FILM, muted=True)
    nothing_sticks_out(page)
    photograph(page, f"{width}-{language}")
    page.locator(".card-grid > :last-child").scroll_into_view_if_needed()
    expect(page.locator(FILM)).to_have_count(0)

    page.locator("[data-plays]").scroll_into_view_if_needed()
    plays(page, FILM, muted=True)
    page.locator(f"[data-seen='post:{post}'] .post-card__link").click()
    plays(page, f"#sheet [data-film='{post}'] video", muted=False)
    assert re.search(rf"/posts/{post}#t=\d+$", page.url)
    assert page.locator(FILM).evaluate("video => video.paused")
    page.keyboard.press("Escape")
    plays(page, FILM, muted=True)


def test_who_wants_little_motion_sees_the_picture_alone(visit: Visit) -> None:
    now = utc_now()
    content.make_video(now, make_person(now), title="A film")
    page = visit().page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.emulate_media(reduced_motion="reduce")

    page.goto("/")
    page.locator("[data-plays]").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")

    expect(page.locator(FILM)).to_have_count(0)
    assert not [url for url in fetched if "/film" in url]

    page.emulate_media(reduced_motion="no-preference")
    plays(page, FILM, muted=True)
