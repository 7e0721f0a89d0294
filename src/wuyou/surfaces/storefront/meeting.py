"""Meeting a person: the one way from an address to somebody whom the reader may know of."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import Face
from wuyou.kernel.sight import Viewer


def meet(viewer: Viewer, handle: str) -> Person:
    """The person of this name, as the viewer sees them; across a block, whoever made it, there is nobody.

    Raises: `PersonNotFound`. Cost: one query.
    """
    return meet_face(viewer, handle).person


def meet_face(viewer: Viewer, handle: str) -> Face:
    """The same with what they say of themselves. Raises `PersonNotFound`. Cost: one query."""
    face = social.find_face(viewer, handle)
    if face is None:
        raise PersonNotFound()
    return face


def meet_by_id(viewer: Viewer, person_id: int) -> Person:
    """The same by number. Raises `PersonNotFound`. Cost: one query."""
    person = persons_met(viewer, [person_id]).get(person_id)
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
    met = persons_met(viewer, ids)
    return [met[key] for key in ids if key in met]


def persons_seen(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, Person]:
    """People by the names and pictures that the viewer sees, also who is gone. Cost: one query; none for nobody."""
    return {key: face.person for key, face in social.faces_by_person(viewer, person_ids).items()}


def persons_met(viewer: Viewer, person_ids: Iterable[int]) -> dict[int, Person]:
    """The same of those whom the viewer may meet: nobody across a block, nobody who is erased."""
    return {key: face.person for key, face in social.faces_met(viewer, person_ids).items()}
