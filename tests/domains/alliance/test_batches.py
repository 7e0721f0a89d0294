"""Many orders recorded and settled by one call are what they are one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders.alliance import ALLIANCE, RETURN_WINDOW, Market, published
from wuyou.domains.alliance import models, operations, queries
from wuyou.domains.alliance.types import FirstPieces
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import operations as orders
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM

DAY = timedelta(days=1)


def busy_fortnight(market: Market) -> None:
    """Two shops, changing rates, first pieces, subsidies that run out, shared slots, tools, recruiters, strangers,
    people who buy through their own links, clicks that no plan pays; paid orders that nobody has heard of yet.
    """
    market.hear = lambda now: None  # type: ignore[method-assign]
    other = market.open_shop()
    goods = [market.product(9_990), market.product(3_333), market.product(777, shop=other)]
    publisher, own, tool, third, recruiter = (market.publisher() for _ in range(5))
    market.plan(1_000, recruiter=recruiter, service_bps=150, special_bps=50, first=FirstPieces(2_000, 3))
    market.plan(700, product=goods[1], at=market.now + 3 * DAY)
    market.plan(0, shop=other)
    market.plan(900, shop=other, at=market.now + 2 * DAY)
    market.subsidy(rate_bps=500, cap_minor=400, budget_minor=1_000)
    links = [
        market.link(publisher, goods[0], partner=tool, slot="shared", third=third, third_share_bps=3_333),
        market.link(own, goods[1]),
        market.link(publisher, goods[2], partner=tool),
    ]
    buyers = [market.person(), own.user_id, market.person()]
    for day, buyer in enumerate(buyers):
        for number, link in enumerate(links):
            market.click(link, buyer, market.now + day * DAY + number * timedelta(hours=1))
    # The last click of the third buyer is by who began when nothing was paid any more: an earlier one wins.
    market.plan(0, shop=other, at=market.now + 3 * DAY)
    late = market.link(market.publisher(), goods[2], at=market.now + 3 * DAY)
    market.click(late, buyers[2], market.now + 3 * DAY)
    for day in range(4, 7):
        for number, buyer in enumerate([*buyers, market.person()]):
            at = market.now + day * DAY + timedelta(minutes=number)
            if number % 2:
                market.buy(buyer, goods[0], goods[1], at=at, quantity=day - 3)
            else:
                market.buy(buyer, goods[2], at=at)
    hear_orders(market)


def hear_orders(market: Market) -> None:
    """Captured payments become paid orders, whose news the alliance has not heard."""
    from tests.builders.alliance import ORDERS

    for event in published(*ORDERS.handlers):
        ORDERS.handle([event], market.now)  # type: ignore[list-item]


def complete_all(market: Market) -> None:
    """Every second order is refunded in part before it is complete."""
    paid: Sequence[orders_events.OrderPaid] = published(orders_events.OrderPaid)  # type: ignore[assignment]
    for number, each in enumerate(paid):
        orders.ship_order(actor=PLATFORM, order_id=each.order_id, now=market.now + 7 * DAY)
        orders.receive_order(order_id=each.order_id, now=market.now + 8 * DAY)
        if number % 2:
            orders.request_refund(
                seller=None, order_id=each.order_id, amount_minor=333, reason="late", now=market.now + 9 * DAY
            )
        assert orders.complete_order(order_id=each.order_id, now=market.now + 8 * DAY + RETURN_WINDOW)


def result(market: Market) -> list[object]:
    """Everything that was stored, told and booked, without ids that are given by the way."""
    conversions = db.rows(
        """
        SELECT v.line_id, v.click_id, v.plan_id, v.is_direct, v.rate_bps, v.service_bps, v.special_bps,
               v.third_share_bps, v.subsidies::text, v.first_position, v.amount_minor, v.line_amounts_minor,
               v.line_position, v.order_total_minor, v.order_refunded_minor, v.refunded_minor, v.state, v.clicked_at,
               v.placed_at, v.confirmed_at, v.settled_at,
               (SELECT jsonb_object_agg(m.role, jsonb_build_array(m.publisher_id, m.estimated_minor, m.settled_minor))
                FROM alliance_commission m WHERE m.conversion_id = v.id)::text
        FROM alliance_conversion v ORDER BY v.line_id
        """
    )
    booked = [
        (journal.key, sorted((t.debit.code, t.credit.code, t.amount.amount_minor, t.kind) for t in journal.transfers))
        for journal in ledger.list_journals(limit=100, oldest_first=True).items
        if journal.kind in ("settle", "unsettle")
    ]
    reasons = db.rows(
        """
        SELECT j.key, a.code, r.formula, r.inputs ->> 'party', r.amount_minor FROM ledger_reason r
        JOIN ledger_journal j ON j.id = r.journal_id JOIN ledger_account a ON a.id = r.account_id
        WHERE j.kind IN ('settle', 'unsettle') ORDER BY 1, 2, 3, 4, 5
        """
    )
    counts = db.rows("SELECT first_sold FROM alliance_plan ORDER BY id") + db.rows(
        "SELECT spent_minor FROM alliance_subsidy ORDER BY id"
    )
    told = db.rows("SELECT name, count(*) FROM event WHERE starts_with(name, 'alliance.') GROUP BY 1 ORDER BY 1")
    return [conversions, sorted(booked), reasons, counts, told]


def hear_all(market: Market, kinds: tuple[type, ...], *, at_once: bool) -> None:
    news = published(*kinds)
    if at_once:
        # Of one kind at a time: as long runs as can be.
        for kind in kinds:
            ALLIANCE.handle([each for each in news if type(each) is kind], market.now + 20 * DAY)  # type: ignore[misc]
    else:
        for kind in kinds:
            for each in news:
                if type(each) is kind:
                    ALLIANCE.handle([each], market.now + 20 * DAY)  # type: ignore[list-item]


class _Undo(Exception):
    pass


def undone(work: Callable[[], list[object]]) -> list[object]:
    found: list[object] = []
    with suppress(_Undo), db.savepoint():
        found = work()
        raise _Undo
    return found


def test_many_at_once_are_what_they_are_one_by_one(market: Market) -> None:
    busy_fortnight(market)
    after_payment = (orders_events.OrderPaid, orders_events.OrderReceived)
    after_completion = (orders_events.OrderRefunded, orders_events.OrderCompleted)

    def live(at_once: bool) -> list[object]:
        hear_all(market, (orders_events.OrderPaid,), at_once=at_once)
        complete_all(market)
        hear_all(market, (*after_payment, *after_completion), at_once=at_once)
        assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []
        return result(market)

    one_by_one = undone(lambda: live(at_once=False))
    together = undone(lambda: live(at_once=True))
    conversions, booked, *_ = together
    assert len(conversions) == 9  # type: ignore[arg-type]
    assert len(booked) == 12  # type: ignore[arg-type]
    for alone, many in zip(one_by_one, together, strict=True):
        assert alone == many


def test_order_told_twice_in_one_call_is_recorded_and_settled_once(market: Market) -> None:
    busy_fortnight(market)
    paid: list[orders_events.OrderPaid] = published(orders_events.OrderPaid)  # type: ignore[assignment]
    made = operations.record_conversions(paid=[*paid, *paid], now=market.now)
    assert made == models.Conversion.objects.count() > 0
    assert operations.record_conversions(paid=paid, now=market.now) == 0
    complete_all(market)
    completed: list[orders_events.OrderCompleted] = published(orders_events.OrderCompleted)  # type: ignore[assignment]
    operations.settle_orders(completed=[*completed, *completed[:2]], now=market.now)
    before = result(market)
    operations.settle_orders(completed=completed, now=market.now)
    assert result(market) == before


def test_what_cannot_be_booked_settles_none_of_a_call(market: Market) -> None:
    """The dispatcher then takes them one by one, and finds the one to blame."""
    busy_fortnight(market)
    hear_all(market, (orders_events.OrderPaid,), at_once=True)
    complete_all(market)
    completed: list[orders_events.OrderCompleted] = published(orders_events.OrderCompleted)  # type: ignore[assignment]
    broken = replace(completed[0], net_minor=10**9)
    before = result(market)
    with pytest.raises(ledger_errors.AccountOverdrawn), db.savepoint():
        operations.settle_orders(completed=[*completed[1:], broken], now=market.now)
    assert result(market) == before


def test_many_orders_cost_as_many_statements_as_one(market: Market) -> None:
    market.hear = lambda now: None  # type: ignore[method-assign]
    product = market.product()
    market.plan()
    link = market.link(market.publisher(), product)
    buyers = [market.person() for _ in range(8)]
    for buyer in buyers:
        market.click(link, buyer)
        market.buy(buyer, product)
    hear_orders(market)
    paid: list[orders_events.OrderPaid] = published(orders_events.OrderPaid)  # type: ignore[assignment]
    assert len(paid) == 8

    def statements(work: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return sum("SAVEPOINT" not in query["sql"] for query in captured)

    assert statements(lambda: operations.record_conversions(paid=paid[:1], now=market.now)) == 5
    assert statements(lambda: operations.record_conversions(paid=paid[1:], now=market.now)) == 5
    for order_id in [each.order_id for each in paid]:
        orders.ship_order(actor=PLATFORM, order_id=order_id, now=market.now)
        orders.receive_order(order_id=order_id, now=market.now)
        orders.complete_order(order_id=order_id, now=market.now + RETURN_WINDOW)
    completed: list[orders_events.OrderCompleted] = published(orders_events.OrderCompleted)  # type: ignore[assignment]
    operations.settle_orders(completed=completed[:1], now=market.now)
    assert statements(lambda: operations.settle_orders(completed=completed[1:2], now=market.now)) == 4
    assert statements(lambda: operations.settle_orders(completed=completed[2:], now=market.now)) == 4


def test_events_of_a_kind_that_follow_each_other_are_handled_by_one_call(market: Market) -> None:
    busy_fortnight(market)
    heard: list[int] = []
    original = operations.record_conversions
    runs = [len(list(run)) for kind, run in groupby(published(*ALLIANCE.by_name.values()), type)]
    subscriber = type(ALLIANCE)(
        "alliance",
        {},
        {
            orders_events.OrderPaid: lambda paid, now: heard.append(original(paid=paid, now=now)),
        },
    )
    subscriber.handle(published(orders_events.OrderPaid), market.now)  # type: ignore[arg-type]
    assert runs == [12]
    assert heard == [models.Conversion.objects.count()]
