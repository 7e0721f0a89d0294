"""Reads of payouts: batches with their lines, where payees are paid, holds, write-offs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wuyou.domains.ledger.errors import BatchUnknown, PayoutLineUnknown
from wuyou.domains.ledger.types import (
    AccountRef,
    Hold,
    Payee,
    PayoutBatch,
    PayoutLine,
    PayoutState,
    WriteOff,
    WriteOffState,
)
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_BATCHES = """
    SELECT b.id, b.number, b.month, b.currency, b.made_at, array_agg(l.state), array_agg(l.count), array_agg(l.sum)
    FROM ledger_payout_batch b JOIN (
        SELECT batch_id, state, count(*) AS count, sum(amount_minor)::bigint AS sum
        FROM ledger_payout_line GROUP BY batch_id, state) AS l ON l.batch_id = b.id
"""
_LINES = """
    SELECT l.id, l.number, b.number, a.code, l.amount_minor, l.state, l.why, l.made_at, l.sent_at, l.ended_at,
           EXISTS (SELECT FROM ledger_payout_line x WHERE x.retry_of_id = l.id)
    FROM ledger_payout_line l JOIN ledger_payout_batch b ON b.id = l.batch_id
    JOIN ledger_account a ON a.id = l.account_id
"""
_WRITE_OFFS = """
    SELECT w.id, w.number, a.code, w.amount_minor, w.reason, w.asked_by_id, w.asked_at, w.decided_by_id, w.decided_at,
           w.journal_id
    FROM ledger_write_off w JOIN ledger_account a ON a.id = w.account_id
"""


def list_batches(*, cursor: int | None = None, limit: int = MAX_PAGE) -> Page[PayoutBatch]:
    """Batches with their sums, the newest first. Cost: one query."""
    found = db.rows(
        f"{_BATCHES} WHERE %s::bigint IS NULL OR b.id < %s::bigint GROUP BY b.id ORDER BY b.id DESC LIMIT %s",
        [cursor, cursor, limit + 1],
    )
    return cut_page([_batch(columns) for columns in found], limit, lambda batch: batch.id)


def get_batch(number: str) -> PayoutBatch:
    """A batch with its sums. Raises: `BatchUnknown`."""
    found = db.row(f"{_BATCHES} WHERE b.number = %s GROUP BY b.id", [number])
    if found is None:
        raise BatchUnknown(number=number[:60])
    return _batch(found)


def list_lines(
    *,
    batch_number: str | None = None,
    owners: Sequence[str] | None = None,
    state: PayoutState | None = None,
    cursor: int | None = None,
    limit: int = MAX_PAGE,
) -> Page[PayoutLine]:
    """Lines, the newest first: of a batch, of owners, in a state, where asked. Cost: one query."""
    found = db.rows(
        f"""
        {_LINES} WHERE (%(batch)s::text IS NULL OR b.number = %(batch)s::text)
            AND (%(owners)s::text[] IS NULL OR a.owner = ANY(%(owners)s::text[]))
            AND (%(state)s::text IS NULL OR l.state = %(state)s::text)
            AND (%(cursor)s::bigint IS NULL OR l.id < %(cursor)s::bigint)
        ORDER BY l.id DESC LIMIT %(limit)s
        """,
        {
            "batch": batch_number,
            "owners": None if owners is None else list(owners),
            "state": state and state.value,
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_line(columns) for columns in found], limit, lambda line: line.id)


def get_line(number: str) -> PayoutLine:
    """A payout by its number. Raises: `PayoutLineUnknown`."""
    found = db.row(f"{_LINES} WHERE l.number = %s", [number])
    if found is None:
        raise PayoutLineUnknown(number=number[:60])
    return _line(found)


def count_lines() -> dict[PayoutState, int]:
    """How many payouts there are in each state. Cost: one query."""
    counted: dict[str, int] = dict(db.rows("SELECT state, count(*) FROM ledger_payout_line GROUP BY state"))
    return {state: counted.get(state.value, 0) for state in PayoutState}


def payout_records(owners: Sequence[str]) -> list[dict[str, Any]]:
    """Every payout of owners, for their copy of what is held of them. Cost: one query."""
    return db.records(
        """
        SELECT l.number, b.number AS batch, a.code AS account, l.amount_minor, l.currency, l.provider, l.state, l.why,
               l.made_at, l.sent_at, l.ended_at
        FROM ledger_payout_line l JOIN ledger_payout_batch b ON b.id = l.batch_id
        JOIN ledger_account a ON a.id = l.account_id WHERE a.owner = ANY(%s) ORDER BY l.id
        """,
        [list(owners)],
    )


def payees_by_owner(owners: Sequence[str]) -> dict[str, Payee]:
    """Where owners are paid, as far as they said."""
    found = db.rows(
        "SELECT owner, provider, reference, named_at FROM ledger_payee WHERE owner = ANY(%s::text[])", [list(owners)]
    )
    return {columns[0]: Payee(*columns) for columns in found}


def list_holds() -> tuple[Hold, ...]:
    """Every account that nothing is paid out of, the newest hold first."""
    return tuple(
        Hold(AccountRef.parse(code), reason, held_by, held_at)
        for code, reason, held_by, held_at in db.rows(
            """
            SELECT a.code, h.reason, h.held_by_id, h.held_at FROM ledger_hold h
            JOIN ledger_account a ON a.id = h.account_id WHERE h.lifted_at IS NULL ORDER BY h.id DESC
            """
        )
    )


def list_write_offs(*, cursor: int | None = None, limit: int = MAX_PAGE) -> Page[WriteOff]:
    """Write-offs, the newest first. Cost: one query."""
    found = db.rows(
        f"{_WRITE_OFFS} WHERE %s::bigint IS NULL OR w.id < %s::bigint ORDER BY w.id DESC LIMIT %s",
        [cursor, cursor, limit + 1],
    )
    page = cut_page(found, limit, lambda columns: int(columns[0]))
    return Page(tuple(_write_off(columns) for columns in page.items), page.next_cursor)


def written_off(account: AccountRef) -> Money:
    """What was forgiven of an account's debts in all."""
    found = db.row(
        """
        SELECT coalesce(sum(w.amount_minor), 0)::bigint FROM ledger_write_off w
        JOIN ledger_account a ON a.id = w.account_id WHERE a.code = %s AND w.journal_id IS NOT NULL
        """,
        [account.code],
    )
    return Money(found[0] if found else 0, account.currency)


def _batch(columns: Sequence[Any]) -> PayoutBatch:
    id_, number, month, code, made_at, states, counts, sums = columns
    currency = Currency(code)
    by_state = {PayoutState(state): (count, minor) for state, count, minor in zip(states, counts, sums, strict=True)}
    return PayoutBatch(
        id_,
        number,
        month,
        currency,
        made_at,
        {state: by_state.get(state, (0, 0))[0] for state in PayoutState},
        {state: Money(by_state.get(state, (0, 0))[1], currency) for state in PayoutState},
    )


def _line(columns: Sequence[Any]) -> PayoutLine:
    id_, number, batch, code, amount_minor, state, *rest = columns
    account = AccountRef.parse(code)
    return PayoutLine(id_, number, batch, account, Money(amount_minor, account.currency), PayoutState(state), *rest)


def _write_off(columns: Sequence[Any]) -> WriteOff:
    _, number, code, amount_minor, reason, asked_by, asked_at, decided_by, decided_at, journal_id = columns
    account = AccountRef.parse(code)
    state = WriteOffState.ASKED if decided_at is None else WriteOffState.REFUSED
    if journal_id is not None:
        state = WriteOffState.APPROVED
    return WriteOff(
        number,
        account,
        Money(amount_minor, account.currency),
        reason,
        asked_by,
        asked_at,
        state,
        decided_by,
        decided_at,
    )
