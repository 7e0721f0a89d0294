"""What screens and notifications ask: what is new for many people at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from wuyou.domains.messaging import types
from wuyou.domains.messaging.types import ChangeKind, MessageKind
from wuyou.domains.social import queries as social
from wuyou.infra import db

AT_ONCE = 100
"""Changes of one person in one read."""


def last_number(person_id: int) -> int:
    """The number of a person's latest change: where a page that is made now goes on from. Cost: one query."""
    found = db.row("SELECT last_number FROM messaging_inbox WHERE person_id = %s", [person_id])
    return int(found[0]) if found else 0


def changes_after(cursors: Mapping[int, int]) -> dict[int, types.Changes]:
    """What came after each person's cursor; people for whom nothing did are left out.

    Of a message only what its reader may see at this moment: one that they may no longer, or that is of somebody whom a
    block keeps away, is passed over; so is every change of a conversation in which they take no part any more.
    Cost: three queries, however many people.
    """
    people = list(cursors)
    if not people:
        return {}
    behind = db.rows(
        """
        SELECT i.person_id, a.cursor, i.last_number,
               (SELECT min(number) FROM messaging_change c WHERE c.person_id = i.person_id)
        FROM unnest(%s::bigint[], %s::bigint[]) AS a (person_id, cursor) JOIN messaging_inbox i USING (person_id)
        WHERE i.last_number <> a.cursor
        """,
        [people, [cursors[person_id] for person_id in people]],
    )
    answer: dict[int, types.Changes] = {}
    going_on: dict[int, int] = {}
    latest: dict[int, int] = {}
    for person_id, cursor, last, first in behind:
        # A cursor of the future is of another database: everything is to be read anew there too.
        if cursor > last or first is None or cursor < first - 1:
            answer[person_id] = types.Changes((), last, is_behind=True)
        else:
            going_on[person_id] = cursor
            latest[person_id] = last
    if going_on:
        answer.update(_lines(going_on, latest))
    return answer


def count_unread_by_person(person_ids: Collection[int]) -> dict[int, int]:
    """In how many conversations something unread waits for each person; `count_unread` for many. Cost: two queries."""
    people = sorted(set(person_ids))
    if not people:
        return {}
    pairs = social.blocked_pairs(people)
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    found = db.rows(
        """
        WITH away AS (SELECT * FROM unnest(%(ones)s::bigint[], %(others)s::bigint[]) AS t (one, other))
        SELECT p.person_id, count(*)
        FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
        WHERE p.person_id = ANY(%(people)s) AND p.standing IN ('MEMBER', 'ASKED') AND NOT p.is_muted
        AND p.seen_up_to < c.last_seq
        AND (c.kind = 'GROUP'
             OR NOT EXISTS (SELECT FROM away WHERE one = p.person_id AND other IN (c.low_id, c.high_id)))
        AND EXISTS (SELECT FROM messaging_message m WHERE m.conversation_id = c.id AND m.seq > p.seen_up_to
                    AND m.author_id <> p.person_id AND m.kind <> 'SYSTEM'
                    AND NOT EXISTS (SELECT FROM away WHERE one = p.person_id AND other = m.author_id))
        GROUP BY p.person_id
        """,
        {"people": people, "ones": ones, "others": others},
    )
    return dict.fromkeys(people, 0) | dict(found)


def _lines(cursors: Mapping[int, int], latest: Mapping[int, int]) -> dict[int, types.Changes]:
    people = list(cursors)
    found = db.rows(
        """
        SELECT h.person_id, h.number, h.kind, h.conversation_id, h.seen_by_id, h.seen_up_to,
               p.id IS NOT NULL, c.kind, c.low_id, c.high_id,
               m.id, m.seq, m.author_id, m.kind, m.text, m.client_id, m.sent_at, m.edited_at IS NOT NULL,
               m.withdrawn_at IS NOT NULL OR m.erased_at IS NOT NULL, m.seq > p.joined_seq
        FROM unnest(%(people)s::bigint[], %(cursors)s::bigint[]) AS a (person_id, cursor)
        CROSS JOIN LATERAL (SELECT * FROM messaging_change h WHERE h.person_id = a.person_id AND h.number > a.cursor
                            ORDER BY h.number LIMIT %(limit)s) h
        LEFT JOIN messaging_conversation c ON c.id = h.conversation_id
        LEFT JOIN messaging_participant p ON p.conversation_id = h.conversation_id AND p.person_id = h.person_id
                  AND p.standing IN ('MEMBER', 'ASKED')
        LEFT JOIN messaging_message m ON m.id = h.message_id
        ORDER BY h.person_id, h.number
        """,
        {"people": people, "cursors": [cursors[person_id] for person_id in people], "limit": AT_ONCE},
    )
    away = social.blocked_pairs(people)
    upto: dict[int, int] = {}
    lines: dict[int, list[types.Change]] = defaultdict(list)
    for (
        person_id,
        number,
        kind,
        conversation_id,
        seen_by_id,
        seen_up_to,
        takes_part,
        c_kind,
        low_id,
        high_id,
        *m,
    ) in found:
        upto[person_id] = number
        kind = ChangeKind(kind)
        # That one takes no part any more is itself worth a look: the page finds nothing there.
        if not takes_part and kind is not ChangeKind.CONVERSATION:
            continue
        if c_kind == "PAIR" and (person_id, high_id if person_id == low_id else low_id) in away:
            continue
        if seen_by_id is not None and (person_id, seen_by_id) in away:
            continue
        message = None
        if kind in {ChangeKind.MESSAGE, ChangeKind.REVISED}:
            if m[0] is None or not m[9] or (person_id, m[2]) in away:
                continue
            message = _changed(person_id, m)
        lines[person_id].append(types.Change(person_id, number, kind, conversation_id, message, seen_by_id, seen_up_to))
    return {
        person_id: types.Changes(tuple(lines.get(person_id, ())), last, has_more=last < latest[person_id])
        for person_id, last in upto.items()
    }


def _changed(person_id: int, columns: list[Any]) -> types.ChangedMessage:
    message_id, seq, author_id, kind, text, client_id, sent_at, is_edited, is_gone, _ = columns
    return types.ChangedMessage(
        message_id,
        seq,
        author_id,
        MessageKind(kind),
        text,
        client_id if author_id == person_id else "",
        sent_at,
        is_edited,
        is_gone,
    )
