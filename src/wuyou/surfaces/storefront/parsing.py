"""Reading what an address or a form says."""

from __future__ import annotations

from django.http import HttpRequest

from wuyou.surfaces.storefront import errors

MAX_ID = 2**63 - 1


class IdConverter:
    """A row's id in an address: a positive number that the database can hold."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def optional_id(request: HttpRequest, name: str) -> int | None:
    """A row's id in the query of an address; None when it is absent. Raises `FormMalformed`."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise errors.FormMalformed()
    return int(text)
