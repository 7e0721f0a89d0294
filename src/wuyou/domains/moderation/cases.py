"""What several operations share: the one open case of a subject."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation.types import Category, Subject
from wuyou.infra import db


def open_case(*, subject: Subject, owner_id: int, is_held: bool, category: Category, now: datetime) -> int:
    """The open case of a subject, which is opened when there is none; its id. Locks: the case.

    One statement on a unique key: of two who open it at once one waits for the other and finds it; who comes while it
    is being decided waits for that, and opens the next.
    """
    found = db.row(
        """
        INSERT INTO moderation_case (subject_kind, subject_id, owner_id, state, is_held, category, opened_at)
        VALUES (%(kind)s, %(id)s, %(owner)s, 'OPEN', %(held)s, %(category)s, %(now)s)
        ON CONFLICT (subject_kind, subject_id) WHERE state = 'OPEN'
        DO UPDATE SET is_held = moderation_case.is_held OR EXCLUDED.is_held
        RETURNING id
        """,
        {
            "kind": subject.kind.value,
            "id": subject.id,
            "owner": owner_id,
            "held": is_held,
            "category": category.value,
            "now": now,
        },
    )
    assert found is not None  # noqa: S101  (a row is written or found)
    return int(found[0])
