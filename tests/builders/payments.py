"""Payments as tests and the demo world begin them, made by operations only."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from tests.builders import people
from wuyou.domains.payments import operations, queries
from wuyou.domains.payments.providers import get_provider
from wuyou.domains.payments.providers.base import ChargeResult, RefundResult
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank
from wuyou.domains.payments.types import ChargeState, Intent, RefundState
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

_numbers = count(1)

PERFECT = SandboxBank(Faults())
"""The sandbox bank on a good day."""


def yuan(amount_minor: int) -> Money:
    """So many fen."""
    return Money(amount_minor, Currency.CNY)


PRICE = yuan(12_900)


def new_number(prefix: str = "W") -> str:
    """A number that no other test has."""
    return f"{prefix}{next(_numbers)}"


def make_payer(now: datetime) -> int:
    """A person who can pay."""
    return people.make_person(now).id


def open_intent(
    now: datetime,
    *,
    intent_no: str | None = None,
    amount: Money = PRICE,
    payer_id: int | None = None,
    expires_at: datetime | None = None,
    provider: str = "sandbox",
    is_handed_over: bool = True,
) -> str:
    """An intent for 129 yuan whose payer was sent to the sandbox bank, or to another; returns its number."""
    number = intent_no or new_number()
    payer = payer_id or make_payer(now)

    def entry() -> None:
        operations.open_intent(
            intent_no=number,
            payer_id=payer,
            purpose="order",
            amount=amount,
            provider=provider,
            expires_at=expires_at or now + timedelta(minutes=15),
            now=now,
        )
        if is_handed_over:
            operations.hand_over(intent_no=number, now=now)

    db.in_transaction(entry)
    return number


def pay(intent_no: str, now: datetime, amount: Money = PRICE) -> Intent:
    """Charge an open intent at the bank and take the answer in."""
    result = PERFECT.charge(intent_no=intent_no, amount=amount, now=now)
    return apply(result, now)


def apply(result: ChargeResult, now: datetime) -> Intent:
    """Take a word about a charge in, in a transaction of its own."""
    return db.in_transaction(lambda: operations.apply_charge(result=result, now=now))


def request_refund(intent_no: str, amount_minor: int, now: datetime, refund_no: str | None = None) -> str:
    """Promise a refund; returns its number."""
    number = refund_no or new_number("R")
    db.in_transaction(
        lambda: operations.request_refund(refund_no=number, intent_no=intent_no, amount=yuan(amount_minor), now=now)
    )
    return number


def charge_result(
    intent_no: str,
    now: datetime,
    *,
    state: ChargeState = ChargeState.CAPTURED,
    amount: Money = PRICE,
    provider: str = "sandbox",
    provider_ref: str = "ref-1",
) -> ChargeResult:
    """What a provider might say of a charge."""
    return ChargeResult(provider, intent_no, provider_ref, state, amount, now)


def refund_result(
    refund_no: str,
    intent_no: str,
    amount_minor: int,
    now: datetime,
    *,
    state: RefundState = RefundState.SUCCEEDED,
    provider: str = "sandbox",
    reason: str = "",
) -> RefundResult:
    """What a provider might say of a refund."""
    return RefundResult(provider, refund_no, intent_no, "ref-2", state, reason, yuan(amount_minor), now)


def pay_at_the_bank(order_no: str, now: datetime) -> None:
    """Somebody pays at the bank though we gave the order up; we hear of it by the bank's answer."""
    intent = queries.get_intent(order_no)
    result = get_provider(intent.provider).charge(intent_no=order_no, amount=intent.amount, now=now)
    db.in_transaction(lambda: operations.apply_charge(result=result, now=now))
