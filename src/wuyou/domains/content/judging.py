"""What several operations share: what is published is held against the rules of moderation, in its transaction."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import events, queries
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import operations as relations
from wuyou.infra import db, sight
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor


def screen_post(post_id: int, owner_id: int, now: datetime, *, was_held: bool = False, is_due: bool = False) -> bool:
    """Hold a post that is written down, and locked, against the rules; whether only its author sees it from now on.

    Args: was_held: it was held before and has been changed: staff look again; is_due: it was taken before and comes out
        by itself: what a rule refuses by now is held, because nobody is there to be told.
    Raises: what `moderation.screen` refuses, unless it is due.
    """
    subject = Subject(SubjectKind.POST, post_id)
    shown = queries.POSTS.look_up([post_id])[post_id]
    looks = [look for (look,) in db.rows("SELECT phash FROM content_photo WHERE post_id = %s", [post_id])]
    if is_due:
        screening = moderation.screen_again(texts=shown.texts, looks=looks, now=now)
    else:
        screening = moderation.screen(actor=Actor(owner_id), texts=shown.texts, looks=looks, now=now)
    if screening.is_held:
        hold(post_id, now)
    moderation.file_screening(subject=subject, owner_id=owner_id, screening=screening, was_withheld=was_held, now=now)
    return screening.is_held or was_held


def hold(post_id: int, now: datetime) -> None:
    """Close a post that is locked to everybody but its author."""
    db.execute(
        f"UPDATE content_post SET held_at = coalesce(held_at, %s), {sight.WITHHOLD} WHERE id = %s",  # noqa: S608
        [now, post_id],
    )


def tell_post(post_id: int, now: datetime) -> None:
    """A post that is published, and locked, has readers from now on; of a repost the author is told of whose it is."""
    owner_id, kind, origin_id, author_id = db.rows(
        """
        SELECT p.owner_id, p.kind, p.origin_id, o.owner_id FROM content_post p
        LEFT JOIN content_post o ON o.id = p.origin_id WHERE p.id = %s
        """,
        [post_id],
    )[0]
    publish(events.PostPublished(post_id, owner_id, kind, origin_id, now))
    if author_id is not None:
        notifications.notify(
            person_id=author_id,
            kind=Kind.POST_REPOSTED,
            actor_id=owner_id,
            object_id=post_id,
            group_key=f"repost:{origin_id}",
            facts={"post": origin_id},
            now=now,
        )


def keep_untold(post_id: int) -> None:
    """A post is held as it is published: it is told when it is let go."""
    db.execute("INSERT INTO content_untold (post_id) VALUES (%s)", [post_id])


def tell_comment(comment_id: int, now: datetime) -> None:
    """Who is spoken to is told of a comment, and the two come closer; twice is once."""
    me, post_id, author_id, answered_id = db.rows(
        """
        SELECT c.owner_id, c.post_id, p.owner_id, a.owner_id FROM content_comment c
        JOIN content_post p ON p.id = c.post_id LEFT JOIN content_comment a ON a.id = c.answers_id WHERE c.id = %s
        """,
        [comment_id],
    )[0]
    spoken_to = answered_id or author_id
    relations.record_exchange(from_id=me, to_ids=sorted({spoken_to} - {me}), key=f"comment:{comment_id}", now=now)
    told = {author_id: Kind.POST_COMMENTED} | ({answered_id: Kind.COMMENT_ANSWERED} if answered_id else {})
    for person_id, kind in sorted(told.items()):
        notifications.notify(
            person_id=person_id,
            kind=kind,
            actor_id=me,
            object_id=comment_id,
            group_key=f"{kind.value}:{post_id}",
            facts={"post": post_id},
            now=now,
        )
