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
from django.db import IntegrityError, connection

from tests.builders import holds
from tests.builders.alliance import RETURN_WINDOW, Market, published
from tests.builders.waiting import waiters
from wuyou.domains.alliance import errors, granting, models, operations, planning, queries
from wuyou.domains.alliance.flagging import findings_of
from wuyou.domains.alliance.queries import commissions
from wuyou.domains.alliance.rules import Standing
from wuyou.domains.alliance.types import FirstPieces, ParticipantState, Publisher
from wuyou.domains.orders import events as orders_events
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor

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
        if waiters():
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
        return operations.record_conversions(paid=[paid], now=market.now)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        with held_open(record):
            future = pool.submit(elsewhere, record)
            wait_until_blocked(future)
        assert future.result(10) == 0
    assert models.Conversion.objects.count() == 1
    assert models.Commission.objects.count() == 2


def test_plans_set_at_once_are_compared_one_after_the_other(now: datetime) -> None:
    """The second is a cut of the first, and who promotes the shop gets notice of it."""
    market = db.in_transaction(lambda: Market(now))
    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: market.plan(2_000)):
            future = pool.submit(elsewhere, lambda: market.plan(1_000))
            wait_until_blocked(future)
        assert future.result(10).notice_before == now


def test_control_without_the_lock_a_cut_at_once_gives_no_notice(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_wait_for_turn", lambda shop_id: None)
    market = db.in_transaction(lambda: Market(now))
    with ThreadPoolExecutor(1) as pool, held_open(lambda: market.plan(2_000)):
        plan = pool.submit(elsewhere, lambda: market.plan(1_000)).result(10)
        assert plan.notice_before is None


@pytest.fixture
def last_one(now: datetime) -> tuple[Market, list[orders_events.OrderPaid]]:
    """Two paid orders of one piece each, of which one can be the first, and be given the last cent of a subsidy."""

    def make() -> tuple[Market, int]:
        market = Market(now)
        product = market.product(10_000)
        market.plan(1_000, first=FirstPieces(2_000, 1))
        market.subsidy(rate_bps=1_000, cap_minor=1_000, budget_minor=1_000)
        link = market.link(market.publisher(), product)
        for buyer in (market.person(), market.person()):
            market.click(link, buyer)
            market.buy(buyer, product)
        models.Commission.objects.all().delete()
        models.Conversion.objects.all().delete()
        models.Plan.objects.update(first_sold=0)
        models.Subsidy.objects.update(spent_minor=0)
        return market, product.id

    market, _ = db.in_transaction(make)
    return market, published(orders_events.OrderPaid)  # type: ignore[return-value]


def record_at_once(market: Market, paid: list[orders_events.OrderPaid]) -> None:
    def record(event: orders_events.OrderPaid) -> int:
        return operations.record_conversions(paid=[event], now=market.now)

    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: record(paid[0])):
            future = pool.submit(elsewhere, lambda: record(paid[1]))
            wait_until_blocked(future)
        future.result(10)


def test_last_first_piece_and_last_of_a_budget_are_given_once(
    last_one: tuple[Market, list[orders_events.OrderPaid]],
) -> None:
    market, paid = last_one
    record_at_once(market, paid)
    assert list(models.Conversion.objects.order_by("id").values_list("rate_bps", "first_position")) == [
        (2_000, 0),
        (1_000, None),
    ]
    assert models.Subsidy.objects.get().spent_minor == 1_000
    assert models.Commission.objects.filter(role="SUBSIDY").count() == 1
    nothing_to_see = {"settled_parts_are_booked", "no_sale_is_forgotten"}
    assert {check.name for check in queries.verify() if not check.holds} == nothing_to_see


def test_control_without_locks_the_counts_would_be_overdrawn(
    last_one: tuple[Market, list[orders_events.OrderPaid]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps them then is the constraint of the table, which refuses the order."""
    rows = db.rows
    monkeypatch.setattr(granting.db, "rows", lambda sql, params=(): rows(sql.replace("FOR NO KEY UPDATE", ""), params))
    market, paid = last_one
    with pytest.raises(IntegrityError, match="overdrawn"):
        record_at_once(market, paid)


def test_who_applies_and_is_invited_at_once_is_one_participant(now: datetime) -> None:
    def make() -> tuple[Market, int, Publisher]:
        market = Market(now)
        made = operations.open_collaboration(
            actor=Actor(market.shop.owner_id), shop_id=market.shop.id, name="好友", terms="", takes_applications=True,
            now=now,
        )  # fmt: skip
        return market, made.id, market.publisher()

    market, collaboration_id, publisher = db.in_transaction(make)

    def apply() -> object:
        return operations.apply_to_join(
            actor=Actor(publisher.user_id), collaboration_id=collaboration_id, publisher_id=publisher.id, words="",
            now=now,
        )  # fmt: skip

    def invite() -> object:
        return operations.invite(
            actor=Actor(market.shop.owner_id), collaboration_id=collaboration_id, publisher_id=publisher.id, words="",
            now=now,
        )  # fmt: skip

    with ThreadPoolExecutor(1) as pool:
        with held_open(apply):
            future = pool.submit(elsewhere, invite)
            wait_until_blocked(future)
        future.result(10)
    (participant,) = queries.list_participants(collaboration_id)
    assert participant.state is ParticipantState.APPLIED


@pytest.mark.parametrize("accepts", [True, False])
def test_enrolment_withdrawn_while_it_is_decided_is_one_of_both(now: datetime, accepts: bool) -> None:
    def make() -> tuple[Market, int]:
        market = Market(now)
        activity = operations.open_activity(
            actor=PLATFORM, recruiter_id=None, title="秋天", brief="", least_rate_bps=500, service_bps=0,
            enrols_until=now + timedelta(days=5), from_=now, until=now + timedelta(days=30), now=now,
        )  # fmt: skip
        enrolled = operations.enrol(
            actor=PLATFORM, activity_id=activity.id, product_id=market.product().id, rate_bps=500, now=now
        )
        return market, enrolled.id

    market, enrolment_id = db.in_transaction(make)
    with ThreadPoolExecutor(1) as pool:
        with held_open(
            lambda: operations.decide_enrolment(actor=PLATFORM, enrolment_id=enrolment_id, accepts=accepts, now=now)
        ):
            future = pool.submit(
                elsewhere,
                lambda: operations.withdraw_enrolment(
                    actor=Actor(market.shop.owner_id), enrolment_id=enrolment_id, now=now
                ),
            )
            wait_until_blocked(future)
        with pytest.raises(errors.EnrolmentChanged):
            future.result(10)
    assert len(queries.list_plans(market.shop.id)) == accepts


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


def settle_while_it_is_held(now: datetime) -> tuple[Market, int]:
    """Another connection holds a conversion, and its order is settled before that is committed."""

    def make() -> tuple[Market, int]:
        market = Market(now)
        order = holds.self_bought(market)
        market.receive(order)
        market.hear = lambda now: None  # type: ignore[method-assign]
        market.complete_received(order)
        return market, market.conversion(order).id

    market, conversion_id = db.in_transaction(make)
    (completed,) = published(orders_events.OrderCompleted)
    (look,) = queries.looks_after(conversion_id - 1, since=now - holds.LONG_AGO, limit=1)

    def hold() -> bool:
        return operations.hold_conversion(conversion_id=conversion_id, found=findings_of(look), now=now)

    def settle() -> None:
        operations.settle_orders(completed=[completed], now=now + RETURN_WINDOW)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        with held_open(hold):
            future = pool.submit(elsewhere, settle)
            wait_until_blocked(future)
        future.result(10)
    return market, conversion_id


def test_what_is_held_at_once_is_not_settled(now: datetime) -> None:
    market, _ = settle_while_it_is_held(now)
    assert market.shop_balance() == 9_000
    assert [check for check in queries.verify() if check.breach_count] == []


def test_control_without_the_lock_it_is_settled_and_held(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    locking = commissions.standings

    def reading(condition: str, params: list[object], tail: str) -> list[Standing]:
        return locking(condition, params, tail.replace("FOR UPDATE", ""))

    monkeypatch.setattr(commissions, "standings", reading)
    settle_while_it_is_held(now)
    assert "nothing_held_is_settled" in {check.name for check in queries.verify() if check.breach_count}
