"""Posts: one, many, and lists of them, as far as the viewer may see them and what they pass on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.content import errors, types
from wuyou.domains.content.rules import plain_of, topic_key
from wuyou.domains.things import queries as things
from wuyou.infra import db, fulltext, sight
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import AudienceRule, Sight, Viewer, rule_of

_PHOTO = "f.id, f.key, f.width, f.height, f.blurhash"
_COLUMNS = f"""
    p.id, p.owner_id, p.kind, p.title, p.text, p.html, p.published_at IS NOT NULL, p.publish_at IS NOT NULL,
    {sight.withheld_sql("p")}, p.is_ad, p.earns, p.series_id, p.origin_id, p.via_id, p.version, p.made_at, p.publish_at,
    p.published_at, p.edited_at,
    (SELECT json_agg(json_build_array({_PHOTO}, v.key, v.duration_ms, v.width, v.height, v.size_bytes, v.has_stream)
                     ORDER BY f.position, f.id)
     FROM content_photo f LEFT JOIN content_video v ON v.poster_id = f.id WHERE f.post_id = p.id)
"""  # noqa: S608  (literals of this module)
"""A post, and its pictures in their order, one of which may stand for its film."""
_AFTER = """(%(cursor)s::bigint IS NULL OR (p.published_at, p.id) < (
    SELECT c.published_at, c.id FROM content_post c WHERE c.id = %(cursor)s::bigint))
"""
_LATEST = "ORDER BY p.published_at DESC, p.id DESC"
_BEGINNING = 200
"""So many signs of a text tell what a post without a title is called."""


# ---------------------------------------------------------------------- one


def get_post_for(viewer: Viewer, post_id: int) -> types.Post:
    """A post that the viewer may see; to its author also before it is published. Raises `PostNotFound`.

    Cost: one query.
    """
    found = posts_by_id(viewer, [post_id]).get(post_id)
    if found is None:
        raise errors.PostNotFound()
    return found


def get_photo_for(viewer: Viewer, photo_id: int) -> types.StoredPicture:
    """A picture of a post that the viewer may see. Raises `PhotoNotFound`. Cost: one query."""
    found = db.row(
        f"""
        SELECT {_PHOTO} FROM content_photo f JOIN content_post p ON p.id = f.post_id
        WHERE f.id = %s AND {posts_seen(viewer)}
        """,  # noqa: S608  (literals of this module)
        [photo_id],
    )
    if found is None:
        raise errors.PhotoNotFound()
    return types.StoredPicture(*found)


def get_film_for(viewer: Viewer, post_id: int) -> str:
    """The key of the film of a post that the viewer may see; a repost has none of its own.

    Raises: `FilmNotFound`. Cost: one query.
    """
    found = db.row(
        f"""
        SELECT v.key FROM content_video v JOIN content_post p ON p.id = v.post_id
        WHERE v.post_id = %s AND {posts_seen(viewer)}
        """,  # noqa: S608  (literals of this module)
        [post_id],
    )
    if found is None:
        raise errors.FilmNotFound()
    return str(found[0])


def tags_by_post(viewer: Viewer, post_ids: Iterable[int]) -> dict[int, tuple[types.Tag, ...]]:
    """At what these posts, which the viewer sees, point: those of its tags whose things they may know of.

    Cost: two queries.
    """
    found = db.rows(
        f"""
        SELECT id, post_id, thing_id, product_id, photo_id, x, y, from_ms, until_ms, words FROM content_tag
        WHERE post_id = ANY({db.ids("%s")}) ORDER BY post_id, position
        """,  # noqa: S608  (literals of this module)
        [sorted(set(post_ids))],
    )
    known = things.known_by_id(viewer, {thing_id for _, _, thing_id, *_ in found}) if found else {}
    tags: dict[int, list[types.Tag]] = defaultdict(list)
    for tag_id, post_id, thing_id, *rest in found:
        if thing_id in known:
            tags[post_id].append(types.Tag(tag_id, post_id, known[thing_id], *rest))
    return {post_id: tuple(its) for post_id, its in tags.items()}


def topics_by_post(post_ids: Iterable[int]) -> dict[int, tuple[types.Topic, ...]]:
    """What these posts, which somebody sees, are about. Cost: one query."""
    topics: dict[int, list[types.Topic]] = defaultdict(list)
    for post_id, topic_id, name in db.rows(
        """
        SELECT t.post_id, o.id, o.name FROM content_post_topic t JOIN content_topic o ON o.id = t.topic_id
        WHERE t.post_id = ANY(%s) ORDER BY t.post_id, t.position
        """,
        [sorted(set(post_ids))],
    ):
        topics[post_id].append(types.Topic(topic_id, name))
    return {post_id: tuple(its) for post_id, its in topics.items()}


def rule_of_post(owner_id: int, post_id: int) -> AudienceRule:
    """To whom somebody opened a post of theirs. Raises `PostNotFound`."""
    found = db.row(
        "SELECT owner_id, sight_opens, sight_closes FROM content_post WHERE id = %s AND owner_id = %s",
        [post_id, owner_id],
    )
    if found is None:
        raise errors.PostNotFound()
    return rule_of(Sight(found[0], tuple(found[1]), tuple(found[2])))


# ---------------------------------------------------------------------- many


def posts_by_id(viewer: Viewer, post_ids: Iterable[int]) -> dict[int, types.Post]:
    """Many posts, those that the viewer may see. Cost: one query at most."""
    wanted = sorted(set(post_ids))
    if not wanted:
        return {}
    found = db.rows(
        f"SELECT {_COLUMNS} FROM content_post p WHERE p.id = ANY({db.ids('%s')}) AND {posts_seen(viewer)}",  # noqa: S608
        [wanted],
    )
    return {post.id: post for post in map(_post, found)}


def called_among(viewer: Viewer, post_ids: Collection[int]) -> dict[int, types.Called]:
    """What those of these published posts are called that the viewer may see. Cost: one query, none without posts."""
    if not post_ids:
        return {}
    found = db.rows(
        f"""
        SELECT p.id, p.kind, p.title, CASE p.title WHEN '' THEN left(p.text, {_BEGINNING}) ELSE '' END
        FROM content_post p WHERE p.id = ANY(%s) AND p.published_at IS NOT NULL AND {posts_seen(viewer)}
        """,  # noqa: S608  (literals of this module)
        [sorted(set(post_ids))],
    )
    return {
        post_id: types.Called(kind, title, plain_of(kind, begins))
        for post_id, kind, title, begins in ((key, types.PostKind(kind), *words) for key, kind, *words in found)
    }


def visible_posts_among(viewer: Viewer, post_ids: Collection[int]) -> set[int]:
    """Those of these posts that the viewer may see. Cost: one query."""
    found = db.rows(
        f"SELECT p.id FROM content_post p WHERE p.id = ANY(%s) AND {posts_seen(viewer)}",  # noqa: S608
        [sorted(set(post_ids))],
    )
    return {post_id for (post_id,) in found}


def posts_seen(viewer: Viewer, alias: str = "p") -> str:
    """The condition on the posts of this alias: it is open to the viewer, and so is what it passes on."""
    return f"""({sight.visible_sql(viewer, alias)} AND ({alias}.origin_id IS NULL OR EXISTS (
        SELECT FROM content_post o WHERE o.id = {alias}.origin_id AND {sight.visible_sql(viewer, "o")})))
    """


# ---------------------------------------------------------------------- lists


def list_newest(viewer: Viewer, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """What was published last, reposts left out. Cost: one query."""
    return _page(viewer, "p.origin_id IS NULL", {}, cursor, limit)


def list_of_owner(viewer: Viewer, owner_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """What somebody published and passed on, newest first. Cost: one query."""
    return _page(viewer, "p.owner_id = %(owner)s", {"owner": owner_id}, cursor, limit)


def published_ids(owner_id: int) -> tuple[int, ...]:
    """All that somebody published themselves, for who counts it. Cost: one query."""
    found = db.rows(
        "SELECT id FROM content_post WHERE owner_id = %s AND origin_id IS NULL AND published_at IS NOT NULL", [owner_id]
    )
    return tuple(post_id for (post_id,) in found)


def list_unpublished(owner_id: int) -> tuple[types.Post, ...]:
    """Somebody's drafts and what they have scheduled, the latest first; their own alone. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM content_post p WHERE p.owner_id = %s AND p.published_at IS NULL
        ORDER BY p.id DESC LIMIT {MAX_PAGE}
        """,  # noqa: S608  (literals of this module)
        [owner_id],
    )
    return tuple(map(_post, found))


def list_by_people(
    viewer: Viewer, person_ids: Collection[int], *, cursor: int | None = None, limit: int = 24
) -> Page[types.Post]:
    """What these people published and passed on, the latest first.

    Cost: one query: each person's latest few by an index, so that who is silent costs as little as who is not.
    Filtering all posts by their owners would read past those of everybody else to find the silent.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM (
            SELECT one.id FROM unnest(%(people)s::bigint[]) AS f (id) CROSS JOIN LATERAL (
                SELECT p.id, p.published_at FROM content_post p
                WHERE p.owner_id = f.id AND p.published_at IS NOT NULL AND {_AFTER} AND {posts_seen(viewer)}
                {_LATEST} LIMIT %(limit)s) one
            ORDER BY one.published_at DESC, one.id DESC LIMIT %(limit)s) chosen
        JOIN content_post p ON p.id = chosen.id {_LATEST}
        """,  # noqa: S608  (literals of this module)
        {"people": sorted(set(person_ids)), "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_post(columns) for columns in found], limit, lambda post: post.id)


def pictured_by_person(viewer: Viewer, person_ids: Collection[int]) -> dict[int, types.Post]:
    """Of each of these people the latest post with a picture that the viewer may see; none passed on, which has no
    picture of its own. Cost: one query, none for nobody."""
    if not person_ids:
        return {}
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM unnest(%s::bigint[]) AS o (id) CROSS JOIN LATERAL (
            SELECT p.id FROM content_post p
            WHERE p.owner_id = o.id AND p.published_at IS NOT NULL AND {posts_seen(viewer)}
            AND EXISTS (SELECT FROM content_photo f WHERE f.post_id = p.id)
            {_LATEST} LIMIT 1) one
        JOIN content_post p ON p.id = one.id
        """,  # noqa: S608  (literals of this module)
        [sorted(set(person_ids))],
    )
    return {post.owner_id: post for post in map(_post, found)}


def list_by_thing(
    viewer: Viewer, thing_ids: Collection[int], *, cursor: int | None = None, limit: int = 24
) -> Page[types.Post]:
    """Posts that point at one of these things, newest first. Cost: one query."""
    return _page(
        viewer,
        f"""
        p.origin_id IS NULL
        AND EXISTS (SELECT FROM content_tag g WHERE g.post_id = p.id AND g.thing_id = ANY({db.ids("%(things)s")}))
        """,
        {"things": sorted(set(thing_ids))},
        cursor,
        limit,
    )


def goods_shown(
    viewer: Viewer, *, since: datetime, product_ids: Collection[int] | None = None, limit: int = 200
) -> dict[int, frozenset[int]]:
    """What was published last in this time and leads to buying, reposts left out: each post with its products.

    Args: product_ids: only what leads to these, and only these of it; None for any.
    Cost: three queries, one when there is nothing.
    """
    wanted = None if product_ids is None else sorted(set(product_ids))
    found = db.rows(
        f"""
        SELECT p.id FROM content_post p
        WHERE p.published_at >= %(since)s AND p.origin_id IS NULL AND EXISTS (
            SELECT FROM content_tag g WHERE g.post_id = p.id AND g.product_id IS NOT NULL
            AND (%(products)s::bigint[] IS NULL OR g.product_id = ANY(%(products)s::bigint[])))
        AND {posts_seen(viewer)} {_LATEST} LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"since": since, "products": wanted, "limit": limit},
    )
    tags = tags_by_post(viewer, [post_id for (post_id,) in found]) if found else {}
    shown = {
        post_id: frozenset(
            tag.product_id
            for tag in tags.get(post_id, ())
            if tag.product_id is not None and (wanted is None or tag.product_id in wanted)
        )
        for (post_id,) in found
    }
    return {post_id: products for post_id, products in shown.items() if products}


def list_by_topic(viewer: Viewer, topic_id: int, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """Posts of a topic, newest first. Cost: one query."""
    return _page(
        viewer,
        """
        p.origin_id IS NULL
        AND EXISTS (SELECT FROM content_post_topic t WHERE t.post_id = p.id AND t.topic_id = %(topic)s)
        """,
        {"topic": topic_id},
        cursor,
        limit,
    )


def list_by_series(viewer: Viewer, series_id: int, *, limit: int = 100) -> tuple[types.Post, ...]:
    """The posts of a series in the order in which they were published. Cost: one query."""
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM content_post p WHERE p.series_id = %s AND p.published_at IS NOT NULL
        AND {posts_seen(viewer)} ORDER BY p.published_at, p.id LIMIT %s
        """,  # noqa: S608  (literals of this module)
        [series_id, limit],
    )
    return tuple(map(_post, found))


def get_series_for(viewer: Viewer, series_id: int) -> types.Series:
    """A series of which the viewer sees a post, or that is their own. Raises `SeriesNotFound`. Cost: one query."""
    found = db.row(
        f"""
        SELECT s.id, s.owner_id, s.title FROM content_series s WHERE s.id = %(series)s AND (s.owner_id = %(me)s
        OR EXISTS (SELECT FROM content_post p WHERE p.series_id = s.id AND p.published_at IS NOT NULL
                   AND {posts_seen(viewer)}))
        """,  # noqa: S608  (literals of this module)
        {"series": series_id, "me": viewer.person_id or 0},
    )
    if found is None:
        raise errors.SeriesNotFound()
    return types.Series(*found)


def place_in_series(viewer: Viewer, post: types.Post) -> types.Place | None:
    """Where a published post that the viewer sees stands in its series; None outside of one. Cost: one query."""
    if post.series_id is None or post.published_at is None:
        return None
    found = db.row(
        f"""
        SELECT s.id, s.owner_id, s.title, b.id, b.called, a.id, a.called FROM content_series s
        LEFT JOIN LATERAL (
            SELECT p.id, coalesce(nullif(p.title, ''), left(p.text, 40)) AS called FROM content_post p
            WHERE p.series_id = s.id AND (p.published_at, p.id) < (%(at)s, %(post)s) AND {posts_seen(viewer)}
            ORDER BY p.published_at DESC, p.id DESC LIMIT 1) b ON true
        LEFT JOIN LATERAL (
            SELECT p.id, coalesce(nullif(p.title, ''), left(p.text, 40)) AS called FROM content_post p
            WHERE p.series_id = s.id AND (p.published_at, p.id) > (%(at)s, %(post)s) AND {posts_seen(viewer)}
            ORDER BY p.published_at, p.id LIMIT 1) a ON true
        WHERE s.id = %(series)s
        """,  # noqa: S608  (literals of this module)
        {"series": post.series_id, "at": post.published_at, "post": post.id},
    )
    if found is None:
        return None
    *series, before_id, before, after_id, after = found
    return types.Place(
        types.Series(*series),
        types.Neighbour(before_id, before) if before_id is not None else None,
        types.Neighbour(after_id, after) if after_id is not None else None,
    )


def list_saved(viewer: Viewer, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """What the viewer keeps for themselves, as far as they still see it, newest posts first. Cost: one query."""
    return _page(
        viewer,
        "EXISTS (SELECT FROM content_save s WHERE s.post_id = p.id AND s.person_id = %(me)s)",
        {"me": viewer.person_id or 0},
        cursor,
        limit,
    )


def find_posts(viewer: Viewer, words: str, *, cursor: int | None = None, limit: int = 24) -> Page[types.Post]:
    """Posts in which all of these words stand, newest first. Cost: one query; none without words to look for."""
    asked = fulltext.query(words)
    if asked is None:
        return Page((), None)
    return _page(
        viewer,
        "p.origin_id IS NULL AND p.words @@ %(asked)s::tsquery",
        {"asked": asked},
        cursor,
        limit,
    )


def find_topic(name: str) -> types.Topic | None:
    """The topic of this name, however it is written. Cost: one query."""
    found = db.row("SELECT id, name FROM content_topic WHERE key = %s", [topic_key(name)])
    return types.Topic(*found) if found else None


def list_series_of(owner_id: int) -> tuple[types.Series, ...]:
    """Somebody's series, for their own eyes. Cost: one query."""
    found = db.rows("SELECT id, owner_id, title FROM content_series WHERE owner_id = %s ORDER BY id DESC", [owner_id])
    return tuple(types.Series(*columns) for columns in found)


def list_revisions(viewer: Viewer, post_id: int) -> tuple[types.Revision, ...]:
    """What a post that the viewer sees said before, the latest first. Raises `PostNotFound`. Cost: two queries."""
    if not visible_posts_among(viewer, [post_id]):
        raise errors.PostNotFound()
    found = db.rows(
        """
        SELECT version, title, text, is_ad, said_until FROM content_revision WHERE post_id = %s ORDER BY version DESC
        """,
        [post_id],
    )
    return tuple(types.Revision(*columns) for columns in found)


# ---------------------------------------------------------------------- how they are put together


def _page(
    viewer: Viewer, condition: str, params: Mapping[str, Any], cursor: int | None, limit: int
) -> Page[types.Post]:
    """Published posts, the latest first; the cursor is the post where the page before ended."""
    limit = max(1, min(limit, MAX_PAGE))
    # Where the page begins and how long it is stand in the text: the first page is planned for what it is, and once.
    after = _AFTER if cursor is not None else "true"
    found = db.rows(
        f"""
        SELECT {_COLUMNS} FROM content_post p WHERE p.published_at IS NOT NULL AND {condition} AND {after}
        AND {posts_seen(viewer)} {_LATEST} LIMIT {limit + 1:d}
        """,  # noqa: S608  (literals of this module and a whole number)
        {**params, "cursor": cursor},
    )
    return cut_page([_post(columns) for columns in found], limit, lambda post: post.id)


def _post(columns: Sequence[Any]) -> types.Post:
    (post_id, owner_id, kind, title, text, html, is_published, is_scheduled, is_withheld, is_ad, earns, series_id,
     origin_id, via_id, version, made_at, publish_at, published_at, edited_at, pictures) = columns  # fmt: skip
    kind = types.PostKind(kind)
    photos, film = _pictures(pictures or ())
    return types.Post(
        post_id,
        owner_id,
        kind,
        title,
        text,
        plain_of(kind, text),
        html,
        _state(is_published, is_scheduled),
        is_withheld,
        is_ad,
        earns,
        series_id,
        origin_id,
        via_id,
        version,
        made_at,
        publish_at,
        published_at,
        edited_at,
        photos,
        film,
    )


def _state(is_published: bool, is_scheduled: bool) -> types.PostState:
    if is_published:
        return types.PostState.PUBLISHED
    return types.PostState.SCHEDULED if is_scheduled else types.PostState.DRAFT


def _pictures(found: Iterable[Sequence[Any]]) -> tuple[tuple[types.StoredPicture, ...], types.Video | None]:
    """Of one post; the picture that stands for its film is not among the others."""
    photos: list[types.StoredPicture] = []
    film = None
    for *picture, key, duration_ms, width, height, size_bytes, has_stream in found:
        stored = types.StoredPicture(*picture)
        if key is None:
            photos.append(stored)
        else:
            film = types.Video(key, duration_ms, width, height, size_bytes, stored, has_stream)
    return tuple(photos), film
