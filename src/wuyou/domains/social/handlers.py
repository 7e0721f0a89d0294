"""What people's faces do when others speak: they are closed and opened as moderation decides."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation.events import SubjectReleased, SubjectWithheld
from wuyou.domains.social import operations


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)
