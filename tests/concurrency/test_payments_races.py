"""Payments under real connections at once, each race with the control that shows what its guard prevents."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from django.db import IntegrityError, connection

from tests.builders import payments as build
from tests.builders.payments import PERFECT, PRICE
from tests.domains.payments import books
from wuyou.domains.payments import errors, operations, queries, tasks
from wuyou.domains.payments.events import PaymentCaptured
from wuyou.domains.payments.providers import sandbox
from wuyou.domains.payments.providers.sandbox import Faults, notices
from wuyou.domains.payments.types import IntentState, NoticeOutcome, RefundState
from wuyou.infra import db, events
from wuyou.surfaces.webhooks.receive import receive_notice

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

T = TypeVar("T")
CALLERS = 8


def _at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Make all calls at the same moment, each on a connection of its own; results or errors in order."""
    gate = threading.Barrier(len(calls), timeout=30)
    results: list[T | Exception] = [RuntimeError("never ran")] * len(calls)

    def run(index: int, call: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            results[index] = call()
        except Exception as error:  # noqa: BLE001  (looked at by the test)
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def _failures(results: list[T | Exception]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


# ------------------------------------------------------------------------------------------------------- capture


def test_the_same_charge_sent_eight_times_at_once_is_one_charge_and_one_capture(now: datetime) -> None:
    for _ in range(5):
        number = build.open_intent(now)
        before = books.balances()
        results = _at_once(*[lambda number=number: build.pay(number, now)] * CALLERS)
        assert not _failures(results)
        assert db.rows("SELECT count(*) FROM payments_sandbox_charge WHERE intent_no = %s", [number]) == [(1,)]
        assert len(queries.list_notices(number=number).items) == 1
        assert books.published(number) == [("payment_captured", number)]
        assert books.balances()["clearing"] - before["clearing"] == 12_900


def test_control_without_the_guard_one_capture_is_told_many_times(now: datetime) -> None:
    number = build.open_intent(now)
    everybody_has_looked = threading.Barrier(CALLERS, timeout=30)

    def capture_carelessly() -> None:
        def entry() -> None:
            intent = queries.get_intent(number)
            everybody_has_looked.wait()
            if intent.captured_at is None:
                db.execute(
                    "UPDATE payments_intent SET state = 'captured', captured_at = %s WHERE intent_no = %s",
                    [now, number],
                )
                events.publish(
                    PaymentCaptured(number, intent.payer_id, "order", 12_900, "CNY", "sandbox", False, occurred_at=now)
                )

        with db.transaction():
            entry()

    assert not _failures(_at_once(*[capture_carelessly] * CALLERS))
    assert len(books.published(number)) == CALLERS


def test_answer_notice_and_poll_at_once_capture_once(now: datetime) -> None:
    for _ in range(5):
        number = build.open_intent(now)
        result = PERFECT.charge(intent_no=number, amount=PRICE, now=now)
        (notice,) = queries.list_notices(number=number).items
        body = notice.body.encode()
        headers = notices.sign_notice(body, now)
        later = now + timedelta(seconds=5)
        results: list[object] = _at_once(
            lambda: build.apply(result, now),  # noqa: B023  (called before the next round)
            lambda: receive_notice(provider="sandbox", body=body, headers=headers, now=now).text,  # noqa: B023
            lambda: receive_notice(provider="sandbox", body=body, headers=headers, now=now).text,  # noqa: B023
            lambda: tasks.reconcile_due_charges(later),  # noqa: B023
            lambda: tasks.reconcile_due_charges(later),  # noqa: B023
        )
        assert not [result for result in results if isinstance(result, Exception)]
        assert results[1:3] == ["success", "success"]
        assert books.published(number) == [("payment_captured", number)]
    assert books.balances() == {"clearing": 5 * 12_900, "held": 5 * 12_900, "due": 0}


def test_of_the_same_notice_many_times_at_once_one_settles_and_the_others_are_known_as_repetitions(
    now: datetime,
) -> None:
    for _ in range(3):
        number = build.open_intent(now)
        PERFECT.charge(intent_no=number, amount=PRICE, now=now)
        (notice,) = queries.list_notices(number=number).items
        body = notice.body.encode()
        headers = notices.sign_notice(body, now)
        results = _at_once(
            *[
                lambda: receive_notice(provider="sandbox", body=body, headers=headers, now=now).text  # noqa: B023
            ]
            * CALLERS
        )
        assert results == ["success"] * CALLERS
        seen = Counter(kept.outcome for kept in queries.list_received_notices(number=number).items)
        assert seen == {NoticeOutcome.SETTLED: 1, NoticeOutcome.DUPLICATE: CALLERS - 1}


def test_control_an_outcome_that_is_decided_before_the_deed_is_wrong_for_all_but_one(now: datetime) -> None:
    number = build.open_intent(now)
    result = PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    everybody_has_looked = threading.Barrier(CALLERS, timeout=30)

    def decide_early() -> NoticeOutcome:
        def entry() -> NoticeOutcome:
            is_new = queries.get_intent(number).captured_at is None
            everybody_has_looked.wait()
            operations.apply_charge(result=result, now=now)
            return NoticeOutcome.SETTLED if is_new else NoticeOutcome.DUPLICATE

        with db.transaction():
            return entry()

    assert _at_once(*[decide_early] * CALLERS) == [NoticeOutcome.SETTLED] * CALLERS
    assert books.published(number) == [("payment_captured", number)]


def test_close_and_capture_at_once_agree_on_who_was_first(now: datetime) -> None:
    seen = Counter[bool]()
    for _ in range(20):
        number = build.open_intent(now)
        result = PERFECT.charge(intent_no=number, amount=PRICE, now=now)
        results: list[object] = _at_once(
            lambda: build.apply(result, now),  # noqa: B023
            lambda: db.in_transaction(lambda: operations.close_intent(intent_no=number, now=now)),  # noqa: B023
        )
        assert not [result for result in results if isinstance(result, Exception)]
        intent = queries.get_intent(number)
        assert intent.state is IntentState.CAPTURED
        was_closed = db.rows("SELECT payload->>'was_closed' FROM event WHERE payload->>'intent_no' = %s", [number])
        assert was_closed == [("true" if intent.closed_at else "false",)]
        seen[intent.closed_at is not None] += 1
    assert sum(seen.values()) == 20


def test_control_without_the_guard_capture_and_close_disagree(now: datetime) -> None:
    number = build.open_intent(now)
    has_looked, is_closed = threading.Event(), threading.Event()

    def capture_carelessly() -> None:
        was_closed = queries.get_intent(number).closed_at is not None
        has_looked.set()
        assert is_closed.wait(30)
        with db.transaction():
            db.execute(
                "UPDATE payments_intent SET state = 'captured', captured_at = %s WHERE intent_no = %s", [now, number]
            )
            events.publish(PaymentCaptured(number, 1, "order", 12_900, "CNY", "sandbox", was_closed, occurred_at=now))

    def close() -> None:
        assert has_looked.wait(30)
        db.in_transaction(lambda: operations.close_intent(intent_no=number, now=now))
        is_closed.set()

    assert not _failures(_at_once(capture_carelessly, close))
    assert queries.get_intent(number).closed_at is not None
    assert db.rows("SELECT payload->>'was_closed' FROM event WHERE payload->>'intent_no' = %s", [number]) == [
        ("false",)
    ]


# ------------------------------------------------------------------------------------------------------- refunds


def test_refunds_at_once_never_pass_the_capture(now: datetime) -> None:
    for _ in range(5):
        number = build.open_intent(now)
        build.pay(number, now)
        calls = [lambda number=number: build.request_refund(number, 6_000, now) for _ in range(CALLERS)]
        results = _at_once(*calls)
        refused = _failures(results)
        assert [type(error) for error in refused] == [errors.RefundExceedsCapture] * (CALLERS - 2)
        assert queries.get_intent(number).refunds_minor == 12_000
        assert sum(r.amount.amount_minor for r in queries.list_refunds(intent_no=number).items) == 12_000


def test_control_without_the_lock_refunds_at_once_pass_the_capture(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    everybody_has_looked = threading.Barrier(CALLERS, timeout=30)

    def promise_carelessly() -> None:
        with db.transaction():
            promised = sum(r.amount.amount_minor for r in queries.list_refunds(intent_no=number).items)
            everybody_has_looked.wait()
            if promised + 6_000 <= 12_900:
                db.execute(
                    """
                    INSERT INTO payments_refund (refund_no, intent_id, amount_minor, state, provider_ref, requested_at,
                                                 attempts, reason, asks, next_attempt_at)
                    SELECT %s, id, 6000, 'pending', '', %s, 0, '', 0, %s FROM payments_intent WHERE intent_no = %s
                    """,
                    [build.new_number("R"), now, now, number],
                )

    assert not _failures(_at_once(*[promise_carelessly] * CALLERS))
    assert sum(r.amount.amount_minor for r in queries.list_refunds(intent_no=number).items) == CALLERS * 6_000


def test_the_same_refund_asked_eight_times_at_once_is_one_refund(now: datetime) -> None:
    for turn in range(5):
        number = build.open_intent(now)
        build.pay(number, now)
        refund_no = f"R-race-{turn}"
        results = _at_once(
            *[lambda number=number, no=refund_no: build.request_refund(number, 6_000, now, no)] * CALLERS
        )
        assert results == [refund_no] * CALLERS
        assert queries.get_intent(number).refunds_minor == 6_000


def test_control_without_the_lock_first_the_same_refund_trips_over_itself(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    first_has_promised, second_is_waiting = threading.Event(), threading.Event()
    careless = """
        WITH room AS (
            UPDATE payments_intent SET refunds_minor = refunds_minor + 100
            WHERE intent_no = %s AND NOT EXISTS (SELECT FROM payments_refund WHERE refund_no = 'R-twice') RETURNING id
        )
        INSERT INTO payments_refund (refund_no, intent_id, amount_minor, state, provider_ref, requested_at, attempts,
                                     reason, asks, next_attempt_at)
        SELECT 'R-twice', id, 100, 'pending', '', now(), 0, '', 0, now() FROM room
    """

    def first() -> None:
        with db.transaction():
            db.execute(careless, [number])
            first_has_promised.set()
            assert second_is_waiting.wait(30)

    def second() -> None:
        assert first_has_promised.wait(30)
        with db.transaction():
            backend = db.row("SELECT pg_backend_pid()")
            assert backend
            threading.Thread(target=_set_when_waiting, args=(backend[0], second_is_waiting)).start()
            db.execute(careless, [number])

    results = _at_once(first, second)
    assert [type(error) for error in _failures(results)] == [IntegrityError]


def _set_when_waiting(backend: int, event: threading.Event) -> None:
    """Tell when a server process waits for another's lock."""
    try:
        while db.row("SELECT cardinality(pg_blocking_pids(%s)) > 0", [backend]) != (True,):
            pass
    finally:
        connection.close()
        event.set()


def test_two_workers_submit_every_refund_once(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    refunds = [build.request_refund(number, 100, now) for _ in range(40)]
    counts = _at_once(*[lambda: tasks.submit_due_refunds(now)] * 4)
    assert not _failures(counts)
    assert sum(count for count in counts if isinstance(count, int)) == 40
    assert db.rows("SELECT count(*), max(submissions) FROM payments_sandbox_refund") == [(40, 1)]
    assert {queries.get_refund(no).state for no in refunds} == {RefundState.SUCCEEDED}
    assert books.balances()["clearing"] == 12_900 - 4_000


def test_control_without_the_claim_two_workers_take_the_same_refunds(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    build.request_refund(number, 100, now)
    due = "SELECT refund_no FROM payments_refund WHERE next_attempt_at <= %s ORDER BY next_attempt_at LIMIT 1"
    first, second = _at_once(*[lambda: db.rows(due, [now])] * 2)
    assert first == second != []


def test_a_refund_sent_to_the_bank_eight_times_at_once_returns_the_money_once(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    results = _at_once(
        *[lambda: PERFECT.refund(refund_no="B-once", intent_no=number, amount=build.yuan(6_000), now=now)] * CALLERS
    )
    assert len(set(results)) == 1
    assert not _failures(results)
    assert db.rows("SELECT refunded_minor FROM payments_sandbox_charge") == [(6_000,)]
    assert len(queries.list_notices(number="B-once").items) == 1


# ------------------------------------------------------------------------------------------------------- notices


def test_two_couriers_bring_every_notice_once(now: datetime) -> None:
    sandbox.set_faults(Faults(shuffled=True))
    bank = sandbox.SandboxBank()
    for _ in range(150):
        bank.charge(intent_no=build.new_number(), amount=PRICE, now=now)
    received: list[str] = []

    def receive(body: bytes, headers: Mapping[str, str]) -> str:
        received.append(json.loads(body)["notice_id"])
        return "success"

    counts = _at_once(*[lambda: tasks.deliver_due_notices(now, receive)] * 4)
    assert not _failures(counts)
    assert len(received) == len(set(received)) == 150


def test_control_without_the_claim_two_couriers_bring_the_same_notice(now: datetime) -> None:
    build.pay(build.open_intent(now), now)
    due = "SELECT notice_id FROM payments_sandbox_notice WHERE due_at <= %s"
    first, second = _at_once(*[lambda: db.rows(due, [now])] * 2)
    assert first == second != []


# ------------------------------------------------------------------------------------------------------- the bank


def test_the_bank_refuses_to_share_a_transaction(now: datetime) -> None:
    number = build.new_number()
    with pytest.raises(db.TransactionError), db.transaction():
        PERFECT.charge(intent_no=number, amount=PRICE, now=now)
    with pytest.raises(db.TransactionError), db.transaction():
        PERFECT.refund(refund_no="B1", intent_no=number, amount=PRICE, now=now)
    with pytest.raises(db.TransactionError), db.transaction():
        tasks.reconcile_due_charges(now)
    assert db.rows("SELECT FROM payments_sandbox_charge") == []


def test_an_operation_refuses_to_work_without_a_transaction(now: datetime) -> None:
    number = build.open_intent(now)
    before = books.payment_rows()
    with pytest.raises(db.TransactionError):
        operations.apply_charge(result=build.charge_result(number, now), now=now)
    with pytest.raises(db.TransactionError):
        operations.close_intent(intent_no=number, now=now)
    assert books.payment_rows() == before
