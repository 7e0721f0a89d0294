"""Staff decide: once a case, and what follows from it."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import errors, policies, queries, rules
from wuyou.domains.moderation.events import SubjectRemoved
from wuyou.domains.moderation.judging import publish_standing, write_decision
from wuyou.domains.moderation.types import WITHHOLDING, Category, Outcome, Subject, SubjectKind
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db, events
from wuyou.kernel.actor import Actor


@db.requires_transaction
def decide(*, actor: Actor, case_id: int, outcome: Outcome, category: Category, note: str, now: datetime) -> int:
    """Decide an open case under a rule of the house; returns the decision's id.

    The owner is told, with the words of the rule and the note; reporters are told what became of it. A warning,
    withholding or removal is a strike.

    Args: category: the rule that it rests on; note: what staff add to its words, for the owner alone.
    Locks: the case.
    Raises: `StaffOnly`, `CaseNotFound`, `AlreadyDecided`, `SameStaff` (about one's own), `OutcomeImpossible`,
    `TextMalformed`. Publishes: `SubjectWithheld`, `SubjectReleased`.
    """
    staff_id = policies.require_staff(actor)
    note = rules.clean_words(note, "note", rules.MAX_NOTE, is_needed=False)
    case = queries.get_case(case_id)
    if case.owner_id == staff_id:
        raise errors.SameStaff()
    source = queries.sources().get(case.subject.kind)
    if source is not None and outcome not in source.outcomes:
        raise errors.OutcomeImpossible(outcome=outcome, kind=case.subject.kind)
    decided = db.row(
        """
        UPDATE moderation_case SET state = 'DECIDED' WHERE id = %s AND state = 'OPEN' RETURNING owner_id, is_held
        """,
        [case_id],
    )
    if decided is None:
        raise errors.AlreadyDecided()
    # The row is locked: what was reported or held while this waited for it counts too.
    owner_id, is_held = decided
    decision_id = write_decision(case_id, outcome, category, note, staff_id, now)
    if owner_id is not None and rules.needs_strike(outcome):
        _strike(decision_id, owner_id, outcome, now)
    _tell(
        case_id, decision_id, owner_id, outcome, case.subject, is_quiet=outcome is Outcome.KEEP and not is_held, now=now
    )
    publish_standing(case.subject, now)
    return decision_id


@db.requires_transaction
def finish_removal(*, decision_id: int, now: datetime) -> bool:
    """The time to appeal against a removal is over: its subject goes. Returns whether it is time.

    An appeal that waits keeps it; one that was granted has taken the removal back.

    Locks: the decision. Publishes: `SubjectRemoved`.
    """
    # In a statement of its own: what is asked next sees an appeal that came while this waited.
    db.execute("SELECT FROM moderation_decision WHERE id = %s FOR UPDATE", [decision_id])
    found = db.row(
        """
        UPDATE moderation_decision d SET remove_at = NULL FROM moderation_case c
        WHERE d.id = %(id)s AND c.id = d.case_id AND d.remove_at <= %(now)s
        AND NOT EXISTS (SELECT FROM moderation_appeal a WHERE a.decision_id = d.id AND a.answered_at IS NULL)
        RETURNING c.subject_kind, c.subject_id
        """,
        {"id": decision_id, "now": now},
    )
    if found is None:
        return False
    subject = Subject(SubjectKind(found[0]), found[1])
    if queries.is_withheld(subject):
        events.publish(SubjectRemoved(subject.kind, subject.id, now))
    return True


def _strike(decision_id: int, owner_id: int, outcome: Outcome, now: datetime) -> None:
    db.execute(
        """
        INSERT INTO moderation_strike (decision_id, person_id, points, made_at, expires_at) VALUES (%s, %s, %s, %s, %s)
        """,
        [decision_id, owner_id, rules.POINTS[outcome], now, now + rules.STRIKE_FOR],
    )


def _tell(
    case_id: int,
    decision_id: int,
    owner_id: int | None,
    outcome: Outcome,
    subject: Subject,
    *,
    is_quiet: bool,
    now: datetime,
) -> None:
    """The owner, unless nothing was ever closed and nothing is; and whoever reported it."""
    facts = {"subject": subject.kind.value, "outcome": outcome.value}
    if owner_id is not None and not is_quiet:
        notifications.notify(person_id=owner_id, kind=Kind.CASE_DECIDED, object_id=decision_id, facts=facts, now=now)
    reporters = [
        reporter
        for (reporter,) in db.rows(
            "SELECT reporter_id FROM moderation_report WHERE case_id = %s AND reporter_id IS NOT NULL", [case_id]
        )
    ]
    notifications.notify_all(
        person_ids=reporters,
        kind=Kind.REPORT_ANSWERED,
        object_id=decision_id,
        facts={"withheld": outcome in WITHHOLDING},
        now=now,
    )
