"""How the people of the demo world live, as it is written down in `homes/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class HomeThing:
    """A thing that no shop sells. `above` is the key of what it belongs to."""

    key: str
    kind: str
    name: str
    name_en: str
    brand: str = ""
    above: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's shelves, what they like, and whom their things are open to."""

    person: str
    shelves: tuple[str, ...]
    tastes: tuple[str, ...]
    count: int
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is written down; `open` and `but` as at the head of copies.toml."""

    owner: str
    thing: str
    state: str = "OWN"
    shelf: str = ""
    condition: str = ""
    since: date | None = None
    rating: int | None = None
    story: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    photos: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Friends:
    """Somebody asks another to be friends; without `agrees_after` the request waits."""

    asks: str
    agrees: str
    reason: str
    days_ago: float
    agrees_after: float | None = None


@dataclass(frozen=True, slots=True)
class Gift:
    """Something given, and what came of it; `copy` names the giver's thing."""

    giver: str
    receiver: str
    kind: str
    days_ago: float
    state: str
    what: str = ""
    words: str = ""
    copy: str = ""
    thanks: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A greeting with what both have as its reason."""

    caller: str
    called: str
    things: tuple[str, ...]
    text: str
    days_ago: float


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation; `lines` are who, minutes ago, what. `shows`: of the first speaker, with their first line."""

    people: tuple[str, ...]
    lines: tuple[tuple[str, float, str], ...]
    name: str = ""
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Self:
    """What somebody says of themselves; hobbies, places and an age to whom `open` names."""

    person: str
    words: str = ""
    roles: tuple[str, ...] = ()
    hobbies: tuple[str, ...] = ()
    places: tuple[tuple[str, ...], ...] = ()
    born: tuple[int, ...] = ()
    """The first year of a band, and how many years it has; empty for who says nothing."""
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherFace:
    """Another name for those whom `open` names."""

    owner: str
    name: str
    words: str = ""
    roles: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """Something said at a thing, or at a region of the photo of that `place` in a review, and the answers."""

    person: str
    purpose: str
    text: str
    days_ago: float
    answers: tuple[tuple[str, str], ...] = ()
    thing: str = ""
    place: int = 0
    region: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody says of a thing of the town's, who says thanks, and what is asked about its photos."""

    person: str
    thing: str
    text: str
    days_ago: float
    rating: int | None = None
    photos: tuple[tuple[str, ...], ...] = ()
    thanks: tuple[str, ...] = ()
    threads: tuple[Thread, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenPost:
    """Something published; `film`, `tags`, `moments`, `says`, `likes` and `thanks` as at the head of posts.toml."""

    person: str
    text: str
    days_ago: float
    kind: str = "PHOTOS"
    title: str = ""
    photos: tuple[tuple[str, ...], ...] = ()
    film: tuple[tuple[str, ...], ...] = ()
    tags: tuple[tuple[str, int, int, int], ...] = ()
    moments: tuple[tuple[str, int, int], ...] = ()
    topics: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    says: tuple[tuple[str | int, ...], ...] = ()


@dataclass(frozen=True)
class Homes:
    """Everything that is written down."""

    things: tuple[HomeThing, ...]
    homes: tuple[Home, ...]
    copies: tuple[Copy, ...]
    friends: tuple[Friends, ...]
    follows: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Owner, name, people."""
    notes: tuple[tuple[str, str, str], ...]
    blocks: tuple[tuple[str, str], ...]
    selves: tuple[Self, ...]
    faces: tuple[OtherFace, ...]
    gifts: tuple[Gift, ...]
    calls: tuple[Call, ...]
    talks: tuple[Talk, ...]
    reviews: tuple[Review, ...]
    threads: tuple[Thread, ...]
    posts: tuple[WrittenPost, ...]

    @cached_property
    def models_by_family(self) -> Mapping[str, tuple[str, ...]]:
        """What can be drawn of each family: variants where a model has them."""
        parents = {thing.above for thing in self.things}
        family = {thing.key: thing.above for thing in self.things}
        found: dict[str, list[str]] = {thing.key: [] for thing in self.things if thing.kind == "FAMILY"}
        for thing in self.things:
            if thing.key not in parents and thing.above:
                above = thing.above if thing.above in found else family[thing.above]
                found[above].append(thing.key)
        return {key: tuple(models) for key, models in found.items()}


_FILES = ("things", "people", "relations", "faces", "copies", "talk", "words", "posts")


def read_homes(more: Path | None = None) -> Homes:
    """Read what is written down, and what a folder of the same form adds to it."""
    shipped = files("wuyou.surfaces.cli.demo") / "homes"
    read = {name: _read(shipped / f"{name}.toml") for name in _FILES}
    for name in _FILES if more else ():
        for kind, entries in _read(more / "homes" / f"{name}.toml").items():  # type: ignore[operator]
            read[name][kind] = [*read[name][kind], *entries]
    relations, talk = read["relations"], read["talk"]
    return Homes(
        things=tuple(_things(read["things"]["family"])),
        homes=tuple(Home(**_frozen(columns)) for columns in read["people"]["home"]),
        copies=tuple(Copy(**_frozen(columns)) for columns in read["copies"]["copy"]),
        friends=tuple(Friends(**columns) for columns in relations["friends"]),
        follows=tuple((each["person"], whom) for each in relations["follows"] for whom in each["whom"]),
        labels=tuple((each["owner"], each["name"], tuple(each["people"])) for each in relations["label"]),
        notes=tuple((each["owner"], each["about"], each["text"]) for each in relations["note"]),
        blocks=tuple((each["owner"], each["person"]) for each in relations["block"]),
        selves=tuple(Self(**_frozen(columns)) for columns in read["faces"]["self"]),
        faces=tuple(OtherFace(**_frozen(columns)) for columns in read["faces"]["face"]),
        gifts=tuple(Gift(**columns) for columns in talk["gift"]),
        calls=tuple(Call(**_frozen(columns)) for columns in talk["call"]),
        talks=tuple(Talk(**_frozen(columns)) for columns in talk["talk"]),
        reviews=tuple(_review(columns) for columns in read["words"]["review"]),
        threads=tuple(Thread(**_frozen(columns)) for columns in read["words"]["thread"]),
        posts=tuple(WrittenPost(**_frozen(columns)) for columns in read["posts"]["post"]),
    )


def _read(path: Traversable) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _review(columns: dict[str, Any]) -> Review:
    threads = tuple(Thread(**_frozen(thread)) for thread in columns.pop("thread", ()))
    return Review(**_frozen(columns), threads=threads)


def _things(families: list[dict[str, Any]]) -> Iterator[HomeThing]:
    for family in families:
        models = family.pop("models")
        yield HomeThing(kind="FAMILY", **family)
        for model in models:
            variants = model.pop("variants", ())
            yield HomeThing(kind="MODEL", above=family["key"], **model)
            for variant in variants:
                yield HomeThing(kind="VARIANT", above=model["key"], **variant)


def _frozen(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) if isinstance(value, list) else value for name, value in columns.items()}


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if isinstance(value, list) else value for value in values)
