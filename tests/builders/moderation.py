"""Rules, reports and decisions for tests and the demo world, made through operations only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import operations
from wuyou.domains.moderation.types import Category, Outcome, Subject, SubjectKind, TermDraft, Verdict
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def make_rule(
    now: datetime,
    staff: Person,
    text: str,
    verdict: Verdict = Verdict.HOLD,
    category: Category = Category.FRAUD,
    *,
    exceptions: Sequence[str] = (),
    valid_from: datetime | None = None,
) -> int:
    """A term rule; it holds what it finds unless said otherwise."""
    draft = TermDraft(text, verdict, category, tuple(exceptions), valid_from)
    return db.in_transaction(
        lambda: operations.add_term_rule(actor=Actor(staff.id, is_staff=True), draft=draft, now=now)
    )


def report(
    now: datetime,
    person: Person,
    kind: SubjectKind,
    subject_id: int,
    category: Category = Category.FRAUD,
    words: str = "是骗人的",
) -> int:
    """This person complains of something that they see; returns the report's id."""
    return db.in_transaction(
        lambda: operations.report(
            actor=Actor(person.id), subject=Subject(kind, subject_id), category=category, words=words, now=now
        )
    )


def decide(
    now: datetime,
    staff: Person,
    case_id: int,
    outcome: Outcome = Outcome.WITHHOLD,
    category: Category = Category.FRAUD,
    note: str = "",
) -> int:
    """A member of staff decides a case; returns the decision's id."""
    return db.in_transaction(
        lambda: operations.decide(
            actor=Actor(staff.id, is_staff=True),
            case_id=case_id,
            outcome=outcome,
            category=category,
            note=note,
            now=now,
        )
    )


def appeal(now: datetime, person: Person, decision_id: int, words: str = "这是误会") -> int:
    """The owner says why a decision is wrong; returns the appeal's id."""
    return db.in_transaction(
        lambda: operations.appeal(actor=Actor(person.id), decision_id=decision_id, words=words, now=now)
    )


def answer(now: datetime, staff: Person, appeal_id: int, *, is_granted: bool, note: str = "") -> None:
    """A member of staff answers an appeal."""
    db.in_transaction(
        lambda: operations.answer_appeal(
            actor=Actor(staff.id, is_staff=True), appeal_id=appeal_id, is_granted=is_granted, note=note, now=now
        )
    )
