"""Photos of copies, as far as the viewer sees the copies; and what looks like a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from wuyou.domains.things import errors, rules, types
from wuyou.domains.things.common_ground import UNIT
from wuyou.domains.things.queries.tree import things_by_id
from wuyou.infra import db, pictures, sight
from wuyou.kernel.sight import Viewer

_PHOTOS = """
    SELECT p.id, p.holding_id, p.key, p.width, p.height, p.blurhash
    FROM things_photo p JOIN things_holding h ON h.id = p.holding_id
"""
_COPIES_ASKED = 200
"""So many copies of a thing are asked for a photo at most, the newest first."""
_CANDIDATES = 20_000
"""So many photos that may look alike are compared at most, the latest first: some twenty milliseconds."""


def get_photo_for(viewer: Viewer, photo_id: int) -> types.Photo:
    """A photo of a copy that the viewer may see. Raises `PhotoNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_PHOTOS} WHERE p.id = %s AND {sight.visible_sql(viewer, 'h')}", [photo_id])
    if found is None:
        raise errors.PhotoNotFound()
    return types.Photo(*found)


def photos_by_holding(viewer: Viewer, holding_ids: Iterable[int]) -> dict[int, tuple[types.Photo, ...]]:
    """All photos of these copies in their order, as far as the viewer may see; copies without any are left out.

    Cost: one query.
    """
    found = db.rows(
        f"{_PHOTOS} WHERE p.holding_id = ANY(%s) AND {sight.visible_sql(viewer, 'h')} ORDER BY p.position",
        [sorted(set(holding_ids))],
    )
    photos: dict[int, list[types.Photo]] = defaultdict(list)
    for columns in found:
        photos[columns[1]].append(types.Photo(*columns))
    return {holding_id: tuple(of) for holding_id, of in photos.items()}


def covers_by_holding(viewer: Viewer, holding_ids: Iterable[int]) -> dict[int, types.Photo]:
    """The photo that stands for each of these copies, as far as the viewer may see. Cost: one query, none for none."""
    wanted = sorted(set(holding_ids))
    if not wanted:
        return {}
    found = db.rows(
        f"""
        SELECT p.* FROM things_holding h CROSS JOIN LATERAL (
            SELECT p.id, p.holding_id, p.key, p.width, p.height, p.blurhash FROM things_photo p
            WHERE p.holding_id = h.id ORDER BY p.position LIMIT 1) p
        WHERE h.id = ANY(%s) AND {sight.visible_sql(viewer, "h")}
        """,  # noqa: S608  (whole numbers alone)
        [wanted],
    )
    return {columns[1]: types.Photo(*columns) for columns in found}


def covers_by_thing(viewer: Viewer, thing_ids: Iterable[int]) -> dict[int, types.Photo]:
    """A photo that stands for each of these things: of the newest copy with one that the viewer may see, of the thing
    or of a form of it, among its newest 200 copies. Cost: one query, none for none.
    """
    wanted = sorted(set(thing_ids))
    if not wanted:
        return {}
    found = db.rows(
        f"""
        SELECT DISTINCT ON (t.unit) t.unit, p.* FROM (
            SELECT id, id AS unit FROM unnest(%(things)s::bigint[]) id
            UNION ALL SELECT id, parent_id FROM things_thing
            WHERE parent_id = ANY(%(things)s) AND kind = 'VARIANT') t
        CROSS JOIN LATERAL (
            SELECT * FROM things_holding WHERE thing_id = t.id ORDER BY id DESC LIMIT {_COPIES_ASKED}) h
        CROSS JOIN LATERAL (
            SELECT p.id, p.holding_id, p.key, p.width, p.height, p.blurhash FROM things_photo p
            WHERE p.holding_id = h.id ORDER BY p.position LIMIT 1) p
        WHERE {sight.visible_sql(viewer, "h")} ORDER BY t.unit, h.id DESC
        """,  # noqa: S608  (whole numbers alone)
        {"things": wanted},
    )
    return {thing_id: types.Photo(*photo) for thing_id, *photo in found}


def list_lookalikes(viewer: Viewer, looks: Sequence[int], *, limit: int = 12) -> tuple[types.Lookalike, ...]:
    """Things with a photo that looks like a picture, most alike first; photos of copies that the viewer may see.

    Args: looks: of the picture, in each of its frames (`pictures.looks_of`).
    A variant counts as its model. Nothing within `pictures.ALIKE` is missed among the latest 20,000 photos that share
    a part of a hash. Cost: two queries; for each frame the index leaves some 0.8 % of all photos to be compared.
    """
    found = db.rows(
        f"""
        WITH alike AS MATERIALIZED (
            SELECT p.id, p.holding_id,
                   (SELECT min(bit_count((p.phash # look)::bit(64))) FROM unnest(%(looks)s::bigint[]) look) AS distance
            FROM things_photo p WHERE p.bands && %(probes)s::int[] ORDER BY p.id DESC LIMIT {_CANDIDATES}),
        shown AS (
            SELECT DISTINCT ON ({UNIT}) {UNIT} AS thing, alike.distance, alike.id
            FROM alike JOIN things_holding h ON h.id = alike.holding_id JOIN things_thing t ON t.id = h.thing_id
            WHERE alike.distance <= %(most)s AND {sight.visible_sql(viewer, "h")}
            ORDER BY {UNIT}, alike.distance, alike.id DESC)
        SELECT shown.thing, shown.distance, p.id, p.holding_id, p.key, p.width, p.height, p.blurhash
        FROM shown JOIN things_photo p ON p.id = shown.id ORDER BY shown.distance, p.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module and whole numbers)
        {
            "looks": list(looks),
            "probes": sorted({probe for look in looks for probe in rules.probes_of(look)}),
            "most": pictures.ALIKE,
            "limit": limit,
        },
    )
    things = things_by_id(thing_id for thing_id, *_ in found) if found else {}
    return tuple(
        types.Lookalike(things[thing_id], distance, types.Photo(*photo)) for thing_id, distance, *photo in found
    )
