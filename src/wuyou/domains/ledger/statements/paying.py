"""Paying out what is owed."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger import operations, queries, rules
from wuyou.domains.ledger.errors import (
    AccountHeld,
    AccountUnknown,
    JournalKeyReused,
    MalformedPayout,
    PayoutExceedsBalance,
    PayoutNoReused,
)
from wuyou.domains.ledger.statements.locking import is_held, lock_account
from wuyou.domains.ledger.types import (
    PAYOUT_KIND,
    AccountKind,
    AccountRef,
    JournalDraft,
    Payout,
    TransferDraft,
)
from wuyou.infra import db
from wuyou.kernel.money import MAX_MINOR, Money


@db.requires_transaction
def record_payout(*, account: AccountRef, amount: Money, payout_no: str, provider: str, now: datetime) -> Payout:
    """Book that what was owed was sent, from a payable account through a provider's clearing account.

    The account is locked before its balance is read, so payouts at once never exceed it together. The same number with
    the same facts books nothing and answers with the payout that stands there.

    Locks: the account, until the transaction ends.
    Raises: `MalformedPayout`, `AccountUnknown`, `AccountHeld`, `PayoutExceedsBalance`, `PayoutNoReused`; nothing is
    booked then.
    """
    if not account.kind.is_payable or amount.currency is not account.currency:
        raise MalformedPayout(payout_no=payout_no, account=account.code, currency=amount.currency.code)
    if not 0 < amount.amount_minor <= MAX_MINOR or not rules.is_number(payout_no):
        raise MalformedPayout(payout_no=payout_no, amount_minor=amount.amount_minor)
    clearing = AccountRef(AccountKind.CLEARING, provider, account.currency)
    locked = lock_account(account)
    if locked is None:
        raise AccountUnknown(account=account.code)
    if known := queries.find_payout(payout_no):
        if (known.account, known.amount, known.provider) != (account, amount, provider):
            raise PayoutNoReused(payout_no=payout_no)
        return known
    if is_held(locked.id):
        raise AccountHeld(account=account.code)
    if amount.amount_minor > locked.payable_minor:
        raise PayoutExceedsBalance(
            account=account.code, amount_minor=amount.amount_minor, balance_minor=locked.payable_minor
        )
    draft = JournalDraft(
        key=f"{PAYOUT_KIND}:{payout_no}",
        kind=PAYOUT_KIND,
        source_ref=f"{PAYOUT_KIND}:{payout_no}",
        occurred_at=now,
        transfers=(TransferDraft(account, clearing, amount.amount_minor, PAYOUT_KIND),),
    )
    try:
        (journal,) = operations.post(journals=[draft], now=now)
    except JournalKeyReused as error:  # at this moment, for another account
        raise PayoutNoReused(payout_no=payout_no) from error
    db.execute(
        """
        INSERT INTO ledger_payout (payout_no, account_id, journal_id, amount_minor, currency, provider, recorded_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        """,
        [payout_no, locked.id, journal.id, amount.amount_minor, amount.currency.code, provider, now],
    )
    return Payout(payout_no, account, amount, provider, journal.id, now)
