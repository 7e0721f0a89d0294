"""Calling out to people with whom one has things in common, and answering who called or wrote."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wuyou.domains.messaging import delivery, errors, events, policies, rules, writing
from wuyou.domains.messaging.locks import lock_conversation, lock_row, read_room
from wuyou.domains.messaging.operations.conversations import open_conversation
from wuyou.domains.messaging.policies import Limited
from wuyou.domains.messaging.queries.doors import get_doors
from wuyou.domains.messaging.types import ChangeKind, MessageKind
from wuyou.domains.social import operations as social
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor


@db.requires_transaction
def call_out(
    *, actor: Actor, person_id: int, text: str, thing_ids: Collection[int], client_id: str, now: datetime
) -> tuple[int, int]:
    """Greet a person with the things that both have as the reason; returns the conversation and the message's number.

    It waits as a request unless they know each other. The same client id again calls once.
    Publishes: `CalledOut`. Locks as `send_message`.
    Raises: `NotYourself`, `PersonNotFound` (also across a block), `UnblockFirst`, `NothingInCommon` unless each of one
    to twelve things is held by both and shown to the caller, `MessageEmpty`, `MessageTooLong`, `MessageMalformed`,
    `ClientIdMalformed`, `ClientIdReused`, `DoorClosed`, `AwaitingAnswer`, `TooManyToday`.
    """
    me = actor.person_id
    rules.check_client_id(client_id)
    text = rules.clean_text(text, rules.MAX_GREETING)
    if not text:
        raise errors.MessageEmpty()
    conversation_id = open_conversation(actor=actor, person_id=person_id, now=now)
    relation = social.meet(actor=actor, person_id=person_id)
    lock_row(conversation_id)
    room = read_room(me, conversation_id, client_id)
    if room.sent is not None:
        return conversation_id, room.sent
    wanted = list(dict.fromkeys(thing_ids))
    common = {thing.id for thing in things.things_in_common(get_viewer(me), person_id, limit=100)}
    if not 0 < len(wanted) <= rules.MAX_CALLED_THINGS or not common.issuperset(wanted):
        raise errors.NothingInCommon()
    writing.knock(
        conversation_id,
        room,
        me,
        person_id,
        is_friend=relation.are_friends,
        may_begin=lambda: policies.require_may_call(get_doors(person_id), relation),
        limited=Limited.CALL_OUT,
        now=now,
    )
    social.record_exchange(
        from_id=me, to_ids=[person_id], key=f"message:{conversation_id}.{room.last_seq + 1}", now=now
    )
    seq = writing.write(
        conversation_id=conversation_id,
        members=[me, person_id],
        author_id=me,
        client_id=client_id,
        kind=MessageKind.CALL_OUT,
        text=text,
        things=[(thing_id, None) for thing_id in wanted],
        now=now,
    )
    publish(events.CalledOut(conversation_id, me, person_id, tuple(wanted), now))
    return conversation_id, seq


@db.requires_transaction
def accept(*, actor: Actor, conversation_id: int, now: datetime) -> None:
    """Let who wrote or called in; twice is once. Locks the conversation. Raises `ConversationNotFound`."""
    _answer(actor.person_id, conversation_id, "MEMBER", None, now)


@db.requires_transaction
def decline(*, actor: Actor, conversation_id: int, now: datetime) -> None:
    """Do not want to. Who asked is not told, and may not ask again for `rules.ASK_AGAIN_AFTER`.

    Locks the conversation. Raises: `ConversationNotFound`.
    """
    _answer(actor.person_id, conversation_id, "DECLINED", now, now)


def _answer(me: int, conversation_id: int, standing: str, declined_at: datetime | None, now: datetime) -> None:
    lock_conversation(me, conversation_id)
    answered = db.row(
        """
        UPDATE messaging_participant p SET standing = %s, declined_at = %s
        FROM messaging_conversation c WHERE c.id = %s AND p.conversation_id = c.id AND person_id = %s
        AND standing = 'ASKED' RETURNING c.low_id, c.high_id
        """,
        [standing, declined_at, conversation_id, me],
    )
    if answered:
        told = [me] if declined_at else list(answered)
        delivery.tell(told, ChangeKind.CONVERSATION, conversation_id, now)
