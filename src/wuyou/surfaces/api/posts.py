"""Posts: what people write and show of their things; drafts, publishing, topics and series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import File, Form, Query, Router, UploadedFile
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.content import errors, operations, queries
from wuyou.domains.content.types import WHOLE, Filmed, PostDraft, PostKind, Revision, Series, TagDraft
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import queries as things
from wuyou.infra import db, films, pictures
from wuyou.infra.sight import get_viewer
from wuyou.infra.storage import FileGone
from wuyou.kernel.paging import Page
from wuyou.surfaces.api import audiences
from wuyou.surfaces.api.audiences import RuleDraft, rule_from
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.lines import meet
from wuyou.surfaces.api.post_lines import PostLine, PostList, post_lines, post_list
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import MAX_INT, ONE_LINE, TEXT, Draft, Id, Moment, PageQuery

router = Router(tags=["posts"])

MAX_PHOTOS = 18
_WRITTEN = (
    errors.TextMalformed, errors.TagMalformed, errors.TopicMalformed, errors.TooMany, errors.SeriesNotFound,
    catalog_errors.ProductNotFound, *audiences.REFUSALS,
)  # fmt: skip
_TAKEN = (pictures.PictureRefused, pictures.PictureTooLarge, pictures.PictureTooWide, FileGone)
_FILMED = (
    films.FilmRefused, films.FilmUnplayable, films.FilmTooLarge, films.FilmTooLong, films.FilmTooWide,
    films.FilmsBusy,
)  # fmt: skip
_Side = Annotated[int, Field(ge=0, le=WHOLE)]
_Ms = Annotated[int, Field(ge=0, le=MAX_INT)]
_Title = Annotated[str, StringConstraints(max_length=60, pattern=ONE_LINE)]
_Topic = Annotated[str, StringConstraints(min_length=1, max_length=30, pattern=ONE_LINE)]


class TagText(Draft):
    """A thing that a post points at: one of a thing and a product."""

    thing_id: Id | None = None
    product_id: Id | None = None
    """Whoever names a product leads to its purchase."""
    photo: Annotated[int, Field(ge=0, le=MAX_PHOTOS - 1)] | None = None
    """On which picture of the post, counted from 0."""
    x: _Side | None = None
    """Where on it, in hundredths of a percent from its left and its top."""
    y: _Side | None = None
    from_ms: _Ms | None = None
    """When in the film, up to `until_ms`, which is no longer part of it."""
    until_ms: _Ms | None = None
    words: Annotated[str, StringConstraints(max_length=30, pattern=ONE_LINE)] = ""


class PostText(Draft):
    """What a post says; of one that is there already it replaces everything but its pictures."""

    kind: Annotated[PostKind, Field(strict=False)] = PostKind.PHOTOS
    title: _Title = ""
    text: Annotated[str, StringConstraints(max_length=20_000, pattern=TEXT)] = ""
    """Of an article Markdown, in which `![words](2)` is the post's second picture."""
    tags: Annotated[list[TagText], Field(max_length=20)] = []
    topics: Annotated[list[_Topic], Field(max_length=10)] = []
    """Beside those that the text names as `#露营` or `#露营#`."""
    series_id: Id | None = None
    earns: bool = True
    """Whether you take a commission for what your tags sell: then the post is marked as advertising."""
    audience: RuleDraft = RuleDraft()
    """To whom it is open; you alone when left out."""

    def draft(self) -> PostDraft:
        """As the domain takes it. Raises `ThingNotFound` for holders of what is not there."""
        return PostDraft(
            self.kind,
            self.text,
            self.title,
            tuple(
                TagDraft(t.thing_id, t.product_id, t.photo, t.x, t.y, t.from_ms, t.until_ms, t.words) for t in self.tags
            ),
            tuple(self.topics),
            self.series_id,
            self.earns,
            rule_from(self.audience),
        )


class PostEdit(PostText):
    """The same, and which of its pictures stay."""

    photo_ids: Annotated[list[Id], Field(max_length=MAX_PHOTOS)] | None = None
    """Those that stay, in their order from now on; null: all as they are."""


class FilmForm(BaseModel):
    """Which picture stands for the film, where none is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    poster_ms: _Ms | None = None
    """The moment of the film that shows it; past its end its last. Null: soon after its beginning."""


class PublishDraft(Draft):
    """When it comes out."""

    at: Moment | None = None
    """At a moment to come, within a year; null: now."""


class SeriesText(Draft):
    """What a series is called."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=ONE_LINE)]


class PostQuery(PageQuery):
    """Which posts."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    q: Annotated[str, StringConstraints(max_length=200, pattern=ONE_LINE)] = ""
    """Words that all stand in it; empty: what was published last."""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """What a post said before it was edited."""

    version: int
    title: str
    text: str
    is_ad: bool
    said_until: datetime


@dataclass(frozen=True, slots=True)
class RevisionList:
    """What a post said before, the latest first."""

    items: tuple[RevisionLine, ...]


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """Posts of one author that are to be read in an order."""

    id: int
    owner_id: int
    title: str


@dataclass(frozen=True, slots=True)
class SeriesList:
    """Your series, the latest first."""

    items: tuple[SeriesLine, ...]


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series with its posts, as far as you may see them, in the order in which they are read."""

    __pydantic_config__ = DOCUMENTED

    series: SeriesLine
    posts: tuple[PostLine, ...]


@operation(router, "GET", "/posts", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT)
def list_posts(call: Call, query: Query[PostQuery]) -> PostList:
    """List posts that you may see: what was published last, or where words stand."""
    viewer = get_viewer(call.actor.user_id)
    if query.q.strip():
        return post_list(viewer, queries.find_posts(viewer, query.q, cursor=query.cursor, limit=query.limit))
    return post_list(viewer, queries.list_newest(viewer, cursor=query.cursor, limit=query.limit))


@operation(
    router, "POST", "/posts", entry=Entry.ONCE_IF_KEYED, status=201, refuses=[*_WRITTEN]
)  # fmt: skip
def start_post(call: Call, body: PostText) -> PostLine:
    """Begin a post: a draft, which nobody else sees until you publish it. Its pictures come after."""
    return _post(call, operations.start_post(actor=call.actor, draft=body.draft(), now=call.now))


@operation(router, "GET", "/posts/drafts", entry=Entry.READ)
def list_drafts(call: Call) -> PostList:
    """List your drafts and what you have scheduled."""
    viewer = get_viewer(call.actor.person_id)
    return post_list(viewer, Page(queries.list_unpublished(call.actor.person_id), None))


@operation(router, "GET", "/posts/saved", entry=Entry.READ)
def list_saved(call: Call, query: Query[PageQuery]) -> PostList:
    """List what you keep for yourself, as far as you still see it."""
    viewer = get_viewer(call.actor.person_id)
    return post_list(viewer, queries.list_saved(viewer, cursor=query.cursor, limit=query.limit))


@operation(
    router, "GET", "/posts/{post_id}", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT, refuses=[errors.PostNotFound]
)
def get_post(call: Call, post_id: Id) -> PostLine:
    """A post that you may see."""
    return _post(call, post_id)


@operation(
    router,
    "PUT",
    "/posts/{post_id}",
    entry=Entry.WRITE,
    refuses=[
        errors.PostNotFound,
        errors.PhotoNotFound,
        errors.PostIncomplete,
        errors.FilmMisplaced,
        *_WRITTEN,
        *SCREENED,
    ],
)
def edit_post(call: Call, post_id: Id, body: PostEdit) -> PostLine:
    """Say a post of yours otherwise, to whom it is open from now on; what a published one said stays on record."""
    operations.edit_post(actor=call.actor, post_id=post_id, draft=body.draft(), now=call.now, photos=body.photo_ids)
    return _post(call, post_id)


@operation(router, "DELETE", "/posts/{post_id}", entry=Entry.WRITE, status=204, refuses=[errors.PostNotFound])
def remove_post(call: Call, post_id: Id) -> None:
    """Take a post of yours off the record, with what was said under it and what passes it on."""
    operations.remove_post(actor=call.actor, post_id=post_id, now=call.now)


@operation(
    router,
    "POST",
    "/posts/{post_id}/photos",
    entry=Entry.READ,
    status=201,
    refuses=[
        errors.PostNotFound, errors.TagMalformed, errors.TooMany, errors.FilmMisplaced, *_TAKEN, *SCREENED,
    ],
)  # fmt: skip
def add_post_photos(call: Call, post_id: Id, photos: File[list[UploadedFile]]) -> PostLine:
    """Put pictures after the others of a post of yours, all of them or none."""
    if get_post(call, post_id).owner.id != call.actor.person_id:
        raise errors.PostNotFound()
    if len(photos) > MAX_PHOTOS:
        raise errors.TooMany(what="photos", most=MAX_PHOTOS)
    for photo in photos:
        pictures.check_size(photo.size or 0)
    # Decoding takes long, so no transaction is open then.
    taken = [pictures.take_in(photo.read()) for photo in photos]
    db.in_transaction(lambda: operations.add_photos(actor=call.actor, post_id=post_id, pictures=taken, now=call.now))
    return _post(call, post_id)


@operation(
    router,
    "POST",
    "/posts/{post_id}/film",
    entry=Entry.READ,
    status=201,
    refuses=[
        errors.PostNotFound,
        errors.FilmMisplaced,
        errors.FilmNotFound,
        errors.TagMalformed,
        *_TAKEN,
        *_FILMED,
        *SCREENED,
    ],
)
def set_post_film(
    call: Call,
    post_id: Id,
    body: Form[FilmForm],
    film: File[UploadedFile | None] = None,
    poster: File[UploadedFile | None] = None,
) -> PostLine:
    """Give a video of yours its film, or another one, with the picture that stands for it: `poster`, or a moment of it.

    MP4 or MOV with H.264, HEVC or AV1. Where and when it was filmed is removed from it. Without `film` the one that is
    there stays, behind another picture. What a refused request sent is not kept.
    """
    there = get_post(call, post_id)
    if there.owner.id != call.actor.person_id:
        raise errors.PostNotFound()
    if there.kind is not PostKind.VIDEO or there.photos:
        raise errors.FilmMisplaced()
    # Reading takes long, so no transaction is open then.
    if poster is not None:
        pictures.check_size(poster.size or 0)
    shown = pictures.take_in(poster.read()) if poster is not None else None
    taken = films.take_in(film, film.size or 0) if film is not None else None
    if shown is None:
        key, length = (taken.key, taken.duration_ms) if taken else _film_there(call, post_id)
        at_ms = length // 10 if body.poster_ms is None else body.poster_ms
        shown = pictures.take_in(films.frame_of(key, at_ms))
    filmed = Filmed(shown, taken)
    db.in_transaction(lambda: operations.set_film(actor=call.actor, post_id=post_id, filmed=filmed, now=call.now))
    return _post(call, post_id)


@operation(
    router,
    "POST",
    "/posts/{post_id}/publication",
    entry=Entry.ONCE_IF_KEYED,
    refuses=[errors.PostNotFound, errors.PostIncomplete, errors.AlreadyPublished, errors.NotInFuture, *SCREENED],
)
def publish_post(call: Call, post_id: Id, body: PublishDraft) -> PostLine:
    """Show a post of yours to whom it is open, now or at a moment to come."""
    operations.publish_post(actor=call.actor, post_id=post_id, now=call.now, at=body.at)
    return _post(call, post_id)


@operation(
    router,
    "POST",
    "/posts/{post_id}/draft",
    entry=Entry.WRITE,
    refuses=[errors.PostNotFound, errors.AlreadyPublished],
)
def unschedule_post(call: Call, post_id: Id) -> PostLine:
    """What you have scheduled is a draft again."""
    operations.unschedule_post(actor=call.actor, post_id=post_id)
    return _post(call, post_id)


@operation(
    router,
    "GET",
    "/posts/{post_id}/revisions",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.PostNotFound],
)
def list_revisions(call: Call, post_id: Id) -> RevisionList:
    """List what a post said before it was edited."""
    found = queries.list_revisions(get_viewer(call.actor.user_id), post_id)
    return RevisionList(tuple(map(_revision, found)))


@operation(
    router,
    "GET",
    "/people/{person_id}/posts",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[PersonNotFound],
)
def list_posts_of(call: Call, person_id: Id, query: Query[PageQuery]) -> PostList:
    """List what somebody published and passed on."""
    viewer = get_viewer(call.actor.user_id)
    person = meet(viewer, person_id)
    return post_list(viewer, queries.list_of_owner(viewer, person.id, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "GET",
    "/things/{thing_id}/posts",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[things_errors.ThingNotFound],
)
def list_posts_about(call: Call, thing_id: Id, query: Query[PageQuery]) -> PostList:
    """List posts that point at a thing."""
    viewer = get_viewer(call.actor.user_id)
    thing = things.get_thing_for(viewer, thing_id)
    return post_list(viewer, queries.list_by_thing(viewer, [thing.id], cursor=query.cursor, limit=query.limit))


class TopicQuery(PageQuery):
    """Which topic."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    name: _Topic
    """However it is written."""


@operation(router, "GET", "/topics", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT)
def list_posts_of_topic(call: Call, query: Query[TopicQuery]) -> PostList:
    """List the posts of a topic; of one that nobody has written of for you there are none."""
    viewer = get_viewer(call.actor.user_id)
    topic = queries.find_topic(query.name)
    page = queries.list_by_topic(viewer, topic.id, cursor=query.cursor, limit=query.limit) if topic else Page((), None)
    return post_list(viewer, page)


@operation(router, "GET", "/series", entry=Entry.READ)
def list_series(call: Call) -> SeriesList:
    """List your series."""
    return SeriesList(tuple(map(_series, queries.list_series_of(call.actor.person_id))))


@operation(
    router,
    "POST",
    "/series",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.TextMalformed, errors.SeriesNameTaken, errors.TooMany],
)
def make_series(call: Call, body: SeriesText) -> SeriesLine:
    """Begin a series."""
    series_id = operations.make_series(actor=call.actor, title=body.title, now=call.now)
    return _series(queries.get_series_for(get_viewer(call.actor.person_id), series_id))


@operation(
    router,
    "GET",
    "/series/{series_id}",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.SeriesNotFound],
)
def get_series(call: Call, series_id: Id) -> SeriesPage:
    """A series of which you see a post, or that is yours."""
    viewer = get_viewer(call.actor.user_id)
    series = queries.get_series_for(viewer, series_id)
    return SeriesPage(_series(series), post_lines(viewer, queries.list_by_series(viewer, series_id)))


@operation(
    router,
    "PUT",
    "/series/{series_id}",
    entry=Entry.WRITE,
    refuses=[errors.SeriesNotFound, errors.TextMalformed, errors.SeriesNameTaken],
)
def rename_series(call: Call, series_id: Id, body: SeriesText) -> SeriesLine:
    """Call a series of yours otherwise."""
    operations.rename_series(actor=call.actor, series_id=series_id, title=body.title, now=call.now)
    return _series(queries.get_series_for(get_viewer(call.actor.person_id), series_id))


@operation(router, "DELETE", "/series/{series_id}", entry=Entry.WRITE, status=204, refuses=[errors.SeriesNotFound])
def remove_series(call: Call, series_id: Id) -> None:
    """Take a series of yours apart; its posts stand by themselves from now on."""
    operations.remove_series(actor=call.actor, series_id=series_id)


def _film_there(call: Call, post_id: int) -> tuple[str, int]:
    """The key and the length of a post's film. Raises `FilmNotFound`."""
    film = queries.get_post_for(get_viewer(call.actor.person_id), post_id).video
    if film is None:
        raise errors.FilmNotFound()
    return film.key, film.duration_ms


def _post(call: Call, post_id: int) -> PostLine:
    viewer = get_viewer(call.actor.user_id)
    lines = post_lines(viewer, [queries.get_post_for(viewer, post_id)])
    if not lines:
        raise errors.PostNotFound()
    return lines[0]


def _revision(revision: Revision) -> RevisionLine:
    return RevisionLine(revision.version, revision.title, revision.text, revision.is_ad, revision.said_until)


def _series(series: Series) -> SeriesLine:
    return SeriesLine(series.id, series.owner_id, series.title)
