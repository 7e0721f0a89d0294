"""What others see of goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wuyou.infra.pictures import Picture
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
    photo_id: int | None = None
    """The first of the shop's photographs of this form; None too while moderation withholds the product."""


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
    """Name of a picture in the interface's set, for what has no photograph."""
    is_listed: bool
    photo_id: int | None
    """The cover: the first of the shop's photographs; None too while moderation withholds the product."""
    variants: tuple[Variant, ...]

    @property
    def currency(self) -> Currency:
        return self.variants[0].price.currency


@dataclass(frozen=True, slots=True)
class Photo:
    """A shop's own photograph."""

    id: int
    shop_id: int
    product_id: int | None
    """None while it is put aside."""
    variant_id: int | None
    """The one form that it shows, where it shows one."""
    key: str
    """Of the picture in `infra.storage`."""
    width: int
    height: int
    """Of its largest rendition."""
    blurhash: str
    name: str
    """What its file was called; of one shop every photograph has another."""
    alt: str
    alt_en: str


@dataclass(frozen=True, slots=True)
class PhotoDraft:
    """A picture that was taken in, and what its file was called."""

    name: str
    picture: Picture
