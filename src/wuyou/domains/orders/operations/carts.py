"""What people put aside to buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.orders import errors, rules
from wuyou.infra import behaviour, db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def put_in_cart(*, actor: Actor, variant_id: int, quantity: int, now: datetime) -> None:
    """Put a variant aside, or change how many of it; 0 takes it out. What is new there is noted for who counts.

    Raises: `LinesMalformed`, `VariantNotFound`, `CartFull`.
    """
    if not 0 <= quantity <= rules.MAX_PIECES:
        raise errors.LinesMalformed()
    if quantity == 0:
        db.execute(
            "DELETE FROM orders_cart_line WHERE buyer_id = %s AND variant_id = %s", [actor.person_id, variant_id]
        )
        return
    variant = catalog.variants_by_id([variant_id]).get(variant_id)
    if variant is None or not variant.is_listed:
        raise catalog_errors.VariantNotFound()
    stored = db.row(
        """
        INSERT INTO orders_cart_line (buyer_id, variant_id, quantity, added_at)
        SELECT %s::bigint, %s::bigint, %s, %s::timestamptz
        WHERE (SELECT count(*) FROM orders_cart_line WHERE buyer_id = %s AND variant_id <> %s) < %s
        ON CONFLICT (buyer_id, variant_id) DO UPDATE SET quantity = EXCLUDED.quantity RETURNING xmax = 0
        """,
        [actor.person_id, variant_id, quantity, now, actor.person_id, variant_id, rules.MAX_LINES],
    )
    if stored is None:
        raise errors.CartFull()
    if stored[0]:
        behaviour.note_deed(
            behaviour.Kind.ADD_TO_CART,
            behaviour.ObjectKind.PRODUCT,
            variant.product_id,
            key=f"cart:{actor.person_id}:{variant_id}",
            person_id=actor.person_id,
            at=now,
            now=now,
        )


@db.requires_transaction
def take_from_cart(*, actor: Actor, variant_ids: Sequence[int]) -> None:
    """What was ordered leaves the cart."""
    db.execute(
        "DELETE FROM orders_cart_line WHERE buyer_id = %s AND variant_id = ANY(%s)",
        [actor.person_id, list(variant_ids)],
    )


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Empty the person's cart; their orders stay, since the row of their buyer has no name any more."""
    db.execute("DELETE FROM orders_origin USING orders_order o WHERE o.id = order_id AND o.buyer_id = %s", [person_id])
    db.execute("DELETE FROM orders_cart_line WHERE buyer_id = %s", [person_id])
