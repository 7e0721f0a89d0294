"""Reads of threads: annotations and their answers, as far as the viewer may see them and what they point into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from wuyou.domains.things import errors, types
from wuyou.domains.things.queries.tree import TREE
from wuyou.infra import db, sight
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

_ANNOTATIONS = """
    SELECT a.id, a.owner_id, a.thing_id, a.picture_id, a.part_id, a.drawing_id, a.figure_id, a.photo_id,
           a."left", a.top, a.width, a.height, a.purpose, a.text, a.written_at
    FROM things_annotation a
"""


def get_annotation_for(viewer: Viewer, annotation_id: int) -> types.Annotation:
    """An annotation that the viewer may see. Raises `AnnotationNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_ANNOTATIONS} WHERE a.id = %s AND {annotations_seen(viewer)}", [annotation_id])
    if found is None:
        raise errors.AnnotationNotFound()
    return _annotation(found)


def list_annotations(
    viewer: Viewer,
    thing_id: int,
    *,
    part_id: int | None = None,
    drawing_id: int | None = None,
    holding_id: int | None = None,
    cursor: int | None = None,
    limit: int = 20,
) -> Page[types.Annotation]:
    """What is said at a thing, at pictures of it, and at all below it, newest first. Cost: one query.

    Args: part_id: only what is said at this part and its figures; drawing_id: only at this version of a drawing;
        holding_id: only at the photos of this copy.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {TREE} {_ANNOTATIONS} WHERE a.thing_id IN (SELECT id FROM tree)
        AND (%(part)s::bigint IS NULL OR a.part_id = %(part)s::bigint
             OR a.figure_id IN (SELECT g.id FROM things_figure g WHERE g.part_id = %(part)s::bigint))
        AND (%(drawing)s::bigint IS NULL OR a.drawing_id = %(drawing)s::bigint)
        AND (%(holding)s::bigint IS NULL
             OR a.photo_id IN (SELECT o.id FROM things_photo o WHERE o.holding_id = %(holding)s::bigint))
        AND (%(cursor)s::bigint IS NULL OR a.id < %(cursor)s::bigint) AND {annotations_seen(viewer)}
        ORDER BY a.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {
            "thing": thing_id,
            "part": part_id,
            "drawing": drawing_id,
            "holding": holding_id,
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_annotation(columns) for columns in found], limit, lambda annotation: annotation.id)


def replies_by_annotation(viewer: Viewer, annotation_ids: Iterable[int]) -> dict[int, tuple[types.Reply, ...]]:
    """The answers of these threads that the viewer may see, in their order. Cost: one query."""
    found = db.rows(
        f"""
        SELECT p.id, p.owner_id, p.annotation_id, p.text, p.written_at FROM things_reply p
        WHERE p.annotation_id = ANY(%s) AND {sight.visible_sql(viewer, "p")}
        AND EXISTS ({_ANNOTATIONS} WHERE a.id = p.annotation_id AND {annotations_seen(viewer)}) ORDER BY p.id
        """,  # noqa: S608  (literals of this module)
        [sorted(set(annotation_ids))],
    )
    threads: dict[int, list[types.Reply]] = defaultdict(list)
    for columns in found:
        threads[columns[2]].append(types.Reply(*columns))
    return {annotation_id: tuple(replies) for annotation_id, replies in threads.items()}


def visible_replies_among(viewer: Viewer, reply_ids: Collection[int]) -> set[int]:
    """Those of these answers that the viewer may see, thread included. Cost: one query."""
    found = db.rows(f"SELECT s.id FROM ({replies_sql(viewer)}) s WHERE s.id = ANY(%s)", [sorted(reply_ids)])  # noqa: S608
    return {reply_id for (reply_id,) in found}


def annotations_seen(viewer: Viewer) -> str:
    """The condition on `a`, and on the review or the copy whose picture it points into."""
    return f"""{sight.visible_sql(viewer, "a")}
        AND (a.picture_id IS NULL OR EXISTS (
            SELECT FROM things_review_picture f JOIN things_review r ON r.id = f.review_id
            WHERE f.id = a.picture_id AND {sight.visible_sql(viewer, "r")}))
        AND (a.photo_id IS NULL OR EXISTS (
            SELECT FROM things_photo f JOIN things_holding c ON c.id = f.holding_id
            WHERE f.id = a.photo_id AND {sight.visible_sql(viewer, "c")}))
    """  # noqa: S608  (whole numbers alone)


def annotations_sql(viewer: Viewer) -> str:
    """Id, owner and thing of every annotation that the viewer may see."""
    return f"""
        SELECT a.id, a.owner_id, a.thing_id FROM things_annotation a WHERE {annotations_seen(viewer)}
    """  # noqa: S608  (whole numbers alone)


def replies_sql(viewer: Viewer) -> str:
    """Id, owner and thing of every answer that the viewer may see."""
    return f"""
        SELECT p.id, p.owner_id, p.thing_id FROM things_reply p JOIN ({annotations_sql(viewer)}) t
        ON t.id = p.annotation_id WHERE {sight.visible_sql(viewer, "p")}
    """  # noqa: S608  (whole numbers alone)


def _annotation(columns: Sequence[Any]) -> types.Annotation:
    (annotation_id, owner_id, thing_id, picture_id, part_id, drawing_id, figure_id, photo_id, left, top, width, height,
     purpose, text, written_at) = columns  # fmt: skip
    region = types.Region(left, top, width, height) if left is not None else None
    return types.Annotation(
        annotation_id,
        owner_id,
        thing_id,
        picture_id,
        part_id,
        drawing_id,
        figure_id,
        photo_id,
        region,
        types.Purpose(purpose),
        text,
        written_at,
    )
