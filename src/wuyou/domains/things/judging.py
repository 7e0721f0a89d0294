"""What several operations share: what others may see of copies is held against the rules of moderation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


def screen_copies(actor: Actor, holding_ids: Sequence[int], now: datetime) -> None:
    """Hold what copies say and show, which are written down and locked, against the rules, if others see them at all.

    What somebody notes for themselves alone is nobody's business: it is looked at when it is opened. What a rule holds
    is its owner's alone until staff have looked; what was withheld stays so, and staff look again.

    Raises: what `moderation.screen` refuses. Cost: one query; a few more where something is said or shown to others.
    """
    said = [
        (holding_id, [story, *(part for pair in fields for part in pair)], looks, was_withheld)
        for holding_id, story, fields, looks, was_withheld in db.rows(
            f"""
            SELECT h.id, h.story, h.fields, ARRAY(SELECT f.phash FROM things_photo f WHERE f.holding_id = h.id),
                   {sight.withheld_sql("h")}
            FROM things_holding h WHERE h.id = ANY(%s) AND cardinality(h.sight_opens) > 1 ORDER BY h.id
            """,  # noqa: S608  (a condition of ours)
            [list(holding_ids)],
        )
        if story or fields or looks or was_withheld
    ]
    if not said:
        return
    screenings = moderation.screen_each(actor=actor, pieces=[(texts, looks) for _, texts, looks, _ in said], now=now)
    for (holding_id, _, _, was_withheld), screening in zip(said, screenings, strict=True):
        if screening.is_held:
            sight.withhold("things_holding", [holding_id])
        moderation.file_screening(
            subject=Subject(SubjectKind.COPY, holding_id),
            owner_id=actor.person_id,
            screening=screening,
            was_withheld=was_withheld,
            now=now,
        )
