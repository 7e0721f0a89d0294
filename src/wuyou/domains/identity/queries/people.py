"""People, as everyone may read them."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.identity import errors, models, types
from wuyou.infra import db

_COLUMNS = ("id", "handle", "display_name", "avatar", "is_staff")


def get_person(user_id: int) -> types.Person:
    """One person. Raises `PersonNotFound`."""
    found = persons_by_id([user_id]).get(user_id)
    if found is None:
        raise errors.PersonNotFound()
    return found


def find_person(handle: str) -> types.Person | None:
    """The person with this handle, or None."""
    found = models.User.objects.filter(handle=handle, is_active=True).values_list(*_COLUMNS).first()
    return types.Person(*found) if found else None


def persons_by_handle(handles: Iterable[str]) -> dict[str, types.Person]:
    """Many people at once by the names that they sign in with; unknown ones are left out. Cost: one query."""
    found = models.User.objects.filter(handle__in=set(handles), is_active=True).values_list(*_COLUMNS)
    return {columns[1]: types.Person(*columns) for columns in found}


def persons_by_id(user_ids: Iterable[int]) -> dict[int, types.Person]:
    """Many people at once; unknown ids are left out. Cost: one query."""
    found = db.rows(
        f"SELECT {', '.join(_COLUMNS)} FROM identity_user WHERE id = ANY(%s)",  # noqa: S608  (columns of ours)
        [sorted(set(user_ids))],
    )
    return {columns[0]: types.Person(*columns) for columns in found}


def count_people() -> int:
    """How many people there are."""
    return models.User.objects.count()
