"""Reads of the books: balances, accounts, statements, and the proof that they are right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.ledger import documents, invariants
from wuyou.domains.ledger.errors import AccountUnknown
from wuyou.domains.ledger.sums import SUMS
from wuyou.domains.ledger.types import (
    Account,
    AccountKind,
    AccountRef,
    InvariantCheck,
    Journal,
    Payout,
    Statement,
    StatementLine,
    Transfer,
    Turnover,
)
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

# The next lines of an account, from its own side: two ranges of an index, each as long as the page.
_LINES = """
    SELECT id, posted_at, delta FROM (
        (SELECT t.id, t.posted_at, t.amount_minor * (SELECT sign FROM account) AS delta
         FROM ledger_transfer t
         WHERE t.credit_id = (SELECT id FROM account)
           AND t.posted_at >= coalesce(%(from)s::timestamptz, '-infinity')
           AND t.posted_at < coalesce(%(until)s::timestamptz, 'infinity')
           AND (t.posted_at, t.id) > (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after_id)s::bigint)
         ORDER BY t.posted_at, t.id LIMIT %(limit)s::int)
        UNION ALL
        (SELECT t.id, t.posted_at, -t.amount_minor * (SELECT sign FROM account)
         FROM ledger_transfer t
         WHERE t.debit_id = (SELECT id FROM account)
           AND t.posted_at >= coalesce(%(from)s::timestamptz, '-infinity')
           AND t.posted_at < coalesce(%(until)s::timestamptz, 'infinity')
           AND (t.posted_at, t.id) > (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after_id)s::bigint)
         ORDER BY t.posted_at, t.id LIMIT %(limit)s::int)
    ) AS both_sides
    ORDER BY posted_at, id LIMIT %(limit)s::int
"""

# Counted back from the balance, so a statement costs what happened since its first day, not since the account's.
_STATEMENT = f"""
WITH account AS MATERIALIZED (
    SELECT id, CASE side WHEN 'credit' THEN credits - debits ELSE debits - credits END AS balance,
           CASE side WHEN 'credit' THEN 1 ELSE -1 END AS sign
    FROM ({SUMS} WHERE a.code = %(code)s) AS sums
), since AS (
    SELECT sum(delta) AS opening,
           sum(delta) FILTER (WHERE posted_at >= coalesce(%(until)s::timestamptz, 'infinity')) AS closing,
           sum(delta) FILTER (WHERE (posted_at, id)
               > (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after_id)s::bigint)) AS carried,
           count(*) FILTER (WHERE posted_at < coalesce(%(until)s::timestamptz, 'infinity')) AS line_count
    FROM (SELECT id, posted_at, amount_minor * (SELECT sign FROM account) AS delta FROM ledger_transfer
          WHERE credit_id = (SELECT id FROM account) AND posted_at >= coalesce(%(from)s::timestamptz, '-infinity')
          UNION ALL
          SELECT id, posted_at, -amount_minor * (SELECT sign FROM account) FROM ledger_transfer
          WHERE debit_id = (SELECT id FROM account) AND posted_at >= coalesce(%(from)s::timestamptz, '-infinity')) AS m
), lines AS ({_LINES})
SELECT (balance - coalesce(opening, 0))::bigint, (balance - coalesce(closing, 0))::bigint, line_count,
       l.id, l.posted_at, j.occurred_at, j.key, j.kind, j.source_ref, t.kind, other.code, l.delta,
       (balance - coalesce(carried, 0) + sum(l.delta) OVER (ORDER BY l.posted_at, l.id))::bigint
FROM account CROSS JOIN since
LEFT JOIN lines l ON TRUE
LEFT JOIN ledger_transfer t ON t.id = l.id
LEFT JOIN ledger_journal j ON j.id = t.journal_id
LEFT JOIN ledger_account other ON other.id = CASE account.id WHEN t.debit_id THEN t.credit_id ELSE t.debit_id END
ORDER BY l.posted_at, l.id
"""  # noqa: S608  (our own text)

_NEXT_LINES = f"""
WITH account AS MATERIALIZED (
    SELECT id, CASE side WHEN 'credit' THEN 1 ELSE -1 END AS sign FROM ledger_account WHERE code = %(code)s
), lines AS ({_LINES})
SELECT l.id, l.posted_at, j.occurred_at, j.key, j.kind, j.source_ref, t.kind, other.code, l.delta,
       (%(carried)s::bigint + sum(l.delta) OVER (ORDER BY l.posted_at, l.id))::bigint
FROM account CROSS JOIN lines l
JOIN ledger_transfer t ON t.id = l.id
JOIN ledger_journal j ON j.id = t.journal_id
JOIN ledger_account other ON other.id = CASE account.id WHEN t.debit_id THEN t.credit_id ELSE t.debit_id END
ORDER BY l.posted_at, l.id
"""  # noqa: S608  (our own text)


def get_balance(ref: AccountRef) -> Money:
    """What an account holds on its own side; zero while nothing was ever booked on it."""
    return balances([ref])[ref]


def balances(refs: Sequence[AccountRef]) -> dict[AccountRef, Money]:
    """The balance of each account, all in one snapshot; zero for those that were never booked on."""
    found = {account.ref: account.balance for account in _accounts("WHERE a.code = ANY(%s)", [[r.code for r in refs]])}
    return {ref: found.get(ref, Money(0, ref.currency)) for ref in refs}


def get_account(ref: AccountRef) -> Account:
    """One account as it stands. Raises: `AccountUnknown`."""
    for account in _accounts("WHERE a.code = %s", [ref.code]):
        return account
    raise AccountUnknown(account=ref.code)


def list_accounts(
    *, kind: AccountKind | None = None, owner: str | None = None, cursor: int | None = None, limit: int = MAX_PAGE
) -> Page[Account]:
    """Accounts in the order they were opened, of one kind or one owner where asked."""
    found = _accounts(
        """
        WHERE a.id > %s AND (%s::text IS NULL OR a.kind = %s) AND (%s::text IS NULL OR a.owner = %s)
        ORDER BY a.id LIMIT %s
        """,
        [cursor or 0, kind and kind.value, kind and kind.value, owner, owner, limit + 1],
    )
    return cut_page(found, limit, lambda account: account.id)


def list_accounts_by_balance(
    *, kind: AccountKind | None = None, cursor: int | None = None, limit: int = MAX_PAGE
) -> Page[Account]:
    """Accounts, the largest balance first; `cursor` is the last account of the page before, wherever it stands by now.

    Cost: one query over all accounts of the kind.
    """
    found = db.rows(
        f"""
        WITH told AS (
            SELECT id, code, debits, credits, created_at,
                   CASE side WHEN 'credit' THEN credits - debits ELSE debits - credits END AS balance
            FROM ({SUMS} WHERE %(kind)s::text IS NULL OR a.kind = %(kind)s::text) AS sums)
        SELECT id, code, debits, credits, created_at FROM told
        WHERE %(cursor)s::bigint IS NULL
           OR (-balance, id) > (SELECT -balance, id FROM told WHERE id = %(cursor)s::bigint)
        ORDER BY balance DESC, id LIMIT %(limit)s
        """,  # noqa: S608  (our own texts)
        {"kind": kind and kind.value, "cursor": cursor, "limit": limit + 1},
    )
    accounts = [Account(columns[0], AccountRef.parse(columns[1]), *columns[2:]) for columns in found]
    return cut_page(accounts, limit, lambda account: account.id)


def get_statement(
    ref: AccountRef,
    *,
    from_: datetime | None = None,
    until: datetime | None = None,
    cursor: int | None = None,
    limit: int = MAX_PAGE,
) -> Statement:
    """What moved on an account while `from_ <= posted_at < until` (None is open), and its balance before and after.

    Lines go by (posted_at, id); `cursor` is the transfer id of the last line of the page before. Everything is read in
    one snapshot and counted back from the balance, so `opening` + the deltas of all pages = `closing` at any moment.

    Raises: `AccountUnknown`.
    Cost: the account's transfers since `from_`, summed from an index; `next_lines` goes on for the length of a page.
    """
    after = db.row("SELECT posted_at, id FROM ledger_transfer WHERE id = %s", [cursor]) if cursor else None
    after_at, after_id = after or (None, 0)
    found = db.rows(
        _STATEMENT,
        {
            "code": ref.code,
            "from": from_,
            "until": until,
            "after_at": after_at,
            "after_id": after_id,
            "limit": limit + 1,
        },
    )
    if not found:
        raise AccountUnknown(account=ref.code)
    opening, closing, line_count = found[0][:3]
    lines = [StatementLine(*line) for _, _, _, *line in found if line[0] is not None]
    return Statement(
        ref=ref,
        from_=from_,
        until=until,
        opening=Money(opening, ref.currency),
        closing=Money(closing, ref.currency),
        line_count=line_count,
        lines=cut_page(lines, limit, lambda line: line.transfer_id),
    )


def next_lines(head: Statement, last: StatementLine, limit: int = MAX_PAGE) -> Page[StatementLine]:
    """The lines of a statement after one that was read; as quick on its thousandth page as on its second."""
    found = db.rows(
        _NEXT_LINES,
        {
            "code": head.ref.code,
            "from": head.from_,
            "until": head.until,
            "after_at": last.posted_at,
            "after_id": last.transfer_id,
            "carried": last.balance_minor,
            "limit": limit + 1,
        },
    )
    return cut_page([StatementLine(*line) for line in found], limit, lambda line: line.transfer_id)


def totals_by_kind() -> dict[tuple[AccountKind, Currency], Money]:
    """What all accounts of a kind hold together, by currency. Cost: one query over all accounts."""
    totals: dict[tuple[AccountKind, Currency], Money] = {}
    for kind, code, balance_minor in db.rows(
        f"""
        SELECT kind, currency, sum(CASE side WHEN 'credit' THEN credits - debits ELSE debits - credits END)::bigint
        FROM ({SUMS}) AS sums GROUP BY kind, currency
        """  # noqa: S608  (our own texts)
    ):
        totals[AccountKind(kind), Currency(code)] = Money(balance_minor, Currency(code))
    return totals


def list_journals(
    *, source_refs: Sequence[str] = (), cursor: int | None = None, limit: int = 50, oldest_first: bool = False
) -> Page[Journal]:
    """Journals with their transfers, newest first: of these sources, or all. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    beyond, order = (">", "ASC") if oldest_first else ("<", "DESC")
    of_sources = "source_ref = ANY(%(source_refs)s::text[])" if source_refs else "TRUE"
    found = db.rows(
        f"""
        SELECT j.id, j.key, j.kind, j.source_ref, j.occurred_at, j.posted_at, j.currency,
               array_agg(t.id ORDER BY t.id), array_agg(d.code ORDER BY t.id), array_agg(c.code ORDER BY t.id),
               array_agg(t.amount_minor ORDER BY t.id), array_agg(t.kind ORDER BY t.id)
        FROM (SELECT * FROM ledger_journal
              WHERE {of_sources} AND (%(cursor)s::bigint IS NULL OR id {beyond} %(cursor)s::bigint)
              ORDER BY id {order} LIMIT %(limit)s) j
        JOIN ledger_transfer t ON t.journal_id = j.id
        JOIN ledger_account d ON d.id = t.debit_id
        JOIN ledger_account c ON c.id = t.credit_id
        GROUP BY j.id, j.key, j.kind, j.source_ref, j.occurred_at, j.posted_at, j.currency ORDER BY j.id {order}
        """,  # noqa: S608  (our own texts)
        {"source_refs": list(source_refs), "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_journal(columns) for columns in found], limit, lambda journal: journal.id)


def verify() -> tuple[InvariantCheck, ...]:
    """Prove the books from their rows, invariant by invariant. Reads every row; each proof is one snapshot."""
    told = tuple(InvariantCheck(name, unit, *_proof(sql)) for name, unit, sql in invariants.ALL)
    return (*told, documents.verify())


def find_payout(payout_no: str) -> Payout | None:
    """A payout by its number."""
    found = db.row(
        """
        SELECT p.payout_no, a.code, p.amount_minor, p.provider, p.journal_id, p.recorded_at
        FROM ledger_payout p JOIN ledger_account a ON a.id = p.account_id WHERE p.payout_no = %s
        """,
        [payout_no],
    )
    if found is None:
        return None
    number, code, amount_minor, provider, journal_id, recorded_at = found
    ref = AccountRef.parse(code)
    return Payout(number, ref, Money(amount_minor, ref.currency), provider, journal_id, recorded_at)


def _proof(sql: str) -> tuple[int, int, tuple[str, ...]]:
    found = db.row(
        f"""
        SELECT count(*), count(*) FILTER (WHERE is_broken), (array_agg(DISTINCT what) FILTER (WHERE is_broken))[1:5]
        FROM ({sql}) AS proof
        """  # noqa: S608  (the texts of invariants.py)
    )
    checked_count, breach_count, examples = found or (0, 0, None)
    return checked_count, breach_count, tuple(examples or ())


def _journal(columns: Sequence[Any]) -> Journal:
    id_, key, kind, source_ref, occurred_at, posted_at, code, ids, debits, credits_, amounts, kinds = columns
    currency = Currency(code)
    transfers = tuple(
        Transfer(transfer_id, AccountRef.parse(debit), AccountRef.parse(credit), Money(amount, currency), leg_kind)
        for transfer_id, debit, credit, amount, leg_kind in zip(ids, debits, credits_, amounts, kinds, strict=True)
    )
    return Journal(id_, key, kind, source_ref, occurred_at, posted_at, transfers)


def _accounts(where: str, params: Sequence[object]) -> list[Account]:
    sql = f"SELECT id, code, debits, credits, created_at FROM ({SUMS} {where}) AS sums"  # noqa: S608  (our own texts)
    return [
        Account(id_, AccountRef.parse(code), debits, credits_, opened_at)
        for id_, code, debits, credits_, opened_at in db.rows(sql, params)
    ]


def list_turnover(*, after_journal_id: int = 0) -> tuple[Turnover, ...]:
    """What moved between kinds of accounts in journals after the given one. Cost: one pass over their transfers."""
    return tuple(
        Turnover(journal_kind, AccountKind(debit), AccountKind(credit), Currency(code), count, amount_minor)
        for journal_kind, debit, credit, code, count, amount_minor in db.rows(
            """
            SELECT j.kind, d.kind, c.kind, d.currency, count(*), sum(t.amount_minor)::bigint
            FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
            JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
            WHERE t.journal_id > %s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            """,
            [after_journal_id],
        )
    )


def last_journal_id() -> int:
    """The newest journal, 0 in empty books."""
    found = db.row("SELECT coalesce(max(id), 0) FROM ledger_journal")
    return int(found[0]) if found else 0


def last_account_id() -> int:
    """The account opened last, 0 in empty books."""
    found = db.row("SELECT coalesce(max(id), 0) FROM ledger_account")
    return int(found[0]) if found else 0
