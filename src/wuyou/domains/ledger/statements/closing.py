"""Closing a month: what changed on an account becomes a statement that never changes again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from wuyou.domains.ledger import documents
from wuyou.domains.ledger.statements.months import begin_of, last_closable, month_after, month_of, months
from wuyou.domains.ledger.types import AccountRef
from wuyou.engines.statements import chain
from wuyou.infra import db

_ACCOUNT = "SELECT code FROM ledger_account WHERE id = %s FOR NO KEY UPDATE"


@db.requires_transaction
def close_account(*, account_id: int, issuer: str, private_key: str, now: datetime) -> int:
    """Close every month of a payable account that is over and not closed; returns how many statements were made.

    A statement holds every reason booked before the month's end that is on no earlier one: what comes late falls into
    the next. Bookings hold the account's row until they commit, so with that row in hand nothing is on its way, and of
    two who close at once the second finds it done. A month in which nothing moved and nothing stood has no statement.

    Args: issuer: the address of this installation, as the statement says it. private_key: signs it.
    Locks: the account, until the transaction ends. Cost: three statements, and two for each month.
    """
    found = db.row(_ACCOUNT, [account_id])
    if found is None:
        return 0
    account = AccountRef.parse(found[0])
    last = db.row(
        """
        SELECT month, closing_minor, through_reason, hash FROM ledger_statement
        WHERE account_id = %s ORDER BY month DESC LIMIT 1
        """,
        [account_id],
    )
    month, balance, through, previous = last or (None, 0, 0, chain.NOTHING)
    waiting = documents.waiting_lines(account_id, through)
    if month is None and not waiting:
        return 0
    first = month_after(month) if month else min(month_of(line.posted_at) for line in waiting)
    key_id = _known_key(private_key, now)
    made = 0
    for each in months(first, last_closable(now)):
        until = begin_of(month_after(each))
        lines = [line for line in waiting if line.posted_at < until]
        if not lines and not balance:
            continue
        waiting = [line for line in waiting if line.posted_at >= until]
        if waiting:
            through = waiting[0].reason_id - 1
        elif lines:
            through = lines[-1].reason_id
        head: dict[str, Any] = {
            "format": chain.FORMAT,
            "issuer": issuer,
            "number": number_of(account, each),
            "account": account.code,
            "currency": account.currency.code,
            "month": f"{each:%Y-%m}",
            "from": documents.moment(begin_of(each)),
            "until": documents.moment(until),
            "closed_at": documents.moment(now),
            "opening_minor": balance,
            "closing_minor": balance + sum(line.amount_minor for line in lines),
            "line_count": len(lines),
            "previous": previous,
            "key_id": key_id,
        }
        previous = _store(account_id, each, head, lines, through, private_key, now)
        balance = head["closing_minor"]
        made += 1
    return made


def number_of(account: AccountRef, month: date) -> str:
    """What people call a statement: `2026-03-publisher7-CNY`."""
    return f"{month:%Y-%m}-{re.sub('[^0-9A-Za-z]', '', account.owner)}-{account.currency.code}"


def _store(
    account_id: int,
    month: date,
    head: dict[str, Any],
    lines: Sequence[documents.WaitingLine],
    through: int,
    private_key: str,
    now: datetime,
) -> str:
    """Write a statement and its lines; returns its hash."""
    balance, before = head["opening_minor"], chain.NOTHING
    balances: list[int] = []
    hashes: list[str] = []
    for no, line in enumerate(lines, 1):
        balance += line.amount_minor
        before = chain.line_hash(line.told(no, balance), before)
        balances.append(balance)
        hashes.append(before)
    hash_ = chain.statement_hash(head, before)
    db.execute(
        """
        WITH made AS (
            INSERT INTO ledger_statement (number, account_id, month, head, opening_minor, closing_minor, line_count,
                                          through_reason, hash, signature, key_id, closed_at)
            SELECT %(number)s, %(account)s, %(month)s, %(head)s::jsonb, %(opening)s, %(closing)s, %(count)s,
                   %(through)s, %(hash)s, %(signature)s, k.id, %(now)s::timestamptz
            FROM ledger_signing_key k WHERE k.key_id = %(key)s RETURNING id)
        INSERT INTO ledger_statement_line (statement_id, no, reason_id, balance_minor, hash)
        SELECT made.id, l.no, l.reason_id, l.balance_minor, l.hash
        FROM made, unnest(%(reasons)s::bigint[], %(balances)s::bigint[], %(hashes)s::text[])
             WITH ORDINALITY AS l(reason_id, balance_minor, hash, no)
        """,
        {
            "number": head["number"],
            "account": account_id,
            "month": month,
            "head": json.dumps(head, ensure_ascii=False),
            "opening": head["opening_minor"],
            "closing": head["closing_minor"],
            "count": head["line_count"],
            "through": through,
            "hash": hash_,
            "signature": chain.sign(private_key, hash_),
            "key": head["key_id"],
            "now": now,
            "reasons": [line.reason_id for line in lines],
            "balances": balances,
            "hashes": hashes,
        },
    )
    return hash_


def _known_key(private_key: str, now: datetime) -> str:
    """The id of the key, whose public half is kept for good: statements outlive the key that signs today."""
    public = chain.public_key(private_key)
    db.execute(
        """
        INSERT INTO ledger_signing_key (key_id, public_key, since) VALUES (%s, %s, %s)
        ON CONFLICT (key_id) DO NOTHING
        """,
        [chain.key_id(public), public, now],
    )
    return chain.key_id(public)
