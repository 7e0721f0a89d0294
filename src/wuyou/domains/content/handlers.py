"""What content does when others speak."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import operations
from wuyou.domains.moderation.events import SubjectReleased, SubjectRemoved, SubjectWithheld
from wuyou.domains.things.events import ThingMerged


def on_thing_merged(event: ThingMerged, now: datetime) -> None:
    """What points at a thing points at what it was merged into."""
    operations.follow_merge(thing_id=event.thing_id, into_id=event.into_id)


def on_subject_withheld(event: SubjectWithheld, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_released(event: SubjectReleased, now: datetime) -> None:
    operations.follow_judgement(subject=event.subject, now=event.occurred_at)


def on_subject_removed(event: SubjectRemoved, now: datetime) -> None:
    operations.remove_judged(subject=event.subject, now=event.occurred_at)
