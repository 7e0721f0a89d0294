"""People and things as every list of the API says them, and whom the caller may meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.things.types import Thing
from wuyou.kernel.sight import Viewer


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as others see them."""

    id: int
    handle: str
    display_name: str
    avatar: str


@dataclass(frozen=True, slots=True)
class ThingLine:
    """A thing by name."""

    id: int
    name: str
    name_en: str
    brand: str


def meet(viewer: Viewer, person_id: int) -> Person:
    """A person whom the viewer may meet. Raises `PersonNotFound` for everyone else. Cost: one query."""
    person = identity.persons_met(viewer, [person_id]).get(person_id)
    if person is None:
        raise PersonNotFound()
    return person


def someone(person: Person) -> Someone:
    """A person as the API says them."""
    return Someone(person.id, person.handle, person.display_name, person.avatar)


def thing_line(thing: Thing) -> ThingLine:
    """A thing as the API says it in a line."""
    return ThingLine(thing.id, thing.name, thing.name_en, thing.brand)


def thing_lines(listed: Iterable[Thing]) -> tuple[ThingLine, ...]:
    """Things as the API says them in lines."""
    return tuple(map(thing_line, listed))
