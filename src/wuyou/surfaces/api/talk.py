"""Conversations: listed, opened, answered, muted; small groups; whom one lets in; calling out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.messaging import errors, operations, queries
from wuyou.domains.messaging.types import CallDoor, Conversation, ConversationKind, Doors, Line, Standing, WriteDoor
from wuyou.domains.social import errors as social_errors
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.messages import ClientId, MessageLine, message_lines, people_of
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, TEXT, Draft, Id, PageQuery

router = Router(tags=["talk"])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPENING = (errors.NotYourself, PersonNotFound, social_errors.UnblockFirst)
_OF_GROUPS = (errors.ConversationNotFound, errors.NotAGroup, errors.AdminsOnly)
_Name = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=ONE_LINE)]


class ConversationsQuery(PageQuery):
    """Which page of your conversations."""

    cursor: Annotated[str | None, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9]{1,18}$")] = None  # type: ignore[assignment]
    """`next_cursor` of the page before; none is the first page."""


class CallOutDraft(Draft):
    """A greeting that carries what you both have as its reason."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=TEXT)]
    thing_ids: Annotated[list[Id], Field(min_length=1, max_length=12)]
    client_id: ClientId
    """What you call the message; the same one again is the same message."""


class SeenDraft(Draft):
    """Up to which message you have looked."""

    seq: Id


class GroupDraft(Draft):
    """A group to begin, with friends of yours."""

    name: _Name
    person_ids: Annotated[list[Id], Field(min_length=1, max_length=49)]


class GroupName(Draft):
    """What a group is called."""

    name: _Name


class DoorsDraft(Draft):
    """Whom you let in."""

    write: Annotated[WriteDoor, Field(strict=False)]
    """Who may write to you first."""
    call: Annotated[CallDoor, Field(strict=False)]
    """Who may call out to you."""


@dataclass(frozen=True, slots=True)
class DoorsPage:
    """Whom you let in."""

    __pydantic_config__ = DOCUMENTED

    write: WriteDoor
    """Who may write to you first."""
    call: CallDoor
    """Who may call out to you."""


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation as you see it."""

    __pydantic_config__ = DOCUMENTED

    id: int
    kind: ConversationKind
    name: str
    """Of a group."""
    other: Someone | None
    """With whom, when it is of two."""
    standing: Standing
    is_admin: bool
    is_muted: bool
    awaits_answer: bool
    """You have written to somebody you do not know, and they have not answered."""
    seen_up_to: int
    last_seq: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class TalkLine:
    """A conversation in your list."""

    __pydantic_config__ = DOCUMENTED

    conversation: ConversationLine
    unread: int
    """At most 100, which says «many»."""
    last: MessageLine | None
    """The latest message that you may see."""


@dataclass(frozen=True, slots=True)
class TalkList:
    """Where you take part and something was said, latest first."""

    items: tuple[TalkLine, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class TalkRequests:
    """Who wrote or called and waits for your answer, latest first."""

    items: tuple[TalkLine, ...]


@dataclass(frozen=True, slots=True)
class ParticipantLine:
    """Somebody who takes part."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    standing: Standing
    is_admin: bool
    seen_up_to: int
    """0 of who has not answered: they have told nothing."""


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """A conversation and who takes part."""

    __pydantic_config__ = DOCUMENTED

    conversation: ConversationLine
    members: tuple[ParticipantLine, ...]
    """Who runs a group first."""


@dataclass(frozen=True, slots=True)
class UnreadCount:
    """In how many conversations something unread waits, requests included, muted ones not."""

    count: int


@dataclass(frozen=True, slots=True)
class CalledOut:
    """A call-out that was sent."""

    conversation_id: int
    seq: int


@operation(router, "GET", "/conversations", entry=Entry.READ)
def list_conversations(call: Call, query: Query[ConversationsQuery]) -> TalkList:
    """List your conversations."""
    viewer = get_viewer(call.actor.person_id)
    lines, upto = queries.list_conversations(viewer, before=_key_of(query.cursor), limit=query.limit)
    return TalkList(_talk(viewer, lines), _cursor_of(upto))


@operation(router, "GET", "/conversations/requests", entry=Entry.READ)
def list_requests(call: Call) -> TalkRequests:
    """List who wrote or called and waits for your answer."""
    viewer = get_viewer(call.actor.person_id)
    return TalkRequests(_talk(viewer, queries.list_requests(viewer)))


@operation(router, "GET", "/conversations/unread", entry=Entry.READ)
def count_unread(call: Call) -> UnreadCount:
    """Count in how many conversations something unread waits."""
    return UnreadCount(queries.count_unread(get_viewer(call.actor.person_id)))


@operation(router, "GET", "/conversations/{conversation_id}", entry=Entry.READ, refuses=[errors.ConversationNotFound])
def show_conversation(call: Call, conversation_id: Id) -> ConversationPage:
    """Show a conversation of yours."""
    return _page(call, conversation_id)


@operation(router, "PUT", "/people/{person_id}/conversation", entry=Entry.WRITE, refuses=_OPENING)
def open_conversation(call: Call, person_id: Id) -> ConversationPage:
    """Open the one conversation with a person; nobody is told before something is said."""
    return _page(call, operations.open_conversation(actor=call.actor, person_id=person_id, now=call.now))


@operation(
    router,
    "POST",
    "/people/{person_id}/call-outs",
    entry=Entry.WRITE,
    status=201,
    refuses=[
        *_OPENING,
        errors.NothingInCommon,
        errors.MessageEmpty,
        errors.MessageTooLong,
        errors.MessageMalformed,
        errors.ClientIdReused,
        errors.ConversationNotFound,
        errors.DoorClosed,
        errors.AwaitingAnswer,
        errors.TooManyToday,
    ],
)
def call_out(call: Call, person_id: Id, body: CallOutDraft) -> CalledOut:
    """Greet a person, with things that you both have and show each other as the reason."""
    sent = operations.call_out(
        actor=call.actor,
        person_id=person_id,
        text=body.text,
        thing_ids=body.thing_ids,
        client_id=body.client_id,
        now=call.now,
    )
    return CalledOut(*sent)


@operation(
    router, "PUT", "/conversations/{conversation_id}/seen", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound],
)  # fmt: skip
def mark_seen(call: Call, conversation_id: Id, body: SeenDraft) -> None:
    """Say that you have seen everything up to a message; it never goes back."""
    operations.mark_seen(actor=call.actor, conversation_id=conversation_id, seq=body.seq, now=call.now)


@operation(
    router, "PUT", "/conversations/{conversation_id}/acceptance", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound],
)  # fmt: skip
def accept_conversation(call: Call, conversation_id: Id) -> None:
    """Let who wrote or called in."""
    operations.accept(actor=call.actor, conversation_id=conversation_id, now=call.now)


@operation(
    router, "PUT", "/conversations/{conversation_id}/refusal", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound],
)  # fmt: skip
def decline_conversation(call: Call, conversation_id: Id) -> None:
    """Do not want to; who asked is not told."""
    operations.decline(actor=call.actor, conversation_id=conversation_id, now=call.now)


@operation(
    router, "PUT", "/conversations/{conversation_id}/mute", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound],
)  # fmt: skip
def mute_conversation(call: Call, conversation_id: Id) -> None:
    """Hear no more of a conversation."""
    operations.mute_conversation(actor=call.actor, conversation_id=conversation_id, is_muted=True, now=call.now)


@operation(
    router, "DELETE", "/conversations/{conversation_id}/mute", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound],
)  # fmt: skip
def unmute_conversation(call: Call, conversation_id: Id) -> None:
    """Hear of a conversation again."""
    operations.mute_conversation(actor=call.actor, conversation_id=conversation_id, is_muted=False, now=call.now)


@operation(
    router,
    "POST",
    "/groups",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[
        errors.GroupNameMalformed,
        errors.GroupTooLarge,
        errors.FriendsOnly,
        errors.TooManyToday,
        PersonNotFound,
        social_errors.UnblockFirst,
    ],
)
def make_group(call: Call, body: GroupDraft) -> ConversationPage:
    """Begin a group with friends of yours; you run it."""
    made = operations.make_group(actor=call.actor, name=body.name, person_ids=body.person_ids, now=call.now)
    return _page(call, made)


@operation(
    router, "PUT", "/conversations/{conversation_id}/name", entry=Entry.WRITE, status=204,
    refuses=[*_OF_GROUPS, errors.GroupNameMalformed],
)  # fmt: skip
def rename_group(call: Call, conversation_id: Id, body: GroupName) -> None:
    """Call a group that you run otherwise."""
    operations.rename_group(actor=call.actor, conversation_id=conversation_id, name=body.name, now=call.now)


@operation(
    router,
    "PUT",
    "/conversations/{conversation_id}/members/{person_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[*_OF_GROUPS, errors.FriendsOnly, errors.GroupTooLarge, *_OPENING[1:], social_errors.NotYourself],
)
def add_member(call: Call, conversation_id: Id, person_id: Id) -> None:
    """Bring a friend into a group that you run; they read what is said from now on."""
    operations.add_member(actor=call.actor, conversation_id=conversation_id, person_id=person_id, now=call.now)


@operation(
    router, "DELETE", "/conversations/{conversation_id}/members/{person_id}", entry=Entry.WRITE, status=204,
    refuses=[*_OF_GROUPS, errors.NotYourself],
)  # fmt: skip
def remove_member(call: Call, conversation_id: Id, person_id: Id) -> None:
    """Take somebody out of a group that you run."""
    operations.remove_member(actor=call.actor, conversation_id=conversation_id, person_id=person_id, now=call.now)


@operation(
    router, "PUT", "/conversations/{conversation_id}/admins/{person_id}", entry=Entry.WRITE, status=204,
    refuses=[*_OF_GROUPS, PersonNotFound],
)  # fmt: skip
def make_admin(call: Call, conversation_id: Id, person_id: Id) -> None:
    """Let a member run the group too."""
    operations.make_admin(actor=call.actor, conversation_id=conversation_id, person_id=person_id, now=call.now)


@operation(
    router, "DELETE", "/conversations/{conversation_id}/membership", entry=Entry.WRITE, status=204,
    refuses=[errors.ConversationNotFound, errors.NotAGroup],
)  # fmt: skip
def leave_group(call: Call, conversation_id: Id) -> None:
    """Leave a group; when nobody is left who runs it, whoever has been in it longest does."""
    operations.leave_group(actor=call.actor, conversation_id=conversation_id, now=call.now)


@operation(router, "GET", "/me/doors", entry=Entry.READ)
def show_doors(call: Call) -> DoorsPage:
    """Show whom you let in."""
    doors = queries.get_doors(call.actor.person_id)
    return DoorsPage(doors.write, doors.call)


@operation(router, "PUT", "/me/doors", entry=Entry.WRITE)
def set_doors(call: Call, body: DoorsDraft) -> DoorsPage:
    """Choose who may write to you first and who may call out to you."""
    operations.set_doors(actor=call.actor, doors=Doors(body.write, body.call))
    return DoorsPage(body.write, body.call)


def _page(call: Call, conversation_id: int) -> ConversationPage:
    viewer = get_viewer(call.actor.person_id)
    conversation = queries.get_conversation(viewer, conversation_id)
    members = queries.list_participants(viewer, conversation_id)
    persons = _people(viewer, [*(member.person_id for member in members), *_others([conversation])])
    return ConversationPage(
        _conversation(conversation, persons),
        tuple(
            ParticipantLine(persons[member.person_id], member.standing, member.is_admin, member.seen_up_to)
            for member in members
            if member.person_id in persons
        ),
    )


def _talk(viewer: Viewer, lines: tuple[Line, ...]) -> tuple[TalkLine, ...]:
    """Conversations with their latest messages. Cost: one query."""
    said = [line.last for line in lines if line.last is not None]
    persons = _people(
        viewer,
        [*_others(line.conversation for line in lines), *people_of(said)],
    )
    shown = {line.id: line for line in message_lines(said, persons)}
    return tuple(
        TalkLine(_conversation(line.conversation, persons), line.unread, shown.get(line.last.id) if line.last else None)
        for line in lines
    )


def _people(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, Someone]:
    return {key: someone(person) for key, person in identity.persons_met(viewer, person_ids).items()}


def _others(conversations: Iterable[Conversation]) -> list[int]:
    return [one.other_id for one in conversations if one.other_id is not None]


def _conversation(one: Conversation, persons: dict[int, Someone]) -> ConversationLine:
    return ConversationLine(
        one.id,
        one.kind,
        one.name,
        persons.get(one.other_id) if one.other_id is not None else None,
        one.standing,
        one.is_admin,
        one.is_muted,
        one.awaits_answer,
        one.seen_up_to,
        one.last_seq,
        one.last_at,
    )


def _key_of(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    at, number = map(int, cursor.split("-"))
    return _EPOCH + timedelta(microseconds=at), number


def _cursor_of(key: tuple[datetime, int] | None) -> str | None:
    return f"{(key[0] - _EPOCH) // timedelta(microseconds=1)}-{key[1]}" if key else None
