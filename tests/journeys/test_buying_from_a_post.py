"""From reading to having bought, and on reading at the same line: in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.builders import content, goods, teams
from tests.builders.people import PASSWORD, make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import SIZES_AND_LANGUAGES, nothing_sticks_out, review_and_pay, said_in
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import queries
from wuyou.domains.content.types import PostKind, TagDraft
from wuyou.domains.groupbuy.types import Campaign
from wuyou.domains.identity.types import Person
from wuyou.infra import sight
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

LONG = "\n\n".join(f"第{n}天。早上一勺蜂蜜,配热面包,慢慢吃。" for n in range(1, 60))


def offered() -> tuple[Product, Campaign]:
    now = utc_now()
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    return product, goods.make_campaign(now, product, size=2)


def told_by(author: Person, product: Product) -> tuple[int, int]:
    """A long post whose tag stands far below its beginning."""
    post_id = content.make_post(
        utc_now(), author, kind=PostKind.ARTICLE, title="山里的早饭", text=LONG, tags=[TagDraft(product_id=product.id)]
    )
    (tag,) = queries.tags_by_post(sight.get_viewer(author.id), [post_id])[post_id]
    return post_id, tag.id


def is_at_line(page: Page, tag_id: int) -> None:
    """The page stands where the tag is to be seen."""
    line = page.locator(f"#tag-{tag_id}")
    expect(line).to_be_in_viewport()
    assert page.evaluate("scrollY") > 500


@pytest.mark.parametrize(("width", "language"), SIZES_AND_LANGUAGES)
def test_read_tap_join_sign_in_pay_and_read_on(visit: Visit, width: int, language: str) -> None:
    product, campaign = offered()
    mei = make_person(utc_now(), "小梅", has_password=True)
    lin = make_person(utc_now(), "林一", has_password=True)
    team = teams.open_and_pay(utc_now(), make_person(utc_now(), "老赵"), campaign, product)
    post_id, tag_id = told_by(mei, product)

    reader = visit(width=width, language=language)
    page = reader.page
    page.goto(f"/posts/{post_id}")
    page.locator(f"#tag-{tag_id} a").click()
    sheet = page.locator("dialog#sheet")
    expect(sheet).to_contain_text("小梅")
    page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    nothing_sticks_out(page)
    # Closing the sheet leaves the reader where they were; tapping again at once is the same click.
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(f"/posts/{post_id}$"))
    is_at_line(page, tag_id)
    page.locator(f"#tag-{tag_id} a").click()
    sheet.locator(f"a[href^='/t/{team.token}']").first.click()
    page.wait_for_url(re.compile(rf"/t/{team.token}\?via="))
    expect(page.get_by_role("link", name=said_in(language, "Back to the post"))).to_be_visible()
    page.click("#join button")
    page.wait_for_url(re.compile("/sign-in"))
    reader.sign_in(lin)
    review_and_pay(page)
    expect(page.locator("h1")).to_have_text(said_in(language, "The team is complete"))
    nothing_sticks_out(page)
    page.get_by_role("link", name=said_in(language, "Back to the post")).click()
    page.wait_for_url(re.compile(f"/posts/{post_id}#tag-{tag_id}$"))
    is_at_line(page, tag_id)

    (link,) = alliance.list_links(mei.id).items
    assert (link.click_count, link.order_count) == (1, 1)
    author = visit(width=width, language=language)
    author.sign_in(mei)
    author.page.wait_for_url(re.compile("/$"))
    author.page.goto("/earnings")
    earning = author.page.locator(".earning")
    expect(earning).to_contain_text("山里的早饭")
    expect(earning).to_contain_text(said_in(language, "Estimated"))
    # 39.00 × 10 %, of which the author has 90 %: nobody is the partner.
    expect(earning).to_contain_text("¥3.51")
    nothing_sticks_out(author.page)


@pytest.mark.parametrize(("width", "language"), [(360, "zh-hans"), (1280, "en")])
def test_read_tap_sign_up_buy_alone_and_read_on_without_scripts(visit: Visit, width: int, language: str) -> None:
    product, _campaign = offered()
    mei = make_person(utc_now(), "小梅")
    post_id, tag_id = told_by(mei, product)
    page = visit(width=width, language=language, has_scripts=False).page
    page.goto(f"/posts/{post_id}")
    page.locator(f"#tag-{tag_id} a").click()
    page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    page.click("button[value=alone]")
    page.wait_for_url(re.compile("/sign-in"))
    page.locator("main a[href^='/sign-up']").click()
    page.fill("[name=display_name]", "新人")
    page.fill("[name=handle]", "newcomer")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(re.compile("/checkout"))
    page.click("button[form=order]")
    page.click("main .cashier form button")
    page.wait_for_url(re.compile("/orders/"))
    page.get_by_role("link", name=said_in(language, "Back to the post")).click()
    page.wait_for_url(re.compile(f"/posts/{post_id}#tag-{tag_id}$"))
    expect(page.locator(f"#tag-{tag_id}")).to_be_in_viewport()


def test_chats_browser_hands_the_address_to_the_systems(visit: Visit) -> None:
    product, _campaign = offered()
    mei, lin = make_person(utc_now(), "小梅"), make_person(utc_now(), "林一", has_password=True)
    post_id, tag_id = told_by(mei, product)
    inside = visit().page
    inside.goto(f"/posts/{post_id}")
    inside.locator(f"#tag-{tag_id} a").click()
    inside.wait_for_url(re.compile(r"via="))
    system = visit()
    system.page.goto(inside.url)
    system.page.click("button[value=team]")
    system.page.wait_for_url(re.compile("/sign-in"))
    system.sign_in(lin)
    review_and_pay(system.page)
    expect(system.page.get_by_role("link", name="Back to the post")).to_be_visible()
    expect(system.page.locator(".team-panel__clock")).to_be_visible()  # the payment was heard of
    (conversion,) = alliance.list_conversions(mei.id).items
    assert conversion.slot_name == f"post:{post_id}"
