"""People: taken in."""

from __future__ import annotations

import re
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from wuyou.domains.identity import errors, handles, types
from wuyou.infra import db

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
    if found is None or handles.is_retired(handle):
        raise errors.HandleTaken(handle=handle)
    return types.Person(found[0], handle, display_name, avatar, is_staff)
