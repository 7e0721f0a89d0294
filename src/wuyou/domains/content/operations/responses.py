"""What others say of a post: comments in threads, reactions, thanks; and what one keeps for oneself.

Locks, in this order: the post, shared; the comment that began the thread, shared; the pair of who speaks and who is
spoken to.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import dropping, errors, events, judging, queries, rules
from wuyou.domains.content.types import Comment, ReactionKind
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import operations as relations
from wuyou.domains.social.types import AppreciatedKind
from wuyou.infra import behaviour, db, sight
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Sight, subjects_of


@db.requires_transaction
def write_comment(*, actor: Actor, post_id: int, text: str, now: datetime, answers_id: int | None = None) -> int:
    """Say something under a published post that one sees, or answer a comment there; returns the comment's id.

    Its author is told, or who is answered, and it brings the two closer. Publishes: `CommentWritten`.
    What a rule of moderation holds is its writer's alone, and told to nobody, until it is open.
    Raises: `PostNotFound`, `NotYetPublished`, `CommentNotFound`, `TextMalformed`, `social.UnblockFirst`, and what
    `moderation.screen` refuses.
    """
    me, viewer = actor.person_id, sight.get_viewer(actor.person_id)
    text = rules.clean_comment(text)
    post = queries.get_post_for(viewer, post_id)
    if post.published_at is None:
        raise errors.NotYetPublished()
    answered = queries.get_comment_for(viewer, answers_id) if answers_id is not None else None
    if answered is not None and answered.post_id != post_id:
        raise errors.CommentNotFound()
    locked = db.row(
        "SELECT owner_id, sight_opens, sight_closes FROM content_post WHERE id = %s FOR KEY SHARE", [post_id]
    )
    if locked is None:
        raise errors.PostNotFound()
    thread_id = _keep_thread(answered) if answered else None
    spoken_to = answered.owner_id if answered else post.owner_id
    if spoken_to != me:
        relations.meet(actor=actor, person_id=spoken_to)
    about = subjects_of(Sight(locked[0], tuple(locked[1]), tuple(locked[2])))
    screening = moderation.screen(actor=actor, texts=[text], now=now)
    columns = sight.columns(me, PUBLIC, about, is_withheld=screening.is_held)
    made = db.row(
        """
        INSERT INTO content_comment (owner_id, post_id, thread_id, answers_id, text, written_at, sight_opens,
                                     sight_closes)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [me, post_id, thread_id, answers_id, text, now, columns["sight_opens"], columns["sight_closes"]],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    moderation.file_screening(subject=_subject(made[0]), owner_id=me, screening=screening, now=now)
    publish(events.CommentWritten(made[0], post_id, me, now))
    if not screening.is_held:
        judging.tell_comment(int(made[0]), now)
    return int(made[0])


@db.requires_transaction
def edit_comment(*, actor: Actor, comment_id: int, text: str, now: datetime) -> None:
    """Say it otherwise; readers see that it was edited. What is withheld stays so, and staff look at it again.

    Raises: `CommentNotFound`, `TextMalformed`, and what `moderation.screen` refuses. Locks: the comment.
    """
    text = rules.clean_comment(text)
    found = db.row(
        f"""
        SELECT c.text, {sight.withheld_sql("c")} FROM content_comment c WHERE c.id = %s AND c.owner_id = %s FOR UPDATE
        """,  # noqa: S608  (a condition of ours)
        [comment_id, actor.person_id],
    )
    if found is None:
        raise errors.CommentNotFound()
    if found[0] == text:
        return
    screening = moderation.screen(actor=actor, texts=[text], now=now)
    held = f", {sight.WITHHOLD}" if screening.is_held else ""
    db.execute(
        f"UPDATE content_comment SET text = %s, edited_at = %s{held} WHERE id = %s",  # noqa: S608  (a literal)
        [text, now, comment_id],
    )
    moderation.file_screening(
        subject=_subject(comment_id), owner_id=actor.person_id, screening=screening, was_withheld=found[1], now=now
    )


@db.requires_transaction
def remove_comment(*, actor: Actor, comment_id: int) -> int:
    """Take a comment back, or off one's own post; the thread that it began goes with it. Returns the post.

    Raises: `CommentNotFound`. Locks: the comment.
    """
    found = db.row(
        """
        SELECT c.post_id FROM content_comment c JOIN content_post p ON p.id = c.post_id
        WHERE c.id = %(comment)s AND %(me)s IN (c.owner_id, p.owner_id) FOR UPDATE OF c
        """,
        {"comment": comment_id, "me": actor.person_id},
    )
    if found is None:
        raise errors.CommentNotFound()
    dropping.drop_comments([comment_id])
    return int(found[0])


@db.requires_transaction
def react(*, actor: Actor, post_id: int, kind: ReactionKind, now: datetime) -> None:
    """Say with a tap what one thinks of a post that one sees; another tap says it otherwise. The author is told once.

    Publishes: `PostReacted`, the first time. Raises: `PostNotFound`, `NotYetPublished`, `social.UnblockFirst`.
    """
    me = actor.person_id
    author_id = _meet_author(actor, post_id)
    told = db.row(
        """
        INSERT INTO content_reaction (post_id, person_id, kind, reacted_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (post_id, person_id) DO UPDATE SET kind = EXCLUDED.kind RETURNING id, xmax = 0
        """,
        [post_id, me, kind.value, now],
    )
    assert told is not None  # noqa: S101  (either half of an upsert returns its row)
    if told[1]:
        publish(events.PostReacted(post_id, me, kind.value, now))
        notifications.notify(
            person_id=author_id,
            kind=Kind.POST_REACTED,
            actor_id=me,
            object_id=post_id,
            group_key=f"reaction:{post_id}",
            facts={"post": post_id, "reaction": kind.value},
            now=now,
        )


@db.requires_transaction
def take_reaction_back(*, actor: Actor, post_id: int) -> None:
    """Say nothing of it any more; twice is once."""
    db.execute("DELETE FROM content_reaction WHERE post_id = %s AND person_id = %s", [post_id, actor.person_id])


@db.requires_transaction
def thank_for_post(*, actor: Actor, post_id: int, now: datetime, words: str = "") -> None:
    """Thank the author of a post that one sees; said again, the first thanks stand.

    Raises: `PostNotFound`, `NotYetPublished`, and what `social.appreciate` refuses.
    """
    post = queries.get_post_for(sight.get_viewer(actor.person_id), post_id)
    if post.published_at is None:
        raise errors.NotYetPublished()
    relations.appreciate(
        actor=actor,
        person_id=post.owner_id,
        about=None,
        kind=AppreciatedKind.POST,
        source_id=post_id,
        words=words,
        now=now,
    )


@db.requires_transaction
def take_thanks_back(*, actor: Actor, post_id: int) -> None:
    """Take one's thanks for a post back, also when it is gone; twice is once. Locks the tie."""
    relations.withdraw_appreciation(actor=actor, kind=AppreciatedKind.POST, source_id=post_id)


@db.requires_transaction
def save_post(*, actor: Actor, post_id: int, now: datetime) -> None:
    """Keep a post that one sees for oneself; nobody else learns of it. Twice is once. Raises `PostNotFound`."""
    queries.get_post_for(sight.get_viewer(actor.person_id), post_id)
    if not db.rows("SELECT 1 FROM content_post WHERE id = %s FOR KEY SHARE", [post_id]):
        raise errors.PostNotFound()
    kept = db.execute(
        """
        INSERT INTO content_save (person_id, post_id, saved_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
        """,
        [actor.person_id, post_id, now],
    )
    if kept:
        # No event tells of it; that it counts tells nobody who it was.
        behaviour.note_deed(
            behaviour.Kind.SAVE,
            behaviour.ObjectKind.POST,
            post_id,
            key=f"save:{post_id}:{actor.person_id}",
            person_id=actor.person_id,
            at=now,
            now=now,
        )


@db.requires_transaction
def unsave_post(*, actor: Actor, post_id: int) -> None:
    """Keep it no longer; twice is once."""
    db.execute("DELETE FROM content_save WHERE person_id = %s AND post_id = %s", [actor.person_id, post_id])


@db.requires_transaction
def hold_comment(*, comment_id: int) -> None:
    """From the commit on only its writer sees a comment, and the thread that it began. Locks: the comment."""
    sight.withhold("content_comment", [comment_id])


@db.requires_transaction
def let_comment_go(*, comment_id: int) -> None:
    """A comment that was held is open again to whom its post is. Locks: the comment."""
    sight.release("content_comment", [comment_id])


def _keep_thread(answered: Comment) -> int:
    """The comment that began the thread of this one; both stay until the commit. Raises `CommentNotFound`."""
    thread_id = answered.thread_id or answered.id
    both = sorted({thread_id, answered.id})
    if len(db.rows("SELECT 1 FROM content_comment WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [both])) != len(both):
        raise errors.CommentNotFound()
    return thread_id


def _meet_author(actor: Actor, post_id: int) -> int:
    """The author of a published post that one sees, across no block; the post stays until the commit."""
    post = queries.get_post_for(sight.get_viewer(actor.person_id), post_id)
    if post.published_at is None:
        raise errors.NotYetPublished()
    if not db.rows("SELECT 1 FROM content_post WHERE id = %s FOR KEY SHARE", [post_id]):
        raise errors.PostNotFound()
    if post.owner_id != actor.person_id:
        relations.meet(actor=actor, person_id=post.owner_id)
    return post.owner_id


def _subject(comment_id: int) -> Subject:
    return Subject(SubjectKind.COMMENT, comment_id)
