"""What only a browser shows of the page of a thing: nothing sticks out, in both languages and both lights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from tests.builders import goods, parts, social, things
from tests.builders.browsers import Theme, browse, serve_pages, width_at
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import browser, make_market
from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import HoldingState, Region
from wuyou.infra import db, pictures
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.sight import FRIENDS, PUBLIC

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("world")]

WIDTHS = {360: 780, 768: 1024, 1280: 900}
LONG = (
    "用了三年，快门还是像第一天那样干脆。皮套磨得发亮，我舍不得换。唯一要提醒的是：测光表在很冷的早晨会犯懒，"
    "把它贴身放一会儿就好。\n\n如果你也在犹豫要不要买第一台胶片机，就是它了。"
)


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Where the pages answer while the test runs; nothing streams."""
    settings.STREAM_PORT = 0
    with serve_pages() as url:
        yield url


def make_scene(now: datetime) -> tuple[Person, list[str]]:
    """A camera that is sold here and that some people have, and the pages about it."""
    market = make_market()
    product = goods.make_product(now, shop=market.shop, title="海鸥 4A 双镜头反光相机", picture="camera")
    variant = product.variants[0]
    db.in_transaction(lambda: operations.ensure_variants(variant_ids=[variant.id], now=now))
    model = queries.things_by_product([product.id])[product.id]
    me = make_person(now, "小满", avatar="fox")
    names = [("林深", "bear"), ("阿梅", "girl"), ("Christopher Alexander", "owl"), ("周远", "man"), ("小雨", "cat")]
    people = [make_person(now, name, avatar=face) for name, face in names]
    for person in people:
        social.befriend(now, person, me)
        things.make_holding(now, person, model, audience=PUBLIC)
    things.make_holding(now, me, model, state=HoldingState.WANT)
    taken = [pictures.take_in(make_photo(640, 480, seed)) for seed in range(3)]
    first = things.make_review(now, people[0], model, LONG, rating=5, pictures=taken)
    things.make_review(now, people[1], model, "颜色比照片上暖一点。", rating=4, audience=FRIENDS)
    mine = things.make_review(now, me, model, "还没到手，先记一笔：想拍黑白。")
    for person in people[1:4]:
        things.thank(now, person, AppreciatedKind.REVIEW, first)
    plain = things.make_holding(
        now, people[2], things.make_thing(now, "《看不见的城市》", brand="卡尔维诺"), audience=PUBLIC
    )
    plate = parts.make_part(now, model, "1", "定位板")
    long = parts.make_part(now, model, "1.1", "四角固定用的不锈钢内六角螺丝（带弹簧垫圈）", above=plate, quantity=4)
    drawing = parts.make_drawing(now, model, "分解图（从上往下，含全部紧固件）")
    parts.make_figure(now, model, "12345678901234567890", part=long)
    for each, place in ((plate, Region(0, 0, 1_000, 1_000)), (long, Region(9_000, 9_000, 1_000, 1_000))):
        mark = partial(operations.place_mark, actor=PLATFORM, drawing_id=drawing.id, part_id=each.id, region=place)
        db.in_transaction(mark)
    return me, [
        f"/things/{model.id}/parts",
        f"/parts/{long.id}",
        f"/drawings/{drawing.id}",
        f"/things/{model.id}/point?drawing={drawing.id}",
        f"/things/{model.id}",
        f"/things/{plain.thing.id}",
        f"/things/{model.id}/review",
        f"/reviews/{mine}",
    ]


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_nothing_sticks_out_and_no_complaint(now: datetime, address: str, language: str, theme: Theme) -> None:
    me, paths = make_scene(now)
    too_wide: list[tuple[str, int]] = []

    def look(page: Page) -> None:
        for path in paths:
            page.goto(path)
            too_wide.extend((path, width) for width, height in WIDTHS.items() if width_at(page, width, height) > width)

    assert browse(address, browser(me, language), look, theme=theme) == []
    assert too_wide == []
