"""Copies: looked at by whoever may see them; put on record, said of, moved, opened and taken off by their owners."""

from __future__ import annotations

from typing import Annotated, Self

from ninja import Query, Router
from pydantic import Field, StringConstraints, model_validator

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import Condition, HoldingDraft, HoldingState, ThingKind, Words
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.api import audiences
from wuyou.surfaces.api.audiences import RuleDraft, rule_from
from wuyou.surfaces.api.copy_lines import CopyList, CopyPage, copy_list, copy_page
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.lines import meet
from wuyou.surfaces.api.scalars import ONE_LINE, TEXT, Day, Draft, Id, Ids, PageQuery

router = Router(tags=["copies"])

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
_Label = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=ONE_LINE)]
_State = Annotated[HoldingState, Field(strict=False)]
_WORDS = (errors.TextMalformed, errors.FieldsMalformed, errors.RatingOutOfRange, *SCREENED)
_MANY = (errors.HoldingNotFound, errors.TooMany)


class CopiesQuery(PageQuery):
    """Which of a person's copies."""

    state: HoldingState | None = None
    """How they stand; all when left out."""


class OwnCopiesQuery(CopiesQuery):
    """Which of your copies."""

    label: Annotated[str, StringConstraints(max_length=30, pattern=ONE_LINE)] = ""
    """With this label of yours on them."""


class FieldDraft(Draft):
    """Something that you like to note."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=ONE_LINE)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]


class WordsDraft(Draft):
    """What is true of a copy; it replaces what was said."""

    condition: Annotated[Condition, Field(strict=False)] = Condition.UNSAID
    since_on: Day | None = None
    story: Annotated[str, StringConstraints(max_length=5_000, pattern=TEXT)] = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    fields: Annotated[list[FieldDraft], Field(max_length=20)] = []
    """Of different names, in their order."""

    def words(self) -> Words:
        """As the domain takes them."""
        return Words(
            self.condition,
            self.since_on,
            self.story,
            self.rating,
            tuple((field.name, field.text) for field in self.fields),
        )


class NewThing(Draft):
    """A thing that nobody has put here yet."""

    name: _Name
    brand: Annotated[str, StringConstraints(max_length=200, pattern=ONE_LINE)] = ""
    """Who makes it: a brand, an author, a studio."""


class CopyDraft(Draft):
    """A copy to put on record: of a thing, of what is sold here, or of something new."""

    thing_id: Id | None = None
    variant_id: Id | None = None
    new_thing: NewThing | None = None
    state: _State = HoldingState.OWN
    words: WordsDraft = WordsDraft()
    audience: RuleDraft = RuleDraft()
    """To whom it is open; you alone when left out."""
    labels: Annotated[list[_Label], Field(max_length=20)] = []
    """Only you see them."""
    shelf_id: Id | None = None

    @model_validator(mode="after")
    def _is_of_one_thing(self) -> Self:
        if [self.thing_id, self.variant_id, self.new_thing].count(None) != 2:
            raise ValueError("give one of thing_id, variant_id and new_thing")
        return self


class MoveDraft(Draft):
    """How a copy stands from now on."""

    state: _State
    person_id: Id | None = None
    """To whom it went or from whom it came, if anybody is to be named."""


class AudienceChange(Draft):
    """To whom copies are open from now on."""

    copy_ids: Ids
    audience: RuleDraft


class StateChange(Draft):
    """How copies stand from now on."""

    copy_ids: Ids
    state: _State


class LabelChange(Draft):
    """Labels to put on copies, and to take off."""

    copy_ids: Ids
    add: Annotated[list[_Label], Field(max_length=20)] = []
    remove: Annotated[list[_Label], Field(max_length=20)] = []


class ShelfChange(Draft):
    """Where copies stand from now on, in this order after what is there."""

    copy_ids: Ids
    shelf_id: Id | None
    """Null is on no shelf."""


@operation(router, "GET", "/copies", entry=Entry.READ)
def list_own_copies(call: Call, query: Query[OwnCopiesQuery]) -> CopyList:
    """List your copies, newest first."""
    me = call.actor.person_id
    viewer = make_viewer(me, within=me)  # to oneself everything of one's own is open
    states = (query.state,) if query.state else ()
    found = queries.list_holdings_of(
        viewer, me, states=states, label=query.label, cursor=query.cursor, limit=query.limit
    )
    return copy_list(viewer, found)


@operation(
    router,
    "POST",
    "/copies",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[
        *_WORDS,
        *audiences.REFUSALS,
        catalog_errors.VariantNotFound,
        errors.ShelfNotFound,
        errors.TooMany,
    ],
)
def add_copy(call: Call, body: CopyDraft) -> CopyPage:
    """Put a copy on record, or a wish for one."""
    words = body.words.words()
    draft = HoldingDraft(
        _thing_of(call, body),
        body.state,
        condition=words.condition,
        since_on=words.since_on,
        story=words.story,
        rating=words.rating,
        fields=words.fields,
        audience=rule_from(body.audience),
    )
    holding = operations.add_holding(actor=call.actor, draft=draft, now=call.now)
    if body.labels:
        operations.label_holdings(actor=call.actor, holding_ids=[holding.id], add=body.labels)
    if body.shelf_id is not None:
        operations.put_on_shelf(actor=call.actor, holding_ids=[holding.id], shelf_id=body.shelf_id)
    return _own_page(call, holding.id)


@operation(
    router, "PUT", "/copies/audience", entry=Entry.WRITE, status=204, refuses=[*_MANY, *audiences.REFUSALS, *SCREENED]
)
def set_audience(call: Call, body: AudienceChange) -> None:
    """Open copies of yours to whom the rule names, and to nobody else; all of them or none."""
    rule = rule_from(body.audience)
    operations.set_audience(actor=call.actor, holding_ids=body.copy_ids, rule=rule, now=call.now)


@operation(router, "PUT", "/copies/state", entry=Entry.WRITE, status=204, refuses=[*_MANY, errors.MoveRefused])
def move_copies(call: Call, body: StateChange) -> None:
    """Say that copies of yours stand so from now on; all of them or none."""
    operations.move_holdings(actor=call.actor, holding_ids=body.copy_ids, to=body.state, now=call.now)


@operation(router, "PUT", "/copies/labels", entry=Entry.WRITE, status=204, refuses=[*_MANY, errors.TextMalformed])
def label_copies(call: Call, body: LabelChange) -> None:
    """Put labels on copies of yours, and take others off; all of them or none."""
    operations.label_holdings(actor=call.actor, holding_ids=body.copy_ids, add=body.add, remove=body.remove)


@operation(router, "PUT", "/copies/shelf", entry=Entry.WRITE, status=204, refuses=[*_MANY, errors.ShelfNotFound])
def put_on_shelf(call: Call, body: ShelfChange) -> None:
    """Put copies of yours at the end of a shelf, or on none; all of them or none."""
    operations.put_on_shelf(actor=call.actor, holding_ids=body.copy_ids, shelf_id=body.shelf_id)


@operation(
    router, "GET", "/copies/{copy_id}", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT, refuses=[errors.HoldingNotFound]
)
def show_copy(call: Call, copy_id: Id) -> CopyPage:
    """Show a copy, to whoever may see it."""
    viewer = get_viewer(call.actor.user_id)
    return copy_page(viewer, queries.get_holding_for(viewer, copy_id))


@operation(
    router,
    "GET",
    "/people/{person_id}/copies",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[PersonNotFound],
)
def list_copies_of_person(call: Call, person_id: Id, query: Query[CopiesQuery]) -> CopyList:
    """List what a person has opened to you, newest first."""
    viewer = get_viewer(call.actor.user_id)
    meet(viewer, person_id)
    states = (query.state,) if query.state else ()
    found = queries.list_holdings_of(viewer, person_id, states=states, cursor=query.cursor, limit=query.limit)
    return copy_list(viewer, found)


@operation(router, "PUT", "/copies/{copy_id}/words", entry=Entry.WRITE, refuses=[errors.HoldingNotFound, *_WORDS])
def describe_copy(call: Call, copy_id: Id, body: WordsDraft) -> CopyPage:
    """Say of a copy of yours what is true now."""
    operations.describe_holding(actor=call.actor, holding_id=copy_id, words=body.words(), now=call.now)
    return _own_page(call, copy_id)


@operation(
    router,
    "POST",
    "/copies/{copy_id}/moves",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.HoldingNotFound, errors.MoveRefused, PersonNotFound],
)
def move_copy(call: Call, copy_id: Id, body: MoveDraft) -> CopyPage:
    """Say that a copy of yours stands otherwise from now on; a line of its history says so."""
    if body.person_id is not None:
        meet(get_viewer(call.actor.person_id), body.person_id)
    operations.move_holding(actor=call.actor, holding_id=copy_id, to=body.state, other_id=body.person_id, now=call.now)
    return _own_page(call, copy_id)


@operation(router, "DELETE", "/copies/{copy_id}", entry=Entry.WRITE, status=204, refuses=[errors.HoldingNotFound])
def remove_copy(call: Call, copy_id: Id) -> None:
    """Take a copy of yours off the record, with its history and photos."""
    operations.remove_holdings(actor=call.actor, holding_ids=[copy_id], now=call.now)


def _thing_of(call: Call, body: CopyDraft) -> int:
    if body.thing_id is not None:
        return queries.get_thing_for(get_viewer(call.actor.person_id), body.thing_id).id
    if body.variant_id is not None:
        return operations.ensure_variants(variant_ids=[body.variant_id], now=call.now)[body.variant_id].id
    assert body.new_thing is not None  # noqa: S101  (the draft is of one of the three)
    return operations.add_thing(
        kind=ThingKind.MODEL, name=body.new_thing.name, brand=body.new_thing.brand, now=call.now
    ).id


def _own_page(call: Call, holding_id: int) -> CopyPage:
    viewer = get_viewer(call.actor.person_id)
    return copy_page(viewer, queries.get_holding_for(viewer, holding_id))
