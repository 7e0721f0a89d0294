"""Reads of selections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from wuyou.domains.alliance import errors, types
from wuyou.infra import db, sight
from wuyou.kernel.sight import Sight, Viewer, rule_of

_SELECTIONS = """
    SELECT s.id, s.owner_id, s.name, s.token, s.sight_opens, s.sight_closes, s.made_at,
           (SELECT count(*) FROM alliance_pick k WHERE k.selection_id = s.id)
    FROM alliance_selection s
"""


def list_selections(owner_id: int) -> tuple[types.Selection, ...]:
    """One's own selections, the newest first. Cost: one query."""
    found = db.rows(f"{_SELECTIONS} WHERE s.owner_id = %s ORDER BY s.id DESC", [owner_id])
    return tuple(_selection(columns) for columns in found)


def get_own_selection(owner_id: int, selection_id: int) -> types.Selection:
    """One of one's own. Raises `SelectionNotFound`. Cost: one query."""
    found = db.row(f"{_SELECTIONS} WHERE s.owner_id = %s AND s.id = %s", [owner_id, selection_id])
    if found is None:
        raise errors.SelectionNotFound()
    return _selection(found)


def get_selection_for(viewer: Viewer, token: str) -> types.Selection:
    """The selection at an address, for who may see it. Raises `SelectionNotFound`. Cost: one query."""
    found = token.isprintable() and db.row(
        f"{_SELECTIONS} WHERE s.token = %s AND {sight.visible_sql(viewer, 's')}", [token]
    )
    if not found:
        raise errors.SelectionNotFound()
    return _selection(found)


def picks_of(selection_id: int) -> tuple[types.Pick, ...]:
    """The goods of a selection, the latest first; whether its reader may see it is asked before. Cost: one query."""
    found = db.rows(
        "SELECT product_id, words, picked_at FROM alliance_pick WHERE selection_id = %s ORDER BY id DESC",
        [selection_id],
    )
    return tuple(types.Pick(*columns) for columns in found)


def picked_by(owner_id: int, product_ids: Collection[int]) -> frozenset[int]:
    """Those of these products that stand in a selection of somebody's. Cost: one query."""
    found = db.rows(
        """
        SELECT DISTINCT k.product_id FROM alliance_pick k JOIN alliance_selection s ON s.id = k.selection_id
        WHERE s.owner_id = %s AND k.product_id = ANY(%s)
        """,
        [owner_id, sorted(set(product_ids))],
    )
    return frozenset(product_id for (product_id,) in found)


def _selection(columns: Sequence[Any]) -> types.Selection:
    selection_id, owner_id, name, token, opens, closes, made_at, count = columns
    rule = rule_of(Sight(owner_id, tuple(opens), tuple(closes)))
    return types.Selection(selection_id, owner_id, name, token, rule, made_at, count)
