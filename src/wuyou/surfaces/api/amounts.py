"""Money as the API says it, both ways."""

from __future__ import annotations

from dataclasses import dataclass

from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import CurrencyCode, Draft, PriceMinor


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money."""

    __pydantic_config__ = DOCUMENTED

    amount_minor: int
    """In the smallest unit of the currency: fen for CNY."""
    currency: CurrencyCode
    """ISO 4217."""


class PriceDraft(Draft):
    """A price, above zero."""

    amount_minor: PriceMinor
    """In the smallest unit of the currency: fen for CNY."""
    currency: CurrencyCode
    """ISO 4217."""

    def money(self) -> Money:
        """The price as the domains take it."""
        return Money(self.amount_minor, Currency(self.currency))


def amount_of(money: Money) -> Amount:
    """Money as the API says it."""
    return Amount(money.amount_minor, money.currency.value)
