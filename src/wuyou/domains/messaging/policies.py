"""Who may begin a conversation with whom, and how much of it a day."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from wuyou.domains.messaging import errors, events, rules
from wuyou.domains.messaging.types import CallDoor, Doors, Message, MessageKind, WriteDoor
from wuyou.domains.social.types import Relation
from wuyou.infra.person_data import PersonColumns

MAX_PHOTOS = rules.MAX_PHOTOS
"""Photos in one message."""


class Limited(Enum):
    """What has a limit a day."""

    MESSAGE = "MESSAGE"
    STRANGER = "STRANGER"
    """A first message to somebody who is not a friend."""
    CALL_OUT = "CALL_OUT"
    GROUP = "GROUP"


MOST_A_DAY = {Limited.MESSAGE: 5_000, Limited.STRANGER: 20, Limited.CALL_OUT: 10, Limited.GROUP: 20}


def require_may_write(doors: Doors, relation: Relation) -> None:
    """Whether a person may write first to another. Raises `DoorClosed`."""
    if doors.write is WriteDoor.NOBODY or (doors.write is WriteDoor.FRIENDS and not relation.are_friends):
        raise errors.DoorClosed()


def require_may_call(doors: Doors, relation: Relation) -> None:
    """Whether a person who shares things with another may call out to them. Raises `DoorClosed`."""
    if doors.call is CallDoor.NOBODY or (doors.call is CallDoor.FRIENDS and not relation.are_friends):
        raise errors.DoorClosed()


def may_revise(message: Message, now: datetime) -> bool:
    """Whether its author may still edit or withdraw a message."""
    is_said = message.kind is not MessageKind.SYSTEM and not message.is_gone
    return is_said and now <= message.sent_at + rules.REVISE_WITHIN


def may_ask_again(declined_at: datetime | None, now: datetime) -> bool:
    """Whether who was declined may write or call anew."""
    return declined_at is not None and now >= declined_at + rules.ASK_AGAIN_AFTER


_NAMELESS = "that somebody spoke here stays for the others, without a word of what was said and without a name"
PERSON_COLUMNS = PersonColumns(
    erased=(
        "messaging_change.person_id",
        "messaging_change.seen_by_id",
        "messaging_daily_use.person_id",
        "messaging_door.person_id",
        "messaging_inbox.person_id",
        "messaging_message.about_id",
    ),
    kept={
        "messaging_conversation.high_id": _NAMELESS,
        "messaging_conversation.low_id": _NAMELESS,
        "messaging_message.author_id": _NAMELESS,
        "messaging_participant.person_id": _NAMELESS,
    },
    erased_events={events.CalledOut: ("caller_id", "called_id")},
)
