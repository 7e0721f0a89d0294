"""What others see of the feed: enums and frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Self

from wuyou.domains.content.types import Called

_BITS = 2
KIND_MASK = (1 << _BITS) - 1
"""The bits of an item's number that say its kind."""


class ItemKind(IntEnum):
    """What can be recommended. The numbers stand in learnt models: never give one another meaning."""

    POST = 0
    PRODUCT = 1

    __hash__ = int.__hash__
    """A page looks for hundreds of items; an enum looks for its name first."""


_KINDS = tuple(ItemKind)


class Item(NamedTuple):
    """Something that can be recommended."""

    kind: ItemKind
    id: int

    @property
    def number(self) -> int:
        """What a model knows it by: `Item(ItemKind.PRODUCT, 7).number == 29`."""
        return self.id << _BITS | self.kind

    @classmethod
    def of(cls, number: int) -> Self:
        """The item of a number."""
        return cls(_KINDS[number & KIND_MASK], number >> _BITS)


class WhyKind(StrEnum):
    """Why something is shown."""

    BECAUSE_OF = "BECAUSE_OF"
    """It goes with `Why.items`, which the reader has, or liked."""
    KNOWN_PEOPLE = "KNOWN_PEOPLE"
    """`Why.people`, whom the reader knows, have or like it."""
    AUTHOR = "AUTHOR"
    """It is by who made `Why.items`."""
    TOPIC = "TOPIC"
    """It is about what `Why.items` are about."""
    THING = "THING"
    """It shows a thing that `Why.items` show."""
    POPULAR = "POPULAR"
    """Many like it now."""
    NEW = "NEW"
    """It has just come, and few know it."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, for the reader's eyes."""

    kind: WhyKind
    items: tuple[Item, ...] = ()
    people: tuple[int, ...] = ()
    called: Called | None = None
    """What the first of its items is called, where that is a post."""


@dataclass(frozen=True, slots=True)
class Recommended:
    """Something for somebody, and why; the weightiest reason first, and always one."""

    item: Item
    reasons: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """What somebody has chosen."""

    is_personal: bool = True
    """Whether what they did and whom they know decides what they are shown (PIPL art. 24)."""
