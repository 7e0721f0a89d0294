"""A post as its page shows it: its pictures with what is on them, what it says, and what others say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.content import queries
from wuyou.domains.content.types import (
    NO_RESPONSE,
    Neighbour,
    Post,
    PostKind,
    PostState,
    ReactionKind,
    Revision,
)
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.viewmodels import comments, covers, films, people, post_cards, post_tags
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.storefront.viewmodels.films import FilmShown
from wuyou.surfaces.storefront.viewmodels.post_tags import Pointed
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.parts import AudienceChip

_PHOTO = re.compile(r'<img data-photo="(\d+)" alt="([^"]*)">')
_WIDE = 960

REACTIONS: Mapping[ReactionKind, tuple[object, str]] = {
    ReactionKind.LIKE: (gettext_lazy("I like it"), "thumb-up"),
    ReactionKind.USEFUL: (gettext_lazy("Useful"), "bulb"),
    ReactionKind.FUNNY: (gettext_lazy("Funny"), "mood-smile"),
    ReactionKind.MOVED: (gettext_lazy("It moves me"), "heart"),
}


@dataclass(frozen=True, slots=True)
class Slide:
    """A picture of a post, with what it points at."""

    cover: Cover
    pointed: tuple[Pointed, ...]


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a tap can say."""

    value: str
    label: str
    icon: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Near:
    """The post before or after in a series."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """The series in which a post stands."""

    href: str
    title: str
    before: Near | None
    after: Near | None


@dataclass(frozen=True, slots=True)
class PostPage:
    """A post with what stands in it and under it, for one reader."""

    id: int
    href: str
    kind: PostKind
    author: parts.Person
    is_mine: bool
    follows: bool
    """The reader follows its author."""
    follow_href: str
    """Where one begins to; empty for one's own post and for who is not signed in."""
    name: str
    """For the head of the window."""
    title: str
    text: str
    html: SafeString
    """Of an article, with its pictures."""
    slides: tuple[Slide, ...]
    film: FilmShown | None
    shape: str
    pointed: tuple[Pointed, ...]
    topics: tuple[parts.Link, ...]
    series: SeriesLine | None
    origin: post_cards.PostCard | None
    """Of a repost: what it passes on."""
    is_ad: bool
    state: PostState
    is_held: bool
    publish_at: datetime | None
    published_at: datetime | None
    edited_at: datetime | None
    audience: AudienceChip | None
    """For its author."""
    reactions: tuple[Reaction, ...]
    reaction_count: int
    repost_count: int
    comment_count: int
    thanks: int
    is_thanked: bool
    is_saved: bool
    threads: tuple[comments.Said, ...]
    more_href: str

    @property
    def in_film(self) -> tuple[Pointed, ...]:
        """What comes into view in the film, in the order in which it does."""
        return tuple(sorted((one for one in self.pointed if one.moment), key=lambda one: one.from_ms or 0))

    @property
    def swap(self) -> SafeString:
        """Where the answer to a form under it goes."""
        return swap_of(self.id)

    @property
    def comments_id(self) -> str:
        """Where a page holds its comments."""
        return f"#comments-{self.id}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a post said before."""

    version: int
    title: str
    text: str
    is_ad: bool
    until: datetime


def swap_of(post_id: int) -> SafeString:
    """Where the answer to a form goes: what is said under a post, and its bar, in place of what they were."""
    talk = f'hx-target="#talk-{post_id:d}" hx-select="#talk-{post_id:d}" hx-select-oob="#bar-{post_id:d}"'
    return mark_safe(f'{talk} hx-swap="outerHTML"')  # noqa: S308  (a whole number alone)


def page_of(viewer: Viewer, post: Post, now: datetime, *, after: int | None = None) -> PostPage:
    """A post that the viewer sees. Args: after: goes on among its comments.

    Cost: eight queries; three more for what it points at, one for its series, seven for what it passes on, two for its
    author's own look at it.
    """
    me = viewer.person_id
    said = comments.of_post(viewer, post, after=after)
    response = queries.responses_by_post(viewer, [post.id]).get(post.id, NO_RESPONSE)
    pointed = post_tags.pointed_at(viewer, queries.tags_by_post(viewer, [post.id]).get(post.id, ()), now)
    topics = queries.topics_by_post([post.id]).get(post.id, ())
    is_mine = me == post.owner_id
    meets = me is not None and not is_mine and not said.author.is_erased
    thanks, is_thanked = social.thanks_for(viewer, AppreciatedKind.POST, post.id)
    in_text = {place for place, _alt in _PHOTO.findall(post.html)}
    first = post.video or (post.photos[0] if post.photos else None)
    return PostPage(
        id=post.id,
        href=post_cards.href_of(post.id),
        kind=post.kind,
        author=people.face(said.author),
        is_mine=is_mine,
        follows=meets and social.follows(viewer, post.owner_id),
        follow_href=href("storefront:relation", said.author.handle) if meets else "",
        name=post_cards.name_of(post),
        title=post.title,
        text=post.text,
        html=_html(post),
        # The pictures of an article stand where its text names them, the others above it.
        slides=tuple(
            Slide(
                covers.of_post_photo(photo, post.title),
                tuple(one for one in pointed if one.x and one.photo_id == photo.id),
            )
            for place, photo in enumerate(post.photos, 1)
            if str(place) not in in_text
        ),
        film=films.of_post(post),
        shape=post_cards.shape_of(first.width, first.height) if first else "square",
        pointed=pointed,
        topics=tuple(parts.Link(topic.name, topic_href(topic.name)) for topic in topics),
        series=_series_of(viewer, post),
        origin=_origin_of(viewer, post),
        is_ad=post.is_ad,
        state=post.state,
        is_held=post.is_withheld and post.state is PostState.PUBLISHED,
        publish_at=post.publish_at,
        published_at=post.published_at,
        edited_at=post.edited_at,
        audience=_audience_of(post) if is_mine else None,
        reactions=tuple(
            Reaction(kind.value, str(label), icon, kind is response.mine) for kind, (label, icon) in REACTIONS.items()
        ),
        reaction_count=response.reactions,
        repost_count=response.reposts,
        comment_count=response.comments,
        thanks=thanks,
        is_thanked=is_thanked,
        is_saved=response.is_saved,
        threads=said.threads,
        more_href=post_cards.more_href(post_cards.href_of(post.id), said.next_cursor),
    )


def topic_href(name: str) -> str:
    """The page of a topic."""
    return href("storefront:topic", name)


def revisions_of(revisions: tuple[Revision, ...]) -> tuple[Said, ...]:
    """What a post said before, the latest first."""
    return tuple(Said(one.version, one.title, one.text, one.is_ad, one.said_until) for one in revisions)


def _series_of(viewer: Viewer, post: Post) -> SeriesLine | None:
    place = queries.place_in_series(viewer, post)
    if place is None:
        return None

    def near(other: Neighbour | None) -> Near | None:
        return Near(post_cards.href_of(other.id), other.title or _("Photos")) if other else None

    return SeriesLine(
        href("storefront:series", place.series.id), place.series.title, near(place.before), near(place.after)
    )


def _origin_of(viewer: Viewer, post: Post) -> post_cards.PostCard | None:
    if post.origin_id is None:
        return None
    found = queries.posts_by_id(viewer, [post.origin_id])
    return next(iter(post_cards.of_posts(viewer, found.values())), None)


def _audience_of(post: Post) -> AudienceChip:
    rule = queries.rule_of_post(post.owner_id, post.id)
    return audience.chip_of(rule, {label.id: label.name for label in social.list_labels(post.owner_id)})


def _html(post: Post) -> SafeString:
    """The article, which was cleaned when it was written, with the addresses of its pictures."""

    def address(found: re.Match[str]) -> str:
        photo = post.photos[int(found[1]) - 1] if 0 < int(found[1]) <= len(post.photos) else None
        if photo is None:
            return ""
        source = href("storefront:post-photo", photo.id, _WIDE)
        size = f'width="{photo.width}" height="{photo.height}"'
        return f'<img src="{conditional_escape(source)}" {size} alt="{found[2]}" loading="lazy" decoding="async">'

    return mark_safe(_PHOTO.sub(address, post.html))  # noqa: S308  (cleaned by nh3 when it was written)
