"""Reads of collaborations, activities, and what is enrolled in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.alliance import errors, types
from wuyou.domains.alliance.types import EnrolmentState, FirstPieces, ParticipantState
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.sight import Viewer

_COLLABORATIONS = (
    "SELECT id, shop_id, name, terms, takes_applications, opened_at, closed_at, only_id FROM alliance_collaboration"
)
_PARTICIPANTS = """
    SELECT y.id, y.collaboration_id, y.publisher_id, p.user_id, y.state, y.words, y.asked_at, y.joined_at, y.ended_at
    FROM alliance_participant y JOIN alliance_publisher p ON p.id = y.publisher_id
"""
_ACTIVITIES = """
    SELECT id, recruiter_id, title, brief, keyword_ids, least_rate_bps, service_bps, enrols_until, from_at, until_at,
           opened_at, closed_at, only_id FROM alliance_activity
"""
_ENROLMENTS = """
    SELECT id, activity_id, shop_id, product_id, rate_bps, first_rate_bps, first_count, state, words, enrolled_at,
           decided_at FROM alliance_enrolment
"""

HAS_GOODS = """
    (v.closed_at IS NULL OR EXISTS (
        SELECT FROM alliance_enrolment e WHERE e.activity_id = v.id AND e.state = 'ACCEPTED'))
"""
"""That activity `v` has goods, or may yet have some."""


def get_collaboration(collaboration_id: int) -> types.Collaboration:
    """One collaboration. Raises `CollaborationNotFound`."""
    found = db.row(f"{_COLLABORATIONS} WHERE id = %s", [collaboration_id])
    if found is None:
        raise errors.CollaborationNotFound()
    return types.Collaboration(*found)


def collaborations_by_id(collaboration_ids: Collection[int]) -> dict[int, types.Collaboration]:
    """Many collaborations. Cost: one query, none for none."""
    if not collaboration_ids:
        return {}
    found = db.rows(f"{_COLLABORATIONS} WHERE id = ANY(%s)", [sorted(collaboration_ids)])
    return {columns[0]: types.Collaboration(*columns) for columns in found}


def list_collaborations(shop_id: int) -> tuple[types.Collaboration, ...]:
    """A shop's collaborations, newest first."""
    found = db.rows(f"{_COLLABORATIONS} WHERE shop_id = %s ORDER BY id DESC", [shop_id])
    return tuple(types.Collaboration(*columns) for columns in found)


def list_open_collaborations(*, limit: int = 50) -> tuple[types.Collaboration, ...]:
    """Collaborations that anybody may apply to, newest first."""
    found = db.rows(
        f"{_COLLABORATIONS} WHERE closed_at IS NULL AND takes_applications ORDER BY id DESC LIMIT %s", [limit]
    )
    return tuple(types.Collaboration(*columns) for columns in found)


def list_participants(collaboration_id: int) -> tuple[types.Participant, ...]:
    """Who takes part, asked to, was asked to, or did, newest first."""
    found = db.rows(f"{_PARTICIPANTS} WHERE y.collaboration_id = %s ORDER BY y.id DESC", [collaboration_id])
    return tuple(_participant(columns) for columns in found)


def list_participations(publisher_id: int) -> tuple[types.Participant, ...]:
    """Where a publisher takes part, asked to, was asked to, or did, newest first."""
    found = db.rows(f"{_PARTICIPANTS} WHERE y.publisher_id = %s ORDER BY y.id DESC", [publisher_id])
    return tuple(_participant(columns) for columns in found)


def get_participant(participant_id: int) -> types.Participant:
    """One participant. Raises `CollaborationNotFound`."""
    found = db.row(f"{_PARTICIPANTS} WHERE y.id = %s", [participant_id])
    if found is None:
        raise errors.CollaborationNotFound()
    return _participant(found)


def find_participant(collaboration_id: int, publisher_id: int) -> types.Participant | None:
    """A publisher's newest part in a collaboration."""
    found = db.row(
        f"{_PARTICIPANTS} WHERE y.collaboration_id = %s AND y.publisher_id = %s ORDER BY y.id DESC LIMIT 1",
        [collaboration_id, publisher_id],
    )
    return _participant(found) if found else None


def get_activity(activity_id: int) -> types.Activity:
    """One activity. Raises `ActivityNotFound`."""
    found = db.row(f"{_ACTIVITIES} WHERE id = %s", [activity_id])
    if found is None:
        raise errors.ActivityNotFound()
    return _activity(found)


def activities_by_id(activity_ids: Collection[int]) -> dict[int, types.Activity]:
    """Many activities. Cost: one query, none for none."""
    if not activity_ids:
        return {}
    found = db.rows(f"{_ACTIVITIES} WHERE id = ANY(%s)", [sorted(activity_ids)])
    return {columns[0]: _activity(columns) for columns in found}


def list_open_activities(now: datetime) -> tuple[types.Activity, ...]:
    """Activities that shops may enrol in, those that close first before others."""
    found = db.rows(f"{_ACTIVITIES} WHERE closed_at IS NULL AND enrols_until > %s ORDER BY enrols_until, id", [now])
    return tuple(_activity(columns) for columns in found)


def list_activities(recruiter_id: int | None) -> tuple[types.Activity, ...]:
    """A recruiter's activities, or the platform's, newest first."""
    found = db.rows(
        f"{_ACTIVITIES} WHERE recruiter_id IS NOT DISTINCT FROM %s::bigint ORDER BY id DESC", [recruiter_id]
    )
    return tuple(_activity(columns) for columns in found)


def activities_for_among(viewer: Viewer, activity_ids: Collection[int]) -> frozenset[int]:
    """Those of these activities that are for the viewer alone and have, or may yet have, goods. Cost: one query."""
    found = db.rows(
        f"""
        SELECT v.id FROM alliance_activity v JOIN alliance_publisher o ON o.id = v.only_id
        WHERE o.user_id = %s AND v.id = ANY(%s) AND {HAS_GOODS}
        """,  # noqa: S608  (a literal of this module)
        [viewer.person_id, sorted(activity_ids)],
    )
    return frozenset(number for (number,) in found)


def get_enrolment(enrolment_id: int) -> types.Enrolment:
    """One enrolment. Raises `EnrolmentNotFound`."""
    found = db.row(f"{_ENROLMENTS} WHERE id = %s", [enrolment_id])
    if found is None:
        raise errors.EnrolmentNotFound()
    return _enrolment(found)


def list_enrolments(activity_id: int) -> tuple[types.Enrolment, ...]:
    """What shops brought to an activity, waiting first, then newest first."""
    found = db.rows(f"{_ENROLMENTS} WHERE activity_id = %s ORDER BY state <> 'WAITING', id DESC", [activity_id])
    return tuple(_enrolment(columns) for columns in found)


def waiting_by_activity(activity_ids: Collection[int]) -> dict[int, int]:
    """How much waits to be decided in each of these activities. Cost: one query, none for none."""
    if not activity_ids:
        return {}
    return dict(
        db.rows(
            """
            SELECT activity_id, count(*) FROM alliance_enrolment
            WHERE state = 'WAITING' AND activity_id = ANY(%s) GROUP BY activity_id
            """,
            [sorted(activity_ids)],
        )
    )


def list_enrolments_of_shop(shop_id: int) -> tuple[types.Enrolment, ...]:
    """What a shop brought to activities, newest first."""
    found = db.rows(f"{_ENROLMENTS} WHERE shop_id = %s ORDER BY id DESC", [shop_id])
    return tuple(_enrolment(columns) for columns in found)


def list_subsidies() -> tuple[types.Subsidy, ...]:
    """What the platform adds, or did, newest first."""
    found = db.rows(
        """
        SELECT id, name, shop_id, product_id, rate_bps, from_at, until_at, currency, cap_minor, budget_minor,
               spent_minor FROM alliance_subsidy ORDER BY id DESC
        """
    )
    return tuple(
        types.Subsidy(
            subsidy_id, name, shop_id, product_id, rate_bps, Money(cap, Currency(code)), Money(budget, Currency(code)),
            Money(spent, Currency(code)), from_, until,
        )
        for subsidy_id, name, shop_id, product_id, rate_bps, from_, until, code, cap, budget, spent in found
    )  # fmt: skip


def _participant(columns: Sequence[Any]) -> types.Participant:
    participant_id, collaboration_id, publisher_id, user_id, state, *rest = columns
    return types.Participant(participant_id, collaboration_id, publisher_id, user_id, ParticipantState(state), *rest)


def _activity(columns: Sequence[Any]) -> types.Activity:
    activity_id, recruiter_id, title, brief, keyword_ids, *rest = columns
    return types.Activity(activity_id, recruiter_id, title, brief, tuple(keyword_ids), *rest)


def _enrolment(columns: Sequence[Any]) -> types.Enrolment:
    (enrolment_id, activity_id, shop_id, product_id, rate_bps, first_rate_bps, first_count, state, words, enrolled_at,
     decided_at) = columns  # fmt: skip
    first = None if first_rate_bps is None else FirstPieces(first_rate_bps, first_count)
    return types.Enrolment(
        enrolment_id, activity_id, shop_id, product_id, rate_bps, first, EnrolmentState(state), words, enrolled_at,
        decided_at,
    )  # fmt: skip
