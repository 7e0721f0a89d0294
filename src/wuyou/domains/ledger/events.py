"""What the ledger tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PayoutEnded:
    """A payout was paid, or failed and is back on its account: `state` says which."""

    name: ClassVar[str] = "ledger.payout_ended"
    version: ClassVar[int] = 1
    number: str
    owner: str
    """Of the account: `publisher:7`, `shop:12`."""
    line_id: int
    state: str
    amount_minor: int
    currency: str
    occurred_at: datetime
