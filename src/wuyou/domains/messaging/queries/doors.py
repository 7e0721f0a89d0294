"""Whom people let in."""

from __future__ import annotations

from wuyou.domains.messaging import types
from wuyou.infra import db


def get_doors(person_id: int) -> types.Doors:
    """Who may write to and call a person. Cost: one query."""
    found = db.row("SELECT write, call FROM messaging_door WHERE person_id = %s", [person_id])
    return types.Doors(types.WriteDoor(found[0]), types.CallDoor(found[1])) if found else types.Doors()
