"""What only a browser shows of the console: nothing sticks out, no complaint, and decisions open as sheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from tests.builders.browsers import Theme, browse, serve_pages
from tests.surfaces.staff import scenes
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import TeamState
from wuyou.domains.payments import queries as payments

pytestmark = pytest.mark.journey

WIDTHS = {360: 780, 768: 1024, 1280: 860}


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """Where the pages answer while the test runs."""
    settings.EVENT_SUBSCRIBERS = scenes.WITH_PRINTER
    with serve_pages() as url:
        yield url


@pytest.mark.parametrize(("language", "theme"), [("zh-CN", "light"), ("en-US", "dark")])
def test_no_page_sticks_out_of_a_phone_a_tablet_or_a_desk(
    present: datetime, client: Client, address: str, language: str, theme: Theme
) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    order = scenes.completed_order(present, market)
    team = scenes.forming_team(present, market, with_unpaid=True)
    refund_no = scenes.failed_refund(present, market)
    other = scenes.paid_order(present, market)
    scenes.mismatch(present, other)
    letter = scenes.letter(present, other)
    scenes.bring_notices(other.order_no)
    scenes.disputed(present, other)
    paths = [
        *(
            reverse(f"staff:{name}")
            for name in ("overview", "teams", "orders", "refunds", "mismatches", "notices", "disputes")
        ),
        *(reverse(f"staff:{name}") for name in ("accounts", "transfers", "letters", "events")),
        f"{reverse('staff:books')}?prove=ledger",
        *(reverse(f"staff:{name}", args=[team.token]) for name in ("team", "waive", "dissolve")),
        reverse("staff:order", args=[order.order_no]),
        reverse("staff:refund", args=[refund_no]),
        reverse("staff:letter", args=[letter.id]),
        reverse("staff:notice", args=[payments.list_received_notices(number=other.order_no).items[0].id]),
        reverse("staff:dispute", args=[payments.list_disputes().items[0].id]),
        reverse("staff:statement", args=["buyers_held/CNY"]),
    ]
    too_wide: list[tuple[str, int]] = []

    def look(page: Page) -> None:
        for path in paths:
            page.goto(path)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    too_wide.append((path, width))

    assert browse(address, client, look, language=language, theme=theme) == []
    assert too_wide == []


def test_a_decision_opens_over_its_team_and_leads_back_to_it(present: datetime, client: Client, address: str) -> None:
    team = scenes.forming_team(present, scenes.make_market(present))
    page_of_team = reverse("staff:team", args=[team.token])

    def look(page: Page) -> None:
        page.goto(page_of_team)
        page.get_by_role("link", name="Let it pass").click()
        sheet = page.get_by_role("dialog")
        expect(sheet.get_by_role("heading", name="Let this team pass?")).to_be_visible()
        page.go_back()
        expect(sheet).not_to_be_visible()
        page.get_by_role("link", name="Let it pass").click()
        sheet.get_by_role("button", name="Let it pass").click()
        expect(page.get_by_text("The team has formed.")).to_be_visible()
        expect(page).to_have_url(f"{address}{page_of_team}")

    assert browse(address, client, look) == []
    assert groupbuy.get_team(team.token).state is TeamState.FORMED
