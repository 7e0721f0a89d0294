"""Where pages hear what is new: the stream program, or, without it, by asking now and then."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from wuyou.surfaces.ui.hrefs import href


@dataclass(frozen=True, slots=True)
class Live:
    """Addresses for `frontend/live.ts` and `push.ts`; an empty stream means that the page asks."""

    stream: str
    counts: str
    push: str
    """Where a browser says that it takes pushes."""
    here: str
    """Where a page says that somebody reads it."""


def of(request: HttpRequest) -> Live:
    """What a page of somebody who is signed in listens to."""
    origin = origin_of(request)
    return Live(
        f"{origin}/stream" if origin else "",
        href("storefront:talk-counts"),
        href("storefront:subscribe-push"),
        href("storefront:say-here"),
    )


def origin_of(request: HttpRequest) -> str:
    """The origin of streams: the one that was set, else the stream port on the host of the page; empty for none."""
    return _origin(request, settings.STREAM_URL, settings.STREAM_PORT)


def beacon_of(request: HttpRequest) -> str:
    """The origin that takes events of behaviour, found in the same way; empty for none."""
    return _origin(request, settings.BEACON_URL, settings.BEACON_PORT)


def _origin(request: HttpRequest, url: str, port: int) -> str:
    if url or not port:
        return url
    try:
        host = urlsplit(f"//{request.get_host()}").hostname or ""
    except (DisallowedHost, ValueError):
        return ""
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
