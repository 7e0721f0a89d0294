"""What others say of posts: comments, reactions, reposts; each seen through the post, and not across a block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from wuyou.domains.content import errors, types
from wuyou.domains.content.queries.posts import posts_by_id, posts_seen, visible_posts_among
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import queries as things
from wuyou.infra import db, sight
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer, blocked_by


def _comments(viewer: Viewer) -> str:
    """Comments, and what each answers as far as the viewer sees that too: an answer is in the thread of its own."""
    return f"""
        SELECT c.id, c.post_id, c.owner_id, c.thread_id,
               (SELECT a.id FROM content_comment a WHERE a.id = c.answers_id AND {sight.visible_sql(viewer, "a")})
               AS answers_id,
               c.text, {sight.withheld_sql("c")}, c.written_at, c.edited_at
        FROM content_comment c
    """  # noqa: S608  (literals of this module, and whole numbers)


def get_comment_for(viewer: Viewer, comment_id: int) -> types.Comment:
    """A comment that the viewer may see. Raises `CommentNotFound`. Cost: one query."""
    found = db.row(f"{_comments(viewer)} WHERE c.id = %s AND {comments_seen(viewer)}", [comment_id])
    if found is None:
        raise errors.CommentNotFound()
    return types.Comment(*found)


def list_comments(viewer: Viewer, post_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Comment]:
    """The comments of a post that began a thread, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_comments(viewer)} WHERE c.post_id = %(post)s AND c.thread_id IS NULL
        AND (%(cursor)s::bigint IS NULL OR c.id < %(cursor)s::bigint) AND {comments_seen(viewer)}
        ORDER BY c.id DESC LIMIT %(limit)s
        """,
        {"post": post_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([types.Comment(*columns) for columns in found], limit, lambda comment: comment.id)


def comments_by_thread(
    viewer: Viewer, thread_ids: Iterable[int], *, most: int = 100
) -> dict[int, tuple[types.Comment, ...]]:
    """The answers within these threads, in their order, the first `most` of each. Cost: one query."""
    found = db.rows(
        f"""
        SELECT one.* FROM unnest({db.ids("%(threads)s")}) AS t (id) CROSS JOIN LATERAL (
            {_comments(viewer)} WHERE c.thread_id = t.id AND {comments_seen(viewer)} ORDER BY c.id LIMIT %(most)s) one
        ORDER BY one.id
        """,  # noqa: S608  (literals of this module)
        {"threads": sorted(set(thread_ids)), "most": most},
    )
    threads: dict[int, list[types.Comment]] = defaultdict(list)
    for columns in found:
        threads[columns[3]].append(types.Comment(*columns))
    return {thread_id: tuple(comments) for thread_id, comments in threads.items()}


def visible_comments_among(viewer: Viewer, comment_ids: Collection[int]) -> set[int]:
    """Those of these comments that the viewer may see. Cost: one query."""
    found = db.rows(
        f"SELECT c.id FROM content_comment c WHERE c.id = ANY(%s) AND {comments_seen(viewer)}",  # noqa: S608
        [sorted(set(comment_ids))],
    )
    return {comment_id for (comment_id,) in found}


def comments_seen(viewer: Viewer) -> str:
    """The condition on `c`: it is open to the viewer, and so are its post and the comment that began its thread."""
    return f"""({_open_comments(viewer)}
        AND EXISTS (SELECT FROM content_post p WHERE p.id = c.post_id AND {posts_seen(viewer)}))
    """


def _open_comments(viewer: Viewer) -> str:
    """The same under a post that the viewer sees."""
    return f"""({sight.visible_sql(viewer, "c")}
        AND (c.thread_id IS NULL OR EXISTS (
            SELECT FROM content_comment b WHERE b.id = c.thread_id AND {sight.visible_sql(viewer, "b")})))
    """


def list_reactions(
    viewer: Viewer, post_id: int, *, cursor: int | None = None, limit: int = 48
) -> Page[tuple[int, types.ReactionKind]]:
    """Who reacted to a post that the viewer sees, and how; without whom a block stands. Cost: two queries."""
    if not visible_posts_among(viewer, [post_id]):
        return Page((), None)
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT r.id, r.person_id, r.kind FROM content_reaction r WHERE r.post_id = %(post)s
        AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s::bigint) AND {_not_blocked(viewer, "r.person_id")}
        ORDER BY r.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"post": post_id, "cursor": cursor, "limit": limit + 1},
    )
    page = cut_page([tuple(columns) for columns in found], limit, lambda columns: int(columns[0]))
    return Page(tuple((person, types.ReactionKind(kind)) for _, person, kind in page.items), page.next_cursor)


def list_reposts(viewer: Viewer, post_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """The reposts of a post that the viewer may see, newest first. Cost: two queries."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT p.id FROM content_post p WHERE p.origin_id = %(post)s AND p.published_at IS NOT NULL
        AND (%(cursor)s::bigint IS NULL OR p.id < %(cursor)s::bigint) AND {posts_seen(viewer)}
        ORDER BY p.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"post": post_id, "cursor": cursor, "limit": limit + 1},
    )
    ids = [reposted for (reposted,) in found]
    seen = posts_by_id(viewer, ids)
    return cut_page([seen[reposted] for reposted in ids if reposted in seen], limit, lambda post: post.id)


def responses_by_post(viewer: Viewer, post_ids: Iterable[int]) -> dict[int, types.Response]:
    """How these posts, which the viewer sees, were received: only what the viewer sees is counted. Cost: one query."""
    found = db.rows(
        f"""
        SELECT asked.id, coalesce(reacted.count, 0), coalesce(said.count, 0), coalesce(passed.count, 0), mine.kind,
               kept.id IS NOT NULL
        FROM unnest({db.ids("%(posts)s")}) AS asked (id)
        LEFT JOIN (SELECT r.post_id, count(*) FROM content_reaction r
                   WHERE r.post_id = ANY({db.ids("%(posts)s")}) AND {_not_blocked(viewer, "r.person_id")}
                   GROUP BY r.post_id) reacted ON reacted.post_id = asked.id
        LEFT JOIN ({_counted(viewer)}) said ON said.post_id = asked.id
        LEFT JOIN (SELECT p.origin_id, count(*) FROM content_post p WHERE p.origin_id = ANY({db.ids("%(posts)s")})
                   AND p.published_at IS NOT NULL AND {sight.visible_sql(viewer, "p")}
                   GROUP BY p.origin_id) passed ON passed.origin_id = asked.id
        LEFT JOIN content_reaction mine ON mine.post_id = asked.id AND mine.person_id = %(me)s
        LEFT JOIN content_save kept ON kept.post_id = asked.id AND kept.person_id = %(me)s
        """,  # noqa: S608  (literals of this module)
        {"posts": sorted(set(post_ids)), "me": viewer.person_id or 0},
    )
    return {post_id: _response(counts) for post_id, *counts in found}


def count_comments(viewer: Viewer, post_ids: Iterable[int]) -> dict[int, int]:
    """How much is said under these posts, which the viewer sees, as far as they see it. Cost: one query at most."""
    wanted = sorted(set(post_ids))
    return dict(db.rows(_counted(viewer), {"posts": wanted})) if wanted else {}


def _counted(viewer: Viewer) -> str:
    return f"""
        SELECT c.post_id, count(*) FROM content_comment c
        WHERE c.post_id = ANY({db.ids("%(posts)s")}) AND {_open_comments(viewer)} GROUP BY c.post_id
    """  # noqa: S608  (literals of this module)


def reactions_by_day(
    viewer: Viewer, post_ids: Collection[int], *, since: date, zone: ZoneInfo = BUSINESS_ZONE
) -> dict[int, dict[date, int]]:
    """On which days from this one on people reacted to posts that the viewer sees, and how many. Cost: one query."""
    days: dict[int, dict[date, int]] = defaultdict(dict)
    for post_id, day, count in db.rows(
        f"""
        SELECT r.post_id, (r.reacted_at AT TIME ZONE %(zone)s)::date AS day, count(*) FROM content_reaction r
        WHERE r.post_id = ANY(%(posts)s) AND r.reacted_at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
        AND {_not_blocked(viewer, "r.person_id")} GROUP BY r.post_id, day
        """,  # noqa: S608  (literals of this module)
        {"posts": sorted(set(post_ids)), "since": since, "zone": zone.key},
    ):
        days[post_id][day] = count
    return dict(days)


def thanks_among(viewer: Viewer, appreciation_ids: Collection[int]) -> set[int]:
    """Those of these thanks to the viewer that stand, and for what is still there. Cost: four queries at most."""
    standing = social.thanks_among(viewer, appreciation_ids)
    posts = {thanks: source for thanks, (kind, source) in standing.items() if kind is AppreciatedKind.POST}
    others = standing.keys() - posts.keys()
    there = visible_posts_among(viewer, posts.values()) if posts else set()
    kept = things.thanks_among(viewer, others) if others else set()
    return kept | {thanks for thanks, source in posts.items() if source in there}


def _response(columns: Sequence[Any]) -> types.Response:
    reactions, comments, reposts, mine, is_saved = columns
    return types.Response(reactions, comments, reposts, types.ReactionKind(mine) if mine else None, is_saved)


def _not_blocked(viewer: Viewer, person: str) -> str:
    """The condition that no block stands between the viewer and a person."""
    blocked = f"{{{','.join(map(str, sorted(blocked_by(viewer))))}}}"
    return f"{person} <> ALL({db.shared(blocked)})"
