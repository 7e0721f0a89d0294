"""What content does when others speak, and what it notes of what people do about posts."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import operations
from wuyou.domains.content.events import CommentWritten, PostPublished, PostReacted
from wuyou.domains.moderation.events import SubjectReleased, SubjectRemoved, SubjectWithheld
from wuyou.domains.things.events import ThingMerged
from wuyou.infra import behaviour
from wuyou.infra.behaviour import Kind, ObjectKind


def on_thing_merged(event: ThingMerged, now: datetime) -> None:
    """What points at a thing points at what it was merged into."""
    operations.follow_merge(thing_id=event.thing_id, into_id=event.into_id)


def on_post_reacted(event: PostReacted, now: datetime) -> None:
    """For who counts what people do; a tap that is taken back and made again is one."""
    _note(
        Kind.LIKE, event.post_id, f"reaction:{event.post_id}:{event.person_id}", event.person_id, event.occurred_at, now
    )


def on_comment_written(event: CommentWritten, now: datetime) -> None:
    _note(Kind.COMMENT, event.post_id, f"comment:{event.comment_id}", event.owner_id, event.occurred_at, now)


def on_post_published(event: PostPublished, now: datetime) -> None:
    """Passing a post on is something that somebody does about that post."""
    if event.origin_id is not None:
        _note(Kind.REPOST, event.origin_id, f"repost:{event.post_id}", event.owner_id, event.occurred_at, now)


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_removed(event: SubjectRemoved, now: datetime) -> None:
    operations.remove_judged(subject=event.subject, now=event.occurred_at)


def _note(kind: Kind, post_id: int, key: str, person_id: int, at: datetime, now: datetime) -> None:
    behaviour.note_deed(kind, ObjectKind.POST, post_id, key=key, person_id=person_id, at=at, now=now)
