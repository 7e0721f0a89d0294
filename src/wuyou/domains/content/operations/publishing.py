"""Publishing: now, at a moment to come, and passing on what somebody else published.

Locks, in this order: the post; of a repost the origin, shared, then the pair of who passes on and whose it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from wuyou.domains.content import errors, events, judging, queries, rules
from wuyou.domains.content.own import Locked, lock_own, own_products
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.social import operations as relations
from wuyou.domains.social import queries as social
from wuyou.infra import db, fulltext, sight
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import AudienceRule, Sight, subjects_of


@db.requires_transaction
def publish_post(*, actor: Actor, post_id: int, now: datetime, at: datetime | None = None) -> None:
    """Show a post to whom its rule names, now or at a moment to come; said again, the later moment counts.

    What a rule of moderation holds is its author's alone until staff have looked.

    Publishes: `PostPublished`, when it is now and not held. Locks: the post, then its open case.
    Raises: `PostNotFound`, `PostIncomplete`, `AlreadyPublished`, `NotInFuture`, and what `moderation.screen` refuses.
    """
    post = lock_own(actor, post_id)
    if post.is_published:
        raise errors.AlreadyPublished()
    photos, films = _counts(post_id)
    rules.check_complete(post.kind, post.title, post.text, photos, films > 0)
    if at is not None:
        rules.check_moment(at, now)
    is_held = judging.screen_post(post_id, post.owner_id, now, was_held=post.is_held)
    if at is not None:
        db.execute("UPDATE content_post SET publish_at = %s WHERE id = %s", [at, post_id])
        return
    _publish(replace(post, is_held=is_held), now)


@db.requires_transaction
def publish_when_due(*, post_id: int, now: datetime) -> bool:
    """Publish what was scheduled for this moment or before; False when it no longer is, or its author may not yet.

    It is held against the rules of this moment: those may have changed since it was scheduled. Whoever may not publish
    for a while does then. Publishes: `PostPublished`, unless it is held. Locks: the post, then its open case.
    """
    found = db.row(
        """
        SELECT owner_id FROM content_post WHERE id = %s AND published_at IS NULL AND publish_at <= %s
        FOR UPDATE SKIP LOCKED
        """,
        [post_id, now],
    )
    if found is None:
        return False
    until = moderation.paused_until(found[0], now)
    if until is not None:
        db.execute("UPDATE content_post SET publish_at = %s WHERE id = %s", [until, post_id])
        return False
    post = lock_own(Actor(found[0]), post_id)
    is_held = post.is_held or judging.screen_post(post_id, post.owner_id, now, is_due=True)
    _publish(replace(post, is_held=is_held), now)
    return True


@db.requires_transaction
def unschedule_post(*, actor: Actor, post_id: int) -> None:
    """A scheduled post is a draft again. Raises `PostNotFound`, `AlreadyPublished`. Locks: the post."""
    if lock_own(actor, post_id).is_published:
        raise errors.AlreadyPublished()
    db.execute("UPDATE content_post SET publish_at = NULL WHERE id = %s", [post_id])


@db.requires_transaction
def repost(*, actor: Actor, post_id: int, audience: AudienceRule, now: datetime, text: str = "") -> int:
    """Pass a post on, with words of one's own, to whom one chooses of those who see the post; returns the repost's id.

    Passing on a repost passes on the post that it passes on, and remembers through whom one came by it. The author is
    told. Publishes: `PostPublished`, unless it is held. Locks: the post, shared, then the pair, then the repost's open
    case.
    Raises: `PostNotFound`, `NotYetPublished`, `TextMalformed`, `social.UnblockFirst`, and what `social.check_rule` and
    `moderation.screen` refuse.
    """
    me = actor.person_id
    seen = queries.get_post_for(sight.get_viewer(me), post_id)
    text = rules.clean_text(seen.kind, text) if text else ""
    social.check_rule(me, audience)
    origin_id, via_id = (seen.origin_id, seen.id) if seen.origin_id is not None else (seen.id, None)
    origin = db.row(
        """
        SELECT owner_id, kind, sight_opens, sight_closes, published_at IS NOT NULL FROM content_post WHERE id = %s
        FOR KEY SHARE
        """,
        [origin_id],
    )
    if origin is None:
        raise errors.PostNotFound()
    author_id, kind, opens, closes, is_published = origin
    if not is_published:
        raise errors.NotYetPublished()
    if author_id != me:
        relations.meet(actor=actor, person_id=author_id)
    about = subjects_of(Sight(author_id, tuple(opens), tuple(closes)))
    columns = sight.columns(me, audience, about)
    made = db.row(
        """
        INSERT INTO content_post (owner_id, kind, title, text, html, words, earns, is_ad, origin_id, via_id, version,
                                  made_at, published_at, sight_opens, sight_closes)
        VALUES (%s, %s, '', %s, '', %s::tsvector, false, false, %s, %s, 1, %s, %s, %s, %s) RETURNING id
        """,
        [me, kind, text, fulltext.vector((text, "C")), origin_id, via_id, now, now, columns["sight_opens"],
         columns["sight_closes"]],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    _tell(int(made[0]), now, is_held=judging.screen_post(int(made[0]), me, now))
    return int(made[0])


@db.requires_transaction
def hold_post(*, post_id: int, now: datetime) -> None:
    """From the commit on only its author sees a post: it is under review, or was taken down. Locks: the post."""
    if db.rows("SELECT FROM content_post WHERE id = %s FOR UPDATE", [post_id]):
        judging.hold(post_id, now)


@db.requires_transaction
def let_post_go(*, post_id: int, now: datetime) -> None:
    """A post that was held is open again to whom its rule names, once it is published; twice is once.

    What nobody has seen yet is told now, and stands among what was published last.
    Publishes: `PostPublished` for it, else `PostChanged`. Locks: the post.
    """
    found = db.row(
        "SELECT owner_id, published_at IS NOT NULL, held_at IS NOT NULL FROM content_post WHERE id = %s FOR UPDATE",
        [post_id],
    )
    if found is None or not found[2]:
        return
    owner_id, is_published, _ = found
    released = f", {sight.RELEASE}" if is_published else ""
    db.execute(f"UPDATE content_post SET held_at = NULL{released} WHERE id = %s", [post_id])  # noqa: S608  (a literal)
    if db.execute("DELETE FROM content_untold WHERE post_id = %s", [post_id]):
        db.execute("UPDATE content_post SET published_at = %s WHERE id = %s", [now, post_id])
        judging.tell_post(post_id, now)
    elif is_published:
        publish(events.PostChanged(post_id, owner_id, now))


def _publish(post: Locked, now: datetime) -> None:
    # Who may say so is asked again: since the draft was saved its author may have opened a shop that sells it.
    products = {product for (product,) in db.rows(
        "SELECT product_id FROM content_tag WHERE post_id = %s AND product_id IS NOT NULL", [post.id]
    )}  # fmt: skip
    sells = bool(products & own_products(Actor(post.owner_id))) if products else False
    released = "" if post.is_held else f", {sight.RELEASE}"
    db.execute(
        f"""
        UPDATE content_post SET published_at = %s, is_ad = %s AND (earns OR %s){released} WHERE id = %s
        """,  # noqa: S608  (a literal)
        [now, bool(products), sells, post.id],
    )
    _tell(post.id, now, is_held=post.is_held)


def _tell(post_id: int, now: datetime, *, is_held: bool) -> None:
    """Now, or when it is let go."""
    if is_held:
        judging.keep_untold(post_id)
    else:
        judging.tell_post(post_id, now)


def _counts(post_id: int) -> tuple[int, int]:
    """Pictures and films of a post."""
    found = db.row(
        """
        SELECT (SELECT count(*) FROM content_photo WHERE post_id = %(post)s),
               (SELECT count(*) FROM content_video WHERE post_id = %(post)s)
        """,
        {"post": post_id},
    )
    assert found is not None  # noqa: S101  (a SELECT without FROM returns a row)
    return int(found[0]), int(found[1])
