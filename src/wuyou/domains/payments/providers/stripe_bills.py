"""Stripe's movements on our balance: charges, refunds and disputes with what each cost.

Source: docs.stripe.com/api/balance_transactions, /reports/balance-transaction-types.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wuyou.domains.payments import errors
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind
from wuyou.kernel.money import MAX_MINOR, Currency, Money

_NUMBERED = {
    "charge": (BillKind.PAID, "intent_no"),
    "payment": (BillKind.PAID, "intent_no"),
    "refund": (BillKind.RETURNED, "refund_no"),
    "payment_refund": (BillKind.RETURNED, "refund_no"),
}
_DISPUTES = frozenset({"dispute", "dispute_reversal"})
_PASSED = frozenset({"payout", "payout_reversal", "topup", "topup_reversal"})


def line_of(said: dict[str, Any]) -> BillLine:
    """One movement, with what it came from beside it (`expand[]=data.source`). Raises `BillMalformed`."""
    source = said.get("source")
    source = source if isinstance(source, dict) else {}
    kind, number = _about(said, source)
    minor, fee = _whole(said, "amount"), _whole(said, "fee")
    currency = _currency(said)
    if kind is BillKind.FEE:
        minor, fee = 0, -minor
    amount = Money(abs(minor), currency)
    if kind in (BillKind.PAID, BillKind.RETURNED, BillKind.DISPUTE) and "amount" in source:
        # In the payer's currency, which our balance need not have.
        amount = Money(abs(_whole(source, "amount")), _currency(source))
    try:
        at = datetime.fromtimestamp(_whole(said, "created"), UTC)
    except (OverflowError, OSError, ValueError):
        raise errors.BillMalformed(reason="moment") from None
    return BillLine(_text(said, "id"), kind, number, amount, fee, currency, at, str(said.get("type", ""))[:60])


def _about(said: dict[str, Any], source: dict[str, Any]) -> tuple[BillKind, str]:
    word, category = str(said.get("type", "")), str(said.get("reporting_category", ""))
    if word in _NUMBERED:
        kind, name = _NUMBERED[word]
        metadata = source.get("metadata")
        number = str(metadata.get(name, ""))[:64] if isinstance(metadata, dict) else ""
        return (kind, number) if number else (BillKind.PASSED, "")  # taken by others with the same account
    if category in _DISPUTES:
        return BillKind.DISPUTE, str(source.get("id", ""))[:64]
    if word in ("stripe_fee", "stripe_fx_fee"):
        return BillKind.FEE, ""
    return (BillKind.PASSED if category in _PASSED else BillKind.UNKNOWN), ""


def _whole(said: dict[str, Any], key: str) -> int:
    found = said.get(key)
    if type(found) is not int or abs(found) > MAX_MINOR:
        raise errors.BillMalformed(reason=key)
    return found


def _text(said: dict[str, Any], key: str) -> str:
    found = said.get(key)
    if not isinstance(found, str) or not found:
        raise errors.BillMalformed(reason=key)
    return found[:120]


def _currency(said: dict[str, Any]) -> Currency:
    try:
        return Currency(str(said.get("currency", "")).upper())
    except ValueError:
        raise errors.BillMalformed(reason="currency") from None
