"""What a person's own record of things holds."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.domains.catalog import queries as catalog
from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """A person's copies with their labels, histories and photos, and their shelves."""
    me = [person_id]
    yield (
        "holdings",
        db.records(
            """
            SELECT h.id, t.name AS thing, t.brand, t.kind AS thing_kind, h.state, h.source, h.condition, h.since_on,
                   h.story, h.rating, h.fields, s.name AS shelf, h.arrived_at,
                   ARRAY(SELECT l.name FROM things_holding_label l WHERE l.holding_id = h.id ORDER BY l.name) AS labels
            FROM things_holding h JOIN things_thing t ON t.id = h.thing_id LEFT JOIN things_shelf s ON s.id = h.shelf_id
            WHERE h.owner_id = %s ORDER BY h.id
            """,
            me,
        ),
    )
    yield (
        "provenance",
        db.records(
            """
            SELECT p.holding_id, p.state, p.cause, p.other_id AS person_id, p.happened_at
            FROM things_provenance p JOIN things_holding h ON h.id = p.holding_id WHERE h.owner_id = %s ORDER BY p.id
            """,
            me,
        ),
    )
    yield (
        "photos",
        db.records(
            """
            SELECT p.holding_id, p.key AS file, p.width, p.height, p.added_at
            FROM things_photo p JOIN things_holding h ON h.id = p.holding_id
            WHERE h.owner_id = %s ORDER BY p.holding_id, p.position
            """,
            me,
        ),
    )
    yield "not_found_by_things", db.records("SELECT since FROM things_unfound WHERE person_id = %s", me)
    yield "shelves", db.records("SELECT name, made_at FROM things_shelf WHERE owner_id = %s ORDER BY position", me)
    yield (
        "reviews",
        db.records(
            """
            SELECT r.id, t.name AS thing, t.brand, r.text, r.rating, r.shows_proof, r.written_at, r.edited_at,
                   ARRAY(SELECT f.key FROM things_review_picture f
                         WHERE f.review_id = r.id ORDER BY f.position) AS pictures
            FROM things_review r JOIN things_thing t ON t.id = r.thing_id WHERE r.owner_id = %s ORDER BY r.id
            """,
            me,
        ),
    )

    yield (
        "annotations",
        db.records(
            """
            SELECT a.id, t.name AS thing, a.picture_id AS picture, a.part_id AS part,
                   a.drawing_id AS drawing, a.figure_id AS figure, a.photo_id AS photo,
                   a."left", a.top, a.width, a.height, a.purpose,
                   a.text, a.written_at
            FROM things_annotation a JOIN things_thing t ON t.id = a.thing_id WHERE a.owner_id = %s ORDER BY a.id
            """,
            me,
        ),
    )
    yield (
        "answers",
        db.records(
            """
            SELECT p.id, t.name AS thing, p.annotation_id AS annotation, p.text, p.written_at
            FROM things_reply p JOIN things_thing t ON t.id = p.thing_id WHERE p.owner_id = %s ORDER BY p.id
            """,
            me,
        ),
    )
    yield from _described_by(person_id)


def _described_by(person_id: int) -> Iterator[Records]:
    """Parts, drawings and figures of what the person's shops sell."""
    products = [product for shop in catalog.list_shops_of(person_id) for product in catalog.list_product_ids(shop.id)]
    for kind, columns in (
        ("parts", "x.id, x.parent_id AS above, x.number, x.name, x.name_en, x.quantity, x.added_at, x.retired_at"),
        ("drawings", "x.id, x.title, x.title_en, x.licence, x.version, x.key AS file, x.published_at"),
        (
            "figures",
            """
            x.id, x.part_id AS part, x.kind, x.quantity, x.condition, x.value::text AS value, x.unit, x.source,
            x.licence, x.version, x.published_at
            """,
        ),
    ):
        yield (
            kind,
            db.records(
                f"""
                SELECT t.name AS thing, {columns} FROM things_{kind[:-1]} x JOIN things_thing t ON t.id = x.thing_id
                WHERE t.product_id = ANY(%s) ORDER BY x.id
                """,  # noqa: S608  (literals of this function)
                [products],
            ),
        )


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of a person's pictures: of their copies, then of what they said of things. Cost: one query."""
    found = db.rows(
        """
        SELECT key FROM (
            SELECT 1, p.id, p.key FROM things_photo p JOIN things_holding h ON h.id = p.holding_id
            WHERE h.owner_id = %(me)s
            UNION ALL
            SELECT 2, f.id, f.key FROM things_review_picture f JOIN things_review r ON r.id = f.review_id
            WHERE r.owner_id = %(me)s) pictures (part, id, key)
        ORDER BY part, id
        """,
        {"me": person_id},
    )
    return tuple(key for (key,) in found)
