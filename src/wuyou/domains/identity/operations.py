"""Every write of identity."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from wuyou.domains.identity import errors, models, queries, types
from wuyou.infra import db
from wuyou.kernel import tokens

SIGN_IN_TRIES = 10
SIGN_IN_WINDOW = timedelta(minutes=15)
"""So often in so long may somebody try to sign in under one name from one address."""

_HANDLE = re.compile(r"[a-z][a-z0-9_]{2,29}")


@db.requires_transaction
def register(
    *,
    handle: str,
    display_name: str,
    now: datetime,
    password: str | None = None,
    avatar: str = "face",
    is_staff: bool = False,
) -> types.Person:
    """Take a new person in. Without a password they can act through access tokens only.

    Raises: `HandleMalformed`, `NameMalformed`, `PasswordTooWeak`, `HandleTaken`.
    """
    handle = handle.strip().lower()
    if not _HANDLE.fullmatch(handle):
        raise errors.HandleMalformed(handle=handle[:40])
    display_name = display_name.strip()
    if not 0 < len(display_name) <= 40 or not display_name.isprintable():
        raise errors.NameMalformed()
    if password is not None:
        try:
            validate_password(password)
        except ValidationError as refused:
            raise errors.PasswordTooWeak() from refused
    found = db.row(
        """
        INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)
        VALUES (%s, %s, %s, %s, %s, true, %s) ON CONFLICT (handle) DO NOTHING RETURNING id
        """,
        [handle, display_name, avatar, make_password(password), is_staff, now],
    )
    if found is None:
        raise errors.HandleTaken(handle=handle)
    return types.Person(found[0], handle, display_name, avatar, is_staff)


@db.requires_transaction
def issue_access_token(*, user_id: int, label: str, now: datetime) -> str:
    """Make a token for a program to act as this person; this is the only time that it can be read."""
    person = queries.get_person(user_id)
    token = f"wy_{tokens.new_token(24)}"
    models.AccessToken.objects.create(digest=tokens.digest(token), user_id=person.id, label=label[:60], created_at=now)
    return token


@db.requires_transaction
def revoke_access_token(*, user_id: int, token_id: int, now: datetime) -> None:
    """Make one of one's own tokens useless. Raises `PersonNotFound` when it is not one's own."""
    revoked = models.AccessToken.objects.filter(id=token_id, user_id=user_id, revoked_at=None).update(revoked_at=now)
    if not revoked:
        raise errors.PersonNotFound()


@db.requires_transaction
def revoke_own_token(*, token: str, now: datetime) -> bool:
    """Make the token in hand useless; returns whether it was of use. Who holds a token may end it."""
    revoked = models.AccessToken.objects.filter(digest=tokens.digest(token), revoked_at=None).update(revoked_at=now)
    return bool(revoked)


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


def _sign_in_key(handle: str, address: str) -> str:
    return tokens.digest(f"{handle}\n{address}")
