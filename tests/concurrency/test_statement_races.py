"""Closing a month under real connections at once; beside each promise, what happens without the lock."""

from __future__ import annotations

import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, book, draft
from tests.builders.statements import KEY
from tests.builders.waiting import waiters
from tests.concurrency.test_ledger_races import PATIENCE_S, Open, Session, open_session
from wuyou.domains.ledger import queries, statements
from wuyou.domains.ledger.statements import closing
from wuyou.infra import db

__all__ = ["open_session"]

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]

CLOSING = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
LOCK = " FOR NO KEY UPDATE"


def owed(now: datetime) -> int:
    """An account with something to close."""
    book(draft("capture:W1", (CLEARING, HELD, 300), now=now), now=now)
    book(draft("release:W1", (HELD, ESCROW, 300), now=now), now=now)
    book(draft("settle:W1", (ESCROW, PAYABLE, 100), now=now), now=now)
    return queries.get_account(PAYABLE).id


def close(account_id: int, now: datetime = CLOSING) -> int:
    return statements.close_account(account_id=account_id, issuer="https://here", private_key=KEY, now=now)


def until_it_waits(future: Future[Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not future.done() and not waiters():
        assert time.monotonic() < deadline, "it neither ends nor waits"
        time.sleep(0.002)


def start_close(session: Session, account_id: int) -> Future[int]:
    future: Future[int] = session.start(lambda: close(account_id))
    until_it_waits(future)
    return future


def journals_on_statements() -> list[tuple[str, str]]:
    return db.rows(
        """
        SELECT s.number, j.key FROM ledger_statement_line l JOIN ledger_statement s ON s.id = l.statement_id
        JOIN ledger_reason r ON r.id = l.reason_id JOIN ledger_journal j ON j.id = r.journal_id ORDER BY l.id
        """
    )


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    unlocked = closing._ACCOUNT.replace(LOCK, "")
    assert unlocked != closing._ACCOUNT
    monkeypatch.setattr(closing, "_ACCOUNT", unlocked)


def test_month_closed_by_two_at_once_is_closed_once(open_session: Open, now: datetime) -> None:
    account_id = owed(now)
    first, second = open_session(), open_session()
    assert first.do(lambda: close(account_id)) == 1
    later = start_close(second, account_id)
    assert not later.done()
    first.commit()
    assert later.result(PATIENCE_S) == 0
    second.commit()
    assert journals_on_statements() == [("2026-03-shop1-CNY", "settle:W1")]


def test_control_without_the_lock_only_the_constraint_is_left(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = owed(now)
    without_lock(monkeypatch)
    db.in_transaction(lambda: closing._known_key(KEY, now))
    first, second = open_session(), open_session()
    assert first.do(lambda: close(account_id)) == 1
    later = start_close(second, account_id)
    first.commit()
    with pytest.raises(IntegrityError, match="one_statement_an_account_and_month"):
        later.result(PATIENCE_S)
    second.roll_back()


def test_booking_that_is_not_committed_yet_is_waited_for_and_stands_on_the_statement(
    open_session: Open, now: datetime
) -> None:
    account_id = owed(now)
    slow, closer = open_session(), open_session()
    slow.post(draft("settle:W2", (ESCROW, PAYABLE, 70), now=now), now=now)
    later = start_close(closer, account_id)
    assert not later.done()
    slow.commit()
    assert later.result(PATIENCE_S) == 1
    closer.commit()
    assert [journal for _, journal in journals_on_statements()] == ["settle:W1", "settle:W2"]


def test_control_without_the_lock_a_slow_booking_is_on_no_statement_ever(
    open_session: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = owed(now)
    without_lock(monkeypatch)
    slow, closer, third = open_session(), open_session(), open_session()
    # A booking that does not hold the account's row: its reason has an id, and is not there yet.
    slow.do(lambda: db.rows("SELECT nextval('ledger_reason_id_seq')"))
    slow_id = slow.do(lambda: db.row("SELECT currval('ledger_reason_id_seq')"))[0]
    book(draft("settle:W3", (ESCROW, PAYABLE, 5), now=now), now=now)
    assert closer.do(lambda: close(account_id)) == 1
    closer.commit()
    slow.do(
        lambda: db.execute(
            """
            INSERT INTO ledger_reason (id, journal_id, account_id, source, formula, inputs, amount_minor)
            SELECT %s, journal_id, account_id, 'late', formula, inputs, amount_minor FROM ledger_reason LIMIT 1
            """,
            [slow_id],
        )
    )
    slow.commit()
    assert third.do(lambda: close(account_id, CLOSING + timedelta(days=31))) == 1
    third.commit()
    assert ("2026-04-shop1-CNY", "settle:W1") not in journals_on_statements()
    assert "statements follow from reasons, month upon month" in {
        check.name for check in queries.verify() if check.breach_count
    }
