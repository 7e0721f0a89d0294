"""Who may do what with payouts, and what becomes of the books of people who leave."""

from __future__ import annotations

from wuyou.domains.ledger.errors import ReasonMissing, StaffOnly
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor

REASON_LENGTH = 200


def require_staff(actor: Actor) -> None:
    """Raises `StaffOnly`."""
    if not actor.is_staff:
        raise StaffOnly()


def require_reason(text: str) -> None:
    """Who holds or forgives says why. Raises `ReasonMissing`."""
    if not 0 < len(text.strip()) <= REASON_LENGTH:
        raise ReasonMissing()


PERSON_COLUMNS = PersonColumns(
    kept={
        "ledger_account.owner": "the books name `publisher:7` or `shop:12`, never a person",
        "ledger_hold.held_by_id": "which member of staff held an account, under a pseudonym",
        "ledger_hold.lifted_by_id": "which member of staff lifted it, under a pseudonym",
        "ledger_write_off.asked_by_id": "who asked to forgive a debt answers for it, under a pseudonym",
        "ledger_write_off.decided_by_id": "who decided it answers for it, under a pseudonym",
    }
)
