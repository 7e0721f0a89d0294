"""What deciding and answering an appeal share: the row of a decision, and what others hear of it."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import queries, rules
from wuyou.domains.moderation.events import SubjectReleased, SubjectWithheld
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind
from wuyou.infra import db, events


def write_decision(
    case_id: int,
    outcome: Outcome,
    category: Category,
    note: str,
    staff_id: int,
    now: datetime,
    *,
    is_of_appeal: bool = False,
) -> int:
    """The row of a decision; a removal waits until nobody can appeal any more."""
    made = db.row(
        """
        INSERT INTO moderation_decision (case_id, outcome, category, note, decided_by_id, decided_at, is_of_appeal,
                                         remove_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [case_id, outcome.value, category.value, note, staff_id, now, is_of_appeal,
         now + rules.APPEAL_FOR if outcome is Outcome.REMOVE else None],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    return int(made[0])


def publish_standing(subject: Subject, now: datetime) -> None:
    """Say how a subject stands from now on. Whoever owns it looks again when they hear it: the latest word counts.

    Nobody is closed themselves, so of people nothing is said; and no event names anybody.
    """
    if subject.kind is SubjectKind.PERSON:
        return
    kind = SubjectWithheld if queries.is_withheld(subject) else SubjectReleased
    events.publish(kind(subject.kind, subject.id, now))
