"""What goes: a person's words when they are erased, and changes that every screen has long read."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.messaging import delivery, rules, writing
from wuyou.domains.messaging.locks import hand_over
from wuyou.domains.messaging.types import ChangeKind
from wuyou.infra import db


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Take a person's words, photos and cards out of every conversation; that somebody said something stays.

    They leave their groups without a word, their settings and counters are forgotten, and others' screens are told.
    """
    said = db.rows(
        """
        UPDATE messaging_message SET text = '', client_id = 'erased-' || id, product_id = NULL, earns = false,
               reply_to_seq = NULL, erased_at = %s
        WHERE author_id = %s AND erased_at IS NULL RETURNING id, conversation_id
        """,
        [now, person_id],
    )
    for message_id, _ in said:
        writing.take_content(message_id)
    db.execute("UPDATE messaging_message SET about_id = NULL WHERE about_id = %s", [person_id])
    people = db.rows(
        """
        SELECT DISTINCT ON (m.conversation_id, p.person_id) p.person_id, m.conversation_id
        FROM messaging_message m JOIN messaging_participant p USING (conversation_id)
        WHERE m.author_id = %s AND m.erased_at = %s AND p.person_id <> m.author_id AND p.standing IN ('MEMBER', 'ASKED')
        """,
        [person_id, now],
    )
    by_conversation: dict[int, list[int]] = {}
    for other_id, conversation_id in people:
        by_conversation.setdefault(conversation_id, []).append(other_id)
    for conversation_id in sorted(by_conversation):
        delivery.tell(by_conversation[conversation_id], ChangeKind.CONVERSATION, conversation_id, now)
    left = db.rows(
        """
        UPDATE messaging_participant SET standing = 'LEFT', is_admin = false, is_muted = false, asked_at = NULL,
               declined_at = NULL WHERE person_id = %s RETURNING conversation_id
        """,
        [person_id],
    )
    for (conversation_id,) in left:
        hand_over(conversation_id)
    for table in ("messaging_change", "messaging_inbox", "messaging_door", "messaging_daily_use"):
        db.execute(f"DELETE FROM {table} WHERE person_id = %s", [person_id])  # noqa: S608  (literals of this module)
    db.execute("UPDATE messaging_change SET seen_by_id = NULL WHERE seen_by_id = %s", [person_id])


@db.requires_transaction
def forget_old_changes(*, now: datetime) -> int:
    """Drop changes older than a week, and yesterday's counts of what has a limit; returns how many changes.

    A screen that was away longer reads everything anew.
    """
    db.execute("DELETE FROM messaging_daily_use WHERE day < (%s::timestamptz - interval '2 days')::date", [now])
    return db.execute("DELETE FROM messaging_change WHERE at < %s", [now - rules.KEEP_CHANGES])
