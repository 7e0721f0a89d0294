"""The desk's front page, the shop's account, and campaigns with what came of them."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from tests.builders import claims, complaints, goods, teams
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench, another_owner, paid
from tests.surfaces.storefront.conftest import Market, footprint, key
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity.types import Person
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders.types import PlacedOrder
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


def test_empty_desk_says_so(bench: Bench) -> None:
    page = bench.page()
    assert "Nothing waits for you" in page
    assert "¥0.00" in page


def test_what_waits_what_was_sold_and_where_the_money_lies(
    bench: Bench, order: PlacedOrder, committed: Market, mei: Person
) -> None:
    second = paid(committed, mei, quantity=2)
    claims.ask(utc_now(), mei, order.order_no)
    complaints.complain(utc_now(), mei, second.order_no)
    goods.make_product(utc_now(), shop=committed.shop, stock=3)
    goods.make_product(utc_now(), shop=committed.shop, stock=4)
    db.in_transaction(
        lambda: orders.request_refund(seller=None, order_id=second.id, amount_minor=1_700, reason="shop", now=utc_now())
    )
    page = bench.page()
    for said in (
        "2 orders to send",
        "1 refund or return to answer",
        "1 complaint to answer",
        "1 variant is almost gone",
        "2 orders",
        "¥160.00",  # 59 + 118 less 17
    ):
        assert said in page


def test_statement_of_the_account_and_its_file(bench: Bench, order: PlacedOrder, committed: Market) -> None:
    page = bench.page("/money/merchant_escrow/CNY")
    assert "An order was released" in page
    assert order.order_no in page
    answer = bench.client.get(f"{bench.home}/money/merchant_escrow/CNY", {"format": "csv"})
    (row,) = csv.DictReader(StringIO(b"".join(answer).decode("utf-8-sig")))  # type: ignore[arg-type]
    assert (row["order"], row["change"], row["balance"]) == (order.order_no, "59.00", "59.00")
    assert "Nothing was booked yet" in bench.page("/money/merchant_payable/CNY")
    for path in ("buyers_held/CNY", "merchant_escrow/XXX", "platform_revenue/CNY"):
        assert bench.client.get(f"{bench.home}/money/{path}").status_code == 404


def test_campaign_with_its_figures(bench: Bench, committed: Market, mei: Person) -> None:
    now = utc_now()
    teams.form_team(now, mei, [make_person(now)], committed.campaign, committed.product)
    teams.open_and_pay(now, make_person(now), committed.campaign, committed.product, quantity=2)
    (figures,) = groupbuy.list_campaigns_of([committed.product.id])
    assert (figures.forming, figures.formed, figures.failed, figures.pieces) == (1, 1, 0, 2)
    assert [minor for _currency, minor in figures.sold] == [7_800]
    page = bench.page("/campaigns")
    assert "¥78.00" in page
    assert "you stop it" in page


def test_opening_and_stopping(bench: Bench, committed: Market) -> None:
    bench.client.post(f"{bench.home}/campaigns/{committed.campaign.id}/stop", key())
    assert groupbuy.campaigns_by_product([committed.product.id], utc_now()) == {}
    form = {"product": str(committed.product.id), "size": "4", "hours": "48", "max_per_order": "2", "days": "7"}
    bench.client.post(f"{bench.home}/campaigns", {**form, **key()})
    campaign = groupbuy.campaigns_by_product([committed.product.id], utc_now())[committed.product.id]
    assert (campaign.size, campaign.max_per_order) == (4, 2)
    before = footprint()
    assert bench.client.post(f"{bench.home}/campaigns", {**form, **key()}).status_code == 409  # they would overlap
    assert footprint() == before


@pytest.mark.parametrize(
    "change", [{"size": "1"}, {"hours": "0"}, {"product": "999999"}, {"total_limit": "1"}], ids=str
)
def test_wrong_campaigns_are_refused_and_change_nothing(
    bench: Bench, committed: Market, change: dict[str, str]
) -> None:
    bench.client.post(f"{bench.home}/campaigns/{committed.campaign.id}/stop", key())
    form = {"product": str(committed.product.id), "size": "4", "hours": "48", "max_per_order": "2", **change}
    before = footprint()
    assert bench.client.post(f"{bench.home}/campaigns", {**form, **key()}).status_code == 422
    assert footprint() == before


def test_another_shops_campaign_is_none(bench: Bench) -> None:
    product = goods.make_product(utc_now(), shop=goods.make_shop(utc_now(), owner_id=another_owner().id))
    campaign = goods.make_campaign(utc_now(), product)
    before = footprint()
    assert bench.client.post(f"{bench.home}/campaigns/{campaign.id}/stop", key()).status_code == 404
    form = {"product": str(product.id), "size": "4", "hours": "48", "max_per_order": "2"}
    assert bench.client.post(f"{bench.home}/campaigns", {**form, **key()}).status_code == 422
    assert footprint() == before
