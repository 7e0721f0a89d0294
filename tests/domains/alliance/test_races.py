"""Two connections at once, each race with a control in which the guard is taken away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from django.db import connection

from tests.builders.alliance import Market, published
from wuyou.domains.alliance import errors, models, operations, queries
from wuyou.domains.alliance.queries import commissions
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import Publisher
from wuyou.domains.orders import events as orders_events
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

R = TypeVar("R")


def elsewhere(work: Callable[[], R]) -> R:
    """Do work in a transaction of this thread's own connection, which ends with it."""
    try:
        return db.in_transaction(work)
    finally:
        connection.close()


@contextmanager
def held_open(work: Callable[[], object]) -> Iterator[None]:
    """Another connection has done `work` and commits only when the block is left."""
    done, may_commit = threading.Event(), threading.Event()

    def work_and_wait() -> None:
        work()
        done.set()
        assert may_commit.wait(10)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(elsewhere, work_and_wait)
        assert done.wait(10)
        try:
            yield
        finally:
            may_commit.set()
            future.result(10)


def wait_until_blocked(future: Future[R]) -> None:
    """Until a connection waits for a lock of another; fails when the work ends instead."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if future.done():
            future.result()
            pytest.fail("nobody waited")
        if db.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"):
            return
        time.sleep(0.01)
    pytest.fail("nobody waited")


@pytest.fixture
def settled(now: datetime) -> tuple[Market, Publisher, list[orders_events.OrderRefunded]]:
    """A settled order of 10,000 at 10 %, and the news of two refunds of 2,500 that nobody has handled."""

    def make() -> tuple[Market, Publisher]:
        market = Market(now)
        product, publisher, buyer = market.product(10_000), market.publisher(), market.person()
        market.plan(1_000, shares=(10_000, 0, 0))
        market.click(market.link(publisher, product), buyer)
        order = market.buy(buyer, product)
        market.complete(order)
        market.hear = lambda now: None  # type: ignore[method-assign]
        market.refund(order, 2_500)
        market.refund(order, 2_500)
        return market, publisher

    market, publisher = db.in_transaction(make)
    return market, publisher, published(orders_events.OrderRefunded)  # type: ignore[return-value]


def handle_at_once(now: datetime, first: orders_events.OrderRefunded, second: orders_events.OrderRefunded) -> None:
    """Handle the second while the first is handled but not committed."""
    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: operations.reverse_commissions(refunded=first, now=now)):
            future = pool.submit(elsewhere, lambda: operations.reverse_commissions(refunded=second, now=now))
            wait_until_blocked(future)
        future.result(10)


@pytest.mark.parametrize("first", [0, 1])
def test_refunds_at_once_take_back_each_share_once(
    settled: tuple[Market, Publisher, list[orders_events.OrderRefunded]], first: int
) -> None:
    market, publisher, news = settled
    handle_at_once(market.now, news[first], news[1 - first])
    assert market.balance(publisher) == 500
    assert [check for check in queries.verify() if not check.holds] == []


def test_control_without_the_lock_the_share_is_taken_back_twice(
    settled: tuple[Market, Publisher, list[orders_events.OrderRefunded]], monkeypatch: pytest.MonkeyPatch
) -> None:
    locking = commissions.standings

    def reading(condition: str, params: list[object], tail: str) -> list[Standing]:
        return locking(condition, params, tail.replace("FOR UPDATE", ""))

    monkeypatch.setattr(commissions, "standings", reading)
    market, publisher, news = settled
    handle_at_once(market.now, news[0], news[1])
    assert market.balance(publisher) == 1_000 - 250 - 500
    assert "settled_parts_are_booked" in {check.name for check in queries.verify() if not check.holds}


def test_paid_order_handled_at_once_is_one_conversion(now: datetime) -> None:
    def make() -> Market:
        market = Market(now)
        product, buyer = market.product(), market.person()
        market.plan()
        market.click(market.link(market.publisher(), product), buyer)
        market.buy(buyer, product)
        models.Commission.objects.all().delete()
        models.Conversion.objects.all().delete()
        return market

    market = db.in_transaction(make)
    (paid,) = published(orders_events.OrderPaid)

    def record() -> int:
        return operations.record_conversions(paid=paid, now=market.now)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        with held_open(record):
            future = pool.submit(elsewhere, record)
            wait_until_blocked(future)
        assert future.result(10) == 0
    assert models.Conversion.objects.count() == 1
    assert models.Commission.objects.count() == 2


def test_plans_set_at_once_never_hold_together(now: datetime) -> None:
    market = db.in_transaction(lambda: Market(now))

    def set_plan(days: int) -> object:
        return market.plan(1_000, from_=now + timedelta(days=days))

    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: set_plan(1)):
            future = pool.submit(elsewhere, lambda: set_plan(2))
            wait_until_blocked(future)
        with pytest.raises(errors.PlanOverlaps):
            future.result(10)
    assert len(queries.list_plans(market.shop.id)) == 1


def test_control_without_the_constraint_two_plans_hold_together(now: datetime) -> None:
    market = db.in_transaction(lambda: Market(now))
    constraint = "one_plan_at_a_time_for_the_same_goods"
    ((definition,),) = db.rows("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint])
    db.execute(f"ALTER TABLE alliance_plan DROP CONSTRAINT {constraint}")
    try:
        with ThreadPoolExecutor(1) as pool, held_open(lambda: market.plan(1_000, from_=now + timedelta(days=1))):
            pool.submit(elsewhere, lambda: market.plan(2_000, from_=now + timedelta(days=2))).result(10)
        held = [p for p in queries.list_plans(market.shop.id) if p.until is None]
        assert len(held) == 2
    finally:
        models.Plan.objects.all().delete()
        db.execute(f"ALTER TABLE alliance_plan ADD CONSTRAINT {constraint} {definition}")


def test_link_and_publisher_asked_for_at_once_are_one(now: datetime) -> None:
    def make() -> tuple[Market, int, int]:
        market = Market(now)
        return market, market.product().id, market.person()

    _, product_id, user_id = db.in_transaction(make)

    def ensure() -> tuple[int, str]:
        publisher = operations.ensure_publisher(user_id=user_id, now=now)
        link = operations.ensure_link(
            publisher_id=publisher.id, slot_name="home", product_id=product_id, path="/", now=now
        )
        return publisher.id, link.token

    with ThreadPoolExecutor(1) as pool:
        with held_open(ensure):
            future = pool.submit(elsewhere, ensure)
            wait_until_blocked(future)
        publisher_id, token = future.result(10)
    assert models.Publisher.objects.get().id == publisher_id
    assert models.Link.objects.get().token == token
