"""Reads of what was decided, appealed and reported: for staff, and for whom it concerns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from wuyou.domains.moderation import errors, rules
from wuyou.domains.moderation.types import (
    Appeal,
    CaseState,
    Category,
    Decision,
    Outcome,
    OwnReport,
    Standing,
    Subject,
    SubjectKind,
)
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page
from wuyou.kernel.sight import Viewer

_DECISIONS = """
    SELECT d.id, d.case_id, c.subject_kind, c.subject_id, c.owner_id, d.outcome, d.category, d.note, d.decided_at,
           d.decided_by_id, d.is_of_appeal, a.id, a.words, a.made_at, a.answered_at, a.is_granted
    FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id
    LEFT JOIN moderation_appeal a ON a.decision_id = d.id
"""
_CONCERNS = "c.owner_id = %(me)s AND (d.outcome <> 'KEEP' OR c.is_held OR d.is_of_appeal)"
"""What is kept and was never closed concerns its owner no more than that somebody complained."""


def list_decisions(case_id: int) -> tuple[Decision, ...]:
    """What was decided in a case, for staff, in order. Cost: one query."""
    return tuple(
        _decision(columns) for columns in db.rows(f"{_DECISIONS} WHERE d.case_id = %s ORDER BY d.id", [case_id])
    )


def decisions_by_id(decision_ids: Collection[int]) -> dict[int, Decision]:
    """Decisions, for staff. Cost: one query; none for none."""
    if not decision_ids:
        return {}
    found = db.rows(f"{_DECISIONS} WHERE d.id = ANY(%s)", [sorted(decision_ids)])
    return {columns[0]: _decision(columns) for columns in found}


def list_own_decisions(person_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[Decision]:
    """What was decided of one's own, newest first; who decided is not told. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_DECISIONS} WHERE {_CONCERNS} AND (%(cursor)s::bigint IS NULL OR d.id < %(cursor)s)
        ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {"me": person_id, "cursor": cursor, "limit": limit + 1},
    )
    own = [replace(_decision(columns), decided_by=None) for columns in found]
    return cut_page(own, limit, lambda decision: decision.id)


def get_own_decision(person_id: int, decision_id: int) -> Decision:
    """One of them. Raises `DecisionNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_DECISIONS} WHERE d.id = %(id)s AND {_CONCERNS}", {"me": person_id, "id": decision_id})
    if found is None:
        raise errors.DecisionNotFound()
    return replace(_decision(found), decided_by=None)


def decisions_among(viewer: Viewer, decision_ids: Collection[int]) -> set[int]:
    """Those of these decisions that concern the viewer's own. Cost: one query."""
    found = db.rows(
        f"SELECT d.id FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id"  # noqa: S608
        f" WHERE d.id = ANY(%(ids)s) AND {_CONCERNS}",
        {"me": viewer.person_id or 0, "ids": sorted(decision_ids)},
    )
    return {decision_id for (decision_id,) in found}


def list_held(person_id: int) -> tuple[tuple[Subject, Standing], ...]:
    """One's own subjects that wait for staff while only oneself sees them, newest first. Cost: one query."""
    found = db.rows(
        """
        SELECT subject_kind, subject_id, id, category FROM moderation_case
        WHERE owner_id = %s AND state = 'OPEN' AND is_held ORDER BY id DESC LIMIT 100
        """,
        [person_id],
    )
    return tuple(
        (Subject(SubjectKind(kind), subject_id), Standing(case_id, CaseState.OPEN, True, Category(category), None))
        for kind, subject_id, case_id, category in found
    )


# ------------------------------------------------------------------ appeals


def list_appeals(*, is_answered: bool = False, cursor: int | None = None, limit: int = 50) -> Page[Decision]:
    """Decisions that are appealed against: those that wait oldest first, by appeal. Cost: one query.

    The cursor is the appeal's id.
    """
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_DECISIONS} WHERE a.id IS NOT NULL AND (a.answered_at IS NOT NULL) = %(answered)s
        AND (%(cursor)s::bigint IS NULL OR a.id {"<" if is_answered else ">"} %(cursor)s)
        ORDER BY a.id {"DESC" if is_answered else ""} LIMIT %(limit)s
        """,
        {"answered": is_answered, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_decision(columns) for columns in found], limit, lambda each: each.appeal.id if each.appeal else 0)


def get_appealed(appeal_id: int) -> Decision:
    """The decision that an appeal is against. Raises `AppealNotFound`. Cost: one query."""
    found = db.row(f"{_DECISIONS} WHERE a.id = %s", [appeal_id])
    if found is None:
        raise errors.AppealNotFound()
    return _decision(found)


# ------------------------------------------------------------------ reports


_REPORTS = """
    SELECT r.id, c.subject_kind, c.subject_id, r.category, r.words, r.evidence, r.made_at, d.outcome, d.decided_at
    FROM moderation_report r JOIN moderation_case c ON c.id = r.case_id
    LEFT JOIN LATERAL (SELECT outcome, decided_at FROM moderation_decision WHERE case_id = c.id
                       ORDER BY is_of_appeal DESC LIMIT 1) d ON true
"""


def list_own_reports(person_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[OwnReport]:
    """What one reported, newest first, and what became of it. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_REPORTS} WHERE r.reporter_id = %(me)s AND (%(cursor)s::bigint IS NULL OR r.id < %(cursor)s)
        ORDER BY r.id DESC LIMIT %(limit)s
        """,
        {"me": person_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_report(columns) for columns in found], limit, lambda report: report.id)


def get_own_report(person_id: int, report_id: int) -> OwnReport:
    """One of them. Raises `SubjectNotFound` for everyone else. Cost: one query."""
    found = db.row(f"{_REPORTS} WHERE r.id = %s AND r.reporter_id = %s", [report_id, person_id])
    if found is None:
        raise errors.SubjectNotFound()
    return _report(found)


def has_reported(person_id: int, subject: Subject) -> bool:
    """Whether a report of one's own on a subject waits. Cost: one query."""
    return bool(
        db.rows(
            """
            SELECT 1 FROM moderation_report r JOIN moderation_case c ON c.id = r.case_id
            WHERE r.reporter_id = %s AND c.state = 'OPEN' AND c.subject_kind = %s AND c.subject_id = %s
            """,
            [person_id, subject.kind.value, subject.id],
        )
    )


def _decision(columns: Sequence[Any]) -> Decision:
    (decision_id, case_id, kind, subject_id, owner_id, outcome, category, note, decided_at, decided_by, is_of_appeal,
     appeal_id, words, made_at, answered_at, is_granted) = columns  # fmt: skip
    appeal = Appeal(appeal_id, decision_id, words, made_at, answered_at, is_granted) if appeal_id else None
    return Decision(
        decision_id,
        case_id,
        Subject(SubjectKind(kind), subject_id),
        owner_id,
        Outcome(outcome),
        Category(category),
        note,
        decided_at,
        decided_by,
        is_of_appeal,
        decided_at + rules.APPEAL_FOR,
        appeal,
    )


def _report(columns: Sequence[Any]) -> OwnReport:
    report_id, kind, subject_id, category, words, evidence, made_at, outcome, decided_at = columns
    return OwnReport(
        report_id,
        Subject(SubjectKind(kind), subject_id),
        Category(category),
        words,
        tuple(evidence),
        made_at,
        Outcome(outcome) if outcome else None,
        decided_at,
    )
