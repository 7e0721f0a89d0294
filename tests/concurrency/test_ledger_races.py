"""The books under real connections at once; beside each promise, what happens without the thing that keeps it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, REVENUE, account, book, draft, pay_out
from tests.builders.waiting import waiters
from tests.conftest import empty_tables
from wuyou.domains.ledger import operations, queries, tasks
from wuyou.domains.ledger.errors import AccountOverdrawn, JournalKeyReused, PayoutExceedsBalance, PayoutNoReused
from wuyou.domains.ledger.sums import SUMS
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, PostedJournal
from wuyou.infra import db

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]
PATIENCE_S = 20


class Session:
    """Somebody else at the database: a thread with one open transaction that is told what to do, step by step."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._open = ExitStack()
        self.do(lambda: self._open.enter_context(db.transaction()))

    def start(self, step: Callable[[], Any]) -> Future[Any]:
        return self._thread.submit(step)

    def do(self, step: Callable[[], Any]) -> Any:
        return self.start(step).result(PATIENCE_S)

    def post(self, *journals: JournalDraft, now: datetime) -> tuple[PostedJournal, ...]:
        return self.do(lambda: operations.post(journals=journals, now=now))

    def start_post(self, *journals: JournalDraft, now: datetime) -> Future[tuple[PostedJournal, ...]]:
        """Post, and come back as soon as it waits for somebody."""
        future = self.start(lambda: operations.post(journals=journals, now=now))
        deadline = time.monotonic() + PATIENCE_S
        while not future.done() and not waiters():
            assert time.monotonic() < deadline, "it neither ends nor waits"
            time.sleep(0.002)
        return future

    def commit(self) -> None:
        self.do(self._open.close)

    def roll_back(self) -> None:
        self.do(lambda: self._open.__exit__(RuntimeError, RuntimeError(), None))

    def end(self) -> None:
        self.do(lambda: self._open.__exit__(RuntimeError, RuntimeError(), None))
        self.do(lambda: connection.close())  # the connection is the thread's own
        self._thread.shutdown()


@pytest.fixture
def open_session() -> Iterator[Callable[[], Session]]:
    opened: list[Session] = []

    def make() -> Session:
        opened.append(Session())
        return opened[-1]

    yield make
    for session in opened:
        session.end()


Open = Callable[[], Session]


def minor(ref: AccountRef) -> int:
    return queries.get_balance(ref).amount_minor


def assert_books_hold() -> None:
    assert [check for check in queries.verify() if not check.holds] == []


def assert_nothing_is_broken() -> None:
    assert [check for check in queries.verify() if check.breach_count] == []


# ---------------------------------------------------------------------- one key, one journal


@pytest.mark.parametrize("legs", [((CLEARING, HELD, 70),), ((HELD, ESCROW, 70), (ESCROW, PAYABLE, 70))])
def test_the_same_journal_at_once_is_booked_once(open_session: Open, now: datetime, legs: Any) -> None:
    book(draft("release:W0", (CLEARING, HELD, 5), (HELD, ESCROW, 5), (ESCROW, PAYABLE, 5), now=now), now=now)
    before = minor(HELD)
    first, second = open_session(), open_session()
    journal = draft("capture:W1", *legs, now=now)
    (booked,) = first.post(journal, now=now)
    told_later = second.start_post(journal, now=now)
    assert not told_later.done()
    first.commit()
    (replayed,) = told_later.result(PATIENCE_S)
    second.commit()
    assert (booked.was_replayed, replayed.was_replayed) == (False, True)
    assert booked.id == replayed.id
    assert abs(minor(HELD) - before) == 70
    assert_books_hold()


def test_a_journal_whose_first_teller_gives_up_is_booked_by_the_second(open_session: Open, now: datetime) -> None:
    first, second = open_session(), open_session()
    journal = draft("capture:W1", (CLEARING, HELD, 70), now=now)
    first.post(journal, now=now)
    told_later = second.start_post(journal, now=now)
    assert not told_later.done()
    first.roll_back()
    assert not told_later.result(PATIENCE_S)[0].was_replayed
    second.commit()
    assert minor(HELD) == 70


def test_a_key_taken_at_the_same_moment_for_other_contents_is_refused(open_session: Open, now: datetime) -> None:
    first, second = open_session(), open_session()
    first.post(draft("capture:W1", (CLEARING, HELD, 70), now=now), now=now)
    refused = second.start_post(draft("capture:W1", (CLEARING, HELD, 71), now=now), now=now)
    first.commit()
    with pytest.raises(JournalKeyReused):
        refused.result(PATIENCE_S)
    second.commit()
    assert minor(HELD) == 70


def test_a_batch_that_meets_a_journal_being_booked_books_the_others_once(open_session: Open, now: datetime) -> None:
    batch = [
        draft(f"release:W{n}", (HELD, account(AccountKind.MERCHANT_ESCROW, f"shop:{n}"), n), now=now) for n in (1, 2, 3)
    ]
    first, second = open_session(), open_session()
    book(
        *[
            draft(f"release:W0{n}", (HELD, account(AccountKind.MERCHANT_ESCROW, f"shop:{n}"), 1), now=now)
            for n in (1, 2, 3)
        ],
        now=now,
    )
    first.post(batch[1], now=now)
    outcome = second.start_post(*batch, now=now)
    assert not outcome.done()
    first.commit()
    assert [one.was_replayed for one in outcome.result(PATIENCE_S)] == [False, True, False]
    second.commit()
    assert minor(HELD) == -9
    assert_nothing_is_broken()


def test_a_batch_on_hot_accounts_that_loses_a_race_is_booked_whole(open_session: Open, now: datetime) -> None:
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)
    batch = [draft(f"capture:W{n}", (CLEARING, HELD, n), now=now) for n in (1, 2, 3)]
    first, second = open_session(), open_session()
    first.post(batch[1], now=now)
    outcome = second.start_post(*batch, now=now)
    assert not outcome.done()
    first.commit()
    assert [one.was_replayed for one in outcome.result(PATIENCE_S)] == [False, True, False]
    second.commit()
    assert minor(HELD) == 7
    assert_nothing_is_broken()


def test_a_replay_is_told_from_a_refusal_even_when_the_first_booking_emptied_the_account(
    open_session: Open, now: datetime
) -> None:
    book(draft("release:W1", (HELD, ESCROW, 100), (PAYABLE, REVENUE, 1), now=now), now=now)
    settle = draft("settle:W1", (ESCROW, PAYABLE, 100), now=now)
    first, second = open_session(), open_session()
    first.post(settle, now=now)
    outcome = second.start_post(settle, now=now)
    first.commit()
    assert outcome.result(PATIENCE_S)[0].was_replayed
    second.commit()
    assert minor(ESCROW) == 0


def test_control_two_who_look_first_and_then_book_both_book(open_session: Open, now: datetime) -> None:
    first, second = open_session(), open_session()
    look = "SELECT count(*) FROM ledger_journal WHERE key = 'capture:W1'"
    for session in (first, second):
        assert session.do(lambda: db.row(look)) == (0,)
    first.post(draft("capture:W1:a", (CLEARING, HELD, 70), now=now), now=now)
    first.commit()
    second.post(draft("capture:W1:b", (CLEARING, HELD, 70), now=now), now=now)
    second.commit()
    assert minor(HELD) == 140


# ---------------------------------------------------------------------- floors


def test_an_account_is_spent_once_however_many_come(rush: Rush, now: datetime) -> None:
    book(draft("release:W1", (HELD, ESCROW, 100), now=now), now=now)
    results = rush([lambda n=n: book(draft(f"settle:W{n}", (ESCROW, PAYABLE, 30), now=now), now=now) for n in range(8)])
    refused = [one for one in results if isinstance(one, AccountOverdrawn)]
    assert (len(refused), minor(ESCROW), minor(PAYABLE)) == (5, 10, 90)
    assert len(results) - len(refused) == 3
    assert_nothing_is_broken()


def test_who_waited_for_the_account_is_refused_and_its_transaction_lives(open_session: Open, now: datetime) -> None:
    book(draft("release:W1", (HELD, ESCROW, 100), (PAYABLE, REVENUE, 1), now=now), now=now)
    first, second = open_session(), open_session()
    first.post(draft("settle:W1", (ESCROW, PAYABLE, 60), now=now), now=now)
    outcome = second.start_post(draft("settle:W2", (ESCROW, PAYABLE, 60), now=now), now=now)
    assert not outcome.done()
    first.commit()
    with pytest.raises(AccountOverdrawn):
        outcome.result(PATIENCE_S)
    second.post(draft("settle:W3", (ESCROW, PAYABLE, 40), now=now), now=now)
    second.commit()
    assert minor(ESCROW) == 0


def test_control_without_the_lock_only_the_constraint_is_left(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(draft("release:W1", (HELD, ESCROW, 100), (PAYABLE, REVENUE, 1), now=now), now=now)
    unlocked = operations._BOOK.replace(" FOR NO KEY UPDATE OF a", "")
    assert unlocked != operations._BOOK
    monkeypatch.setattr(operations, "_BOOK", unlocked)
    first, second = open_session(), open_session()
    first.post(draft("settle:W1", (ESCROW, PAYABLE, 60), now=now), now=now)
    outcome = second.start_post(draft("settle:W2", (ESCROW, PAYABLE, 60), now=now), now=now)
    first.commit()
    with pytest.raises(IntegrityError, match="ledger_account_not_overdrawn"):
        outcome.result(PATIENCE_S)
    second.roll_back()
    assert minor(ESCROW) == 40


@contextmanager
def without_floor() -> Iterator[None]:
    constraint = db.row(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ledger_account_not_overdrawn'"
    )
    assert constraint
    db.execute("ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_overdrawn")
    try:
        yield
    finally:
        empty_tables()
        db.execute(f"ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_not_overdrawn {constraint[0]}")


def test_control_without_lock_and_constraint_the_account_is_spent_twice(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(draft("release:W1", (HELD, ESCROW, 100), (PAYABLE, REVENUE, 1), now=now), now=now)
    monkeypatch.setattr(operations, "_BOOK", operations._BOOK.replace(" FOR NO KEY UPDATE OF a", ""))
    with without_floor():
        first, second = open_session(), open_session()
        first.post(draft("settle:W1", (ESCROW, PAYABLE, 60), now=now), now=now)
        outcome = second.start_post(draft("settle:W2", (ESCROW, PAYABLE, 60), now=now), now=now)
        first.commit()
        outcome.result(PATIENCE_S)
        second.commit()
        assert minor(ESCROW) == -20
        assert {check.name for check in queries.verify() if check.breach_count} == {"no balance is below its floor"}


# ---------------------------------------------------------------------- payouts


def owe(amount: int, now: datetime) -> None:
    book(
        draft("capture:W1", (CLEARING, HELD, amount + 50), now=now),
        draft("release:W1", (HELD, ESCROW, amount + 50), now=now),
        draft("settle:W1", (ESCROW, PAYABLE, amount), (ESCROW, PROMOTER, 50), now=now),
        now=now,
    )


def test_payouts_at_once_never_exceed_what_is_owed(rush: Rush, now: datetime) -> None:
    owe(100, now)
    results = rush([lambda n=n: pay_out(30, f"P{n}", now=now) for n in range(8)])
    refused = [one for one in results if isinstance(one, PayoutExceedsBalance)]
    assert (len(refused), minor(PAYABLE)) == (5, 10)
    assert_books_hold()


def test_a_payout_told_many_times_at_once_pays_once(rush: Rush, now: datetime) -> None:
    owe(100, now)
    results = rush([lambda: pay_out(100, "P1", now=now) for _ in range(8)])
    assert {one.journal_id for one in results} == {results[0].journal_id}
    assert minor(PAYABLE) == 0
    assert_books_hold()


def test_a_payout_number_at_once_for_two_accounts_pays_one(rush: Rush, now: datetime) -> None:
    owe(100, now)
    results = rush([lambda: pay_out(50, "P1", now=now), lambda: pay_out(50, "P1", now=now, account=PROMOTER)])
    assert sum(isinstance(one, PayoutNoReused) for one in results) == 1
    assert minor(PAYABLE) + minor(PROMOTER) == 100
    assert_books_hold()


def test_control_a_payout_that_reads_and_then_books_pays_twice(open_session: Open, now: datetime) -> None:
    owe(100, now)
    first, second = open_session(), open_session()
    for session in (first, second):
        assert session.do(lambda: minor(PAYABLE)) == 100
    for session, key in ((first, "payout:P1"), (second, "payout:P2")):
        session.post(draft(key, (PAYABLE, CLEARING, 100), now=now), now=now)
        session.commit()
    assert minor(PAYABLE) == -100


# ---------------------------------------------------------------------- hot accounts


def test_a_hot_account_is_exact_while_a_slow_booking_is_under_way(open_session: Open, now: datetime) -> None:
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)
    slow = open_session()
    slow.post(draft("capture:W1", (CLEARING, HELD, 20), now=now), now=now)
    book(draft("capture:W2", (CLEARING, HELD, 300), now=now), now=now)
    tasks.checkpoint_summed_accounts(now)
    assert minor(HELD) == 301
    assert slow.do(lambda: minor(HELD)) == 321
    slow.commit()
    assert minor(HELD) == 321
    tasks.checkpoint_summed_accounts(now)
    assert minor(HELD) == 321
    assert_nothing_is_broken()


def test_a_hot_account_lets_a_payment_through_while_another_is_under_way(open_session: Open, now: datetime) -> None:
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)
    slow, quick = open_session(), open_session()
    slow.post(draft("capture:W1", (CLEARING, HELD, 20), now=now), now=now)
    outcome = quick.start_post(draft("capture:W2", (CLEARING, HELD, 300), now=now), now=now)
    assert outcome.done()
    quick.commit()
    assert minor(HELD) == 301


def test_control_a_kept_sum_lets_one_through_at_a_time(open_session: Open, now: datetime) -> None:
    book(draft("release:W0", (HELD, ESCROW, 1), now=now), now=now)
    slow, second = open_session(), open_session()
    slow.post(draft("release:W1", (HELD, ESCROW, 20), now=now), now=now)
    outcome = second.start_post(draft("release:W2", (HELD, ESCROW, 300), now=now), now=now)
    assert not outcome.done()
    slow.commit()
    outcome.result(PATIENCE_S)
    second.commit()
    assert minor(ESCROW) == 321


def test_control_a_checkpoint_up_to_the_greatest_id_loses_the_slow_booking(open_session: Open, now: datetime) -> None:
    sums = "SELECT coalesce(sum(amount_minor), 0)::bigint, coalesce(max(id), 0) FROM ledger_transfer WHERE id > %s"
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)
    slow = open_session()
    slow.post(draft("capture:W1", (CLEARING, HELD, 20), now=now), now=now)
    book(draft("capture:W2", (CLEARING, HELD, 300), now=now), now=now)
    checkpoint, last_id = db.row(sums, [0]) or (0, 0)
    slow.commit()
    since, _ = db.row(sums, [last_id]) or (0, 0)
    assert checkpoint + since == 301
    assert minor(HELD) == 321


def test_checkpoints_at_once_leave_a_true_one(rush: Rush, open_session: Open, now: datetime) -> None:
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)
    slow = open_session()
    slow.post(draft("capture:slow", (CLEARING, HELD, 6), now=now), now=now)

    def mixed(n: int) -> Callable[[], Any]:
        if n % 2:
            return lambda: tasks.checkpoint_summed_accounts(now)
        return lambda: book(draft(f"capture:W{n + 1}", (CLEARING, HELD, 10), now=now), now=now)

    rush([mixed(n) for n in range(8)])
    slow.commit()
    rush([mixed(n + 10) for n in range(8)])
    assert minor(HELD) == 7 + 8 * 10
    assert_nothing_is_broken()


def test_balances_sum_to_zero_at_every_moment(rush: Rush, now: datetime) -> None:
    shops = [account(AccountKind.MERCHANT_ESCROW, f"shop:{n}") for n in range(3)]
    book(*[draft(f"release:S{n}", (HELD, shop, 100_000), now=now) for n, shop in enumerate(shops)], now=now)

    def write(n: int) -> int:
        draws = random.Random(n)
        for step in range(40):
            key, shop, amount = f"{n}-{step}", draws.choice(shops), draws.randint(1, 50)
            with db.transaction():
                operations.post(journals=[draft(f"capture:{key}", (CLEARING, HELD, amount), now=now)], now=now)
                operations.post(journals=[draft(f"settle:{key}", (shop, REVENUE, amount), now=now)], now=now)
                time.sleep(draws.random() * 0.004)
                if draws.random() < 0.2:
                    connection.set_rollback(True)
        return 40

    def checkpoint() -> int:
        for _ in range(40):
            tasks.checkpoint_summed_accounts(now)
            time.sleep(0.002)
        return 40

    def look() -> int:
        for _ in range(60):
            off = db.row("SELECT sum(debits - credits) FROM (" + SUMS + ") AS sums")
            assert off == (0,)
        return 60

    assert rush([*(lambda n=n: write(n) for n in range(3)), checkpoint, look, look]) == [40, 40, 40, 40, 60, 60]
    assert_nothing_is_broken()


# ---------------------------------------------------------------------- opening accounts, and order of locks


def test_an_account_opened_by_many_at_once_is_one_account(rush: Rush, now: datetime) -> None:
    rush([lambda n=n: book(draft(f"release:W{n}", (HELD, ESCROW, 10), now=now), now=now) for n in range(8)])
    assert [one.ref for one in queries.list_accounts(kind=AccountKind.MERCHANT_ESCROW).items] == [ESCROW]
    assert minor(ESCROW) == 80


def test_an_account_whose_opener_gave_up_is_opened_again(open_session: Open, now: datetime) -> None:
    first, second = open_session(), open_session()
    first.post(draft("release:W1", (HELD, ESCROW, 10), now=now), now=now)
    outcome = second.start_post(draft("release:W2", (HELD, ESCROW, 20), now=now), now=now)
    assert not outcome.done()
    first.roll_back()
    outcome.result(PATIENCE_S)
    second.commit()
    first = open_session()
    first.post(draft("release:W3", (HELD, ESCROW, 5), now=now), now=now)
    first.commit()
    assert minor(ESCROW) == 25
    assert_nothing_is_broken()


def test_batches_over_the_same_accounts_in_any_order_never_wait_in_a_ring(rush: Rush, now: datetime) -> None:
    shops = [account(AccountKind.MERCHANT_PAYABLE, f"shop:{n}") for n in range(12)]
    book(*[draft(f"open:{n}", (HELD, shop, 1), now=now) for n, shop in enumerate(shops)], now=now)

    def write(n: int) -> None:
        draws = random.Random(n)
        for step in range(25):
            legs = [(*draws.sample(shops, 2), draws.randint(1, 9)) for _ in range(8)]
            with db.transaction():
                operations.post(journals=[draft(f"settle:{n}-{step}", *legs, now=now)], now=now)

    assert rush([lambda n=n: write(n) for n in range(4)]) == [None] * 4
    assert_nothing_is_broken()


def test_the_same_journals_told_at_once_in_any_order_are_booked_once(rush: Rush, now: datetime) -> None:
    book(draft("capture:W0", (CLEARING, HELD, 1), now=now), now=now)

    def tell(journals: list[JournalDraft], n: int) -> int:
        batch = random.Random(n).sample(journals, len(journals))
        with db.transaction():
            return sum(not one.was_replayed for one in operations.post(journals=batch, now=now))

    for meeting in range(4):
        journals = [draft(f"capture:{meeting}-{n}", (CLEARING, HELD, 1), now=now) for n in range(800)]
        assert sum(rush([lambda n=n, told=journals: tell(told, n) for n in range(3)])) == 800
    assert minor(HELD) == 1 + 4 * 800
    assert_nothing_is_broken()


def test_control_two_calls_in_one_transaction_can_wait_in_a_ring(open_session: Open, now: datetime) -> None:
    book(draft("open:1", (HELD, ESCROW, 100), (HELD, PAYABLE, 100), now=now), now=now)
    first, second = open_session(), open_session()
    first.post(draft("a:1", (HELD, ESCROW, 1), now=now), now=now)
    second.post(draft("a:2", (HELD, PAYABLE, 1), now=now), now=now)
    waits = first.start_post(draft("a:3", (HELD, PAYABLE, 1), now=now), now=now)
    assert not waits.done()
    ring = second.start(lambda: operations.post(journals=[draft("a:4", (HELD, ESCROW, 1), now=now)], now=now))
    errors = [one.exception(PATIENCE_S) for one in (waits, ring)]
    assert sum(isinstance(error, OperationalError) and "deadlock" in str(error) for error in errors) == 1


def test_post_requires_the_callers_transaction(now: datetime) -> None:
    with pytest.raises(db.TransactionError):
        operations.post(journals=[draft("capture:W1", (CLEARING, HELD, 1), now=now)], now=now)
