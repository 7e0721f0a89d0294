"""What others see of goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wuyou.kernel.money import Currency, Money


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant's shop."""

    id: int
    owner_id: int
    name: str
    name_en: str
    return_window: timedelta
    """How long after receipt a buyer may still send things back; the shop is paid after it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable form of a product, with what is needed to price a line without another read."""

    id: int
    product_id: int
    shop_id: int
    name: str
    name_en: str
    price: Money
    """The price when buying alone."""
    team_price: Money | None
    """The price when buying with a team; None when it is sold alone only."""
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Product:
    """A product as its page shows it."""

    id: int
    shop_id: int
    title: str
    title_en: str
    brief: str
    brief_en: str
    picture: str
    is_listed: bool
    variants: tuple[Variant, ...]

    @property
    def currency(self) -> Currency:
        return self.variants[0].price.currency
