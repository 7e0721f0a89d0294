"""Writing a message under the lock of its conversation, for all that say something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from wuyou.domains.messaging import delivery, errors, policies
from wuyou.domains.messaging.locks import members_of
from wuyou.domains.messaging.policies import MOST_A_DAY, Limited
from wuyou.domains.messaging.types import ChangeKind, MessageKind, Photo, SystemLine
from wuyou.domains.social import operations as social
from wuyou.infra import db, storage
from wuyou.kernel.clock import business_date


def count_use(person_id: int, what: Limited, now: datetime) -> None:
    """Count what has a limit a day. Raises `TooManyToday`. Cost: one guarded statement."""
    counted = db.execute(
        """
        INSERT INTO messaging_daily_use AS u (person_id, what, day, count) VALUES (%s, %s, %s, 1)
        ON CONFLICT (person_id, what, day) DO UPDATE SET count = u.count + 1 WHERE u.count < %s
        """,
        [person_id, what.value, business_date(now), MOST_A_DAY[what]],
    )
    if not counted:
        raise errors.TooManyToday(most=MOST_A_DAY[what])


def find_sent(author_id: int, conversation_id: int, client_id: str) -> int | None:
    """The number that a client id has got. Raises `ClientIdReused` when that was in another conversation."""
    found = db.row(
        "SELECT conversation_id, seq FROM messaging_message WHERE author_id = %s AND client_id = %s",
        [author_id, client_id],
    )
    if found is None:
        return None
    if found[0] != conversation_id:
        raise errors.ClientIdReused()
    return int(found[1])


def knock(
    conversation_id: int,
    me: int,
    other_id: int,
    *,
    is_friend: bool,
    may_begin: Callable[[], object],
    limited: Limited,
    now: datetime,
) -> None:
    """Whether one may say something to the other of a pair, and how it will stand with them.

    Between friends, and where the other has ever answered or begun, at once. Otherwise as a request, once, and again
    `rules.ASK_AGAIN_AFTER` it was declined; while it waits, declined or not, the answer is the same.
    Raises: `AwaitingAnswer`, what `may_begin` raises, `TooManyToday`.
    """
    stand = {
        person_id: rest
        for person_id, *rest in db.rows(
            """
            SELECT person_id, standing, declined_at, asked_at IS NOT NULL OR EXISTS (
                SELECT FROM messaging_message m
                WHERE m.conversation_id = p.conversation_id AND m.author_id = p.person_id)
            FROM messaging_participant p WHERE conversation_id = %s
            """,
            [conversation_id],
        )
    }
    if stand[me][0] == "ASKED":  # saying something to who asked is the answer
        let_in(conversation_id, me)
        return
    standing, declined_at, is_known = stand[other_id]
    if standing == "MEMBER" and is_known:
        return
    if standing == "LEFT":  # erased
        raise errors.ConversationNotFound()
    if is_friend:
        let_in(conversation_id, other_id)
        return
    if standing == "ASKED" or (standing == "DECLINED" and not policies.may_ask_again(declined_at, now)):
        raise errors.AwaitingAnswer()
    may_begin()
    count_use(me, limited, now)
    db.execute(
        """
        UPDATE messaging_participant SET standing = 'ASKED', asked_at = %s
        WHERE conversation_id = %s AND person_id = %s
        """,
        [now, conversation_id, other_id],
    )


def write(
    *,
    conversation_id: int,
    author_id: int,
    client_id: str,
    kind: MessageKind,
    now: datetime,
    text: str = "",
    photos: Sequence[Photo] = (),
    things: Sequence[tuple[int, int | None]] = (),
    product_id: int | None = None,
    reply_to_seq: int | None = None,
    line: SystemLine | None = None,
    about_id: int | None = None,
) -> int:
    """Write a message with the next number, and tell everybody's screens. The conversation must be locked.

    Raises: `ClientIdReused`, `MessageNotFound` for a reply to what its author cannot see, `FileGone`.
    """
    written = db.row(
        """
        WITH numbered AS (
            UPDATE messaging_conversation SET last_seq = last_seq + 1, last_at = greatest(last_at, %(now)s)
            WHERE id = %(conversation)s RETURNING last_seq),
        seen AS (
            UPDATE messaging_participant SET seen_up_to = numbered.last_seq FROM numbered
            WHERE conversation_id = %(conversation)s AND person_id = %(author)s AND %(line)s = '')
        INSERT INTO messaging_message (conversation_id, seq, author_id, client_id, kind, text, line, about_id,
                                       product_id, reply_to_seq, sent_at)
        SELECT %(conversation)s, last_seq, %(author)s, %(client)s, %(kind)s, %(text)s, %(line)s, %(about)s, %(product)s,
               %(reply)s, %(now)s FROM numbered
        WHERE %(reply)s::bigint IS NULL OR EXISTS (
            SELECT FROM messaging_message q JOIN messaging_participant p USING (conversation_id)
            WHERE conversation_id = %(conversation)s AND q.seq = %(reply)s AND p.person_id = %(author)s
            AND q.seq > p.joined_seq AND q.kind <> 'SYSTEM')
        ON CONFLICT (author_id, client_id) DO NOTHING RETURNING id, seq
        """,
        {
            "conversation": conversation_id,
            "author": author_id,
            "client": client_id,
            "kind": kind.value,
            "text": text,
            "line": line.value if line else "",
            "about": about_id,
            "product": product_id,
            "reply": reply_to_seq,
            "now": now,
        },
    )
    if written is None:
        if reply_to_seq is not None and find_sent(author_id, conversation_id, client_id) is None:
            raise errors.MessageNotFound()
        raise errors.ClientIdReused()
    message_id, seq = written
    if photos:
        storage.keep([photo.key for photo in photos])
    for position, photo in enumerate(photos):
        db.execute(
            """
            INSERT INTO messaging_photo (message_id, position, key, width, height, blurhash)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            [message_id, position, photo.key, photo.width, photo.height, photo.blurhash],
        )
    for position, (thing_id, holding_id) in enumerate(things):
        db.execute(
            "INSERT INTO messaging_thing (message_id, position, thing_id, holding_id) VALUES (%s, %s, %s, %s)",
            [message_id, position, thing_id, holding_id],
        )
    members = members_of(conversation_id)
    if line is None:
        social.record_exchange(from_id=author_id, to_ids=members, key=f"message:{message_id}", now=now)
    delivery.tell(members, ChangeKind.MESSAGE, conversation_id, now, message_id=message_id)
    return int(seq)


def take_content(message_id: int) -> tuple[str, ...]:
    """Take photos and things off a message; returns the keys of the pictures."""
    keys = db.rows("DELETE FROM messaging_photo WHERE message_id = %s RETURNING key", [message_id])
    db.execute("DELETE FROM messaging_thing WHERE message_id = %s", [message_id])
    db.execute("UPDATE messaging_message SET product_id = NULL WHERE id = %s", [message_id])
    return tuple(key for (key,) in keys)


def let_in(conversation_id: int, person_id: int) -> None:
    """From now on a person takes part who was asked to, or had declined."""
    db.execute(
        """
        UPDATE messaging_participant SET standing = 'MEMBER', declined_at = NULL
        WHERE conversation_id = %s AND person_id = %s AND standing IN ('ASKED', 'DECLINED')
        """,
        [conversation_id, person_id],
    )
