"""What becomes of a person's row."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

from wuyou.domains.identity import events, handles
from wuyou.domains.identity.operations.contacts import erase_ways_in
from wuyou.infra import db, storage
from wuyou.infra.events import publish
from wuyou.kernel import tokens


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Make the person's row a nameless pseudonym, and delete everything else that identity holds of them.

    Their handle is retired: nobody gets it again.
    Publishes: `PersonErased`, once; again it changes nothing.
    """
    erase_ways_in(person_id=person_id)
    db.execute("DELETE FROM identity_access_token WHERE user_id = %s", [person_id])
    db.execute("DELETE FROM identity_leaving WHERE person_id = %s", [person_id])
    files = db.rows("DELETE FROM identity_data_export WHERE person_id = %s RETURNING file_id", [person_id])
    storage.discard([key for (key,) in files if key])
    found = db.row("SELECT handle FROM identity_user WHERE id = %s AND erased_at IS NULL FOR UPDATE", [person_id])
    if found is None:
        return
    handles.retire(found[0])
    db.execute(
        """
        UPDATE identity_user SET handle = %s, display_name = '', avatar = 'face', password = %s, last_login = NULL,
                                 is_staff = false, is_active = false, joined_at = %s, erased_at = %s
        WHERE id = %s
        """,
        [f"gone_{tokens.new_token(9).lower().replace('-', '_')}", make_password(None), now, now, person_id],
    )
    publish(events.PersonErased(person_id, now))
