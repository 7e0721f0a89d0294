"""What a person's own record of content holds."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """A person's posts with what they said before, their comments, reactions, series, and what they keep."""
    for name, statement in (
        (
            "posts",
            """
            SELECT p.id, p.kind, p.title, p.text, p.is_ad, p.earns, s.title AS series, p.origin_id AS origin,
                   p.made_at, p.publish_at, p.published_at, p.edited_at, p.held_at,
                   ARRAY(SELECT o.name FROM content_post_topic t JOIN content_topic o ON o.id = t.topic_id
                         WHERE t.post_id = p.id ORDER BY t.position) AS topics,
                   ARRAY(SELECT f.key FROM content_photo f WHERE f.post_id = p.id ORDER BY f.position, f.id) AS photos,
                   (SELECT v.key FROM content_video v WHERE v.post_id = p.id) AS film
            FROM content_post p LEFT JOIN content_series s ON s.id = p.series_id WHERE p.owner_id = %s ORDER BY p.id
            """,
        ),
        (
            "post_tags",
            """
            SELECT g.post_id AS post, t.name AS thing, g.product_id AS product, g.x, g.y, g.from_ms, g.until_ms, g.words
            FROM content_tag g JOIN content_post p ON p.id = g.post_id JOIN things_thing t ON t.id = g.thing_id
            WHERE p.owner_id = %s ORDER BY g.id
            """,
        ),
        (
            "post_revisions",
            """
            SELECT r.post_id AS post, r.version, r.title, r.text, r.is_ad, r.said_until
            FROM content_revision r JOIN content_post p ON p.id = r.post_id WHERE p.owner_id = %s ORDER BY r.id
            """,
        ),
        (
            "comments",
            """
            SELECT id, post_id AS post, answers_id AS answers, text, written_at, edited_at FROM content_comment
            WHERE owner_id = %s ORDER BY id
            """,
        ),
        (
            "reactions",
            "SELECT post_id AS post, kind, reacted_at FROM content_reaction WHERE person_id = %s ORDER BY id",
        ),
        ("saved_posts", "SELECT post_id AS post, saved_at FROM content_save WHERE person_id = %s ORDER BY id"),
        ("series", "SELECT id, title, made_at FROM content_series WHERE owner_id = %s ORDER BY id"),
    ):
        yield name, db.records(statement, [person_id])


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the pictures of a person's posts. Cost: one query."""
    found = db.rows(
        """
        SELECT f.key FROM content_photo f JOIN content_post p ON p.id = f.post_id WHERE p.owner_id = %s ORDER BY f.id
        """,
        [person_id],
    )
    return tuple(key for (key,) in found)


def films_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the films of a person's posts. Cost: one query."""
    found = db.rows(
        """
        SELECT v.key FROM content_video v JOIN content_post p ON p.id = v.post_id WHERE p.owner_id = %s ORDER BY p.id
        """,
        [person_id],
    )
    return tuple(key for (key,) in found)
