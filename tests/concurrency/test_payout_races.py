"""Payouts under real connections at once, and with whoever sends dying; beside each promise, a control."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, book, draft
from tests.builders.people import make_person
from tests.builders.waiting import waiters
from tests.concurrency.test_ledger_races import PATIENCE_S, Open, Session, open_session
from wuyou.domains.ledger import queries, statements, tasks
from wuyou.domains.ledger.errors import NotRetriable, WriteOffDecided
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.domains.ledger.providers.sandbox import SandboxPayouts
from wuyou.domains.ledger.statements import batches, locking
from wuyou.domains.ledger.types import PayoutState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Money

__all__ = ["open_session"]

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

MARCH = date(2026, 3, 1)
THE_20TH = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
LATER = THE_20TH + timedelta(minutes=2)
NUMBER = "2026-03-shop1-CNY-1"


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert [check for check in queries.verify() if check.breach_count] == []


def planned(now: datetime, reference: str = "bank-1234") -> None:
    """A batch of March with a line for the shop."""
    book(draft("capture:W1", (CLEARING, HELD, 5_000), now=now), now=now)
    book(draft("release:W1", (HELD, ESCROW, 5_000), now=now), now=now)
    book(draft("settle:W1", (ESCROW, PAYABLE, 5_000), now=now), now=now)
    db.in_transaction(lambda: statements.name_payee(owner="shop:1", provider="sandbox", reference=reference, now=now))
    assert tasks.close_months(THE_20TH - timedelta(days=10)) == 1
    assert tasks.plan_payouts(THE_20TH) == 1


def take() -> Any:
    return batches.take_due_line(now=THE_20TH)


def result(state: TransferState, minor: int = 5_000) -> TransferResult:
    return TransferResult(NUMBER, state, Money(minor, PAYABLE.currency), "", LATER)


def start(session: Session, step: Callable[[], Any]) -> Future[Any]:
    """Begin a step, and come back when it has ended or waits for somebody."""
    future = session.start(step)
    deadline = time.monotonic() + PATIENCE_S
    while not future.done() and not waiters():
        assert time.monotonic() < deadline, "it neither ends nor waits"
        time.sleep(0.002)
    return future


def state() -> PayoutState:
    return statements.list_lines(owners=["shop:1"]).items[0].state


def minor() -> int:
    return queries.get_balance(PAYABLE).amount_minor


def test_line_is_taken_by_one_of_two_who_send(open_session: Open, now: datetime) -> None:
    planned(now)
    first, second = open_session(), open_session()
    assert first.do(take)[1] == NUMBER
    assert second.do(take) is None
    first.commit()
    second.commit()
    assert (state(), minor()) == (PayoutState.SENT, 0)


def test_control_without_skipping_the_second_waits_for_what_the_first_has(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(now)
    waits = batches._DUE.replace(" SKIP LOCKED", "")
    assert waits != batches._DUE
    monkeypatch.setattr(batches, "_DUE", waits)
    first, second = open_session(), open_session()
    first.do(take)
    later = start(second, take)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S) is None
    second.commit()


def test_batch_made_by_two_at_once_has_one_line_an_account(open_session: Open, now: datetime) -> None:
    planned(now)
    db.execute("DELETE FROM ledger_payout_line")
    plan = partial(batches.plan_payout, account=PAYABLE, month=MARCH, minimum_minor=1, now=THE_20TH)
    first, second = open_session(), open_session()
    assert first.do(plan) is True
    later = start(second, plan)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S) is False
    second.commit()
    assert len(statements.list_lines(owners=["shop:1"]).items) == 1


def test_failure_told_by_two_at_once_returns_once(open_session: Open, now: datetime) -> None:
    planned(now, "bank-pending")
    tasks.send_due_payouts(THE_20TH)
    failed = partial(batches.apply_result, result=result(TransferState.FAILED), now=LATER)
    first, second = open_session(), open_session()
    assert first.do(failed) is PayoutState.FAILED
    later = start(second, failed)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S) is PayoutState.FAILED
    second.commit()
    assert minor() == 5_000


def test_control_who_looks_before_the_lock_returns_into_the_key(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(now, "bank-pending")
    tasks.send_due_payouts(THE_20TH)
    failed = partial(batches.apply_result, result=result(TransferState.FAILED), now=LATER)
    unlocked = batches._LINE.replace(" FOR NO KEY UPDATE OF l", "")
    assert unlocked != batches._LINE
    monkeypatch.setattr(batches, "_LINE", unlocked)
    first, second = open_session(), open_session()
    first.do(failed)
    later = start(second, failed)
    first.commit()
    with pytest.raises(Exception, match="ledger_payout_return"):  # only the key of the row is left
        later.result(PATIENCE_S)
    second.roll_back()
    assert minor() == 5_000


def test_payout_by_hand_and_by_batch_never_pay_more_than_is_owed(open_session: Open, now: datetime) -> None:
    planned(now)
    by_hand = partial(
        statements.record_payout, account=PAYABLE, amount=Money(4_000, PAYABLE.currency), payout_no="H1",
        provider="sandbox", now=THE_20TH,
    )  # fmt: skip
    first, second = open_session(), open_session()
    first.do(by_hand)
    later = start(second, take)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S)[0] is PayoutState.SKIPPED
    second.commit()
    assert minor() == 1_000


def test_hold_on_its_way_is_waited_for(open_session: Open, now: datetime) -> None:
    planned(now)
    staff = Actor(make_person(now, "Staff").id, is_staff=True)
    hold = partial(statements.hold_account, actor=staff, account=PAYABLE, reason="looked into", now=THE_20TH)
    first, second = open_session(), open_session()
    first.do(hold)
    later = start(second, take)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S)[0] is PayoutState.SKIPPED
    second.commit()
    assert minor() == 5_000


def test_control_without_the_accounts_lock_a_hold_on_its_way_is_not_seen(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(now)
    staff = Actor(make_person(now, "Staff").id, is_staff=True)
    unlocked = locking.LOCK.replace(" FOR NO KEY UPDATE", "")
    assert unlocked != locking.LOCK
    monkeypatch.setattr(locking, "LOCK", unlocked)
    hold = partial(statements.hold_account, actor=staff, account=PAYABLE, reason="looked into", now=THE_20TH)
    first, second = open_session(), open_session()
    first.do(hold)
    assert second.do(take)[0] is PayoutState.DUE
    second.commit()
    first.commit()
    assert minor() == 0


def test_line_is_tried_again_once_by_two_at_once(open_session: Open, now: datetime) -> None:
    planned(now, "bank-closed")
    tasks.send_due_payouts(THE_20TH)
    staff = Actor(make_person(now, "Staff").id, is_staff=True)
    retry = partial(statements.retry_payout, actor=staff, number=NUMBER, now=LATER)
    first, second = open_session(), open_session()
    first.do(retry)
    later = start(second, retry)
    assert not later.done()
    first.commit()
    with pytest.raises(NotRetriable):
        later.result(PATIENCE_S)
    second.roll_back()
    assert len(statements.list_lines(owners=["shop:1"]).items) == 2


def test_write_off_approved_by_two_at_once_is_booked_once(open_session: Open, now: datetime) -> None:
    planned(now)
    book(draft("refund:R1", (PAYABLE, HELD, 6_000), now=now), now=LATER)
    people = [Actor(make_person(now, name).id, is_staff=True) for name in ("Ann", "Ben", "Cai")]
    number = db.in_transaction(
        lambda: statements.ask_write_off(actor=people[0], account=PAYABLE, amount_minor=1_000, reason="gone", now=LATER)
    )
    approve = [partial(statements.approve_write_off, actor=each, number=number, now=LATER) for each in people[1:]]
    first, second = open_session(), open_session()
    first.do(approve[0])
    later = start(second, approve[1])
    assert not later.done()
    first.commit()
    with pytest.raises(WriteOffDecided):
        later.result(PATIENCE_S)
    second.roll_back()
    assert minor() == 0


# ---------------------------------------------------------------------- whoever sends dies


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("is_after", [False, True], ids=["before the bank heard", "after the bank heard"])
def test_who_dies_around_the_call_has_lost_nothing_and_pays_once(
    now: datetime, monkeypatch: pytest.MonkeyPatch, is_after: bool
) -> None:
    planned(now)
    send = SandboxPayouts.send

    def die(self: SandboxPayouts, **call: Any) -> TransferResult:
        if is_after:
            send(self, **call)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(SandboxPayouts, "send", die)
        with pytest.raises(Died):
            tasks.send_due_payouts(THE_20TH)
    assert (state(), minor(), db.row("SELECT count(*) FROM ledger_sandbox_payout")) == (
        PayoutState.SENT, 0, (int(is_after),),
    )  # fmt: skip
    assert tasks.send_due_payouts(LATER) == 1
    assert (state(), minor(), db.row("SELECT count(*) FROM ledger_sandbox_payout")) == (PayoutState.PAID, 0, (1,))


def test_number_stands_committed_before_the_bank_is_called(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(now)
    seen: list[Any] = []
    send = SandboxPayouts.send

    def look(self: SandboxPayouts, **call: Any) -> TransferResult:
        with ThreadPoolExecutor(1) as another:  # a connection of its own sees what is committed, and nothing else
            seen.append(another.submit(_seen_by_another, call["payout_no"]).result(PATIENCE_S))
        return send(self, **call)

    monkeypatch.setattr(SandboxPayouts, "send", look)
    tasks.send_due_payouts(THE_20TH)
    assert seen == [("SENT", 5_000)]


def _seen_by_another(number: str) -> Any:
    try:
        return db.row(
            """
            SELECT l.state, p.amount_minor FROM ledger_payout_line l JOIN ledger_payout p ON p.payout_no = l.number
            WHERE l.number = %s
            """,
            [number],
        )
    finally:
        connection.close()
