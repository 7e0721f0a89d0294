"""Debts that will not come back: one member of staff asks, another approves, and the platform bears it."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger import operations, policies
from wuyou.domains.ledger.errors import (
    AccountUnknown,
    SecondPersonNeeded,
    WriteOffDecided,
    WriteOffExceedsDebt,
    WriteOffOpen,
    WriteOffUnknown,
)
from wuyou.domains.ledger.reasons import sum_reason
from wuyou.domains.ledger.statements.locking import lock_account
from wuyou.domains.ledger.types import WRITE_OFF_KIND, AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def ask_write_off(*, actor: Actor, account: AccountRef, amount_minor: int, reason: str, now: datetime) -> str:
    """Ask that so much of what a payee owes be forgiven; returns its number. Nothing is booked by asking.

    Locks: the account.
    Raises: `StaffOnly`, `ReasonMissing`, `AccountUnknown`, `WriteOffExceedsDebt`, `WriteOffOpen`.
    """
    policies.require_staff(actor)
    policies.require_reason(reason)
    locked = lock_account(account)
    if locked is None or not account.kind.is_payable:
        raise AccountUnknown(account=account.code)
    if not 0 < amount_minor <= -locked.balance_minor:
        raise WriteOffExceedsDebt(account=account.code, owed_minor=max(-locked.balance_minor, 0))
    made = db.row(
        """
        INSERT INTO ledger_write_off (number, account_id, amount_minor, reason, asked_by_id, asked_at)
        SELECT %(stem)s || (SELECT count(*) + 1 FROM ledger_write_off WHERE account_id = %(account)s),
               %(account)s, %(amount)s, %(reason)s, %(by)s, %(now)s::timestamptz
        ON CONFLICT (account_id) WHERE decided_at IS NULL DO NOTHING RETURNING number
        """,
        {
            "stem": f"{account.owner.replace(':', '')}-{account.currency.code}-",
            "account": locked.id,
            "amount": amount_minor,
            "reason": reason.strip(),
            "by": actor.person_id,
            "now": now,
        },
    )
    if made is None:
        raise WriteOffOpen(account=account.code)
    return str(made[0])


@db.requires_transaction
def approve_write_off(*, actor: Actor, number: str, now: datetime) -> None:
    """Book it: the platform pays what the payee owed. Never more than is owed at this moment.

    Locks: the write-off, then the account.
    Raises: `StaffOnly`, `WriteOffUnknown`, `WriteOffDecided`, `SecondPersonNeeded`, `WriteOffExceedsDebt`.
    """
    policies.require_staff(actor)
    write_off_id, account, amount_minor, asked_by = _open(number)
    if asked_by == actor.person_id:
        raise SecondPersonNeeded(number=number)
    locked = lock_account(account)
    if locked is None or amount_minor > -locked.balance_minor:
        raise WriteOffExceedsDebt(account=account.code, owed_minor=max(-locked.balance_minor, 0) if locked else 0)
    revenue = AccountRef(AccountKind.PLATFORM_REVENUE, "", account.currency)
    ref = f"{WRITE_OFF_KIND}:{number}"
    why = sum_reason(account, ref, {"written_off": amount_minor}, {})
    transfer = TransferDraft(revenue, account, amount_minor, WRITE_OFF_KIND)
    draft = JournalDraft(ref, WRITE_OFF_KIND, ref, now, (transfer,), (why,))
    (journal,) = operations.post(journals=[draft], now=now)
    _decide(write_off_id, actor, journal.id, now)


@db.requires_transaction
def refuse_write_off(*, actor: Actor, number: str, now: datetime) -> None:
    """Let the debt stand; who asked may take it back so. Raises: `StaffOnly`, `WriteOffUnknown`, `WriteOffDecided`."""
    policies.require_staff(actor)
    write_off_id, *_ = _open(number)
    _decide(write_off_id, actor, None, now)


def _open(number: str) -> tuple[int, AccountRef, int, int]:
    found = db.row(
        """
        SELECT w.id, a.code, w.amount_minor, w.asked_by_id, w.decided_at FROM ledger_write_off w
        JOIN ledger_account a ON a.id = w.account_id WHERE w.number = %s FOR NO KEY UPDATE OF w
        """,
        [number],
    )
    if found is None:
        raise WriteOffUnknown(number=number[:60])
    if found[4] is not None:
        raise WriteOffDecided(number=number)
    return found[0], AccountRef.parse(found[1]), found[2], found[3]


def _decide(write_off_id: int, actor: Actor, journal_id: int | None, now: datetime) -> None:
    db.execute(
        "UPDATE ledger_write_off SET decided_by_id = %s, decided_at = %s, journal_id = %s WHERE id = %s",
        [actor.person_id, now, journal_id, write_off_id],
    )
