"""What people have of what is sold here, for ranking: in the open for everybody, and one's own for oneself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from wuyou.domains.things.common_ground import COUNTS, IS_OPEN
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer

_PRODUCT = """
    things_holding h JOIN things_thing t ON t.id = h.thing_id LEFT JOIN things_thing m ON m.id = t.parent_id
"""
_ITS_PRODUCT = "coalesce(t.product_id, m.product_id)"


def model_by_product(product_ids: Iterable[int]) -> dict[int, int]:
    """The thing that each product is; some have none yet. Cost: one query."""
    found = db.rows(
        "SELECT product_id, coalesce(merged_into_id, id) FROM things_thing WHERE product_id = ANY(%s)",
        [sorted(set(product_ids))],
    )
    return dict(found)


def list_open_products() -> list[tuple[int, int, HoldingState, float]]:
    """Person, product, state and when: of copies that are open to everyone, of people who allow being found by them.

    Wishes count too. Cost: one query over all copies.
    """
    found = db.rows(
        f"""
        SELECT h.owner_id, {_ITS_PRODUCT}, h.state, extract(epoch FROM h.arrived_at)::float8 FROM {_PRODUCT}
        WHERE {_ITS_PRODUCT} IS NOT NULL AND {IS_OPEN} AND (h.state = 'WANT' OR {COUNTS})
        AND NOT EXISTS (SELECT FROM things_unfound u WHERE u.person_id = h.owner_id)
        """  # noqa: S608  (literals of this domain)
    )
    return [(person, product, HoldingState(state), at) for person, product, state, at in found]


def list_products_of(person_id: int, *, limit: int) -> list[int]:
    """What somebody has, had or wants of what is sold here, the latest first: for themselves alone. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_ITS_PRODUCT} FROM {_PRODUCT} WHERE h.owner_id = %s AND {_ITS_PRODUCT} IS NOT NULL
        AND h.state <> 'GIVEN' GROUP BY 1 ORDER BY max(h.id) DESC LIMIT %s
        """,  # noqa: S608  (literals of this module)
        [person_id, limit],
    )
    return [product for (product,) in found]


def holders_by_product(
    viewer: Viewer, product_ids: Collection[int], *, among: Collection[int]
) -> dict[int, frozenset[int]]:
    """Of which of these people the viewer sees copies or wishes of these products. Cost: one query at most."""
    if not product_ids or not among:
        return {}
    holders: dict[int, set[int]] = defaultdict(set)
    for product, person in db.rows(
        f"""
        SELECT DISTINCT {_ITS_PRODUCT}, h.owner_id FROM {_PRODUCT}
        WHERE h.thing_id IN (SELECT k.id FROM things_thing k LEFT JOIN things_thing a ON a.id = k.parent_id
                             WHERE k.product_id = ANY(%(products)s) OR a.product_id = ANY(%(products)s))
        AND h.state <> 'GIVEN' AND h.owner_id = ANY(%(people)s) AND {sight.visible_sql(viewer, "h")}
        """,  # noqa: S608  (literals of this module)
        {"products": sorted(set(product_ids)), "people": sorted(set(among))},
    ):
        holders[product].add(person)
    return {product: frozenset(people) for product, people in holders.items()}
