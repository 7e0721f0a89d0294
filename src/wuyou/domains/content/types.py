"""What others see of content: enums and frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wuyou.domains.things.types import WHOLE, StoredPicture, Thing
from wuyou.infra.films import Film
from wuyou.infra.pictures import Picture
from wuyou.kernel.sight import ONLY_ME, AudienceRule

__all__ = ["WHOLE", "StoredPicture"]


class PostKind(StrEnum):
    """What a post is made of."""

    PHOTOS = "PHOTOS"
    ARTICLE = "ARTICLE"
    VIDEO = "VIDEO"


class PostState(StrEnum):
    """How far a post is on its way to its readers."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"


class ReactionKind(StrEnum):
    """What a tap can say of a post."""

    LIKE = "LIKE"
    USEFUL = "USEFUL"
    FUNNY = "FUNNY"
    MOVED = "MOVED"


@dataclass(frozen=True, slots=True)
class TagDraft:
    """A thing that a post points at. Whoever names a product leads to its purchase."""

    thing_id: int | None = None
    product_id: int | None = None
    """The thing is this product's; one of the two is given."""
    photo: int | None = None
    """On which picture of the post, counted from 0; None: in the post as a whole, or at a moment of its video."""
    x: int | None = None
    y: int | None = None
    """Where on the picture, of `WHOLE` from its left and its top."""
    from_ms: int | None = None
    until_ms: int | None = None
    """When in the video, [from, until)."""
    words: str = ""
    """What the tag says beside the thing's name."""


@dataclass(frozen=True, slots=True)
class Filmed:
    """What a video shows: a film, and the picture that stands for it."""

    poster: Picture
    film: Film | None = None
    """None: the one that the post has stays, behind another picture."""


@dataclass(frozen=True, slots=True)
class PostDraft:
    """What somebody wants to publish. Private unless a rule is given."""

    kind: PostKind
    text: str = ""
    """Lines; of an article Markdown, in which `![words](2)` is the post's second picture."""
    title: str = ""
    tags: tuple[TagDraft, ...] = ()
    topics: tuple[str, ...] = ()
    """Beside those that the text names as `#露营` or `#露营#`."""
    series_id: int | None = None
    earns: bool = True
    """Whether the author takes a commission for what the tags sell; if not, nothing is earned and no mark is needed."""
    audience: AudienceRule = ONLY_ME


@dataclass(frozen=True, slots=True)
class Tag:
    """A thing that a post points at, which the viewer may know of."""

    id: int
    post_id: int
    thing: Thing
    product_id: int | None
    """What it leads to buying."""
    photo_id: int | None
    x: int | None
    y: int | None
    from_ms: int | None
    until_ms: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What several posts are about, by a word of their authors."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Series:
    """Posts of one author that are to be read in an order."""

    id: int
    owner_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The post before or after another in a series, by what it is called, or begins with."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands in its series, among the posts that the viewer sees."""

    series: Series
    before: Neighbour | None
    after: Neighbour | None


@dataclass(frozen=True, slots=True)
class Video:
    """The film of a post."""

    key: str
    """Of its files; no permission, and shown to nobody."""
    duration_ms: int
    width: int
    height: int
    size_bytes: int
    poster: StoredPicture
    has_stream: bool
    """Whether it can be played in pieces (HLS)."""


@dataclass(frozen=True, slots=True)
class Called:
    """Of a post only what it is called."""

    kind: PostKind
    title: str
    plain: str
    """How it begins; empty with a title."""


@dataclass(frozen=True, slots=True)
class Post:
    """Something that somebody published, or is about to."""

    id: int
    owner_id: int
    kind: PostKind
    title: str
    text: str
    plain: str
    """The text as it is read in one line: of an article without its signs."""
    html: str
    """Of an article: clean, with `<img data-photo="2">` where its second picture stands; else empty."""
    state: PostState
    is_withheld: bool
    """Only its owner sees it for now."""
    is_ad: bool
    """It leads to a purchase of which its author has a gain, and says so (广告)."""
    earns: bool
    series_id: int | None
    origin_id: int | None
    """Of a repost: the post that it passes on."""
    via_id: int | None
    """Of a repost: the repost through which its author came by the post; None: the post itself. Who shows it asks
    whether its reader sees that one."""
    version: int
    made_at: datetime
    publish_at: datetime | None
    published_at: datetime | None
    edited_at: datetime | None
    photos: tuple[StoredPicture, ...]
    video: Video | None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a post said before it was edited."""

    version: int
    title: str
    text: str
    is_ad: bool
    said_until: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody says under a post."""

    id: int
    post_id: int
    owner_id: int
    thread_id: int | None
    """The comment that began the thread it stands in; None: it is that comment."""
    answers_id: int | None
    """The comment that it answers; None also where the viewer does not see that one."""
    text: str
    is_withheld: bool
    written_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Response:
    """How a post was received, as far as the viewer may see who did, and what the viewer said themselves."""

    reactions: int
    comments: int
    reposts: int
    mine: ReactionKind | None
    is_saved: bool


NO_RESPONSE = Response(0, 0, 0, None, False)
