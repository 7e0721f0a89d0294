"""What things do when others speak: what was said of them is closed, opened and taken off as moderation decides."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation.events import SubjectReleased, SubjectRemoved, SubjectWithheld
from wuyou.domains.things import operations


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_removed(event: SubjectRemoved, now: datetime) -> None:
    operations.remove_judged(subject=event.subject)
