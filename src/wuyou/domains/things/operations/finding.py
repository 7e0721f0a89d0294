"""Whether a person may be found by what they have."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.things.events import FindingChanged
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor


@db.requires_transaction
def allow_finding(*, actor: Actor, is_allowed: bool, now: datetime) -> None:
    """Allow being found by what one has opened to who looks, or no longer; everyone may be found who says nothing.

    It holds for every search after the transaction. Saying the same twice changes nothing.
    Publishes: `FindingChanged` when it is otherwise than before.
    """
    if is_allowed:
        changed = db.execute("DELETE FROM things_unfound WHERE person_id = %s", [actor.person_id])
    else:
        changed = db.execute(
            "INSERT INTO things_unfound (person_id, since) VALUES (%s, %s) ON CONFLICT (person_id) DO NOTHING",
            [actor.person_id, now],
        )
    if changed:
        publish(FindingChanged(actor.person_id, is_allowed, now))
