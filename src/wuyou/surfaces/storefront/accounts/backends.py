"""A password and any name that somebody signs in with: handle, confirmed e-mail address or confirmed number."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from wuyou.domains.identity import queries as identity


class ByAnyName(ModelBackend):
    """Django's own check after the name is resolved; a name of nobody costs one password hash as well."""

    def authenticate(  # type: ignore[override]  # the stubs know Django's own table of people only
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> AbstractBaseUser | None:
        """Whose name and password these are."""
        if username is None or password is None:
            return None
        handle = identity.find_handle_by_name(username) or username
        return super().authenticate(request, username=handle, password=password)
