"""Every write of inventory, each one guarded statement; who of a shop changes its stock stands in its log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog.owning import own_variant
from wuyou.domains.inventory import errors
from wuyou.infra import db
from wuyou.kernel.actor import Actor

MAX_QUANTITY = 1_000_000


@db.requires_transaction
def add_stock(*, actor: Actor, variant_id: int, quantity: int, now: datetime) -> None:
    """Put more of a variant on the shelf. Raises as `change_stock`."""
    if quantity < 0:
        raise errors.QuantityOutOfRange()
    change_stock(actor=actor, variant_id=variant_id, by=quantity, now=now)


@db.requires_transaction
def change_stock(*, actor: Actor, variant_id: int, by: int, now: datetime) -> None:
    """Put more of a variant on the shelf, or take some away; never below what is kept for orders.

    Raises: catalog's `VariantNotFound` (also for someone else's), `QuantityOutOfRange`, `BelowReserved`.
    Cost: one statement, guarded, besides the shop's reads and its log.
    """
    variant = own_variant(actor, variant_id)
    if by == 0 or abs(by) > MAX_QUANTITY:
        raise errors.QuantityOutOfRange()
    if by > 0:
        db.execute(
            """
            INSERT INTO inventory_stock_item (variant_id, on_hand, reserved, shipped) VALUES (%s, %s, 0, 0)
            ON CONFLICT (variant_id) DO UPDATE SET on_hand = inventory_stock_item.on_hand + EXCLUDED.on_hand
            """,
            [variant_id, by],
        )
    elif not db.execute(
        "UPDATE inventory_stock_item SET on_hand = on_hand + %s WHERE variant_id = %s AND on_hand + %s >= reserved",
        [by, variant_id, by],
    ):
        raise errors.BelowReserved()
    shops.note_act(actor=actor, shop_id=variant.shop_id, what="save-variants", about=variant.product_id, now=now)


@db.requires_transaction
def reserve(*, ref: str, quantities: Mapping[int, int], now: datetime) -> None:
    """Keep so many of each variant for `ref`, all or nothing.

    Locks: stock rows in variant order. Raises: `OutOfStock`, `QuantityOutOfRange`.
    Cost: one statement; the guard stands in the UPDATE, so the last unit is sold once.
    """
    if not quantities or any(not 0 < quantity <= MAX_QUANTITY for quantity in quantities.values()):
        raise errors.QuantityOutOfRange()
    wanted = sorted(quantities.items())
    kept = db.execute(
        """
        WITH wanted AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS w (variant_id, quantity)),
        locked AS (SELECT s.variant_id FROM inventory_stock_item s JOIN wanted USING (variant_id)
                   ORDER BY s.variant_id FOR UPDATE OF s),
        taken AS (UPDATE inventory_stock_item s SET reserved = s.reserved + w.quantity
                  FROM wanted w JOIN locked USING (variant_id)
                  WHERE s.variant_id = w.variant_id AND s.on_hand - s.reserved >= w.quantity
                  RETURNING s.variant_id, w.quantity)
        INSERT INTO inventory_reservation (ref, variant_id, quantity, reserved_at)
        SELECT %s, variant_id, quantity, %s FROM taken
        """
        if len(wanted) > 1
        else """
        WITH taken AS (UPDATE inventory_stock_item SET reserved = reserved + w.quantity
                       FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, quantity)
                       WHERE variant_id = w.id AND on_hand - reserved >= w.quantity
                       RETURNING variant_id, w.quantity)
        INSERT INTO inventory_reservation (ref, variant_id, quantity, reserved_at)
        SELECT %s, variant_id, quantity, %s FROM taken
        """,
        [[variant_id for variant_id, _ in wanted], [quantity for _, quantity in wanted], ref, now],
    )
    if kept != len(wanted):
        raise errors.OutOfStock()


@db.requires_transaction
def release(*, ref: str, quantities: Mapping[int, int] | None = None) -> int:
    """Put what was kept for `ref` back, or so many of each variant; returns how many variants. Nothing is kept: nothing
    happens. Raises as `ship`."""
    return _end_reservations(ref, quantities, "reserved = s.reserved - g.quantity")


@db.requires_transaction
def ship(*, ref: str, quantities: Mapping[int, int] | None = None) -> int:
    """What was kept for `ref` leaves the house, all of it or so many of each variant; returns how many variants.

    Raises: `NotReserved` when fewer than these are kept.
    """
    return _end_reservations(
        ref,
        quantities,
        "reserved = s.reserved - g.quantity, on_hand = s.on_hand - g.quantity, shipped = s.shipped + g.quantity",
    )


def _end_reservations(ref: str, quantities: Mapping[int, int] | None, change: str) -> int:
    if quantities is None:
        return db.execute(
            f"""
            WITH gone AS (DELETE FROM inventory_reservation WHERE ref = %s RETURNING variant_id, quantity),
            {_CHANGED.format(change=change)}
            """,  # noqa: S608  (the change is one of two literals above)
            [ref],
        )
    ended = db.execute(
        f"""
        WITH wanted AS (SELECT * FROM unnest(%(variants)s::bigint[], %(quantities)s::bigint[])
                                 AS w (variant_id, quantity)),
        whole AS (DELETE FROM inventory_reservation r USING wanted w
                  WHERE r.ref = %(ref)s AND r.variant_id = w.variant_id AND r.quantity = w.quantity
                  RETURNING r.variant_id, w.quantity),
        less AS (UPDATE inventory_reservation r SET quantity = r.quantity - w.quantity FROM wanted w
                 WHERE r.ref = %(ref)s AND r.variant_id = w.variant_id AND r.quantity > w.quantity
                 RETURNING r.variant_id, w.quantity),
        gone AS (SELECT * FROM whole UNION ALL SELECT * FROM less),
        {_CHANGED.format(change=change)}
        """,  # noqa: S608  (as above)
        {"ref": ref, "variants": list(quantities), "quantities": list(quantities.values())},
    )
    if ended != len(quantities):
        raise errors.NotReserved()
    return ended


_CHANGED = """
        g AS (SELECT s.variant_id, gone.quantity FROM inventory_stock_item s JOIN gone USING (variant_id)
              ORDER BY s.variant_id FOR UPDATE OF s)
        UPDATE inventory_stock_item s SET {change} FROM g WHERE s.variant_id = g.variant_id
"""
"""`gone`, in variant order, changes what there is."""
