"""What others see of conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from wuyou.domains.catalog.types import Product
from wuyou.domains.things.types import Thing


class ConversationKind(Enum):
    """Between whom."""

    PAIR = "PAIR"
    GROUP = "GROUP"


class Standing(Enum):
    """How a person stands in a conversation."""

    MEMBER = "MEMBER"
    ASKED = "ASKED"
    """Somebody they do not know writes to them or calls them; they have not answered."""
    DECLINED = "DECLINED"
    """They do not want to; who asked is not told."""
    LEFT = "LEFT"
    """Gone, by wish or removed."""


class MessageKind(Enum):
    """What a message holds besides its text."""

    TEXT = "TEXT"
    PHOTOS = "PHOTOS"
    THING = "THING"
    PRODUCT = "PRODUCT"
    CALL_OUT = "CALL_OUT"
    """A greeting with the things that both have as its reason."""
    SYSTEM = "SYSTEM"
    """A line about the group itself."""


class SystemLine(Enum):
    """What a line about the group says."""

    MADE = "MADE"
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    LEFT = "LEFT"
    RENAMED = "RENAMED"
    PROMOTED = "PROMOTED"


class ChangeKind(Enum):
    """What a person's screens should look at again."""

    MESSAGE = "MESSAGE"
    """A new message."""
    REVISED = "REVISED"
    """A message was edited, withdrawn or erased."""
    SEEN = "SEEN"
    """Somebody has seen up to a message."""
    CONVERSATION = "CONVERSATION"
    """The conversation itself: its members, its name, how one stands in it."""


class WriteDoor(Enum):
    """Who may write to a person first."""

    ANYONE = "ANYONE"
    """Strangers too; theirs wait as requests."""
    FRIENDS = "FRIENDS"
    NOBODY = "NOBODY"
    """Only where they have written themselves."""


class CallDoor(Enum):
    """Who may call out to a person."""

    SHARERS = "SHARERS"
    """Friends, and whoever has things in common with them."""
    FRIENDS = "FRIENDS"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class Doors:
    """Whom a person lets in."""

    write: WriteDoor = WriteDoor.ANYONE
    call: CallDoor = CallDoor.SHARERS


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in a message, kept by `infra.pictures`."""

    key: str
    width: int
    height: int
    blurhash: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say: a text, and at most one of photos, a thing (or one's copy of it), a product."""

    text: str = ""
    photos: tuple[Photo, ...] = ()
    thing_id: int | None = None
    holding_id: int | None = None
    """Of one's own copy; its thing is then shown as far as the reader may see the copy."""
    product_id: int | None = None
    reply_to_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A thing in a message, as its reader may see it."""

    thing: Thing | None
    """None: not open to this reader."""
    holding_id: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that is answered, as its reader may see it."""

    seq: int
    author_id: int | None
    text: str
    kind: MessageKind
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as its reader may see it. What was withdrawn or erased has no content left."""

    id: int
    conversation_id: int
    seq: int
    author_id: int
    kind: MessageKind
    text: str
    client_id: str
    sent_at: datetime
    edited_at: datetime | None = None
    withdrawn_at: datetime | None = None
    is_erased: bool = False
    reply: Quote | None = None
    photos: tuple[Photo, ...] = ()
    cards: tuple[Card, ...] = ()
    product: Product | None = None
    earns: bool = False
    """Its author takes a commission from whoever buys by this card."""
    line: SystemLine | None = None
    about_id: int | None = None
    """Of whom a line about the group speaks."""

    @property
    def is_gone(self) -> bool:
        """Whether only the trace of it is left."""
        return self.withdrawn_at is not None or self.is_erased


@dataclass(frozen=True, slots=True)
class Participant:
    """A person in a conversation."""

    person_id: int
    standing: Standing
    is_admin: bool
    seen_up_to: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as one of its people sees it."""

    id: int
    kind: ConversationKind
    name: str
    other_id: int | None
    """With whom, when it is of two."""
    standing: Standing
    is_admin: bool
    is_muted: bool
    joined_seq: int
    """One reads what came after this number."""
    seen_up_to: int
    last_seq: int
    last_at: datetime
    awaits_answer: bool = False
    """One has written to somebody one does not know, and they have not answered."""


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation in one's list: how many are unread, and the latest message that one may see."""

    conversation: Conversation
    unread: int
    """At most 100, which says «many»."""
    last: Message | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what a person's screens have not heard yet."""

    person_id: int
    number: int
    kind: ChangeKind
    conversation_id: int
    message: ChangedMessage | None = None
    seen_by_id: int | None = None
    seen_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedMessage:
    """What a stream tells of a message: all of a text, and of anything with a card only that it is there."""

    id: int
    seq: int
    author_id: int
    kind: MessageKind
    text: str
    client_id: str
    """Empty for everybody but its author."""
    sent_at: datetime
    is_edited: bool
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What came after a cursor."""

    lines: tuple[Change, ...]
    upto: int
    """Where to go on."""
    has_more: bool = False
    """More came after `upto`."""
    is_behind: bool = False
    """What lies right after the cursor is kept no longer: read everything anew."""
