"""Making and sending batches: entry points. Each step is its own transaction: whoever dies has lost nothing."""

from __future__ import annotations

from datetime import date, datetime

import structlog

from wuyou.domains.ledger.errors import PayoutRefused
from wuyou.domains.ledger.providers import get_provider
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.domains.ledger.statements import batches
from wuyou.domains.ledger.types import AccountRef, PayoutState
from wuyou.infra import db
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Money

log = structlog.get_logger(__name__)

# Accounts whose latest statement is of the month, and which stand in no batch of it.
_TO_PLAN = """
    SELECT a.id, a.code FROM ledger_statement s JOIN ledger_account a ON a.id = s.account_id
    WHERE s.month = %(month)s AND a.id > %(after)s
      AND NOT EXISTS (SELECT FROM ledger_statement x WHERE x.account_id = s.account_id AND x.month > s.month)
      AND NOT EXISTS (SELECT FROM ledger_payout_line l JOIN ledger_payout_batch b ON b.id = l.batch_id
                      WHERE l.account_id = a.id AND b.month = s.month)
    ORDER BY a.id LIMIT %(limit)s
"""
PAGE = 200


@db.outside_transaction
def plan_batch(*, month: date, minimum_minor: int, now: datetime) -> int:
    """Put into the month's batches what it owes and they do not have yet; returns how many accounts. Entry point."""
    planned = after = 0
    while page := db.rows(_TO_PLAN, {"month": month, "after": after, "limit": PAGE}):
        for after, code in page:  # noqa: B007  (the last one is where the next page begins)
            planned += _plan(AccountRef.parse(code), month, minimum_minor, now)
    return planned


@db.outside_transaction
def send_due(now: datetime) -> int:
    """Bring every line that is due to its provider, one by one; returns how many. Entry point.

    A line that was sent before is asked about first: only one that the provider never heard of is sent again, under the
    same number.
    """
    count = 0
    while taken := db.in_transaction(lambda: batches.take_due_line(now=now)):
        state, number, provider, reference, amount = taken
        result = None
        if state is not PayoutState.SKIPPED:
            result = _submit(state is PayoutState.SENT, number, provider, reference, amount, now)
        if result is not None:
            _apply(result, now)
        count += 1
    return count


def _plan(account: AccountRef, month: date, minimum_minor: int, now: datetime) -> bool:
    return db.in_transaction(
        lambda: batches.plan_payout(account=account, month=month, minimum_minor=minimum_minor, now=now)
    )


def _apply(result: TransferResult, now: datetime) -> PayoutState:
    return db.in_transaction(lambda: batches.apply_result(result=result, now=now))


def _submit(
    is_in_hand: bool, number: str, provider_name: str, reference: str, amount: Money, now: datetime
) -> TransferResult | None:
    """What the provider says; None when nothing was to be heard."""
    try:
        provider = get_provider(provider_name)
        known = provider.query(payout_no=number, now=now) if is_in_hand else None
        return known or provider.send(payout_no=number, reference=reference, amount=amount, now=now)
    except PayoutRefused as error:
        return TransferResult(number, TransferState.FAILED, amount, str(error.facts.get("reason", error.code)), now)
    except DomainError as error:
        log.warning("payout_not_answered", number=number, reason=str(error))
        return None
