"""Which link a paid order is credited to, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from tests.builders.alliance import RETURN_WINDOW, Market, published
from wuyou.domains.alliance import events, models, operations, queries
from wuyou.domains.alliance.types import CommissionState, Part, PartyRole
from wuyou.domains.catalog.types import Product
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import operations as orders
from wuyou.infra import db

DAY = timedelta(days=1)


def test_paid_line_keeps_who_which_role_and_which_rate(market: Market) -> None:
    product, publisher, tool = market.product(10_000), market.publisher(), market.publisher()
    market.plan(1_500, shares=(7_000, 2_000, 1_000))
    link = market.link(publisher, product, partner=tool, slot="我的群")
    buyer = market.person()
    market.click(link, buyer)
    order = market.buy(buyer, product, at=market.now + DAY, quantity=2)
    conversion = market.conversion(order)
    assert conversion.state is CommissionState.ESTIMATED
    assert (conversion.amount_minor, conversion.rate_bps, conversion.commission_minor) == (20_000, 1_500, 3_000)
    assert (conversion.slot_name, conversion.is_direct) == ("我的群", True)
    assert (conversion.clicked_at, conversion.placed_at) == (market.now, market.now + DAY)
    assert conversion.parts == (
        Part(PartyRole.PUBLISHER, publisher.id, 7_000, 2_100, 0),
        Part(PartyRole.PARTNER, tool.id, 2_000, 600, 0),
        Part(PartyRole.PLATFORM, None, 1_000, 300, 0),
    )
    (told,) = published(events.ConversionRecorded)
    assert told == events.ConversionRecorded(
        conversion.id,
        order.id,
        order.order_no,
        told.line_id,
        publisher.id,
        link.id,
        1_500,
        2_100,
        "CNY",
        told.occurred_at,
    )
    assert market.balance(publisher) == 0


def test_later_change_of_plan_leaves_the_snapshot_alone(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, product), buyer)
    order = market.buy(buyer, product)
    before = market.conversion(order)
    market.plan(100, shares=(0, 0, 10_000))
    assert market.conversion(order) == before
    market.complete(order)
    assert market.balance(publisher) == 900


def test_rate_is_the_one_at_the_click_not_at_the_order(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(publisher, product), buyer, market.now + DAY)
    market.plan(200, at=market.now + 2 * DAY)
    assert market.conversion(market.buy(buyer, product, at=market.now + 3 * DAY)).rate_bps == 1_000


def test_click_made_before_the_shop_left_still_earns(market: Market) -> None:
    product, early, late, buyer = market.product(), market.publisher(), market.publisher(), market.person()
    market.plan(1_000)
    market.click(market.link(early, product), buyer)
    market.link(early, product)
    market.plan(0, at=market.now + DAY)
    market.click(market.link(late, product, at=market.now + 2 * DAY), buyer, market.now + 2 * DAY)
    conversion = market.conversion(market.buy(buyer, product, at=market.now + 3 * DAY))
    assert conversion.parts[0].publisher_id == early.id


def test_last_of_several_clicks_wins(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    publishers = [market.publisher() for _ in range(3)]
    for day, publisher in enumerate(publishers):
        market.click(market.link(publisher, product), buyer, market.now + day * DAY)
    conversion = market.conversion(market.buy(buyer, product, at=market.now + 2 * DAY))
    assert conversion.parts[0].publisher_id == publishers[-1].id


def test_window_is_fifteen_days_to_the_last_moment(market: Market) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    market.click(market.link(publisher, product), buyer)
    inside = market.buy(buyer, product, at=market.now + 15 * DAY)
    outside = market.buy(buyer, product, at=market.now + 15 * DAY + timedelta(microseconds=1))
    assert len(market.conversions(inside)) == 1
    assert market.conversions(outside) == ()


def test_window_counts_from_placing_the_order_not_from_paying(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    order = market.place(buyer, product, at=market.now)
    market.click(market.link(market.publisher(), product), buyer, market.now + timedelta(seconds=1))
    market.pay(order, market.now + timedelta(minutes=5))
    assert market.conversions(order) == ()


def test_own_purchase_earns_nothing_and_lets_an_earlier_link_earn(market: Market) -> None:
    product, other, own = market.product(), market.publisher(), market.publisher()
    market.plan()
    buyer = own.user_id
    market.click(market.link(own, product), buyer)
    assert market.conversions(market.buy(buyer, product)) == ()
    market.click(market.link(other, product), buyer, market.now)
    market.click(market.link(own, product), buyer, market.now + timedelta(minutes=1))
    conversion = market.conversion(market.buy(buyer, product, at=market.now + timedelta(minutes=2)))
    assert conversion.parts[0].publisher_id == other.id


def test_other_goods_of_the_same_shop_earn_at_their_own_rate(market: Market) -> None:
    shown, bought, publisher, buyer = market.product(), market.product(20_000), market.publisher(), market.person()
    market.plan(1_000)
    market.plan(500, product=bought)
    market.click(market.link(publisher, shown), buyer)
    conversion = market.conversion(market.buy(buyer, bought))
    assert (conversion.is_direct, conversion.product_id, conversion.rate_bps) == (False, bought.id, 500)
    assert conversion.commission_minor == 1_000


def test_order_goes_to_the_link_of_its_own_shop(market: Market) -> None:
    """A buyer known from another link is not credited to that one."""
    here, there = market.publisher(), market.publisher()
    foreign_shop = market.open_shop()
    product, foreign = market.product(), market.product(shop=foreign_shop)
    market.plan()
    market.plan(shop=foreign_shop)
    buyer = market.person()
    market.click(market.link(here, product, slot="here"), buyer, market.now)
    market.click(market.link(there, foreign), buyer, market.now + timedelta(minutes=1))
    conversion = market.conversion(market.buy(buyer, product, at=market.now + timedelta(minutes=2)))
    assert (conversion.parts[0].publisher_id, conversion.slot_name) == (here.id, "here")


def test_each_line_is_credited_by_itself(market: Market) -> None:
    listed, unlisted, publisher, buyer = (
        market.product(3_000),
        market.product(7_000),
        market.publisher(),
        market.person(),
    )
    market.plan(1_000, product=listed)
    market.click(market.link(publisher, listed), buyer)
    order = market.buy(buyer, unlisted, listed)
    conversion = market.conversion(order)
    assert (conversion.product_id, conversion.amount_minor) == (listed.id, 3_000)


def test_unknown_visitor_is_credited_after_signing_in_and_not_for_orders_before(market: Market) -> None:
    product, publisher, buyer = market.product(), market.publisher(), market.person()
    market.plan()
    link = market.link(publisher, product)
    operations.record_click(token=link.token, visitor="v", user_id=None, now=market.now)
    earlier = market.buy(buyer, product, at=market.now + DAY)
    operations.bind_visitor(visitor="v", user_id=buyer, now=market.now + 2 * DAY)
    later = market.buy(buyer, product, at=market.now + 3 * DAY)
    assert market.conversions(earlier) == ()
    market.hear_again(market.now, orders_events.OrderPaid)
    assert market.conversions(earlier) == ()
    assert market.conversion(later).clicked_at == market.now


def test_without_a_partner_the_share_is_the_publishers(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
    market.plan(1_000, shares=(7_000, 2_000, 1_000))
    market.click(market.link(publisher, product), buyer)
    assert [
        (part.role, part.share_bps, part.estimated_minor)
        for part in market.conversion(market.buy(buyer, product)).parts
    ] == [
        (PartyRole.PUBLISHER, 9_000, 900),
        (PartyRole.PLATFORM, 1_000, 100),
    ]


def test_five_parties_are_paid_by_one_balanced_journal(market: Market) -> None:
    """Second and third party, tool provider and recruiter, and the platform, which adds a subsidy."""
    product, buyer = market.product(10_000), market.person()
    publisher, third, tool, recruiter = (market.publisher() for _ in range(4))
    market.plan(2_000, shares=(7_000, 2_000, 1_000), recruiter=recruiter, service_bps=300, special_bps=50)
    market.subsidy(rate_bps=500, cap_minor=400, budget_minor=1_000)
    before = market.balance(None)
    link = market.link(publisher, product, partner=tool, slot="shared", third=third, third_share_bps=2_500)
    market.click(link, buyer)
    order = market.buy(buyer, product)
    assert {part.role: part.estimated_minor for part in market.conversion(order).parts} == {
        PartyRole.PUBLISHER: 1_050,
        PartyRole.THIRD: 350,
        PartyRole.PARTNER: 400,
        PartyRole.PLATFORM: 200,
        PartyRole.RECRUITER: 300,
        PartyRole.SPECIAL: 50,
        PartyRole.SUBSIDY: 300,
        PartyRole.THIRD_SUBSIDY: 100,
    }
    market.complete(order)
    assert [market.balance(one) for one in (publisher, third, tool, recruiter)] == [1_350, 450, 400, 300]
    assert market.balance(None) - before == 200 + 50 - 400
    assert market.shop_balance() == 10_000 - 2_000 - 300 - 50
    assert all(check.holds for check in (*queries.verify(), *ledger.verify()))
    market.refund(order)
    assert [market.balance(one) for one in (publisher, third, tool, recruiter)] == [0, 0, 0, 0]
    assert market.balance(None) == before
    assert all(check.holds for check in queries.verify())


def test_who_buys_earns_nothing_in_any_role(market: Market) -> None:
    product, publisher, buyer = market.product(10_000), market.publisher(), market.publisher()
    market.plan(2_000, shares=(7_000, 2_000, 1_000), recruiter=buyer, service_bps=300)
    link = market.link(publisher, product, partner=buyer, slot="shared", third=buyer, third_share_bps=2_500)
    market.click(link, buyer.user_id)
    assert [
        (part.role, part.estimated_minor) for part in market.conversion(market.buy(buyer.user_id, product)).parts
    ] == [
        (PartyRole.PUBLISHER, 1_800),
        (PartyRole.PLATFORM, 200),
    ]


def test_person_who_joins_by_another_buyers_link_earns_that_buyer_a_share(market: Market) -> None:
    """Links between people: every buyer may pass a link on, and each sale is credited to the one who passed it."""
    product = market.product(10_000)
    market.plan(1_000, shares=(10_000, 0, 0))
    people = [market.person() for _ in range(4)]
    market.buy(people[0], product)
    for before, after in pairwise(people):
        link = market.link(market.publisher(before), product)
        market.click(link, after)
        order = market.buy(after, product)
        market.complete(order)
    assert [queries.earnings_of(person).settled.amount_minor for person in people] == [1_000, 1_000, 1_000, 0]


def test_unpaid_order_leaves_nothing_behind(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    market.click(market.link(market.publisher(), product), buyer)
    order = market.place(buyer, product)
    assert orders.close_order(order_id=order.id, now=market.now + DAY)
    market.hear(market.now)
    assert models.Conversion.objects.count() == 0


def test_paid_order_heard_twice_is_one_conversion_a_line(market: Market) -> None:
    one, other, buyer = market.product(), market.product(), market.person()
    market.plan()
    market.click(market.link(market.publisher(), one), buyer)
    order = market.buy(buyer, one, other)
    before = market.conversions(order)
    assert len(before) == 2
    for _ in range(3):
        market.hear_again(market.now, orders_events.OrderPaid)
    assert market.conversions(order) == before
    assert len(published(events.ConversionRecorded)) == 2


def test_database_itself_refuses_a_second_conversion_of_a_line_and_a_second_part_of_a_role(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    market.click(market.link(market.publisher(), product), buyer)
    market.buy(buyer, product)
    conversion = models.Conversion.objects.get()
    with pytest.raises(IntegrityError), db.savepoint():
        models.Conversion.objects.create(
            **{
                field.attname: getattr(conversion, field.attname)
                for field in models.Conversion._meta.concrete_fields
                if field.name != "id"
            }
        )
    with pytest.raises(IntegrityError), db.savepoint():
        models.Commission.objects.create(conversion=conversion, role="PLATFORM", estimated_minor=1)


@pytest.mark.parametrize("lines", [1, 5])
def test_paid_order_costs_one_statement_without_a_link_and_five_with_one(market: Market, lines: int) -> None:
    products: list[Product] = [market.product() for _ in range(lines)]
    market.plan()
    stranger, buyer = market.person(), market.person()
    market.click(market.link(market.publisher(), products[0]), buyer)

    def statements_to_hear(user_id: int) -> int:
        market.buy(user_id, *products)
        (paid,) = (paid for paid in published(orders_events.OrderPaid) if paid.buyer_id == user_id)  # type: ignore[attr-defined]
        models.Commission.objects.all().delete()
        models.Conversion.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            operations.record_conversions(paid=[paid], now=market.now)  # type: ignore[arg-type]
        return len(captured)

    assert statements_to_hear(stranger) == 1
    assert statements_to_hear(buyer) == 5


def test_clicks_of_a_buyer_are_found_by_their_index(market: Market) -> None:
    product, buyer = market.product(), market.person()
    market.plan()
    market.click(market.link(market.publisher(), product), buyer)
    db.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        queries.trace(buyer_id=buyer, shop_id=market.shop.id, product_ids=[product.id], placed_at=market.now)
    plan = "\n".join(line for (line,) in db.rows("EXPLAIN " + captured[0]["sql"]))
    assert "clicks_of_a_buyer" in plan


def test_completed_order_that_nobody_brought_is_settled_to_the_shop(market: Market) -> None:
    product = market.product(10_000)
    order = market.buy(market.person(), product)
    market.complete(order)
    market.hear_again(market.now + RETURN_WINDOW, orders_events.OrderCompleted)
    assert market.shop_balance() == 10_000
    assert market.shop_balance(AccountKind.MERCHANT_ESCROW) == 0
