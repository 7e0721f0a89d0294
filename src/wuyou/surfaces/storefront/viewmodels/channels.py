"""Channels as pages show them: tabs under the search, tiles with what is in them, and the cards of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import resolve
from django.utils.translation import gettext as _

from wuyou.domains.channels import queries
from wuyou.domains.channels.types import Channel, HandKind, Placed, Placement
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.domains.things import queries as things
from wuyou.kernel.sight import Viewer, make_viewer
from wuyou.surfaces.storefront.trail import Trail
from wuyou.surfaces.storefront.viewmodels import covers, post_cards
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.storefront.viewmodels.post_cards import PostCard
from wuyou.surfaces.ui import channels as words
from wuyou.surfaces.ui import pictures
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.texts import listed

_COVERS = 3
_STRANGER = make_viewer(None)


@dataclass(frozen=True, slots=True)
class ChannelTab:
    """A channel in the strip under the search."""

    id: int
    name: str
    href: str
    picture: str
    """Of the shipped ones; empty for none."""
    is_current: bool


@dataclass(frozen=True, slots=True)
class ChannelTile:
    """A channel among the others, with pictures of what its reader would find first."""

    id: int
    slug: str
    name: str
    about: str
    href: str
    picture: str
    covers: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A post in a channel."""

    card: PostCard
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class PlacedIn:
    """That one's post is in a channel, and why."""

    name: str
    href: str
    reasons: tuple[str, ...]
    quality: int
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """The channel from which a post was opened."""

    id: int
    name: str
    href: str


def href_of(channel: Channel) -> str:
    """The page of a channel."""
    return href("storefront:channel", channel.slug)


def strip(current: str = "") -> tuple[ChannelTab, ...]:
    """The channels that are open, in their order. Cost: one query."""
    return tabs_of(queries.list_open(), current)


def tabs_of(channels: Sequence[Channel], current: str = "") -> tuple[ChannelTab, ...]:
    """These channels as a strip. Cost: none."""
    return tuple(
        ChannelTab(
            channel.id,
            words.name_of(channel),
            href_of(channel),
            pictures.shipped(channel.text.picture),
            channel.slug == current,
        )
        for channel in channels
    )


def tiles_of(viewer: Viewer, channels: Sequence[Channel], now: datetime) -> tuple[ChannelTile, ...]:
    """Channels with pictures of posts that the viewer finds in them. Cost: four queries, however many there are."""
    first = queries.peek(viewer, channels, now=now, limit=2 * _COVERS)
    posts = content.posts_by_id(viewer, {post_id for ids in first.values() for post_id in ids})
    return tuple(
        ChannelTile(
            channel.id,
            channel.slug,
            words.name_of(channel),
            words.about_of(channel),
            href_of(channel),
            pictures.shipped(channel.text.picture),
            covers_of([posts[post_id] for post_id in first[channel.id] if post_id in posts]),
        )
        for channel in channels
    )


def covers_of(posts: Sequence[Post]) -> tuple[Cover, ...]:
    """The first few pictures of posts, one of each. Cost: none."""
    found = (
        (post.photos[0] if post.photos else post.video.poster if post.video else None, post.title) for post in posts
    )
    return tuple(covers.of_post_photo(picture, title) for picture, title in found if picture)[:_COVERS]


def posts_of(viewer: Viewer, placed: Sequence[Placed]) -> tuple[Post, ...]:
    """Placed posts that the viewer sees, in their order. Cost: two queries."""
    seen = content.posts_by_id(viewer, [one.post_id for one in placed])
    return tuple(seen[one.post_id] for one in placed if one.post_id in seen)


def shown_of(viewer: Viewer, posts: Sequence[Post], placed: Sequence[Placed]) -> tuple[Shown, ...]:
    """Posts of a channel as cards. Cost: two queries."""
    pinned = {one.post_id for one in placed if one.is_pinned}
    return tuple(Shown(card, card.id in pinned) for card in post_cards.of_posts(viewer, posts))


def placed_in(viewer: Viewer, post_id: int, now: datetime) -> tuple[PlacedIn, ...]:
    """In which channels one's own post is, and why. Cost: five queries at most."""
    placements = queries.placements_of(viewer.person_id or 0, post_id, now=now)
    named = words.things_named(check for placement in placements for check in placement.reasons.checks)
    known = things.known_by_id(viewer, named) if named else {}
    names = {key: covers.name_of(thing) for key, thing in known.items()}
    return tuple(_placed_in(placement, names) for placement in placements)


def with_channels(cards: Sequence[PostCard], now: datetime) -> tuple[tuple[PostCard, str], ...]:
    """One's own posts, each with the channels in which it is. Cost: three queries; none for no posts."""
    if not cards:
        return ()
    placed = queries.channels_by_post([card.id for card in cards], now=now)
    shown = content.shown_among(_STRANGER, placed) if placed else {}
    names = {channel.id: words.name_of(channel) for channel in queries.list_open()} if shown else {}
    return tuple(
        (card, listed(names[one] for one in placed.get(card.id, ()) if one in names) if card.id in shown else "")
        for card in cards
    )


def origin_of(way: Trail) -> Origin | None:
    """The channel from which a page was opened, as its address says; None for none that is open. One query at most."""
    if not way.back:
        return None
    match = resolve(way.back.partition("#")[0])
    if match.view_name != "storefront:channel":
        return None
    found = next((one for one in queries.list_open() if one.slug == match.kwargs["slug"]), None)
    return Origin(found.id, words.name_of(found), href_of(found)) if found else None


def _placed_in(placement: Placement, names: dict[int, str]) -> PlacedIn:
    by_hand = placement.hand is not None and placement.hand.kind is not HandKind.OUT
    said = words.reasons(placement.reasons.checks, names)
    return PlacedIn(
        words.name_of(placement.channel),
        href_of(placement.channel),
        ((_("Chosen by our editors"),) if by_hand else ()) + (said if placement.by_rule else ()),
        placement.reasons.quality.total,
        words.parts_of(placement.reasons.quality),
    )
