"""What becomes of payments of people who leave."""

from __future__ import annotations

from wuyou.domains.payments import events
from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(
    kept={"payments_intent.payer_id": "who moved money, under a pseudonym, as long as the books are kept"},
    kept_events=(events.PaymentAuthorised, events.PaymentCaptured),
)
