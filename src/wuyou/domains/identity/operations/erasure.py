"""Leaving: asked for, taken back, and done."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from wuyou.domains.identity import events
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel import tokens


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Make the person's row a nameless pseudonym, and delete everything else that identity holds of them.

    Publishes: `PersonErased`, once; again it changes nothing.
    """
    db.execute("DELETE FROM identity_access_token WHERE user_id = %s", [person_id])
    erased = db.execute(
        """
        UPDATE identity_user SET handle = %s, display_name = '', avatar = 'face', password = %s, last_login = NULL,
                                 is_staff = false, is_active = false, joined_at = %s, erased_at = %s
        WHERE id = %s AND erased_at IS NULL
        """,
        [f"gone_{tokens.new_token(9).lower().replace('-', '_')}", make_password(None), now, now, person_id],
    )
    if erased:
        publish(events.PersonErased(person_id, now))
