"""Disputes under real connections at once, each race with the control that shows what its guard prevents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests.builders import payments as build
from tests.builders.ledger import PAYABLE, lively_books
from tests.domains.payments import books
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.providers.base import ChargeResult, DisputeResult
from wuyou.domains.payments.types import ChargeState, DisputeState, RefundState
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

DISPUTED = AccountRef(AccountKind.DISPUTED, "sandbox", Currency.CNY)
PATIENCE_S = 30


def paid(now: datetime) -> str:
    number = build.open_intent(now)
    result = ChargeResult("sandbox", number, number, ChargeState.CAPTURED, build.PRICE, now, payment_ref=number)
    build.apply(result, now)
    return number


def word(number: str, state: DisputeState, now: datetime) -> DisputeResult:
    price, due = build.PRICE, now + timedelta(days=7)
    return DisputeResult("sandbox", f"dp-{number}", number, state, "fraudulent", price, 12_900, 0, due, now)


def take(number: str, state: DisputeState, now: datetime) -> None:
    operations.apply_dispute(result=word(number, state, now), now=now)


def disputed_minor() -> int:
    return ledger.get_balance(DISPUTED).amount_minor


def both(*calls: Callable[[], object]) -> list[object]:
    """Make the calls at once, each on a connection of its own; what they answered or raised, in their order."""
    answers: list[object] = [None] * len(calls)

    def run(place: int) -> None:
        try:
            answers[place] = calls[place]()
        except Exception as error:  # noqa: BLE001  (looked at by the test)
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S * 2)
    return answers


def test_the_same_word_many_times_at_once_is_booked_and_told_once(now: datetime) -> None:
    number = paid(now)
    gate = threading.Barrier(6, timeout=PATIENCE_S)

    def tell() -> None:
        connection.ensure_connection()
        gate.wait()
        db.in_transaction(lambda: take(number, DisputeState.OPEN, now))

    assert both(*[tell] * 6) == [None] * 6
    assert disputed_minor() == 12_900
    assert [name for name, _ in books.published(number)].count("payment_disputed") == 1


def test_control_who_looks_before_locking_tells_of_it_each_time(now: datetime) -> None:
    number = paid(now)
    everybody_has_looked = threading.Barrier(6, timeout=PATIENCE_S)

    def look() -> bool:
        with db.transaction():
            is_new = queries.find_dispute("sandbox", f"dp-{number}") is None
            everybody_has_looked.wait()
            take(number, DisputeState.OPEN, now)
            return is_new

    assert both(*[look] * 6) == [True] * 6


def test_a_refund_that_is_promised_while_it_is_lost_is_settled_from_it(now: datetime) -> None:
    number = paid(now)
    db.in_transaction(lambda: take(number, DisputeState.OPEN, now))
    is_decided, is_promising = threading.Event(), threading.Event()

    def decide() -> None:
        with db.transaction():
            take(number, DisputeState.LOST, now)
            is_decided.set()
            assert is_promising.wait(PATIENCE_S)

    def promise() -> str:
        assert is_decided.wait(PATIENCE_S)
        is_promising.set()
        return build.request_refund(number, 12_900, now, f"{number}R1")

    assert both(decide, promise) == [None, f"{number}R1"]
    assert queries.get_refund(f"{number}R1").state is RefundState.SUCCEEDED
    assert disputed_minor() == 0


def test_control_without_the_lock_of_the_payment_each_misses_the_other(now: datetime) -> None:
    number = paid(now)
    db.in_transaction(lambda: take(number, DisputeState.OPEN, now))
    build.request_refund(number, 900, now, f"{number}R1")
    db.execute("UPDATE payments_refund SET state = 'failed', next_attempt_at = NULL")
    both_have_written, both_have_looked = (threading.Barrier(2, timeout=PATIENCE_S) for _ in range(2))

    def decide() -> int:
        with db.transaction():
            db.execute("UPDATE payments_dispute SET state = 'lost', ended_at = %s", [now])
            both_have_written.wait()
            found = len(db.rows("SELECT FROM payments_refund WHERE state = 'pending'"))
            both_have_looked.wait()
            return found

    def promise() -> int:
        with db.transaction():
            db.execute("UPDATE payments_refund SET state = 'pending', next_attempt_at = %s", [now])
            both_have_written.wait()
            found = len(db.rows("SELECT FROM payments_dispute WHERE state = 'lost'"))
            both_have_looked.wait()
            return found

    assert both(decide, promise) == [0, 0]


@pytest.fixture
def owed(now: datetime) -> int:
    """What the shop of the ledger's builders is owed."""
    lively_books(now)
    return ledger.get_balance(PAYABLE).amount_minor


def test_a_payout_that_waits_for_a_reserve_sees_it(now: datetime, owed: int) -> None:
    is_reserved, is_paying = threading.Event(), threading.Event()

    def reserve() -> None:
        with db.transaction():
            statements.reserve(account=PAYABLE, key="dispute:1", amount_minor=1, now=now)
            is_reserved.set()
            assert is_paying.wait(PATIENCE_S)

    def pay() -> object:
        assert is_reserved.wait(PATIENCE_S)
        is_paying.set()
        amount = Money(owed, Currency.CNY)
        return db.in_transaction(
            lambda: statements.record_payout(
                account=PAYABLE, amount=amount, payout_no="P9", provider="sandbox", now=now
            )
        )

    _, refused = both(reserve, pay)
    assert isinstance(refused, ledger_errors.PayoutExceedsBalance)
    assert ledger.get_balance(PAYABLE).amount_minor == owed


def test_control_what_is_reserved_is_missed_by_who_sums_before_locking(now: datetime, owed: int) -> None:
    has_summed, is_reserved = threading.Event(), threading.Event()

    def reserve() -> None:
        assert has_summed.wait(PATIENCE_S)
        db.in_transaction(lambda: statements.reserve(account=PAYABLE, key="dispute:1", amount_minor=1, now=now))
        is_reserved.set()

    def pay() -> int:
        with db.transaction():
            found = db.row(
                "SELECT coalesce(sum(amount_minor), 0) FROM ledger_reserve WHERE account = %s", [PAYABLE.code]
            )
            has_summed.set()
            assert is_reserved.wait(PATIENCE_S)
            db.rows("SELECT FROM ledger_account WHERE code = %s FOR NO KEY UPDATE", [PAYABLE.code])
            return owed - int(found[0] if found else 0)

    assert both(reserve, pay) == [None, owed], "all of it would leave"
