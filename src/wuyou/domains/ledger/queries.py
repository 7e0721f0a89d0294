"""Reads of the books: balances, accounts, statements, and the proof that they are right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.ledger import invariants
from wuyou.domains.ledger.errors import AccountUnknown
from wuyou.domains.ledger.sums import SUMS
from wuyou.domains.ledger.types import (
    Account,
    AccountKind,
    AccountRef,
    InvariantCheck,
    Payout,
    Statement,
    StatementLine,
)
from wuyou.infra import db
from wuyou.kernel.money import Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

# `moves` are the account's transfers since the period began, seen from its own side. Sums are counted back from the
# balance, so a statement costs what happened since its first day, not since the account's.
_STATEMENT = f"""
WITH account AS MATERIALIZED (
    SELECT id, CASE side WHEN 'credit' THEN credits - debits ELSE debits - credits END AS balance,
           CASE side WHEN 'credit' THEN 1 ELSE -1 END AS sign
    FROM ({SUMS} WHERE a.code = %(code)s) AS sums
), moves AS MATERIALIZED (
    SELECT t.id, t.posted_at, t.amount_minor * a.sign AS delta
    FROM account a JOIN ledger_transfer t ON t.credit_id = a.id
    WHERE t.posted_at >= coalesce(%(from)s::timestamptz, '-infinity')
    UNION ALL
    SELECT t.id, t.posted_at, -t.amount_minor * a.sign
    FROM account a JOIN ledger_transfer t ON t.debit_id = a.id
    WHERE t.posted_at >= coalesce(%(from)s::timestamptz, '-infinity')
), bounds AS (
    SELECT coalesce(%(until)s::timestamptz, 'infinity') AS until,
           coalesce((SELECT posted_at FROM ledger_transfer WHERE id = %(after)s::bigint), '-infinity') AS after_at,
           coalesce(%(after)s::bigint, 0) AS after_id
), totals AS (
    SELECT (SELECT balance FROM account) - coalesce(sum(delta), 0) AS opening,
           (SELECT balance FROM account) - coalesce(sum(delta) FILTER (WHERE posted_at >= b.until), 0) AS closing,
           (SELECT balance FROM account)
               - coalesce(sum(delta) FILTER (WHERE (posted_at, id) > (b.after_at, b.after_id)), 0) AS carried,
           count(*) FILTER (WHERE posted_at < b.until) AS line_count
    FROM bounds b LEFT JOIN moves ON TRUE
), lines AS (
    SELECT m.id, m.posted_at, m.delta,
           sum(m.delta) OVER (ORDER BY m.posted_at, m.id) AS run
    FROM moves m CROSS JOIN bounds b
    WHERE m.posted_at < b.until AND (m.posted_at, m.id) > (b.after_at, b.after_id)
    ORDER BY m.posted_at, m.id LIMIT %(limit)s::int
)
SELECT totals.opening::bigint, totals.closing::bigint, totals.line_count,
       l.id, l.posted_at, j.occurred_at, j.key, j.kind, j.source_ref, t.kind,
       counter.code, l.delta::bigint, (totals.carried + l.run)::bigint
FROM account CROSS JOIN totals
LEFT JOIN (lines l JOIN ledger_transfer t ON t.id = l.id
           JOIN ledger_journal j ON j.id = t.journal_id
           JOIN ledger_account counter ON counter.id IN (t.debit_id, t.credit_id)) ON counter.id <> account.id
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
    Cost: one query over the account's transfers since `from_`.
    """
    found = db.rows(
        _STATEMENT,
        {"code": ref.code, "from": from_, "until": until, "after": cursor, "limit": limit + 1},
    )
    if not found:
        raise AccountUnknown(account=ref.code)
    opening, closing, line_count = found[0][:3]
    lines = [StatementLine(*line) for *_, line in ((row[:3], row[3:]) for row in found) if line[0] is not None]
    return Statement(
        ref=ref,
        from_=from_,
        until=until,
        opening=Money(opening, ref.currency),
        closing=Money(closing, ref.currency),
        line_count=line_count,
        lines=cut_page(lines, limit, lambda line: line.transfer_id),
    )


def verify() -> tuple[InvariantCheck, ...]:
    """Prove the books from their rows, invariant by invariant. Reads every row; each proof is one snapshot."""
    return tuple(InvariantCheck(name, unit, *_proof(sql)) for name, unit, sql in invariants.ALL)


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


def _accounts(where: str, params: Sequence[object]) -> list[Account]:
    return [
        Account(id_, AccountRef.parse(code), debits, credits_, opened_at)
        for id_, code, debits, credits_, opened_at in db.rows(
            f"SELECT id, code, debits, credits, created_at FROM ({SUMS} {where}) AS sums",
            params,  # noqa: S608
        )
    ]
