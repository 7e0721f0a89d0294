"""Channels: all of them, and the posts of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.channels import policies, queries
from wuyou.domains.channels.types import MOST
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channels, post_cards
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import pictures
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty

PAGE_SIZE = 24


@require_safe
def show_channels(request: HttpRequest) -> HttpResponse:
    """Every channel that is open, with what its reader would find first."""
    viewer = get_viewer(viewer_id(request))
    context: dict[str, object] = {
        "tiles": channels.tiles_of(viewer, queries.list_open(), utc_now()),
        "empty": Empty(_("No channels yet"), _("As soon as our editors open one, it is here."), "books"),
    }
    return show(request, "channels.html", context, place="home")


@require_safe
def show_channel(request: HttpRequest, slug: str) -> HttpResponse:
    """The posts of a channel as far as the reader sees them; `after` goes on. Raises `ChannelNotFound`."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    open_channels = queries.list_open()
    channel = next((one for one in open_channels if one.slug == slug), None) or queries.get_open(slug)
    offset = min(optional_id(request, "after") or 0, 2 * MOST)
    page = queries.list_posts(viewer, channel, now=now, offset=offset, limit=PAGE_SIZE)
    posts = channels.posts_of(viewer, page.items)
    context: dict[str, object] = {
        "channel": channel,
        "name": words.name_of(channel),
        "about": words.about_of(channel),
        "picture": pictures.shipped(channel.text.picture),
        "edit_href": reverse("staff:channel", args=[channel.id]) if _may_edit(request) else "",
        "covers": channels.covers_of(posts) if not offset else (),
        "channel_tabs": channels.tabs_of(open_channels, slug),
        "shown": channels.shown_of(viewer, posts, page.items),
        "next_href": post_cards.more_href(channels.href_of(channel), page.next_cursor),
        "empty": Empty(
            _("Nothing here yet"),
            _("What belongs here and is open to you is shown as soon as it is published."),
            "tent",
            Action(_("All channels"), reverse("storefront:channels"), "secondary", "layout-grid"),
        ),
    }
    return show(request, "channel.html", context, place="home")


def _may_edit(request: HttpRequest) -> bool:
    """Whether the reader is an editor. Cost: one query for who is signed in and not staff."""
    return request.user.is_authenticated and policies.may_edit(actor_of(request))
