"""Every read of inventory."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.inventory.types import Stock
from wuyou.infra import db


def available_by_variant(variant_ids: Iterable[int]) -> dict[int, int]:
    """How many of each variant can still be bought; a variant without stock counts 0. Cost: one query."""
    ids = sorted(set(variant_ids))
    found = dict(
        db.rows(
            f"SELECT variant_id, on_hand - reserved FROM inventory_stock_item WHERE variant_id = ANY({db.ids('%s')})",  # noqa: S608
            [ids],
        )
    )
    return {variant_id: found.get(variant_id, 0) for variant_id in ids}


def stock_by_variant(variant_ids: Iterable[int]) -> dict[int, Stock]:
    """The stock of each variant, for who runs its shop. Cost: one query."""
    ids = sorted(set(variant_ids))
    found = {
        variant_id: Stock(*counts)
        for variant_id, *counts in db.rows(
            "SELECT variant_id, on_hand, reserved, shipped FROM inventory_stock_item WHERE variant_id = ANY(%s)", [ids]
        )
    }
    return {variant_id: found.get(variant_id, Stock()) for variant_id in ids}


def count_low(shop_id: int, *, at_most: int) -> int:
    """How many variants on a shop's shelves have so few or fewer left. Cost: one query."""
    found = db.row(
        """
        SELECT count(*) FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
        LEFT JOIN inventory_stock_item s ON s.variant_id = v.id
        WHERE p.shop_id = %s AND p.is_listed AND coalesce(s.on_hand - s.reserved, 0) <= %s
        """,
        [shop_id, at_most],
    )
    return int(found[0]) if found else 0


def list_imbalances() -> tuple[tuple[int, int, int], ...]:
    """Variants whose reserved figure differs from their open reservations: (variant, reserved, sum of reservations)."""
    return tuple(
        db.rows(
            """
            SELECT s.variant_id, s.reserved, coalesce(r.total, 0) FROM inventory_stock_item s
            LEFT JOIN (SELECT variant_id, sum(quantity)::bigint AS total FROM inventory_reservation GROUP BY 1) r
                   USING (variant_id)
            WHERE s.reserved <> coalesce(r.total, 0)
            """
        )
    )
