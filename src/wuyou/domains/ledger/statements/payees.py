"""Where payees want to be paid, and whom nothing is paid to for now."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger import policies, providers
from wuyou.domains.ledger.errors import AccountHeld, AccountUnknown, NotHeld
from wuyou.domains.ledger.statements.locking import lock_account
from wuyou.domains.ledger.types import AccountRef, Payee
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def name_payee(*, owner: str, provider: str, reference: str, now: datetime) -> Payee:
    """Say where an owner of payable accounts (`publisher:7`) is paid from now on; what was sent already went elsewhere.

    Whether the caller may say so for this owner, the caller knows. Raises: `PayoutProviderUnknown`, `MalformedPayee`.
    Cost: one statement.
    """
    providers.get_provider(provider).check_reference(reference)
    db.execute(
        """
        INSERT INTO ledger_payee (owner, provider, reference, named_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (owner) DO UPDATE
        SET provider = EXCLUDED.provider, reference = EXCLUDED.reference, named_at = EXCLUDED.named_at
        """,
        [owner, provider, reference, now],
    )
    return Payee(owner, provider, reference, now)


@db.requires_transaction
def forget_payee(*, owner: str) -> None:
    """Forget where somebody was paid, in what has ended too. Cost: two statements."""
    db.execute("DELETE FROM ledger_payee WHERE owner = %s", [owner])
    db.execute(
        """
        UPDATE ledger_payout_line l SET reference = '' FROM ledger_account a
        WHERE a.id = l.account_id AND a.owner = %s AND l.ended_at IS NOT NULL
        """,
        [owner],
    )


@db.requires_transaction
def hold_account(*, actor: Actor, account: AccountRef, reason: str, now: datetime) -> None:
    """Pay nothing out of an account until the hold is lifted; what was sent before is not called back.

    Locks: the account. Raises: `StaffOnly`, `ReasonMissing`, `AccountUnknown`, `AccountHeld`. Cost: two statements.
    """
    policies.require_staff(actor)
    policies.require_reason(reason)
    locked = lock_account(account)
    if locked is None:
        raise AccountUnknown(account=account.code)
    held = db.execute(
        """
        INSERT INTO ledger_hold (account_id, reason, held_by_id, held_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (account_id) WHERE lifted_at IS NULL DO NOTHING
        """,
        [locked.id, reason.strip(), actor.person_id, now],
    )
    if not held:
        raise AccountHeld(account=account.code)


@db.requires_transaction
def lift_hold(*, actor: Actor, account: AccountRef, now: datetime) -> None:
    """Let the account be paid again, from the next batch on. Raises: `StaffOnly`, `NotHeld`. Cost: one statement."""
    policies.require_staff(actor)
    lifted = db.execute(
        """
        UPDATE ledger_hold h SET lifted_by_id = %s, lifted_at = %s FROM ledger_account a
        WHERE a.id = h.account_id AND a.code = %s AND h.lifted_at IS NULL
        """,
        [actor.person_id, now, account.code],
    )
    if not lifted:
        raise NotHeld(account=account.code)
