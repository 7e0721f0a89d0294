"""The last voucher, the last of a budget and the end of a packet, with real connections that wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.builders import promotions
from tests.builders.alliance import Market
from tests.builders.waiting import wait_for_waiters
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.promotions import errors, operations, queries
from wuyou.domains.promotions.types import Promotion
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]


@pytest.fixture
def market(world: None, now: datetime) -> Market:
    return db.in_transaction(lambda: Market(now))


def claim_at_once(
    promotion: Promotion, people: list[int], now: datetime, claim: Callable[[int], Any] | None = None
) -> list[object]:
    """The first claims and keeps its transaction open until the others have begun; what came of the others."""
    do = claim or (lambda person: operations.claim(person_id=person, promotion_id=promotion.id, now=now))
    is_claimed, may_end = threading.Event(), threading.Event()
    came: list[object] = []

    def first() -> None:
        def entry() -> None:
            do(people[0])
            is_claimed.set()
            assert may_end.wait(30)

        db.in_transaction(entry)
        connection.close()

    def other(person: int) -> None:
        try:
            came.append(db.in_transaction(lambda: do(person)))
        except errors.NoneLeft as refused:
            came.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert is_claimed.wait(30)
    threads += [threading.Thread(target=other, args=[person]) for person in people[1:]]
    for thread in threads[1:]:
        thread.start()
    wait_for_waiters(len(people) - 1)
    may_end.set()
    for thread in threads:
        thread.join(30)
    return came


def test_the_last_voucher_is_claimed_once(market: Market, now: datetime) -> None:
    coupon = db.in_transaction(lambda: promotions.coupon(market, total_count=1))
    people = [db.in_transaction(market.person) for _ in range(3)]
    assert [type(each) for each in claim_at_once(coupon, people, now)] == [errors.NoneLeft] * 2
    assert db.rows("SELECT claimed_count FROM promotions_promotion") == [(1,)]
    assert db.rows("SELECT count(*) FROM promotions_voucher") == [(1,)]


def test_control_who_looks_before_the_lock_claims_too_many(market: Market, now: datetime) -> None:
    """What the lock is for: read first, write then, and the constraint is all that is left."""
    coupon = db.in_transaction(lambda: promotions.coupon(market, per_person=1))
    people = [db.in_transaction(market.person) for _ in range(3)]

    def unlocked(person: int) -> None:
        assert queries.get_promotion(coupon.id).claimed_count == 0, "everybody thinks to be the first"
        db.execute(
            "INSERT INTO promotions_voucher (promotion_id, person_id, ordinal, state, claimed_at, use_until) "
            "VALUES (%s, %s, 1, 'OPEN', %s, %s)",
            [coupon.id, person, now, coupon.until],
        )
        db.execute("UPDATE promotions_promotion SET claimed_count = claimed_count + 1")

    claim_at_once(coupon, people, now, unlocked)
    assert db.rows("SELECT claimed_count FROM promotions_promotion") == [(3,)]


def test_the_last_of_a_budget_is_spent_once(market: Market, now: datetime) -> None:
    product = db.in_transaction(market.product)
    coupon = db.in_transaction(lambda: promotions.coupon(market, 1_000, budget_minor=1_000))
    people = [db.in_transaction(market.person) for _ in range(2)]
    vouchers = {person: db.in_transaction(partial(promotions.claim, market, coupon, person)) for person in people}
    came = claim_at_once(coupon, people, now, lambda who: promotions.place(market, who, [product], vouchers[who]))
    assert [type(each) for each in came] == [errors.NoneLeft]
    assert db.rows("SELECT spent_minor FROM promotions_promotion") == [(1_000,)]
    assert db.rows("SELECT count(*) FROM orders_order") == [(1,)]
    assert all(check.holds or not check.checked_count for check in queries.verify())


def test_a_packet_is_not_closed_while_somebody_begins_to_use_it(market: Market, now: datetime) -> None:
    product = db.in_transaction(market.product)
    packet = db.in_transaction(lambda: promotions.packet(market, 500, 1))
    buyer = db.in_transaction(market.person)
    voucher = db.in_transaction(lambda: promotions.claim(market, packet, buyer))
    moment = packet.until - timedelta(seconds=1)
    is_placed, may_end = threading.Event(), threading.Event()
    closed: list[bool] = []

    def order() -> None:
        def entry() -> None:
            market.now = moment
            promotions.place(market, buyer, [product], voucher)
            is_placed.set()
            assert may_end.wait(30)

        db.in_transaction(entry)
        connection.close()

    def close() -> None:
        closed.append(db.in_transaction(lambda: operations.close_packet(promotion_id=packet.id, now=packet.until)))
        connection.close()

    threads = [threading.Thread(target=order), threading.Thread(target=close)]
    threads[0].start()
    assert is_placed.wait(30)
    threads[1].start()
    wait_for_waiters(1)
    may_end.set()
    for thread in threads:
        thread.join(30)
    assert closed == [False]
    assert promotions.fund_minor(packet) == 500
    assert promotions.balance(AccountKind.PLATFORM_REVENUE) == -500
