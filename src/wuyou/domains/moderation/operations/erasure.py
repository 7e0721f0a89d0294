"""What becomes of cases and reports when somebody leaves."""

from __future__ import annotations

from datetime import datetime

from wuyou.infra import db


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget what the person reported, appealed and was reproached with; that something was decided stays, nameless."""
    me = {"me": person_id}
    for statement in (
        "DELETE FROM moderation_appeal WHERE person_id = %(me)s",
        "DELETE FROM moderation_strike WHERE person_id = %(me)s",
        "DELETE FROM moderation_daily_reports WHERE person_id = %(me)s",
        "UPDATE moderation_report SET reporter_id = NULL, words = '' WHERE reporter_id = %(me)s",
        # What others complained of was theirs, and what was written to them tells of it.
        """
        UPDATE moderation_report r SET evidence = '{}', words = '' FROM moderation_case c
        WHERE c.id = r.case_id AND c.owner_id = %(me)s
        """,
        """
        UPDATE moderation_decision d SET note = '' FROM moderation_case c
        WHERE c.id = d.case_id AND c.owner_id = %(me)s
        """,
        "UPDATE moderation_case SET owner_id = NULL WHERE owner_id = %(me)s",
        "UPDATE moderation_term_rule SET made_by_id = NULL WHERE made_by_id = %(me)s",
        "UPDATE moderation_picture_rule SET made_by_id = NULL WHERE made_by_id = %(me)s",
    ):
        db.execute(statement, me)
