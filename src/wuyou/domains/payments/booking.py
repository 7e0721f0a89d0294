"""What every write of payments does alike: looks at numbers, books money, keeps what cannot be right."""

from __future__ import annotations

from datetime import datetime

import structlog

from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.payments import errors, events, rules
from wuyou.domains.payments.providers.base import ChargeResult, DisputeResult, RefundResult
from wuyou.domains.payments.types import MismatchReason, Refund
from wuyou.infra import db
from wuyou.infra import events as log_of_events
from wuyou.kernel.money import Money

log = structlog.get_logger(__name__)


def check(number: str, amount: Money) -> None:
    if not rules.is_number(number):
        raise errors.NumberMalformed(number=number[:80])
    if amount.amount_minor <= 0:
        raise errors.AmountNotPositive


def book(
    kind: str, number: str, debit: AccountRef, credit: AccountRef, amount: Money, at: datetime, now: datetime
) -> None:
    transfer = TransferDraft(debit, credit, amount.amount_minor, kind)
    ledger.post(journals=[JournalDraft(f"{kind}:{number}", kind, number, min(at, now), (transfer,))], now=now)


def book_refunded(refund: Refund, source: AccountRef, at: datetime, now: datetime) -> None:
    """Book a refund that has settled, from the account where its money lay, and tell it."""
    due = AccountRef(AccountKind.REFUNDS_DUE, "", refund.amount.currency)
    book("refunded", refund.refund_no, due, source, refund.amount, at, now)
    log_of_events.publish(
        events.RefundSucceeded(
            refund_no=refund.refund_no,
            intent_no=refund.intent_no,
            amount_minor=refund.amount.amount_minor,
            currency=refund.amount.currency.code,
            occurred_at=min(at, now),
        )
    )


def keep_mismatch(
    what: str,
    number: str,
    reason: MismatchReason,
    result: ChargeResult | RefundResult | DisputeResult,
    expected: Money,
    now: datetime,
) -> None:
    log.error("payment_mismatch", what=what, number=number, reason=reason.value, provider=result.provider)
    db.execute(
        """
        INSERT INTO payments_mismatch (what, number, reason, provider, provider_ref, expected_minor, expected_currency,
                                       received_minor, received_currency, noted_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        [
            what,
            number,
            reason.value,
            result.provider,
            result.dispute_ref if isinstance(result, DisputeResult) else result.provider_ref,
            expected.amount_minor,
            expected.currency.code,
            result.amount.amount_minor,
            result.amount.currency.code,
            now,
        ],
    )
