"""Posts as they stand in the open, for what sorts them into channels: no reader's name, and no reader's eyes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from wuyou.domains.content.queries.posts import posts_seen
from wuyou.domains.content.rules import plain_of
from wuyou.domains.content.types import PostKind
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer, make_viewer

_ANYONE = make_viewer(None)
_IN_OPEN = f"(p.published_at IS NOT NULL AND p.origin_id IS NULL AND {sight.visible_sql(_ANYONE, 'p')})"
"""Published, no repost, and open to who is not signed in."""


class OpenFacts(NamedTuple):
    """What can be said of a post in the open, and how many people other than its author answered it."""

    id: int
    owner_id: int
    kind: PostKind
    title: str
    text: str
    """As it is read in one line."""
    is_ad: bool
    sells: bool
    published_at: datetime
    photo_count: int
    has_video: bool
    topics: tuple[str, ...]
    thing_ids: tuple[int, ...]
    reactions: int
    comments: int
    """People who said something that everybody may read."""
    reposts: int
    saves: int


class Owned(NamedTuple):
    """Whose a post is, and whether it must say that it is advertising."""

    owner_id: int
    is_ad: bool


def open_facts_by_id(post_ids: Collection[int]) -> dict[int, OpenFacts]:
    """Those of these posts that are open to everyone. Cost: one query; none for none."""
    if not post_ids:
        return {}
    found = db.rows(
        f"""
        SELECT p.id, p.owner_id, p.kind, p.title, p.text, p.is_ad,
               EXISTS (SELECT FROM content_tag g WHERE g.post_id = p.id AND g.product_id IS NOT NULL), p.published_at,
               (SELECT count(*) FROM content_photo f WHERE f.post_id = p.id),
               EXISTS (SELECT FROM content_video v WHERE v.post_id = p.id),
               ARRAY(SELECT o.name FROM content_post_topic t JOIN content_topic o ON o.id = t.topic_id
                     WHERE t.post_id = p.id ORDER BY t.position),
               ARRAY(SELECT g.thing_id FROM content_tag g WHERE g.post_id = p.id ORDER BY g.position),
               (SELECT count(*) FROM content_reaction r WHERE r.post_id = p.id AND r.person_id <> p.owner_id),
               (SELECT count(DISTINCT c.owner_id) FROM content_comment c WHERE c.post_id = p.id
                AND c.owner_id <> p.owner_id AND {sight.visible_sql(_ANYONE, "c")}),
               (SELECT count(DISTINCT s.owner_id) FROM content_post s WHERE s.origin_id = p.id
                AND s.owner_id <> p.owner_id AND s.published_at IS NOT NULL AND {sight.visible_sql(_ANYONE, "s")}),
               (SELECT count(*) FROM content_save k WHERE k.post_id = p.id AND k.person_id <> p.owner_id)
        FROM content_post p WHERE p.id = ANY(%s) AND {_IN_OPEN}
        """,  # noqa: S608  (literals of this module)
        [sorted(set(post_ids))],
    )
    return {columns[0]: _facts(*columns) for columns in found}


def shown_among(viewer: Viewer, post_ids: Collection[int]) -> dict[int, Owned]:
    """Those of these posts that are open to everyone at this moment, and to the viewer too. Cost: one query at most."""
    if not post_ids:
        return {}
    found = db.rows(
        f"""
        SELECT p.id, p.owner_id, p.is_ad FROM content_post p
        WHERE p.id = ANY(%s) AND {_IN_OPEN} AND {posts_seen(viewer)}
        """,  # noqa: S608  (literals of this module)
        [sorted(set(post_ids))],
    )
    return {post_id: Owned(*columns) for post_id, *columns in found}


def owners_by_post(post_ids: Collection[int]) -> dict[int, int]:
    """Whose these posts are, however they stand: for keeping books, for nobody's eyes. Cost: one query at most."""
    if not post_ids:
        return {}
    return dict(db.rows("SELECT id, owner_id FROM content_post WHERE id = ANY(%s)", [sorted(set(post_ids))]))


def _facts(
    post_id: int, owner_id: int, kind: str, title: str, text: str, is_ad: bool, sells: bool, published_at: datetime,
    photo_count: int, has_video: bool, topics: list[str], thing_ids: list[int], *counts: int,
) -> OpenFacts:  # fmt: skip
    plain = plain_of(PostKind(kind), text)
    return OpenFacts(
        post_id, owner_id, PostKind(kind), title, plain, is_ad, sells, published_at, photo_count, has_video,
        tuple(topics), tuple(thing_ids), *counts,
    )  # fmt: skip
