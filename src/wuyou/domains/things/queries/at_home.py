"""A person's space of things as a whole: shelf by shelf, how much of what, to whom it is open, what has just come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from wuyou.domains.things import types
from wuyou.domains.things.queries.copies import holdings_by_id
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.sight import AudienceRule, Sight, Viewer, make_viewer, rule_of


def list_by_shelf(viewer: Viewer, owner_id: int, *, each: int = 12) -> dict[int | None, tuple[types.Holding, ...]]:
    """By shelf the first of its copies that the viewer may see; under None the newest that are on no shelf.

    Cost: two queries.
    """
    seen = sight.visible_sql(viewer, "h")
    found = db.rows(
        f"""
        SELECT s.id, h.id FROM things_shelf s CROSS JOIN LATERAL (
            SELECT h.id, h.position FROM things_holding h WHERE h.shelf_id = s.id AND {seen}
            ORDER BY h.position LIMIT %(each)s) h
        WHERE s.owner_id = %(owner)s
        UNION ALL
        SELECT NULL, h.id FROM (
            SELECT h.id FROM things_holding h WHERE h.owner_id = %(owner)s AND h.shelf_id IS NULL AND {seen}
            ORDER BY h.id DESC LIMIT %(each)s) h
        """,  # noqa: S608  (whole numbers alone)
        {"owner": owner_id, "each": each},
    )
    holdings = holdings_by_id(viewer, (holding_id for _, holding_id in found))
    shelves: dict[int | None, list[types.Holding]] = defaultdict(list)
    for shelf_id, holding_id in found:
        shelves[shelf_id].append(holdings[holding_id])
    return {
        shelf_id: tuple(sorted(on_it, key=lambda holding: holding.position if shelf_id else -holding.id))
        for shelf_id, on_it in shelves.items()
    }


def count_by_state(viewer: Viewer, owner_id: int) -> dict[HoldingState, int]:
    """How many of a person's copies the viewer may see in each state. Cost: one query."""
    found = db.rows(
        f"""
        SELECT h.state, count(*) FROM things_holding h
        WHERE h.owner_id = %s AND {sight.visible_sql(viewer, "h")} GROUP BY h.state
        """,  # noqa: S608  (whole numbers alone)
        [owner_id],
    )
    return {HoldingState(state): count for state, count in found}


def rules_by_holding(owner_id: int, holding_ids: Iterable[int]) -> dict[int, AudienceRule]:
    """To whom one's own copies are open, for their owner alone; copies of others are left out. Cost: one query."""
    found = db.rows(
        "SELECT id, sight_opens, sight_closes FROM things_holding WHERE id = ANY(%s) AND owner_id = %s",
        [sorted(set(holding_ids)), owner_id],
    )
    return {holding_id: rule_of(Sight(owner_id, tuple(opens), tuple(closes))) for holding_id, opens, closes in found}


def list_new(owner_id: int, *, limit: int = 24) -> tuple[types.Holding, ...]:
    """What came to a person by itself and they have said nothing of yet, newest first. Cost: one or two queries."""
    found = db.rows(
        "SELECT id FROM things_holding WHERE owner_id = %s AND is_new ORDER BY id DESC LIMIT %s", [owner_id, limit]
    )
    holdings = holdings_by_id(make_viewer(owner_id), (holding_id for (holding_id,) in found))
    return tuple(holdings[holding_id] for (holding_id,) in found)
