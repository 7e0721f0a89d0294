"""People, as everyone may read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from wuyou.domains.identity import errors, models, types
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer, is_blocked

PERSON_SQL = """
    p.id, p.handle, p.display_name, p.avatar, p.is_staff, p.erased_at IS NOT NULL,
    (SELECT level FROM identity_real_name_proof WHERE user_id = p.id)
"""
"""A person in SQL, of `identity_user p`, for `person_of`: who reads people together with what is theirs alone."""
_PEOPLE = f"SELECT {PERSON_SQL} FROM identity_user p"  # noqa: S608  (a literal of this module)


def get_person(user_id: int) -> types.Person:
    """One person. Raises `PersonNotFound`."""
    found = persons_by_id([user_id]).get(user_id)
    if found is None:
        raise errors.PersonNotFound()
    return found


def find_person(handle: str) -> types.Person | None:
    """The person with this handle, or None."""
    return persons_by_handle([handle]).get(handle)


def persons_by_handle(handles: Iterable[str]) -> dict[str, types.Person]:
    """Many people at once by the names that they sign in with; unknown ones are left out. Cost: one query."""
    found = db.rows(f"{_PEOPLE} WHERE p.handle = ANY(%s) AND p.is_active", [sorted(set(handles))])
    return {columns[1]: person_of(columns) for columns in found}


def persons_by_id(user_ids: Iterable[int]) -> dict[int, types.Person]:
    """Many people at once; unknown ids are left out. Cost: one query."""
    found = db.rows(f"{_PEOPLE} WHERE p.id = ANY(%s)", [sorted(set(user_ids))])
    return {columns[0]: person_of(columns) for columns in found}


def persons_met(viewer: Viewer, user_ids: Iterable[int]) -> dict[int, types.Person]:
    """Those of these people whom the viewer may meet: nobody across a block, nobody who is erased.

    Cost: one query; none for nobody.
    """
    wanted = set(user_ids)
    found = persons_by_id(wanted) if wanted else {}
    return {key: person for key, person in found.items() if not person.is_erased and not is_blocked(viewer, key)}


def names_met_by(person_id: int, others: Collection[int]) -> dict[int, str]:
    """Of these people those whom a person may meet, by what they are called: «林 @lin». Nobody across a block.

    Cost: one query, and those of a viewer.
    """
    if not others:
        return {}
    met = persons_met(get_viewer(person_id), others)
    return {key: f"{other.display_name} @{other.handle}" for key, other in met.items()}


def count_people() -> int:
    """How many people there are."""
    return models.User.objects.count()


def person_of(columns: Sequence[Any]) -> types.Person:
    """The person whom the columns of `PERSON_SQL` hold."""
    user_id, handle, name, avatar, is_staff, is_erased, level = columns
    return types.Person(
        user_id, handle, name, avatar, is_staff, is_erased, types.RealNameLevel(level) if level else None
    )
