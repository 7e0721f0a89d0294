"""What several operations share: posts and comments go with all that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wuyou.domains.content import events
from wuyou.infra import db, storage
from wuyou.infra.events import publish


def drop_posts(post_ids: Iterable[int], now: datetime) -> None:
    """Posts with all that stands in them, under them, and passes them on. Locks: the posts, by id.

    Publishes: `PostRemoved` for each that was published.
    """
    gone = db.rows(
        """
        SELECT id, owner_id, published_at IS NOT NULL FROM content_post
        WHERE id = ANY(%(ids)s) OR origin_id = ANY(%(ids)s) ORDER BY id FOR UPDATE
        """,
        {"ids": sorted(set(post_ids))},
    )
    ids = {"ids": [post_id for post_id, *_ in gone]}
    keys = [key for (key,) in db.rows(
        """
        SELECT key FROM content_photo WHERE post_id = ANY(%(ids)s)
        UNION ALL SELECT key FROM content_video WHERE post_id = ANY(%(ids)s)
        """,
        ids,
    )]  # fmt: skip
    for statement in (
        "DELETE FROM content_untold WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_reaction WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_save WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_comment WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_revision WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_post_topic WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_tag WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_video WHERE post_id = ANY(%(ids)s)",
        "DELETE FROM content_photo WHERE post_id = ANY(%(ids)s)",
        "UPDATE content_post SET via_id = NULL WHERE via_id = ANY(%(ids)s)",
        "DELETE FROM content_post WHERE id = ANY(%(ids)s)",
    ):
        db.execute(statement, ids)
    storage.discard(keys)
    for post_id, owner_id, is_published in gone:
        if is_published:
            publish(events.PostRemoved(post_id, owner_id, now))


def drop_comments(comment_ids: list[int]) -> None:
    """Comments and the threads that they began."""
    ids = {"ids": comment_ids}
    db.execute("UPDATE content_comment SET answers_id = NULL WHERE answers_id = ANY(%(ids)s)", ids)
    db.execute("DELETE FROM content_comment WHERE thread_id = ANY(%(ids)s)", ids)
    db.execute("DELETE FROM content_comment WHERE id = ANY(%(ids)s)", ids)
