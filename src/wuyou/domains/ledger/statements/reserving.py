"""Keeping a part of what is owed while somebody outside decides about it: a payer's bank, mostly."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger.statements.locking import lock_account
from wuyou.domains.ledger.types import AccountRef
from wuyou.infra import db


@db.requires_transaction
def reserve(*, account: AccountRef, key: str, amount_minor: int, now: datetime) -> None:
    """Pay so much of an account not out until `end_reserve`; what was sent before is not called back. Twice is once.

    Nothing is booked: the money is owed, and stays where it is. Locks: the account. Cost: three statements.
    """
    lock_account(account)
    db.execute(
        """
        INSERT INTO ledger_reserve (account, key, amount_minor, made_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (key) DO NOTHING
        """,
        [account.code, key, amount_minor, now],
    )


@db.requires_transaction
def end_reserve(*, key: str, now: datetime) -> bool:
    """Let it be paid out again; returns whether anything was reserved. Twice is once. Cost: one statement."""
    return bool(db.execute("UPDATE ledger_reserve SET ended_at = %s WHERE key = %s AND ended_at IS NULL", [now, key]))
