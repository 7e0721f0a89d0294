"""The things themselves: by id, by what they are in the catalogue, and what is above and below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wuyou.domains.things import errors, types
from wuyou.infra import db, fulltext, sight
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Kind, Subject, SubjectKind, Viewer, split, token

COLUMNS = "t.id, t.kind, t.parent_id, t.name, t.name_en, t.brand, t.product_id, t.variant_id"
"""Of the alias `t`, as `thing_of` takes them."""
TREE = """
    WITH RECURSIVE tree AS (
        SELECT coalesce(merged_into_id, id) AS id FROM things_thing WHERE id = %(thing)s
        UNION
        SELECT t.id FROM things_thing t JOIN tree ON t.parent_id = tree.id)
"""
"""A thing and all below it; of a merged one, those of what it was merged into."""
_FROM_HERE = """(
    SELECT t.id UNION ALL SELECT m.id FROM things_thing m WHERE m.parent_id = t.id
    UNION ALL SELECT v.id FROM things_thing m JOIN things_thing v ON v.parent_id = m.id WHERE m.parent_id = t.id)
"""
"""The thing `t` and all below it: a tree has three levels."""
ABOVE = "LEFT JOIN things_thing p ON p.id = t.parent_id LEFT JOIN things_thing f ON f.id = p.parent_id"
"""Beside the thing `t` what it is a form of."""
SUBJECTS = f"""ARRAY(
    SELECT id + {token(Kind.BLOCKED_THING)} FROM unnest(ARRAY[t.id, p.id, f.id]) AS id WHERE id IS NOT NULL
    UNION SELECT key + {token(Kind.BLOCKED_BRAND)} FROM unnest(ARRAY[t.brand_key, p.brand_key, f.brand_key]) AS key
    WHERE key IS NOT NULL ORDER BY 1)
"""  # noqa: S608  (numbers of ours)
"""What is said of the thing `t` is about, as the tokens of who wants to see nothing of it; with `ABOVE`."""


def get_thing(thing_id: int) -> types.Thing:
    """One thing; for one that was merged, what it was merged into. Raises `ThingNotFound`. Cost: one query."""
    found = things_by_id([thing_id]).get(thing_id)
    if found is None:
        raise errors.ThingNotFound()
    return found


def get_thing_for(viewer: Viewer, thing_id: int) -> types.Thing:
    """A thing that the viewer may know of; for one that was merged, what it was merged into.

    It is known by what is sold here, or by a copy or review, of it or of a thing below it, that the viewer sees. Any
    other may be the only trace of a private copy, whatever parts of it were published. Cost: one query.
    Raises: `ThingNotFound`, whether it is not there or not to be known of.
    """
    found = known_by_id(viewer, [thing_id]).get(thing_id)
    if found is None:
        raise errors.ThingNotFound()
    return found


def known_by_id(viewer: Viewer, thing_ids: Iterable[int]) -> dict[int, types.Thing]:
    """Of many things those that the viewer may know of (`get_thing_for`), by the ids that were asked for.

    Redirects are followed. Cost: one query.
    """
    found = db.rows(
        f"""
        SELECT asked.id, {COLUMNS} FROM things_thing asked JOIN things_thing t
        ON t.id = coalesce(asked.merged_into_id, asked.id) WHERE asked.id = ANY({db.ids("%s")}) AND {known_sql(viewer)}
        """,  # noqa: S608  (literals of this module)
        [sorted(set(thing_ids))],
    )
    return {asked: thing_of(columns) for asked, *columns in found}


def list_above(thing: types.Thing) -> tuple[types.Thing, ...]:
    """What a thing is a form of: its family first. Cost: one query, none for what stands alone."""
    if thing.parent_id is None:
        return ()
    found = db.rows(
        f"""
        SELECT {COLUMNS} FROM things_thing t
        WHERE t.id = %(parent)s OR t.id = (SELECT parent_id FROM things_thing WHERE id = %(parent)s)
        ORDER BY t.kind
        """,  # noqa: S608  (literals of this module)
        {"parent": thing.parent_id},
    )
    return tuple(thing_of(columns) for columns in found)


def list_below(viewer: Viewer, thing_id: int, *, limit: int = 48) -> tuple[types.Thing, ...]:
    """The forms of a thing, or models of a family, that the viewer may know of (`get_thing_for`). Cost: one query."""
    found = db.rows(
        f"""
        SELECT {COLUMNS} FROM things_thing t WHERE t.parent_id = %s AND t.merged_into_id IS NULL
        AND {known_sql(viewer)} ORDER BY t.id LIMIT %s
        """,  # noqa: S608  (literals of this module)
        [thing_id, limit],
    )
    return tuple(thing_of(columns) for columns in found)


def find_things(viewer: Viewer, words: str, *, cursor: int | None = None, limit: int = 24) -> Page[types.Thing]:
    """Things in whose names, or brand, all of these words stand, and of which the viewer may know; the latest first.

    Cost: one query; none without words to look for.
    """
    asked, limit = fulltext.query(words), max(1, min(limit, MAX_PAGE))
    if asked is None:
        return Page((), None)
    found = db.rows(
        f"""
        SELECT {COLUMNS} FROM things_thing t WHERE t.words @@ %(asked)s::tsquery AND t.merged_into_id IS NULL
        AND (%(cursor)s::bigint IS NULL OR t.id < %(cursor)s::bigint) AND {known_sql(viewer)}
        ORDER BY t.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"asked": asked, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([thing_of(columns) for columns in found], limit, lambda thing: thing.id)


def known_sql(viewer: Viewer) -> str:
    """The condition that the viewer may know of the thing `t`."""
    is_sold = "(k.product_id IS NOT NULL OR k.variant_id IS NOT NULL)"
    return f"""(
        EXISTS (SELECT FROM things_thing k WHERE k.id IN {_FROM_HERE} AND {is_sold})
        OR EXISTS (SELECT FROM things_thing k WHERE k.merged_into_id = t.id AND {is_sold})
        OR EXISTS (SELECT FROM things_holding h WHERE h.thing_id IN {_FROM_HERE} AND {sight.visible_sql(viewer, "h")})
        OR EXISTS (SELECT FROM things_review r WHERE r.thing_id IN {_FROM_HERE} AND {sight.visible_sql(viewer, "r")}))
    """  # noqa: S608  (literals of this module)


def things_by_id(thing_ids: Iterable[int]) -> dict[int, types.Thing]:
    """Many things by the ids that were asked for, redirects followed; unknown ids are left out. Cost: one query."""
    found = db.rows(
        f"""
        SELECT asked.id, {COLUMNS} FROM things_thing asked JOIN things_thing t
        ON t.id = coalesce(asked.merged_into_id, asked.id) WHERE asked.id = ANY(%s)
        """,  # noqa: S608  (literals of this module)
        [sorted(set(thing_ids))],
    )
    return {asked: thing_of(columns) for asked, *columns in found}


def things_by_variant(variant_ids: Iterable[int]) -> dict[int, types.Thing]:
    """The things that variants of the catalogue are, redirects followed; some have none yet. Cost: one query."""
    return _by_link("variant_id", variant_ids)


def things_by_product(product_ids: Iterable[int]) -> dict[int, types.Thing]:
    """The things that products of the catalogue are, redirects followed; some have none yet. Cost: one query."""
    return _by_link("product_id", product_ids)


def products_of(thing_ids: Iterable[int]) -> frozenset[int]:
    """The products of the catalogue that are one of these things, redirects followed. Cost: one query at most."""
    ids = sorted(set(thing_ids))
    if not ids:
        return frozenset()
    found = db.rows(
        """
        SELECT product_id FROM things_thing
        WHERE (id = ANY(%(things)s) AND merged_into_id IS NULL OR merged_into_id = ANY(%(things)s))
          AND product_id IS NOT NULL
        """,
        {"things": ids},
    )
    return frozenset(product_id for (product_id,) in found)


def subjects_by_thing(thing_ids: Iterable[int]) -> dict[int, tuple[Subject, ...]]:
    """What a copy of each thing is about: the thing, its model and family, and their brands. Cost: one query."""
    found = db.rows(
        f"SELECT t.id, {SUBJECTS} FROM things_thing t {ABOVE} WHERE t.id = ANY(%s)",  # noqa: S608  (literals of this module)
        [sorted(set(thing_ids))],
    )
    return {
        thing_id: tuple(Subject(SubjectKind(kind), key) for kind, key in map(split, tokens))
        for thing_id, tokens in found
    }


def brand_of(thing_id: int) -> tuple[Subject, str] | None:
    """The brand of a thing, or of what it is a form of, to block, and its name; None without one. Cost: one query."""
    found = db.row(
        f"""
        SELECT coalesce(t.brand_key, p.brand_key, f.brand_key),
               coalesce(nullif(t.brand, ''), nullif(p.brand, ''), f.brand)
        FROM things_thing t {ABOVE} WHERE t.id = %s AND coalesce(t.brand_key, p.brand_key, f.brand_key) IS NOT NULL
        """,  # noqa: S608  (literals of this module)
        [thing_id],
    )
    return (Subject(SubjectKind.BRAND, found[0]), found[1]) if found else None


def brands_by_key(keys: Iterable[int]) -> dict[int, str]:
    """The names of brands, as one of their things writes it. Cost: one query."""
    found = db.rows(
        """
        SELECT DISTINCT ON (brand_key) brand_key, brand FROM things_thing WHERE brand_key = ANY(%s)
        ORDER BY brand_key, id
        """,
        [sorted(set(keys))],
    )
    return dict(found)


def thing_of(columns: Sequence[Any]) -> types.Thing:
    """A thing of its `COLUMNS`."""
    thing_id, kind, *rest = columns
    return types.Thing(thing_id, types.ThingKind(kind), *rest)


def _by_link(column: str, ids: Iterable[int]) -> dict[int, types.Thing]:
    found = db.rows(
        f"""
        SELECT linked.{column}, {COLUMNS} FROM things_thing linked JOIN things_thing t
        ON t.id = coalesce(linked.merged_into_id, linked.id) WHERE linked.{column} = ANY(%s)
        """,  # noqa: S608  (a literal of this module)
        [sorted(set(ids))],
    )
    return {link: thing_of(columns) for link, *columns in found}
