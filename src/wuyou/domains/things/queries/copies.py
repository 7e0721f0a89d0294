"""Reads of copies and shelves, by a `Viewer`: as far as their owners have opened them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from wuyou.domains.social.types import Occasion, OccasionKind
from wuyou.domains.things import errors, rules, types
from wuyou.domains.things.common_ground import UNIT
from wuyou.domains.things.queries.tree import COLUMNS, TREE, thing_of
from wuyou.domains.things.types import HoldingState
from wuyou.infra import db, sight
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Kind, Viewer, token

_HOLDINGS = f"""
    SELECT h.id, h.owner_id, h.state, h.source, h.condition, h.since_on, h.story, h.rating, h.fields,
           ARRAY(SELECT l.name FROM things_holding_label l WHERE l.holding_id = h.id ORDER BY l.name),
           h.shelf_id, h.position, h.arrived_at, {COLUMNS}
    FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
"""  # noqa: S608  (a literal of this module)
_BEFORE = "(%(cursor)s::bigint IS NULL OR h.id < %(cursor)s::bigint)"
_NEWEST = 4_000
"""So many of the newest copies are looked through for a page before it is asked otherwise: some ten milliseconds."""
_MANY_OWNERS = 100
"""Of more people than that, the newest copies of all are looked through first."""


def get_holding_for(viewer: Viewer, holding_id: int) -> types.Holding:
    """A copy that the viewer may see. Raises `HoldingNotFound` for everyone else. Cost: one query."""
    found = db.rows(f"{_HOLDINGS} WHERE h.id = %s AND {sight.visible_sql(viewer, 'h')}", [holding_id])
    if not found:
        raise errors.HoldingNotFound()
    return _holding(found[0])


def holdings_by_id(viewer: Viewer, holding_ids: Iterable[int]) -> dict[int, types.Holding]:
    """Many copies that the viewer may see; others are left out. Cost: one query."""
    wanted = sorted(set(holding_ids))
    if not wanted:
        return {}
    found = db.rows(f"{_HOLDINGS} WHERE h.id = ANY(%s) AND {sight.visible_sql(viewer, 'h')}", [wanted])
    return {holding.id: holding for holding in map(_holding, found)}


def copies_shown(viewer: Viewer, pairs: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """Of pairs (owner, thing) those where the owner has or had the thing, or a variant of it, and shows the viewer.

    Cost: one query.
    """
    wanted = sorted(set(pairs))
    return frozenset(
        db.rows(
            f"""
            SELECT owner, thing FROM unnest(%(owners)s::bigint[], %(things)s::bigint[]) AS asked (owner, thing)
            WHERE EXISTS (
                SELECT FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
                WHERE h.owner_id = owner AND {UNIT} = thing AND h.state = ANY(%(states)s)
                  AND {sight.visible_sql(viewer, "h")})
            """,  # noqa: S608  (literals of this module)
            {
                "owners": [owner for owner, _ in wanted],
                "things": [thing for _, thing in wanted],
                "states": _values(rules.SHARED),
            },
        )
    )


def visible_holdings_among(viewer: Viewer, holding_ids: Collection[int]) -> set[int]:
    """Those of these copies that the viewer may see. Cost: one query."""
    found = db.rows(
        f"SELECT h.id FROM things_holding h WHERE h.id = ANY(%s) AND {sight.visible_sql(viewer, 'h')}",  # noqa: S608
        [sorted(holding_ids)],
    )
    return {holding for (holding,) in found}


def list_holdings_of(
    viewer: Viewer,
    owner_id: int,
    *,
    states: Collection[HoldingState] = (),
    label: str = "",
    words: str = "",
    cursor: int | None = None,
    limit: int = 24,
) -> Page[types.Holding]:
    """What of a person's the viewer may see, newest first; in these states, with this label, called so.

    Cost: one query.
    """
    return _page(
        """
        h.owner_id = %(owner)s
        AND (%(label)s::text = '' OR EXISTS (SELECT 1 FROM things_holding_label l
                                             WHERE l.holding_id = h.id AND l.name = %(label)s))
        AND (%(words)s::text = '' OR EXISTS (SELECT 1 FROM things_thing n WHERE n.id = h.thing_id
             AND strpos(lower(concat_ws(' ', n.brand, n.name, n.name_en)), lower(%(words)s::text)) > 0))
        """,
        {"owner": owner_id, "label": label, "words": words},
        viewer,
        states,
        cursor,
        limit,
    )


def list_holders(
    viewer: Viewer,
    thing_id: int,
    *,
    states: Collection[HoldingState] = rules.HELD,
    cursor: int | None = None,
    limit: int = 24,
) -> Page[types.Holding]:
    """The copies of a thing, and of all below it, that the viewer may see, newest first. Cost: one query."""
    return _page("h.thing_id IN (SELECT id FROM tree)", {"thing": thing_id}, viewer, states, cursor, limit, TREE)


def count_holders(viewer: Viewer, thing_id: int, *, states: Collection[HoldingState] = rules.HELD) -> int:
    """How many people have a copy of a thing, or of one below it, that the viewer may see. Cost: one query."""
    found = db.row(
        f"""
        {TREE} SELECT count(DISTINCT h.owner_id) FROM things_holding h
        WHERE h.thing_id IN (SELECT id FROM tree) AND h.state = ANY(%(states)s) AND {sight.visible_sql(viewer, "h")}
        """,  # noqa: S608  (literals of this module)
        {"thing": thing_id, "states": _values(states)},
    )
    return int(found[0]) if found else 0


def count_held(viewer: Viewer, person_ids: Collection[int], *, limit: int = 500) -> dict[int, int]:
    """How many of these people have a thing by copies that the viewer may see: those of most people. Cost: one query.

    Who shows such counts to anybody leaves out those of few people.
    """
    found = db.rows(
        f"""
        SELECT h.thing_id, count(DISTINCT h.owner_id) AS people FROM things_holding h
        WHERE h.owner_id = ANY(%s) AND h.state = ANY(%s) AND {sight.visible_sql(viewer, "h")}
        GROUP BY h.thing_id ORDER BY people DESC, h.thing_id LIMIT %s
        """,  # noqa: S608  (literals of this module)
        [sorted(person_ids), _values(rules.HELD), limit],
    )
    return dict(found)


def list_own_copies(person_id: int, thing_id: int) -> tuple[types.Holding, ...]:
    """One's own copies of a thing, and of all below it, newest first. Cost: one query."""
    found = db.rows(
        f"""
        {TREE} {_HOLDINGS} WHERE h.owner_id = %(me)s AND h.thing_id IN (SELECT id FROM tree) ORDER BY h.id DESC
        """,  # noqa: S608  (literals of this module)
        {"thing": thing_id, "me": person_id},
    )
    return tuple(_holding(columns) for columns in found)


def list_newest(
    viewer: Viewer,
    *,
    states: Collection[HoldingState] = rules.HELD,
    cursor: int | None = None,
    limit: int = 24,
) -> Page[types.Holding]:
    """What others have opened to the viewer, newest first.

    Cost: one query through the newest copies; where little of them is open to the viewer, a second by the index of
    sight.
    """
    limit = max(1, min(limit, MAX_PAGE))
    params = {"me": viewer.person_id or 0, "states": _values(states), "cursor": cursor, "limit": limit + 1}
    others = "h.owner_id <> %(me)s::bigint"
    found = _among_newest(others, viewer, params)
    if len(found) <= limit:
        found = db.rows(
            f"""
            {_HOLDINGS} WHERE {others} AND {_BEFORE} AND h.state = ANY(%(states)s::text[])
            AND {sight.findable_sql(viewer, "h")} ORDER BY h.id DESC LIMIT %(limit)s
            """,
            params,
        )
    return cut_page([_holding(columns) for columns in found], limit, lambda holding: holding.id)


def list_newest_of(
    viewer: Viewer,
    owner_ids: Collection[int],
    *,
    states: Collection[HoldingState] = rules.HELD,
    cursor: int | None = None,
    limit: int = 24,
) -> Page[types.Holding]:
    """What these people have opened to the viewer, newest first.

    Cost: one query for few people. It reads the latest of each, and more of those alone whose latest would be on the
    page: nobody else has anything newer. Of many people, the newest copies of all are theirs often enough to be looked
    through first.
    """
    limit = max(1, min(limit, MAX_PAGE))
    owners = sorted(set(owner_ids))
    params = {"owners": owners, "states": _values(states), "cursor": cursor, "limit": limit + 1}
    if len(owners) > _MANY_OWNERS:
        found = _among_newest("h.owner_id IN (SELECT unnest(%(owners)s::bigint[]))", viewer, params)
        if len(found) > limit:
            return cut_page([_holding(columns) for columns in found], limit, lambda holding: holding.id)
    theirs = f"""
        h.owner_id = o.id AND {_BEFORE} AND h.state = ANY(%(states)s::text[]) AND {sight.visible_sql(viewer, "h")}
        ORDER BY h.id DESC
    """
    found = db.rows(
        f"""
        WITH latest AS (
            SELECT o.id, l.id AS holding_id FROM unnest(%(owners)s::bigint[]) AS o (id) CROSS JOIN LATERAL (
                SELECT h.id FROM things_holding h WHERE {theirs} LIMIT 1) l
            ORDER BY l.id DESC LIMIT %(limit)s),
        newest AS (
            SELECT n.id FROM latest o CROSS JOIN LATERAL (
                SELECT h.id FROM things_holding h WHERE {theirs} LIMIT %(limit)s) n
            ORDER BY n.id DESC LIMIT %(limit)s)
        {_HOLDINGS} WHERE h.id IN (SELECT id FROM newest) ORDER BY h.id DESC
        """,  # noqa: S608  (literals of this module)
        params,
    )
    return cut_page([_holding(columns) for columns in found], limit, lambda holding: holding.id)


def things_in_common(viewer: Viewer, person_id: int, *, limit: int = 24) -> tuple[types.Thing, ...]:
    """What the viewer has in common with a person and may see of theirs, rarest first.

    Common ground is what both have or had (`rules.SHARED`); a variant counts as its model. Nothing for who is not
    signed in, for a person with themselves, across a block, and when looking with another's eyes, whose shelves are not
    shown. How rare a thing is follows from the copies open to everyone, of which up to 2,000 are counted.
    Cost: one query.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        WITH mine AS (
            SELECT DISTINCT {UNIT} AS id FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
            WHERE h.owner_id = %(me)s::bigint AND h.owner_id <> %(person)s AND h.state = ANY(%(states)s)
              AND {sight.visible_sql(viewer, "h")}),
        common AS (
            SELECT DISTINCT mine.id FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
            JOIN mine ON mine.id = {UNIT}
            WHERE h.owner_id = %(person)s AND h.state = ANY(%(states)s) AND {sight.visible_sql(viewer, "h")})
        SELECT {COLUMNS} FROM common JOIN things_thing t USING (id)
        ORDER BY (SELECT count(*) FROM (
                      SELECT FROM things_holding o
                      WHERE (o.thing_id = t.id OR o.thing_id IN (
                          SELECT v.id FROM things_thing v WHERE v.parent_id = t.id AND v.kind = 'VARIANT'))
                        AND o.state = ANY(%(states)s) AND o.sight_opens @> ARRAY[%(everyone)s::bigint]
                      LIMIT 2000) AS open), t.id
        LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {
            "me": viewer.person_id,
            "person": person_id,
            "states": [state.value for state in rules.SHARED],
            "everyone": token(Kind.EVERYONE),
            "limit": limit,
        },
    )
    return tuple(thing_of(columns) for columns in found)


def list_shelf(viewer: Viewer, shelf_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Holding]:
    """The copies on a shelf in its order, as far as the viewer may see.

    A shelf that is not there looks like one with nothing to see. The cursor is a position. Cost: one query.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_HOLDINGS} WHERE h.shelf_id = %(shelf)s AND (%(cursor)s::bigint IS NULL OR h.position > %(cursor)s::bigint)
        AND {sight.visible_sql(viewer, "h")} ORDER BY h.position LIMIT %(limit)s
        """,
        {"shelf": shelf_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_holding(columns) for columns in found], limit, lambda holding: holding.position)


def ids_on_shelf(owner_id: int, shelf_id: int) -> tuple[int, ...]:
    """All copies on one's own shelf in its order, to change them; none on another's. Cost: one query.

    Raises: `TooMany` when they are more than can be changed at once.
    """
    found = db.rows(
        "SELECT id FROM things_holding WHERE shelf_id = %s AND owner_id = %s ORDER BY position LIMIT %s",
        [shelf_id, owner_id, rules.MAX_EDIT + 1],
    )
    if len(found) > rules.MAX_EDIT:
        raise errors.TooMany(limit=rules.MAX_EDIT)
    return tuple(holding_id for (holding_id,) in found)


def find_shelf(owner_id: int, shelf_id: int) -> types.Shelf | None:
    """One's own shelf with how much stands on it; None for another's. Cost: one query."""
    found = db.row(
        """
        SELECT s.id, s.owner_id, s.name, (SELECT count(*) FROM things_holding h WHERE h.shelf_id = s.id)
        FROM things_shelf s WHERE s.id = %s AND s.owner_id = %s
        """,
        [shelf_id, owner_id],
    )
    return types.Shelf(*found) if found else None


def list_shelves(viewer: Viewer, owner_id: int) -> tuple[types.Shelf, ...]:
    """A person's shelves in their order; for others, those on which they see something. Cost: one query."""
    found = db.rows(
        f"""
        SELECT s.id, s.owner_id, s.name, count(h.id) FROM things_shelf s
        LEFT JOIN things_holding h ON h.shelf_id = s.id AND {sight.visible_sql(viewer, "h")}
        WHERE s.owner_id = %(owner)s
        GROUP BY s.id HAVING count(h.id) > 0 OR s.owner_id = %(viewer)s::bigint ORDER BY s.position
        """,  # noqa: S608  (literals of this module)
        {"owner": owner_id, "viewer": viewer.person_id if viewer.within in {None, owner_id} else None},
    )
    return tuple(types.Shelf(*columns) for columns in found)


def list_labels_of(owner_id: int) -> dict[str, int]:
    """A person's own labels with how many copies bear them, for that person only. Cost: one query."""
    return dict(
        db.rows(
            "SELECT name, count(*) FROM things_holding_label WHERE owner_id = %s GROUP BY name ORDER BY name",
            [owner_id],
        )
    )


def list_provenance(owner_id: int, holding_id: int) -> tuple[types.Provenance, ...]:
    """The history of one's own copy, oldest first; nobody else's. Raises `HoldingNotFound`. Cost: one query."""
    found = db.rows(
        """
        SELECT p.state, p.cause, p.other_id, p.happened_at
        FROM things_provenance p JOIN things_holding h ON h.id = p.holding_id
        WHERE h.id = %s AND h.owner_id = %s ORDER BY p.id
        """,
        [holding_id, owner_id],
    )
    if not found:
        raise errors.HoldingNotFound()
    return tuple(types.Provenance(HoldingState(s), types.Cause(c), other, at) for s, c, other, at in found)


def occasion_of_thing(person_id: int, other_id: int, now: datetime) -> Occasion | None:
    """A thing that both have, the other's latest that the person may see. Cost: four queries."""
    viewer = sight.get_viewer(person_id)
    found = db.row(
        f"""
        SELECT h.thing_id FROM things_holding h WHERE h.owner_id = %(other)s AND h.state = ANY(%(held)s)
        AND {sight.visible_sql(viewer, "h")} AND EXISTS (
            SELECT FROM things_holding mine
            WHERE mine.owner_id = %(me)s AND mine.thing_id = h.thing_id AND mine.state = ANY(%(held)s))
        ORDER BY h.id DESC LIMIT 1
        """,  # noqa: S608  (whole numbers alone)
        {"me": person_id, "other": other_id, "held": _values(rules.HELD)},
    )
    return Occasion(OccasionKind.THING_IN_COMMON, found[0]) if found else None


def sight_tokens_sql(known_to: Viewer | None = None) -> str:
    """The tokens of who holds what: every thing that a person owns or has lent, its model, its family, and whatever was
    merged into one of them. A source of sight. `known_to` a viewer are those of copies that they see.
    """
    seen = sight.visible_sql(known_to, "h") if known_to else "true"
    return f"""
        WITH RECURSIVE held AS (
            SELECT t.id, t.parent_id FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
            WHERE h.owner_id = %(me)s AND h.state IN ('OWN', 'LENT') AND {seen}
            UNION
            SELECT t.id, t.parent_id FROM held JOIN things_thing t ON t.id = held.parent_id)
        SELECT {sight.token_sql(str(int(Kind.HOLDERS)), "id")} FROM (
            SELECT id FROM held UNION SELECT t.id FROM held JOIN things_thing t ON t.merged_into_id = held.id) every
    """  # noqa: S608  (a token's arithmetic)


def preview_import(owner_id: int, content: bytes, today: date) -> types.ImportReport:
    """What `import_holdings` would do with a file, without doing it. Raises `ImportMalformed`. Cost: one query."""
    rows, bad = rules.read_import(content, today)
    there = {key for (key,) in db.rows(
        "SELECT import_key FROM things_holding WHERE owner_id = %s AND import_key = ANY(%s)",
        [owner_id, [row.code for row in rows]],
    )}  # fmt: skip
    return types.ImportReport(len(rows) + len(bad), len(rows) - len(there), len(there), bad)


def _among_newest(condition: str, viewer: Viewer, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """A page of copies among the newest `_NEWEST`; when they do not fill it, there may be older ones."""
    return db.rows(
        f"""
        {_HOLDINGS} WHERE {condition} AND {_BEFORE} AND h.state = ANY(%(states)s::text[])
        AND h.id > (SELECT coalesce(%(cursor)s::bigint, max(id)) FROM things_holding) - {_NEWEST}
        AND {sight.visible_sql(viewer, "h")} ORDER BY h.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        params,
    )


def _page(
    condition: str,
    params: Mapping[str, object],
    viewer: Viewer,
    states: Collection[HoldingState],
    cursor: int | None,
    limit: int,
    before: str = "",
) -> Page[types.Holding]:
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {before} {_HOLDINGS} WHERE {condition} AND {_BEFORE}
        AND (%(states)s::text[] = '{{}}' OR h.state = ANY(%(states)s::text[])) AND {sight.visible_sql(viewer, "h")}
        ORDER BY h.id DESC LIMIT %(limit)s
        """,
        {
            **params,
            "states": _values(states),
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_holding(columns) for columns in found], limit, lambda holding: holding.id)


def _values(states: Collection[HoldingState]) -> list[str]:
    return [state.value for state in states]


def _holding(columns: Sequence[Any]) -> types.Holding:
    (holding_id, owner_id, state, source, condition, since_on, story, rating, fields, labels, shelf_id, position, at,
     *thing) = columns  # fmt: skip
    pairs = json.loads(fields) if isinstance(fields, str) else fields
    return types.Holding(
        holding_id,
        owner_id,
        thing_of(thing),
        HoldingState(state),
        types.HoldingSource(source),
        types.Condition(condition),
        since_on,
        story,
        rating,
        tuple((name, text) for name, text in pairs),
        tuple(labels),
        shelf_id,
        position,
        at,
    )
