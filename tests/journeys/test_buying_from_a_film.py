"""Watch and buy: a moment of a film is tagged; another taps it there, buys, and goes on at the same second."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.builders import content, goods
from tests.builders.films import make_film
from tests.builders.people import make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out, said_in
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.content import queries
from wuyou.domains.content.types import TagDraft
from wuyou.infra import sight
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

FILM = "main [data-film] video"


def second(page: Page, film: str = FILM) -> float:
    at: float = page.locator(film).evaluate("video => video.currentTime")
    return at


def is_paused(page: Page, film: str = FILM) -> bool:
    paused: bool = page.locator(film).evaluate("video => video.paused")
    return paused


def go_to(page: Page, at: float, film: str) -> None:
    page.locator(film).evaluate(
        """(video, at) => new Promise((done) => {
            video.addEventListener("seeked", done, { once: true });
            video.currentTime = at;
        })""",
        at,
    )


def buy_alone(page: Page) -> None:
    page.wait_for_url(re.compile("/checkout"))
    page.click("button[form=order]")
    page.wait_for_url(re.compile("/pay/"))
    page.click("main .cashier form button")
    page.wait_for_url(re.compile("/orders/"))


@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1280, "en")])
def test_moment_is_tagged_tapped_bought_and_the_film_goes_on_there(
    visit: Visit, tmp_path: Path, width: int, language: str
) -> None:
    now = utc_now()
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    mei = make_person(now, "小梅", has_password=True)
    lin = make_person(now, "林一", has_password=True)
    file = tmp_path / "film.mp4"
    file.write_bytes(make_film(12.0, 240, 320))

    author = visit(width=width, language=language)
    author.sign_in(mei)
    author.page.wait_for_url("**/")
    page = author.page
    page.goto("/posts/new?kind=video")
    page.fill("[name=title]", "三十秒看懂一勺蜂蜜")
    page.set_input_files("[name=film_file]", file)
    stage = "[data-film-stage] video"
    expect(page.locator(stage)).to_be_visible()
    expect(page.locator("[name=title]")).to_have_value("三十秒看懂一勺蜂蜜")
    page.fill("[name=find]", product.title)
    page.press("[name=find]", "Enter")
    page.click(f"button[value='product:{product.id}']")
    expect(page.locator("[data-row]")).to_have_count(1)
    go_to(page, 4.0, stage)
    page.click("[data-now=from]")
    go_to(page, 10.0, stage)
    page.click("[data-now=until]")
    expect(page.locator("[data-film-line] rect")).to_have_count(1)
    go_to(page, 6.0, stage)
    poster = page.locator("[name=poster]").input_value()
    page.click("[data-take-moment]")
    expect(page.locator("[name=poster]")).not_to_have_value(poster)
    nothing_sticks_out(page)
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_have_text("三十秒看懂一勺蜂蜜")
    (post,) = queries.list_newest(sight.get_viewer(None)).items
    (tag,) = queries.tags_by_post(sight.get_viewer(None), [post.id])[post.id]
    assert (tag.product_id, tag.from_ms, tag.until_ms) == (product.id, 4_000, 10_000)

    reader = visit(width=width, language=language)
    page = reader.page
    page.goto(f"/posts/{post.id}")
    pill = page.locator(".film__pill")
    expect(pill).to_have_count(1)
    expect(pill).to_be_hidden()
    page.locator(f"#tag-{tag.id} [data-seek]").click()
    expect(pill).to_be_visible()
    assert not is_paused(page)
    nothing_sticks_out(page)
    # Full screen is the frame's: what is in view is there too, and a product leads out of it.
    page.click("[data-film-full]")
    page.wait_for_function("document.fullscreenElement?.querySelector('.film__pill')?.checkVisibility()")
    assert page.locator("[data-film-full]").get_attribute("aria-pressed") == "true"
    # By keys: it comes right after the film.
    pill.focus()
    page.keyboard.press("Enter")
    sheet = page.locator("dialog#sheet")
    expect(sheet).to_contain_text("小梅")
    page.wait_for_function("document.fullscreenElement === null")
    page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    stopped = second(page)
    assert (is_paused(page), 4.0 <= stopped < 10.0) == (True, True)
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(rf"/posts/{post.id}#t={int(stopped)}$"))
    expect(sheet).not_to_be_visible()
    page.wait_for_function("film => !document.querySelector(film).paused", arg=FILM)
    assert second(page) >= stopped
    page.locator(FILM).evaluate("video => video.pause()")
    at = int(second(page))
    pill.click()
    page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    sheet.locator("button[value=alone]").click()
    page.wait_for_url(re.compile("/sign-in"))
    reader.sign_in(lin)
    buy_alone(page)
    page.get_by_role("link", name=said_in(language, "Back to the post")).click()
    page.wait_for_url(re.compile(rf"/posts/{post.id}#t={at}$"))
    page.wait_for_function(
        "([film, at]) => Math.abs(document.querySelector(film).currentTime - at) < 0.2", arg=[FILM, at]
    )
    expect(page.locator(".film__pill")).to_be_visible()

    (conversion,) = alliance.list_conversions(mei.id).items
    assert conversion.slot_name == f"post:{post.id}"


def test_over_the_feed_back_from_a_product_leads_to_the_same_second(visit: Visit) -> None:
    now = utc_now()
    product, mei = goods.make_product(now), make_person(now, "小梅")
    post_id = content.make_video(
        now, mei, seconds=12.0, title="一壶茶", tags=[TagDraft(product_id=product.id, from_ms=3_000)]
    )
    page = visit(width=1280).page
    page.goto("/discover")
    card = page.locator(f"a[data-sheet][href='/posts/{post_id}']").first
    expect(card).to_contain_text("0:12")
    card.click()
    film = "dialog#sheet video"
    page.locator("dialog#sheet [data-seek]").click()
    page.wait_for_function("film => document.querySelector(film).currentTime > 3.5", arg=film)
    page.locator("dialog#sheet .film__pill").click()
    page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    expect(page.locator("dialog#sheet video")).to_have_count(0)
    page.go_back()
    page.wait_for_url(re.compile(rf"/posts/{post_id}#t=\d+$"))
    at = int(page.url.rpartition("=")[2])
    assert at >= 3
    page.wait_for_function(
        "([film, at]) => document.querySelector(film)?.currentTime >= at && !document.querySelector(film).paused",
        arg=[film, at],
    )
    assert second(page, film) < at + 4
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("/discover$"))


def test_without_scripts_seconds_are_fields_and_the_list_leads_to_the_moment(visit: Visit, tmp_path: Path) -> None:
    now = utc_now()
    product, mei = goods.make_product(now), make_person(now, "小梅", has_password=True)
    file = tmp_path / "film.mp4"
    file.write_bytes(make_film(3.0))
    author = visit(width=360, has_scripts=False)
    author.sign_in(mei)
    page = author.page
    page.goto("/posts/new?kind=video")
    page.set_input_files("[name=film_file]", file)
    page.click("button.compose__take")
    expect(page.locator("[data-film-stage] video")).to_have_count(1)
    page.fill("[name=find]", product.title)
    page.click("button[value=find]")
    page.click(f"button[value='product:{product.id}']")
    page.fill("[name=tag_from]", "1.5")
    page.fill("[name=title]", "三秒")
    page.click("button[value=publish]")
    expect(page.locator("h1")).to_have_text("三秒")
    (post,) = queries.list_newest(sight.get_viewer(None)).items
    (tag,) = queries.tags_by_post(sight.get_viewer(None), [post.id])[post.id]
    assert (tag.from_ms, tag.until_ms) == (1_500, None)
    expect(page.locator(f"#tag-{tag.id} a.post-tag")).to_be_visible()
    moment = page.locator(f"#tag-{tag.id} .post-tags__moment")
    assert moment.get_attribute("href") == f"/posts/{post.id}/film/film.mp4#t=1"
    page.locator(f"#tag-{tag.id} a.post-tag").click()
    page.wait_for_url(re.compile(rf"/p/{product.id}"))


def test_while_a_film_is_on_its_way_the_page_says_so(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    file.write_bytes(make_film(1.0))
    author = visit(width=360)
    author.sign_in(make_person(utc_now(), "小梅", has_password=True))
    page = author.page
    page.wait_for_url("**/")
    page.goto("/posts/new?kind=video")
    held: list[Route] = []
    page.route("**/posts/new?kind=video", lambda route: held.append(route))
    note = page.locator(".compose-film__wait")
    expect(note).to_be_hidden()
    page.set_input_files("[name=film_file]", file)
    expect(note).to_be_visible()
    nothing_sticks_out(page)
    held[0].continue_()
    expect(page.locator("[data-film-stage] video")).to_be_visible()
    expect(note).to_be_hidden()
