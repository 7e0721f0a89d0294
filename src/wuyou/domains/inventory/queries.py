"""Every read of inventory."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.infra import db


def available_by_variant(variant_ids: Iterable[int]) -> dict[int, int]:
    """How many of each variant can still be bought; a variant without stock counts 0. Cost: one query."""
    ids = sorted(set(variant_ids))
    found = dict(
        db.rows("SELECT variant_id, on_hand - reserved FROM inventory_stock_item WHERE variant_id = ANY(%s)", [ids])
    )
    return {variant_id: found.get(variant_id, 0) for variant_id in ids}


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
