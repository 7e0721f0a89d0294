"""Payout batches: what a closed month owes is paid, line by line.

DUE → SENT → PAID | FAILED, or SKIPPED. A line leaves the payee's account in the transaction that makes it SENT, before
the provider is called with its number; a line that fails puts it back once. Another try is another line and number.

Locks, in this order: the line, then the account.
"""

from __future__ import annotations

from datetime import date, datetime

import structlog

from wuyou.domains.ledger import operations, policies
from wuyou.domains.ledger.errors import NotRetriable, PayoutLineUnknown
from wuyou.domains.ledger.events import PayoutEnded
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.domains.ledger.reasons import sum_reason
from wuyou.domains.ledger.statements.locking import Locked, is_held, lock_account
from wuyou.domains.ledger.statements.paying import record_payout
from wuyou.domains.ledger.types import (
    PAYOUT_RETURN_KIND,
    AccountKind,
    AccountRef,
    JournalDraft,
    PayoutState,
    SkipReason,
    TransferDraft,
)
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Money

log = structlog.get_logger(__name__)

ASK_AGAIN_S = (10, 30, 120, 600, 3_600, 14_400)
"""Pauses between questions about a payout that is not decided; the last is repeated."""

# What the month closed with, less what was taken since: later earnings wait for their own month. A payout that came
# back is not taken. Of an account whose latest statement this is.
_OWED = f"""
    SELECT s.number, s.closing_minor + coalesce((
               SELECT sum(r.amount_minor) FROM ledger_reason r JOIN ledger_journal j ON j.id = r.journal_id
               WHERE r.account_id = s.account_id AND r.id > s.through_reason
                 AND (r.amount_minor < 0 OR j.kind = '{PAYOUT_RETURN_KIND}')
                 AND NOT EXISTS (SELECT FROM ledger_statement_line l WHERE l.reason_id = r.id)), 0)::bigint,
           p.provider
    FROM ledger_statement s JOIN ledger_account a ON a.id = s.account_id LEFT JOIN ledger_payee p ON p.owner = a.owner
    WHERE s.account_id = %s AND s.month = %s
"""  # noqa: S608  (built of constants)

_DUE = """
    SELECT l.id, l.number, l.state, a.code, l.amount_minor, l.asks, l.provider, l.reference, p.provider, p.reference
    FROM ledger_payout_line l JOIN ledger_account a ON a.id = l.account_id
    LEFT JOIN ledger_payee p ON p.owner = a.owner
    WHERE l.next_attempt_at <= %s ORDER BY l.next_attempt_at, l.id LIMIT 1 FOR NO KEY UPDATE OF l SKIP LOCKED
"""
_LINE = """
    SELECT l.id, l.state, a.code, l.amount_minor, l.provider FROM ledger_payout_line l
    JOIN ledger_account a ON a.id = l.account_id WHERE l.number = %s FOR NO KEY UPDATE OF l
"""


@db.requires_transaction
def plan_payout(*, account: AccountRef, month: date, minimum_minor: int, now: datetime) -> bool:
    """Put what a closed month owes on an account into the month's batch, once; or say there why nothing is paid.

    The amount is what the month closed with, less what was taken back since, and never more than the balance less
    what is reserved.
    Locks: the account. Cost: seven statements.
    """
    locked = lock_account(account)
    owed = db.row(_OWED, [locked.id, month]) if locked else None
    if locked is None or owed is None:
        return False
    number, payable_minor, provider = owed
    # Of an account below zero nothing is paid anyway: it says how much it owes, without what is reserved.
    payable_minor = min(payable_minor, locked.balance_minor)
    if payable_minor > 0:
        payable_minor = max(min(payable_minor, locked.payable_minor), 0)
    if not payable_minor:
        return False
    why = _why_not(locked, payable_minor, minimum_minor, provider)
    batch = f"{month:%Y-%m}-{account.currency.code}"
    db.execute(
        """
        INSERT INTO ledger_payout_batch (number, month, currency, made_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        [batch, month, account.currency.code, now],
    )
    planned = db.execute(
        """
        INSERT INTO ledger_payout_line (number, batch_id, account_id, amount_minor, currency, provider, reference,
                                        state, why, asks, made_at, ended_at, next_attempt_at)
        SELECT %(number)s, b.id, %(account)s, %(amount)s, b.currency, %(provider)s, '', %(state)s, %(why)s, 0,
               %(now)s::timestamptz, CASE WHEN %(why)s <> '' THEN %(now)s::timestamptz END,
               CASE WHEN %(why)s = '' THEN %(now)s::timestamptz END
        FROM ledger_payout_batch b WHERE b.number = %(batch)s
        ON CONFLICT (batch_id, account_id) WHERE retry_of_id IS NULL DO NOTHING
        """,
        {
            "number": f"{number}-1",
            "account": locked.id,
            "amount": payable_minor,
            "provider": provider or "",
            "state": (PayoutState.SKIPPED if why else PayoutState.DUE).value,
            "why": why,
            "now": now,
            "batch": batch,
        },
    )
    return bool(planned)


def _why_not(locked: Locked, payable_minor: int, minimum_minor: int, provider: str | None) -> str:
    if payable_minor < 0:
        return SkipReason.BELOW_ZERO.value
    if payable_minor < minimum_minor:
        return SkipReason.BELOW_MINIMUM.value
    if is_held(locked.id):
        return SkipReason.HELD.value
    return "" if provider else SkipReason.NO_PAYEE.value


@db.requires_transaction
def take_due_line(*, now: datetime) -> tuple[PayoutState, str, str, str, Money] | None:
    """Take the next line to be sent or asked about and fix its next turn; None when there is none.

    A DUE line is booked here and becomes SENT, so that its number stands before the provider hears of it; or SKIPPED,
    when it is held, nobody says where to pay, or the balance has gone. Returns its state now, whether asked before is
    in it: DUE means sent for the first time; then number, provider, reference, amount.

    Locks: the line, `SKIP LOCKED`, then the account.
    """
    found = db.row(_DUE, [now])
    if found is None:
        return None
    line_id, number, state, code, amount_minor, asks, provider, reference, to_provider, to_reference = found
    account = AccountRef.parse(code)
    amount = Money(amount_minor, account.currency)
    if PayoutState(state) is PayoutState.DUE:
        why = _cannot_send(account, amount_minor, to_provider)
        if why:
            _end(line_id, PayoutState.SKIPPED, why, now)
            return PayoutState.SKIPPED, number, "", "", amount
        provider, reference = to_provider, to_reference
        try:
            with db.savepoint():
                record_payout(account=account, amount=amount, payout_no=number, provider=provider, now=now)
        except DomainError as error:
            _end(line_id, PayoutState.SKIPPED, error.code, now)
            return PayoutState.SKIPPED, number, "", "", amount
    db.execute(
        """
        UPDATE ledger_payout_line
        SET state = 'SENT', sent_at = coalesce(sent_at, %(now)s::timestamptz), asks = asks + 1, provider = %(provider)s,
            reference = %(reference)s, next_attempt_at = %(now)s::timestamptz + %(pause)s * interval '1 second'
        WHERE id = %(id)s
        """,
        {
            "now": now,
            "provider": provider,
            "reference": reference,
            "pause": ASK_AGAIN_S[min(asks, len(ASK_AGAIN_S) - 1)],
            "id": line_id,
        },
    )
    return PayoutState(state), number, provider, reference, amount


def _cannot_send(account: AccountRef, amount_minor: int, provider: str | None) -> str:
    locked = lock_account(account)
    if locked is None or locked.payable_minor < amount_minor:
        return SkipReason.BALANCE_GONE.value
    if is_held(locked.id):
        return SkipReason.HELD.value
    return "" if provider else SkipReason.NO_PAYEE.value


@db.requires_transaction
def apply_result(*, result: TransferResult, now: datetime) -> PayoutState:
    """Take in what a provider says of a payout; the same again, or after the end, changes nothing.

    A failure puts the money back on the payee's account, once. Locks: the line, then the account.
    Publishes: `PayoutEnded`, once.
    Raises: `PayoutLineUnknown`.
    """
    found = db.row(_LINE, [result.payout_no])
    if found is None:
        raise PayoutLineUnknown(number=result.payout_no)
    line_id, state, code, amount_minor, provider = found
    account = AccountRef.parse(code)
    if result.amount != Money(amount_minor, account.currency):
        log.error("payout_amount_differs", number=result.payout_no, said=result.amount.amount_minor)
        return PayoutState(state)
    if PayoutState(state) is not PayoutState.SENT or result.state is TransferState.PENDING:
        return PayoutState(state)
    ended = PayoutState.PAID if result.state is TransferState.PAID else PayoutState.FAILED
    if ended is PayoutState.FAILED:
        _return(account, result, provider, now)
    _end(line_id, ended, "" if ended is PayoutState.PAID else result.reason or "failed", now)
    publish(
        PayoutEnded(result.payout_no, account.owner, line_id, ended.value, amount_minor, account.currency.code, now)
    )
    return ended


def _return(account: AccountRef, result: TransferResult, provider: str, now: datetime) -> None:
    clearing = AccountRef(AccountKind.CLEARING, provider, account.currency)
    ref = f"payout:{result.payout_no}"
    amount_minor = result.amount.amount_minor
    why = sum_reason(account, ref, {"payout_returned": amount_minor}, {})
    transfer = TransferDraft(clearing, account, amount_minor, PAYOUT_RETURN_KIND)
    draft = JournalDraft(f"{PAYOUT_RETURN_KIND}:{result.payout_no}", PAYOUT_RETURN_KIND, ref, now, (transfer,), (why,))
    (journal,) = operations.post(journals=[draft], now=now)
    db.execute(
        """
        INSERT INTO ledger_payout_return (payout_id, journal_id, reason, returned_at)
        SELECT id, %s, %s, %s FROM ledger_payout WHERE payout_no = %s
        """,
        [journal.id, result.reason, now, result.payout_no],
    )


@db.requires_transaction
def retry_payout(*, actor: Actor, number: str, now: datetime) -> str:
    """Try again what failed or was skipped, under a new number, with no more than stands there; returns the number.

    Locks: the line, then the account. Raises: `StaffOnly`, `PayoutLineUnknown`, `NotRetriable`, also the second time.
    """
    policies.require_staff(actor)
    found = db.row(
        """
        SELECT l.id, l.state, l.amount_minor, a.code, l.currency, l.provider,
               EXISTS (SELECT FROM ledger_payout_line x WHERE x.retry_of_id = l.id)
        FROM ledger_payout_line l JOIN ledger_account a ON a.id = l.account_id
        WHERE l.number = %s FOR NO KEY UPDATE OF l
        """,
        [number],
    )
    if found is None:
        raise PayoutLineUnknown(number=number[:60])
    line_id, state, amount_minor, code, *_, was_retried = found
    locked = lock_account(AccountRef.parse(code))
    amount_minor = min(amount_minor, locked.payable_minor) if locked else 0
    if state not in (PayoutState.FAILED.value, PayoutState.SKIPPED.value) or was_retried or amount_minor <= 0:
        raise NotRetriable(number=number, state=state)
    stem, _, attempt = number.rpartition("-")
    again = f"{stem}-{int(attempt) + 1}"
    made = db.execute(
        """
        INSERT INTO ledger_payout_line (number, batch_id, account_id, retry_of_id, amount_minor, currency, provider,
                                        reference, state, why, asks, made_at, next_attempt_at)
        SELECT %s, batch_id, account_id, id, %s, currency, provider, '', 'DUE', '', 0, %s, %s
        FROM ledger_payout_line WHERE id = %s
        ON CONFLICT (retry_of_id) DO NOTHING
        """,
        [again, amount_minor, now, now, line_id],
    )
    if not made:  # by who had the line before us
        raise NotRetriable(number=number, state=state)
    return again


def _end(line_id: int, state: PayoutState, why: str, now: datetime) -> None:
    db.execute(
        """
        UPDATE ledger_payout_line SET state = %s, why = %s, ended_at = %s, next_attempt_at = NULL WHERE id = %s
        """,
        [state.value, why, now, line_id],
    )
