"""Posts and comments, as moderation has them judged: for who reports them, and for staff."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.content.queries.posts import posts_seen
from wuyou.domains.content.queries.responses import comments_seen
from wuyou.domains.moderation.types import Shown, Source, Subject, SubjectKind
from wuyou.infra import db
from wuyou.kernel.sight import Viewer

_POSTS = """
    SELECT p.id, p.owner_id, ARRAY[p.title, p.text]::text[] || ARRAY(
               SELECT t.words FROM content_tag t WHERE t.post_id = p.id AND t.words <> '' ORDER BY t.position),
           ARRAY(SELECT f.key FROM content_photo f WHERE f.post_id = p.id ORDER BY f.position), p.id
    FROM content_post p
"""
_COMMENTS = "SELECT c.id, c.owner_id, ARRAY[c.text], ARRAY[]::text[], c.post_id FROM content_comment c"


def _find_post(viewer: Viewer, post_id: int) -> Shown | None:
    return _one(SubjectKind.POST, f"{_POSTS} WHERE p.id = %s AND {posts_seen(viewer)}", post_id)


def _find_comment(viewer: Viewer, comment_id: int) -> Shown | None:
    return _one(SubjectKind.COMMENT, f"{_COMMENTS} WHERE c.id = %s AND {comments_seen(viewer)}", comment_id)


def _posts(post_ids: Collection[int]) -> dict[int, Shown]:
    return _many(SubjectKind.POST, f"{_POSTS} WHERE p.id = ANY(%s)", post_ids)


def _comments(comment_ids: Collection[int]) -> dict[int, Shown]:
    return _many(SubjectKind.COMMENT, f"{_COMMENTS} WHERE c.id = ANY(%s)", comment_ids)


def film_of_judged(post_id: int) -> str | None:
    """The key of the film of a post, for staff who judge it; None where there is none. Cost: one query."""
    found = db.row("SELECT key FROM content_video WHERE post_id = %s", [post_id])
    return str(found[0]) if found else None


POSTS = Source(_find_post, _posts)
COMMENTS = Source(_find_comment, _comments)


def _one(kind: SubjectKind, sql: str, key: int) -> Shown | None:
    return next((_shown(kind, *columns) for columns in db.rows(sql, [key])), None)


def _many(kind: SubjectKind, sql: str, keys: Collection[int]) -> dict[int, Shown]:
    return {columns[0]: _shown(kind, *columns) for columns in db.rows(sql, [sorted(keys)])}


def _shown(kind: SubjectKind, key: int, owner_id: int, texts: list[str], pictures: list[str], post_id: int) -> Shown:
    return Shown(Subject(kind, key), owner_id, tuple(filter(None, texts)), tuple(pictures), post_id)
