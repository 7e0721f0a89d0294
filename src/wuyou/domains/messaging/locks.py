"""The lock of a conversation, and who takes part in it while it is held."""

from __future__ import annotations

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.messaging import errors
from wuyou.domains.messaging.types import ConversationKind
from wuyou.domains.social import operations as social
from wuyou.domains.social.errors import UnblockFirst
from wuyou.domains.social.types import Relation
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def meet_other(actor: Actor, person_id: int) -> Relation:
    """Lock the pair, so that a block waits or has come first. Raises `ConversationNotFound` across one."""
    try:
        return social.meet(actor=actor, person_id=person_id)
    except (PersonNotFound, UnblockFirst) as blocked:
        raise errors.ConversationNotFound() from blocked


def lock_conversation(
    person_id: int, conversation_id: int, *, lock: str = "FOR NO KEY UPDATE"
) -> tuple[ConversationKind, set[int]]:
    """Lock a conversation in which a person takes part, until the transaction ends: its numbers and people stand still.

    Returns its kind and, of two, both people. Raises: `ConversationNotFound`. Cost: two queries.
    """
    found = db.row(
        f"SELECT kind, low_id, high_id FROM messaging_conversation WHERE id = %s {lock}",  # noqa: S608  (a literal)
        [conversation_id],
    )
    # A statement of its own: it sees who came and went while this one waited.
    takes_part = found and db.row(
        """
        SELECT 1 FROM messaging_participant
        WHERE conversation_id = %s AND person_id = %s AND standing IN ('MEMBER', 'ASKED')
        """,
        [conversation_id, person_id],
    )
    if found is None or takes_part is None:
        raise errors.ConversationNotFound()
    return ConversationKind(found[0]), {found[1], found[2]} - {None}


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
