"""However often news of orders comes, after the first, in whatever order and runs: the books are the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders.alliance import ALLIANCE, ORDERS, RETURN_WINDOW, Market, published
from tests.properties.test_alliance_books import undone
from wuyou.domains.alliance import queries
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import operations as orders
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM

AFTER_PAYMENT = (orders_events.OrderReceived, orders_events.OrderRefunded, orders_events.OrderCompleted)


def lived(now: datetime) -> tuple[Market, list[object], list[object]]:
    """Four orders that a link brought, and what was told of their payment and of all that followed."""
    market = Market(now)
    market.hear = lambda now: None  # type: ignore[method-assign]
    goods = [market.product(9_990), market.product(3_331)]
    market.plan(1_500, shares=(6_667, 2_222, 1_111), recruiter=market.publisher(), service_bps=133)
    link = market.link(market.publisher(), goods[0], partner=market.publisher())
    for _ in range(4):
        buyer = market.person()
        market.click(link, buyer)
        market.buy(buyer, *goods)
    for event in published(*ORDERS.handlers):
        ORDERS.handle([event], now)  # type: ignore[list-item]
    paid = published(orders_events.OrderPaid)
    for number, each in enumerate(paid):
        order_id: int = each.order_id  # type: ignore[attr-defined]
        orders.ship_order(actor=PLATFORM, order_id=order_id, now=now)
        orders.receive_order(order_id=order_id, now=now)
        for amount in [1_111, 2_500][: number % 3]:
            orders.request_refund(seller=None, order_id=order_id, amount_minor=amount, reason="late", now=now)
        assert orders.complete_order(order_id=order_id, now=now + RETURN_WINDOW)
        if number == 3:
            orders.request_refund(
                seller=None, order_id=order_id, amount_minor=None, reason="broken", now=now + RETURN_WINDOW
            )
    return market, paid, published(*AFTER_PAYMENT)


def books() -> tuple[object, ...]:
    """What everyone has, and what each line came to. One that came back whole is void, or settled with nothing."""
    accounts = [(account.ref.code, account.balance.amount_minor) for account in ledger.list_accounts(limit=100).items]
    parts = db.rows(
        """
        SELECT v.line_id, CASE WHEN v.order_refunded_minor < v.order_total_minor THEN v.state END,
               v.order_refunded_minor, m.role, m.settled_minor
        FROM alliance_conversion v JOIN alliance_commission m ON m.conversion_id = v.id ORDER BY 1, 4
        """
    )
    return sorted(accounts), parts


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(seed=st.integers(0, 2**32), copies=st.integers(1, 3))
@undone
def test_news_in_any_order_any_number_of_times_and_any_runs_gives_the_same_books(
    db: None, now: datetime, seed: int, copies: int
) -> None:
    from wuyou.infra import db as database

    draws = random.Random(seed)
    at = now + timedelta(days=20)
    expected: list[tuple[object, ...]] = []

    def hear(paid: list[object], later: list[object], *, in_runs: bool) -> None:
        for part in (paid, later):
            start = 0
            while start < len(part):
                size = draws.randint(1, 5) if in_runs else 1
                ALLIANCE.handle(part[start : start + size], at)  # type: ignore[arg-type]
                start += size

    class Undo(Exception):
        pass

    _, paid, later = lived(now)
    try:
        with database.savepoint():
            hear(paid, later, in_runs=False)
            expected.append(books())
            raise Undo
    except Undo:
        pass
    twice, mixed = paid * copies, later * copies + paid
    draws.shuffle(twice)
    draws.shuffle(mixed)
    hear(twice, mixed, in_runs=True)
    assert books() == expected[0]
    assert [check for check in (*queries.verify(), *ledger.verify()) if check.breach_count] == []
