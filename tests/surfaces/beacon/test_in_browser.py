"""What a real page tells a real beacon: what was on the screen for a second, looked at, pressed, and from where."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route
from pytest_django import Settings

from tests.builders import content, goods
from tests.builders.beacons import Beacon, beaconing
from tests.builders.browsers import browse, serve_pages
from tests.builders.people import make_person
from tests.builders.waiting import wait_until
from tests.surfaces.storefront.conftest import browser, make_market
from wuyou.infra import db

pytestmark = [
    pytest.mark.journey,
    pytest.mark.usefixtures("world", "plain_static_files"),
]

Told = tuple[str, str, int, str, str | None, int | None]


@pytest.fixture
def pages() -> Iterator[str]:
    with serve_pages() as url:
        yield url


@pytest.fixture
def beacon(pages: str, settings: Settings) -> Iterator[Beacon]:
    settings.STREAM_PORT = 0
    # Headless Chromium says what it is, and is marked for it: that is another test's.
    with beaconing(web_port=urlsplit(pages).port or 0) as started:
        settings.BEACON_PORT = started.port
        yield started


def told() -> list[Told]:
    return db.rows(
        """
        SELECT kind, object_kind, object_id, surface, list, position FROM behaviour_event
        ORDER BY happened_at_ms, event_id
        """
    )


def test_tile_is_seen_pressed_and_its_sheet_looked_at(pages: str, beacon: Beacon, now: datetime) -> None:
    market = make_market()
    made = [goods.make_product(now, shop=market.shop, title=f"东西 {number}") for number in range(30)]
    newest = [product.id for product in reversed(made)]
    me = make_person(now)
    took = 0.0

    def look(page: Page) -> None:
        page.goto("/")
        page.wait_for_timeout(1_700)
        opened = time.monotonic()
        page.locator(".product-card__link").nth(1).click()
        page.locator("#sheet-content .sheet-part").wait_for()
        page.mouse.move(100, 300)
        page.wait_for_timeout(2_600)
        page.goto("/cart")
        nonlocal took
        took = time.monotonic() - opened
        page.goto("/")
        page.wait_for_timeout(1_500)
        page.goto("/cart")
        page.wait_for_timeout(300)

    complaints = browse(pages, browser(me), look)

    assert complaints == []
    wait_until(lambda: any(kind == "dwell" for kind, *_ in told()))
    wait_until(lambda: sum(object_id == newest[0] for _, _, object_id, *_ in told()) == 2)
    listed = [one for one in told() if one[4] == "new"]
    # The page was looked at twice.
    seen = sorted({one for one in listed if one[0] == "exposure"}, key=lambda one: one[-1] or 0)
    places = [position for *_, position in seen]
    # On a phone two columns of two rows are on the screen, not the thirty that the page has.
    assert places == list(range(1, len(places) + 1))
    assert 2 <= len(places) < len(made)
    assert [object_id for _, _, object_id, *_ in seen] == newest[: len(seen)]
    pressed = [one for one in told() if one[0] == "click"]
    assert pressed == [("click", "product", newest[1], "home", "new", 2)]
    in_sheet = [one for one in told() if one[3] == "product"]
    assert {(kind, object_id) for kind, _, object_id, *_ in in_sheet} == {
        ("exposure", newest[1]),
        ("dwell", newest[1]),
    }
    assert len(in_sheet) == 2
    ((value, person),) = db.rows("SELECT value, person_id FROM behaviour_event WHERE kind = 'dwell'")
    # It is told when the page is left, which may be as late as the next answer: what is told is never longer than that.
    assert 2_000 <= value <= 1_000 * took
    assert person == me.id
    assert len(db.rows("SELECT DISTINCT session FROM behaviour_event")) == 1
    # The cookie that the beacon made with the first batch came with the second, from another port.
    visitors = db.rows("SELECT visitor, count(DISTINCT received_at_ms) FROM behaviour_event GROUP BY 1")
    assert len(visitors) == 1
    assert visitors[0][0] is not None
    assert visitors[0][1] >= 2


def test_what_the_beacon_did_not_take_is_sent_again_with_the_same_ids(
    pages: str, beacon: Beacon, now: datetime
) -> None:
    market = make_market()
    product = goods.make_product(now, shop=market.shop)
    tries: list[str] = []

    def look(page: Page) -> None:
        allowed = {"access-control-allow-origin": pages, "access-control-allow-credentials": "true"}

        def refuse_once(route: Route) -> None:
            tries.append(route.request.post_data or "")
            if len(tries) == 1:
                route.fulfill(status=503, headers=allowed)
            else:
                route.continue_()

        page.route("**/beacon", refuse_once)
        page.goto(f"/p/{product.id}")
        page.wait_for_timeout(1_500)
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_timeout(500)
        page.evaluate("delete document.hidden")
        page.goto("/cart")
        page.wait_for_timeout(6_000)

    browse(pages, browser(make_person(now)), look)

    assert len(tries) >= 2
    wait_until(lambda: told() != [])
    ids = [str(event_id) for (event_id,) in db.rows("SELECT event_id FROM behaviour_event")]
    assert all(event_id in tries[0] for event_id in ids)
    assert len(ids) == len(set(ids)) == tries[0].count('"id"')


def test_film_counts_as_seen_after_two_seconds_and_says_how_long_it_was_played(
    pages: str, beacon: Beacon, now: datetime
) -> None:
    me = make_person(now)
    post = content.make_video(now, me, seconds=9.0)
    playing = "document.querySelector('[data-film] video')"

    def look(page: Page) -> None:
        page.goto(f"/posts/{post}")
        page.wait_for_timeout(300)
        page.goto("/cart")  # too soon to have seen it
        page.goto(f"/posts/{post}")
        page.wait_for_timeout(2_600)
        page.evaluate(f"{playing}.muted = true")
        page.evaluate(f"{playing}.play()")
        page.wait_for_function(f"() => {playing}.currentTime > 2.5")
        page.evaluate(f"{playing}.pause()")
        page.wait_for_timeout(700)
        page.goto("/cart")
        page.wait_for_timeout(300)

    assert browse(pages, browser(make_person(now)), look) == []
    wait_until(lambda: any(kind == "video_view" for kind, *_ in told()))

    assert [one[:4] for one in told() if one[0] == "exposure" and one[1] == "post"] == [
        ("exposure", "post", post, "post")
    ]
    ((object_id, played),) = db.rows("SELECT object_id, value FROM behaviour_event WHERE kind = 'video_view'")
    assert object_id == post
    assert 1_500 <= played <= 8_000
