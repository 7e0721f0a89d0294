"""What several operations share: faces are held against the rules of moderation, in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


def screen_face(actor: Actor, face_id: int, texts: Sequence[str], now: datetime) -> None:
    """Hold a face that is written down, and locked, against the rules: what they hold is its owner's alone for now.

    What was withheld stays so, and staff look again. Raises: what `moderation.screen` refuses.
    """
    was_withheld = bool(
        db.rows(f"SELECT 1 FROM social_face f WHERE f.id = %s AND {sight.withheld_sql('f')}", [face_id])  # noqa: S608
    )
    screening = moderation.screen(actor=actor, texts=[text for text in texts if text], now=now)
    if screening.is_held:
        sight.withhold("social_face", [face_id])
    moderation.file_screening(
        subject=Subject(SubjectKind.FACE, face_id),
        owner_id=actor.person_id,
        screening=screening,
        was_withheld=was_withheld,
        now=now,
    )
