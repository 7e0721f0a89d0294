"""What social does when others speak: faces are closed and opened as moderation decides; and what it notes of what
people do about each other.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation.events import SubjectReleased, SubjectWithheld
from wuyou.domains.social import operations
from wuyou.domains.social.events import PersonAppreciated, PersonFollowed
from wuyou.domains.social.types import AppreciatedKind
from wuyou.infra import behaviour
from wuyou.infra.behaviour import Kind, ObjectKind


def on_person_followed(event: PersonFollowed, now: datetime) -> None:
    """For who counts what people do; followed, left and followed again is one."""
    behaviour.note_deed(
        Kind.FOLLOW,
        ObjectKind.PERSON,
        event.followed_id,
        key=f"follow:{event.follower_id}:{event.followed_id}",
        person_id=event.follower_id,
        at=event.occurred_at,
        now=now,
    )


def on_person_appreciated(event: PersonAppreciated, now: datetime) -> None:
    """Thanks for a post are something that somebody does about that post, others about a person."""
    is_for_post = event.kind == AppreciatedKind.POST.value
    behaviour.note_deed(
        Kind.THANK,
        ObjectKind.POST if is_for_post else ObjectKind.PERSON,
        event.source_id if is_for_post else event.receiver_id,
        key=f"thanks:{event.appreciation_id}",
        person_id=event.giver_id,
        at=event.occurred_at,
        now=now,
    )


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)
