"""A shop's own photographs of what it sells: taken in, put in order, described, taken off.

Locks, in this order: the product, the shop's row (so that two uploads call no two files the same), the files by key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.catalog import errors, policies, queries, rules, types
from wuyou.domains.catalog.operations.acts import note_act
from wuyou.domains.catalog.owning import follow_screening, own_product
from wuyou.domains.catalog.types import Permission
from wuyou.domains.moderation import operations as judging
from wuyou.infra import db, storage
from wuyou.kernel.actor import Actor

MAX_PHOTOS, MAX_ASIDE = 12, 300
"""Of one product, and of a shop for no product yet."""


@db.requires_transaction
def add_photos(
    *, actor: Actor, shop_id: int, product_id: int | None, drafts: Sequence[types.PhotoDraft], now: datetime
) -> tuple[int, ...]:
    """Put pictures that were taken in after the other photographs of a product of the shop, or aside; their ids.

    Who sees the product sees them; what is put aside nobody else sees. What a rule of moderation holds takes the
    product off the shelves until staff have looked.
    Raises: `ShopNotFound`, `ProductNotFound` (also for others'), `TooManyPhotos`, `storage.FileGone`, and what
    `moderation.screen` refuses. Locks: the product, the shop, then the files by key.
    """
    _check_product(actor, shop_id, product_id)
    db.execute("SELECT FROM catalog_shop WHERE id = %s FOR NO KEY UPDATE", [shop_id])
    taken = {name for (name,) in db.rows("SELECT name FROM catalog_photo WHERE shop_id = %s", [shop_id])}
    names = []
    for draft in drafts:
        names.append(rules.name_of_file(draft.name, taken))
        taken.add(names[-1])
    pictures = [draft.picture for draft in drafts]
    storage.keep([picture.key for picture in pictures])
    made = db.rows(
        """
        INSERT INTO catalog_photo (shop_id, product_id, key, name, alt, alt_en, position, width, height, blurhash,
                                   phash, added_at)
        SELECT %(shop)s, %(product)s::bigint, p.key, p.name, '', '',
               (SELECT coalesce(max(position), 0) FROM catalog_photo WHERE product_id = %(product)s) + p.place,
               p.width, p.height, p.blurhash, p.phash, %(now)s
        FROM unnest(%(keys)s::text[], %(names)s::text[], %(widths)s::int[], %(heights)s::int[], %(blurs)s::text[],
                    %(looks)s::bigint[]) WITH ORDINALITY AS p (key, name, width, height, blurhash, phash, place)
        ORDER BY p.place RETURNING id
        """,
        {
            "shop": shop_id,
            "product": product_id,
            "now": now,
            "keys": [picture.key for picture in pictures],
            "names": names,
            "widths": [picture.width for picture in pictures],
            "heights": [picture.height for picture in pictures],
            "blurs": [picture.blurhash for picture in pictures],
            "looks": [picture.phash for picture in pictures],
        },
    )
    _check_room(shop_id, product_id)
    if product_id is not None:
        _screen(actor, product_id, now)
    if made:
        what, about = ("photos", "") if product_id is None else ("add-product-photos", str(product_id))
        note_act(actor=actor, shop_id=shop_id, what=what, about=about, now=now)
    return tuple(photo_id for (photo_id,) in made)


@db.requires_transaction
def arrange_photos(*, actor: Actor, product_id: int, photo_ids: Sequence[int], now: datetime) -> None:
    """A product's photographs are these from now on, in this order: the first is its cover. What it had besides is put
    aside; what comes to it was.

    Raises: `ProductNotFound` (also for others'), `PhotoNotFound` (also for another product's, and for one twice),
    `TooManyPhotos`, and what `moderation.screen` refuses. Locks: the product, the shop.
    """
    product, shop = own_product(actor, product_id)
    db.execute("SELECT FROM catalog_shop WHERE id = %s FOR NO KEY UPDATE", [shop.id])
    before = [photo.id for photo in queries.photos_of(product_id)]
    usable = db.row(
        """
        SELECT count(*) FROM catalog_photo
        WHERE shop_id = %s AND id = ANY(%s) AND (product_id IS NULL OR product_id = %s)
        """,
        [shop.id, list(photo_ids), product.id],
    )
    if usable != (len(photo_ids),):
        raise errors.PhotoNotFound()
    db.execute(
        """
        UPDATE catalog_photo SET product_id = NULL, variant_id = NULL WHERE product_id = %s AND NOT id = ANY(%s)
        """,
        [product_id, list(photo_ids)],
    )
    db.execute(
        """
        UPDATE catalog_photo f SET product_id = %s, position = w.place
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS w (id, place) WHERE f.id = w.id
        """,
        [product_id, list(photo_ids)],
    )
    for touched in (product_id, None):
        _check_room(shop.id, touched)
    takes_up = not set(photo_ids) <= set(before)
    if takes_up:
        _screen(actor, product_id, now)
    if list(photo_ids) != before:
        what = "take-up-photos" if takes_up else "change-photo"
        note_act(actor=actor, shop_id=shop.id, what=what, about=product_id, now=now)


@db.requires_transaction
def describe_photo(
    *, actor: Actor, shop_id: int, photo_id: int, alt: str, alt_en: str, variant_id: int | None, now: datetime
) -> None:
    """Say what is to be seen on a photograph, and which form of its product it shows, if it shows one alone.

    Raises: `ShopNotFound`, `PhotoNotFound` (also for others'), `VariantNotFound` (also for another product's),
    `TextMalformed`, `moderation.WordsRefused`. Locks: the photograph.
    """
    policies.require(actor, queries.get_shop(shop_id), Permission.GOODS)
    alt, alt_en = rules.clean_alt(alt, "alt"), rules.clean_alt(alt_en, "alt_en")
    judging.check_name(texts=[text for text in (alt, alt_en) if text], now=now)
    photo = queries.get_photo_of(shop_id, photo_id)
    variant = queries.variants_by_id([variant_id]).get(variant_id) if variant_id is not None else None
    if variant_id is not None and (variant is None or variant.product_id != photo.product_id):
        raise errors.VariantNotFound()
    changed = db.execute(
        """
        UPDATE catalog_photo SET alt = %s, alt_en = %s, variant_id = %s::bigint
        WHERE id = %s AND (%s::bigint IS NULL OR product_id = %s)
        """,
        [alt, alt_en, variant_id, photo_id, variant_id, photo.product_id],
    )
    if not changed:  # it was put aside at this very moment
        raise errors.PhotoNotFound()
    if (alt, alt_en, variant_id) != (photo.alt, photo.alt_en, photo.variant_id):
        note_act(actor=actor, shop_id=shop_id, what="change-photo", about=photo_id, now=now)


@db.requires_transaction
def remove_photos(*, actor: Actor, shop_id: int, photo_ids: Sequence[int], now: datetime) -> None:
    """Take photographs of a shop away for good, all of these or none; their files go with them.

    Raises: `ShopNotFound`, `PhotoNotFound` (one is enough). Locks: the photographs.
    """
    policies.require(actor, queries.get_shop(shop_id), Permission.GOODS)
    wanted = sorted(set(photo_ids))
    gone = db.rows("DELETE FROM catalog_photo WHERE shop_id = %s AND id = ANY(%s) RETURNING key", [shop_id, wanted])
    if not wanted or len(gone) != len(wanted):
        raise errors.PhotoNotFound()
    storage.discard([key for (key,) in gone])
    about = " ".join(str(photo_id) for photo_id in wanted)
    note_act(actor=actor, shop_id=shop_id, what="change-photo", about=about, now=now)


def _check_product(actor: Actor, shop_id: int, product_id: int | None) -> None:
    policies.require(actor, queries.get_shop(shop_id), Permission.GOODS)
    if product_id is not None and own_product(actor, product_id)[1].id != shop_id:
        raise errors.ProductNotFound()


def _check_room(shop_id: int, product_id: int | None) -> None:
    most = MAX_ASIDE if product_id is None else MAX_PHOTOS
    found = db.rows(
        """
        SELECT 1 FROM catalog_photo WHERE shop_id = %s AND product_id IS NOT DISTINCT FROM %s::bigint OFFSET %s LIMIT 1
        """,
        [shop_id, product_id, most],
    )
    if found:
        raise errors.TooManyPhotos(most=most)


def _screen(actor: Actor, product_id: int, now: datetime) -> None:
    product, shop = own_product(actor, product_id)
    looks = [look for (look,) in db.rows("SELECT phash FROM catalog_photo WHERE product_id = %s", [product_id])]
    follow_screening(product, shop, judging.screen(actor=Actor(shop.owner_id), texts=[], looks=looks, now=now), now)
