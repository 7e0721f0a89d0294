"""Things: what one is, who has it, who knows it, and the one tap that says «I have it»."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from wuyou.domains.identity import queries as identity
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import HoldingState, ThingKind
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.copy_lines import CopyList, CopyPage, copy_list, copy_page
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.lines import Someone, ThingLine, someone, thing_lines
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, Id, PageQuery

router = Router(tags=["things"])


class MarkDraft(Draft):
    """How you stand to a thing."""

    state: Annotated[HoldingState, Field(strict=False, examples=["OWN"])]
    """OWN, WANT or HAD; lending and giving are said of a copy."""


@dataclass(frozen=True, slots=True)
class RatingsPage:
    """The stars that you may see, of each person the latest."""

    __pydantic_config__ = DOCUMENTED

    by_stars: tuple[int, int, int, int, int]
    """How many people gave one star, two, … five."""
    count: int
    mean: str | None
    """To one digit, as in `4.2`; null where nobody gave any."""


@dataclass(frozen=True, slots=True)
class ThingPage:
    """A thing with what is known of it, as far as you may see."""

    __pydantic_config__ = DOCUMENTED

    id: int
    """Of a thing that was merged into another, the other's."""
    kind: ThingKind
    name: str
    name_en: str
    brand: str
    """Who makes it: a brand, an author, a studio."""
    product_id: int | None
    """What is sold here of it."""
    variant_id: int | None
    above: tuple[ThingLine, ...]
    """What it is a form of, its family first."""
    below: tuple[ThingLine, ...]
    """Its forms or models, at most 48."""
    holder_count: int
    """How many people have it, as far as you see their copies."""
    wish_count: int
    ratings: RatingsPage


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """Somebody who was thanked for what they said of a thing."""

    __pydantic_config__ = DOCUMENTED

    person: Someone
    appreciator_count: int
    """How many people thanked them for what you see."""


@dataclass(frozen=True, slots=True)
class ExpertList:
    """Who knows a thing best, most thanked first."""

    items: tuple[ExpertLine, ...]


@operation(
    router, "GET", "/things/{thing_id}", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT, refuses=[errors.ThingNotFound]
)
def show_thing(call: Call, thing_id: Id) -> ThingPage:
    """Show a thing that you may know of: it is sold here, or somebody shows you a copy or a review of it."""
    viewer = get_viewer(call.actor.user_id)
    thing = queries.get_thing_for(viewer, thing_id)
    ratings = queries.ratings_of(viewer, thing.id)
    return ThingPage(
        thing.id,
        thing.kind,
        thing.name,
        thing.name_en,
        thing.brand,
        thing.product_id,
        thing.variant_id,
        thing_lines(queries.list_above(thing)),
        thing_lines(queries.list_below(viewer, thing.id)),
        queries.count_holders(viewer, thing.id),
        queries.count_holders(viewer, thing.id, states={HoldingState.WANT}),
        RatingsPage(ratings.by_stars, ratings.count, str(ratings.mean) if ratings.mean is not None else None),
    )


@operation(
    router,
    "GET",
    "/things/{thing_id}/copies",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ThingNotFound],
)
def list_copies_of_thing(call: Call, thing_id: Id, query: Query[PageQuery]) -> CopyList:
    """List the copies of a thing, and of its forms, whose owners show them to you, newest first."""
    viewer = get_viewer(call.actor.user_id)
    thing = queries.get_thing_for(viewer, thing_id)
    return copy_list(viewer, queries.list_holders(viewer, thing.id, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "GET",
    "/things/{thing_id}/experts",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ThingNotFound],
)
def list_experts(call: Call, thing_id: Id) -> ExpertList:
    """List who was thanked by most people for what they said of a thing."""
    viewer = get_viewer(call.actor.user_id)
    thing = queries.get_thing_for(viewer, thing_id)
    experts = queries.list_experts(viewer, thing.id)
    persons = identity.persons_met(viewer, {expert.person_id for expert in experts})
    return ExpertList(
        tuple(
            ExpertLine(someone(persons[expert.person_id]), expert.appreciator_count)
            for expert in experts
            if expert.person_id in persons
        )
    )


@operation(
    router, "PUT", "/things/{thing_id}/mark", entry=Entry.WRITE, refuses=[errors.ThingNotFound, errors.MoveRefused]
)
def mark_thing(call: Call, thing_id: Id, body: MarkDraft) -> CopyPage:
    """Say that you have, want or had a thing. Your latest copy of it moves there, or there is a new one, private."""
    holding_id = operations.mark_thing(actor=call.actor, thing_id=thing_id, state=body.state, now=call.now)
    viewer = get_viewer(call.actor.person_id)
    return copy_page(viewer, queries.get_holding_for(viewer, holding_id))
