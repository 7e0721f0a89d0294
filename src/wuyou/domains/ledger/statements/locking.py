"""The lock under which everything about one payable account is decided."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.domains.ledger.types import AccountRef
from wuyou.infra import db

LOCK = "SELECT id, credits_minor - debits_minor FROM ledger_account WHERE code = %s FOR NO KEY UPDATE"

RESERVED = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_reserve WHERE account = %s AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class Locked:
    """A payable account in hand, and what stands on it."""

    id: int
    balance_minor: int
    reserved_minor: int = 0
    """What of it is not paid out, because somebody outside decides about it."""

    @property
    def payable_minor(self) -> int:
        """What may be paid out."""
        return self.balance_minor - self.reserved_minor


def lock_account(account: AccountRef) -> Locked | None:
    """Take the account until the transaction ends; None when nothing was ever booked there."""
    found = db.row(LOCK, [account.code])
    if found is None:
        return None
    # In a statement of its own: what was reserved before the lock was had is seen.
    reserved = db.row(RESERVED, [account.code])
    account_id, balance_minor = found
    return Locked(account_id, balance_minor, reserved[0] if reserved else 0)


def is_held(account_id: int) -> bool:
    """Whether nothing may be paid out. To be asked with the account in hand, so that a hold on its way is seen."""
    return db.row("SELECT 1 FROM ledger_hold WHERE account_id = %s AND lifted_at IS NULL", [account_id]) is not None
