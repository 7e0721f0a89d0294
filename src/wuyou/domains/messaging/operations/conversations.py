"""Conversations themselves: opened, looked at, muted; and whom a person lets in."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.messaging import delivery, errors
from wuyou.domains.messaging.locks import pair_of, read_room
from wuyou.domains.messaging.types import ChangeKind, ConversationKind, Doors
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.infra import db, realtime
from wuyou.kernel.actor import Actor


@db.requires_transaction
def open_conversation(*, actor: Actor, person_id: int, now: datetime) -> int:
    """The one conversation with a person, made when there is none yet; nobody is told before something is said in it.

    Locks the pair. Raises: `NotYourself`, `PersonNotFound` across a block, `UnblockFirst`.
    """
    me = actor.person_id
    if me == person_id:
        raise errors.NotYourself()
    social.meet(actor=actor, person_id=person_id)
    low, high = sorted((me, person_id))
    made = db.row(
        """
        INSERT INTO messaging_conversation (kind, name, low_id, high_id, last_seq, last_at, opened_at)
        VALUES ('PAIR', '', %s, %s, 0, %s, %s) ON CONFLICT (low_id, high_id) DO NOTHING RETURNING id
        """,
        [low, high, now, now],
    ) or db.row("SELECT id FROM messaging_conversation WHERE low_id = %s AND high_id = %s", [low, high])
    assert made is not None  # noqa: S101  (the pair is locked)
    db.execute(
        """
        INSERT INTO messaging_participant
            (conversation_id, person_id, standing, is_admin, joined_seq, seen_up_to, notified_up_to, is_muted, since)
        SELECT %s, person_id, 'MEMBER', false, 0, 0, 0, false, %s FROM unnest(%s::bigint[]) AS t (person_id)
        ON CONFLICT (conversation_id, person_id) DO NOTHING
        """,
        [made[0], now, [low, high]],
    )
    # Who declined and comes back by themselves finds the question as it was.
    db.execute(
        """
        UPDATE messaging_participant SET standing = 'ASKED'
        WHERE conversation_id = %s AND person_id = %s AND standing = 'DECLINED'
        """,
        [made[0], me],
    )
    return int(made[0])


@db.requires_transaction
def mark_seen(*, actor: Actor, conversation_id: int, seq: int, now: datetime) -> bool:
    """One has seen everything up to this number; it never goes back. Returns whether it moved.

    Of two people the other is told, unless one has not answered yet: looking at a request tells nothing. In a group
    only one's own screens are told. Raises: `ConversationNotFound`. Cost: two or three statements.
    """
    me = actor.person_id
    moved = db.row(
        """
        UPDATE messaging_participant p SET seen_up_to = least(%(seq)s, c.last_seq)
        FROM messaging_conversation c
        WHERE c.id = %(id)s AND p.conversation_id = c.id AND p.person_id = %(me)s
        AND p.standing IN ('MEMBER', 'ASKED') AND p.seen_up_to < least(%(seq)s, c.last_seq)
        RETURNING p.seen_up_to, p.standing, CASE WHEN c.low_id = %(me)s THEN c.high_id ELSE c.low_id END
        """,
        {"id": conversation_id, "me": me, "seq": seq},
    )
    if moved is None:
        pair_of(me, conversation_id)
        return False
    seen_up_to, standing, other_id = moved
    told = {me, other_id} if other_id is not None and standing == "MEMBER" else {me}
    delivery.tell(told, ChangeKind.SEEN, conversation_id, now, seen_by_id=me, seen_up_to=seen_up_to)
    return True


@db.requires_transaction
def mute_conversation(*, actor: Actor, conversation_id: int, is_muted: bool, now: datetime) -> None:
    """Hear no more of a conversation, or hear of it again; nobody else is told. Raises `ConversationNotFound`."""
    changed = db.execute(
        """
        UPDATE messaging_participant SET is_muted = %s
        WHERE conversation_id = %s AND person_id = %s AND standing IN ('MEMBER', 'ASKED')
        """,
        [is_muted, conversation_id, actor.person_id],
    )
    if not changed:
        raise errors.ConversationNotFound()
    delivery.tell([actor.person_id], ChangeKind.CONVERSATION, conversation_id, now)


@db.requires_transaction
def tell_typing(*, actor: Actor, conversation_id: int) -> None:
    """Let the others' open screens show that one is writing. Kept nowhere; lost when nobody looks.

    Raises: `ConversationNotFound`. Cost: two queries.
    """
    me = actor.person_id
    room = read_room(me, conversation_id)
    away = {other for _, other in relations.blocked_pairs([me])}
    if room.kind is ConversationKind.PAIR and room.seats.keys() - {me} <= away:
        raise errors.ConversationNotFound()
    told = room.members - {me} - away
    realtime.whisper(told, {"typing": conversation_id, "by": me})


@db.requires_transaction
def set_doors(*, actor: Actor, doors: Doors) -> None:
    """Choose who may write first and who may call."""
    db.execute(
        """
        INSERT INTO messaging_door (person_id, write, call) VALUES (%s, %s, %s)
        ON CONFLICT (person_id) DO UPDATE SET write = EXCLUDED.write, call = EXCLUDED.call
        """,
        [actor.person_id, doors.write.value, doors.call.value],
    )
