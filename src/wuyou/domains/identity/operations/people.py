"""People: taken in."""

from __future__ import annotations

import re
from datetime import datetime

from django.contrib.auth.hashers import make_password

from wuyou.domains.identity import errors, handles, types
from wuyou.domains.identity.operations.contacts import confirm_contact
from wuyou.infra import db

_HANDLE = re.compile(r"[a-z][a-z0-9_]{2,29}")


def clean_names(handle: str, display_name: str) -> tuple[str, str]:
    """Both names as they are kept. Raises: `HandleMalformed`, `NameMalformed`."""
    handle, display_name = handle.strip().lower(), display_name.strip()
    if not _HANDLE.fullmatch(handle):
        raise errors.HandleMalformed(handle=handle[:40])
    if not 0 < len(display_name) <= 40 or not display_name.isprintable():
        raise errors.NameMalformed()
    return handle, display_name


@db.requires_transaction
def register(
    *,
    handle: str,
    display_name: str,
    now: datetime,
    password_hash: str | None = None,
    contact: types.Contact | None = None,
    avatar: str = "face",
    is_staff: bool = False,
) -> types.Person:
    """Take a new person in. Without a password and a contact they can act through access tokens only.

    Args: password_hash: from `hash_password`, which takes too long for a transaction; contact: one that they have
    proven to be theirs.
    Raises: `HandleMalformed`, `NameMalformed`, `HandleTaken`, `ContactTaken`.
    """
    handle, display_name = clean_names(handle, display_name)
    found = db.row(
        """
        INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)
        VALUES (%s, %s, %s, %s, %s, true, %s) ON CONFLICT (handle) DO NOTHING RETURNING id
        """,
        [handle, display_name, avatar, password_hash or make_password(None), is_staff, now],
    )
    if found is None or handles.retired_among([handle]):
        raise errors.HandleTaken(handle=handle)
    if contact is not None:
        confirm_contact(user_id=found[0], contact=contact, now=now)
    return types.Person(found[0], handle, display_name, avatar, is_staff)
