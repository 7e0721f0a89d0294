"""What the people of the town will still say and show, as it is written down in `homes/life.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from wuyou.domains.content.types import Post
from wuyou.surfaces.cli.demo.homes import Homes
from wuyou.surfaces.cli.demo.life.rhythm import draw

THING = "{thing}"
"""Stands for the good in what is told of one after the other."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something said under a post; `answers` is the place of the line that it answers."""

    who: str
    text: str
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody who received it says of a good."""

    text: str
    rating: int


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post that is told once; without a `person`, of a good that its text calls `{thing}`, by anybody."""

    text: str
    title: str = ""
    person: str = ""
    kind: str = "PHOTOS"
    photos: tuple[tuple[str, ...], ...] = ()
    tags: tuple[tuple[Any, ...], ...] = ()
    topics: tuple[str, ...] = ()
    says: tuple[Line, ...] = ()

    @property
    def name(self) -> str:
        """By what it is known again: how it begins."""
        return beginning(self.title, self.text)


@dataclass(frozen=True)
class Written:
    """Everything that is written down."""

    posts: tuple[NewPost, ...]
    retold: tuple[NewPost, ...]
    lines: Mapping[tuple[str, str], tuple[Line, ...]]
    """Under the post of this person that begins so: what was said before the life began, and what comes."""
    reviews: Mapping[str, tuple[Opinion, ...]]
    greetings: tuple[str, ...]
    """Under a visitor's post."""
    welcomes: tuple[str, ...]
    """The same for who is new here."""
    answers: tuple[str, ...]
    """To a visitor who said something."""
    letters: tuple[str, ...]
    """To a visitor who writes to somebody."""
    circle_name: str
    circle: tuple[tuple[Line, ...], ...]
    """What the reading circle talks of, one talk after the other."""

    def lines_of(self, handle: str, post: Post) -> Sequence[Line]:
        """What is said under a post that is written down, in its order."""
        return self.lines.get((handle, beginning(post.title, post.text)), ())

    def retold_lines_of(self, handle: str, post: Post) -> Sequence[Line]:
        """Two of the lines of what is told of one good after the other."""
        for template in self.retold:
            before, _, after = template.title.partition(THING)
            if post.title.startswith(before) and post.title.endswith(after):
                others = [line for line in template.says if line.who != handle]
                first = draw(f"{post.id}/first", len(others))
                return [others[first], others[(first + 1 + draw(f"{post.id}/second", len(others) - 1)) % len(others)]]
        return ()


def beginning(title: str, text: str) -> str:
    """By what a post is known again."""
    return title or text.partition("。")[0]


def read_written(homes: Homes) -> Written:
    """Read what is written down, with the lines that the homes begin with."""
    path = files("wuyou.surfaces.cli.demo") / "homes" / "life.toml"
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    posts = tuple(_post(columns) for columns in read["post"])
    lines = {(post.person, post.name): post.says for post in posts}
    more = {(each["person"], each["begins"]): each["says"] for each in read["more"]}
    for old in homes.posts:
        key = (old.person, beginning(old.title, old.text))
        lines[key] = tuple(_lines([*old.says, *more.pop(key, ())]))
    if more:
        raise ValueError(f"no such posts: {sorted(more)}")
    return Written(
        posts=posts,
        retold=tuple(_post(columns) for columns in read["retold"]),
        lines=lines,
        reviews={
            picture: tuple(Opinion(text, rating) for rating, text in said) for picture, said in read["review"].items()
        },
        greetings=tuple(read["guests"]["greetings"]),
        welcomes=tuple(read["guests"]["welcomes"]),
        answers=tuple(read["guests"]["answers"]),
        letters=tuple(read["guests"]["letters"]),
        circle_name=read["circle"]["name"],
        circle=tuple(tuple(_lines(talk)) for talk in read["circle"]["talks"]),
    )


def _post(columns: dict[str, Any]) -> NewPost:
    return NewPost(
        text=columns["text"],
        title=columns.get("title", ""),
        person=columns.get("person", ""),
        kind=columns.get("kind", "PHOTOS"),
        photos=tuple(tuple(shown) for shown in columns["photos"]),
        tags=tuple(tuple(tag) for tag in columns.get("tags", ())),
        topics=tuple(columns.get("topics", ())),
        says=tuple(_lines(columns.get("says", ()))),
    )


def _lines(said: Iterable[Sequence[Any]]) -> list[Line]:
    return [Line(str(who), str(text), int(answers[0]) if answers else None) for who, text, *answers in said]
