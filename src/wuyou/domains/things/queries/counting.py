"""Figures for who runs an installation: how far an import is, and what plain counting would find."""

from __future__ import annotations

from wuyou.domains.things import rules
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer


def count_imported(prefix: str) -> dict[int, int]:
    """How many copies each owner has whose import key begins so. Cost: one scan of the copies."""
    return dict(
        db.rows(
            "SELECT owner_id, count(*) FROM things_holding WHERE starts_with(import_key, %s) GROUP BY owner_id",
            [prefix],
        )
    )


def most_in_common(viewer: Viewer, *, limit: int = 20) -> list[int]:
    """Who has the most things in common with the viewer by plain number, of equal ones the lower id first.

    What the ranking by rarity (`finding.find_people`) is measured against; nothing shows it. Variants count for
    themselves. Cost: one query, which reads every copy of everything that the viewer has.
    """
    found = db.rows(
        f"""
        SELECT h.owner_id FROM things_holding mine JOIN things_holding h ON h.thing_id = mine.thing_id
        WHERE mine.owner_id = %(me)s AND h.owner_id <> %(me)s
          AND mine.state = ANY(%(states)s) AND h.state = ANY(%(states)s) AND {sight.visible_sql(viewer, "h")}
        GROUP BY h.owner_id ORDER BY count(DISTINCT h.thing_id) DESC, h.owner_id LIMIT %(limit)s
        """,  # noqa: S608  (whole numbers alone)
        {"me": viewer.person_id, "states": [state.value for state in rules.SHARED], "limit": limit},
    )
    return [person_id for (person_id,) in found]
