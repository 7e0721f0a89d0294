"""How subjects and people stand: what follows from cases, decisions and strikes at this moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from wuyou.domains.moderation import rules
from wuyou.domains.moderation.types import (
    WITHHOLDING,
    CaseState,
    Category,
    Shown,
    Source,
    Standing,
    Strike,
    Subject,
    SubjectKind,
)
from wuyou.infra import db
from wuyou.kernel.sight import Viewer

_CLOSING = ", ".join(f"'{outcome.value}'" for outcome in sorted(WITHHOLDING))


def withheld_sql(kind: str, subject_id: str) -> str:
    """The condition, on two expressions, that a subject is closed to everybody but its owner.

    While its case is open and holds it, or when the last word on its latest case that has one is a closing one. A
    report of what is withheld opens a case and changes nothing about that.
    """
    return f"""(
        EXISTS (SELECT FROM moderation_case o WHERE o.subject_kind = {kind} AND o.subject_id = {subject_id}
                AND o.state = 'OPEN' AND o.is_held)
        OR coalesce((SELECT d.outcome IN ({_CLOSING}) FROM moderation_case l
                     JOIN moderation_decision d ON d.case_id = l.id
                     WHERE l.subject_kind = {kind} AND l.subject_id = {subject_id}
                     ORDER BY l.id DESC, d.is_of_appeal DESC LIMIT 1), false))
    """  # noqa: S608  (expressions of ours)


def is_withheld(subject: Subject) -> bool:
    """Whether only its owner may see a subject; who asks on behalf of its row has locked it. Cost: one query."""
    found = db.rows(
        f"SELECT {withheld_sql('%(kind)s', '%(id)s')}",
        {"kind": subject.kind.value, "id": subject.id},
    )
    return bool(found[0][0])


def standings(owner_id: int, kind: SubjectKind, subject_ids: Collection[int]) -> dict[int, Standing]:
    """How those of one's own subjects stand that are withheld now. Cost: one query; none for none."""
    if not subject_ids:
        return {}
    found = db.rows(
        f"""
        SELECT DISTINCT ON (c.subject_id) c.subject_id, c.id, c.state, c.category,
               (SELECT d.id FROM moderation_decision d WHERE d.case_id = c.id ORDER BY d.is_of_appeal DESC LIMIT 1)
        FROM moderation_case c
        WHERE c.subject_kind = %(kind)s AND c.subject_id = ANY(%(ids)s) AND c.owner_id = %(owner)s
        AND {withheld_sql("c.subject_kind", "c.subject_id")} ORDER BY c.subject_id, c.id DESC
        """,  # noqa: S608
        {"kind": kind.value, "ids": sorted(subject_ids), "owner": owner_id},
    )
    return {
        subject_id: Standing(case_id, CaseState(state), True, Category(category), decision_id)
        for subject_id, case_id, state, category, decision_id in found
    }


def strikes_of(person_id: int) -> tuple[Strike, ...]:
    """Every strike of a person, newest first. Cost: one query."""
    found = db.rows(
        """
        SELECT decision_id, points, made_at, expires_at, revoked_at FROM moderation_strike
        WHERE person_id = %s ORDER BY made_at DESC, id DESC
        """,
        [person_id],
    )
    return tuple(Strike(*columns) for columns in found)


def points_by_person(person_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many points count against each of these people at this moment; who has none is left out. Cost: one query."""
    found = db.rows(
        """
        SELECT person_id, sum(points) FROM moderation_strike
        WHERE person_id = ANY(%s) AND revoked_at IS NULL AND made_at <= %s AND expires_at > %s GROUP BY person_id
        """,
        [sorted(set(person_ids)), now, now],
    )
    return {person_id: int(points) for person_id, points in found}


def paused_until(person_id: int, now: datetime) -> datetime | None:
    """Until when a person may not publish; None when they may. Cost: one query."""
    until = rules.paused_until(strikes_of(person_id))
    return until if until is not None and until > now else None


def may_publish(person_id: int, now: datetime) -> bool:
    """Whether a person may publish at this moment. Cost: one query."""
    return paused_until(person_id, now) is None


def find_shown(viewer: Viewer, subject: Subject) -> Shown | None:
    """What a viewer sees of a subject; None where they see nothing, or nobody shows such. Cost: one query or two."""
    source = sources().get(subject.kind)
    return source.find(viewer, subject.id) if source else None


def shown_by_subject(subjects: Collection[Subject]) -> dict[Subject, Shown]:
    """What these subjects say, for staff; those that are gone are left out. Cost: one query or two a kind."""
    installed, found = sources(), {}
    for kind in sorted({subject.kind for subject in subjects} & set(installed)):
        ids = {subject.id for subject in subjects if subject.kind is kind}
        found.update({Subject(kind, key): shown for key, shown in installed[kind].look_up(ids).items()})
    return found


def sources() -> Mapping[SubjectKind, Source]:
    """What can be judged in this installation, as `settings.MODERATION_SUBJECTS` names it."""
    installed: Any = import_string(settings.MODERATION_SUBJECTS)
    return dict(installed)
