"""Telling the members of a team what became of it; each is led to their own order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db


def tell_team(order_nos: Mapping[int, str], kind: Kind, team_id: int, now: datetime) -> None:
    """Tell each member; `order_nos` is by person. Cost: a statement a member."""
    for member_id, order_no in sorted(order_nos.items()):
        notifications.notify(person_id=member_id, kind=kind, object_id=team_id, facts={"order_no": order_no}, now=now)


def ask_for_experience(*, order_id: int, now: datetime) -> None:
    """Who has what a formed team bought is asked, once, to tell the others what it is like. Cost: two statements.

    Nobody is asked who bought without others, whatever became of the team.
    """
    found = db.row(
        """
        SELECT s.user_id, t.id, t.token FROM groupbuy_seat s JOIN groupbuy_team t ON t.id = s.team_id
        WHERE s.order_id = %s AND s.state = 'CONFIRMED' AND t.state = 'FORMED' AND EXISTS (
            SELECT FROM groupbuy_seat o WHERE o.team_id = t.id AND o.state = 'CONFIRMED' AND o.user_id <> s.user_id)
        """,
        [order_id],
    )
    if found is not None:
        user_id, team_id, token = found
        notifications.notify(
            person_id=user_id, kind=Kind.EXPERIENCE_ASKED, object_id=team_id, facts={"team": token}, now=now
        )
