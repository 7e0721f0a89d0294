"""What people think of posts, for ranking: in the open for everybody, and one's own for oneself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from wuyou.domains.content.queries.posts import posts_seen
from wuyou.domains.content.queries.responses import comments_seen
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer, blocked_by, make_viewer

_ANYONE = make_viewer(None)
_IN_OPEN = sight.visible_sql(_ANYONE, "p")
"""What who is not signed in may see."""


class OpenPost(NamedTuple):
    """A published post that is open to everyone, and what it is about first."""

    id: int
    owner_id: int
    topic_id: int | None
    thing_id: int | None
    at: float
    """Published, in seconds since 1970."""


def list_open_posts() -> list[OpenPost]:
    """All posts that are open to everyone, reposts left out. Cost: one query over all of them."""
    found = db.rows(
        f"""
        SELECT p.id, p.owner_id,
               (SELECT t.topic_id FROM content_post_topic t WHERE t.post_id = p.id ORDER BY t.position LIMIT 1),
               (SELECT g.thing_id FROM content_tag g WHERE g.post_id = p.id ORDER BY g.position LIMIT 1),
               extract(epoch FROM p.published_at)::float8
        FROM content_post p WHERE p.published_at IS NOT NULL AND p.origin_id IS NULL AND {_IN_OPEN} ORDER BY p.id
        """  # noqa: S608  (literals of this module)
    )
    return [OpenPost(*columns) for columns in found]


def list_open_taste() -> list[tuple[int, int, str, float]]:
    """Person, post, REACTION, COMMENT or REPOST, and when: of what was said in the open to what is open to everyone."""
    return [(person, post, what, at) for person, post, what, at in db.rows(
        f"""
        SELECT r.person_id, p.id, 'REACTION', extract(epoch FROM r.reacted_at)::float8
        FROM content_reaction r JOIN content_post p ON p.id = r.post_id WHERE {_IN_OPEN}
        UNION ALL
        SELECT c.owner_id, p.id, 'COMMENT', extract(epoch FROM c.written_at)::float8
        FROM content_comment c JOIN content_post p ON p.id = c.post_id
        WHERE {_IN_OPEN} AND {sight.visible_sql(_ANYONE, "c")}
        UNION ALL
        SELECT s.owner_id, p.id, 'REPOST', extract(epoch FROM s.published_at)::float8
        FROM content_post s JOIN content_post p ON p.id = s.origin_id
        WHERE {_IN_OPEN} AND s.published_at IS NOT NULL AND {sight.visible_sql(_ANYONE, "s")}
        """  # noqa: S608  (literals of this module)
    )]  # fmt: skip


def list_touched_by(person_id: int, *, limit: int) -> list[int]:
    """The posts to which somebody reacted, that they saved or commented on, the latest first: for themselves alone."""
    found = db.rows(
        """
        SELECT post_id FROM (
            SELECT post_id, reacted_at AS at FROM content_reaction WHERE person_id = %(me)s
            UNION ALL SELECT post_id, saved_at FROM content_save WHERE person_id = %(me)s
            UNION ALL SELECT post_id, written_at FROM content_comment WHERE owner_id = %(me)s) touched
        GROUP BY post_id ORDER BY max(at) DESC, post_id DESC LIMIT %(limit)s
        """,
        {"me": person_id, "limit": limit},
    )
    return [post_id for (post_id,) in found]


def list_newest_ids(viewer: Viewer, *, limit: int) -> list[int]:
    """What was published last, as far as the viewer may see it, reposts left out. Cost: one query."""
    found = db.rows(
        f"""
        SELECT p.id FROM content_post p
        WHERE p.published_at IS NOT NULL AND p.origin_id IS NULL AND {posts_seen(viewer)}
        ORDER BY p.published_at DESC, p.id DESC LIMIT {limit:d}
        """  # noqa: S608  (literals of this module and a whole number)
    )
    return [post_id for (post_id,) in found]


def authors_among(viewer: Viewer, post_ids: Collection[int]) -> dict[int, int]:
    """Who wrote those of these published posts that the viewer may see. Cost: one query, none without posts."""
    if not post_ids:
        return {}
    found = db.rows(
        f"""
        SELECT p.id, p.owner_id FROM content_post p
        WHERE p.id = ANY({db.ids("%s")}) AND p.published_at IS NOT NULL AND {posts_seen(viewer)}
        """,  # noqa: S608  (literals of this module)
        [sorted(set(post_ids))],
    )
    return dict(found)


def newest_and_authors(viewer: Viewer, post_ids: Collection[int], *, newest: int) -> tuple[list[int], dict[int, int]]:
    """What was published last, so many, reposts left out; and who wrote those, and those of these published posts, as
    far as the viewer may see them. Cost: one query; none when nothing is asked.
    """
    if not post_ids and not newest:
        return [], {}
    found = db.rows(
        f"""
        (SELECT p.id, p.owner_id, p.published_at AS newest FROM content_post p
         WHERE p.published_at IS NOT NULL AND p.origin_id IS NULL AND {posts_seen(viewer)}
         ORDER BY p.published_at DESC, p.id DESC LIMIT {newest:d})
        UNION ALL
        SELECT p.id, p.owner_id, NULL FROM content_post p
        WHERE p.id = ANY({db.ids("%s")}) AND p.published_at IS NOT NULL AND {posts_seen(viewer)}
        ORDER BY newest DESC, id DESC
        """,  # noqa: S608  (literals of this module and a whole number)
        [sorted(set(post_ids))],
    )
    return [post_id for post_id, _, at in found if at is not None], {post_id: owner for post_id, owner, _ in found}


def fans_by_post(viewer: Viewer, post_ids: Collection[int], *, among: Collection[int]) -> dict[int, frozenset[int]]:
    """Which of these people reacted to these posts, or said something there, as far as the viewer may know.

    Cost: one query at most.
    """
    if not post_ids or not among:
        return {}
    wanted = sorted(set(among) - blocked_by(viewer))
    fans: dict[int, set[int]] = defaultdict(set)
    for post_id, person_id in db.rows(
        f"""
        SELECT r.post_id, r.person_id FROM content_reaction r
        WHERE r.post_id = ANY({db.ids("%(posts)s")}) AND r.person_id = ANY({db.ids("%(people)s")})
        UNION ALL SELECT c.post_id, c.owner_id FROM content_comment c
        WHERE c.post_id = ANY({db.ids("%(posts)s")}) AND c.owner_id = ANY({db.ids("%(people)s")})
        AND {comments_seen(viewer)}
        """,  # noqa: S608  (whole numbers alone)
        {"posts": sorted(set(post_ids)), "people": wanted},
    ):
        fans[post_id].add(person_id)
    return {post_id: frozenset(people) for post_id, people in fans.items()}
