"""Payments that their payers' banks ask back."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.payments import disputing
from wuyou.domains.payments.providers.base import DisputeResult
from wuyou.domains.payments.types import Dispute
from wuyou.infra import db


@db.requires_transaction
def apply_dispute(*, result: DisputeResult, now: datetime) -> Dispute | None:
    """Take in what a provider says of a dispute: from a notice and from asking alike, in whatever order.

    What it took moves from CLEARING to DISPUTED, what it gave back the other way, each once. When it is lost, refunds
    that wait are settled from what was taken as far as each is wholly covered, and the rest is told with
    `PaymentDisputeEnded`. What cannot be right books nothing and is kept as a `Mismatch`: the answer is None.

    Publishes: `PaymentDisputed` once, `PaymentDisputeEnded` once, `RefundSucceeded` for each refund that it settles.
    Raises: `IntentNotFound`. Locks: the intent, its disputes and refunds.
    Cost: three statements, those of ledger and event log, and two for each refund that it settles.
    """
    return disputing.take_dispute(result, now)[0]
