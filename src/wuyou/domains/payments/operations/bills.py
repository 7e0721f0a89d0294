"""Providers' bills of a day: taken in once, looked at again, and what differs resolved by staff.

Locks, in this order: the bill, then ledger accounts; a discrepancy by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from wuyou.domains.payments import billing, errors, policies, rules
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillState
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def take_bill(*, provider: str, day: date, lines: Sequence[BillLine], now: datetime) -> bool:
    """Take in the bill of a day: keep its lines, book what each cost, and note what is not what we hold.

    Twice is once, also for a line that comes again with another bill: its fee is booked under the line's number.
    Returns whether it was new. Locks: the bill, then accounts. Cost: seven statements, and the ledger's for 500 fees.
    """
    bill_id = billing.begin_bill(provider, day, BillState.READ, "", len(lines), now)
    if bill_id is None:
        return False
    billing.book_fees(provider, billing.keep_lines(bill_id, provider, lines), now)
    billing.look_at_lines(bill_id=bill_id, now=now)
    billing.look_for_missing(bill_id=bill_id, now=now)
    billing.resolve_found(now)
    return True


@db.requires_transaction
def note_bill(*, provider: str, day: date, state: BillState, reason: str, now: datetime) -> None:
    """Say why the bill of a day could not be read: it is not there yet, or cannot be believed."""
    billing.begin_bill(provider, day, state, reason, 0, now)


@db.requires_transaction
def look_again(*, now: datetime) -> None:
    """Compare what stands open once more: what has come or settled meanwhile is resolved by itself.

    Two bills that were read at once did not see each other, nor a payment that was heard of at that moment: what is
    missing from bills that were read lately is looked for too. Cost: five statements.
    """
    billing.look_at_lines(bill_id=None, now=now)
    billing.look_for_missing(bill_id=None, now=now)
    billing.resolve_found(now)


@db.requires_transaction
def resolve_discrepancy(*, actor: Actor, discrepancy_id: int, reason: str, now: datetime) -> None:
    """Staff have looked at it, and say what it was. It books nothing: money that is missing is booked where it belongs.

    Raises: `StaffOnly`, `ResolutionMissing`, `DiscrepancyNotFound`, `DiscrepancyResolved`; of two at once one counts.
    """
    policies.require_staff(actor)
    text = rules.clean_resolution(reason)
    resolved = db.execute(
        """
        UPDATE payments_discrepancy SET resolved_at = %s, resolved_by_id = %s, resolution = %s
        WHERE id = %s AND resolved_at IS NULL
        """,
        [now, actor.person_id, text, discrepancy_id],
    )
    if resolved:
        return
    if db.row("SELECT 1 FROM payments_discrepancy WHERE id = %s", [discrepancy_id]):
        raise errors.DiscrepancyResolved
    raise errors.DiscrepancyNotFound
