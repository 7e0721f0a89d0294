"""The lock under which everything about one payable account is decided."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.domains.ledger.types import AccountRef
from wuyou.infra import db

LOCK = "SELECT id, credits_minor - debits_minor FROM ledger_account WHERE code = %s FOR NO KEY UPDATE"


@dataclass(frozen=True, slots=True)
class Locked:
    """A payable account in hand, and what stands on it."""

    id: int
    balance_minor: int


def lock_account(account: AccountRef) -> Locked | None:
    """Take the account until the transaction ends; None when nothing was ever booked there."""
    found = db.row(LOCK, [account.code])
    return Locked(*found) if found else None


def is_held(account_id: int) -> bool:
    """Whether nothing may be paid out. To be asked with the account in hand, so that a hold on its way is seen."""
    return db.row("SELECT 1 FROM ledger_hold WHERE account_id = %s AND lifted_at IS NULL", [account_id]) is not None
