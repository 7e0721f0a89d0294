"""Tries to sign in: counted, and forgotten when one was right; and what a person should know of their ways in."""

from __future__ import annotations

from datetime import datetime, timedelta

from wuyou.domains.identity import errors, events
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel import tokens

SIGN_IN_TRIES = 10
SIGN_IN_WINDOW = timedelta(minutes=15)
"""So often in so long may somebody try to sign in under one name from one address."""


@db.requires_transaction
def count_sign_in(*, handle: str, address: str, now: datetime) -> None:
    """Count a try to sign in, before its password is looked at, so that many at once are counted as well.

    Raises: `TooManySignIns`. Cost: one statement.
    """
    key = _sign_in_key(handle, address)
    counted = db.execute(
        """
        WITH forgotten AS (DELETE FROM identity_sign_in_try WHERE first_at <= %(since)s AND key <> %(key)s)
        INSERT INTO identity_sign_in_try AS t (key, count, first_at) VALUES (%(key)s, 1, %(now)s)
        ON CONFLICT (key) DO UPDATE
        SET count = CASE WHEN t.first_at <= %(since)s THEN 1 ELSE t.count + 1 END,
            first_at = CASE WHEN t.first_at <= %(since)s THEN EXCLUDED.first_at ELSE t.first_at END
        WHERE t.first_at <= %(since)s OR t.count < %(most)s
        """,
        {"key": key, "now": now, "since": now - SIGN_IN_WINDOW, "most": SIGN_IN_TRIES},
    )
    if not counted:
        raise errors.TooManySignIns(minutes=int(SIGN_IN_WINDOW.total_seconds()) // 60)


@db.requires_transaction
def forget_sign_ins(*, handle: str, address: str) -> None:
    """It was the right password: tries begin anew."""
    db.execute("DELETE FROM identity_sign_in_try WHERE key = %s", [_sign_in_key(handle, address)])


@db.requires_transaction
def note_new_browser(*, person_id: int, now: datetime) -> None:
    """Somebody signed in with a browser that had not been seen with this person. Publishes `SignedInAnew`."""
    publish(events.SignedInAnew(person_id, now))


@db.requires_transaction
def note_ways_in(*, person_id: int, what: str, now: datetime) -> None:
    """Something about how a person signs in was changed. Publishes `WaysInChanged`.

    Args: what: a code, as in `password_changed`.
    """
    publish(events.WaysInChanged(person_id, what, now))


def _sign_in_key(handle: str, address: str) -> str:
    return tokens.digest(f"{handle}\n{address}")
