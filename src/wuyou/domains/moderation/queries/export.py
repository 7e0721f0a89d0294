"""What moderation holds of a person, for them: never who reported them."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """One's reports, what was decided of one's own and why, one's appeals and strikes."""
    yield (
        "reports",
        db.records(
            """
            SELECT c.subject_kind, c.subject_id, r.category, r.words, r.made_at FROM moderation_report r
            JOIN moderation_case c ON c.id = r.case_id WHERE r.reporter_id = %s ORDER BY r.id
            """,
            [person_id],
        ),
    )
    yield (
        "decisions",
        db.records(
            """
            SELECT c.subject_kind, c.subject_id, d.outcome, d.category, d.note, d.decided_at, d.is_of_appeal,
                   s.points, s.expires_at, s.revoked_at
            FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id
            LEFT JOIN moderation_strike s ON s.decision_id = d.id
            WHERE c.owner_id = %s AND (d.outcome <> 'KEEP' OR c.is_held OR d.is_of_appeal) ORDER BY d.id
            """,
            [person_id],
        ),
    )
    yield (
        "appeals",
        db.records(
            """
            SELECT decision_id, words, made_at, answered_at, is_granted FROM moderation_appeal
            WHERE person_id = %s ORDER BY id
            """,
            [person_id],
        ),
    )
