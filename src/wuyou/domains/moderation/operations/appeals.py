"""Appeals: one against a decision, answered by somebody else than who decided."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import errors, policies, queries, rules
from wuyou.domains.moderation.judging import publish_standing, write_decision
from wuyou.domains.moderation.types import Outcome
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def appeal(*, actor: Actor, decision_id: int, words: str, now: datetime) -> int:
    """Say why a decision about one's own is wrong; once, and while there is time. Returns the appeal's id.

    Locks: the decision.
    Raises: `DecisionNotFound`, `AppealTooLate` (also for what took nothing from anybody), `AppealedAlready`,
    `TextMalformed`.
    """
    me = actor.person_id
    words = rules.clean_words(words, "words", rules.MAX_WORDS, is_needed=True)
    decision = queries.get_own_decision(me, decision_id)
    if decision.outcome is Outcome.KEEP or now >= decision.appeal_until:
        raise errors.AppealTooLate()
    # Whoever removes what it is about at this moment waits, and then sees the appeal.
    db.execute("SELECT FROM moderation_decision WHERE id = %s FOR UPDATE", [decision_id])
    made = db.row(
        """
        INSERT INTO moderation_appeal (decision_id, person_id, words, made_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (decision_id) DO NOTHING RETURNING id
        """,
        [decision_id, me, words, now],
    )
    if made is None:
        raise errors.AppealedAlready()
    return int(made[0])


@db.requires_transaction
def answer_appeal(*, actor: Actor, appeal_id: int, is_granted: bool, note: str, now: datetime) -> None:
    """Grant an appeal, which undoes the decision and its strike, or leave the decision as it is.

    Args: note: for the owner; of what is granted it stands with the new decision.
    Locks: the appeal, then the decision.
    Raises: `StaffOnly`, `AppealNotFound`, `AlreadyDecided`, `SameStaff` (who decided, or whose own it is),
    `TextMalformed`. Publishes: `SubjectReleased` or, where a later case closed it, `SubjectWithheld`.
    """
    staff_id = policies.require_staff(actor)
    note = rules.clean_words(note, "note", rules.MAX_NOTE, is_needed=False)
    answered = db.row(
        """
        UPDATE moderation_appeal a SET answered_by_id = %(me)s, answered_at = %(now)s, is_granted = %(granted)s
        FROM moderation_decision d
        WHERE a.id = %(id)s AND d.id = a.decision_id AND a.answered_at IS NULL
        AND d.decided_by_id <> %(me)s AND a.person_id <> %(me)s
        RETURNING a.person_id
        """,
        {"id": appeal_id, "me": staff_id, "now": now, "granted": is_granted},
    )
    decision = queries.get_appealed(appeal_id)
    if answered is None:
        is_answered = decision.appeal is not None and decision.appeal.answered_at is not None
        raise errors.AlreadyDecided() if is_answered else errors.SameStaff()
    if is_granted:
        write_decision(decision.case_id, Outcome.KEEP, decision.category, note, staff_id, now, is_of_appeal=True)
        db.execute("UPDATE moderation_decision SET remove_at = NULL WHERE id = %s", [decision.id])
        db.execute("UPDATE moderation_strike SET revoked_at = %s WHERE decision_id = %s", [now, decision.id])
        publish_standing(decision.subject, now)
    notifications.notify(
        person_id=answered[0],
        kind=Kind.APPEAL_ANSWERED,
        object_id=decision.id,
        facts={"granted": is_granted},
        now=now,
    )
