"""Reads of cases, for staff: the queue, and everything about one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wuyou.domains.moderation import errors
from wuyou.domains.moderation.queries.rules import picture_rules_by_id, term_rules_by_id
from wuyou.domains.moderation.types import Case, CaseState, Category, Hit, Report, Subject, SubjectKind
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_CASES = """
    SELECT c.id, c.subject_kind, c.subject_id, c.owner_id, c.state, c.is_held, c.category, c.opened_at,
           (SELECT count(*) FROM moderation_report r WHERE r.case_id = c.id),
           (SELECT count(*) FROM moderation_hit h
            WHERE h.subject_kind = c.subject_kind AND h.subject_id = c.subject_id)
    FROM moderation_case c
"""


def list_cases(
    *, state: CaseState = CaseState.OPEN, category: Category | None = None, cursor: int | None = None, limit: int = 50
) -> Page[Case]:
    """The queue, oldest first; what was decided, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    is_open = state is CaseState.OPEN
    found = db.rows(
        f"""
        {_CASES} WHERE c.state = %(state)s AND (%(category)s = '' OR c.category = %(category)s)
        AND (%(cursor)s::bigint IS NULL OR c.id {">" if is_open else "<"} %(cursor)s)
        ORDER BY c.id {"" if is_open else "DESC"} LIMIT %(limit)s
        """,
        {
            "state": state.value,
            "category": category.value if category else "",
            "cursor": cursor,
            "limit": limit + 1,
        },
    )
    return cut_page([_case(columns) for columns in found], limit, lambda case: case.id)


def count_open() -> dict[Category, int]:
    """How many cases wait, by category. Cost: one query."""
    found = db.rows("SELECT category, count(*) FROM moderation_case WHERE state = 'OPEN' GROUP BY category")
    return {Category(category): count for category, count in found}


def count_waiting() -> tuple[int, int]:
    """How many cases and appeals wait for staff. Cost: one query."""
    cases, appeals = db.rows(
        """
        SELECT (SELECT count(*) FROM moderation_case WHERE state = 'OPEN'),
               (SELECT count(*) FROM moderation_appeal WHERE answered_at IS NULL)
        """
    )[0]
    return cases, appeals


def get_case(case_id: int) -> Case:
    """One case. Raises `CaseNotFound`. Cost: one query."""
    found = db.row(f"{_CASES} WHERE c.id = %s", [case_id])
    if found is None:
        raise errors.CaseNotFound()
    return _case(found)


def list_cases_of(subject: Subject) -> tuple[Case, ...]:
    """Every case of a subject, newest first. Cost: one query."""
    found = db.rows(
        f"{_CASES} WHERE c.subject_kind = %s AND c.subject_id = %s ORDER BY c.id DESC LIMIT 50",
        [subject.kind.value, subject.id],
    )
    return tuple(_case(columns) for columns in found)


def list_reports(case_id: int) -> tuple[Report, ...]:
    """What members complained of in a case, oldest first; without who they were. Cost: one query."""
    found = db.rows(
        """
        SELECT id, category, words, evidence, made_at FROM moderation_report WHERE case_id = %s ORDER BY id LIMIT 100
        """,
        [case_id],
    )
    return tuple(
        Report(report_id, Category(category), words, tuple(evidence), made_at)
        for report_id, category, words, evidence, made_at in found
    )


def list_hits(subject: Subject) -> tuple[Hit, ...]:
    """The rules that found something in a subject, latest first. Cost: one query, and one a kind of rules."""
    found = db.rows(
        """
        SELECT term_rule_id, picture_rule_id, found_at FROM moderation_hit
        WHERE subject_kind = %s AND subject_id = %s ORDER BY found_at DESC, id
        """,
        [subject.kind.value, subject.id],
    )
    return tuple(_hits(found))


def list_marks(*, limit: int = 50) -> tuple[tuple[Subject, Hit], ...]:
    """What rules found lately in subjects without a case, newest first. Cost: one query, and one a kind of rules."""
    found = db.rows(
        """
        SELECT h.subject_kind, h.subject_id, h.term_rule_id, h.picture_rule_id, h.found_at FROM moderation_hit h
        WHERE NOT EXISTS (SELECT FROM moderation_case c
                          WHERE c.subject_kind = h.subject_kind AND c.subject_id = h.subject_id)
        ORDER BY h.id DESC LIMIT %s
        """,
        [max(1, min(limit, MAX_PAGE))],
    )
    subjects = [Subject(SubjectKind(kind), subject_id) for kind, subject_id, *_ in found]
    return tuple(zip(subjects, _hits([columns[2:] for columns in found]), strict=True))


def _hits(found: Sequence[Sequence[Any]]) -> list[Hit]:
    terms = term_rules_by_id({term for term, _, _ in found if term is not None})
    pictures = picture_rules_by_id({picture for _, picture, _ in found if picture is not None})
    return [Hit(terms.get(term), pictures.get(picture), found_at) for term, picture, found_at in found]


def _case(columns: Sequence[Any]) -> Case:
    case_id, kind, subject_id, owner_id, state, is_held, category, opened_at, reports, hits = columns
    subject = Subject(SubjectKind(kind), subject_id)
    return Case(case_id, subject, owner_id, CaseState(state), is_held, Category(category), opened_at, reports, hits)
