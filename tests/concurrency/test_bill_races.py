"""Bills read by several at once, each race with the control that shows what its guard prevents."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from tests.builders import payments as build
from tests.concurrency.conftest import Rush
from tests.concurrency.test_dispute_races import PATIENCE_S, both
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind, BillState, DiscrepancyReason
from wuyou.infra import db
from wuyou.kernel.clock import business_date
from wuyou.kernel.money import Currency

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

DAY = timedelta(days=1)


def line(ref: str, now: datetime, *, number: str = "", minor: int = 0, fee: int = 0) -> BillLine:
    kind = BillKind.PAID if number else BillKind.FEE
    return BillLine(ref, kind, number, build.yuan(minor), fee, Currency.CNY, now)


def take(lines: list[BillLine], now: datetime, *, after: int = 0) -> bool:
    """Take in the bill of so many days after today."""
    day = business_date(now) + after * DAY
    return operations.take_bill(provider="sandbox", day=day, lines=lines, now=now)


def fees() -> int:
    return ledger.get_balance(AccountRef(AccountKind.PROVIDER_FEES, "sandbox", Currency.CNY)).amount_minor


def kept() -> int:
    return len(db.rows("SELECT FROM payments_bill_line"))


def opened() -> list[tuple[DiscrepancyReason, str]]:
    return [(each.reason, each.number) for each in queries.list_discrepancies().items]


def state() -> BillState:
    (bill,) = queries.list_bills().items
    return bill.state


def test_one_bill_that_many_read_at_once_is_taken_in_by_one(rush: Rush, now: datetime) -> None:
    stranger = line("L1", now, number="26113099999999", minor=100, fee=7)
    lines = [stranger, *(line(f"F{place}", now, fee=3) for place in range(20))]
    answers = rush([lambda: db.in_transaction(lambda: take(lines, now))] * 6)
    assert sorted(answers) == [False] * 5 + [True]
    assert (kept(), fees()) == (21, 67)
    assert opened() == [(DiscrepancyReason.MISSING_HERE, "26113099999999")]


def test_control_who_looks_before_writing_takes_it_in_each_time(now: datetime) -> None:
    everybody_has_looked = threading.Barrier(6, timeout=PATIENCE_S)

    def look() -> bool:
        with db.transaction():
            is_new = not db.rows("SELECT FROM payments_bill WHERE state = 'read'")
            everybody_has_looked.wait()
            take([line("L1", now, fee=7)], now)
            return is_new

    assert both(*[look] * 6) == [True] * 6


def test_who_saw_none_does_not_undo_what_was_read(now: datetime) -> None:
    has_taken, is_noting = threading.Event(), threading.Event()

    def read() -> bool:
        with db.transaction():
            taken = take([line("L1", now, fee=7)], now)
            has_taken.set()
            assert is_noting.wait(PATIENCE_S)
            return taken

    def wait() -> None:
        assert has_taken.wait(PATIENCE_S)
        is_noting.set()
        day = business_date(now)
        db.in_transaction(
            lambda: operations.note_bill(provider="sandbox", day=day, state=BillState.WAITING, reason="", now=now)
        )

    assert both(read, wait) == [True, None]
    assert state() is BillState.READ
    assert not db.in_transaction(lambda: take([line("L2", now, fee=9)], now)), "it would be asked for again"
    assert fees() == 7


def test_control_without_its_guard_the_bill_waits_again(now: datetime) -> None:
    db.in_transaction(lambda: take([line("L1", now, fee=7)], now))
    db.execute(
        """
        INSERT INTO payments_bill (provider, day, state, reason, line_count, asked_at)
        VALUES ('sandbox', %s, 'waiting', '', 0, %s)
        ON CONFLICT (provider, day) DO UPDATE SET state = EXCLUDED.state, read_at = NULL, line_count = 0
        """,
        [business_date(now), now],
    )
    assert db.in_transaction(lambda: take([line("L2", now, fee=9)], now))


@pytest.mark.parametrize("is_empty_first", [True, False])
def test_who_took_none_for_an_empty_bill_does_not_stand_before_who_was_given_it(
    now: datetime, is_empty_first: bool
) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    given, none = [line("L1", now, number=number, minor=12_900, fee=7)], list[BillLine]()
    first, second = (none, given) if is_empty_first else (given, none)
    has_taken, is_taking = threading.Event(), threading.Event()

    def lead() -> bool:
        with db.transaction():
            taken = take(first, now)
            has_taken.set()
            assert is_taking.wait(PATIENCE_S)
            return taken

    def follow() -> bool:
        assert has_taken.wait(PATIENCE_S)
        is_taking.set()
        return db.in_transaction(lambda: take(second, now))

    assert both(lead, follow) == [True, is_empty_first]
    assert (kept(), fees(), opened()) == (1, 7, [])


def test_lines_that_two_bills_share_are_kept_and_cost_once(rush: Rush, now: datetime) -> None:
    lines = [line(f"F{place:02}", now, fee=3) for place in range(40)]
    answers = rush(
        [
            lambda: db.in_transaction(lambda: take(lines, now)),
            lambda: db.in_transaction(lambda: take(lines[::-1], now, after=1)),
            lambda: db.in_transaction(lambda: take(lines[20:] + lines[:20], now, after=2)),
        ]
    )
    assert answers == [True] * 3
    assert (kept(), fees()) == (40, 120)


def test_two_bills_that_did_not_see_each_other_are_compared_again(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    both_have_taken = threading.Barrier(2, timeout=PATIENCE_S)

    def read(lines: list[BillLine], after: int) -> bool:
        with db.transaction():
            taken = take(lines, now, after=after)
            both_have_taken.wait()
            return taken

    late = [line("L1", now, number=number, minor=12_900)]
    assert both(lambda: read([], 0), lambda: read(late, 1)) == [True, True]
    # The control: neither alone can have seen it.
    assert opened() == [(DiscrepancyReason.MISSING_THERE, number)]
    db.in_transaction(lambda: operations.look_again(now=now))
    assert opened() == []
    assert [check.examples for check in queries.verify() if check.breach_count] == []


def test_a_discrepancy_that_many_look_at_again_is_resolved_once(rush: Rush, now: datetime) -> None:
    number = build.open_intent(now)
    db.in_transaction(lambda: take([line("L1", now, number=number, minor=12_900)], now))
    assert opened() == [(DiscrepancyReason.STATE, number)]
    build.pay(number, now)
    assert rush([lambda: db.in_transaction(lambda: operations.look_again(now=now))] * 6) == [None] * 6
    assert opened() == []
    assert queries.count_discrepancies() == (0, 1)
