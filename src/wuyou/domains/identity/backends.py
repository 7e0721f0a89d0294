"""Who is signed in, as Django asks for them at every page."""

from __future__ import annotations

from functools import cache

from django.contrib.auth.backends import ModelBackend

from wuyou.domains.identity.models import User
from wuyou.infra import db


class PersonBackend(ModelBackend):
    """Django's, but that the row of who is signed in is read in plain SQL."""

    def get_user(self, user_id: int) -> User | None:
        """The account; None where there is none that may sign in."""
        sql, names = _one_user()
        found = db.row(sql, [user_id])
        if found is None:
            return None
        user = User.from_db("default", names, found)
        return user if self.user_can_authenticate(user) else None


@cache
def _one_user() -> tuple[str, tuple[str, ...]]:
    names = tuple(field.attname for field in User._meta.concrete_fields)
    return f"SELECT {', '.join(names)} FROM {User._meta.db_table} WHERE id = %s", names  # noqa: S608  (our columns)
