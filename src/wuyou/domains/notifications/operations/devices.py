"""The browsers to which people have things pushed, and whether somebody is there to read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wuyou.domains.notifications import policies, rules
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def subscribe(*, actor: Actor, session_key: str, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """From now on this browser takes pushes for whoever is signed in there; said again, the last word stands.

    It ends with the session. A person has at most `rules.MOST_DEVICES`: the oldest is forgotten.
    Raises: `SubscriptionMalformed`.
    """
    policies.check_subscription(endpoint, p256dh, auth)
    db.execute(
        """
        INSERT INTO notifications_subscription (person_id, session_key, endpoint, p256dh, auth, told, made_at)
        VALUES (%(me)s, %(session)s, %(endpoint)s, %(p256dh)s, %(auth)s, '{}', %(now)s)
        ON CONFLICT (endpoint) DO UPDATE SET person_id = EXCLUDED.person_id, session_key = EXCLUDED.session_key,
            p256dh = EXCLUDED.p256dh, auth = EXCLUDED.auth, told = '{}', made_at = EXCLUDED.made_at
        """,
        {
            "me": actor.person_id,
            "session": session_key,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "now": now,
        },
    )
    db.execute(
        """
        DELETE FROM notifications_subscription WHERE id IN (
            SELECT id FROM notifications_subscription WHERE person_id = %s ORDER BY made_at DESC, id DESC OFFSET %s)
        """,
        [actor.person_id, rules.MOST_DEVICES],
    )


@db.requires_transaction
def unsubscribe(*, actor: Actor, endpoint: str) -> None:
    """This browser takes no pushes for this person any more. Twice is once; another's is left alone."""
    db.execute(
        "DELETE FROM notifications_subscription WHERE person_id = %s AND endpoint = %s", [actor.person_id, endpoint]
    )


@db.requires_transaction
def drop_subscription(*, subscription_id: int, endpoint: str) -> None:
    """Its push service knows it no longer. One that was made anew meanwhile stays."""
    db.execute("DELETE FROM notifications_subscription WHERE id = %s AND endpoint = %s", [subscription_id, endpoint])


@db.requires_transaction
def note_pushed(*, subscription_id: int, told_ids: Collection[int]) -> None:
    """This browser was told of these, while another still waits."""
    db.execute("UPDATE notifications_subscription SET told = %s WHERE id = %s", [sorted(told_ids), subscription_id])


@db.requires_transaction
def note_presence(*, actor: Actor, now: datetime) -> None:
    """Somebody reads a page at this moment: nothing needs to be pushed to them. Cost: one statement a minute."""
    db.execute(
        """
        INSERT INTO notifications_presence (person_id, seen_at) VALUES (%s, %s)
        ON CONFLICT (person_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
        """,
        [actor.person_id, now],
    )
