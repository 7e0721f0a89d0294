"""Where somebody is signed in, ended. A row of Django's sessions lives on only while allauth's row says whose it is."""

from __future__ import annotations

from wuyou.domains.identity import errors
from wuyou.infra import db


@db.requires_transaction
def end_session(*, user_id: int, session_id: int) -> str:
    """End one of somebody's own sessions, and say its key. Raises: `SessionNotFound`, also for another's."""
    found = db.row(
        "DELETE FROM usersessions_usersession WHERE id = %s AND user_id = %s RETURNING session_key",
        [session_id, user_id],
    )
    if found is None:
        raise errors.SessionNotFound()
    db.execute("DELETE FROM django_session WHERE session_key = %s", [found[0]])
    return str(found[0])


@db.requires_transaction
def end_sessions(*, user_id: int, but: str | None = None) -> None:
    """End all of somebody's sessions but the one with this key. Cost: one statement."""
    db.execute(
        """
        WITH ended AS (
            DELETE FROM usersessions_usersession WHERE user_id = %s AND session_key <> %s RETURNING session_key
        )
        DELETE FROM django_session USING ended WHERE django_session.session_key = ended.session_key
        """,
        [user_id, but or ""],
    )
