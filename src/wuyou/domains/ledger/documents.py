"""Reads of closed statements, and of what waits for the next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wuyou.domains.ledger.errors import StatementUnknown
from wuyou.domains.ledger.types import AccountRef, ClosedStatement, InvariantCheck, SigningKey
from wuyou.engines.statements.checking import check
from wuyou.engines.statements.files import Document
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_COLUMNS = """
    s.id, s.number, a.code, s.month, s.opening_minor, s.closing_minor, s.line_count, s.hash, k.key_id, s.closed_at
"""
_FROM = """
    ledger_statement s JOIN ledger_account a ON a.id = s.account_id JOIN ledger_signing_key k ON k.id = s.key_id
"""
_LINE = "r.id, r.source, r.formula, r.inputs::text, r.amount_minor, j.key, j.kind, j.posted_at, j.occurred_at"
SIGNED = "statements verify with their keys"
"""The one invariant that is not a query."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A reason with its journal: a line, once it is numbered."""

    reason_id: int
    source: str
    formula: str
    inputs: str
    amount_minor: int
    journal: str
    kind: str
    posted_at: datetime
    occurred_at: datetime

    def told(self, no: int, balance_minor: int) -> dict[str, Any]:
        """The line as statements say it, without its hash."""
        return {
            "no": no,
            "posted_at": moment(self.posted_at),
            "occurred_at": moment(self.occurred_at),
            "journal": self.journal,
            "kind": self.kind,
            "source": self.source,
            "formula": self.formula,
            "inputs": json.loads(self.inputs),
            "amount_minor": self.amount_minor,
            "balance_minor": balance_minor,
        }


def moment(at: datetime) -> str:
    """`2026-03-01T04:00:00.000000Z`."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def waiting_lines(account_id: int, through_reason: int) -> list[WaitingLine]:
    """What changed on an account and is on no statement, in the order in which it changed.

    Args: through_reason: every reason up to this id is on one.
    """
    found = db.rows(
        f"""
        SELECT {_LINE} FROM ledger_reason r JOIN ledger_journal j ON j.id = r.journal_id
        WHERE r.account_id = %s AND r.id > %s
          AND NOT EXISTS (SELECT FROM ledger_statement_line l WHERE l.reason_id = r.id)
        ORDER BY r.id
        """,  # noqa: S608  (built of constants)
        [account_id, through_reason],
    )
    return [WaitingLine(*columns) for columns in found]


def list_statements(
    owners: Sequence[str], *, cursor: int | None = None, limit: int = MAX_PAGE
) -> Page[ClosedStatement]:
    """Statements of the accounts of these owners (`publisher:7`), the newest first. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM {_FROM}
        WHERE a.owner = ANY(%(owners)s::text[]) AND (%(cursor)s::bigint IS NULL OR s.id < %(cursor)s::bigint)
        ORDER BY s.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (built of constants)
        {"owners": list(owners), "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_statement(columns) for columns in found], limit, lambda statement: statement.id)


def get_document(number: str, owners: Sequence[str]) -> Document:
    """A statement of one of these owners, whole. Raises: `StatementUnknown`, also for what is another's."""
    owner = db.row(
        "SELECT a.owner FROM ledger_statement s JOIN ledger_account a ON a.id = s.account_id WHERE s.number = %s",
        [number],
    )
    document = find_document(number) if owner and owner[0] in owners else None
    if document is None:
        raise StatementUnknown()
    return document


def find_document(number: str) -> Document | None:
    """A statement, whole: what its files are written from. Cost: two queries."""
    found = db.row("SELECT id, head::text, hash, signature FROM ledger_statement WHERE number = %s", [number])
    if found is None:
        return None
    statement_id, head, hash_, signature = found
    lines = []
    for no, balance_minor, line_hash, *columns in db.rows(
        f"""
        SELECT l.no, l.balance_minor, l.hash, {_LINE}
        FROM ledger_statement_line l JOIN ledger_reason r ON r.id = l.reason_id
        JOIN ledger_journal j ON j.id = r.journal_id WHERE l.statement_id = %s ORDER BY l.no
        """,  # noqa: S608  (built of constants)
        [statement_id],
    ):
        lines.append({**WaitingLine(*columns).told(no, balance_minor), "hash": line_hash})
    return {"head": json.loads(head), "lines": lines, "hash": hash_, "signature": signature}


def list_keys(current: str = "") -> tuple[SigningKey, ...]:
    """Every key that signed a statement, the newest first. Args: current: the id of today's."""
    return tuple(
        SigningKey(key_id, public_key, since, key_id == current)
        for key_id, public_key, since in db.rows(
            "SELECT key_id, public_key, since FROM ledger_signing_key ORDER BY id DESC"
        )
    )


def verify() -> InvariantCheck:
    """Every closed statement, checked as whoever holds its file and its key would check it.

    Counts accounts, those without a statement too: there, nothing can be wrong yet. Reads every statement whole.
    """
    accounts: set[int] = set()
    breaches = []
    for account_id, number, public in db.rows(
        """
        SELECT a.id, s.number, k.public_key FROM ledger_account a
        LEFT JOIN ledger_statement s ON s.account_id = a.id LEFT JOIN ledger_signing_key k ON k.id = s.key_id
        ORDER BY a.id, s.month
        """
    ):
        accounts.add(account_id)
        document = find_document(number) if number else None
        findings = check(document, public) if document else []
        breaches += [f"{number}: {finding}" for finding in findings[:1]]
    return InvariantCheck(SIGNED, "accounts", len(accounts), len(breaches), tuple(breaches[:5]))


def _statement(columns: Sequence[Any]) -> ClosedStatement:
    id_, number, code, month, opening, closing, count, hash_, key_id, closed_at = columns
    account = AccountRef.parse(code)
    currency: Currency = account.currency
    return ClosedStatement(
        id_, number, account, month, Money(opening, currency), Money(closing, currency), count, hash_, key_id, closed_at
    )
