"""Reading what an address or a form says."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.urls import register_converter

from wuyou.surfaces.ui import refusals as errors

MAX_ID = 2**63 - 1


class IdConverter:
    """A row's id in an address: a positive number that the database can hold."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "bigid")


def read_id(text: str) -> int:
    """A row's id, or another whole number that the database can hold, as a form sends it. Raises `FormMalformed`."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise errors.FormMalformed()
    return int(text)


def optional_id(request: HttpRequest, name: str) -> int | None:
    """A row's id in the query of an address; None when it is absent. Raises `FormMalformed`."""
    text = request.GET.get(name, "")
    return read_id(text) if text else None


def chosen_ids(sent: QueryDict, name: str, *, most: int = 1_000) -> list[int]:
    """Ids of rows that were ticked, each once, in their order. Raises `FormMalformed` for none or for what is none."""
    texts = list(dict.fromkeys(sent.getlist(name)))
    if not 0 < len(texts) <= most:
        raise errors.FormMalformed()
    return [read_id(text) for text in texts]
