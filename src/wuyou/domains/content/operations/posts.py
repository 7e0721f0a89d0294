"""Posts: begun, edited, taken off the record.

Locks, in this order: the post; the things that it points at, shared; its files by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import dropping, errors, events, filming, judging, rules
from wuyou.domains.content.own import Locked, lock_own, own_products
from wuyou.domains.content.types import Filmed, PostDraft, PostKind, TagDraft
from wuyou.domains.social import queries as social
from wuyou.domains.things import operations as thing_operations
from wuyou.domains.things import queries as things
from wuyou.infra import db, fulltext, sight, storage
from wuyou.infra.events import publish
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Sight, Subject, rule_of


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a draft becomes, checked."""

    title: str
    text: str
    topics: tuple[str, ...]
    tags: tuple[TagDraft, ...]
    things: tuple[int, ...]
    """Of each tag."""
    subjects: tuple[Subject, ...]
    is_ad: bool


@db.requires_transaction
def start_post(
    *,
    actor: Actor,
    draft: PostDraft,
    now: datetime,
    pictures: Sequence[Picture] = (),
    filmed: Filmed | None = None,
) -> int:
    """Begin a post, which nobody else sees until it is published; returns its id.

    Locks: the things that it points at, shared; the files by key.
    Raises: `TextMalformed`, `TagMalformed`, `TopicMalformed`, `TooMany`, `SeriesNotFound`, `FilmMisplaced`,
    `things.ThingNotFound`, `catalog.ProductNotFound`, `storage.FileGone`, and what `social.check_rule` refuses.
    """
    me = actor.person_id
    _check_count(len(pictures))
    if filmed is not None:
        rules.check_film(draft.kind, len(pictures))
    film_ms = filmed.film.duration_ms if filmed and filmed.film else None
    parts = _check(actor, draft, len(pictures), film_ms, now)
    columns = sight.columns(me, draft.audience, parts.subjects, is_withheld=True)
    made = db.row(
        """
        INSERT INTO content_post (owner_id, kind, title, text, html, words, earns, is_ad, series_id, version, made_at,
                                  sight_opens, sight_closes)
        VALUES (%s, %s, %s, %s, %s, %s::tsvector, %s, %s, %s, 1, %s, %s, %s) RETURNING id
        """,
        [
            me, draft.kind.value, parts.title, parts.text, rules.html_of(draft.kind, parts.text, len(pictures)),
            _words(draft.kind, parts), draft.earns, parts.is_ad, draft.series_id, now,
            columns["sight_opens"], columns["sight_closes"],
        ],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    post_id = int(made[0])
    _add_photos(post_id, list(enumerate(pictures)))
    if filmed is not None:
        filming.put_film(post_id, filmed)
    _write_parts(post_id, parts)
    return post_id


@db.requires_transaction
def edit_post(
    *,
    actor: Actor,
    post_id: int,
    draft: PostDraft,
    now: datetime,
    photos: Sequence[int | Picture] | None = None,
    filmed: Filmed | None = None,
) -> None:
    """Say it otherwise, to whom the draft opens it from now on. What a published post said stays as a revision.

    Args: draft: its kind is that of the post; photos: those that stay and those that come to them, in their order from
        now on; None: all stay as they are; filmed: what it shows from now on; None: as it is.
    Publishes: `PostChanged`, once the post is published; of what is held when it is let go.
    Locks: the post, the things that it points at, shared; the files by key.
    Raises: `PostNotFound`, `PhotoNotFound`, `FilmNotFound`, `PostIncomplete` when its readers would find nothing, and
    what `start_post` refuses; once it has readers, or will have, also what `moderation.screen` refuses. Of a repost the
    words and the audience alone can be edited (`TagMalformed`).
    """
    me, post = actor.person_id, lock_own(actor, post_id)
    whole = _whole(post_id, photos)
    _check_count(len(whole))
    if post.origin_id is not None and (draft.tags or whole or draft.series_id or filmed):
        raise errors.TagMalformed()
    film_ms = filmed.film.duration_ms if filmed and filmed.film else filming.length_of(post_id)
    if filmed is not None or film_ms is not None:
        rules.check_film(post.kind, len(whole))
    parts = _check(actor, draft, len(whole), film_ms, now)
    if post.is_published and post.origin_id is None:
        rules.check_complete(post.kind, parts.title, parts.text, len(whole), film_ms is not None)
        _keep_revision(post, parts, now)
    columns = sight.columns(
        me, draft.audience, parts.subjects or _subjects_of_origin(post), is_withheld=post.is_withheld
    )
    db.execute(
        """
        UPDATE content_post SET title = %s, text = %s, html = %s, words = %s::tsvector, earns = %s, is_ad = %s,
               series_id = %s, version = version + %s, edited_at = CASE WHEN published_at IS NULL THEN NULL ELSE %s END,
               sight_opens = %s::bigint[], sight_closes = %s::bigint[] WHERE id = %s
        """,
        [
            parts.title, parts.text, rules.html_of(post.kind, parts.text, len(whole)),
            _words(post.kind, parts), draft.earns, parts.is_ad, draft.series_id, int(post.is_published), now,
            columns["sight_opens"], columns["sight_closes"], post_id,
        ],
    )  # fmt: skip
    db.execute("DELETE FROM content_tag WHERE post_id = %s", [post_id])
    db.execute("DELETE FROM content_post_topic WHERE post_id = %s", [post_id])
    _arrange_photos(post_id, whole)
    if filmed is not None:
        filming.put_film(post_id, filmed)
    _write_parts(post_id, parts)
    is_held = (post.is_published or post.is_scheduled) and judging.screen_post(post_id, me, now, was_held=post.is_held)
    if post.is_published and not is_held:
        publish(events.PostChanged(post_id, me, now))


@db.requires_transaction
def add_photos(*, actor: Actor, post_id: int, pictures: Sequence[Picture], now: datetime) -> None:
    """Put pictures after those of one's own post. Publishes: `PostChanged`, as `edit_post`.

    Locks: the post; the files by key.
    Raises: `PostNotFound`, `TooMany`, `FilmMisplaced` beside a film, `storage.FileGone`, and what `moderation.screen`
    refuses; of a repost, which has none, `TagMalformed`.
    """
    post = lock_own(actor, post_id)
    if post.origin_id is not None:
        raise errors.TagMalformed()
    whole = [*_whole(post_id, None), *pictures]
    _check_count(len(whole))
    if filming.length_of(post_id) is not None:
        rules.check_film(post.kind, len(whole))
    _add_photos(post_id, list(enumerate(whole)))
    db.execute(
        "UPDATE content_post SET html = %s WHERE id = %s", [rules.html_of(post.kind, post.text, len(whole)), post_id]
    )
    _has_changed(actor, post, now)


@db.requires_transaction
def set_film(*, actor: Actor, post_id: int, filmed: Filmed, now: datetime) -> None:
    """Give a video of one's own its film, or another one, or another picture that stands for it.

    Publishes: `PostChanged`, once the post is published. Locks: the post; the files by key.
    Raises: `PostNotFound`, `FilmMisplaced`, `FilmNotFound`, `TagMalformed` when something is tagged after its end,
    `storage.FileGone`, and what `moderation.screen` refuses.
    """
    post = lock_own(actor, post_id)
    if post.origin_id is not None:
        raise errors.FilmMisplaced()
    rules.check_film(post.kind, len(_whole(post_id, None)))
    if filmed.film is not None:
        filming.check_moments(post_id, filmed.film.duration_ms)
    filming.put_film(post_id, filmed)
    _has_changed(actor, post, now)


@db.requires_transaction
def remove_post(*, actor: Actor, post_id: int, now: datetime) -> None:
    """Take a post off the record, with what was said under it and what passes it on. Raises `PostNotFound`.

    Publishes: `PostRemoved` for it and for each repost, when they were published. Locks: the post.
    """
    lock_own(actor, post_id)
    dropping.drop_posts([post_id], now)


@db.requires_transaction
def follow_merge(*, thing_id: int, into_id: int) -> None:
    """Two things were one: what points at the one points at the other from now on, and is closed like it.

    Locks: the posts, by id.
    """
    found = db.rows(
        """
        SELECT id, owner_id, sight_opens, sight_closes, published_at IS NULL OR held_at IS NOT NULL FROM content_post
        WHERE id IN (SELECT post_id FROM content_tag WHERE thing_id = %s) ORDER BY id FOR UPDATE
        """,
        [thing_id],
    )
    db.execute("UPDATE content_tag SET thing_id = %s WHERE thing_id = %s", [into_id, thing_id])
    for post_id, owner_id, opens, closes, is_withheld in found:
        tagged = [one for (one,) in db.rows("SELECT thing_id FROM content_tag WHERE post_id = %s", [post_id])]
        rule = rule_of(Sight(owner_id, tuple(opens), tuple(closes)))
        columns = sight.columns(owner_id, rule, _subjects(tagged), is_withheld=is_withheld)
        db.execute(
            "UPDATE content_post SET sight_opens = %s::bigint[], sight_closes = %s::bigint[] WHERE id = %s",
            [columns["sight_opens"], columns["sight_closes"], post_id],
        )


# ---------------------------------------------------------------------- parts


def _has_changed(actor: Actor, post: Locked, now: datetime) -> None:
    """What a post shows is another: who reads it is told, and it is held against the rules again."""
    db.execute("UPDATE content_post SET edited_at = %s WHERE id = %s AND published_at IS NOT NULL", [now, post.id])
    is_held = (post.is_published or post.is_scheduled) and judging.screen_post(
        post.id, actor.person_id, now, was_held=post.is_held
    )
    if post.is_published and not is_held:
        publish(events.PostChanged(post.id, actor.person_id, now))


def _check(actor: Actor, draft: PostDraft, photos: int, film_ms: int | None, now: datetime) -> _Parts:
    """A draft as it may be written down."""
    title, text = rules.clean_title(draft.title), rules.clean_text(draft.kind, draft.text)
    topics, tags = rules.topics_of(draft), rules.check_tags(draft.kind, draft.tags, photos, film_ms)
    social.check_rule(actor.person_id, draft.audience)
    if draft.series_id is not None and not db.rows(
        "SELECT 1 FROM content_series WHERE id = %s AND owner_id = %s FOR KEY SHARE", [draft.series_id, actor.person_id]
    ):
        raise errors.SeriesNotFound()
    tagged = _things_of(actor, tags, now)
    products = {tag.product_id for tag in tags if tag.product_id is not None}
    is_ad = bool(products) and rules.is_ad(
        earns=draft.earns, tagged_products=products, own_products=() if draft.earns else own_products(actor)
    )
    return _Parts(title, text, topics, tags, tagged, _subjects(tagged), is_ad)


def _things_of(actor: Actor, tags: Sequence[TagDraft], now: datetime) -> tuple[int, ...]:
    """The thing of each tag: one that the actor may know of, or that a product is."""
    wanted = sorted({tag.product_id for tag in tags if tag.product_id is not None})
    products = catalog.products_by_id(wanted)
    if any(product_id not in products or not products[product_id].is_listed for product_id in wanted):
        raise catalog_errors.ProductNotFound()
    variants = [variant.id for product in products.values() for variant in product.variants]
    if variants:
        thing_operations.ensure_variants(variant_ids=variants, now=now)
    by_product = things.things_by_product(wanted)
    viewer = sight.get_viewer(actor.person_id)
    found = [
        by_product[tag.product_id] if tag.product_id is not None else things.get_thing_for(viewer, tag.thing_id or 0)
        for tag in tags
    ]
    return tuple(thing.id for thing in found)


def _subjects(thing_ids: Iterable[int]) -> tuple[Subject, ...]:
    about = things.subjects_by_thing(thing_ids)
    return tuple(dict.fromkeys(subject for subjects in about.values() for subject in subjects))


def _subjects_of_origin(post: Locked) -> tuple[Subject, ...]:
    """A repost is about what it passes on."""
    if post.origin_id is None:
        return ()
    return _subjects(one for (one,) in db.rows("SELECT thing_id FROM content_tag WHERE post_id = %s", [post.origin_id]))


def _words(kind: PostKind, parts: _Parts) -> str:
    said = " ".join(tag.words for tag in parts.tags)
    return fulltext.vector(
        (parts.title, "A"), (" ".join(parts.topics), "B"), (rules.plain_of(kind, parts.text), "C"), (said, "D")
    )


def _write_parts(post_id: int, parts: _Parts) -> None:
    photos = [photo for (photo,) in db.rows(
        """
        SELECT f.id FROM content_photo f WHERE f.post_id = %s
        AND NOT EXISTS (SELECT FROM content_video v WHERE v.poster_id = f.id) ORDER BY f.position, f.id
        """,
        [post_id],
    )]  # fmt: skip
    for place, (tag, thing_id) in enumerate(zip(parts.tags, parts.things, strict=True)):
        db.execute(
            """
            INSERT INTO content_tag (post_id, thing_id, product_id, photo_id, x, y, from_ms, until_ms, words, position)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [post_id, thing_id, tag.product_id, photos[tag.photo] if tag.photo is not None else None, tag.x, tag.y,
             tag.from_ms, tag.until_ms, tag.words.strip(), place],
        )  # fmt: skip
    if parts.topics:
        db.execute(
            """
            INSERT INTO content_topic (key, name) SELECT * FROM unnest(%s::text[], %s::text[])
            ON CONFLICT (key) DO NOTHING
            """,
            [[rules.topic_key(name) for name in parts.topics], list(parts.topics)],
        )
        db.execute(
            """
            INSERT INTO content_post_topic (post_id, topic_id, position)
            SELECT %s, o.id, k.place FROM unnest(%s::text[]) WITH ORDINALITY AS k (key, place)
            JOIN content_topic o ON o.key = k.key
            """,
            [post_id, [rules.topic_key(name) for name in parts.topics]],
        )


def _keep_revision(post: Locked, parts: _Parts, now: datetime) -> None:
    db.execute(
        """
        INSERT INTO content_revision (post_id, version, title, text, is_ad, said_until) VALUES (%s, %s, %s, %s, %s, %s)
        """,
        [post.id, post.version, post.title, post.text, post.is_ad, now],
    )


# ---------------------------------------------------------------------- pictures


def _check_count(photos: int) -> None:
    if photos > rules.MAX_PHOTOS:
        raise errors.TooMany(what="photos", most=rules.MAX_PHOTOS)


def _whole(post_id: int, photos: Sequence[int | Picture] | None) -> list[int | Picture]:
    """The pictures that a post has from now on, in their order. Raises `PhotoNotFound` for what is not of it."""
    there: list[int | Picture] = [photo for (photo,) in db.rows(
        """
        SELECT f.id FROM content_photo f WHERE f.post_id = %s
        AND NOT EXISTS (SELECT FROM content_video v WHERE v.poster_id = f.id) ORDER BY f.position, f.id
        """,
        [post_id],
    )]  # fmt: skip
    if photos is None:
        return there
    if not {photo for photo in photos if isinstance(photo, int)} <= set(there):
        raise errors.PhotoNotFound()
    return list(dict.fromkeys(photos))


def _arrange_photos(post_id: int, whole: Sequence[int | Picture]) -> None:
    """A post's pictures are these, in this order; those that are not among them go."""
    kept = [(place, photo) for place, photo in enumerate(whole) if isinstance(photo, int)]
    gone = db.rows(
        """
        DELETE FROM content_photo f WHERE f.post_id = %s AND f.id <> ALL(%s)
        AND NOT EXISTS (SELECT FROM content_video v WHERE v.poster_id = f.id) RETURNING f.key
        """,
        [post_id, [photo for _, photo in kept]],
    )
    storage.discard([key for (key,) in gone])
    db.execute(
        """
        UPDATE content_photo f SET position = k.place FROM unnest(%s::bigint[], %s::int[]) AS k (id, place)
        WHERE f.id = k.id
        """,
        [[photo for _, photo in kept], [place for place, _ in kept]],
    )
    _add_photos(post_id, list(enumerate(whole)))


def _add_photos(post_id: int, placed: Sequence[tuple[int, int | Picture]]) -> None:
    """Those of these pictures that are new, each at its place."""
    new = [(place, picture) for place, picture in placed if isinstance(picture, Picture)]
    if not new:
        return
    storage.keep([picture.key for _, picture in new])
    db.execute(
        """
        INSERT INTO content_photo (post_id, key, position, width, height, blurhash, phash)
        SELECT %(post)s, * FROM unnest(%(keys)s::text[], %(places)s::int[], %(widths)s::int[], %(heights)s::int[],
                                       %(blurs)s::text[], %(looks)s::bigint[])
        """,
        {
            "post": post_id,
            "keys": [picture.key for _, picture in new],
            "places": [place for place, _ in new],
            "widths": [picture.width for _, picture in new],
            "heights": [picture.height for _, picture in new],
            "blurs": [picture.blurhash for _, picture in new],
            "looks": [picture.phash for _, picture in new],
        },
    )
