"""The port that whoever pays out for us fits, and the facts that come through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from wuyou.kernel.money import Money


class TransferState(Enum):
    """What has become of a payout at its provider."""

    PENDING = "pending"
    """Accepted; it may still fail."""
    PAID = "paid"
    FAILED = "failed"
    """Not paid, for good: under this number it never will be."""


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What a provider says of the payout under one number; `reason` is its word for a failure, else empty."""

    payout_no: str
    state: TransferState
    amount: Money
    reason: str
    at: datetime


class PayoutProvider(Protocol):
    """Whoever sends money to payees for us.

    `send` and `query` may talk to a network: never inside a transaction. Sending is idempotent by number, so that
    whoever got no answer sends the same again, and a number that failed stays failed: another try is another number.

    Raises: `PayoutProviderUnavailable` when no answer came (it may have happened), `PayoutRefused` when it never will.
    """

    @property
    def name(self) -> str:
        """The name of the provider and of its clearing account."""
        ...

    def check_reference(self, reference: str) -> None:
        """Whether somebody can be paid there at all, as far as the text says. Raises: `MalformedPayee`."""
        ...

    def send(self, *, payout_no: str, reference: str, amount: Money, now: datetime) -> TransferResult:
        """Send so much to where `reference` says."""
        ...

    def query(self, *, payout_no: str, now: datetime) -> TransferResult | None:
        """What became of a payout; None when the provider never heard of it."""
        ...
