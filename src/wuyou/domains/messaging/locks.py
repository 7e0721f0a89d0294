"""The lock of a conversation, and who takes part in it while it is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.messaging import errors
from wuyou.domains.messaging.types import ConversationKind, Standing
from wuyou.domains.social import operations as social
from wuyou.domains.social.errors import UnblockFirst
from wuyou.domains.social.types import Relation
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def meet_other(actor: Actor, person_id: int) -> Relation:
    """Lock the pair, so that a block waits or has come first. Raises `ConversationNotFound` across one."""
    try:
        return social.meet(actor=actor, person_id=person_id, is_there=True)
    except (PersonNotFound, UnblockFirst) as blocked:
        raise errors.ConversationNotFound() from blocked


TAKING_PART = frozenset({Standing.MEMBER, Standing.ASKED})


@dataclass(frozen=True, slots=True)
class Seat:
    """How a person stands in a conversation while it is locked."""

    standing: Standing
    declined_at: datetime | None
    is_known: bool
    """Of a conversation of two: they were asked or have spoken themselves."""


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation while it is locked."""

    kind: ConversationKind
    last_seq: int
    seats: Mapping[int, Seat]
    sent: int | None
    """The number that a client id of the person has got already."""

    @property
    def members(self) -> set[int]:
        """Who takes part, and who is asked to."""
        return {person_id for person_id, seat in self.seats.items() if seat.standing in TAKING_PART}


def lock_conversation(person_id: int, conversation_id: int) -> Room:
    """Lock a conversation in which a person takes part, until the transaction ends: its numbers and people stand still.

    Raises: `ConversationNotFound`. Cost: two queries.
    """
    lock_row(conversation_id)
    return read_room(person_id, conversation_id)


def lock_row(conversation_id: int) -> None:
    """Lock a conversation's row."""
    db.execute("SELECT 1 FROM messaging_conversation WHERE id = %s FOR NO KEY UPDATE", [conversation_id])


def read_room(person_id: int, conversation_id: int, client_id: str = "") -> Room:
    """A conversation in which a person takes part, with its people and what became of a client id.

    A statement of its own, after the lock: it sees who came and went while that one waited.
    Raises: `ConversationNotFound`, `ClientIdReused` when the id was used in another conversation.
    """
    found = db.rows(
        """
        SELECT c.kind, c.last_seq, s.conversation_id, s.seq, p.person_id, p.standing, p.declined_at,
               c.kind = 'PAIR' AND (p.asked_at IS NOT NULL OR EXISTS (
                   SELECT FROM messaging_message m WHERE m.conversation_id = c.id AND m.author_id = p.person_id))
        FROM messaging_conversation c JOIN messaging_participant p ON p.conversation_id = c.id
        LEFT JOIN messaging_message s ON s.author_id = %(me)s AND s.client_id = %(client)s AND %(client)s <> ''
        WHERE c.id = %(id)s
        """,
        {"me": person_id, "client": client_id, "id": conversation_id},
    )
    seats = {who: Seat(Standing(standing), declined_at, known) for *_, who, standing, declined_at, known in found}
    if person_id not in seats or seats[person_id].standing not in TAKING_PART:
        raise errors.ConversationNotFound()
    kind, last_seq, sent_in, sent_seq = found[0][:4]
    if sent_in is not None and sent_in != conversation_id:
        raise errors.ClientIdReused()
    return Room(ConversationKind(kind), last_seq, seats, sent_seq)


def pair_of(person_id: int, conversation_id: int) -> int | None:
    """With whom a conversation is, when it is of two; None for a group. Raises `ConversationNotFound`."""
    found = db.row(
        """
        SELECT CASE WHEN c.low_id = p.person_id THEN c.high_id ELSE c.low_id END
        FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
        WHERE c.id = %s AND p.person_id = %s AND p.standing IN ('MEMBER', 'ASKED')
        """,
        [conversation_id, person_id],
    )
    if found is None:
        raise errors.ConversationNotFound()
    return None if found[0] is None else int(found[0])


def members_of(conversation_id: int) -> set[int]:
    """Who takes part, and who is asked to."""
    return {
        person_id
        for (person_id,) in db.rows(
            """
            SELECT person_id FROM messaging_participant
            WHERE conversation_id = %s AND standing IN ('MEMBER', 'ASKED')
            """,
            [conversation_id],
        )
    }


def hand_over(conversation_id: int) -> None:
    """When nobody runs a group any more, whoever has been in it longest does."""
    db.execute(
        """
        UPDATE messaging_participant SET is_admin = true WHERE id = (
            SELECT p.id FROM messaging_participant p JOIN messaging_conversation c ON c.id = p.conversation_id
            WHERE c.id = %(id)s AND c.kind = 'GROUP' AND p.standing = 'MEMBER' ORDER BY p.since, p.id LIMIT 1)
        AND NOT EXISTS (SELECT FROM messaging_participant
                        WHERE conversation_id = %(id)s AND standing = 'MEMBER' AND is_admin)
        """,
        {"id": conversation_id},
    )
