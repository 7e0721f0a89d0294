"""Relations: who is found by their things, follows, friends, blocks, ties and gifts, as the caller may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import finding
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import PeopleQuery
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, ThingLine, meet, someone, thing_lines
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id, PageQuery

router = Router(tags=["relations"])

_SHOWN_IN_COMMON = 24
_MEETING = (PersonNotFound, errors.NotYourself, errors.UnblockFirst)


class SearchQuery(PageQuery):
    """Who is looked for; everything that is said must hold."""

    cursor: Annotated[str | None, StringConstraints(pattern=r"^[0-9]{1,45}$")] = None  # type: ignore[assignment]
    """`next_cursor` of the page before; none is the first page."""
    at_least: Annotated[int, Field(ge=0, le=finding.MAX_AT_LEAST)] = 1
    """So many things in common with you."""
    brand: Annotated[str, StringConstraints(max_length=finding.MAX_BRAND, pattern=ONE_LINE)] = ""
    """Has something of this brand."""
    thing_id: Id | None = None
    """Has this thing, or a form of it."""
    friends_of_friends: bool = False
    """A friend of yours follows them and is followed by them; no friend of yours."""


class ReasonDraft(Draft):
    """Why you ask."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """Somebody who was found, and why."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    nearness: str
    """At which level you share something: `thing`, `family` or `brand`."""
    count: int
    things: tuple[ThingLine, ...]
    """The rarest of what you share."""
    brands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """People who were found, best first."""

    items: tuple[FoundLine, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PersonHome:
    """A person, what stands between you, and what you have in common, rarest first."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    follows: bool
    """You follow them."""
    is_followed: bool
    are_friends: bool
    asks: bool
    """Your friend request waits."""
    is_asked: bool
    """Theirs waits for you."""
    mutes: bool
    common: tuple[ThingLine, ...]


@dataclass(frozen=True, slots=True)
class TiePage:
    """How close somebody is as you see it; they see their own side."""

    __pydantic_config__ = DOCUMENTED

    strength: int
    """In thousandths of a point."""
    band: str
    correction: str | None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A friend request that waits for your answer."""

    id: int
    person: Someone
    reason: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class RequestList:
    """Friend requests that wait for your answer, latest first."""

    items: tuple[RequestLine, ...]


@dataclass(frozen=True, slots=True)
class FriendPage:
    """Your friends, latest first."""

    items: tuple[Someone, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class GiftLine:
    """A gift; it has no price."""

    id: int
    giver_id: int
    receiver_id: int
    kind: str
    state: str
    what: str
    words: str
    offered_at: datetime
    is_thanked: bool


@dataclass(frozen=True, slots=True)
class GiftPage:
    """Gifts, latest first."""

    items: tuple[GiftLine, ...]
    next_cursor: int | None


@operation(
    router,
    "GET",
    "/people/found",
    entry=Entry.READ,
    refuses=[things_errors.QuestionMalformed, things_errors.ThingNotFound],
)
def find_people(call: Call, query: Query[SearchQuery]) -> FoundPage:
    """Find people by what they have and show you. Without a question, nobody."""
    viewer = get_viewer(call.actor.person_id)
    asked = PeopleQuery(
        query.at_least, (query.thing_id,) if query.thing_id else (), query.brand, query.friends_of_friends
    )
    cursor = int(query.cursor) if query.cursor else None
    found = finding.find_people(viewer, asked, cursor=cursor, limit=query.limit)
    persons = identity.persons_met(viewer, {one.person_id for one in found.people})
    lines = tuple(
        FoundLine(someone(persons[one.person_id]), one.nearness.value, one.count, thing_lines(one.shared), one.brands)
        for one in found.people
        if one.person_id in persons
    )
    return FoundPage(lines, str(found.next_cursor) if found.next_cursor is not None else None)


@operation(router, "GET", "/people/{person_id}", entry=Entry.READ, refuses=[PersonNotFound])
def show_person(call: Call, person_id: Id) -> PersonHome:
    """Show a person. Across a block there is nobody."""
    viewer = get_viewer(call.actor.person_id)
    person = meet(viewer, person_id)
    between = queries.get_relation(call.actor.person_id, person_id)
    return PersonHome(
        someone(person),
        between.follows,
        between.is_followed,
        between.are_friends,
        between.asks,
        between.is_asked,
        between.mutes,
        thing_lines(things.things_in_common(viewer, person_id, limit=_SHOWN_IN_COMMON)),
    )


@operation(router, "GET", "/people/{person_id}/tie", entry=Entry.READ, refuses=[PersonNotFound])
def show_tie(call: Call, person_id: Id) -> TiePage:
    """Show how close a person is to you."""
    meet(get_viewer(call.actor.person_id), person_id)
    tie = queries.get_tie_story(call.actor.person_id, person_id, now=call.now).tie
    return TiePage(tie.strength, tie.band.value, tie.correction.value if tie.correction else None)


@operation(router, "PUT", "/people/{person_id}/follow", entry=Entry.WRITE, status=204, refuses=_MEETING)
def follow_person(call: Call, person_id: Id) -> None:
    """Follow a person."""
    operations.follow(actor=call.actor, person_id=person_id, now=call.now)


@operation(router, "DELETE", "/people/{person_id}/follow", entry=Entry.WRITE, status=204)
def unfollow_person(call: Call, person_id: Id) -> None:
    """Follow a person no longer."""
    operations.unfollow(actor=call.actor, person_id=person_id, now=call.now)


@operation(
    router, "PUT", "/people/{person_id}/block", entry=Entry.WRITE, status=204,
    refuses=[PersonNotFound, errors.NotYourself],
)  # fmt: skip
def block_person(call: Call, person_id: Id) -> None:
    """Keep a person away: neither of you finds the other."""
    operations.block(actor=call.actor, person_id=person_id, now=call.now)


@operation(router, "DELETE", "/people/{person_id}/block", entry=Entry.WRITE, status=204)
def unblock_person(call: Call, person_id: Id) -> None:
    """Take a block back; what it ended stays ended."""
    operations.unblock(actor=call.actor, person_id=person_id, now=call.now)


@operation(
    router, "PUT", "/people/{person_id}/friend-request", entry=Entry.WRITE, status=204,
    refuses=[*_MEETING, errors.ReasonMalformed, errors.AskedRecently],
)  # fmt: skip
def request_friend(call: Call, person_id: Id, body: ReasonDraft) -> None:
    """Ask a person to be friends; asking back agrees."""
    operations.request_friend(actor=call.actor, person_id=person_id, reason=body.reason, now=call.now)


@operation(router, "GET", "/friend-requests", entry=Entry.READ)
def list_friend_requests(call: Call) -> RequestList:
    """List the friend requests that wait for your answer."""
    asked = queries.list_requests_to(call.actor.person_id)
    persons = identity.persons_met(get_viewer(call.actor.person_id), {one.sender_id for one in asked})
    return RequestList(
        tuple(
            RequestLine(one.id, someone(persons[one.sender_id]), one.reason, one.asked_at)
            for one in asked
            if one.sender_id in persons
        )
    )


@operation(
    router, "PUT", "/friend-requests/{request_id}/acceptance", entry=Entry.WRITE, status=204,
    refuses=[errors.RequestNotFound, errors.RequestClosed],
)  # fmt: skip
def accept_friend_request(call: Call, request_id: Id) -> None:
    """Agree to be friends."""
    operations.accept_request(actor=call.actor, request_id=request_id, now=call.now)


@operation(
    router, "DELETE", "/friend-requests/{request_id}", entry=Entry.WRITE, status=204,
    refuses=[errors.RequestNotFound, errors.RequestClosed],
)  # fmt: skip
def decline_friend_request(call: Call, request_id: Id) -> None:
    """Do not agree; who asked is not told."""
    operations.decline_request(actor=call.actor, request_id=request_id, now=call.now)


@operation(router, "GET", "/friends", entry=Entry.READ)
def list_friends(call: Call, query: Query[PageQuery]) -> FriendPage:
    """List your friends."""
    page = queries.list_friends(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    persons = identity.persons_met(get_viewer(call.actor.person_id), {tied.person_id for tied in page.items})
    friends = tuple(someone(persons[tied.person_id]) for tied in page.items if tied.person_id in persons)
    return FriendPage(friends, page.next_cursor)


@operation(router, "GET", "/gifts/received", entry=Entry.READ)
def list_received_gifts(call: Call, query: Query[PageQuery]) -> GiftPage:
    """List what you were offered and given."""
    page = queries.list_gifts_to(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    return GiftPage(
        tuple(
            GiftLine(
                gift.id,
                gift.giver_id,
                gift.receiver_id,
                gift.kind.value,
                gift.state.value,
                gift.what,
                gift.words,
                gift.offered_at,
                gift.is_thanked,
            )
            for gift in page.items
        ),
        page.next_cursor,
    )
