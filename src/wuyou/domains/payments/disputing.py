"""What a provider's word about a dispute does. Under the lock of the intent, so that words at once come one by one."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import errors, events, queries
from wuyou.domains.payments.booking import book, book_refunded, keep_mismatch
from wuyou.domains.payments.providers.base import DisputeResult
from wuyou.domains.payments.types import Dispute, DisputeState, MismatchReason, NoticeOutcome
from wuyou.infra import db
from wuyou.infra import events as log_of_events
from wuyou.kernel.money import Currency, Money

_OVER = (DisputeState.WON, DisputeState.LOST, DisputeState.DROPPED)
_RANK = {DisputeState.INQUIRY: 0, DisputeState.OPEN: 1, **dict.fromkeys(_OVER, 2)}


def take_dispute(result: DisputeResult, now: datetime) -> tuple[Dispute | None, NoticeOutcome]:
    """`operations.apply_dispute`, and what it did: SETTLED, LATE or MISMATCH."""
    found = db.row(
        """
        SELECT id, intent_no, purpose, amount_minor, currency FROM payments_intent
        WHERE provider = %s AND payment_ref = %s AND payment_ref <> '' AND captured_at IS NOT NULL FOR UPDATE
        """,
        [result.provider, result.payment_ref],
    )
    if found is None:
        raise errors.IntentNotFound
    intent_id, intent_no, purpose, captured_minor, code = found
    before = queries.find_dispute(result.provider, result.dispute_ref)
    captured = Money(captured_minor, Currency(code))
    reason = _what_is_wrong(result, before, captured)
    if reason:
        keep_mismatch("dispute", intent_no, reason, result, before.amount if before else captured, now)
        return None, NoticeOutcome.MISMATCH
    after = _keep(result, intent_id, now)
    if before and (before.state, before.open_minor, before.due_at, before.reason, before.withdrawn_minor) == (
        after.state, after.open_minor, after.due_at, after.reason, after.withdrawn_minor,
    ):  # fmt: skip
        return after, NoticeOutcome.LATE
    _book_moves(before, after, now)
    _tell_beginning(before, after, purpose, now)
    if after.state in _OVER and (before is None or before.state not in _OVER):
        lost = after.state is DisputeState.LOST
        left_minor = absorb_refunds(intent_id, now) if lost else 0
        if after.withdrawn_minor:
            _tell_end(after, purpose, left_minor, now)
    return queries.get_dispute(after.id), NoticeOutcome.SETTLED


def absorb_refunds(intent_id: int, now: datetime) -> int:
    """Settle refunds that wait from what lost disputes of the payment took, the oldest first, each as a whole.

    Returns: what no refund stands for yet. To be called with the intent locked. Cost: one statement, without disputes.
    """
    lost = db.rows(
        """
        SELECT id, provider, withdrawn_minor - returned_minor - absorbed_minor FROM payments_dispute
        WHERE intent_id = %s AND state = 'lost' AND withdrawn_minor > returned_minor + absorbed_minor
        ORDER BY id FOR UPDATE
        """,
        [intent_id],
    )
    left_minor = 0
    for dispute_id, provider, open_minor in lost:
        left_minor += open_minor - _absorb(dispute_id, provider, open_minor, intent_id, now)
    return left_minor


def _absorb(dispute_id: int, provider: str, open_minor: int, intent_id: int, now: datetime) -> int:
    waiting = db.rows(
        """
        SELECT refund_no, amount_minor FROM payments_refund
        WHERE intent_id = %s AND state <> 'succeeded' AND submitted_at IS NULL ORDER BY id FOR UPDATE
        """,  # what is in the provider's hands may yet be sent
        [intent_id],
    )
    taken_minor = 0
    for refund_no, amount_minor in waiting:
        if taken_minor + amount_minor <= open_minor:
            _settle(refund_no, provider, now)
            taken_minor += amount_minor
    if taken_minor:
        db.execute(
            "UPDATE payments_dispute SET absorbed_minor = absorbed_minor + %s WHERE id = %s", [taken_minor, dispute_id]
        )
    return taken_minor


def _settle(refund_no: str, provider: str, now: datetime) -> None:
    settled = db.row(
        f"""
        UPDATE payments_refund r
        SET state = 'succeeded', settled_at = %(now)s, reason = '', submitted_at = NULL, next_attempt_at = NULL
        FROM payments_intent i WHERE i.id = r.intent_id AND r.refund_no = %(refund_no)s
        RETURNING {queries.REFUND_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {"refund_no": refund_no, "now": now},
    )
    if settled is None:
        raise errors.RefundNotFound(refund_no=refund_no)
    refund = queries.refund_from(settled)
    book_refunded(refund, AccountRef(AccountKind.DISPUTED, provider, refund.amount.currency), now, now)


def _what_is_wrong(result: DisputeResult, before: Dispute | None, captured: Money) -> MismatchReason | None:
    is_other = before is not None and result.amount != before.amount
    is_too_much = result.amount.currency is not captured.currency or not (
        0 < result.amount.amount_minor <= captured.amount_minor
        and 0 <= result.returned_minor <= result.withdrawn_minor <= result.amount.amount_minor
    )
    if is_other or is_too_much:
        return MismatchReason.AMOUNT
    is_decided = before is not None and before.state in _OVER and result.state in _OVER
    if is_decided and before is not None and before.state is not result.state:
        return MismatchReason.OUTCOME
    # What stands for refunds by now cannot come back as well.
    if before is not None and result.returned_minor > result.amount.amount_minor - before.absorbed_minor:
        return MismatchReason.AMOUNT
    return None


def _keep(result: DisputeResult, intent_id: int, now: datetime) -> Dispute:
    """The dispute as it is after this word: what was taken and given back only grows, and what is over stays over."""
    kept = db.row(
        """
        INSERT INTO payments_dispute (provider, dispute_ref, intent_id, state, reason, amount_minor, withdrawn_minor,
                                      returned_minor, absorbed_minor, opened_at, due_at, noted_at, ended_at)
        VALUES (%(provider)s, %(ref)s, %(intent)s, %(state)s, %(reason)s, %(amount)s, %(withdrawn)s, %(returned)s, 0,
                %(at)s, %(due)s, %(now)s, CASE WHEN %(rank)s = 2 THEN %(now)s::timestamptz END)
        ON CONFLICT (provider, dispute_ref) DO UPDATE
        SET withdrawn_minor = GREATEST(payments_dispute.withdrawn_minor, EXCLUDED.withdrawn_minor),
            returned_minor = GREATEST(payments_dispute.returned_minor, EXCLUDED.returned_minor),
            state = CASE WHEN %(rank)s > CASE payments_dispute.state WHEN 'inquiry' THEN 0 WHEN 'open' THEN 1 ELSE 2 END
                         THEN EXCLUDED.state ELSE payments_dispute.state END,
            ended_at = COALESCE(payments_dispute.ended_at, EXCLUDED.ended_at),
            reason = COALESCE(NULLIF(payments_dispute.reason, ''), EXCLUDED.reason),
            due_at = GREATEST(payments_dispute.due_at, EXCLUDED.due_at)
        RETURNING id
        """,
        {
            "provider": result.provider,
            "ref": result.dispute_ref,
            "intent": intent_id,
            "state": result.state.value,
            "reason": result.reason,
            "amount": result.amount.amount_minor,
            "withdrawn": result.withdrawn_minor,
            "returned": result.returned_minor,
            "at": min(result.at, now),
            "due": result.due_at,
            "rank": _RANK[result.state],
            "now": now,
        },
    )
    if kept is None:
        raise errors.DisputeNotFound
    return queries.get_dispute(kept[0])


def _book_moves(before: Dispute | None, after: Dispute, now: datetime) -> None:
    currency = after.amount.currency
    clearing = AccountRef(AccountKind.CLEARING, after.provider, currency)
    disputed = AccountRef(AccountKind.DISPUTED, after.provider, currency)
    taken_minor = after.withdrawn_minor - (before.withdrawn_minor if before else 0)
    if taken_minor:
        number = f"{after.dispute_ref}:{after.withdrawn_minor}"
        book("disputed", number, disputed, clearing, Money(taken_minor, currency), after.opened_at, now)
    back_minor = after.returned_minor - (before.returned_minor if before else 0)
    if back_minor:
        number = f"{after.dispute_ref}:{after.returned_minor}"
        book("dispute_returned", number, clearing, disputed, Money(back_minor, currency), now, now)


def _tell_beginning(before: Dispute | None, after: Dispute, purpose: str, now: datetime) -> None:
    if after.withdrawn_minor and not (before and before.withdrawn_minor):
        log_of_events.publish(
            events.PaymentDisputed(
                intent_no=after.intent_no,
                purpose=purpose,
                provider=after.provider,
                dispute_ref=after.dispute_ref,
                amount_minor=after.amount.amount_minor,
                currency=after.amount.currency.code,
                occurred_at=now,
            )
        )


def _tell_end(after: Dispute, purpose: str, lost_minor: int, now: datetime) -> None:
    log_of_events.publish(
        events.PaymentDisputeEnded(
            intent_no=after.intent_no,
            purpose=purpose,
            provider=after.provider,
            dispute_ref=after.dispute_ref,
            lost_minor=lost_minor,
            currency=after.amount.currency.code,
            occurred_at=now,
        )
    )
