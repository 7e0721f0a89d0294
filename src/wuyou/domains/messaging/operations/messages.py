"""Messages: sent once, changed for two minutes, taken back with a trace."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.messaging import delivery, errors, policies, rules, writing
from wuyou.domains.messaging.locks import lock_conversation, lock_row, meet_other, pair_of, read_room
from wuyou.domains.messaging.policies import Limited
from wuyou.domains.messaging.queries.doors import get_doors
from wuyou.domains.messaging.types import ChangeKind, Draft, MessageKind
from wuyou.domains.social import operations as social
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor


@db.requires_transaction
def send_message(*, actor: Actor, conversation_id: int, client_id: str, draft: Draft, now: datetime) -> int:
    """Say something; returns its number. The same client id again says nothing new and returns the first number.

    A first message to somebody who is not a friend waits as a request, and nothing follows it until they answer;
    writing to who asked is the answer. Locks the pair (of two), then the conversation, the ties of the writer, the
    counters of its people. Cost: eight statements for a text between friends, and one when a notification begins.
    Raises: `ConversationNotFound` (also across a block), `ClientIdMalformed`, `ClientIdReused`, what `rules.kind_of`
    and `rules.clean_text` raise, `MessageNotFound` for a reply to nothing, `ThingNotFound`, `HoldingNotFound`,
    `ProductNotFound`, `DoorClosed`, `AwaitingAnswer`, `TooManyToday`.
    """
    me = actor.person_id
    rules.check_client_id(client_id)
    text = rules.clean_text(draft.text)
    kind = rules.kind_of(draft, text)
    other_id = pair_of(me, conversation_id)
    relation = meet_other(actor, other_id) if other_id is not None else None
    lock_row(conversation_id)
    room = read_room(me, conversation_id, client_id)
    if room.sent is not None:
        return room.sent
    members = room.members
    if relation is not None and other_id is not None:
        members = writing.knock(
            conversation_id,
            room,
            me,
            other_id,
            is_friend=relation.are_friends,
            may_begin=lambda: policies.require_may_write(get_doors(other_id), relation),
            limited=Limited.STRANGER,
            now=now,
        )
    thing_id = _shown_thing(me, draft)
    if draft.product_id is not None:
        catalog.get_product(draft.product_id)
    social.record_exchange(from_id=me, to_ids=members, key=f"message:{conversation_id}.{room.last_seq + 1}", now=now)
    return writing.write(
        conversation_id=conversation_id,
        members=members,
        author_id=me,
        client_id=client_id,
        kind=kind,
        text=text,
        photos=draft.photos,
        things=[(thing_id, draft.holding_id)] if thing_id is not None else [],
        product_id=draft.product_id,
        reply_to_seq=draft.reply_to_seq,
        now=now,
    )


@db.requires_transaction
def edit_message(*, actor: Actor, conversation_id: int, seq: int, text: str, now: datetime) -> None:
    """Say one's own text otherwise, within two minutes; that it was edited shows. The same text changes nothing.

    Raises: `ConversationNotFound`, `MessageNotFound`, `TooLate`, `MessageEmpty`, `MessageTooLong`, `MessageMalformed`.
    Locks the conversation.
    """
    text = rules.clean_text(text)
    if not text:
        raise errors.MessageEmpty()
    _revise(actor.person_id, conversation_id, seq, now, "text = %(text)s, edited_at = %(now)s", text)


@db.requires_transaction
def withdraw_message(*, actor: Actor, conversation_id: int, seq: int, now: datetime) -> tuple[str, ...]:
    """Take one's own message back within two minutes: its content is gone, and the line says so. Twice is once.

    Returns the keys of its pictures, for the entry point to discard in the same transaction.
    Raises: `ConversationNotFound`, `MessageNotFound`, `TooLate`. Locks the conversation.
    """
    message_id = _revise(actor.person_id, conversation_id, seq, now, "text = '', withdrawn_at = %(now)s", None)
    return writing.take_content(message_id) if message_id is not None else ()


@db.requires_transaction
def take_share(*, actor: Actor, conversation_id: int, seq: int, earns: bool, now: datetime) -> None:
    """Say of one's own product card whether one takes a commission from whoever buys by it; everybody reads it there.

    Raises: `ConversationNotFound`, `MessageNotFound`. Locks the pair (of two), then the conversation.
    """
    me = actor.person_id
    other_id = pair_of(me, conversation_id)
    if other_id is not None:
        meet_other(actor, other_id)
    room = lock_conversation(me, conversation_id)
    found = db.row(
        """
        SELECT id, earns FROM messaging_message
        WHERE conversation_id = %s AND seq = %s AND author_id = %s AND product_id IS NOT NULL
        """,
        [conversation_id, seq, me],
    )
    if found is None:
        raise errors.MessageNotFound()
    message_id, stands = found
    if stands != earns:
        db.execute("UPDATE messaging_message SET earns = %s WHERE id = %s", [earns, message_id])
        delivery.tell(room.members, ChangeKind.REVISED, conversation_id, now, message_id=message_id)


def _revise(me: int, conversation_id: int, seq: int, now: datetime, change: str, text: str | None) -> int | None:
    """Change one's own message; returns its id, or None when it stands so already."""
    other_id = pair_of(me, conversation_id)
    if other_id is not None:
        meet_other(Actor(me), other_id)
    room = lock_conversation(me, conversation_id)
    found = db.row(
        """
        SELECT id, kind, text, sent_at, withdrawn_at, erased_at FROM messaging_message
        WHERE conversation_id = %s AND seq = %s AND author_id = %s AND kind <> 'SYSTEM'
        """,
        [conversation_id, seq, me],
    )
    if found is None or found[5] is not None or (text is not None and found[4] is not None):
        raise errors.MessageNotFound()
    message_id, kind, old, sent_at, withdrawn_at, _ = found
    if withdrawn_at is not None or (text is not None and text == old):
        return None
    if text is not None and kind == MessageKind.CALL_OUT.value:
        rules.clean_text(text, rules.MAX_GREETING)
    if now > sent_at + rules.REVISE_WITHIN:
        raise errors.TooLate(minutes=int(rules.REVISE_WITHIN.total_seconds()) // 60)
    db.execute(
        f"UPDATE messaging_message SET {change} WHERE id = %(id)s",  # noqa: S608  (two literals of this module)
        {"id": message_id, "text": text, "now": now} if text is not None else {"id": message_id, "now": now},
    )
    delivery.tell(room.members, ChangeKind.REVISED, conversation_id, now, message_id=message_id)
    return int(message_id)


def _shown_thing(me: int, draft: Draft) -> int | None:
    """The thing that a draft shows, of a copy of one's own or by itself. Raises `HoldingNotFound`, `ThingNotFound`."""
    if draft.holding_id is not None:
        return things.get_holding_for(get_viewer(me, within=me), draft.holding_id).thing.id
    return things.get_thing_for(get_viewer(me), draft.thing_id).id if draft.thing_id is not None else None
