"""Paying out what is owed: for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from ninja import Router
from pydantic import Field, StringConstraints

from wuyou.domains.ledger import errors, statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.kernel.money import MAX_MINOR, Currency, Money
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED, NotAllowed
from wuyou.surfaces.api.scalars import CurrencyCode, Draft, Id

router = Router(tags=["payouts"])

PROVIDER = "sandbox"


class PayoutDraft(Draft):
    """Whom to pay, and how much."""

    payee: Literal["shop", "publisher"]
    payee_id: Id
    amount_minor: Annotated[int, Field(ge=1, le=MAX_MINOR, examples=[12900])]
    """In the smallest unit of the currency: fen for CNY."""
    currency: CurrencyCode
    """ISO 4217."""
    payout_no: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$"), Field(examples=["2026-03-S12"])]
    """Names this payout for good: the same number pays once."""


@dataclass(frozen=True, slots=True)
class PayoutPage:
    """Money sent to somebody it was owed to."""

    __pydantic_config__ = DOCUMENTED

    payout_no: str
    account: str
    """The account of the books that it was taken from."""
    amount: Amount
    recorded_at: datetime


@operation(
    router,
    "POST",
    "/payouts",
    entry=Entry.ONCE,
    status=201,
    refuses=[
        NotAllowed,
        errors.MalformedPayout,
        errors.AccountUnknown,
        errors.PayoutExceedsBalance,
        errors.PayoutNoReused,
    ],
)
def record_payout(call: Call, body: PayoutDraft) -> PayoutPage:
    """Book that a shop or a publisher was paid what they are owed. For staff."""
    if not call.actor.is_staff:
        raise NotAllowed
    currency = Currency(body.currency)
    kind = AccountKind.MERCHANT_PAYABLE if body.payee == "shop" else AccountKind.PROMOTER_PAYABLE
    payout = statements.record_payout(
        account=AccountRef(kind, f"{body.payee}:{body.payee_id}", currency),
        amount=Money(body.amount_minor, currency),
        payout_no=body.payout_no,
        provider=PROVIDER,
        now=call.now,
    )
    return PayoutPage(payout.payout_no, payout.account.code, amount_of(payout.amount), payout.recorded_at)
