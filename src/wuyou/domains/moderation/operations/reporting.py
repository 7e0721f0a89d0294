"""Members report what they see."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import errors, queries, rules
from wuyou.domains.moderation.cases import open_case
from wuyou.domains.moderation.types import Category, Subject
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date


@db.requires_transaction
def report(*, actor: Actor, subject: Subject, category: Category, words: str, now: datetime) -> int:
    """Complain of something that one sees; it joins the subject's open case, or opens one. Returns the report's id.

    While the case is open, the same member's report is one, however often it is made: the first stands. What the
    reporter sees is kept with it.

    Locks: the open case, then the member's count of the day.
    Raises: `SubjectNotFound` (also for what one does not see), `OwnSubject`, `TextMalformed`, `TooManyReports`.
    """
    me = actor.person_id
    words = rules.clean_words(words, "words", rules.MAX_WORDS, is_needed=False)
    shown = queries.find_shown(sight.get_viewer(me), subject)
    if shown is None:
        raise errors.SubjectNotFound()
    if shown.owner_id == me:
        raise errors.OwnSubject()
    case_id = open_case(subject=subject, owner_id=shown.owner_id, is_held=False, category=category, now=now)
    made = db.row(
        """
        INSERT INTO moderation_report (case_id, reporter_id, category, words, evidence, made_at)
        VALUES (%s, %s, %s, %s, %s::text[], %s) ON CONFLICT (case_id, reporter_id) DO NOTHING RETURNING id
        """,
        [case_id, me, category.value, words, list(shown.texts), now],
    )
    if made is None:
        return int(
            db.rows("SELECT id FROM moderation_report WHERE case_id = %s AND reporter_id = %s", [case_id, me])[0][0]
        )
    _count(me, now)
    return int(made[0])


def _count(person_id: int, now: datetime) -> None:
    counted = db.execute(
        """
        INSERT INTO moderation_daily_reports AS d (person_id, day, count) VALUES (%(me)s, %(day)s, 1)
        ON CONFLICT (person_id, day) DO UPDATE SET count = d.count + 1 WHERE d.count < %(most)s
        """,
        {"me": person_id, "day": business_date(now), "most": rules.MOST_REPORTS},
    )
    if not counted:
        raise errors.TooManyReports(most=rules.MOST_REPORTS)
