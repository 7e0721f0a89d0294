"""What the alliance says of who follows a publisher, and of who may fit them (ADR 0038)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from wuyou.kernel.money import BPS, Money


@dataclass(frozen=True, slots=True)
class Cell:
    """So many of them, at least, have something in common."""

    key: int
    """Of a thing or a shop; 0 for words."""
    words: tuple[str, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class SpendingClass:
    """So many of them, at least, spent `[from_, below)` within a year; no end for None."""

    from_: Money
    below: Money | None
    at_least: int


@dataclass(frozen=True, slots=True)
class Fans:
    """Who followed when the month began. All figures go down to steps of twenty; what is of fewer is not there."""

    as_of: datetime
    at_least: int
    hobbies: tuple[Cell, ...] = ()
    places: tuple[Cell, ...] = ()
    things: tuple[Cell, ...] = ()
    shops: tuple[Cell, ...] = ()
    spending: tuple[SpendingClass, ...] = ()


class FitReason(Enum):
    """Why a shop may fit a publisher."""

    FANS_BUY = "FANS_BUY"
    """Those who follow them buy there."""
    FANS_HAVE = "FANS_HAVE"
    """It sells what those who follow them have."""
    SOLD = "SOLD"
    """Their links sold there before."""
    PICKED = "PICKED"
    """Goods of it stand in their lists."""


class GoodsReason(Enum):
    """Why goods may fit who follows a publisher."""

    FANS_BUY = "FANS_BUY"
    """They buy in the shop."""
    FANS_HAVE = "FANS_HAVE"
    """They have the same."""
    FANS_LOVE = "FANS_LOVE"
    """They say that they love what the goods are, or whom they are for."""


@dataclass(frozen=True, slots=True)
class GoodsFit:
    """One reason for goods, of so many at least: never of fewer than twenty."""

    reason: GoodsReason
    at_least: int
    keyword_id: int | None = None
    """What they love; of that reason alone."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A shop, and what speaks for it: each reason with its count."""

    shop_id: int
    best_rate_bps: int
    """The highest that it pays them now."""
    takes_applications: bool
    reasons: tuple[tuple[FitReason, int], ...]


class Level(Enum):
    """How much a publisher is read, measured against what makes a creator here (达人)."""

    BEGINS = "BEGINS"
    RISES = "RISES"
    """A tenth of it and more."""
    CREATOR = "CREATOR"


@dataclass(frozen=True, slots=True)
class Standing:
    """How often somebody's posts are read in a month, and what is missing to the next level."""

    reads: int
    """On average of the last three times thirty days; days of few readers are not counted."""
    level: Level
    next_at: int | None
    """Reads a month that make the next level; None at the highest."""


class CreatorReason(Enum):
    """Why a publisher may fit a shop: the four that people can check."""

    SOLD_SIMILAR = "SOLD_SIMILAR"
    """Sold goods of the same model, family or brand elsewhere."""
    FANS_BUY = "FANS_BUY"
    """Those who follow them buy here."""
    FANS_HAVE = "FANS_HAVE"
    """Those who follow them have what is sold here."""
    FANS_ALIKE = "FANS_ALIKE"
    """Those who follow them love what the buyers here love."""


@dataclass(frozen=True, slots=True)
class Creator:
    """A publisher, and what speaks for them: each reason with its count."""

    publisher_id: int
    user_id: int
    reasons: tuple[tuple[CreatorReason, int], ...]


@dataclass(frozen=True, slots=True)
class PublisherEffect:
    """What one publisher brought a shop, and what it pays for that."""

    publisher_id: int | None
    """None: somebody with whom the shop has no collaboration, and who is not named."""
    order_count: int
    sales: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class Effect:
    """What several brought a shop, and what it pays for that."""

    order_count: int
    sales: Money
    """Goods without shipping, less what was given back."""
    cost: Money
    publisher_count: int

    @property
    def cost_bps(self) -> int:
        """The cost, of the sales; rounded down."""
        return self.cost.amount_minor * BPS // self.sales.amount_minor if self.sales.amount_minor else 0

    def plus(self, other: PublisherEffect) -> Effect:
        """With what one more brought."""
        return Effect(
            self.order_count + other.order_count,
            self.sales + other.sales,
            self.cost + other.cost,
            self.publisher_count + 1,
        )
