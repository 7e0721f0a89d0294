"""Every write of payments. Rows are locked in this order: intent, refund, ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.payments import errors, events, providers, queries, rules
from wuyou.domains.payments.providers.base import ChargeResult, Notice, RefundResult
from wuyou.domains.payments.types import ChargeState, Intent, IntentState, MismatchReason, Refund, RefundState
from wuyou.infra import db
from wuyou.infra import events as log_of_events
from wuyou.kernel.money import Money

log = structlog.get_logger(__name__)


# ------------------------------------------------------------------------------------------------------- charges


@db.requires_transaction
def open_intent(
    *,
    intent_no: str,
    payer_id: int,
    purpose: str,
    amount: Money,
    provider: str = "",
    expires_at: datetime,
    now: datetime,
) -> None:
    """Ask a person for a sum under a number of the caller's. The same again changes nothing.

    Args:
        purpose: the caller's word for what it is for.
        provider: who is asked unless the payer chooses another; empty is the first that is offered.
        expires_at: from then on (and a margin) an unpaid charge is given up at the provider.

    Raises: `NumberMalformed`, `AmountNotPositive`, `ProviderUnknown`, `IntentNumberReused`.
    Cost: one statement.
    """
    _check(intent_no, amount)
    asked = providers.get_provider(provider) if provider else providers.get_offered()
    opened = db.execute(
        """
        INSERT INTO payments_intent (intent_no, payer_id, purpose, amount_minor, currency, provider, provider_ref,
                                     state, refunds_minor, created_at, expires_at, polls)
        VALUES (%s, %s, %s, %s, %s, %s, '', 'created', 0, %s, %s, 0)
        ON CONFLICT (intent_no) DO NOTHING
        """,
        [intent_no, payer_id, purpose, amount.amount_minor, amount.currency.code, asked.name, now, expires_at],
    )
    if not opened:
        kept = queries.get_intent(intent_no)
        if (kept.payer_id, kept.purpose, kept.amount) != (payer_id, purpose, amount):
            raise errors.IntentNumberReused(intent_no=intent_no)


@db.requires_transaction
def hand_over(*, intent_no: str, provider: str = "", now: datetime) -> Intent:
    """Note that the payer is being sent to a provider, and from now on ask there if we hear nothing.

    Commit this before the provider is called: a charge made by a process that died is then found by polling. The first
    hand-over settles with whom: two providers who ask for the same sum would both be paid one day.

    Args: `provider` is whom the payer chose; empty is the one that the intent names.

    Raises: `IntentNotFound`, `IntentNotOpen` (paid or closed), `IntentHandedOver` (to another provider),
    `ProviderUnknown`.
    Cost: one statement.
    """
    if provider:
        providers.get_offered(provider)
    handed = db.row(
        f"""
        UPDATE payments_intent i
        SET provider = COALESCE(NULLIF(%(provider)s, ''), provider),
            handed_over_at = COALESCE(handed_over_at, %(now)s), polls = 0,
            -- Never later than it was: who tries again and again would else keep us from asking.
            next_poll_at = LEAST(next_poll_at, %(now)s::timestamptz + %(pause)s::interval)
        WHERE intent_no = %(intent_no)s AND state IN ('created', 'authorised')
          AND (%(provider)s IN ('', provider) OR COALESCE(handed_over_at, authorised_at) IS NULL)
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {
            "now": now,
            "pause": timedelta(seconds=rules.POLL_AFTER_S[0]),
            "intent_no": intent_no,
            "provider": provider,
        },
    )
    if handed:
        return queries.intent_from(handed)
    kept = queries.get_intent(intent_no)
    if kept.state in (IntentState.CREATED, IntentState.AUTHORISED):
        raise errors.IntentHandedOver(intent_no=intent_no, provider=kept.provider)
    raise errors.IntentNotOpen(intent_no=intent_no, state=kept.state.value)


@db.requires_transaction
def apply_charge(*, result: ChargeResult, now: datetime) -> Intent:
    """Take in what a provider says of a charge: from a synchronous answer, a notice and a poll alike.

    The first CAPTURED books `capture:{intent_no}`, also when the intent was closed before. Everything that is late,
    repeated or out of order changes nothing. A report that cannot be right (another amount, currency or provider; a
    second payment under another reference) books nothing and is kept as a `Mismatch` for staff.

    Publishes: `PaymentCaptured` once, `PaymentAuthorised` once.
    Raises: `IntentNotFound`.
    Cost: first capture one statement and those of ledger and event log; repeated two.
    """
    if result.state is ChargeState.CAPTURED:
        return _capture(result, now)
    if result.state is ChargeState.AUTHORISED:
        return _authorise(result, now)
    if result.state is ChargeState.VOIDED:
        return _void(result, now)
    if result.state is ChargeState.PENDING and result.provider_ref:
        _note_reference(result)
    return queries.get_intent(result.intent_no)


@db.requires_transaction
def request_capture(*, intent_no: str, now: datetime) -> None:
    """Have the money that is held for an intent taken; the provider is asked outside of the transaction.

    Raises: `IntentNotFound`, `IntentNotOpen` (nothing is held).
    """
    asked = db.execute(
        """
        UPDATE payments_intent
        SET capture_asked_at = COALESCE(capture_asked_at, %(now)s), polls = 0, next_poll_at = %(now)s
        WHERE intent_no = %(intent_no)s AND state = 'authorised'
        """,
        {"now": now, "intent_no": intent_no},
    )
    if not asked:
        raise errors.IntentNotOpen(intent_no=intent_no, state=queries.get_intent(intent_no).state.value)


@db.requires_transaction
def claim_look(*, intent_no: str, now: datetime) -> bool:
    """Whether the provider may be asked now because somebody waits: once in three seconds, however many pages wait.

    Decided in one statement, so that of several who ask at once one does. Cost: one statement.
    """
    return bool(
        db.execute(
            """
            UPDATE payments_intent SET looked_at = %(now)s
            WHERE intent_no = %(no)s AND (looked_at IS NULL OR looked_at <= %(now)s - %(pause)s * interval '1 second')
            """,
            {"no": intent_no, "now": now, "pause": rules.LOOK_AGAIN_AFTER_S},
        )
    )


@db.requires_transaction
def close_intent(*, intent_no: str, now: datetime) -> Intent:
    """Give an unpaid intent up. Its number is then shut at the provider, if the payer was ever sent there.

    Returns: the intent; one that is CAPTURED was paid before, and stays so: look at its state.
    Raises: `IntentNotFound`.
    Cost: one statement; two when it was paid or closed before.
    """
    closed = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'closed', closed_at = %(now)s, polls = 0,
            next_poll_at = CASE WHEN COALESCE(handed_over_at, authorised_at) IS NOT NULL THEN %(now)s::timestamptz END
        WHERE i.intent_no = %(intent_no)s AND state IN ('created', 'authorised')
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {"now": now, "intent_no": intent_no},
    )
    return queries.intent_from(closed) if closed else queries.get_intent(intent_no)


@db.requires_transaction
def apply_notice(*, notice: Notice, now: datetime) -> None:
    """Take in a notice whose signature was checked by `read_notice`. Raises: `IntentNotFound`, `RefundNotFound`."""
    if isinstance(notice.result, ChargeResult):
        apply_charge(result=notice.result, now=now)
    elif notice.result is not None:
        apply_refund(result=notice.result, now=now)


def _capture(result: ChargeResult, now: datetime) -> Intent:
    captured = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'captured', captured_at = %(at)s, provider_ref = %(provider_ref)s, next_poll_at = NULL
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
    _book("capture", intent.intent_no, clearing, held, intent.amount, result.at, now)
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
    return intent


def _authorise(result: ChargeResult, now: datetime) -> Intent:
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
    return intent


def _void(result: ChargeResult, now: datetime) -> Intent:
    voided = db.row(
        f"""
        UPDATE payments_intent i
        SET state = 'closed', closed_at = COALESCE(closed_at, %(now)s), voided_at = %(at)s, next_poll_at = NULL
        WHERE i.intent_no = %(intent_no)s AND voided_at IS NULL AND captured_at IS NULL AND provider = %(provider)s
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        _params(result, now),
    )
    return queries.intent_from(voided) if voided else queries.get_intent(result.intent_no)


def _note_reference(result: ChargeResult) -> None:
    # Some providers can only be asked by the number that they gave.
    db.execute(
        """
        UPDATE payments_intent SET provider_ref = %s
        WHERE intent_no = %s AND provider = %s AND provider_ref = '' AND captured_at IS NULL
        """,
        [result.provider_ref, result.intent_no, result.provider],
    )


def _params(result: ChargeResult, now: datetime) -> dict[str, object]:
    return {
        "intent_no": result.intent_no,
        "provider": result.provider,
        "provider_ref": result.provider_ref,
        "amount_minor": result.amount.amount_minor,
        "currency": result.amount.currency.code,
        "at": min(result.at, now),
        "now": now,
    }


def _explain(result: ChargeResult, now: datetime) -> Intent:
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
        _keep_mismatch("charge", result.intent_no, reason, result, intent.amount, now)
    return intent


# ------------------------------------------------------------------------------------------------------- refunds


@db.requires_transaction
def request_refund(*, refund_no: str, intent_no: str, amount: Money, now: datetime) -> None:
    """Promise a part of a captured intent back; `tasks.submit_due_refunds` sends it. The same again changes nothing.

    Args: `refund_no` is the caller's and follows from why the refund is due, so that the same reason refunds once.

    Raises: `NumberMalformed`, `AmountNotPositive`, `IntentNotFound`, `RefundNumberReused`, `RefundExceedsCapture`.
    Locks: the intent.
    Cost: two statements.
    """
    _check(refund_no, amount)
    # The lock comes first, so that the next statement sees what others have committed under it.
    found = db.row(
        """
        SELECT i.id, i.amount_minor - i.refunds_minor, i.currency, i.captured_at IS NOT NULL
        FROM payments_intent i WHERE i.intent_no = %s FOR UPDATE
        """,
        [intent_no],
    )
    if found is None:
        raise errors.IntentNotFound(intent_no=intent_no)
    intent_id, left_minor, currency, is_captured = found
    promised = db.row(
        """
        WITH room AS (
            UPDATE payments_intent SET refunds_minor = refunds_minor + %(amount_minor)s
            WHERE id = %(intent_id)s AND captured_at IS NOT NULL AND currency = %(currency)s
              AND refunds_minor + %(amount_minor)s <= amount_minor
              AND NOT EXISTS (SELECT FROM payments_refund WHERE refund_no = %(refund_no)s)
            RETURNING id
        )
        INSERT INTO payments_refund (refund_no, intent_id, amount_minor, state, provider_ref, requested_at, attempts,
                                     reason, asks, next_attempt_at)
        SELECT %(refund_no)s, id, %(amount_minor)s, 'pending', '', %(now)s, 0, '', 0, %(now)s FROM room
        RETURNING id
        """,
        {
            "refund_no": refund_no,
            "intent_id": intent_id,
            "amount_minor": amount.amount_minor,
            "currency": amount.currency.code,
            "now": now,
        },
    )
    if promised:
        return
    kept = queries.find_refund(refund_no)
    if kept is None:
        refundable_minor = left_minor if is_captured and currency == amount.currency.code else 0
        raise errors.RefundExceedsCapture(intent_no=intent_no, refundable_minor=refundable_minor)
    if (kept.intent_no, kept.amount) != (intent_no, amount):
        raise errors.RefundNumberReused(refund_no=refund_no)


@db.requires_transaction
def apply_refund(*, result: RefundResult, now: datetime) -> Refund:
    """Take in what a provider says of a refund: from a synchronous answer, a notice and a poll alike.

    The first SUCCEEDED books `refunded:{refund_no}`. A failure counts once for each submission; after
    `rules.MAX_REFUND_ATTEMPTS` of them the refund is FAILED and waits for `retry_refund`. A report of another amount,
    intent or provider books nothing and is kept as a `Mismatch`.

    Publishes: `RefundSucceeded` once; `RefundFailed` when it starts to wait for staff.
    Raises: `RefundNotFound`.
    Cost: a success one statement and those of ledger and event log; repeated two.
    """
    if result.state is RefundState.SUCCEEDED:
        return _succeed(result, now)
    if result.state is RefundState.FAILED:
        return _fail(result, now)
    return queries.get_refund(result.refund_no)


@db.requires_transaction
def retry_refund(*, refund_no: str, now: datetime) -> None:
    """Try a refund that was given up again, as often as a new one, under its old number. For staff.

    Raises: `RefundNotFound`, `RefundNotFailed`.
    """
    revived = db.execute(
        """
        UPDATE payments_refund SET state = 'pending', attempts = 0, asks = 0, submitted_at = NULL, next_attempt_at = %s
        WHERE refund_no = %s AND state = 'failed'
        """,
        [now, refund_no],
    )
    if not revived:
        raise errors.RefundNotFailed(refund_no=refund_no, state=queries.get_refund(refund_no).state.value)


def _succeed(result: RefundResult, now: datetime) -> Refund:
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
    due = AccountRef(AccountKind.REFUNDS_DUE, "", refund.amount.currency)
    clearing = AccountRef(AccountKind.CLEARING, refund.provider, refund.amount.currency)
    _book("refunded", refund.refund_no, due, clearing, refund.amount, result.at, now)
    log_of_events.publish(
        events.RefundSucceeded(
            refund_no=refund.refund_no,
            intent_no=refund.intent_no,
            amount_minor=refund.amount.amount_minor,
            currency=refund.amount.currency.code,
            occurred_at=min(result.at, now),
        )
    )
    return refund


def _fail(result: RefundResult, now: datetime) -> Refund:
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
        return queries.get_refund(result.refund_no)
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
    return refund


def _explain_refund(result: RefundResult, now: datetime) -> Refund:
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
        _keep_mismatch("refund", result.refund_no, reason, result, refund.amount, now)
    return refund


# ------------------------------------------------------------------------------------------------------- shared


def _check(number: str, amount: Money) -> None:
    if not rules.is_number(number):
        raise errors.NumberMalformed(number=number[:80])
    if amount.amount_minor <= 0:
        raise errors.AmountNotPositive


def _book(
    kind: str, number: str, debit: AccountRef, credit: AccountRef, amount: Money, at: datetime, now: datetime
) -> None:
    transfer = TransferDraft(debit, credit, amount.amount_minor, kind)
    ledger.post(journals=[JournalDraft(f"{kind}:{number}", kind, number, min(at, now), (transfer,))], now=now)


def _keep_mismatch(
    what: str,
    number: str,
    reason: MismatchReason,
    result: ChargeResult | RefundResult,
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
            result.provider_ref,
            expected.amount_minor,
            expected.currency.code,
            result.amount.amount_minor,
            result.amount.currency.code,
            now,
        ],
    )
