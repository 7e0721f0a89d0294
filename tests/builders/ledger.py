"""Books as tests and benches begin them, made by operations only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.ledger import operations, statements
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, Payout, PostedJournal, TransferDraft
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

Leg = tuple[AccountRef, AccountRef, int]
"""Debit, credit, amount in the smallest unit."""


def account(kind: AccountKind, owner: str = "", currency: Currency = Currency.CNY) -> AccountRef:
    """The name of an account, in yuan unless told otherwise."""
    return AccountRef(kind, owner, currency)


CLEARING = account(AccountKind.CLEARING, "sandbox")
HELD = account(AccountKind.BUYERS_HELD)
DUE = account(AccountKind.REFUNDS_DUE)
REVENUE = account(AccountKind.PLATFORM_REVENUE)
ESCROW = account(AccountKind.MERCHANT_ESCROW, "shop:1")
PAYABLE = account(AccountKind.MERCHANT_PAYABLE, "shop:1")
PROMOTER = account(AccountKind.PROMOTER_PAYABLE, "publisher:1")


def draft(key: str, *legs: Leg, now: datetime, source_ref: str = "order:W1") -> JournalDraft:
    """A journal whose kind is what its key begins with: `capture:W1` is a capture."""
    kind = key.split(":", maxsplit=1)[0]
    transfers = tuple(TransferDraft(debit, credit, amount, kind) for debit, credit, amount in legs)
    return JournalDraft(key, kind, source_ref, now, transfers)


def book(*journals: JournalDraft, now: datetime) -> tuple[PostedJournal, ...]:
    """Post in a transaction of its own."""
    return db.in_transaction(lambda: operations.post(journals=journals, now=now))


def pay_out(amount_minor: int, payout_no: str, *, now: datetime, account: AccountRef = PAYABLE) -> Payout:
    """Pay out in a transaction of its own, through the sandbox."""
    amount = Money(amount_minor, account.currency)
    return db.in_transaction(
        lambda: statements.record_payout(
            account=account, amount=amount, payout_no=payout_no, provider="sandbox", now=now
        )
    )


def order_history(order_no: str, now: datetime) -> Sequence[JournalDraft]:
    """One order of 100.00 from payment to settlement, with a commission of 8.00, and 5.00 refunded afterwards."""
    return (
        draft(f"capture:{order_no}", (CLEARING, HELD, 10_000), now=now),
        draft(f"release:{order_no}", (HELD, ESCROW, 10_000), now=now),
        draft(
            f"settle:{order_no}",
            (ESCROW, PAYABLE, 9_000),
            (ESCROW, PROMOTER, 800),
            (ESCROW, REVENUE, 200),
            now=now,
        ),
        draft(f"refund:{order_no}-1", (PAYABLE, DUE, 500), now=now),
        draft(f"unsettle:{order_no}-1", (PROMOTER, PAYABLE, 40), now=now),
        draft(f"refunded:{order_no}-1", (DUE, CLEARING, 500), now=now),
    )


def lively_books(now: datetime) -> None:
    """Books with a row for every proof: two orders and their settlement, a refund, a clawback, a payout."""
    for journal in (*order_history("W1", now), *order_history("W2", now)):
        book(journal, now=now)
    pay_out(3_000, "P1", now=now)
