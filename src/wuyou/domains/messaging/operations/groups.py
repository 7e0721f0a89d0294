"""Small groups: made by somebody among friends, run by its admins, left by whoever wants to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.messaging import delivery, errors, rules, writing
from wuyou.domains.messaging.locks import Room, hand_over, lock_conversation, members_of
from wuyou.domains.messaging.policies import Limited
from wuyou.domains.messaging.types import ChangeKind, ConversationKind, MessageKind, SystemLine
from wuyou.domains.social import operations as social
from wuyou.infra import db
from wuyou.kernel import tokens
from wuyou.kernel.actor import Actor


@db.requires_transaction
def make_group(*, actor: Actor, name: str, person_ids: Collection[int], now: datetime) -> int:
    """Begin a group with friends; whoever begins it runs it. Locks the pairs with each of them, by id.

    Raises: `GroupNameMalformed`, `GroupTooLarge`, `FriendsOnly`, `PersonNotFound`, `TooManyToday`.
    """
    me, name = actor.person_id, rules.clean_name(name)
    people = sorted(set(person_ids) - {me})
    if len(people) + 1 > rules.MAX_GROUP:
        raise errors.GroupTooLarge(most=rules.MAX_GROUP)
    writing.count_use(me, Limited.GROUP, now)
    for person_id in people:
        _require_friend(actor, person_id)
    made = db.row(
        """
        INSERT INTO messaging_conversation (kind, name, last_seq, last_at, opened_at)
        VALUES ('GROUP', %s, 0, %s, %s) RETURNING id
        """,
        [name, now, now],
    )
    assert made is not None  # noqa: S101  (an insert returns its row)
    conversation_id = int(made[0])
    _let_in(conversation_id, [me, *people], now)
    db.execute("UPDATE messaging_participant SET is_admin = true WHERE conversation_id = %s AND person_id = %s",
               [conversation_id, me])  # fmt: skip
    _say(conversation_id, me, SystemLine.MADE, now, text=name)
    return conversation_id


@db.requires_transaction
def add_member(*, actor: Actor, conversation_id: int, person_id: int, now: datetime) -> None:
    """Bring a friend into a group; they read what is said from now on. Who is in already stays as they are.

    Locks the pair, then the conversation. Raises: `ConversationNotFound`, `NotAGroup`, `AdminsOnly`, `FriendsOnly`,
    `PersonNotFound`, `GroupTooLarge`.
    """
    _require_friend(actor, person_id)
    room = _lock_group(actor, conversation_id)
    _require_admin(actor.person_id, conversation_id)
    if person_id in room.members:
        return
    if len(room.members) >= rules.MAX_GROUP:
        raise errors.GroupTooLarge(most=rules.MAX_GROUP)
    _let_in(conversation_id, [person_id], now)
    _say(conversation_id, actor.person_id, SystemLine.ADDED, now, about_id=person_id)


@db.requires_transaction
def remove_member(*, actor: Actor, conversation_id: int, person_id: int, now: datetime) -> None:
    """Take somebody out of a group: from now on there is no such group for them. Who is not in it, is not.

    Locks the conversation. Raises: `ConversationNotFound`, `NotAGroup`, `AdminsOnly`, `NotYourself`.
    """
    _lock_group(actor, conversation_id)
    _require_admin(actor.person_id, conversation_id)
    if person_id == actor.person_id:
        raise errors.NotYourself()
    if _let_go(conversation_id, person_id):
        _say(conversation_id, actor.person_id, SystemLine.REMOVED, now, about_id=person_id)
        delivery.tell([person_id], ChangeKind.CONVERSATION, conversation_id, now)


@db.requires_transaction
def leave_group(*, actor: Actor, conversation_id: int, now: datetime) -> None:
    """Go; when nobody is left who runs the group, whoever has been in it longest does.

    Locks the conversation. Raises: `ConversationNotFound`, `NotAGroup`.
    """
    me = actor.person_id
    _lock_group(actor, conversation_id)
    _say(conversation_id, me, SystemLine.LEFT, now)
    _let_go(conversation_id, me)
    hand_over(conversation_id)


@db.requires_transaction
def rename_group(*, actor: Actor, conversation_id: int, name: str, now: datetime) -> None:
    """Call a group otherwise. Locks the conversation.

    Raises: `ConversationNotFound`, `NotAGroup`, `AdminsOnly`, `GroupNameMalformed`.
    """
    name = rules.clean_name(name)
    _lock_group(actor, conversation_id)
    _require_admin(actor.person_id, conversation_id)
    if db.execute("UPDATE messaging_conversation SET name = %s WHERE id = %s AND name <> %s",
                  [name, conversation_id, name]):  # fmt: skip
        _say(conversation_id, actor.person_id, SystemLine.RENAMED, now, text=name)


@db.requires_transaction
def make_admin(*, actor: Actor, conversation_id: int, person_id: int, now: datetime) -> None:
    """Let a member run the group too. Locks the conversation.

    Raises: `ConversationNotFound`, `NotAGroup`, `AdminsOnly`, `PersonNotFound` when they are not in it.
    """
    room = _lock_group(actor, conversation_id)
    _require_admin(actor.person_id, conversation_id)
    if person_id not in room.members:
        raise PersonNotFound()
    if db.execute(
        """
        UPDATE messaging_participant SET is_admin = true
        WHERE conversation_id = %s AND person_id = %s AND standing = 'MEMBER' AND NOT is_admin
        """,
        [conversation_id, person_id],
    ):
        _say(conversation_id, actor.person_id, SystemLine.PROMOTED, now, about_id=person_id)


def _require_friend(actor: Actor, person_id: int) -> None:
    identity.get_person(person_id)
    if not social.meet(actor=actor, person_id=person_id).are_friends:
        raise errors.FriendsOnly()


def _lock_group(actor: Actor, conversation_id: int) -> Room:
    room = lock_conversation(actor.person_id, conversation_id)
    if room.kind is not ConversationKind.GROUP:
        raise errors.NotAGroup()
    return room


def _require_admin(me: int, conversation_id: int) -> None:
    if db.row(
        "SELECT 1 FROM messaging_participant WHERE conversation_id = %s AND person_id = %s AND is_admin",
        [conversation_id, me],
    ) is None:  # fmt: skip
        raise errors.AdminsOnly()


def _let_in(conversation_id: int, person_ids: list[int], now: datetime) -> None:
    """They read what comes after the number that the group has now; so do those who left once and come back."""
    db.execute(
        """
        INSERT INTO messaging_participant
            (conversation_id, person_id, standing, is_admin, joined_seq, seen_up_to, notified_up_to, is_muted, since)
        SELECT c.id, person_id, 'MEMBER', false, c.last_seq, c.last_seq, c.last_seq, false, %s
        FROM messaging_conversation c, unnest(%s::bigint[]) AS t (person_id) WHERE c.id = %s
        ON CONFLICT (conversation_id, person_id) DO UPDATE
        SET standing = 'MEMBER', is_admin = false, joined_seq = EXCLUDED.joined_seq, seen_up_to = EXCLUDED.seen_up_to,
            notified_up_to = EXCLUDED.notified_up_to, is_muted = false, since = EXCLUDED.since
        """,
        [now, person_ids, conversation_id],
    )


def _let_go(conversation_id: int, person_id: int) -> bool:
    return bool(
        db.execute(
            """
            UPDATE messaging_participant SET standing = 'LEFT', is_admin = false
            WHERE conversation_id = %s AND person_id = %s AND standing = 'MEMBER'
            """,
            [conversation_id, person_id],
        )
    )


def _say(
    conversation_id: int, me: int, line: SystemLine, now: datetime, *, about_id: int | None = None, text: str = ""
) -> None:
    writing.write(
        conversation_id=conversation_id,
        members=members_of(conversation_id),
        author_id=me,
        client_id=tokens.new_token(),
        kind=MessageKind.SYSTEM,
        line=line,
        about_id=about_id,
        text=text,
        now=now,
    )
