"""What a person's own record of conversations holds: what they said, and where."""

from __future__ import annotations

from collections.abc import Iterator

from wuyou.infra import db
from wuyou.infra.person_data import Records


def export_person(person_id: int) -> Iterator[Records]:
    """A person's conversations, what they said in them, and whom they let in. What others wrote is theirs.

    Of a request one sees that it waits or was declined by oneself; not how another stands. Cost: three queries.
    """
    me = {"me": person_id}
    yield (
        "conversations",
        db.records(
            """
            SELECT c.id AS conversation, c.kind, c.name,
                   CASE WHEN c.low_id = %(me)s THEN c.high_id ELSE c.low_id END AS person_id,
                   p.standing, p.is_admin, p.is_muted, p.seen_up_to, p.since
            FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
            WHERE p.person_id = %(me)s AND c.last_seq > 0 ORDER BY c.id
            """,
            me,
        ),
    )
    yield (
        "messages",
        db.records(
            """
            SELECT m.conversation_id AS conversation, m.seq AS number, m.kind, m.text, m.product_id AS product, m.earns,
                   ARRAY(SELECT thing_id FROM messaging_thing WHERE message_id = m.id ORDER BY position) AS things,
                   ARRAY(SELECT key FROM messaging_photo f WHERE f.message_id = m.id ORDER BY f.position) AS photos,
                   m.sent_at, m.edited_at, m.withdrawn_at
            FROM messaging_message m WHERE m.author_id = %(me)s AND m.kind <> 'SYSTEM' ORDER BY m.id
            """,
            me,
        ),
    )
    yield ("doors", db.records("SELECT write, call FROM messaging_door WHERE person_id = %(me)s", me))


def pictures_of_person(person_id: int) -> tuple[str, ...]:
    """The keys of the pictures that a person sent. Cost: one query."""
    found = db.rows(
        """
        SELECT f.key FROM messaging_photo f JOIN messaging_message m ON m.id = f.message_id
        WHERE m.author_id = %s ORDER BY f.id
        """,
        [person_id],
    )
    return tuple(key for (key,) in found)
