"""Every write of identity."""

from __future__ import annotations

import re
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from wuyou.domains.identity import errors, models, queries, types
from wuyou.infra import db
from wuyou.kernel import tokens

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
    models.AccessToken.objects.create(
        digest=tokens.digest(token), user_id=person.id, label=label[:60], created_at=now
    )
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
