"""What orders do when payments speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.orders import operations
from wuyou.domains.payments.events import PaymentCaptured, RefundSucceeded


def on_payment_captured(event: PaymentCaptured, now: datetime) -> None:
    """The money for an order is here."""
    if event.purpose == operations.PURPOSE:
        operations.mark_paid(order_no=event.intent_no, now=now)


def on_refund_succeeded(event: RefundSucceeded, now: datetime) -> None:
    """The money of a refund is back."""
    operations.mark_refund_returned(refund_no=event.refund_no, now=now)
