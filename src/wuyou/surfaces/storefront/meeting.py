"""Meeting a person: the one way from an address to somebody whom the reader may know of."""

from __future__ import annotations

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.kernel.sight import Viewer, is_blocked


def meet(viewer: Viewer, handle: str) -> Person:
    """The person of this name; across a block, whoever made it, there is nobody.

    Raises: `PersonNotFound`. Cost: one query.
    """
    person = identity.find_person(handle)
    if person is None or is_blocked(viewer, person.id):
        raise PersonNotFound()
    return person


def meet_by_id(viewer: Viewer, person_id: int) -> Person:
    """The same by number. Raises `PersonNotFound`. Cost: one query."""
    person = identity.persons_by_id([person_id]).get(person_id)
    if person is None or person.is_erased or is_blocked(viewer, person_id):
        raise PersonNotFound()
    return person


def persons_met(viewer: Viewer, person_ids: set[int]) -> dict[int, Person]:
    """Those of these people whom the viewer may meet, with their faces. Cost: one query; none for nobody."""
    found = identity.persons_by_id(person_ids) if person_ids else {}
    return {key: person for key, person in found.items() if not person.is_erased and not is_blocked(viewer, key)}
