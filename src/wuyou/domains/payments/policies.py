"""What becomes of payments of people who leave."""

from __future__ import annotations

from wuyou.domains.payments import errors, events
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def require_staff(actor: Actor) -> None:
    """Raises `StaffOnly`."""
    if not actor.is_staff:
        raise errors.StaffOnly


PERSON_COLUMNS = PersonColumns(
    kept={
        "payments_intent.payer_id": "who moved money, under a pseudonym, as long as the books are kept",
        "payments_discrepancy.resolved_by_id": "who of staff looked at it, as long as the books are kept",
    },
    kept_events=(events.PaymentAuthorised, events.PaymentCaptured),
)
