"""For sellers: photographs of what they sell. `multipart/form-data`, bounded while it arrives."""

from __future__ import annotations

from typing import Annotated

from ninja import File, Router, UploadedFile
from pydantic import Field, StringConstraints

from wuyou.domains.catalog import errors, operations, queries
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog.operations import MAX_PHOTOS
from wuyou.domains.catalog.types import Permission, PhotoDraft, Product
from wuyou.infra import db, pictures
from wuyou.infra.storage import FileGone
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.goods import ProductPage, product_of
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id

router = Router(tags=["shops"])

Alt = Annotated[str, StringConstraints(max_length=200, pattern=ONE_LINE)]


class GoodsPhotoOrder(Draft):
    """The photographs of a product."""

    photo_ids: Annotated[list[Id], Field(max_length=MAX_PHOTOS)]
    """In their order; the first is the cover. What it has besides is put aside; what was put aside may come."""


class GoodsPhotoWords(Draft):
    """What is to be seen on a photograph."""

    alt: Alt = ""
    """In Chinese."""
    alt_en: Alt = ""
    variant_id: Id | None = None
    """The one form that it shows; null where it shows the product."""


@operation(
    router,
    "POST",
    "/products/{product_id}/photos",
    entry=Entry.READ,
    status=201,
    refuses=[
        errors.ProductNotFound,
        errors.TooManyPhotos,
        pictures.PictureRefused,
        pictures.PictureTooLarge,
        pictures.PictureTooWide,
        FileGone,
        *SCREENED,
    ],
)
def add_goods_photos(call: Call, product_id: Id, photos: File[list[UploadedFile]]) -> ProductPage:
    """Put photographs after the others of a product of your shop, all of them or none; at most twelve.

    What a rule holds takes the product off the shelves until staff have looked.
    """
    product = _own(call, product_id)
    if len(photos) > MAX_PHOTOS:
        raise errors.TooManyPhotos(most=MAX_PHOTOS)
    for photo in photos:
        pictures.check_size(photo.size or 0)
    # Decoding takes long, so no transaction is open then.
    drafts = [PhotoDraft(photo.name or "", pictures.take_in(photo.read())) for photo in photos]

    def entry() -> None:
        operations.add_photos(
            actor=call.actor, shop_id=product.shop_id, product_id=product_id, drafts=drafts, now=call.now
        )

    db.in_transaction(entry)
    return _page(call, product_id)


@operation(
    router,
    "PUT",
    "/products/{product_id}/photos",
    entry=Entry.WRITE,
    refuses=[errors.ProductNotFound, errors.PhotoNotFound, errors.TooManyPhotos, *SCREENED],
)
def arrange_goods_photos(call: Call, product_id: Id, body: GoodsPhotoOrder) -> ProductPage:
    """Say which photographs a product of your shop has, in which order."""
    operations.arrange_photos(actor=call.actor, product_id=product_id, photo_ids=body.photo_ids, now=call.now)
    return _page(call, product_id)


@operation(
    router,
    "PUT",
    "/products/{product_id}/photos/{photo_id}",
    entry=Entry.WRITE,
    refuses=[
        errors.ProductNotFound,
        errors.PhotoNotFound,
        errors.VariantNotFound,
        errors.TextMalformed,
        SCREENED[0],
    ],
)
def describe_goods_photo(call: Call, product_id: Id, photo_id: Id, body: GoodsPhotoWords) -> ProductPage:
    """Say what is to be seen on a photograph of a product of your shop, and which form it shows."""
    product = _own(call, product_id)
    _check_of(product_id, photo_id)
    operations.describe_photo(
        actor=call.actor, shop_id=product.shop_id, photo_id=photo_id, now=call.now, **body.model_dump()
    )
    return _page(call, product_id)


@operation(
    router,
    "DELETE",
    "/products/{product_id}/photos/{photo_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.ProductNotFound, errors.PhotoNotFound],
)
def remove_goods_photo(call: Call, product_id: Id, photo_id: Id) -> None:
    """Take a photograph of a product of your shop away for good; its file goes with it."""
    product = _own(call, product_id)
    _check_of(product_id, photo_id)
    operations.remove_photos(actor=call.actor, shop_id=product.shop_id, photo_ids=[photo_id], now=call.now)


def _own(call: Call, product_id: int) -> Product:
    """A product of a shop where the caller may say what it sells. Raises `ProductNotFound` for everyone else."""
    product = queries.products_by_id([product_id]).get(product_id)
    if product is None or not catalog_policies.may(call.actor, queries.get_shop(product.shop_id), Permission.GOODS):
        raise errors.ProductNotFound
    return product


def _check_of(product_id: int, photo_id: int) -> None:
    """Raises `PhotoNotFound` for what is no photograph of this product."""
    if photo_id not in {photo.id for photo in queries.photos_of(product_id)}:
        raise errors.PhotoNotFound


def _page(call: Call, product_id: int) -> ProductPage:
    return product_of(queries.products_by_id([product_id])[product_id], call.now)
