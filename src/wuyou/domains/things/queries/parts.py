"""Reads of the parts, drawings and figures of things. They are seen by whoever may know of the thing.

Of a thing that was merged they stay on its row, and are read as those of what it was merged into.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Shop
from wuyou.domains.things import errors, policies, rules, types
from wuyou.domains.things.part_types import Drawing, Figure, FigureKind, FigureValue, Licence, Mark, Part
from wuyou.domains.things.queries.threads import annotations_seen
from wuyou.domains.things.queries.tree import TREE, known_sql
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Viewer

_PARTS = """
    SELECT x.id, coalesce(m.merged_into_id, m.id), x.parent_id, x.number, x.name, x.name_en, x.quantity,
           x.retired_at IS NOT NULL
    FROM things_part x JOIN things_thing m ON m.id = x.thing_id
"""
_DRAWINGS = """
    SELECT x.id, coalesce(m.merged_into_id, m.id), x.title, x.title_en, x.licence, x.version,
           NOT EXISTS (SELECT FROM things_drawing later WHERE later.supersedes_id = x.id),
           x.key, x.width, x.height, x.blurhash, x.published_at,
           (SELECT json_agg(json_build_array(k.id, p.id, p.number, p.name, p.name_en,
                                             k."left", k.top, k.width, k.height) ORDER BY k.id)
            FROM things_part_mark k JOIN things_part p ON p.id = k.part_id WHERE k.drawing_id = x.id)
    FROM things_drawing x JOIN things_thing m ON m.id = x.thing_id
"""
_FIGURES = """
    SELECT x.id, coalesce(m.merged_into_id, m.id), x.part_id, x.kind, x.quantity, x.quantity_en, x.condition,
           x.condition_en, x.value, x.unit, x.source, x.licence, x.version,
           NOT EXISTS (SELECT FROM things_figure later WHERE later.supersedes_id = x.id), x.published_at
    FROM things_figure x JOIN things_thing m ON m.id = x.thing_id
"""
_MOST = 1_000


def list_parts(viewer: Viewer, thing_id: int) -> tuple[Part, ...]:
    """The parts that a thing has now, each followed by those below it, by number. Cost: one query."""
    found = db.rows(
        f"{_PARTS} WHERE {_of(viewer)} AND x.retired_at IS NULL LIMIT {_MOST}",
        {"thing": thing_id},
    )
    below: dict[int | None, list[Part]] = defaultdict(list)
    for part in sorted((Part(*columns) for columns in found), key=lambda part: rules.in_order(part.number)):
        below[part.parent_id].append(part)
    return tuple(_flat(below, None, 0))


def get_part_for(viewer: Viewer, part_id: int) -> Part:
    """A part of a thing that the viewer may know of, retired or not. Raises `PartNotFound`. Cost: one query."""
    found = parts_by_id(viewer, [part_id]).get(part_id)
    if found is None:
        raise errors.PartNotFound()
    return found


def parts_by_id(viewer: Viewer, part_ids: Iterable[int]) -> dict[int, Part]:
    """Those of these parts that are of things which the viewer may know of, retired or not. Cost: one query."""
    found = db.rows(f"{_PARTS} WHERE x.id = ANY(%(ids)s) AND {_known(viewer)}", {"ids": sorted(set(part_ids))})
    return {columns[0]: Part(*columns) for columns in found}


def list_drawings(viewer: Viewer, thing_id: int) -> tuple[Drawing, ...]:
    """The latest version of each drawing of a thing, in the order they first came. Cost: one query."""
    rows = db.rows(f"{_DRAWINGS} WHERE {_of(viewer)} ORDER BY x.id LIMIT {_MOST}", {"thing": thing_id})
    found = [_drawing(columns) for columns in rows]
    first = {drawing.title: drawing.id for drawing in reversed(found)}
    return tuple(sorted((each for each in found if each.is_current), key=lambda each: first[each.title]))


def get_drawing_for(viewer: Viewer, drawing_id: int) -> Drawing:
    """A version of a drawing, current or not. Raises `DrawingNotFound`. Cost: one query."""
    found = db.row(f"{_DRAWINGS} WHERE x.id = %(id)s AND {_known(viewer)}", {"id": drawing_id})
    if found is None:
        raise errors.DrawingNotFound()
    return _drawing(found)


def list_versions(viewer: Viewer, drawing: Drawing) -> tuple[Drawing, ...]:
    """All versions of a drawing, the latest first. Cost: one query."""
    found = db.rows(
        f"""
        WITH RECURSIVE before AS (
            SELECT id, supersedes_id FROM things_drawing WHERE id = %(id)s
            UNION SELECT d.id, d.supersedes_id FROM things_drawing d JOIN before ON d.id = before.supersedes_id),
        after AS (
            SELECT %(id)s::bigint AS id
            UNION SELECT d.id FROM things_drawing d JOIN after ON d.supersedes_id = after.id)
        {_DRAWINGS} WHERE x.id IN (SELECT id FROM before UNION SELECT id FROM after) AND {_known(viewer)}
        ORDER BY x.version DESC
        """,  # noqa: S608  (literals of this module)
        {"id": drawing.id},
    )
    return tuple(_drawing(columns) for columns in found)


def list_figures(viewer: Viewer, thing_id: int) -> tuple[Figure, ...]:
    """The latest version of each figure of a thing and of its parts, in the order they first came. Cost: one query."""
    found = db.rows(
        f"""{_FIGURES} WHERE {_of(viewer)}
            AND NOT EXISTS (SELECT FROM things_figure later WHERE later.supersedes_id = x.id)
            ORDER BY x.kind, x.quantity, x.condition, x.id LIMIT {_MOST}""",
        {"thing": thing_id},
    )
    return tuple(_figure(columns) for columns in found)


def list_history(viewer: Viewer, thing_id: int, part_id: int | None) -> tuple[Figure, ...]:
    """All versions of the figures of a part, or for None of the whole thing, the latest first. Cost: one query."""
    found = db.rows(
        f"""{_FIGURES} WHERE {_of(viewer)} AND x.part_id IS NOT DISTINCT FROM %(part)s::bigint
            ORDER BY x.kind, x.quantity, x.condition, x.version DESC LIMIT {_MOST}""",
        {"thing": thing_id, "part": part_id},
    )
    return tuple(_figure(columns) for columns in found)


def get_figure_for(viewer: Viewer, figure_id: int) -> Figure:
    """A version of a figure, current or not. Raises `FigureNotFound`. Cost: one query."""
    found = figures_by_id(viewer, [figure_id]).get(figure_id)
    if found is None:
        raise errors.FigureNotFound()
    return found


def figures_by_id(viewer: Viewer, figure_ids: Iterable[int]) -> dict[int, Figure]:
    """Those of these figures that are of things which the viewer may know of, current or not. Cost: one query."""
    found = db.rows(f"{_FIGURES} WHERE x.id = ANY(%(ids)s) AND {_known(viewer)}", {"ids": sorted(set(figure_ids))})
    return {columns[0]: _figure(columns) for columns in found}


def owners_by_part(viewer: Viewer, thing_id: int) -> dict[int, int]:
    """How many people who have or had the thing said something at each part or a figure of it.

    It counts words and copies that the viewer sees, and nothing else. Cost: one query.
    """
    states = ", ".join(f"'{state.value}'" for state in sorted(rules.SHARED, key=lambda state: state.value))
    found = db.rows(
        f"""
        {TREE} SELECT coalesce(a.part_id, g.part_id), count(DISTINCT a.owner_id)
        FROM things_annotation a LEFT JOIN things_figure g ON g.id = a.figure_id
        WHERE a.thing_id IN (SELECT id FROM tree) AND coalesce(a.part_id, g.part_id) IS NOT NULL
        AND {annotations_seen(viewer)} AND EXISTS (
            SELECT FROM things_holding h WHERE h.owner_id = a.owner_id AND h.state IN ({states})
            AND h.thing_id IN (SELECT id FROM tree) AND {sight.visible_sql(viewer, "h")})
        GROUP BY 1
        """,  # noqa: S608  (literals of this module)
        {"thing": thing_id},
    )
    return dict(found)


def may_describe(actor: Actor, thing: types.Thing) -> bool:
    """Whether the actor may publish parts of a thing that they may know of.

    Cost: one query for who has no shop, none for staff, else four.
    """
    if actor.is_staff or actor.user_id is None:
        return actor.is_staff
    shops = catalog.list_shops_of(actor.user_id)
    return bool(shops) and policies.may_describe(actor, _sellers(shops, thing.id))


def _sellers(shops: Sequence[Shop], thing_id: int) -> list[Shop]:
    """Those of the shops that sell the product which the thing is, or which a thing was that was merged into it."""
    products = db.rows(
        "SELECT product_id FROM things_thing WHERE (id = %(thing)s OR merged_into_id = %(thing)s) AND product_id > 0",
        {"thing": thing_id},
    )
    sellers = {product.shop_id for product in catalog.products_by_id(each for (each,) in products).values()}
    return [shop for shop in shops if shop.id in sellers]


def _of(viewer: Viewer) -> str:
    """The condition that `x` is of the thing that was asked for, and the viewer may know of it."""
    return f"""x.thing_id IN (
        WITH here AS (
            SELECT t.id FROM things_thing t WHERE {known_sql(viewer)}
            AND t.id = (SELECT coalesce(merged_into_id, id) FROM things_thing WHERE id = %(thing)s))
        SELECT id FROM here UNION ALL SELECT b.id FROM things_thing b JOIN here ON b.merged_into_id = here.id)
    """  # noqa: S608  (literals of this module)


def _known(viewer: Viewer) -> str:
    """The condition that the viewer may know of the thing `m` of what was asked for, or what it was merged into."""
    return f"""EXISTS (
        SELECT FROM things_thing t WHERE t.id = coalesce(m.merged_into_id, m.id) AND {known_sql(viewer)})
    """


def _flat(below: dict[int | None, list[Part]], parent_id: int | None, depth: int) -> list[Part]:
    found: list[Part] = []
    for part in below[parent_id]:
        found.append(Part(part.id, part.thing_id, part.parent_id, part.number, part.name, part.name_en, part.quantity,
                          part.is_retired, depth))  # fmt: skip
        found += _flat(below, part.id, depth + 1)
    return found


def _drawing(columns: Sequence[Any]) -> Drawing:
    (drawing_id, thing_id, title, title_en, licence, version, is_current, key, width, height, blurhash, published_at,
     marks) = columns  # fmt: skip
    held = json.loads(marks) if isinstance(marks, str) else marks or []
    return Drawing(
        drawing_id,
        thing_id,
        title,
        title_en,
        Licence(licence),
        version,
        is_current,
        types.StoredPicture(drawing_id, key, width, height, blurhash),
        tuple(_mark(*mark) for mark in held),
        published_at,
    )


def _mark(
    mark_id: int, part_id: int, number: str, name: str, name_en: str, left: int, top: int, width: int, height: int
) -> Mark:
    return Mark(mark_id, part_id, number, name, name_en, types.Region(left, top, width, height))


def _figure(columns: Sequence[Any]) -> Figure:
    (figure_id, thing_id, part_id, kind, quantity, quantity_en, condition, condition_en, value, unit, source, licence,
     version, is_current, published_at) = columns  # fmt: skip
    return Figure(
        figure_id,
        thing_id,
        part_id,
        FigureKind(kind),
        quantity,
        quantity_en,
        condition,
        condition_en,
        FigureValue(value, unit, source, Licence(licence)),
        version,
        is_current,
        published_at,
    )
