"""Lists of goods as their pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse

from wuyou.domains.alliance.types import Offer, Pick, Selection
from wuyou.domains.catalog.types import Product
from wuyou.kernel.money import Money, apply_bps
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class Row:
    """A list of one's own among the others."""

    id: int
    name: str
    href: str
    count: int
    chip: parts.AudienceChip


@dataclass(frozen=True, slots=True)
class OwnGoods:
    """A product in a list of one's own, and what it pays now."""

    id: int
    line: lines.Line
    words: str
    income: Money | None
    """For one at its lowest price; None where nothing is paid, and for what is not for sale."""
    rate_bps: int
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A product in a list as others see it."""

    card: parts.ProductCard
    words: str


def row(selection: Selection, labels: Mapping[int, str]) -> Row:
    """One list, with whom it is open to."""
    return Row(
        selection.id,
        selection.name,
        reverse("storefront:edit-selection", args=[selection.id]),
        selection.count,
        audience.chip_of(selection.audience, labels),
    )


def own_goods(pick: Pick, product: Product, offer: Offer | None) -> OwnGoods:
    """A product, with what its owner says of it and would be paid for it."""
    price = min((variant.price for variant in product.variants), key=lambda money: money.amount_minor)
    pays = offer is not None and product.is_listed
    return OwnGoods(
        product.id,
        lines.product_line(product, amount=price),
        pick.words,
        Money(apply_bps(price.amount_minor, offer.earns_bps), price.currency) if offer and pays else None,
        offer.plan.rate_bps if offer else 0,
        product.is_listed,
    )


def shown(card: parts.ProductCard, href: str, words: str) -> Shown:
    """A product as others see it: it opens from the list."""
    return Shown(replace(card, href=href), words)
