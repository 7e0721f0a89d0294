"""Many people at once, who are known elsewhere by a number alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.hashers import make_password

from wuyou.domains.identity import errors
from wuyou.domains.identity.handles import retired_among
from wuyou.domains.identity.operations.people import clean_names
from wuyou.infra import db


@db.requires_transaction
def register_nameless(*, names: Mapping[str, str], now: datetime, avatar: str = "face") -> dict[str, int]:
    """Take in people who cannot sign in: display names by handle. Returns ids by handle, also of who is there already.

    Who has left stays gone, and is left out of the answer.

    What `register` promises of each without a password holds of all of them. Two that take the same people in at once
    take them in once. Raises: `HandleMalformed`, `NameMalformed`; `HandleTaken` when somebody else has the handle, who
    signs in or is called otherwise. Cost: four statements.
    """
    cleaned = dict(clean_names(handle, display_name) for handle, display_name in names.items())
    handles = sorted(cleaned)
    db.execute(
        """
        INSERT INTO identity_user (handle, display_name, avatar, password, is_staff, is_active, joined_at)
        SELECT p.handle, p.name, %s, p.password, false, true, %s::timestamptz
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS p (handle, name, password) ORDER BY p.handle
        ON CONFLICT (handle) DO NOTHING
        """,
        [avatar, now, handles, [cleaned[handle] for handle in handles], [make_password(None) for _ in handles]],
    )
    db.execute("DELETE FROM identity_user WHERE handle = ANY(%s)", [retired_among(handles)])
    found = db.rows(
        "SELECT handle, id, display_name, password LIKE '!%%' AND is_active FROM identity_user WHERE handle = ANY(%s)",
        [handles],
    )
    for handle, _, display_name, is_nameless in found:
        if not is_nameless or display_name != cleaned[handle]:
            raise errors.HandleTaken(handle=handle)
    return {handle: person_id for handle, person_id, *_ in found}
