"""What every page says of a product in one line."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from wuyou.domains.catalog.types import Product, Variant
from wuyou.domains.orders.types import OrderLine
from wuyou.kernel.money import Money
from wuyou.surfaces.ui import carriers, goods_pictures
from wuyou.surfaces.ui.texts import in_language


@dataclass(frozen=True, slots=True)
class Line:
    """A product in one line; `amount` is None where the page says the price elsewhere."""

    id: int
    title: str
    note: str
    picture: str
    href: str
    amount: Money | None = None


def product_line(product: Product, note: str = "", amount: Money | None = None) -> Line:
    """A product as it is now."""
    return Line(product.id, title_of(product), note, goods_pictures.picture_of(product), href_of(product.id), amount)


def order_line(line: OrderLine, pieces: int | None = None) -> Line:
    """A line of an order, or so many pieces of it, at the price of that day."""
    quantity = line.quantity if pieces is None else pieces
    variant = in_language(line.variant_name, line.variant_name_en)
    note = carriers.note_of(line) if pieces is None else f"{variant} × {quantity}"
    return Line(
        line.product_id,
        in_language(line.title, line.title_en),
        note,
        goods_pictures.picture_of_line(line),
        href_of(line.product_id),
        line.unit_price * quantity,
    )


def title_of(product: Product) -> str:
    """A product's title in the reader's language."""
    return in_language(product.title, product.title_en)


def variant_name(variant: Variant) -> str:
    """A variant's name in the reader's language."""
    return in_language(variant.name, variant.name_en)


def href_of(product_id: int) -> str:
    """The page of a product."""
    return reverse("storefront:product", args=[product_id])
