"""Gifts without prices: offered, accepted, handed over, thanked for. Their two people alone know of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, operations, queries
from wuyou.domains.social.types import Gift, GiftDraft, GiftKind, GiftState
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations as things
from wuyou.infra.sight import get_viewer
from wuyou.kernel.paging import Page
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, TEXT, Draft, Id, PageQuery

router = Router(tags=["gifts"])

_MOVES = (errors.GiftNotFound, errors.GiftClosed)
_Words = Annotated[str, StringConstraints(max_length=500, pattern=TEXT)]


class GiftsQuery(PageQuery):
    """Which gifts."""

    state: GiftState | None = None
    """Where they stand; all when left out."""


class GiftOffer(Draft):
    """What you offer to whom. A copy of yours is a THING; nothing else is."""

    receiver_id: Id
    kind: Annotated[GiftKind, Field(strict=False)]
    what: Annotated[str, StringConstraints(max_length=120, pattern=ONE_LINE)] = ""
    """What it is, in a line; the thing's name when left out for a copy."""
    words: _Words = ""
    copy_id: Id | None = None
    in_return_for: Id | None = None
    """An earlier gift of theirs that this one answers; never needed."""


class GiftThanks(Draft):
    """What you say with your thanks."""

    words: _Words = ""


@dataclass(frozen=True, slots=True)
class GiftLine:
    """A gift; it has no price."""

    __pydantic_config__ = DOCUMENTED

    id: int
    giver: Someone
    receiver: Someone
    kind: GiftKind
    state: GiftState
    what: str
    words: str
    copy_id: int | None
    """The giver's copy; only the giver reads this."""
    in_return_for: int | None
    offered_at: datetime
    answered_at: datetime | None
    given_at: datetime | None
    is_thanked: bool


@dataclass(frozen=True, slots=True)
class GiftPage:
    """Gifts, latest first."""

    items: tuple[GiftLine, ...]
    next_cursor: int | None


@operation(router, "GET", "/gifts/received", entry=Entry.READ)
def list_received_gifts(call: Call, query: Query[GiftsQuery]) -> GiftPage:
    """List what you were offered and given."""
    states = (query.state,) if query.state else ()
    me = call.actor.person_id
    return _page(call, queries.list_gifts_to(me, states=states, cursor=query.cursor, limit=query.limit))


@operation(router, "GET", "/gifts/given", entry=Entry.READ)
def list_given_gifts(call: Call, query: Query[GiftsQuery]) -> GiftPage:
    """List what you offered and gave."""
    states = (query.state,) if query.state else ()
    me = call.actor.person_id
    return _page(call, queries.list_gifts_from(me, states=states, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "POST",
    "/gifts",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[
        PersonNotFound,
        errors.NotYourself,
        errors.UnblockFirst,
        errors.GiftMalformed,
        errors.GiftNotWanted,
        errors.GiftNeedsCopy,
        errors.CopyOffered,
        errors.TooManyGifts,
        errors.GiftNotFound,
        things_errors.HoldingNotFound,
        things_errors.MoveRefused,
    ],
)
def offer_gift(call: Call, body: GiftOffer) -> GiftLine:
    """Offer something to a person."""
    draft = GiftDraft(body.receiver_id, body.kind, body.what, body.words, in_return_for=body.in_return_for)
    if body.copy_id is None:
        gift = operations.offer_gift(actor=call.actor, draft=draft, now=call.now)
    elif body.kind is not GiftKind.THING:
        raise errors.GiftNeedsCopy()
    else:
        gift = things.offer_copy(actor=call.actor, holding_id=body.copy_id, draft=draft, now=call.now)
    return _page(call, Page((gift,), None)).items[0]


@operation(router, "GET", "/gifts/{gift_id}", entry=Entry.READ, refuses=[errors.GiftNotFound])
def show_gift(call: Call, gift_id: Id) -> GiftLine:
    """Show a gift that you give or get."""
    return _gift(call, gift_id)


@operation(router, "PUT", "/gifts/{gift_id}/acceptance", entry=Entry.WRITE, refuses=_MOVES)
def accept_gift(call: Call, gift_id: Id) -> GiftLine:
    """Take a gift that you were offered; the giver gives it then."""
    operations.accept_gift(actor=call.actor, gift_id=gift_id, now=call.now)
    return _gift(call, gift_id)


@operation(router, "DELETE", "/gifts/{gift_id}", entry=Entry.WRITE, status=204, refuses=_MOVES)
def end_gift(call: Call, gift_id: Id) -> None:
    """Decline what you were offered, or take your offer back, before it is given."""
    gift = queries.get_gift(call.actor.person_id, gift_id)
    end = operations.withdraw_gift if gift.giver_id == call.actor.person_id else operations.decline_gift
    end(actor=call.actor, gift_id=gift_id, now=call.now)


@operation(
    router,
    "PUT",
    "/gifts/{gift_id}/handover",
    entry=Entry.WRITE,
    refuses=[*_MOVES, things_errors.HoldingNotFound, things_errors.MoveRefused],
)
def give_gift(call: Call, gift_id: Id) -> GiftLine:
    """Say that you gave what was accepted; a copy changes hands with it."""
    if queries.get_gift(call.actor.person_id, gift_id).copy_id is not None:
        things.give_copy(actor=call.actor, gift_id=gift_id, now=call.now)
    else:
        operations.give_gift(actor=call.actor, gift_id=gift_id, now=call.now)
    return _gift(call, gift_id)


@operation(
    router,
    "PUT",
    "/gifts/{gift_id}/thanks",
    entry=Entry.WRITE,
    status=204,
    refuses=[*_MOVES, PersonNotFound, errors.UnblockFirst, errors.WordsMalformed, errors.TooManyThanks],
)
def thank_for_gift(call: Call, gift_id: Id, body: GiftThanks) -> None:
    """Thank for a gift that you were given; said again, your first thanks stand."""
    operations.thank_for_gift(actor=call.actor, gift_id=gift_id, words=body.words, now=call.now)


def _gift(call: Call, gift_id: int) -> GiftLine:
    lines = _page(call, Page((queries.get_gift(call.actor.person_id, gift_id),), None)).items
    if not lines:
        raise errors.GiftNotFound()
    return lines[0]


def _page(call: Call, page: Page[Gift]) -> GiftPage:
    """Gifts of the caller's. Cost: those of a viewer, and one query."""
    me = call.actor.person_id
    persons = identity.persons_met(
        get_viewer(me), {one for gift in page.items for one in (gift.giver_id, gift.receiver_id)}
    )
    return GiftPage(
        tuple(
            GiftLine(
                gift.id,
                someone(persons[gift.giver_id]),
                someone(persons[gift.receiver_id]),
                gift.kind,
                gift.state,
                gift.what,
                gift.words,
                gift.copy_id if gift.giver_id == me else None,
                gift.in_return_for,
                gift.offered_at,
                gift.answered_at,
                gift.given_at,
                gift.is_thanked,
            )
            for gift in page.items
            if {gift.giver_id, gift.receiver_id} <= persons.keys()
        ),
        page.next_cursor,
    )
