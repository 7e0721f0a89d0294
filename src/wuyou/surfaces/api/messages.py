"""Messages of a conversation: read by their numbers, said once, said otherwise, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.identity import queries as identity
from wuyou.domains.messaging import errors, operations, queries
from wuyou.domains.messaging import types as messaging
from wuyou.domains.messaging.types import Message, MessageKind, SystemLine
from wuyou.domains.things import errors as things_errors
from wuyou.infra import storage
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, ThingLine, someone, thing_line
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import MAX_BIGINT, ONE_LINE, TEXT, Draft, Id, PageQuery

router = Router(tags=["talk"])

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$"), Field(examples=["5f0f8f0a-3f6e-4c58"])]
_Text = Annotated[str, StringConstraints(max_length=4_000, pattern=TEXT)]
_REVISING = (errors.ConversationNotFound, errors.MessageNotFound, errors.TooLate)


class MessagesQuery(PageQuery):
    """Which messages: the latest, those before `cursor`, or the first after `after`."""

    after: Annotated[int | None, Field(ge=0, le=MAX_BIGINT)] = None
    """The number of the last message that you have; what came later follows it."""


class WordsQuery(PageQuery):
    """What is looked for."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
    """Stand in the text, in any case of letters."""


class MessageDraft(Draft):
    """What you say: a text, and at most one of a thing, a copy of yours and a product."""

    client_id: ClientId
    """What you call the message; the same one again is the same message."""
    text: _Text = ""
    thing_id: Id | None = None
    copy_id: Id | None = None
    """Of yours; its thing is shown as far as the reader may see the copy."""
    product_id: Id | None = None
    reply_to: Id | None = None
    """The number of the message that you answer."""


class MessageText(Draft):
    """What you say instead."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=TEXT)]


@dataclass(frozen=True, slots=True)
class CardLine:
    """A thing in a message."""

    __pydantic_config__ = DOCUMENTED

    thing: ThingLine | None
    """Null when it is not open to you now."""
    copy_id: int | None


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """The message that is answered."""

    __pydantic_config__ = DOCUMENTED

    seq: int
    author: Someone | None
    text: str
    kind: MessageKind
    is_gone: bool


@dataclass(frozen=True, slots=True)
class MessagePhoto:
    """A photo in a message."""

    __pydantic_config__ = DOCUMENTED

    path: str
    """On this server, in a width of 1600 or less; put another width in its place."""
    width: int
    height: int
    blurhash: str


class ShareChoice(Draft):
    """Whether you take a commission."""

    earns: bool


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message as you may see it; what was taken back has no content left."""

    __pydantic_config__ = DOCUMENTED

    id: int
    seq: int
    """Its number in the conversation: 1, 2, 3 …"""
    conversation_id: int
    author: Someone | None
    """Null for somebody who has left us."""
    kind: MessageKind
    text: str
    client_id: str
    """Empty unless the message is yours."""
    sent_at: datetime
    edited_at: datetime | None
    is_gone: bool
    reply: QuoteLine | None
    photos: tuple[MessagePhoto, ...]
    cards: tuple[CardLine, ...]
    product_id: int | None
    earns: bool
    """Its author takes a commission from whoever buys the product by it."""
    line: SystemLine | None
    """What a line about the group says."""
    about: Someone | None
    """Of whom it says it."""


@dataclass(frozen=True, slots=True)
class MessageList:
    """Messages in the order of their numbers."""

    __pydantic_config__ = DOCUMENTED

    items: tuple[MessageLine, ...]
    next_cursor: int | None
    """Earlier messages; with `after`, ask again after the last number instead."""


@dataclass(frozen=True, slots=True)
class FoundMessages:
    """Messages with these words in them, latest first."""

    items: tuple[MessageLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that was said."""

    seq: int


@operation(
    router, "GET", "/conversations/{conversation_id}/messages", entry=Entry.READ, refuses=[errors.ConversationNotFound]
)
def list_messages(call: Call, conversation_id: Id, query: Query[MessagesQuery]) -> MessageList:
    """List what was said in a conversation of yours."""
    viewer = get_viewer(call.actor.person_id)
    queries.get_conversation(viewer, conversation_id)
    found = queries.list_messages(viewer, conversation_id, before=query.cursor, after=query.after, limit=query.limit)
    is_full = len(found) == query.limit and query.after is None and found[0].seq > 1
    return MessageList(_lines(viewer, found), found[0].seq if is_full else None)


@operation(
    router,
    "POST",
    "/conversations/{conversation_id}/messages",
    entry=Entry.WRITE,
    status=201,
    refuses=[
        errors.ConversationNotFound,
        errors.MessageEmpty,
        errors.MessageTooLong,
        errors.MessageMalformed,
        errors.MessageNotFound,
        errors.ClientIdReused,
        errors.DoorClosed,
        errors.AwaitingAnswer,
        errors.TooManyToday,
        things_errors.ThingNotFound,
        things_errors.HoldingNotFound,
        catalog_errors.ProductNotFound,
    ],
)
def send_message(call: Call, conversation_id: Id, body: MessageDraft) -> SentMessage:
    """Say something. To somebody you do not know it waits as a request, and nothing follows it until they answer."""
    draft = messaging.Draft(
        body.text,
        thing_id=body.thing_id,
        holding_id=body.copy_id,
        product_id=body.product_id,
        reply_to_seq=body.reply_to,
    )
    return SentMessage(
        operations.send_message(
            actor=call.actor, conversation_id=conversation_id, client_id=body.client_id, draft=draft, now=call.now
        )
    )


@operation(
    router,
    "PUT",
    "/conversations/{conversation_id}/messages/{seq}",
    entry=Entry.WRITE,
    status=204,
    refuses=[*_REVISING, errors.MessageEmpty, errors.MessageTooLong, errors.MessageMalformed],
)
def edit_message(call: Call, conversation_id: Id, seq: Id, body: MessageText) -> None:
    """Say a text of yours otherwise, within two minutes; that it was edited shows."""
    operations.edit_message(actor=call.actor, conversation_id=conversation_id, seq=seq, text=body.text, now=call.now)


@operation(
    router, "DELETE", "/conversations/{conversation_id}/messages/{seq}", entry=Entry.WRITE, status=204,
    refuses=_REVISING,
)  # fmt: skip
def withdraw_message(call: Call, conversation_id: Id, seq: Id) -> None:
    """Take a message of yours back, within two minutes; the line says so."""
    storage.discard(
        operations.withdraw_message(actor=call.actor, conversation_id=conversation_id, seq=seq, now=call.now)
    )


@operation(
    router,
    "PUT",
    "/conversations/{conversation_id}/messages/{seq}/share",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.ConversationNotFound, errors.MessageNotFound],
)
def take_share(call: Call, conversation_id: Id, seq: Id, body: ShareChoice) -> None:
    """Say of a product that you sent whether you take a commission from who buys by it; everybody reads it there."""
    operations.take_share(actor=call.actor, conversation_id=conversation_id, seq=seq, earns=body.earns, now=call.now)


@operation(router, "GET", "/messages/found", entry=Entry.READ)
def find_messages(call: Call, query: Query[WordsQuery]) -> FoundMessages:
    """Find what was said in your conversations."""
    viewer = get_viewer(call.actor.person_id)
    found = queries.search_messages(viewer, query.words, before_id=query.cursor, limit=query.limit)
    return FoundMessages(_lines(viewer, found), found[-1].id if len(found) == query.limit else None)


def message_lines(messages: Iterable[Message], persons: Mapping[int, Someone]) -> tuple[MessageLine, ...]:
    """Messages as the API says them. Args: persons: those of whom they speak, as far as the reader may meet them."""
    return tuple(
        MessageLine(
            message.id,
            message.seq,
            message.conversation_id,
            persons.get(message.author_id),
            message.kind,
            message.text,
            message.client_id,
            message.sent_at,
            message.edited_at,
            message.is_gone,
            QuoteLine(
                message.reply.seq,
                persons.get(message.reply.author_id or 0),
                message.reply.text,
                message.reply.kind,
                message.reply.is_gone,
            )
            if message.reply
            else None,
            tuple(
                MessagePhoto(f"/talk/photos/{photo.key}/1600", photo.width, photo.height, photo.blurhash)
                for photo in message.photos
            ),
            tuple(CardLine(thing_line(card.thing) if card.thing else None, card.holding_id) for card in message.cards),
            message.product.id if message.product else None,
            message.earns,
            message.line,
            persons.get(message.about_id or 0),
        )
        for message in messages
    )


def people_of(messages: Iterable[Message]) -> set[int]:
    """Of whom messages speak."""
    named = set()
    for message in messages:
        named |= {message.author_id, message.about_id, message.reply.author_id if message.reply else None}
    return {one for one in named if one is not None}


def _lines(viewer: Viewer, messages: Sequence[Message]) -> tuple[MessageLine, ...]:
    persons = identity.persons_met(viewer, people_of(messages))
    return message_lines(messages, {key: someone(person) for key, person in persons.items()})
