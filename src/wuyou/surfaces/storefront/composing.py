"""What somebody is writing, as the composer's form carries it from press to press: nothing of it is lost on the way.

Pictures come along by what names them: `p12` is one that the post has already, everything else the token of one that
was taken in and waits (`taken`). Tags are rows of fields of the same names, one after the other: where on a picture,
or when in a film. The film of a video is named `film` when the post has it already, else by its token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from wuyou.domains.content import queries
from wuyou.domains.content.types import WHOLE, Filmed, Post, PostDraft, PostKind, StoredPicture, TagDraft, Video
from wuyou.infra.films import Film
from wuyou.infra.pictures import Picture
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import ONLY_ME, AudienceRule, Viewer
from wuyou.surfaces.storefront import audience, errors, taken
from wuyou.surfaces.storefront.taken import Taken, TakenFilm
from wuyou.surfaces.storefront.viewmodels import films
from wuyou.surfaces.ui.parsing import read_id
from wuyou.surfaces.ui.places import STEPS, moved

NEW_SERIES = "new"
MOST_TAGS = 20
_STORED = re.compile(r"p([1-9][0-9]{0,17})")
_WHAT = re.compile(r"(thing|product):([1-9][0-9]{0,17})")
_APART = re.compile(r"[\s,，、;；#]+")
_MOST_PHOTOS_SENT = 60
_TAG_FIELDS = ("tag", "tag_photo", "tag_x", "tag_y", "tag_from", "tag_until", "tag_words")
_OF_ITS_POST = "film"
"""Names the film that the post has already."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in the composer."""

    value: str
    """By which the form names it."""
    picture: StoredPicture | Taken


@dataclass(frozen=True, slots=True)
class Tagged:
    """A row of the composer: a thing, and where it lies, as it was typed."""

    kind: str
    """`thing` or `product`."""
    id: int
    photo: int | None = None
    """Counted from 0."""
    x: str = ""
    y: str = ""
    """In percent."""
    begins: str = ""
    ends: str = ""
    """In seconds of a film."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that the composer holds."""

    kind: PostKind
    title: str = ""
    text: str = ""
    photos: tuple[Shown, ...] = ()
    film: Video | TakenFilm | None = None
    poster: Shown | None = None
    """Stands for the film."""
    poster_at: str = ""
    """At which second the film shows it, as it was typed."""
    tags: tuple[Tagged, ...] = ()
    topics: str = ""
    series: str = ""
    """A number, `NEW_SERIES`, or nothing."""
    new_series: str = ""
    earns: bool = True
    rule: AudienceRule = ONLY_ME
    at: str = ""
    """When it is to come out, as a field for a day and a time has it."""
    find: str = ""
    """Words by which things are looked for."""
    refused: DomainError | None = None
    """Why its audience cannot be read as it was sent."""

    @property
    def film_key(self) -> str:
        """Of the film's files; empty where there is none."""
        return self.film.film.key if isinstance(self.film, TakenFilm) else self.film.key if self.film else ""

    @property
    def film_value(self) -> str:
        """By which the form names the film."""
        return self.film.token if isinstance(self.film, TakenFilm) else _OF_ITS_POST if self.film else ""

    @property
    def takes_new_series(self) -> bool:
        """Whether a series is to be begun with it."""
        return self.series == NEW_SERIES and bool(self.new_series.strip())


def of_post(author: Viewer, post: Post) -> Written:
    """A post as its author goes on writing it. Cost: four queries."""
    tags, topics = queries.tags_by_post(author, [post.id]), queries.topics_by_post([post.id])
    places = {photo.id: place for place, photo in enumerate(post.photos)}
    return Written(
        post.kind,
        post.title,
        post.text,
        tuple(Shown(f"p{photo.id}", photo) for photo in post.photos),
        post.video,
        Shown(f"p{post.video.poster.id}", post.video.poster) if post.video else None,
        "",
        tuple(
            Tagged(
                "thing" if tag.product_id is None else "product",
                tag.thing.id if tag.product_id is None else tag.product_id,
                places.get(tag.photo_id or 0),
                _typed(tag.x),
                _typed(tag.y),
                films.typed(tag.from_ms),
                films.typed(tag.until_ms),
                tag.words,
            )
            for tag in tags.get(post.id, ())
        ),
        " ".join(topic.name for topic in topics.get(post.id, ())),
        str(post.series_id or ""),
        earns=post.earns,
        rule=queries.rule_of_post(post.owner_id, post.id),
        at=timezone.localtime(post.publish_at).strftime("%Y-%m-%dT%H:%M") if post.publish_at else "",
    )


def read(sent: QueryDict, actor: Actor, kind: PostKind, post: Post | None) -> Written:
    """What the form sent. Args: post: whose pictures it may name. Raises `FormMalformed`.

    Cost: as `audience.rule_from`.
    """
    refused, rule = None, ONLY_ME
    try:
        rule = audience.rule_from(sent, actor.person_id)
    except (errors.AudienceEmpty, errors.NobodyCalled) as error:
        refused = error
    photos = _photos(sent.getlist("photo"), actor, post)
    return Written(
        kind,
        sent.get("title", ""),
        sent.get("text", ""),
        photos,
        *_film(sent, actor, post),
        sent.get("poster_at", "").strip()[:20],
        _tags(sent, len(photos)),
        sent.get("topics", ""),
        sent.get("series", ""),
        sent.get("new_series", ""),
        sent.get("earns") == "1",
        rule,
        sent.get("at", ""),
        sent.get("find", "").strip()[:60],
        refused,
    )


def with_photos(written: Written, pictures: Sequence[Picture], actor: Actor) -> Written:
    """With more pictures, at the end."""
    more = [taken.carry(picture, actor) for picture in pictures]
    return replace(written, photos=(*written.photos, *(Shown(each.token, each) for each in more)))


def with_film(written: Written, film: Film, poster: Picture, actor: Actor) -> Written:
    """With another film, and the picture of it."""
    return replace(with_poster(written, poster, actor), film=taken.carry_film(film, actor))


def with_poster(written: Written, poster: Picture, actor: Actor) -> Written:
    """With another picture that stands for the film."""
    kept = taken.carry(poster, actor)
    return replace(written, poster=Shown(kept.token, kept))


def poster_ms(written: Written) -> int | None:
    """The moment that was typed for the picture; None for none. Raises `FormMalformed`."""
    return _moment(written.poster_at)


def filmed_in(written: Written) -> Filmed | None:
    """What is new of the film and its picture; None where nothing is. Raises `FormMalformed`."""
    film = written.film.film if isinstance(written.film, TakenFilm) else None
    poster = written.poster.picture if written.poster is not None else None
    if isinstance(poster, Taken) and written.film is not None:
        return Filmed(poster.picture, film)
    if film is not None:
        raise errors.FormMalformed()
    return None


def stepped(written: Written, sent: QueryDict) -> Written:
    """After a press of one of the buttons inside the form. Raises `FormMalformed`."""
    for name, step in _STEPS.items():
        if name in sent:
            return step(written, sent.get(name, ""))
    return written


def pointing_at(written: Written, asked: QueryDict) -> Written:
    """With the `thing` and the `product` that an address names. Raises `FormMalformed`."""
    for kind in ("thing", "product"):
        if asked.get(kind):
            written = _add(written, f"{kind}:{asked.get(kind)}")
    return written


def draft_of(written: Written, series_id: int | None) -> PostDraft:
    """What the form says, for the operation to check. Raises `FormMalformed`, and why its audience cannot be read."""
    if written.refused is not None:
        raise written.refused
    return PostDraft(
        written.kind,
        written.text,
        written.title,
        tuple(_draft_of(tag) for tag in written.tags),
        tuple(name for name in _APART.split(written.topics) if name),
        series_id,
        written.earns,
        written.rule,
    )


def series_in(written: Written) -> int | None:
    """The series that was chosen; None for none, and for one that is to be begun. Raises `FormMalformed`."""
    return read_id(written.series) if written.series not in ("", NEW_SERIES) else None


def moment_in(written: Written) -> datetime:
    """When it is to come out, in the reader's zone. Raises `FormMalformed`."""
    try:
        at = datetime.fromisoformat(written.at)
    except ValueError as error:
        raise errors.FormMalformed() from error
    return at if at.tzinfo is not None else timezone.make_aware(at)


# ---------------------------------------------------------------------- steps


def _add(written: Written, what: str) -> Written:
    found = _WHAT.fullmatch(what)
    if found is None or len(written.tags) >= MOST_TAGS:
        raise errors.FormMalformed()
    kind, key = found[1], int(found[2])
    if any((tag.kind, tag.id) == (kind, key) for tag in written.tags):
        return written
    return replace(written, tags=(*written.tags, Tagged(kind, key, 0 if written.photos else None)))


def _drop(written: Written, text: str) -> Written:
    at = _place(text, len(written.tags))
    return replace(written, tags=(*written.tags[:at], *written.tags[at + 1 :]))


def _remove(written: Written, text: str) -> Written:
    at = _place(text, len(written.photos))
    order = [place for place in range(len(written.photos)) if place != at]
    return _arranged(written, order)


def _move(written: Written, text: str) -> Written:
    way, _, place = text.partition(":")
    if way not in STEPS:
        raise errors.FormMalformed()
    order = list(range(len(written.photos)))
    return _arranged(written, moved(order, _place(place, len(order)), way))


_STEPS: Mapping[str, Callable[[Written, str], Written]] = {
    "add": _add,
    "drop": _drop,
    "remove": _remove,
    "move": _move,
}


def _arranged(written: Written, order: Sequence[int]) -> Written:
    """Its pictures in this order; what lies on one goes along, and what lay on one that is gone lies on none."""
    goes = {old: new for new, old in enumerate(order)}
    tags = tuple(
        tag
        if tag.photo is None
        else replace(tag, photo=goes[tag.photo])
        if tag.photo in goes
        else replace(tag, photo=None, x="", y="")
        for tag in written.tags
    )
    return replace(written, photos=tuple(written.photos[old] for old in order), tags=tags)


def _place(text: str, count: int) -> int:
    place = read_id(text)
    if place >= count:
        raise errors.FormMalformed()
    return place


# ---------------------------------------------------------------------- fields


def _photos(values: Sequence[str], actor: Actor, post: Post | None) -> tuple[Shown, ...]:
    if len(values) > _MOST_PHOTOS_SENT:
        raise errors.FormMalformed()
    there = {photo.id: photo for photo in post.photos} if post else {}
    shown = []
    for value in dict.fromkeys(values):
        stored = _STORED.fullmatch(value)
        if stored is None:
            shown.append(Shown(value, taken.carried(value, actor)))
        elif int(stored[1]) in there:
            shown.append(Shown(value, there[int(stored[1])]))
        else:
            raise errors.FormMalformed()
    return tuple(shown)


def _tags(sent: QueryDict, photos: int) -> tuple[Tagged, ...]:
    count = len(sent.getlist("tag"))
    # A page has fields for a place or for a moment: those that it has not are empty.
    rows = [sent.getlist(name) or [""] * count for name in _TAG_FIELDS]
    if len({len(row) for row in rows}) != 1 or count > MOST_TAGS:
        raise errors.FormMalformed()
    return tuple(_tag(*row, photos=photos) for row in zip(*rows, strict=True))


def _tag(what: str, photo: str, x: str, y: str, begins: str, ends: str, words: str, *, photos: int) -> Tagged:
    found = _WHAT.fullmatch(what)
    if found is None:
        raise errors.FormMalformed()
    at = _place(photo, photos) if photo else None
    return Tagged(
        found[1], int(found[2]), at, x.strip()[:20], y.strip()[:20], begins.strip()[:20], ends.strip()[:20], words
    )


def _draft_of(tag: Tagged) -> TagDraft:
    x, y = (_part(tag.x), _part(tag.y)) if tag.photo is not None else (None, None)
    if (x is None) != (y is None):
        raise errors.FormMalformed()
    thing, product = (tag.id, None) if tag.kind == "thing" else (None, tag.id)
    return TagDraft(thing, product, tag.photo, x, y, _moment(tag.begins), _moment(tag.ends), tag.words)


def _film(sent: QueryDict, actor: Actor, post: Post | None) -> tuple[Video | TakenFilm | None, Shown | None]:
    """The film that the form names, and the picture that stands for it. Raises `FormMalformed`."""
    film, poster = sent.get("film", ""), sent.get("poster", "")
    there = post.video if post else None
    if not film:
        return None, None
    if film == _OF_ITS_POST and there is None:
        raise errors.FormMalformed()
    shown = there if film == _OF_ITS_POST else taken.carried_film(film, actor)
    if there is not None and poster == f"p{there.poster.id}":
        return shown, Shown(poster, there.poster)
    return shown, Shown(poster, taken.carried(poster, actor))


def _moment(text: str) -> int | None:
    """Seconds that were typed, in milliseconds. Raises `FormMalformed`."""
    try:
        return films.read(text)
    except ValueError as error:
        raise errors.FormMalformed() from error


def _part(text: str) -> int | None:
    """Percent that were typed, as parts of `WHOLE`. Raises `FormMalformed`."""
    if not text:
        return None
    try:
        percent = float(text.rstrip("%").replace(",", "."))
    except ValueError as error:
        raise errors.FormMalformed() from error
    if not 0 <= percent <= 100:
        raise errors.FormMalformed()
    return round(percent * WHOLE / 100)


def _typed(part: int | None) -> str:
    return "" if part is None else f"{part * 100 / WHOLE:g}"
