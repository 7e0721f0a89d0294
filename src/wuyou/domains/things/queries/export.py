"""What a person's own record of things holds."""

from __future__ import annotations

from collections.abc import Iterator

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
            SELECT a.id, t.name AS thing, a.picture_id AS picture, a."left", a.top, a.width, a.height, a.purpose,
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
