"""Writing a message under the lock of its conversation, for all that say something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from wuyou.domains.messaging import delivery, errors, policies
from wuyou.domains.messaging.locks import Room
from wuyou.domains.messaging.policies import MOST_A_DAY, Limited
from wuyou.domains.messaging.types import ChangeKind, MessageKind, Photo, Standing, SystemLine
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import queries as relations
from wuyou.infra import db, realtime, storage
from wuyou.kernel.clock import business_date

_OF_TWO = 2


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


def knock(
    conversation_id: int,
    room: Room,
    me: int,
    other_id: int,
    *,
    is_friend: bool,
    may_begin: Callable[[], object],
    limited: Limited,
    now: datetime,
) -> set[int]:
    """Whether one may say something to the other of a pair, and how it will stand with them.

    Between friends, and where the other has ever answered or begun, at once. Otherwise as a request, once, and again
    `rules.ASK_AGAIN_AFTER` it was declined; while it waits, declined or not, the answer is the same.
    Returns who takes part then, and who is asked to.
    Raises: `AwaitingAnswer`, what `may_begin` raises, `TooManyToday`.
    """
    if room.seats[me].standing is Standing.ASKED:  # saying something to who asked is the answer
        let_in(conversation_id, me)
        return room.members
    other = room.seats[other_id]
    if other.standing is Standing.MEMBER and (other.is_known or is_friend):
        return {me, other_id}
    if other.standing is Standing.LEFT:  # erased
        raise errors.ConversationNotFound()
    if is_friend:
        let_in(conversation_id, other_id)
        return {me, other_id}
    if other.standing is Standing.ASKED or (
        other.standing is Standing.DECLINED and not policies.may_ask_again(other.declined_at, now)
    ):
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
    return {me, other_id}


def write(
    *,
    conversation_id: int,
    members: Collection[int],
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

    Who has seen all before is notified; who has not was told of what they missed first.

    Args: members: who takes part now, and who is asked to.
    Raises: `TooManyToday`, `ClientIdReused`, `MessageNotFound` for a reply to what its author cannot see, `FileGone`.
    """
    others = set(members) - {author_id}
    away: set[int] = set()
    if line is None and len(members) > _OF_TWO:
        # In a group, who does not exist for the author hears nothing of what they say.
        away = {other for _, other in relations.blocked_pairs([author_id])}
    written = db.row(
        f"""
        WITH used AS (
            INSERT INTO messaging_daily_use AS u (person_id, what, day, count)
            SELECT %(author)s, 'MESSAGE', %(day)s, 1 WHERE %(line)s = ''
            ON CONFLICT (person_id, what, day) DO UPDATE SET count = u.count + 1 WHERE u.count < %(most)s RETURNING 1),
        numbered AS (
            UPDATE messaging_conversation SET last_seq = last_seq + 1, last_at = greatest(last_at, %(now)s)
            WHERE id = %(conversation)s AND (%(line)s <> '' OR EXISTS (SELECT FROM used))
            AND (%(reply)s::bigint IS NULL OR EXISTS (
                SELECT FROM messaging_message q JOIN messaging_participant p USING (conversation_id)
                WHERE conversation_id = %(conversation)s AND q.seq = %(reply)s AND p.person_id = %(author)s
                AND q.seq > p.joined_seq AND q.kind <> 'SYSTEM')) RETURNING last_seq),
        seen AS (
            UPDATE messaging_participant SET seen_up_to = numbered.last_seq FROM numbered
            WHERE conversation_id = %(conversation)s AND person_id = %(author)s AND %(line)s = ''),
        called AS (
            UPDATE messaging_participant SET notified_up_to = numbered.last_seq FROM numbered
            WHERE conversation_id = %(conversation)s AND person_id = ANY(%(called)s) AND NOT is_muted
            AND notified_up_to <= seen_up_to AND %(line)s = '' RETURNING person_id),
        said AS (
            INSERT INTO messaging_message (conversation_id, seq, author_id, client_id, kind, text, line, about_id,
                                           product_id, reply_to_seq, sent_at)
            SELECT %(conversation)s, last_seq, %(author)s, %(client)s, %(kind)s, %(text)s, %(line)s, %(about)s,
                   %(product)s, %(reply)s, %(now)s FROM numbered
            ON CONFLICT (author_id, client_id) DO NOTHING RETURNING id, seq),
        {delivery.told("SELECT id FROM said")}
        SELECT said.id, said.seq, (SELECT count(*) FROM used), ARRAY(SELECT person_id FROM called)
        FROM (SELECT) one LEFT JOIN said ON true
        """,  # noqa: S608  (literals of this domain)
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
            "day": business_date(now),
            "most": MOST_A_DAY[Limited.MESSAGE],
            "called": sorted(others - away),
            **delivery.telling(members, ChangeKind.MESSAGE),
        },
    )
    assert written is not None  # noqa: S101  (one row always)
    message_id, seq, was_counted, called = written
    if message_id is None:
        if line is None and not was_counted:
            raise errors.TooManyToday(most=MOST_A_DAY[Limited.MESSAGE])
        raise errors.MessageNotFound() if reply_to_seq is not None else errors.ClientIdReused()
    _attach(message_id, photos, things)
    if called:
        notifications.notify_all(
            person_ids=called,
            kind=Kind.CALLED_OUT if kind is MessageKind.CALL_OUT else Kind.MESSAGE,
            actor_id=author_id,
            object_id=message_id,
            group_key=f"conversation:{conversation_id}",
            facts={"conversation": conversation_id},
            now=now,
        )
    realtime.notify(members)
    return int(seq)


def _attach(message_id: int, photos: Sequence[Photo], things: Sequence[tuple[int, int | None]]) -> None:
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


def take_content(message_id: int) -> tuple[str, ...]:
    """Take photos and things off a message; returns the keys of the pictures."""
    keys = db.rows("DELETE FROM messaging_photo WHERE message_id = %s RETURNING key", [message_id])
    db.execute("DELETE FROM messaging_thing WHERE message_id = %s", [message_id])
    db.execute("UPDATE messaging_message SET product_id = NULL, earns = false WHERE id = %s", [message_id])
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
