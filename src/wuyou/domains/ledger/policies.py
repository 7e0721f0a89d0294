"""What becomes of the books of people who leave."""

from __future__ import annotations

from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(
    kept={"ledger_account.owner": "the books name `publisher:7` or `shop:12`, never a person"}
)
