"""Every write of the feed."""

from __future__ import annotations

from datetime import datetime

from wuyou.infra import db, storage
from wuyou.kernel.actor import Actor

KEPT = 2
"""So many learnt models are kept: one serves, and who is still fetching the one before finds it."""


@db.requires_transaction
def choose_personal(*, actor: Actor, is_personal: bool) -> None:
    """Say whether what one did and whom one knows decides what one is shown; it counts from the next look on."""
    db.execute(
        """
        INSERT INTO feed_preference (person_id, is_personal) VALUES (%s, %s)
        ON CONFLICT (person_id) DO UPDATE SET is_personal = EXCLUDED.is_personal
        """,
        [actor.person_id, is_personal],
    )


@db.requires_transaction
def note_model(*, key: str, items: int, people: int, now: datetime) -> None:
    """A model was learnt and its file put: it serves from now on, and all but the last two go.

    Raises: `storage.FileGone`. Locks: the file.
    """
    storage.keep([key])
    db.execute(
        "INSERT INTO feed_learnt_model (key, learnt_at, items, people) VALUES (%s, %s, %s, %s)",
        [key, now, items, people],
    )
    gone = db.rows(
        """
        DELETE FROM feed_learnt_model WHERE id NOT IN (SELECT id FROM feed_learnt_model ORDER BY id DESC LIMIT %s)
        RETURNING key
        """,
        [KEPT],
    )
    storage.discard([old for (old,) in gone])


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget what a person chose, and every model that was learnt with them: the next is learnt without."""
    db.execute("DELETE FROM feed_preference WHERE person_id = %s", [person_id])
    storage.discard([key for (key,) in db.rows("DELETE FROM feed_learnt_model RETURNING key")])
