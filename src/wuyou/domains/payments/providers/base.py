"""The port that every payment provider fits, and the facts that come through it.

Two styles pass through one port: wallets *charge*, then refund; cards *authorise* now and *capture* or *void* later.
A driver is a translator: it keeps no state of ours, opens no transaction of ours, and answers with these facts only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wuyou.domains.payments.types import ChargeState, RefundState
from wuyou.kernel.money import Money


@dataclass(frozen=True, slots=True)
class ChargeResult:
    """What a provider says of the charge under one intent number; a charge keeps its `provider_ref` for good."""

    provider: str
    intent_no: str
    provider_ref: str
    state: ChargeState
    amount: Money
    at: datetime
    """When it became so, by the provider's clock."""


@dataclass(frozen=True, slots=True)
class RefundResult:
    """What a provider says of the refund under one refund number; `reason` is its word for a failure, else empty."""

    provider: str
    refund_no: str
    intent_no: str
    provider_ref: str
    state: RefundState
    reason: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider told us unasked, its signature checked; the id is the same at every repetition."""

    notice_id: str
    result: ChargeResult | RefundResult


class PaymentProvider(Protocol):
    """A payment provider.

    Everything but `read_notice` may talk to a network: never call it inside a transaction. Every verb is idempotent by
    its number, so that whoever got no answer sends the same again.

    Raises (all verbs): `ProviderUnavailable` when no answer came (it may have happened), `ProviderRefused` when it
    can never be.
    """

    @property
    def name(self) -> str:
        """The name under which intents, webhooks and clearing accounts know it."""
        ...

    def authorise(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Have the payer's money held for us."""
        ...

    def capture(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Take what is held; the whole of it."""
        ...

    def void(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Give the number up: what is held goes free, and nothing can be paid under it any more.

        What was captured before stays captured, and the answer says so.
        """
        ...

    def charge(self, *, intent_no: str, amount: Money, now: datetime) -> ChargeResult:
        """Take the payer's money at once."""
        ...

    def refund(self, *, refund_no: str, intent_no: str, amount: Money, now: datetime) -> RefundResult:
        """Send money back; one that failed before is tried again under its number."""
        ...

    def query_charge(self, *, intent_no: str, now: datetime) -> ChargeResult | None:
        """What became of a charge; None when the provider never heard of it."""
        ...

    def query_refund(self, *, refund_no: str, now: datetime) -> RefundResult | None:
        """What became of a refund; None when the provider never heard of it."""
        ...

    def read_notice(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Notice:
        """Check a notice's signature and age, and read it. Network-free.

        Args: `headers` as the request carried them, found without regard to case.

        Raises: `NoticeForged`, `NoticeStale`, `NoticeMalformed`.
        """
        ...
