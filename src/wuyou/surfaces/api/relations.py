"""Relations: who is found by their things, follows, friends and blocks, as the caller may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.domains.social.types import FriendRequest, Tied
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import finding
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import PeopleQuery
from wuyou.infra.sight import get_viewer
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.kernel.sight import Viewer
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
    thing_ids: Annotated[list[Id], Field(max_length=finding.MAX_THINGS)] = []
    """Has all of these things, or a form of each."""
    friends_of_friends: bool = False
    """A friend of yours follows them and is followed by them; no friend of yours."""


class CommonQuery(BaseModel):
    """How much of it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 24
    """Things at most."""


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
class CommonList:
    """What you and a person both have or had and show each other, rarest first."""

    items: tuple[ThingLine, ...]


@dataclass(frozen=True, slots=True)
class FollowPage:
    """Who follows whom, latest first, as far as you may meet them."""

    items: tuple[Someone, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A friend request that waits for an answer: yours to who sent it, theirs to whom you asked."""

    id: int
    person: Someone
    reason: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class RequestList:
    """Friend requests that wait for an answer, latest first."""

    items: tuple[RequestLine, ...]


@dataclass(frozen=True, slots=True)
class FriendPage:
    """Your friends, latest first."""

    items: tuple[Someone, ...]
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
    asked = PeopleQuery(query.at_least, tuple(query.thing_ids), query.brand, query.friends_of_friends)
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


@operation(router, "GET", "/people/{person_id}/common", entry=Entry.READ, refuses=[PersonNotFound])
def list_common(call: Call, person_id: Id, query: Query[CommonQuery]) -> CommonList:
    """List what you have in common with a person."""
    viewer = get_viewer(call.actor.person_id)
    meet(viewer, person_id)
    return CommonList(thing_lines(things.things_in_common(viewer, person_id, limit=query.limit)))


@operation(router, "GET", "/people/{person_id}/followers", entry=Entry.READ, refuses=[PersonNotFound])
def list_followers(call: Call, person_id: Id, query: Query[PageQuery]) -> FollowPage:
    """List who follows a person."""
    viewer = get_viewer(call.actor.person_id)
    meet(viewer, person_id)
    return _follows(viewer, queries.list_followers(viewer, person_id, cursor=query.cursor, limit=query.limit))


@operation(router, "GET", "/people/{person_id}/followed", entry=Entry.READ, refuses=[PersonNotFound])
def list_followed(call: Call, person_id: Id, query: Query[PageQuery]) -> FollowPage:
    """List whom a person follows."""
    viewer = get_viewer(call.actor.person_id)
    meet(viewer, person_id)
    return _follows(viewer, queries.list_followed(viewer, person_id, cursor=query.cursor, limit=query.limit))


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
    return _requests(call, {one: one.sender_id for one in asked})


@operation(router, "GET", "/friend-requests/sent", entry=Entry.READ)
def list_sent_requests(call: Call) -> RequestList:
    """List your friend requests that wait for an answer."""
    asked = queries.list_requests_from(call.actor.person_id)
    return _requests(call, {one: one.receiver_id for one in asked})


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
def end_friend_request(call: Call, request_id: Id) -> None:
    """Do not agree to what you were asked, which is told to nobody; or take your own request back."""
    request = queries.get_request(call.actor.person_id, request_id)
    end = operations.withdraw_request if request.sender_id == call.actor.person_id else operations.decline_request
    end(actor=call.actor, request_id=request_id, now=call.now)


@operation(router, "GET", "/friends", entry=Entry.READ)
def list_friends(call: Call, query: Query[PageQuery]) -> FriendPage:
    """List your friends."""
    page = queries.list_friends(call.actor.person_id, cursor=query.cursor, limit=query.limit)
    persons = identity.persons_met(get_viewer(call.actor.person_id), {tied.person_id for tied in page.items})
    friends = tuple(someone(persons[tied.person_id]) for tied in page.items if tied.person_id in persons)
    return FriendPage(friends, page.next_cursor)


@operation(router, "DELETE", "/friends/{person_id}", entry=Entry.WRITE, status=204)
def end_friendship(call: Call, person_id: Id) -> None:
    """End a friendship; follows stay as they are."""
    operations.unfriend(actor=call.actor, person_id=person_id, now=call.now)


def _requests(call: Call, asked: Mapping[FriendRequest, int]) -> RequestList:
    """Requests with whom they are from or to. Cost: those of a viewer, and one query."""
    persons = identity.persons_met(get_viewer(call.actor.person_id), asked.values())
    return RequestList(
        tuple(
            RequestLine(one.id, someone(persons[other]), one.reason, one.asked_at)
            for one, other in asked.items()
            if other in persons
        )
    )


def _follows(viewer: Viewer, page: Page[Tied]) -> FollowPage:
    persons = identity.persons_met(viewer, [tied.person_id for tied in page.items])
    people = tuple(someone(persons[tied.person_id]) for tied in page.items if tied.person_id in persons)
    return FollowPage(people, page.next_cursor)
