"""Reading what an address or a form says."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

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


def chosen_ids(sent: QueryDict, name: str, *, most: int = 1_000) -> list[int]:
    """Ids of rows that were ticked, each once, in their order. Raises `FormMalformed` for none or for what is none."""
    texts = list(dict.fromkeys(sent.getlist(name)))
    if not 0 < len(texts) <= most or not all(text.isascii() and text.isdecimal() and len(text) <= 18 for text in texts):
        raise errors.FormMalformed()
    return [int(text) for text in texts]
