"""Pages of moderation in a browser: nothing sticks out, and a report opens as a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.builders import goods, things
from tests.builders import moderation as judging
from tests.builders.browsers import Theme, browse, serve_pages, width_at
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import browser
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import filing, operations, queries
from wuyou.domains.moderation.types import Category, Outcome, SubjectKind
from wuyou.infra import db, events, pictures
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("world")]

WIDTHS = {360: 780, 768: 1024, 1280: 900}
LONG = "这台相机我用了三年，一直很稳。想要同款的加我微 信 abcdefghijklmnopqrstuvwxyz1234567890，一比一复刻也有。"


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Where the pages answer while the test runs; nothing streams."""
    settings.STREAM_PORT = 0
    with serve_pages() as url:
        yield url


@dataclass
class Scene:
    """Who looks, at which pages."""

    writer: Person
    reader: Person
    staff: Person
    of_writer: list[str]
    of_reader: list[str]
    of_staff: list[str]


def make_scene(now: datetime) -> Scene:
    """A few reports, what rules held, decisions and an appeal."""
    writer, reader = make_person(now, "林深", avatar="bear"), make_person(now, "小满", avatar="fox")
    staff, other = make_person(now, "值班", is_staff=True), make_person(now, "轮值", is_staff=True)
    actor = Actor(staff.id, is_staff=True)
    db.in_transaction(lambda: operations.import_term_rules(actor=actor, drafts=filing.starting_set(), now=now))
    thing = things.make_thing(now, "海鸥 4A 双镜头反光相机")
    things.make_holding(now, writer, thing, audience=PUBLIC)
    taken = [pictures.take_in(make_photo(640, 480, seed)) for seed in range(2)]
    db.in_transaction(
        lambda: operations.add_picture_rule(
            actor=actor, phash=taken[0].phash, verdict=judging.Verdict.HOLD, category=Category.RIGHTS,
            note="盗用的商品图", now=now,
        )
    )  # fmt: skip
    held = things.make_review(now, writer, thing, LONG, pictures=taken, rating=5)
    reported, warned, kept, removed = (
        things.make_review(now, writer, thing, text)
        for text in ("包治百病", "你懂什么", "还行吧", "全网最低，假一赔十")
    )
    product = goods.make_product(now)
    judging.report(now, reader, SubjectKind.REVIEW, warned, Category.HARASSMENT, "骂人")
    judging.decide(now, staff, _case(warned), Outcome.WARN, Category.HARASSMENT, "就事论事，别骂人。")
    judging.report(now, reader, SubjectKind.REVIEW, removed, Category.FRAUD, "没有这回事")
    decision = judging.decide(now, staff, _case(removed), Outcome.REMOVE, Category.FRAUD, "我们查过，没有这样的承诺。")
    appeal = judging.appeal(now, writer, decision, "我真的赔过，有截图可以给你们看。")
    judging.report(now, reader, SubjectKind.REVIEW, reported, Category.FALSEHOOD, "哪来的疗效？")
    judging.report(now, reader, SubjectKind.PRODUCT, product.id, Category.COUNTERFEIT)
    second = judging.report(now, reader, SubjectKind.PERSON, writer.id, Category.HARASSMENT, "一直纠缠")
    assert second
    events.drain(SUBSCRIBERS, now)
    own = f"/things/{thing.id}"
    staff_pages = "/staff/moderation"
    return Scene(
        writer,
        reader,
        other,
        ["/decisions", f"/decisions/{decision}", own, "/moderation", "/notifications"],
        ["/reports", f"/report/review/{kept}", f"/report/product/{product.id}", own],
        [
            staff_pages,
            f"{staff_pages}/{_case(held)}",
            f"{staff_pages}/{_case(reported)}",
            f"{staff_pages}?state=decided",
            f"{staff_pages}/appeals",
            f"{staff_pages}/appeals/{appeal}",
            f"{staff_pages}/people/{writer.id}",
            f"{staff_pages}/terms?try=想要的加我微 信，一比一复刻",
            f"{staff_pages}/pictures",
            "/staff/",
        ],
    )


def _case(review_id: int) -> int:
    found = db.rows("SELECT id FROM moderation_case WHERE subject_kind = 'REVIEW' AND subject_id = %s", [review_id])
    return int(found[-1][0])


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_nothing_sticks_out_and_no_complaint(address: str, language: str, theme: Theme) -> None:
    scene = make_scene(utc_now())
    too_wide: list[tuple[str, int]] = []

    def look_at(paths: list[str]) -> object:
        def look(page: Page) -> None:
            for path in paths:
                page.goto(path)
                sizes = WIDTHS.items()
                too_wide.extend((path, width) for width, height in sizes if width_at(page, width, height) > width)

        return look

    for person, paths in (
        (scene.writer, scene.of_writer),
        (scene.reader, scene.of_reader),
        (scene.staff, scene.of_staff),
    ):
        assert browse(address, browser(person, language), look_at(paths), theme=theme) == []  # type: ignore[arg-type]
    assert too_wide == []


def test_a_report_opens_as_a_sheet_and_comes_to_staff(address: str) -> None:
    scene = make_scene(utc_now())
    thing = scene.of_reader[-1]
    before = sum(queries.count_open().values())

    def report(page: Page) -> None:
        page.goto(thing)
        page.get_by_role("link", name="Report").last.click()
        sheet = page.get_by_role("dialog")
        expect(sheet.get_by_role("heading", name="What is wrong with it?")).to_be_visible()
        sheet.get_by_label("Untrue claims").check()
        sheet.get_by_role("button", name="Report it").click()
        expect(page.get_by_text("Thank you. We look at it")).to_be_visible()
        assert thing in page.url

    assert browse(address, browser(scene.reader, "en"), report) == []
    assert sum(queries.count_open().values()) in (before, before + 1)
    assert len(queries.list_own_reports(scene.reader.id).items) >= 5
