"""What components are given: frozen view-models, made before a page renders.

Templates read attributes only, so any object with the same attributes will do; these are the ones to reach for.
Pictures are either a name from `pictures.PICTURES` or a URL. Texts arrive translated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from wuyou.kernel.money import Money

Tone = Literal["plain", "accent", "jade", "amber"]
"""Chip colours: accent for action and price, jade for done and thanks, amber for time running out."""

ButtonStyle = Literal["primary", "secondary", "quiet"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place in a shell's navigation; `lead` marks the round middle button of the storefront."""

    key: str
    label: str
    href: str
    icon: str
    count: int = 0
    lead: bool = False


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A titled block of a console's left navigation."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as shown next to what they do; `id` chooses the colour behind a missing picture."""

    id: int
    name: str
    href: str = ""
    picture: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    tone: Tone = "plain"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class AudienceChip:
    """Whom something is open to, in a few words; `is_private` when to nobody but its owner."""

    text: str
    icon: str
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """A button that leads somewhere; with `post` it submits an empty form there (CSRF included)."""

    label: str
    href: str
    style: ButtonStyle = "secondary"
    icon: str = ""
    post: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a key-value list; the value is drawn by `{% cell %}`, a total is set larger."""

    label: str
    value: object
    total: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a timeline."""

    label: str
    state: Literal["done", "current", "next"]
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that answers a question; the definition says exactly what is counted."""

    label: str
    value: object
    definition: str = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table column; `sort_href` makes its head a link, `sorted` says how it stands now."""

    label: str
    numeric: bool = False
    sort_href: str = ""
    sorted: Literal["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in column order, each drawn by `{% cell %}`; `href` makes the first cell a link to the row's page."""

    cells: tuple[object, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product in a grid. `price_team` is None where it is not sold in teams."""

    id: int
    title: str
    href: str
    picture: str
    price_alone: Money
    price_team: Money | None = None
    team_size: int = 0
    open_team_count: int = 0
    people: tuple[Person, ...] = ()
    marks: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """An open team that a reader may join, as one line."""

    id: int
    leader: Person
    people: tuple[Person, ...]
    size: int
    deadline: datetime
    href: str
    join_href: str = ""

    @property
    def joined(self) -> int:
        return len(self.people)

    @property
    def missing(self) -> int:
        return max(self.size - len(self.people), 0)

    @property
    def faces(self) -> tuple[Person, ...]:
        """The first members, as many as a line has room for beside a free place."""
        return self.people[: 2 if self.missing else 3]

    @property
    def free_places_shown(self) -> int:
        """Empty seats beside the faces, three seats in all."""
        return min(self.missing, 3 - len(self.faces))


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a choice (a variant, a delivery option); posted under the choice's name."""

    value: str
    label: str
    note: str = ""
    disabled: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """Links around a keyset page; empty where there is nothing further."""

    previous_href: str = ""
    next_href: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What to show where there is nothing yet: a picture, a sentence and the next step."""

    title: str
    text: str = ""
    picture: str = ""
    action: Action | None = None
