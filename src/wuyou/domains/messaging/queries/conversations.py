"""Conversations, as one of their people reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.messaging import errors, types
from wuyou.domains.messaging.queries import messages
from wuyou.domains.messaging.types import ConversationKind, Standing
from wuyou.infra import db
from wuyou.kernel.sight import Viewer, blocked_by

MANY = 100
"""Unread messages are counted up to here."""

_CONVERSATIONS = """
    SELECT c.id, c.kind, c.name, CASE WHEN c.low_id = p.person_id THEN c.high_id ELSE c.low_id END,
           p.standing, p.is_admin, p.is_muted, p.joined_seq, p.seen_up_to, c.last_seq, c.last_at,
           EXISTS (SELECT FROM messaging_participant o WHERE o.conversation_id = c.id AND c.kind = 'PAIR'
                   AND o.person_id <> p.person_id AND o.standing IN ('ASKED', 'DECLINED'))
    FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
"""
_NOT_BLOCKED = """
    (c.kind = 'GROUP' OR (c.low_id <> ALL(%(blocked)s::bigint[]) AND c.high_id <> ALL(%(blocked)s::bigint[])))
"""
_UNREAD = """
    m.conversation_id = c.id AND m.seq > p.seen_up_to AND m.author_id <> p.person_id AND m.kind <> 'SYSTEM'
    AND m.author_id <> ALL(%(blocked)s::bigint[])
"""


def blocked_of(viewer: Viewer) -> list[int]:
    """The people who do not exist for this viewer."""
    return sorted(blocked_by(viewer))


def reader_of(viewer: Viewer) -> int:
    """Who reads. Nobody reads conversations with another's eyes. Raises `ConversationNotFound`."""
    if viewer.person_id is None or viewer.within is not None:
        raise errors.ConversationNotFound()
    return viewer.person_id


def get_conversation(viewer: Viewer, conversation_id: int) -> types.Conversation:
    """A conversation in which the viewer takes part or is asked to, with nobody blocked in between.

    Raises: `ConversationNotFound`. Cost: one query.
    """
    found = db.row(
        f"""{_CONVERSATIONS} WHERE c.id = %(id)s AND p.person_id = %(me)s AND p.standing IN ('MEMBER', 'ASKED')
            AND {_NOT_BLOCKED}""",
        {"id": conversation_id, "me": reader_of(viewer), "blocked": blocked_of(viewer)},
    )
    if found is None:
        raise errors.ConversationNotFound()
    return _conversation(found)


def find_conversation_with(viewer: Viewer, person_id: int) -> types.Conversation | None:
    """One's conversation of two with a person, unless there is none or a block stands between. Cost: one query."""
    me = reader_of(viewer)
    found = db.row(
        f"""{_CONVERSATIONS} WHERE c.low_id = %(low)s AND c.high_id = %(high)s AND p.person_id = %(me)s
            AND {_NOT_BLOCKED}""",
        {"low": min(me, person_id), "high": max(me, person_id), "me": me, "blocked": blocked_of(viewer)},
    )
    return _conversation(found) if found else None


def list_conversations(
    viewer: Viewer, *, before: tuple[datetime, int] | None = None, limit: int = 30
) -> tuple[tuple[types.Line, ...], tuple[datetime, int] | None]:
    """Where one takes part and something has been said, latest first, and the key to go on from.

    Cost: one query, and one to four for the latest messages.
    """
    return _list(viewer, Standing.MEMBER, before, max(1, min(limit, MANY)))


def list_requests(viewer: Viewer, *, limit: int = 50) -> tuple[types.Line, ...]:
    """Who wrote or called and waits for one's answer, latest first. Cost: as `list_conversations`."""
    return _list(viewer, Standing.ASKED, None, max(1, min(limit, MANY)))[0]


def list_participants(viewer: Viewer, conversation_id: int) -> tuple[types.Participant, ...]:
    """Who takes part, admins first, without those who are blocked; of two, the other too who has not answered.

    Raises: `ConversationNotFound`. Cost: two queries.
    """
    conversation = get_conversation(viewer, conversation_id)
    asked = "('MEMBER', 'ASKED', 'DECLINED')" if conversation.kind is ConversationKind.PAIR else "('MEMBER')"
    found = db.rows(
        f"""
        SELECT person_id, standing, is_admin, seen_up_to FROM messaging_participant
        WHERE conversation_id = %s AND standing IN {asked} AND person_id <> ALL(%s::bigint[])
        ORDER BY is_admin DESC, since, id
        """,  # noqa: S608  (literals of this module)
        [conversation_id, blocked_of(viewer)],
    )
    # Who has not answered has told nothing, not even that they looked.
    return tuple(
        types.Participant(
            person_id,
            Standing.MEMBER if standing == "MEMBER" else Standing.ASKED,
            is_admin,
            seen_up_to if standing == "MEMBER" else 0,
        )
        for person_id, standing, is_admin, seen_up_to in found
    )


def count_unread(viewer: Viewer) -> int:
    """In how many conversations something unread waits, requests included, muted ones not. Cost: one query."""
    found = db.row(
        f"""
        SELECT count(*) FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
        WHERE p.person_id = %(me)s AND p.standing IN ('MEMBER', 'ASKED') AND NOT p.is_muted
        AND p.seen_up_to < c.last_seq AND {_NOT_BLOCKED} AND EXISTS (SELECT FROM messaging_message m WHERE {_UNREAD})
        """,  # noqa: S608  (literals of this module)
        {"me": reader_of(viewer), "blocked": blocked_of(viewer)},
    )
    return int(found[0]) if found else 0


def _list(
    viewer: Viewer, standing: Standing, before: tuple[datetime, int] | None, limit: int
) -> tuple[tuple[types.Line, ...], tuple[datetime, int] | None]:
    blocked = blocked_of(viewer)
    found = db.rows(
        f"""
        {
            _CONVERSATIONS.replace(
                "FROM messaging_participant p",
                ''', (SELECT count(*) FROM (
             SELECT FROM messaging_message m WHERE '''
                + _UNREAD
                + ''' LIMIT %(many)s) unread),
           (SELECT m.id FROM messaging_message m WHERE m.conversation_id = c.id AND m.seq > p.joined_seq
            AND m.author_id <> ALL(%(blocked)s::bigint[]) ORDER BY m.seq DESC LIMIT 1)
           FROM messaging_participant p''',
                1,
            )
        }
        WHERE p.person_id = %(me)s AND p.standing = %(standing)s AND c.last_seq > 0 AND {_NOT_BLOCKED}
        AND (%(at)s::timestamptz IS NULL OR (c.last_at, c.id) < (%(at)s::timestamptz, %(id)s::bigint))
        ORDER BY c.last_at DESC, c.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {
            "me": reader_of(viewer),
            "standing": standing.value,
            "blocked": blocked,
            "many": MANY,
            "at": before[0] if before else None,
            "id": before[1] if before else None,
            "limit": limit + 1,
        },
    )
    shown = found[:limit]
    last = messages.messages_by_id(viewer, [columns[-1] for columns in shown if columns[-1] is not None])
    lines = tuple(
        types.Line(_conversation(columns[:-2]), columns[-2], last.get(columns[-1]) if columns[-1] else None)
        for columns in shown
    )
    more = len(found) > limit
    return lines, ((lines[-1].conversation.last_at, lines[-1].conversation.id) if more else None)


def _conversation(columns: Sequence[Any]) -> types.Conversation:
    conversation_id, kind, name, other_id, standing, *rest = columns
    kind = ConversationKind(kind)
    return types.Conversation(
        conversation_id,
        kind,
        name,
        other_id if kind is ConversationKind.PAIR else None,
        Standing(standing),
        *rest,
    )
