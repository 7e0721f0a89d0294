"""What goods look like: the shop's own photograph, else the picture of the set that came with what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wuyou.domains.catalog.types import Product
from wuyou.domains.orders.types import OrderLine
from wuyou.surfaces.ui import pictures
from wuyou.surfaces.ui.hrefs import href

IN_LINE: Final = 160
"""Pixels across, where goods stand in a line; as sharp as a telephone shows them."""
ON_CARD: Final = 480
AT_LARGE: Final = 960


def picture_of(product: Product, width: int = IN_LINE) -> str:
    """A product's picture for everybody: an address, or a name of the set. Photographs go off the shelves with it."""
    return _photo(product.photo_id, width) if product.is_listed and product.photo_id else drawn(product.picture)


def picture_of_line(line: OrderLine, width: int = IN_LINE) -> str:
    """The picture of what was ordered, for who may see the order."""
    return _photo(line.photo_id, width) if line.photo_id else drawn(line.picture)


def own_picture_of(product: Product, address_of: Callable[[int, int], str], width: int = IN_LINE) -> str:
    """A product's picture for who runs its shop, on the shelves or not.

    Args: address_of: where a photograph stands on the shop's own pages, by its id and width.
    """
    return address_of(product.photo_id, width) if product.photo_id else drawn(product.picture)


def drawn(name: str) -> str:
    """The picture's name, or that of a wrapped parcel where the set has no such picture."""
    return name if name in pictures.PICTURES else "gift"


def _photo(photo_id: int, width: int) -> str:
    return href("storefront:product-photo", photo_id, width)
