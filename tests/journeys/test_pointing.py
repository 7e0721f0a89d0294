"""Somebody points into a picture: with a mouse, with a finger, with keys, and without any script at the whole of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.builders import parts, things
from tests.builders.parts import Sold
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.domains.things.part_types import Drawing, Part
from wuyou.domains.things.types import Annotation, Region
from wuyou.infra import db, pictures, sight
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)


def make_scene(now: datetime) -> tuple[Person, Sold, Part, Drawing]:
    """Somebody who can sign in, and a thing with a part on a drawing."""
    sold = parts.make_sold(now)
    part, drawing = parts.make_part(now, sold.thing, "3", "定位板"), parts.make_drawing(now, sold.thing, "分解图")
    db.in_transaction(
        lambda: operations.place_mark(
            actor=sold.actor, drawing_id=drawing.id, part_id=part.id, region=Region(6_000, 6_000, 2_000, 2_000)
        )
    )
    return make_person(now, "梅", has_password=True), sold, part, drawing


def latest(sold: Sold) -> Annotation:
    return queries.list_annotations(sight.get_viewer(None), sold.thing.id).items[0]


def at(stage: Locator, x: float, y: float) -> tuple[float, float]:
    """A place on the picture, of its sides in percent, as the window counts."""
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100


def near(region: Region | None, *percent: float) -> bool:
    return region is not None and all(
        abs(side - 100 * wanted) <= 100 for side, wanted in zip(region, percent, strict=True)
    )


def put_up(page: Page, text: str) -> None:
    page.fill("textarea[name=text]", text)
    page.click("main .form__actions button")
    expect(page.locator(".thread")).to_contain_text([text])


def test_region_of_a_drawing_is_drawn_with_the_mouse_and_stands_there_for_others(visit: Visit) -> None:
    mei, sold, part, drawing = make_scene(utc_now())
    desk, stranger = visit(width=1280), visit(width=360, language="zh-hans")
    desk.sign_in(mei)
    desk.page.goto(f"/drawings/{drawing.id}")
    desk.page.click(f"a[href='/things/{sold.thing.id}/point?drawing={drawing.id}']")
    stage = desk.page.locator("[data-region-stage]")
    desk.page.click("[data-region-begin]")
    expect(desk.page.locator("[data-region-box]")).to_be_focused()

    stage.scroll_into_view_if_needed()
    desk.page.mouse.move(*at(stage, 75, 80))
    desk.page.mouse.down()
    desk.page.mouse.move(*at(stage, 50, 60), steps=4)
    desk.page.mouse.move(*at(stage, 70, 68), steps=4)
    desk.page.mouse.up()
    nothing_sticks_out(desk.page)
    put_up(desk.page, "这个角要倒圆")

    assert near(latest(sold).region, 70, 68, 5, 12)
    assert latest(sold).drawing_id == drawing.id
    stranger.page.goto(f"/drawings/{drawing.id}")
    expect(stranger.page.locator(".thread .marked__box")).to_have_count(1)
    nothing_sticks_out(stranger.page)
    stranger.page.click(f".hotspot[href='/parts/{part.id}'] .hotspot__dot")
    expect(stranger.page.locator("h1")).to_contain_text("定位板")
    nothing_sticks_out(stranger.page)


def test_region_is_drawn_with_a_finger_and_moved_by_it(visit: Visit) -> None:
    mei, sold, _part, drawing = make_scene(utc_now())
    phone = visit(width=360)
    phone.sign_in(mei)
    phone.page.goto(f"/things/{sold.thing.id}/point?drawing={drawing.id}")
    phone.page.click("[data-region-begin]")
    phone.page.click("[data-region-clear]")
    phone.page.click("[data-region-begin]")
    stage = phone.page.locator("[data-region-stage]")
    stage.scroll_into_view_if_needed()
    finger = phone.context.new_cdp_session(phone.page)

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for path in ([(80, 80), (85, 85), (95, 90)], [(84, 83), (60, 60), (44, 53)]):  # draws a box, then takes it along
        touch("touchStart", *at(stage, *path[0]))
        for place in path[1:]:
            touch("touchMove", *at(stage, *place))
        touch("touchEnd")
    put_up(phone.page, "手指画的")

    assert near(latest(sold).region, 40, 50, 15, 10)


def test_region_of_a_review_s_picture_is_marked_with_keys_alone(visit: Visit) -> None:
    now = utc_now()
    mei, sold, _part, _drawing = make_scene(now)
    things.make_holding(now, mei, sold.variant, audience=PUBLIC)
    review = things.make_review(now, mei, sold.thing, pictures=[pictures.take_in(make_photo(320, 240))])
    shown = queries.get_review_for(sight.get_viewer(None), review).pictures[0]
    desk = visit(width=768)
    desk.sign_in(mei)
    desk.page.goto(f"/things/{sold.thing.id}")
    desk.page.click(".review__point")
    desk.page.locator("[data-region-begin]").focus()
    desk.page.keyboard.press("Enter")
    box = desk.page.locator("[data-region-box]")
    expect(box).to_be_focused()
    for key in (*["ArrowRight"] * 5, *["ArrowUp"] * 40, *["Shift+ArrowDown"] * 3, *["Shift+ArrowLeft"] * 2):
        desk.page.keyboard.press(key)
    put_up(desk.page, "只用键盘")

    said = latest(sold)
    assert (said.picture_id, said.region) == (shown.id, Region(4_000, 0, 2_800, 3_300))

    desk.page.goto(f"/things/{sold.thing.id}/point?picture={shown.id}")
    desk.page.click("[data-region-begin]")
    desk.page.keyboard.press("Delete")
    expect(box).to_be_hidden()
    put_up(desk.page, "还是说整张")
    assert latest(sold).region is None


def test_without_scripts_one_points_at_the_whole(visit: Visit) -> None:
    mei, sold, _part, drawing = make_scene(utc_now())
    phone = visit(width=360, has_scripts=False)
    phone.sign_in(mei)
    phone.page.goto(f"/things/{sold.thing.id}/point?drawing={drawing.id}")
    expect(phone.page.locator("[data-region-begin]")).to_be_hidden()
    put_up(phone.page, "没有脚本也能说")

    assert (latest(sold).drawing_id, latest(sold).region) == (drawing.id, None)


def test_who_sells_it_marks_a_part_by_hand(visit: Visit) -> None:
    now = utc_now()
    seller = make_person(now, "木木", has_password=True)
    sold = parts.make_sold(now, seller=seller)
    parts.make_part(now, sold.thing, "1", "键帽")
    drawing = parts.make_drawing(now, sold.thing, "分解图")
    desk = visit(width=1280)
    desk.sign_in(seller)
    desk.page.goto(f"/things/{sold.thing.id}")
    desk.page.click(f"a[href='/things/{sold.thing.id}/parts']")
    desk.page.click(f"a[href='/things/{sold.thing.id}/parts/edit']")
    nothing_sticks_out(desk.page)
    desk.page.click(f"a[href='/drawings/{drawing.id}/marks']")
    desk.page.click("[data-region-begin]")
    stage = desk.page.locator("form [data-region-stage]")
    stage.scroll_into_view_if_needed()
    for start, end in (((5, 5), (20, 30)), ((20, 30), (30, 40))):  # draws, and then pulls its corner
        desk.page.mouse.move(*at(stage, *start))
        desk.page.mouse.down()
        desk.page.mouse.move(*at(stage, *end), steps=4)
        desk.page.mouse.up()
    desk.page.click("main .form__actions button")
    expect(desk.page.locator(".hotspot")).to_have_count(1)

    (mark,) = queries.get_drawing_for(sight.get_viewer(None), drawing.id).marks
    assert near(mark.region, 5, 5, 25, 35)
