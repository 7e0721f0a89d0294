"""What payments tell the domains above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PaymentAuthorised:
    """A card's money is held for an open intent: take it with `operations.request_capture`, or close the intent."""

    name: ClassVar[str] = "payments.payment_authorised"
    version: ClassVar[int] = 1

    intent_no: str
    payer_id: int
    purpose: str
    amount_minor: int
    currency: str
    provider: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentCaptured:
    """The money of an intent is with the provider, for us. Published once an intent.

    `was_closed`: the intent had been given up before; whoever closed it owes the payer a refund or a new purpose.
    """

    name: ClassVar[str] = "payments.payment_captured"
    version: ClassVar[int] = 1

    intent_no: str
    payer_id: int
    purpose: str
    amount_minor: int
    currency: str
    provider: str
    was_closed: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RefundSucceeded:
    """The provider has returned this money to the payer. Published once a refund."""

    name: ClassVar[str] = "payments.refund_succeeded"
    version: ClassVar[int] = 1

    refund_no: str
    intent_no: str
    amount_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentDisputed:
    """A payer's bank asks a payment back, and the provider has taken it from us. Published once a dispute.

    Nobody is owed what hangs on this payment until `PaymentDisputeEnded`.
    """

    name: ClassVar[str] = "payments.payment_disputed"
    version: ClassVar[int] = 1

    intent_no: str
    purpose: str
    provider: str
    dispute_ref: str
    amount_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentDisputeEnded:
    """The bank has decided. Published once a dispute of which `PaymentDisputed` told, after it.

    `lost_minor`: what stays with the payer and no refund stands for yet, 0 when it was won: refund that much. The
    refund is settled from what the provider took, and not sent again.
    """

    name: ClassVar[str] = "payments.payment_dispute_ended"
    version: ClassVar[int] = 1

    intent_no: str
    purpose: str
    provider: str
    dispute_ref: str
    lost_minor: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The provider refused a refund as often as we try by ourselves: it waits for staff, and is still promised."""

    name: ClassVar[str] = "payments.refund_failed"
    version: ClassVar[int] = 1

    refund_no: str
    intent_no: str
    reason: str
    attempts: int
    occurred_at: datetime
