"""People whom one knows, in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wuyou.domains.identity.types import Person
from wuyou.domains.social.types import FriendRequest, Tie
from wuyou.surfaces.storefront.viewmodels import people, ties
from wuyou.surfaces.ui import parts


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody whom one knows."""

    handle: str
    face: parts.Person
    level: int
    """How close, 0 to 3."""
    band: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A friend request that waits."""

    id: int
    handle: str
    face: parts.Person
    reason: str


def face(person: Person) -> parts.Person:
    """Their face, with the name that they go by."""
    return people.face(person, note=f"@{person.handle}")


def rows(
    ids: Sequence[int], persons: Mapping[int, Person], held: Mapping[int, Tie], notes: Mapping[int, str]
) -> tuple[Row, ...]:
    """People in the order of their ids, each with one's own note, else their name to sign in with."""
    return tuple(
        Row(
            persons[key].handle,
            people.face(persons[key], note=notes.get(key) or f"@{persons[key].handle}"),
            ties.level_of(held[key]) if key in held else 0,
            ties.band_of(held[key]) if key in held and ties.level_of(held[key]) else "",
        )
        for key in ids
        if key in persons
    )


def ask(asked: FriendRequest, person: Person) -> Ask:
    """A request with who is at its other end."""
    return Ask(asked.id, person.handle, face(person), asked.reason)
