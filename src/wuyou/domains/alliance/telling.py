"""Who is told what of the alliance: the people whom a plan, an enrolment, a cut or a payout concerns.

Called in the transaction that makes it true. Facts are numbers; words stand on the page that they lead to.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Enrolment, Participant, ParticipantState, Plan
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db


def tell_participation(
    participant: Participant, before: ParticipantState | None, by: int | None, now: datetime
) -> None:
    """The other side reads that they were asked, answered, or left.

    Args: before: None where it begins now; by: who did it, who is not told.
    """
    shop_id = queries.get_collaboration(participant.collaboration_id).shop_id
    owner_id = catalog.get_shop(shop_id).owner_id
    match participant.state, before:
        case ParticipantState.INVITED, _:
            person_id, kind = participant.user_id, Kind.PLAN_INVITED
        case ParticipantState.APPLIED, _:
            person_id, kind = owner_id, Kind.PLAN_APPLIED
        case ParticipantState.JOINED | ParticipantState.REFUSED, ParticipantState.INVITED:
            person_id, kind = owner_id, Kind.PLAN_ANSWERED
        case ParticipantState.JOINED | ParticipantState.REFUSED, _:
            person_id, kind = participant.user_id, Kind.PLAN_ANSWERED
        case _:
            person_id, kind = owner_id if by == participant.user_id else participant.user_id, Kind.PLAN_ENDED
    if person_id == by:
        return
    notifications.notify(
        person_id=person_id,
        kind=kind,
        object_id=participant.id,
        facts={
            "shop": shop_id if person_id == owner_id else 0,
            "collaboration": participant.collaboration_id,
            "state": participant.state.value,
        },
        now=now,
    )


def tell_enrolment(enrolment: Enrolment, now: datetime) -> None:
    """The shop reads whether its goods were taken."""
    notifications.notify(
        person_id=catalog.get_shop(enrolment.shop_id).owner_id,
        kind=Kind.ENROLMENT_DECIDED,
        object_id=enrolment.id,
        facts={"shop": enrolment.shop_id, "state": enrolment.state.value},
        now=now,
    )


def tell_activity(activity_id: int, person_id: int, recruiter_id: int, now: datetime) -> None:
    """Who alone may promote what an activity brings reads of it, unless they hear nothing of who recruits."""
    notifications.notify(
        person_id=person_id, kind=Kind.ACTIVITY_FOR_ONE, actor_id=recruiter_id, object_id=activity_id, now=now
    )


def tell_cut(plan: Plan, now: datetime) -> None:
    """Who promotes the shop already reads that a lower rate comes, but not yet for them. Cost: two statements."""
    if plan.notice_before is None or plan.collaboration_id is not None:
        return
    concerned = db.rows(
        """
        SELECT p.user_id FROM alliance_promoting r JOIN alliance_publisher p ON p.id = r.publisher_id
        WHERE r.shop_id = %s AND r.since < %s ORDER BY p.user_id
        """,
        [plan.shop_id, plan.notice_before],
    )
    notifications.notify_all(
        person_ids=[user_id for (user_id,) in concerned],
        kind=Kind.RATE_CUT,
        object_id=plan.id,
        facts={"shop": plan.shop_id},
        now=now,
    )


def tell_payout(owner: str, line_id: int, is_paid: bool, now: datetime) -> None:
    """Whose money it was reads that it was paid, or came back. Cost: three statements."""
    what, _, number = owner.partition(":")
    if what == "shop":
        person_id = catalog.get_shop(int(number)).owner_id
    else:
        person_id = queries.get_publisher(int(number)).user_id
    kind = Kind.PAYOUT_PAID if is_paid else Kind.PAYOUT_FAILED
    notifications.notify(person_id=person_id, kind=kind, object_id=line_id, now=now)
