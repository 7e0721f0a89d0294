"""The page of one copy: what it looks like, what its owner says of it, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.identity.types import Person
from wuyou.domains.things.types import Cause, Condition, Holding, HoldingState, Photo, Provenance, Shelf
from wuyou.kernel.sight import AudienceRule
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import copies, covers, people
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.parts import AudienceChip, Chip, Fact


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a copy's history."""

    text: str
    icon: str
    at: datetime
    other: parts.Person | None


@dataclass(frozen=True, slots=True)
class CopyPage:
    """A copy, for one viewer."""

    id: int
    thing_id: int
    title: str
    brand: str
    owner: parts.Person
    is_own: bool
    photos: tuple[Cover, ...]
    cover: Cover
    """What stands for it where there is no photo."""
    state: Chip
    rating: int
    story: str
    facts: tuple[Fact, ...]
    labels: tuple[str, ...]
    """For its owner alone."""
    audience: AudienceChip | None
    """For its owner alone."""
    history: tuple[Line, ...]
    """For its owner alone."""
    same: tuple[parts.Person, ...]
    """Others who have the same, as far as the viewer may see."""


def copy_page(
    holding: Holding,
    *,
    is_own: bool,
    owner: Person,
    photos: Sequence[Photo],
    cover: Cover,
    rule: AudienceRule | None,
    labels: Mapping[int, str],
    history: Sequence[Provenance],
    persons: Mapping[int, Person],
    same: Sequence[Person],
    shelf: Shelf | None,
) -> CopyPage:
    """A copy as its page shows it. Args: persons: whom the history names, as far as they are to be named."""
    title = covers.name_of(holding.thing)
    text, icon = copies.STATES[holding.state]
    return CopyPage(
        holding.id,
        holding.thing.id,
        title,
        holding.thing.brand,
        people.face(owner),
        is_own,
        tuple(covers.of_photo(photo, title) for photo in photos),
        cover,
        Chip(str(text), icon=icon),
        holding.rating or 0,
        holding.story,
        tuple(_facts(holding, shelf)),
        holding.labels if is_own else (),
        audience.chip_of(rule, labels) if rule is not None else None,
        tuple(_line(line, persons) for line in history),
        tuple(people.face(person) for person in same),
    )


def _facts(holding: Holding, shelf: Shelf | None) -> list[Fact]:
    facts = []
    if holding.condition is not Condition.UNSAID:
        facts.append(Fact(_("Condition"), str(copies.CONDITIONS[holding.condition])))
    if holding.since_on is not None:
        label = _("Wished for since") if holding.state is HoldingState.WANT else _("Since")
        facts.append(Fact(label, holding.since_on))
    facts.append(Fact(_("Came here"), str(copies.SOURCES[holding.source])))
    if shelf is not None:
        facts.append(Fact(_("Shelf"), parts.Link(shelf.name, f"{reverse('storefront:my-things')}?shelf={shelf.id}")))
    return facts + [Fact(name, text) for name, text in holding.fields]


def _line(line: Provenance, persons: Mapping[int, Person]) -> Line:
    other = persons.get(line.other_id) if line.other_id is not None else None
    return Line(
        _sentence(line),
        "truck-delivery" if line.cause is Cause.ARRIVED else str(copies.STATES[line.state][1]),
        line.happened_at,
        people.face(other) if other else None,
    )


def _sentence(line: Provenance) -> str:
    if line.cause is Cause.ARRIVED:
        return _("Arrived from an order")
    if line.cause is Cause.RETURNED:
        return _("Sent back, and refunded")
    if line.cause is Cause.IMPORTED:
        return _("Brought from another place")
    if line.cause is Cause.ADDED:
        if line.state is HoldingState.WANT:
            return _("Wished for")
        return _("Came as a gift") if line.other_id is not None else _("Put here")
    return {
        HoldingState.OWN: _("At home"),
        HoldingState.WANT: _("Wished for again"),
        HoldingState.LENT: _("Lent"),
        HoldingState.HAD: _("No longer there"),
        HoldingState.GIVEN: _("Given away"),
    }[line.state]
