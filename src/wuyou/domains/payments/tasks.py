"""What the schedule runs for payments. Each step is its own transaction, so that whoever dies has lost nothing."""

from __future__ import annotations

from datetime import date, datetime

import structlog

from wuyou.config.env import get_env
from wuyou.domains.payments import errors, operations, queries, rules
from wuyou.domains.payments.providers import get_provider, list_known
from wuyou.domains.payments.providers.base import ChargeResult, DisputeResult, PaymentProvider, RefundResult
from wuyou.domains.payments.providers.sandbox import SandboxBank, Send, post_to
from wuyou.domains.payments.types import BillState, Intent, Refund, RefundState
from wuyou.infra import db
from wuyou.kernel.clock import business_date
from wuyou.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@db.outside_transaction
def submit_due_refunds(now: datetime) -> int:
    """Bring every refund that is due to its provider, one by one; returns how many. Entry point.

    A refund already in the provider's hands is asked about first: only one that it never heard of, or that failed, is
    sent (again), under the same number.
    """
    count = 0
    while claimed := db.in_transaction(lambda: _claim_refund(now)):
        refund, is_in_hand = claimed
        result = _submit(refund, is_in_hand, now)
        if result is not None:
            _apply_refund(result, now)
        count += 1
    return count


@db.outside_transaction
def reconcile_due_charges(now: datetime) -> int:
    """Ask about every charge that we should have heard of, and act on the answer; returns how many. Entry point.

    What was paid is captured in our books, what is held and wanted is taken, and what nobody waits for is voided.
    """
    count = 0
    while intent := db.in_transaction(lambda: _claim_intent(now)):
        try:
            _reconcile(intent, now)
        except DomainError as error:
            log.warning("charge_not_reconciled", intent_no=intent.intent_no, reason=str(error))
        count += 1
    return count


def deliver_due_notices(now: datetime, send: Send | None = None) -> int:
    """Let the sandbox bank send its due notices; returns how many. Entry point.

    Args: `send(body, headers)` returns the receiver's answer; by default it posts to our own web address.
    """
    return SandboxBank().deliver_due_notices(now=now, send=send or post_to(get_env().base_url))


@db.outside_transaction
def follow_disputes(now: datetime) -> int:
    """Ask providers how disputes stand, so that a lost notice is made up for; returns how many were heard of.

    Asked are those that began since the oldest that is not over, or in the last days. Entry point.
    """
    count = 0
    for provider in list_known():
        since = queries.disputes_matter_since(provider.name, now)
        try:
            results = provider.list_disputes(since=since, now=now)
        except DomainError as error:
            log.warning("disputes_not_followed", provider=provider.name, reason=str(error))
            continue
        for result in results:
            count += _follow(result, now)
    return count


def _follow(result: DisputeResult, now: datetime) -> bool:
    try:
        db.in_transaction(lambda: operations.apply_dispute(result=result, now=now))
    except errors.IntentNotFound:
        return False  # the account takes other payments too
    return True


@db.outside_transaction
def read_daily_bills(now: datetime) -> int:
    """Fetch every bill that is due, of each provider, oldest day first; returns how many were read. Entry point.

    A bill that is not there yet is asked for again at the next turn; of a day without a payment there is none, which
    counts as an empty one after three days.
    """
    count = 0
    for provider in list_known():
        for day in queries.due_days(provider.name, now):
            count += _read_bill(provider, day, now)
    db.in_transaction(lambda: operations.look_again(now=now))
    return count


def _read_bill(provider: PaymentProvider, day: date, now: datetime) -> bool:
    try:
        lines = provider.fetch_bill(day=day, now=now)
    except errors.BillNotReady:
        if business_date(now) - day <= rules.EMPTY_AFTER:
            _note_bill(provider.name, day, BillState.WAITING, "", now)
            return False
        lines = ()
    except errors.BillMalformed as error:
        _note_bill(provider.name, day, BillState.REFUSED, str(error.facts.get("reason", "")), now)
        return False
    except DomainError as error:
        _note_bill(provider.name, day, BillState.WAITING, str(error.facts.get("reason", error.code)), now)
        return False
    return db.in_transaction(lambda: operations.take_bill(provider=provider.name, day=day, lines=lines, now=now))


def _note_bill(provider: str, day: date, state: BillState, reason: str, now: datetime) -> None:
    log.warning("bill_not_read", provider=provider, day=day.isoformat(), state=state.value, reason=reason)
    db.in_transaction(lambda: operations.note_bill(provider=provider, day=day, state=state, reason=reason, now=now))


def forget_old_notices(now: datetime) -> int:
    """Drop notices that are older than they are kept; returns how many. Entry point."""
    return db.in_transaction(lambda: operations.forget_old_notices(now=now))


def _claim_refund(now: datetime) -> tuple[Refund, bool] | None:
    """Take the next due refund and fix its next turn; with whether it was in the provider's hands already.

    The one that is due is found first and alone: within a join the database may look again for each row, and take all.
    """
    claimed = db.row(
        f"""
        WITH due AS MATERIALIZED (
            SELECT id, submitted_at FROM payments_refund f WHERE next_attempt_at <= %(now)s
              -- While a bank decides, the money would leave twice: it waits.
              AND NOT EXISTS (SELECT FROM payments_dispute d WHERE d.intent_id = f.intent_id AND d.state = 'open')
            ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE payments_refund r
        SET asks = r.asks + 1, submitted_at = COALESCE(r.submitted_at, %(now)s),
            next_attempt_at = %(now)s::timestamptz
                + (%(ladder)s::int[])[LEAST(r.asks + 1, %(rungs)s::int)] * interval '1 second'
        FROM due, payments_intent i
        WHERE r.id = due.id AND i.id = r.intent_id
        RETURNING {queries.REFUND_COLUMNS}, due.submitted_at IS NOT NULL
        """,  # noqa: S608  (built of constants)
        {"now": now, "ladder": list(rules.REFUND_AGAIN_AFTER_S), "rungs": len(rules.REFUND_AGAIN_AFTER_S)},
    )
    return (queries.refund_from(claimed[:-1]), claimed[-1]) if claimed else None


def _submit(refund: Refund, is_in_hand: bool, now: datetime) -> RefundResult | None:
    """What the provider says of a refund; None when nothing was to be heard."""
    try:
        provider = get_provider(refund.provider)
        known = (
            provider.query_refund(
                refund_no=refund.refund_no, intent_no=refund.intent_no, provider_ref=refund.charge_ref, now=now
            )
            if is_in_hand
            else None
        )
        return known or provider.refund(
            refund_no=refund.refund_no,
            intent_no=refund.intent_no,
            provider_ref=refund.charge_ref,
            amount=refund.amount,
            captured=refund.captured,
            now=now,
        )
    except errors.ProviderRefused as error:
        reason = str(error.facts.get("reason", error.code))
        return RefundResult(
            refund.provider, refund.refund_no, refund.intent_no, "", RefundState.FAILED, reason, refund.amount, now
        )
    except DomainError as error:
        log.warning("refund_not_answered", refund_no=refund.refund_no, reason=str(error))
        return None


def _claim_intent(now: datetime) -> Intent | None:
    """Take the next intent to ask about and fix the time of the question after this one."""
    claimed = db.row(
        f"""
        WITH due AS MATERIALIZED (
            SELECT id FROM payments_intent WHERE next_poll_at <= %(now)s
            ORDER BY next_poll_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE payments_intent i
        SET polls = LEAST(i.polls + 1, 1000),
            next_poll_at = %(now)s::timestamptz
                + (%(ladder)s::int[])[LEAST(i.polls + 2, %(rungs)s::int)] * interval '1 second'
        FROM due WHERE i.id = due.id
        RETURNING {queries.INTENT_COLUMNS}
        """,  # noqa: S608  (built of constants)
        {"now": now, "ladder": list(rules.POLL_AFTER_S), "rungs": len(rules.POLL_AFTER_S)},
    )
    return queries.intent_from(claimed) if claimed else None


def _reconcile(intent: Intent, now: datetime) -> None:
    provider = get_provider(intent.provider)
    known = provider.query_charge(intent_no=intent.intent_no, provider_ref=intent.provider_ref, now=now)
    if known is not None:
        intent = _apply_charge(known, now)
    step = rules.next_step(intent, known.state if known else None, now)
    if step is rules.Step.CAPTURE:
        _apply_charge(provider.capture(intent_no=intent.intent_no, amount=intent.amount, now=now), now)
    elif step is rules.Step.VOID:
        voided = provider.void(
            intent_no=intent.intent_no,
            provider_ref=intent.provider_ref,
            amount=intent.amount,
            payable_until=intent.expires_at,
            now=now,
        )
        _apply_charge(voided, now)


def _apply_refund(result: RefundResult, now: datetime) -> Refund:
    return db.in_transaction(lambda: operations.apply_refund(result=result, now=now))


def _apply_charge(result: ChargeResult, now: datetime) -> Intent:
    return db.in_transaction(lambda: operations.apply_charge(result=result, now=now))
