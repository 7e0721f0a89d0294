"""Money on its way back to payers."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.payments import disputing, errors, queries, taking
from wuyou.domains.payments.booking import check
from wuyou.domains.payments.providers.base import RefundResult
from wuyou.domains.payments.types import Refund
from wuyou.infra import db
from wuyou.kernel.money import Money


@db.requires_transaction
def request_refund(*, refund_no: str, intent_no: str, amount: Money, now: datetime) -> None:
    """Promise a part of a captured intent back; `tasks.submit_due_refunds` sends it. The same again changes nothing.

    Where a lost dispute took as much, the bank has paid it in our place: it is settled at once, and never sent.

    Args: `refund_no` is the caller's and follows from why the refund is due, so that the same reason refunds once.

    Raises: `NumberMalformed`, `AmountNotPositive`, `IntentNotFound`, `RefundNumberReused`, `RefundExceedsCapture`.
    Locks: the intent.
    Cost: three statements.
    """
    check(refund_no, amount)
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
        disputing.absorb_refunds(intent_id, now)
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
    return taking.take_refund(result, now)[0]


@db.requires_transaction
def retry_refund(*, refund_no: str, now: datetime) -> None:
    """Try a refund that was given up again, as often as a new one, under its old number. For staff.

    Raises: `RefundNotFound`, `RefundNotFailed`. Locks: the intent.
    """
    intent = db.row(
        """
        SELECT id FROM payments_intent
        WHERE id = (SELECT intent_id FROM payments_refund WHERE refund_no = %s) FOR UPDATE
        """,
        [refund_no],
    )
    revived = db.execute(
        """
        UPDATE payments_refund SET state = 'pending', attempts = 0, asks = 0, submitted_at = NULL, next_attempt_at = %s
        WHERE refund_no = %s AND state = 'failed'
        """,
        [now, refund_no],
    )
    if not revived:
        raise errors.RefundNotFailed(refund_no=refund_no, state=queries.get_refund(refund_no).state.value)
    if intent:
        disputing.absorb_refunds(intent[0], now)
