"""What several operations share: a product or a variant of one's own, and what a product's screening leads to."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.catalog import errors, models, policies, queries, types
from wuyou.domains.catalog.types import Permission
from wuyou.domains.moderation import operations as judging
from wuyou.domains.moderation.types import Screening, Subject, SubjectKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def own_product(actor: Actor, product_id: int) -> tuple[types.Product, types.Shop]:
    """A product of one's own, listed or not, locked. Raises `ProductNotFound`."""
    # A statement of its own: who has waited for the lock reads what the one before has written, variants and all.
    db.execute("SELECT FROM catalog_product WHERE id = %s FOR UPDATE", [product_id])
    product = queries.products_by_id([product_id]).get(product_id)
    shop = queries.get_shop(product.shop_id) if product else None
    if product is None or shop is None or not policies.may(actor, shop, Permission.GOODS):
        raise errors.ProductNotFound()
    return product, shop


def own_variant(actor: Actor, variant_id: int) -> types.Variant:
    """A variant of one's own. Raises `VariantNotFound`."""
    variant = queries.variants_by_id([variant_id]).get(variant_id)
    if variant is None or not policies.may(actor, queries.get_shop(variant.shop_id), Permission.GOODS):
        raise errors.VariantNotFound()
    return variant


def follow_screening(product: types.Product, shop: types.Shop, screening: Screening, now: datetime) -> None:
    """Take a locked product off the shelves where a rule holds what it says or shows by now: staff look at it."""
    row = models.Product.objects.get(id=product.id)
    models.Product.objects.filter(id=product.id).update(
        is_listed=product.is_listed and not screening.is_held,
        is_withheld=row.is_withheld or (product.is_listed and screening.is_held),
    )
    judging.file_screening(
        subject=Subject(SubjectKind.PRODUCT, product.id),
        owner_id=shop.owner_id,
        screening=screening,
        now=now,
        was_withheld=row.is_withheld,
    )
