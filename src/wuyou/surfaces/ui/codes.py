"""Addresses in other forms: as a code to photograph, and as words to paste where addresses are not let through."""

from __future__ import annotations

import io
import re
from typing import Final

import segno
from django.http import HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

_PHRASE: Final = re.compile(r"[¥￥]([A-Za-z0-9_-]{12})[¥￥]")
"""The token of a link between two signs of money, somewhere in a text."""


def phrase_of(token: str, title: str) -> str:
    """What to paste for a link (口令): whoever puts it into the search field follows the link."""
    return _("￥%(token)s￥ %(title)s: copy all of this and paste it into the search field of Wuyou.") % {
        "token": token,
        "title": title,
    }


def token_in(text: str) -> str:
    """The token that a pasted phrase brings; empty for none."""
    found = _PHRASE.search(text)
    return found[1] if found else ""


def draw_in_page(text: str) -> SafeString:
    """A QR code to stand in a page. What stands in it is drawn, not written: there is nothing to escape."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=6, border=4, light="#ffffff", xmldecl=False, svgns=False)
    return mark_safe(drawn.getvalue().decode())  # noqa: S308


def answer_with_code(text: str) -> HttpResponse:
    """A QR code as a picture of its own."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=8, border=2, light="#ffffff")
    return HttpResponse(
        drawn.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "private, max-age=300"}
    )
