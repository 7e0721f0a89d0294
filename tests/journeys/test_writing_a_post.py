"""Somebody shows what they have: pictures, where the thing is on them, published; another reads and is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders import goods, things
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.content import queries
from wuyou.domains.content.types import Tag
from wuyou.infra import sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)


def newest_tag() -> Tag:
    (post,) = queries.list_newest(sight.get_viewer(None), limit=1).items
    (tag,) = queries.tags_by_post(sight.get_viewer(None), [post.id])[post.id]
    return tag


@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1280, "en")])
def test_post_is_written_with_a_tag_read_by_another_and_answered(
    visit: Visit, tmp_path: Path, width: int, language: str
) -> None:
    now = utc_now()
    mei, lin = (make_person(now, name, has_password=True) for name in ("梅", "林"))
    product = goods.make_product(now)
    things.make_holding(now, mei, things.make_thing(now), audience=PUBLIC)
    files = [tmp_path / f"{seed}.jpg" for seed in (1, 2)]
    for seed, file in enumerate(files, 1):
        file.write_bytes(make_photo(640, 800, seed=seed))

    author = visit(width=width, language=language)
    author.sign_in(mei)
    author.page.wait_for_url("**/")
    author.page.click("nav.rail a[href='/posts/new']")
    author.page.fill("[name=title]", "山里的早餐")
    author.page.set_input_files("[name=pictures]", files)
    expect(author.page.locator("[data-stage]")).to_have_count(2)
    expect(author.page.locator("[name=title]")).to_have_value("山里的早餐")
    author.page.fill("[name=text]", "水很甜 #露营")
    author.page.fill("[name=find]", product.title)
    author.page.press("[name=find]", "Enter")
    author.page.click(f"button[value='product:{product.id}']")
    expect(author.page.locator("[data-row]")).to_have_count(1)
    stage = author.page.locator("[data-stage='0']")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    author.page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
    dot = author.page.locator("[data-dot]")
    expect(dot).to_have_count(1)
    dot.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        author.page.keyboard.press(key)
    nothing_sticks_out(author.page)
    author.page.click("button[value=publish]")
    expect(author.page.locator("h1")).to_have_text("山里的早餐")
    tag = newest_tag()
    assert tag.product_id == product.id
    assert abs((tag.x or 0) - 3_200) <= 100
    assert abs((tag.y or 0) - 5_100) <= 100
    expect(author.page.locator(".post__ad")).to_be_visible()

    reader = visit(width=width, language=language)
    reader.sign_in(lin)
    reader.page.wait_for_url("**/")
    reader.page.goto(f"/posts/{tag.post_id}")
    expect(reader.page.locator(".dot")).to_have_count(1)
    reader.page.fill(f"#say-{tag.post_id}", "在哪里买的?")
    reader.page.click(".say-form >> nth=0 >> button")
    expect(reader.page.locator(".comment__text")).to_have_text("在哪里买的?")
    reader.page.click("button[value=USEFUL]")
    expect(reader.page.locator("button[value=USEFUL]")).to_have_attribute("aria-pressed", "true")
    nothing_sticks_out(reader.page)

    author.page.reload()
    author.page.click(".comment__tools > a >> nth=0")
    author.page.fill(".comment__tools textarea", "山下的店")
    author.page.click(".comment__tools .say-form button")
    expect(author.page.locator(".comment--answer .comment__text")).to_have_text("山下的店")
    reader.page.reload()
    expect(reader.page.locator(".comment--answer .comment__text")).to_have_text("山下的店")
    reader.page.locator(".dot__core").click()
    title = product.title if language == "zh-hans" else product.title_en
    expect(reader.page.locator("dialog#sheet")).to_contain_text(title)


def test_without_scripts_a_post_is_written_by_numbers(visit: Visit, tmp_path: Path) -> None:
    now = utc_now()
    mei = make_person(now, "梅", has_password=True)
    thing = things.make_holding(now, mei, things.make_thing(now), audience=PUBLIC).thing
    file = tmp_path / "1.jpg"
    file.write_bytes(make_photo(640, 480))
    phone = visit(width=360, has_scripts=False)
    phone.sign_in(mei)
    phone.page.goto("/posts/new")
    phone.page.set_input_files("[name=pictures]", file)
    phone.page.fill("[name=text]", "没有脚本")
    phone.page.click(".compose__take")
    expect(phone.page.locator("[data-stage]")).to_have_count(1)
    phone.page.click(f"button[value='thing:{thing.id}']")
    phone.page.fill("[name=tag_x]", "40")
    phone.page.fill("[name=tag_y]", "60.5")
    phone.page.click("button[value=publish]")
    expect(phone.page.locator(".post__text")).to_have_text("没有脚本")
    tag = newest_tag()
    assert (tag.thing.id, tag.x, tag.y) == (thing.id, 4_000, 6_050)
