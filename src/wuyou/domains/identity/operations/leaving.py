"""Leaving: asked for, taken back by coming back, and done when it is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from wuyou.domains.identity import errors
from wuyou.domains.identity.operations.sessions import end_sessions
from wuyou.infra import db, person_data
from wuyou.kernel.actor import Actor

TRY_AGAIN = timedelta(days=1)
"""After this time somebody is looked at again for whom something was still open."""


@db.requires_transaction
def ask_to_leave(*, actor: Actor, now: datetime) -> datetime:
    """Ask to be erased after the days of grace; returns when. Every session ends, and every access token.

    Asking again changes nothing. Who signs in before then comes back (`come_back`).
    Raises: `StillOpen` when orders or money are still to be brought to an end. Locks: the person's row.
    """
    me = actor.person_id
    _lock(me)
    if obstacles := person_data.obstacles_of(me):
        raise errors.StillOpen(count=sum(obstacle.count for obstacle in obstacles))
    due_at = now + timedelta(days=settings.ERASURE_GRACE_DAYS)
    found = db.row(
        """
        INSERT INTO identity_leaving (person_id, asked_at, due_at, is_held_up) VALUES (%s, %s, %s, false)
        ON CONFLICT (person_id) DO UPDATE SET due_at = identity_leaving.due_at RETURNING due_at
        """,
        [me, now, due_at],
    )
    db.execute("UPDATE identity_access_token SET revoked_at = %s WHERE user_id = %s AND revoked_at IS NULL", [now, me])
    end_sessions(user_id=me)
    asked: datetime = found[0] if found else due_at
    return asked


@db.requires_transaction
def come_back(*, person_id: int) -> bool:
    """Somebody who had asked to leave is here again: they stay. Returns whether they had asked.

    Locks: the person's row, so that this and the erasure wait for each other. Raises: `PersonNotFound` when it is too
    late.
    """
    _lock(person_id)
    return bool(db.execute("DELETE FROM identity_leaving WHERE person_id = %s", [person_id]))


@db.requires_transaction
def erase_leaver(*, person_id: int, now: datetime) -> bool:
    """Erase somebody who asked for it and whose days of grace are over; False when they came back, or must wait.

    While the person's row is locked nothing new can refer to it, so that what stands in the way is asked about a state
    that nobody changes. Where something does, it is asked again tomorrow.
    Publishes: `PersonErased`. Locks: the person's row, and whatever the domains take.
    """
    row = db.row("SELECT handle, display_name FROM identity_user WHERE id = %s FOR UPDATE", [person_id])
    due = db.row("SELECT FROM identity_leaving WHERE person_id = %s AND due_at <= %s", [person_id, now])
    if row is None or due is None:
        return False
    if person_data.obstacles_of(person_id):
        db.execute(
            "UPDATE identity_leaving SET due_at = %s, is_held_up = true WHERE person_id = %s",
            [now + TRY_AGAIN, person_id],
        )
        return False
    person_data.erase_everywhere(person_id=person_id, texts=[text for text in row if text], now=now)
    return True


def _lock(person_id: int) -> None:
    if not db.rows("SELECT FROM identity_user WHERE id = %s AND erased_at IS NULL FOR UPDATE", [person_id]):
        raise errors.PersonNotFound()
