"""What a provider's word does, whichever way it came. Answers: how things stand now, and whether it settled any."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import events, queries, rules
from wuyou.domains.payments.booking import book, book_refunded, keep_mismatch
from wuyou.domains.payments.providers.base import ChargeResult, RefundResult
from wuyou.domains.payments.types import (
    ChargeState,
    Intent,
    MismatchReason,
    NoticeOutcome,
    Refund,
    RefundState,
)
from wuyou.infra import db
from wuyou.infra import events as log_of_events

# ------------------------------------------------------------------------------------------------------- charges


def take_charge(result: ChargeResult, now: datetime) -> tuple[Intent, NoticeOutcome]:
    """`operations.apply_charge`, and what it did: SETTLED, LATE or MISMATCH."""
    if result.state is ChargeState.CAPTURED:
        return _capture(result, now)
    if result.state is ChargeState.AUTHORISED:
        return _authorise(result, now)
    if result.state is ChargeState.VOIDED:
        return _void(result, now)
    is_new = result.state is ChargeState.PENDING and result.provider_ref and _note_reference(result)
    return queries.get_intent(result.intent_no), NoticeOutcome.SETTLED if is_new else NoticeOutcome.LATE


def _capture(result: ChargeResult, now: datetime) -> tuple[Intent, NoticeOutcome]:
    captured = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'captured', captured_at = %(at)s, provider_ref = %(provider_ref)s, payment_ref = %(payment_ref)s,
            next_poll_at = NULL
        WHERE i.intent_no = %(intent_no)s AND captured_at IS NULL AND provider = %(provider)s
          AND amount_minor = %(amount_minor)s AND currency = %(currency)s
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        _params(result, now),
    )
    if captured is None:
        return _explain(result, now)
    intent = queries.intent_from(captured)
    clearing = AccountRef(AccountKind.CLEARING, intent.provider, intent.amount.currency)
    held = AccountRef(AccountKind.BUYERS_HELD, "", intent.amount.currency)
    book("capture", intent.intent_no, clearing, held, intent.amount, result.at, now)
    log_of_events.publish(
        events.PaymentCaptured(
            intent_no=intent.intent_no,
            payer_id=intent.payer_id,
            purpose=intent.purpose,
            amount_minor=intent.amount.amount_minor,
            currency=intent.amount.currency.code,
            provider=intent.provider,
            was_closed=intent.closed_at is not None,
            occurred_at=min(result.at, now),
        )
    )
    return intent, NoticeOutcome.SETTLED


def _authorise(result: ChargeResult, now: datetime) -> tuple[Intent, NoticeOutcome]:
    # A closed intent stays closed; asking again at once lets the poll set the money free.
    held = db.row(
        f"""
        UPDATE payments_intent i
        SET state = CASE WHEN closed_at IS NULL THEN 'authorised' ELSE state END,
            next_poll_at = CASE WHEN closed_at IS NULL THEN next_poll_at ELSE %(now)s END,
            authorised_at = %(at)s, provider_ref = %(provider_ref)s
        WHERE i.intent_no = %(intent_no)s AND authorised_at IS NULL AND captured_at IS NULL AND voided_at IS NULL
          AND provider = %(provider)s AND amount_minor = %(amount_minor)s AND currency = %(currency)s
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        _params(result, now),
    )
    if held is None:
        return _explain(result, now)
    intent = queries.intent_from(held)
    if intent.closed_at is None:
        log_of_events.publish(
            events.PaymentAuthorised(
                intent_no=intent.intent_no,
                payer_id=intent.payer_id,
                purpose=intent.purpose,
                amount_minor=intent.amount.amount_minor,
                currency=intent.amount.currency.code,
                provider=intent.provider,
                occurred_at=min(result.at, now),
            )
        )
    return intent, NoticeOutcome.SETTLED


def _void(result: ChargeResult, now: datetime) -> tuple[Intent, NoticeOutcome]:
    voided = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'closed', closed_at = COALESCE(closed_at, %(now)s), voided_at = %(at)s, next_poll_at = NULL
        WHERE i.intent_no = %(intent_no)s AND voided_at IS NULL AND captured_at IS NULL AND provider = %(provider)s
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        _params(result, now),
    )
    if voided:
        return queries.intent_from(voided), NoticeOutcome.SETTLED
    return queries.get_intent(result.intent_no), NoticeOutcome.LATE


def _note_reference(result: ChargeResult) -> bool:
    # Some providers can only be asked by the number that they gave.
    noted = db.execute(
        """
        UPDATE payments_intent SET provider_ref = %s
        WHERE intent_no = %s AND provider = %s AND provider_ref = '' AND captured_at IS NULL
        """,
        [result.provider_ref, result.intent_no, result.provider],
    )
    return bool(noted)


def _params(result: ChargeResult, now: datetime) -> dict[str, object]:
    return {
        "intent_no": result.intent_no,
        "provider": result.provider,
        "provider_ref": result.provider_ref,
        "payment_ref": result.payment_ref,
        "amount_minor": result.amount.amount_minor,
        "currency": result.amount.currency.code,
        "at": min(result.at, now),
        "now": now,
    }


def _explain(result: ChargeResult, now: datetime) -> tuple[Intent, NoticeOutcome]:
    """Tell a repeated or late report (nothing to do) from one that cannot be right (kept for staff)."""
    intent = queries.get_intent(result.intent_no)
    is_paid_elsewhere = (
        result.state is ChargeState.CAPTURED
        and intent.captured_at is not None
        and intent.provider_ref != result.provider_ref
    )
    reason = (
        MismatchReason.PROVIDER
        if intent.provider != result.provider
        else MismatchReason.AMOUNT
        if intent.amount != result.amount
        else MismatchReason.SECOND_CHARGE
        if is_paid_elsewhere
        else None
    )
    if reason:
        keep_mismatch("charge", result.intent_no, reason, result, intent.amount, now)
    return intent, NoticeOutcome.MISMATCH if reason else NoticeOutcome.LATE


# ------------------------------------------------------------------------------------------------------- refunds


def take_refund(result: RefundResult, now: datetime) -> tuple[Refund, NoticeOutcome]:
    """`operations.apply_refund`, and what it did: SETTLED, LATE or MISMATCH."""
    if result.state is RefundState.SUCCEEDED:
        return _succeed(result, now)
    if result.state is RefundState.FAILED:
        return _fail(result, now)
    return queries.get_refund(result.refund_no), NoticeOutcome.LATE


def _succeed(result: RefundResult, now: datetime) -> tuple[Refund, NoticeOutcome]:
    settled = db.row(
        f"""
        UPDATE payments_refund r
        SET state = 'succeeded', settled_at = %(at)s, provider_ref = %(provider_ref)s, reason = '',
            submitted_at = NULL, next_attempt_at = NULL
        FROM payments_intent i
        WHERE i.id = r.intent_id AND r.refund_no = %(refund_no)s AND r.state <> 'succeeded'
          AND r.amount_minor = %(amount_minor)s
          AND i.intent_no = %(intent_no)s AND i.currency = %(currency)s AND i.provider = %(provider)s
        RETURNING {queries.REFUND_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {
            "refund_no": result.refund_no,
            "intent_no": result.intent_no,
            "provider": result.provider,
            "provider_ref": result.provider_ref,
            "amount_minor": result.amount.amount_minor,
            "currency": result.amount.currency.code,
            "at": min(result.at, now),
        },
    )
    if settled is None:
        return _explain_refund(result, now)
    refund = queries.refund_from(settled)
    book_refunded(refund, AccountRef(AccountKind.CLEARING, refund.provider, refund.amount.currency), result.at, now)
    return refund, NoticeOutcome.SETTLED


def _fail(result: RefundResult, now: datetime) -> tuple[Refund, NoticeOutcome]:
    # Only what is in the provider's hands can fail: a repeated notice of the same failure finds `submitted_at` empty.
    failed = db.row(
        f"""
        UPDATE payments_refund r
        SET attempts = r.attempts + 1, reason = %(reason)s, submitted_at = NULL,
            state = CASE WHEN r.attempts + 1 >= %(most)s THEN 'failed' ELSE r.state END,
            next_attempt_at = CASE WHEN r.attempts + 1 >= %(most)s THEN NULL ELSE r.next_attempt_at END
        FROM payments_intent i
        WHERE i.id = r.intent_id AND r.refund_no = %(refund_no)s AND r.state = 'pending' AND r.submitted_at IS NOT NULL
          AND i.provider = %(provider)s
        RETURNING {queries.REFUND_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {
            "refund_no": result.refund_no,
            "provider": result.provider,
            "reason": result.reason[:200],
            "most": rules.MAX_REFUND_ATTEMPTS,
        },
    )
    if failed is None:
        return queries.get_refund(result.refund_no), NoticeOutcome.LATE
    refund = queries.refund_from(failed)
    if refund.state is RefundState.FAILED:
        log_of_events.publish(
            events.RefundFailed(
                refund_no=refund.refund_no,
                intent_no=refund.intent_no,
                reason=refund.reason,
                attempts=refund.attempts,
                occurred_at=min(result.at, now),
            )
        )
    return refund, NoticeOutcome.SETTLED


def _explain_refund(result: RefundResult, now: datetime) -> tuple[Refund, NoticeOutcome]:
    refund = queries.get_refund(result.refund_no)
    reason = (
        MismatchReason.PROVIDER
        if refund.provider != result.provider
        else MismatchReason.INTENT
        if refund.intent_no != result.intent_no
        else MismatchReason.AMOUNT
        if refund.amount != result.amount
        else None
    )
    if reason:
        keep_mismatch("refund", result.refund_no, reason, result, refund.amount, now)
    return refund, NoticeOutcome.MISMATCH if reason else NoticeOutcome.LATE
