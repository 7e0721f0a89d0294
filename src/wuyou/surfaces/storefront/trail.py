"""The way of a reader who buys: by whose link they came, and to which line of which page they go back.

Both stand in every address between the tap and the cashier, so they outlive signing in and up, and an address that is
opened in another browser or app (S4-39). From there on the order remembers where its buyer came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy

from wuyou.surfaces.ui import parts

VIA, FROM = "via", "from"
_MAX_PATH: Final = 200
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,32}")
_FRAGMENT = re.compile(r"[a-z]+[-=]?[0-9]{1,20}")
_PLACES: Mapping[str, object] = {
    "storefront:post": gettext_lazy("Back to the post"),
    "storefront:conversation": gettext_lazy("Back to the conversation"),
    "storefront:channel": gettext_lazy("Back to the channel"),
    "storefront:selection": gettext_lazy("Back to the list"),
}
"""Pages from which one is led to a purchase, and what leading back to them is called."""


@dataclass(frozen=True, slots=True)
class Trail:
    """How somebody came here; empty where nothing is known."""

    via: str = ""
    """The token of the link."""
    back: str = ""
    """A path of this site, with the line, or the second of its film, in its fragment."""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What forms send along."""
        return tuple((name, value) for name, value in ((VIA, self.via), (FROM, self.back)) if value)

    @property
    def tail(self) -> str:
        """What follows the parameters of an address."""
        return f"&{urlencode(self.fields)}" if self.fields else ""

    @property
    def link(self) -> parts.Link | None:
        """The way back, where there is one."""
        return link_to(self.back)

    def on(self, address: str) -> str:
        """An address of ours that keeps to this way."""
        if not self.fields or not address:
            return address
        return f"{address}{'&' if '?' in address else '?'}{urlencode(self.fields)}"

    def on_row(self, team: parts.TeamRow) -> parts.TeamRow:
        """A team in a list, whose links keep to this way."""
        return replace(team, href=self.on(team.href), join_href=self.on(team.join_href))


def of(request: HttpRequest) -> Trail:
    """The way that a request says it came; what is not clearly right is left out."""
    said = request.POST if request.method == "POST" else request.GET
    via = said.get(VIA, "")
    return Trail(via if _TOKEN.fullmatch(via) else "", clean(said.get(FROM, "")))


def clean(path: str) -> str:
    """A path as it was said, if it leads to a page of ours from which one is led to a purchase; else nothing."""
    page, _, fragment = path.partition("#")
    if len(path) > _MAX_PATH or (fragment and not _FRAGMENT.fullmatch(fragment)):
        return ""
    try:
        return path if resolve(page).view_name in _PLACES else ""
    except Resolver404:
        return ""


def link_to(path: str) -> parts.Link | None:
    """The way back to a path that was cleaned before; None for none, and for one that is no page any more."""
    if not clean(path):
        return None
    return parts.Link(str(_PLACES[resolve(path.partition("#")[0]).view_name]), path)
