"""What channels do when others speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.channels import operations
from wuyou.domains.content.events import CommentWritten, PostChanged, PostPublished, PostReacted, PostRemoved
from wuyou.domains.moderation.events import SubjectReleased
from wuyou.domains.moderation.types import SubjectKind


def on_post_published(event: PostPublished, now: datetime) -> None:
    """What is published is judged; a repost has no place of its own."""
    if event.origin_id is None:
        operations.route_post(post_id=event.post_id, owner_id=event.owner_id, now=now)


def on_post_changed(event: PostChanged, now: datetime) -> None:
    """What says something else, or is open to others, is judged anew."""
    operations.route_post(post_id=event.post_id, owner_id=event.owner_id, now=now)


def on_post_removed(event: PostRemoved, now: datetime) -> None:
    operations.forget_post(post_id=event.post_id)


def on_comment_written(event: CommentWritten, now: datetime) -> None:
    operations.note_answer(post_id=event.post_id, now=now)


def on_post_reacted(event: PostReacted, now: datetime) -> None:
    operations.note_answer(post_id=event.post_id, now=now)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    """What moderation lets go is judged again soon: it is closed to everybody until content has heard of it too."""
    if event.subject.kind is SubjectKind.POST:
        operations.note_answer(post_id=event.subject.id, now=now)
