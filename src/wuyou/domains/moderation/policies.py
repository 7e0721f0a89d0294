"""Who may do what, and what becomes of what moderation holds of a person who leaves."""

from __future__ import annotations

from wuyou.domains.moderation import errors
from wuyou.infra.person_data import PersonColumns
from wuyou.kernel.actor import Actor


def require_staff(actor: Actor) -> int:
    """The id of the member of staff who acts. Raises `StaffOnly`; the platform itself decides nothing here."""
    if not actor.is_staff or actor.user_id is None:
        raise errors.StaffOnly()
    return actor.user_id


_WHO_DECIDED = "who of the staff decided is answered for, and is shown to staff alone"

PERSON_COLUMNS = PersonColumns(
    erased=(
        "moderation_appeal.person_id",
        "moderation_case.owner_id",
        "moderation_daily_reports.person_id",
        "moderation_picture_rule.made_by_id",
        "moderation_report.reporter_id",
        "moderation_strike.person_id",
        "moderation_term_rule.made_by_id",
    ),
    kept={
        "moderation_appeal.answered_by_id": _WHO_DECIDED,
        "moderation_case.subject_id": "of a case about a person: that something was decided, under a pseudonym",
        "moderation_decision.decided_by_id": _WHO_DECIDED,
    },
)
