"""Telling the members of a team what became of it; each is led to their own order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind


def tell_team(order_nos: Mapping[int, str], kind: Kind, team_id: int, now: datetime) -> None:
    """Tell each member; `order_nos` is by person. Cost: a statement a member."""
    for member_id, order_no in sorted(order_nos.items()):
        notifications.notify(person_id=member_id, kind=kind, object_id=team_id, facts={"order_no": order_no}, now=now)
