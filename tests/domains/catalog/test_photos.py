"""A shop's own photographs: of one product each, in its order, gone with what they show, and judged like everything."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import erasure, goods
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from wuyou.domains.catalog import errors, operations, queries
from wuyou.domains.catalog.operations import MAX_PHOTOS, VariantDraft
from wuyou.domains.catalog.types import PhotoDraft, Product
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Category, Verdict
from wuyou.infra import db, pictures
from wuyou.infra.person_data import Records
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Settings) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def product(now: datetime) -> Product:
    drafts = [VariantDraft(name, name, goods.yuan(1_000)) for name in ("红", "蓝")]
    return goods.make_product(now, variants=drafts)


def owner_of(product: Product) -> Actor:
    return Actor(queries.get_shop(product.shop_id).owner_id)


def draft(name: str = "front.jpg", seed: int = 1) -> PhotoDraft:
    return PhotoDraft(name, pictures.take_in(make_photo(64, 64, seed)))


def add(now: datetime, product: Product, *drafts: PhotoDraft, aside: bool = False) -> tuple[int, ...]:
    return db.in_transaction(
        lambda: operations.add_photos(
            actor=owner_of(product),
            shop_id=product.shop_id,
            product_id=None if aside else product.id,
            drafts=drafts,
            now=now,
        )
    )


def arrange(now: datetime, product: Product, *photo_ids: int, actor: Actor | None = None) -> None:
    db.in_transaction(
        lambda: operations.arrange_photos(
            actor=actor or owner_of(product), product_id=product.id, photo_ids=photo_ids, now=now
        )
    )


def order_of(product: Product) -> list[int]:
    return [photo.id for photo in queries.photos_of(product.id)]


def test_the_first_photo_is_the_cover_and_order_is_the_shops(now: datetime, product: Product) -> None:
    assert queries.get_product(product.id).photo_id is None
    one, two, three = add(now, product, draft("a.jpg", 1), draft("b.jpg", 2), draft("c.jpg", 3))
    assert queries.get_product(product.id).photo_id == one

    arrange(now, product, three, one)

    assert order_of(product) == [three, one]
    assert queries.get_product(product.id).photo_id == three
    assert [photo.id for photo in queries.list_photos_aside(product.shop_id)] == [two]
    arrange(now, product, two, three, one)
    assert order_of(product) == [two, three, one]


def test_a_photo_of_one_form_stands_for_it(now: datetime, product: Product) -> None:
    photo, _other = add(now, product, draft("a.jpg", 1), draft("b.jpg", 2))
    red, blue = product.variants

    def describe(variant_id: int | None, alt: str = "一只杯子") -> None:
        db.in_transaction(
            lambda: operations.describe_photo(
                actor=owner_of(product),
                shop_id=product.shop_id,
                photo_id=photo,
                alt=alt,
                alt_en="A cup",
                variant_id=variant_id,
                now=now,
            )
        )

    describe(blue.id)
    found = queries.variants_by_id([red.id, blue.id])
    assert (found[red.id].photo_id, found[blue.id].photo_id) == (None, photo)
    assert queries.photos_of(product.id)[0].alt_en == "A cup"

    for wrong in ({"variant_id": goods.make_product(now).variants[0].id}, {"variant_id": None, "alt": "\x00"}):
        with pytest.raises(DomainError):
            describe(**wrong)
    assert queries.variants_by_id([blue.id])[blue.id].photo_id == photo

    arrange(now, product, _other)
    assert queries.variants_by_id([blue.id])[blue.id].photo_id is None


def test_files_of_one_name_are_told_apart(now: datetime, product: Product) -> None:
    add(now, product, draft("C:\\mugs\\a.jpg", 1), draft("a.jpg", 2))
    add(now, product, draft("a.jpg", 3), draft("x|y\n.png", 4), draft("", 5), aside=True)
    assert [photo.name for photo in queries.photos_of(product.id)] == ["a.jpg", "a-2.jpg"]
    assert {photo.name for photo in queries.list_photos_aside(product.shop_id)} == {"a-3.jpg", "x y.png", "photo"}


def test_what_others_have_and_what_is_too_much_changes_nothing(now: datetime, product: Product) -> None:
    (mine,) = add(now, product, draft())
    other = goods.make_product(now)
    (theirs,) = add(now, other, draft("other.jpg", 9))
    sibling = goods.make_product(now, shop=queries.get_shop(product.shop_id))
    (of_sibling,) = add(now, sibling, draft("sibling.jpg", 8))
    stranger = Actor(make_person(now).id)

    for asked in ((theirs,), (of_sibling,), (mine, mine)):
        with pytest.raises(errors.PhotoNotFound):
            arrange(now, product, *asked)
    with pytest.raises(errors.ProductNotFound):
        arrange(now, product, mine, actor=stranger)
    with pytest.raises(errors.TooManyPhotos):
        add(now, product, *[draft(f"{number}.jpg", number) for number in range(MAX_PHOTOS)])
    for shop_id, photo_ids in ((product.shop_id, [mine, theirs]), (other.shop_id, [mine]), (product.shop_id, [])):
        with pytest.raises((errors.PhotoNotFound, errors.ShopNotFound)):
            db.in_transaction(
                lambda shop_id=shop_id, photo_ids=photo_ids: operations.remove_photos(  # type: ignore[misc]
                    actor=owner_of(product), shop_id=shop_id, photo_ids=photo_ids, now=now
                )
            )
    assert (order_of(product), order_of(other), order_of(sibling)) == ([mine], [theirs], [of_sibling])


def test_who_sees_a_photo_is_who_sees_its_product(now: datetime, product: Product) -> None:
    (photo,) = add(now, product, draft())
    (aside,) = add(now, product, draft("b.jpg", 2), aside=True)
    assert queries.get_shown_photo(photo).id == photo
    with pytest.raises(errors.PhotoNotFound):
        queries.get_shown_photo(aside)

    db.in_transaction(lambda: operations.unlist_product(actor=owner_of(product), product_id=product.id, now=now))

    with pytest.raises(errors.PhotoNotFound):
        queries.get_shown_photo(photo)
    assert queries.get_shown_photo(photo, also_unlisted=[product.id]).id == photo
    assert queries.get_photo_of(product.shop_id, aside).id == aside


def test_what_a_rule_holds_takes_the_product_off_until_staff_have_looked(now: datetime, product: Product) -> None:
    bad = draft("bad.jpg", 7)
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    db.in_transaction(
        lambda: moderation.add_picture_rule(
            actor=staff, phash=bad.picture.phash, verdict=Verdict.HOLD, category=Category.OTHER, note="", now=now
        )
    )
    (photo,) = add(now, product, bad)

    found = queries.products_by_id([product.id])[product.id]
    assert (found.is_listed, found.photo_id) == (False, None)
    with pytest.raises(errors.PhotoNotFound):
        queries.get_shown_photo(photo, also_unlisted=[product.id])
    assert queries.PRODUCTS.look_up([product.id])[product.id].pictures == (bad.picture.key,)


def test_photos_go_with_their_shop_and_are_in_its_export(now: datetime, product: Product, media: Path) -> None:
    owner = owner_of(product).person_id
    add(now, product, draft())
    (gone,) = add(now, product, draft("b.jpg", 2))
    db.in_transaction(
        lambda: operations.remove_photos(actor=owner_of(product), shop_id=product.shop_id, photo_ids=[gone], now=now)
    )
    exported: dict[str, Records] = {kind: (kind, rows) for kind, rows in queries.export_person(owner)}
    (record,) = exported["product_photos"][1]
    assert queries.pictures_of_person(owner) == (record["file"],)

    erasure.erase(now, owner)

    assert order_of(product) == []
    assert db.rows("SELECT 1 FROM stored_file") == []
