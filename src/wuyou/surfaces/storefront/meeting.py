"""Meeting a person: the one way from an address to somebody whom the reader may know of."""

from __future__ import annotations

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
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
    person = identity.persons_met(viewer, [person_id]).get(person_id)
    if person is None:
        raise PersonNotFound()
    return person


def meet_named(viewer: Viewer, text: str) -> Person:
    """The same by the name that somebody typed. Raises `PersonNotFound`. Cost: one query."""
    return meet(viewer, handle_in(text))


def handle_in(text: str) -> str:
    """The name to sign in with that somebody typed, with or without an @ before it."""
    return text.strip().lower().replace("＠", "@").removeprefix("@")


def friends_met(viewer: Viewer, limit: int) -> list[Person]:
    """Some friends of the viewer, latest first. Cost: two queries."""
    ids = [tied.person_id for tied in social.list_friends(viewer.person_id or 0, limit=limit).items]
    met = identity.persons_met(viewer, ids)
    return [met[key] for key in ids if key in met]
