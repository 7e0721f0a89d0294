"""What the catalogue does when others speak: products go off the shelves and come back as moderation decides."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.catalog import operations
from wuyou.domains.moderation.events import SubjectReleased, SubjectWithheld


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject)
