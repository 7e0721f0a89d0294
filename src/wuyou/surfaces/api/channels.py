"""Channels: what editors define, the posts in one, and where a post of your own is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.channels import errors, queries, types
from wuyou.domains.channels.types import MAX_SLUG, MOST, Check, Criterion, HandKind, Placement, Quality
from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import queries as content
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.post_lines import PostLine, post_lines
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Id, PageQuery

router = Router(tags=["channels"])

Slug = Annotated[str, StringConstraints(pattern=rf"^[a-z][a-z0-9-]{{1,{MAX_SLUG - 1}}}$"), Field(examples=["haohuo"])]


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel by name."""

    slug: str
    name: str
    name_en: str
    about: str
    about_en: str
    picture: str


@dataclass(frozen=True, slots=True)
class ChannelList:
    """The channels that are open, in their order."""

    items: tuple[ChannelLine, ...]


@dataclass(frozen=True, slots=True)
class PlacedPost:
    """A post in a channel."""

    __pydantic_config__ = DOCUMENTED

    post: PostLine
    is_pinned: bool
    """An editor put it at its place."""


@dataclass(frozen=True, slots=True)
class PlacedPostList:
    """A page of the posts of a channel, as far as you may see them."""

    items: tuple[PlacedPost, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """A condition of the channel's rule that holds."""

    __pydantic_config__ = DOCUMENTED

    condition: Criterion
    by: tuple[str, ...]
    """What matched: topics, numbers of things, brands, roles; of a figure what it was, and what is asked."""


@dataclass(frozen=True, slots=True)
class QualityLine:
    """How good a post was found, of a thousand, and the parts that sum to it."""

    total: int
    response: int
    thanks: int
    saves: int
    completeness: int
    record: int
    strikes: int


@dataclass(frozen=True, slots=True)
class PlacementLine:
    """That a post of yours is in a channel, and why."""

    __pydantic_config__ = DOCUMENTED

    channel: ChannelLine
    by_rule: bool
    by_hand: bool
    """An editor chose it."""
    reasons: tuple[ReasonLine, ...]
    quality: QualityLine
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class PlacementList:
    """Where a post of yours is."""

    items: tuple[PlacementLine, ...]


@operation(router, "GET", "/channels", entry=Entry.READ, who=Who.ANYONE)
def list_channels(call: Call) -> ChannelList:
    """List the channels, in their order."""
    return ChannelList(tuple(map(_channel, queries.list_open())))


@operation(
    router,
    "GET",
    "/channels/{slug}/posts",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ChannelNotFound],
)
def list_channel_posts(call: Call, slug: Slug, query: Query[PageQuery]) -> PlacedPostList:
    """List the posts of a channel: what is open to everyone and to you, pinned first, then by quality and age."""
    viewer, channel = get_viewer(call.actor.user_id), queries.get_open(slug)
    offset = min(query.cursor or 0, 2 * MOST)
    page = queries.list_posts(viewer, channel, now=call.now, offset=offset, limit=query.limit)
    posts = content.posts_by_id(viewer, [one.post_id for one in page.items])
    lines = {line.id: line for line in post_lines(viewer, list(posts.values()))}
    return PlacedPostList(
        tuple(PlacedPost(lines[one.post_id], one.is_pinned) for one in page.items if one.post_id in lines),
        page.next_cursor,
    )


@operation(router, "GET", "/posts/{post_id}/placements", entry=Entry.READ, refuses=[content_errors.PostNotFound])
def list_placements(call: Call, post_id: Id) -> PlacementList:
    """List the channels in which a post of yours is, and why."""
    me = call.actor.person_id
    if content.get_post_for(get_viewer(me), post_id).owner_id != me:
        raise content_errors.PostNotFound()
    return PlacementList(tuple(map(_placement, queries.placements_of(me, post_id, now=call.now))))


def _channel(channel: types.Channel) -> ChannelLine:
    text = channel.text
    return ChannelLine(text.slug, text.name, text.name_en, text.about, text.about_en, text.picture)


def _placement(placement: Placement) -> PlacementLine:
    return PlacementLine(
        _channel(placement.channel),
        placement.by_rule,
        placement.hand is not None and placement.hand.kind is not HandKind.OUT,
        tuple(_reason(check) for check in placement.reasons.checks if check.holds),
        _quality(placement.reasons.quality),
        placement.judged_at,
    )


def _reason(check: Check) -> ReasonLine:
    return ReasonLine(check.condition, tuple(map(str, check.by)))


def _quality(found: Quality) -> QualityLine:
    return QualityLine(
        found.total, found.response, found.thanks, found.saves, found.completeness, found.record, found.strikes
    )
