"""Posts as the API says them: what everybody who sees one reads, and what its author alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wuyou.domains.content import queries
from wuyou.domains.content.types import (
    NO_RESPONSE,
    Comment,
    Post,
    PostKind,
    PostState,
    ReactionKind,
    Response,
    StoredPicture,
    Tag,
    Topic,
    Video,
)
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
from wuyou.infra import pictures
from wuyou.infra.films import FILM, PLAYLIST
from wuyou.kernel.paging import Page
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api.audiences import RulePage, rule_page
from wuyou.surfaces.api.copy_lines import Rendition
from wuyou.surfaces.api.lines import Someone, ThingLine, someone, thing_line
from wuyou.surfaces.api.problems import DOCUMENTED


@dataclass(frozen=True, slots=True)
class PostPhotoLine:
    """A picture of a post."""

    __pydantic_config__ = DOCUMENTED

    id: int
    width: int
    """Of the largest rendition."""
    height: int
    blurhash: str
    renditions: tuple[Rendition, ...]
    """WebP, from narrow to wide."""


@dataclass(frozen=True, slots=True)
class FilmLine:
    """The film of a video."""

    __pydantic_config__ = DOCUMENTED

    duration_ms: int
    width: int
    """As it is looked at: upright, with square points."""
    height: int
    size_bytes: int
    url: str
    """MP4, by parts when they are asked for (`Range`)."""
    stream_url: str | None
    """The list of its pieces (HLS); null where it is not kept so."""
    poster: PostPhotoLine
    """The picture that stands for it."""


@dataclass(frozen=True, slots=True)
class TagLine:
    """A thing that a post points at."""

    __pydantic_config__ = DOCUMENTED

    id: int
    thing: ThingLine
    product_id: int | None
    """What it leads to buying."""
    photo_id: int | None
    x: int | None
    """Where on the picture, in hundredths of a percent from its left and its top."""
    y: int | None
    from_ms: int | None
    """When in the film, up to `until_ms`, which is no longer part of it."""
    until_ms: int | None
    words: str


@dataclass(frozen=True, slots=True)
class ResponseLine:
    """How a post was received by whom you see, and what you said of it yourself."""

    __pydantic_config__ = DOCUMENTED

    reaction_count: int
    comment_count: int
    repost_count: int
    my_reaction: ReactionKind | None
    is_saved: bool
    """By you."""


@dataclass(frozen=True, slots=True)
class PostLine:
    """Something that somebody published, or is about to."""

    __pydantic_config__ = DOCUMENTED

    id: int
    owner: Someone
    kind: PostKind
    title: str
    text: str
    html: str
    """Of an article: clean, with `<img data-photo="2">` where its second picture stands; else empty."""
    state: PostState
    is_withheld: bool
    """Only you see it for now: it is not published yet, or under review."""
    is_ad: bool
    """It leads to a purchase of which its author has a gain. Whoever shows it has to say so."""
    series_id: int | None
    origin_id: int | None
    """Of a repost: the post that it passes on."""
    via_id: int | None
    """Of a repost: the repost through which its author came by the post."""
    made_at: datetime
    publish_at: datetime | None
    published_at: datetime | None
    edited_at: datetime | None
    photos: tuple[PostPhotoLine, ...]
    film: FilmLine | None
    """Of a video."""
    tags: tuple[TagLine, ...]
    """Those whose things you may know of."""
    topics: tuple[str, ...]
    response: ResponseLine
    audience: RulePage | None
    """To whom it is open; null for everyone but its author."""


@dataclass(frozen=True, slots=True)
class PostList:
    """Posts, as far as you may see them, newest first."""

    items: tuple[PostLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class CommentLine:
    """What somebody says under a post."""

    __pydantic_config__ = DOCUMENTED

    id: int
    post_id: int
    owner: Someone
    thread_id: int | None
    """The comment that began the thread in which it stands; null: it is that comment."""
    answers_id: int | None
    """The comment that it answers."""
    text: str
    is_withheld: bool
    """Only its writer sees it for now: it is under review."""
    written_at: datetime
    edited_at: datetime | None


def post_list(viewer: Viewer, page: Page[Post]) -> PostList:
    """A page of posts. Cost: as `post_lines`."""
    return PostList(post_lines(viewer, page.items), page.next_cursor)


def post_lines(viewer: Viewer, posts: Sequence[Post]) -> tuple[PostLine, ...]:
    """Posts that the viewer sees.

    Cost: none for none; five queries, one where a repost came through another, and one for each of the viewer's own.
    """
    if not posts:
        return ()
    persons = {
        key: face.person for key, face in social.faces_by_person(viewer, {post.owner_id for post in posts}).items()
    }
    ids = [post.id for post in posts]
    responses, tags = queries.responses_by_post(viewer, ids), queries.tags_by_post(viewer, ids)
    topics = queries.topics_by_post(ids)
    between = {post.via_id for post in posts if post.via_id is not None}
    seen = queries.visible_posts_among(viewer, between) if between else set()
    return tuple(
        _line(
            viewer,
            post if post.via_id in seen else replace(post, via_id=None),
            persons[post.owner_id],
            responses.get(post.id, NO_RESPONSE),
            tags.get(post.id, ()),
            topics.get(post.id, ()),
        )
        for post in posts
        if post.owner_id in persons
    )


def comment_lines(viewer: Viewer, comments: Iterable[Comment]) -> tuple[CommentLine, ...]:
    """Comments that the viewer sees. Cost: one query; none for none."""
    comments = tuple(comments)
    if not comments:
        return ()
    faces = social.faces_by_person(viewer, {one.owner_id for one in comments})
    return tuple(
        CommentLine(
            one.id,
            one.post_id,
            someone(faces[one.owner_id].person),
            one.thread_id,
            one.answers_id,
            one.text,
            one.is_withheld,
            one.written_at,
            one.edited_at,
        )
        for one in comments
        if one.owner_id in faces
    )


def _line(
    viewer: Viewer, post: Post, owner: Person, response: Response, tags: Sequence[Tag], topics: Sequence[Topic]
) -> PostLine:
    rule = queries.rule_of_post(post.owner_id, post.id) if viewer.person_id == post.owner_id else None
    return PostLine(
        post.id,
        someone(owner),
        post.kind,
        post.title,
        post.text,
        post.html,
        post.state,
        post.is_withheld,
        post.is_ad,
        post.series_id,
        post.origin_id,
        post.via_id,
        post.made_at,
        post.publish_at,
        post.published_at,
        post.edited_at,
        tuple(map(_photo, post.photos)),
        _film(post.id, post.video) if post.video else None,
        tuple(map(_tag, tags)),
        tuple(topic.name for topic in topics),
        ResponseLine(response.reactions, response.comments, response.reposts, response.mine, response.is_saved),
        rule_page(rule) if rule else None,
    )


def _photo(photo: StoredPicture) -> PostPhotoLine:
    renditions = tuple(
        Rendition(width, f"/posts/photos/{photo.id}/{width}") for width in sorted(pictures.widths_of(photo.key))
    )
    return PostPhotoLine(photo.id, photo.width, photo.height, photo.blurhash, renditions)


def _film(post_id: int, film: Video) -> FilmLine:
    url = f"/posts/{post_id}/film"
    return FilmLine(
        film.duration_ms,
        film.width,
        film.height,
        film.size_bytes,
        f"{url}/{FILM}",
        f"{url}/{PLAYLIST}" if film.has_stream else None,
        _photo(film.poster),
    )


def _tag(tag: Tag) -> TagLine:
    return TagLine(
        tag.id, thing_line(tag.thing), tag.product_id, tag.photo_id, tag.x, tag.y, tag.from_ms, tag.until_ms, tag.words
    )
