"""What things look like: a photo, else the picture of the product that one is, else its name on a ground."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import urlencode

import blurhash
from PIL import Image

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Photo as ShopPhoto
from wuyou.domains.catalog.types import Product
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import Holding, Photo, StoredPicture, Thing
from wuyou.infra import pictures
from wuyou.infra.pictures import Picture
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.taken import Taken
from wuyou.surfaces.storefront.viewmodels import lines
from wuyou.surfaces.ui import goods_pictures
from wuyou.surfaces.ui import pictures as shipped
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.texts import in_language

_SQUARE = 480
"""Of goods, whose photographs are cut to where they stand."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The face of a thing, of a copy or of a product."""

    key: int
    """Chooses the ground."""
    title: str
    brand: str
    photo: str = ""
    """Address of a rendition; empty where there is no photo."""
    srcset: str = ""
    blur: str = ""
    """A preview of a few pixels, inside the page."""
    width: int = 0
    height: int = 0
    art: str = ""
    """Name of a shipped picture."""


def name_of(thing: Thing) -> str:
    """A thing's name in the reader's language."""
    return in_language(thing.name, thing.name_en)


def href_of(thing_id: int) -> str:
    """The page of a thing."""
    return href("storefront:thing", thing_id)


def of_product(product: Product, note: str = "") -> Cover:
    """A product's cover. Args: note: stands under its title where there is no picture."""
    return _of_goods(product, lines.title_of(product), note)


def of_photo(photo: Photo, title: str = "", brand: str = "") -> Cover:
    """A photo with its renditions and its blurred preview. Cost: none."""
    return _of_picture(photo.id, photo, lambda width: href("storefront:photo", photo.id, width), title, brand)


def of_shop_photo(photo: ShopPhoto, title: str = "") -> Cover:
    """A shop's photograph of its goods. Cost: none."""
    return _of_picture(photo.id, photo, lambda width: href("storefront:product-photo", photo.id, width), title, "")


@lru_cache(maxsize=8192)
def of_post_photo(photo: StoredPicture, title: str = "") -> Cover:
    """A picture of a post. Cost: none."""
    return _of_picture(photo.id, photo, lambda width: href("storefront:post-photo", photo.id, width), title, "")


def of_taken(waiting: Taken) -> Cover:
    """A picture that waits for what it is of, for its owner. Cost: none."""
    of = urlencode({"picture": waiting.token})
    return _of_picture(0, waiting.picture, lambda width: f"{href('storefront:taken-photo', width)}?{of}", "", "")


def of_things(viewer: Viewer, seen: Iterable[Thing]) -> dict[int, Cover]:
    """Covers of things by their ids: a photo of a copy that the viewer sees stands for what is not sold here.

    Cost: one query for photos, up to three where some are sold here; none for none.
    """
    by_id = {thing.id: thing for thing in seen}
    drawn = _drawn(by_id)
    photos = things.covers_by_thing(viewer, (key for key, cover in drawn.items() if not (cover.art or cover.photo)))
    return {
        key: of_photo(photos[key], cover.title, cover.brand) if key in photos else cover for key, cover in drawn.items()
    }


def of_copies(holdings: Sequence[Holding], photos: Mapping[int, Photo]) -> dict[int, Cover]:
    """Covers of copies by their ids; one without a photo shows nobody else's.

    Args: photos: the first of each copy that has some. Cost: none, or up to three queries where some are sold here.
    """
    of_thing = _drawn({holding.thing.id: holding.thing for holding in holdings if holding.id not in photos})
    return {
        holding.id: of_photo(photos[holding.id], name_of(holding.thing), holding.thing.brand)
        if holding.id in photos
        else of_thing[holding.thing.id]
        for holding in holdings
    }


def _of_picture(
    key: int, of: Photo | Picture | ShopPhoto | StoredPicture, address_of: Callable[[int], str], title: str, brand: str
) -> Cover:
    widths = pictures.widths_of(of.key)
    addresses = {width: address_of(width) for width in widths}
    return Cover(
        key,
        title,
        brand,
        photo=addresses[next((width for width in widths if width >= 480), widths[-1])],
        srcset=", ".join(f"{address} {width}w" for width, address in addresses.items()),
        blur=_blurred(of.blurhash),
        width=of.width,
        height=of.height,
    )


def _drawn(by_id: Mapping[int, Thing]) -> dict[int, Cover]:
    """Without photos: by the picture of the product that a thing is, else by its name."""
    sold = _sold(by_id)
    return {
        key: replace(_of_goods(sold[key], name_of(thing), thing.brand), key=key)
        if key in sold
        else Cover(key, name_of(thing), thing.brand)
        for key, thing in by_id.items()
    }


def _of_goods(product: Product, title: str, brand: str) -> Cover:
    """By the shop's photograph, else by the picture of the set."""
    picture = goods_pictures.picture_of(product, goods_pictures.ON_CARD)
    if picture in shipped.PICTURES:
        return Cover(product.id, title, brand, art=picture)
    widths = (goods_pictures.IN_LINE, goods_pictures.ON_CARD, goods_pictures.AT_LARGE)
    srcset = ", ".join(f"{goods_pictures.picture_of(product, width)} {width}w" for width in widths)
    return Cover(product.id, title, brand, photo=picture, srcset=srcset, width=_SQUARE, height=_SQUARE)


def _sold(by_id: Mapping[int, Thing]) -> dict[int, Product]:
    """The products that things are; of a form of one, that of its model."""
    forms = [thing.parent_id for thing in by_id.values() if thing.product_id is None and thing.parent_id is not None]
    models = things.things_by_id(forms) if forms else {}
    products_of = {
        thing.id: model.product_id
        for thing in by_id.values()
        if (model := thing if thing.product_id else models.get(thing.parent_id or 0)) and model.product_id
    }
    products = catalog.products_by_id(set(products_of.values())) if products_of else {}
    return {key: products[one] for key, one in products_of.items() if one in products}


@lru_cache(maxsize=4096)
def _blurred(text: str) -> str:
    """A picture of eight by eight pixels inside an address, drawn from a blurhash; empty for none. Cost: a millisecond,
    once a photo and process."""
    if not text:
        return ""
    rows = blurhash.decode(text, 8, 8)  # type: ignore[no-untyped-call]
    image = Image.frombytes("RGB", (8, 8), bytes(int(part) for row in rows for pixel in row for part in pixel))
    written = io.BytesIO()
    image.save(written, "PNG")
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
