"""A channel on another site: a frame, a script that puts it there, and a feed. Whoever looks is a stranger.

These addresses read no session and set no cookie; what they answer may be kept anywhere and is asked for again each
time, so what is closed is gone with the next question.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.channels import queries
from wuyou.domains.channels.types import MOST
from wuyou.kernel import tokens
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces import ui
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channel_feed, channels
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import pictures
from wuyou.surfaces.ui.context import THEMES
from wuyou.surfaces.ui.parsing import optional_id

EMBEDDED, FEED_PAGE = 12, 20
_STRANGER = make_viewer(None)
_CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors *"
)
_MEDIA_TYPE = "application/feed+json; charset=utf-8"

View = Callable[..., HttpResponse]


def in_chosen_language(view: View) -> View:
    """Answer in the language that the address names; else in the one that the browser asks for."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.GET.get("lang", "")
        if chosen not in dict(settings.LANGUAGES):
            return view(request, *args, **kwargs)
        with translation.override(chosen):
            return view(request, *args, **kwargs)

    return wrapped


@require_safe
@in_chosen_language
def show_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """A channel made to stand in a frame of another site. Raises `ChannelNotFound`."""
    channel, now = queries.get_open(slug), utc_now()
    page = queries.list_posts(_STRANGER, channel, now=now, limit=EMBEDDED)
    posts = channels.posts_of(_STRANGER, page.items)
    theme, address = request.GET.get("theme", ""), channels.href_of(channel)
    context = {
        "name": words.name_of(channel),
        "about": words.about_of(channel),
        "picture": pictures.shipped(channel.text.picture),
        "href": address,
        "cards": [shown.card for shown in channels.shown_of(_STRANGER, posts, page.items)],
        # A post that is opened from here leads back to the channel.
        "from": urlencode({"from": address}),
        "theme": theme if theme in THEMES else "auto",
        "language": translation.get_language(),
    }
    response = _revalidated(request, render_to_string("storefront/embed.html", context), "text/html; charset=utf-8")
    response["Content-Security-Policy"] = _CONTENT_POLICY
    return response


@require_http_methods(["GET", "HEAD", "OPTIONS"])
@in_chosen_language
def show_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """A channel as JSON Feed 1.1, for programs of any site. Raises `ChannelNotFound`."""
    if request.method == "OPTIONS":
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = "GET, HEAD"
        response["Access-Control-Allow-Headers"] = "If-None-Match"
        response["Access-Control-Max-Age"] = "86400"
        return _open_to_all(response)
    channel, now = queries.get_open(slug), utc_now()
    offset = min(optional_id(request, "after") or 0, 2 * MOST)
    page = queries.list_posts(_STRANGER, channel, now=now, offset=offset, limit=FEED_PAGE)
    feed = channel_feed.feed_of(
        request.build_absolute_uri,
        channel,
        channels.posts_of(_STRANGER, page.items),
        now=now,
        offset=offset,
        next_offset=page.next_cursor,
        language=request.GET.get("lang", ""),
    )
    body = json.dumps(feed, ensure_ascii=False, separators=(",", ":"))
    return _open_to_all(_revalidated(request, body, _MEDIA_TYPE))


@require_safe
def show_widget(request: HttpRequest) -> HttpResponse:
    """The script that puts a channel into a page of another site."""
    return _revalidated(request, _widget(), "text/javascript; charset=utf-8")


@require_safe
def show_code(request: HttpRequest, slug: str) -> HttpResponse:
    """What to copy to have a channel on one's own site. Raises `ChannelNotFound`."""
    channel = queries.get_open(slug)
    embed = reverse("storefront:channel-embed", args=[slug])
    context: dict[str, object] = {
        "name": words.name_of(channel),
        "slug": slug,
        "back_href": channels.href_of(channel),
        "embed_href": embed,
        "embed_url": request.build_absolute_uri(embed),
        "widget_url": request.build_absolute_uri(reverse("storefront:channel-widget")),
        "feed_url": request.build_absolute_uri(reverse("storefront:channel-feed", args=[slug])),
        "frame_title": _("%(channel)s on Wuyou") % {"channel": words.name_of(channel)},
    }
    return show(request, "channel_code.html", context, place="home")


def _revalidated(request: HttpRequest, body: str, media_type: str) -> HttpResponse:
    """An answer that is the same for everybody: kept wherever one likes, and never shown without asking again."""
    tag = f'"{tokens.digest(body)[:24]}"'
    known = {each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")}
    response = HttpResponseNotModified() if tag in known else HttpResponse(body, content_type=media_type)
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache"
    return response


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag"
    return response


@cache
def _widget() -> str:
    return (Path(ui.__file__).parent / "static" / "ui" / "dist" / "widget.js").read_text()
