"""After buying: something is wrong and gets solved, and a card in a conversation that sells; in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.builders import complaints, goods, social, teams
from tests.builders import messaging as talk
from tests.builders.people import make_person
from tests.journeys.conftest import PATIENCE_MS, Visit
from tests.journeys.test_buying_together import nothing_sticks_out, said_in
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.messaging.types import Draft
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.journey

expect.set_options(timeout=PATIENCE_MS)

SIZES = [(360, "zh-hans"), (1280, "en")]


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_complaint_is_made_answered_and_solved(visit: Visit, width: int, language: str) -> None:
    now = utc_now()
    zhou, lin = make_person(now, "老周", has_password=True), make_person(now, "林一", has_password=True)
    product = goods.make_product(now, shop=goods.make_shop(now, owner_id=zhou.id))
    order_no = complaints.buy(now, lin, product)

    buyer = visit(width=width, language=language)
    buyer.sign_in(lin)
    buyer.page.wait_for_url(re.compile("/$"))
    buyer.page.goto(f"/orders/{order_no}")
    buyer.page.get_by_role("link", name=said_in(language, "Something is wrong")).click()
    buyer.page.wait_for_url(re.compile("/complain$"))
    nothing_sticks_out(buyer.page)
    buyer.page.check("[name=reason][value=DAMAGED]")
    buyer.page.fill("[name=text]", "瓶子碎了,蜂蜜流了一箱。")
    buyer.page.get_by_role("button", name=said_in(language, "Complain")).click()
    buyer.page.wait_for_url(re.compile(r"/complaints/\d+$"))
    expect(buyer.page.locator("main")).to_contain_text(said_in(language, "The seller has to answer"))
    expect(buyer.page.locator(".countdown").first).to_be_visible()
    nothing_sticks_out(buyer.page)

    seller = visit(width=width, language=language)
    seller.sign_in(zhou)
    seller.page.wait_for_url(re.compile("/$"))
    seller.page.goto(f"/seller/{product.shop_id}/complaints")
    nothing_sticks_out(seller.page)
    seller.page.locator("a[href*='/complaints/']").filter(has_text=order_no).click()
    seller.page.wait_for_url(re.compile(r"/complaints/\d+$"))
    seller.page.fill("[name=text]", "马上补发一瓶。")
    seller.page.get_by_role("button", name=said_in(language, "Answer"), exact=True).click()
    expect(seller.page.locator("main")).to_contain_text("马上补发一瓶。")

    buyer.page.reload()
    expect(buyer.page.locator("main")).to_contain_text("马上补发一瓶。")
    buyer.page.get_by_role("button", name=said_in(language, "It is solved")).click()
    expect(buyer.page.locator("main .chip").first).to_have_text(said_in(language, "Solved"))
    nothing_sticks_out(buyer.page)


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_card_in_a_conversation_sells_and_leads_back(visit: Visit, width: int, language: str) -> None:
    now = utc_now()
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    mei, lin = make_person(now, "小梅", has_password=True), make_person(now, "林一", has_password=True)
    social.befriend(now, mei, lin)
    conversation = talk.open_with(now, mei, lin)
    seq = talk.say(now, mei, conversation, draft=Draft(product_id=product.id))

    sender = visit(width=width, language=language)
    sender.sign_in(mei)
    sender.page.wait_for_url(re.compile("/$"))
    sender.page.goto(f"/talk/{conversation}")
    sender.page.locator(f"#m{seq} .bubble-menu summary").click()
    sender.page.get_by_role("button", name=said_in(language, "Take a commission")).click()
    expect(sender.page.locator(f"#m{seq}")).to_contain_text(said_in(language, "Earns commission"))
    nothing_sticks_out(sender.page)

    buyer = visit(width=width, language=language)
    buyer.sign_in(lin)
    buyer.page.wait_for_url(re.compile("/$"))
    buyer.page.goto(f"/talk/{conversation}")
    buyer.page.locator(f"#m{seq} .talk-card").click()
    buyer.page.wait_for_url(re.compile(rf"/p/{product.id}\?via="))
    sheet = buyer.page.locator("dialog#sheet")
    expect(sheet).to_contain_text("小梅")
    sheet.locator("button[value=alone]").click()
    buyer.page.wait_for_url(re.compile("/checkout"))
    buyer.page.click("button[form=order]")
    buyer.page.wait_for_url(re.compile("/pay/"))
    buyer.page.click("main .cashier form button")
    buyer.page.wait_for_url(re.compile("/orders/"))
    expect(buyer.page.locator("h1")).to_have_text(said_in(language, "Paid. The shop sends it next"))
    buyer.page.get_by_role("link", name=said_in(language, "Back to the conversation")).click()
    buyer.page.wait_for_url(re.compile(f"/talk/{conversation}#m{seq}$"))
    expect(buyer.page.locator(f"#m{seq}")).to_be_in_viewport()
    (conversion,) = alliance.list_conversions(mei.id).items
    assert conversion.slot_name == "talk"


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_team_exchanges_what_it_is_like(visit: Visit, width: int, language: str) -> None:
    now = utc_now()
    product = goods.make_product(now)
    mei, lin = make_person(now, "小梅", has_password=True), make_person(now, "林一")
    team = teams.form_team(now, mei, [lin], goods.make_campaign(now, product, size=2), product)
    teams.receive(now, next(seat.order_id for seat in team.seats if seat.user_id == mei.id))
    visitor = visit(width=width, language=language)
    visitor.sign_in(mei)
    visitor.page.wait_for_url(re.compile("/$"))
    visitor.page.goto("/notifications")
    visitor.page.locator(f"a[href='/t/{team.token}/words']").first.click()
    visitor.page.wait_for_url(re.compile("/words$"))
    expect(visitor.page.locator("main")).to_contain_text("林一")
    nothing_sticks_out(visitor.page)
    visitor.page.get_by_role("link", name=said_in(language, "Say something of it")).click()
    visitor.page.wait_for_url(re.compile("/review$"))
