"""Reading amounts and counts that a form or a file says."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.kernel.money import Currency, Money

_MAX_ON_HAND: Final = 1_000_000_000


def money_of(said: str, currency: Currency) -> Money:
    """An amount in the currency's own units. Raises `PriceOutOfRange`."""
    text = said.strip()
    if not text or len(text) > 16 or not set(text) <= set("0123456789."):
        raise catalog_errors.PriceOutOfRange()
    try:
        minor = Decimal(text).scaleb(currency.exponent)
    except InvalidOperation as error:
        raise catalog_errors.PriceOutOfRange() from error
    if minor != minor.to_integral_value():
        raise catalog_errors.PriceOutOfRange()
    return Money(int(minor), currency)


def optional_money(said: str, currency: Currency) -> Money | None:
    """The same; None where nothing is said. Raises `PriceOutOfRange`."""
    return money_of(said, currency) if said.strip() else None


def whole(said: str) -> int:
    """A count of pieces, 0 and up. Raises `QuantityOutOfRange`."""
    text = said.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) > _MAX_ON_HAND:
        raise inventory_errors.QuantityOutOfRange()
    return int(text)
