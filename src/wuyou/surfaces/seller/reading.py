"""Reading amounts and counts that a form or a file says."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from wuyou.domains.inventory import errors as inventory_errors
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.seller import errors

_MAX_ON_HAND: Final = 1_000_000_000


def money_of(said: str, currency: Currency) -> Money:
    """An amount in the currency's own units. Raises `AmountMalformed`."""
    text = said.strip()
    example = f"{Decimal(1250).scaleb(-currency.exponent)}"
    malformed = errors.AmountMalformed(said=text[:20], example=example)
    if not text or len(text) > 16 or not set(text) <= set("0123456789."):
        raise malformed
    try:
        minor = Decimal(text).scaleb(currency.exponent)
    except InvalidOperation as error:
        raise malformed from error
    if minor != minor.to_integral_value():
        raise malformed
    return Money(int(minor), currency)


def optional_money(said: str, currency: Currency) -> Money | None:
    """The same; None where nothing is said. Raises `AmountMalformed`."""
    return money_of(said, currency) if said.strip() else None


def whole(said: str) -> int:
    """A count of pieces, 0 and up. Raises `QuantityOutOfRange`."""
    text = said.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) > _MAX_ON_HAND:
        raise inventory_errors.QuantityOutOfRange()
    return int(text)
