"""Money as integers in the smallest unit, with one rounding function and one allocation rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

BPS = 10_000
"""Basis points in one whole: 1,550 bps = 15.5 %."""

MAX_MINOR = 10**15
"""Upper bound of any single amount, so that sums of many stay inside 64 bits."""


class Currency(Enum):
    """Currencies an installation may keep books in; the value is the ISO 4217 code."""

    CNY = "CNY"
    USD = "USD"
    EUR = "EUR"
    JPY = "JPY"

    @property
    def code(self) -> str:
        return self.value

    @property
    def exponent(self) -> int:
        """Digits after the point: 2 for CNY, 0 for JPY (ISO 4217)."""
        return 0 if self is Currency.JPY else 2


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the smallest unit of one currency; may be negative where a name says so.

    Adding or comparing different currencies raises `ValueError`.
    """

    amount_minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise TypeError("amount_minor is a whole number of the smallest unit")

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount_minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount_minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def _same(self, other: Money) -> int:
        if other.currency is not self.currency:
            raise ValueError(f"{self.currency.code} and {other.currency.code} do not mix")
        return other.amount_minor


def round_ratio(numerator: int, denominator: int) -> int:
    """Round `numerator / denominator` to the nearest integer, halves away from zero.

    The only rounding in the house. `round_ratio(29 * 500, 1000) == 15` (14.5 rounds up): the case that a float
    percentage gets wrong.

    Raises: `ValueError` when the denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def apply_bps(amount_minor: int, rate_bps: int) -> int:
    """Take a rate in basis points of an amount: `apply_bps(645, 3000) == 194` (193.5 rounds up)."""
    return round_ratio(amount_minor * rate_bps, BPS)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` by `weights` so that the parts sum to it exactly (largest remainder, Hamilton's method).

    Every part is first the floor of its exact share; the units left over go to the largest remainders, ties to the
    earliest. A negative total is divided as its absolute value and negated, so a reversal mirrors its original.
    `allocate(15, [80, 8, 8]) == [13, 1, 1]`; `allocate(645, [30, 70]) == [194, 451]`.

    A part may fall by a unit while the total grows: `allocate(10, [6, 6, 2]) == [4, 4, 2]`, and of 11 `[5, 5, 1]`. Who
    books the difference of two allocations must expect either sign.

    Raises: `ValueError` when there are no weights, one is negative, or none is positive.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and at least one")
    whole = sum(weights)
    if whole == 0:
        raise ValueError("at least one weight must be positive")
    sign, magnitude = (1, total) if total >= 0 else (-1, -total)
    shares = [divmod(magnitude * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    missing = magnitude - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]
