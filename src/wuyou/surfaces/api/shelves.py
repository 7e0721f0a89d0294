"""Shelves: copies that somebody put together, in an order, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import Shelf
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.api.copy_lines import CopyList, copy_list
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.lines import meet
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import ONE_LINE, Draft, Id, Ids, PageQuery

router = Router(tags=["copies"])


class ShelfDraft(Draft):
    """What a shelf is called."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE)]


class ShelfOrder(Draft):
    """Copies on a shelf, to have the places that they have among them in this order."""

    copy_ids: Ids


class ShelvesOrder(Draft):
    """Shelves, to have the places that they have among them in this order."""

    shelf_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class ShelfLine:
    """A shelf."""

    __pydantic_config__ = DOCUMENTED

    id: int
    name: str
    count: int
    """How many of its copies you see."""


@dataclass(frozen=True, slots=True)
class ShelfList:
    """Shelves in their order."""

    items: tuple[ShelfLine, ...]


@operation(router, "GET", "/shelves", entry=Entry.READ)
def list_own_shelves(call: Call) -> ShelfList:
    """List your shelves."""
    me = call.actor.person_id
    return _shelves(queries.list_shelves(make_viewer(me, within=me), me))


@operation(
    router,
    "GET",
    "/people/{person_id}/shelves",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[PersonNotFound],
)
def list_shelves_of_person(call: Call, person_id: Id) -> ShelfList:
    """List a person's shelves on which you see something."""
    viewer = get_viewer(call.actor.user_id)
    meet(viewer, person_id)
    return _shelves(queries.list_shelves(viewer, person_id))


@operation(router, "GET", "/shelves/{shelf_id}/copies", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT)
def list_copies_on_shelf(call: Call, shelf_id: Id, query: Query[PageQuery]) -> CopyList:
    """List the copies on a shelf in its order. A shelf that is not there looks like one with nothing to see."""
    viewer = get_viewer(call.actor.user_id)
    return copy_list(viewer, queries.list_shelf(viewer, shelf_id, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "POST",
    "/shelves",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.TextMalformed, errors.ShelfNameTaken, errors.TooMany],
)
def make_shelf(call: Call, body: ShelfDraft) -> ShelfLine:
    """Make a shelf after the others."""
    return _shelf(operations.make_shelf(actor=call.actor, name=body.name, now=call.now))


@operation(router, "PUT", "/shelves/order", entry=Entry.WRITE, status=204, refuses=[errors.ShelfNotFound])
def order_shelves(call: Call, body: ShelvesOrder) -> None:
    """Put shelves of yours in this order."""
    operations.order_shelves(actor=call.actor, shelf_ids=body.shelf_ids)


@operation(
    router,
    "PUT",
    "/shelves/{shelf_id}",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.ShelfNotFound, errors.TextMalformed, errors.ShelfNameTaken],
)
def rename_shelf(call: Call, shelf_id: Id, body: ShelfDraft) -> None:
    """Call a shelf of yours otherwise."""
    operations.rename_shelf(actor=call.actor, shelf_id=shelf_id, name=body.name, now=call.now)


@operation(
    router,
    "PUT",
    "/shelves/{shelf_id}/order",
    entry=Entry.WRITE,
    status=204,
    refuses=[errors.ShelfNotFound, errors.HoldingNotFound, errors.TooMany],
)
def order_shelf(call: Call, shelf_id: Id, body: ShelfOrder) -> None:
    """Put copies on a shelf of yours in this order."""
    operations.order_shelf(actor=call.actor, shelf_id=shelf_id, holding_ids=body.copy_ids)


@operation(router, "DELETE", "/shelves/{shelf_id}", entry=Entry.WRITE, status=204, refuses=[errors.ShelfNotFound])
def remove_shelf(call: Call, shelf_id: Id) -> None:
    """Take a shelf of yours down; its copies stay on record."""
    operations.remove_shelf(actor=call.actor, shelf_id=shelf_id)


def _shelf(shelf: Shelf) -> ShelfLine:
    return ShelfLine(shelf.id, shelf.name, shelf.count)


def _shelves(shelves: tuple[Shelf, ...]) -> ShelfList:
    return ShelfList(tuple(map(_shelf, shelves)))
