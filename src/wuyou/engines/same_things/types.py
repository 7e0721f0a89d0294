"""What goes into the engine and what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

EVERY_THING = "thing"
"""Level of an exact answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """Columns (person, thing) of holdings that everyone may see. Order and repetitions do not matter.

    Both are dense numbers from 0, below 2³¹; the caller keeps which person and which thing they stand for.

    Raises: ValueError when the columns differ in length or a number is negative or too large.
    """

    people: Int32
    things: Int32

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", dense_numbers(self.people))
        object.__setattr__(self, "things", dense_numbers(self.things))
        if self.people.shape != self.things.shape:
            raise ValueError(f"{len(self.people)} people and {len(self.things)} things are not columns of one table")

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Self:
        """From (person, thing) pairs."""
        table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])  # type: ignore[arg-type]  # made dense by __post_init__


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may see a holding: a viewer with any of `allow` and none of `deny`. Nobody when `allow` is empty."""

    allow: frozenset[int]
    deny: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RestrictedHolding:
    """A holding that only its audience may see.

    A person may hold a thing in several copies, each with its own audience: the thing is common ground for who sees
    any of them, and counts once.
    """

    person: int
    thing: int
    audience: Audience


@dataclass(frozen=True, slots=True, eq=False)
class RestrictedColumns:
    """Many restricted holdings as columns: `which` numbers the audience of each in `audiences`."""

    people: Int32
    things: Int32
    which: Int32
    audiences: Sequence[Audience]


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf is asked: never answered with themselves, sees by `tokens`, does not meet `excluded`."""

    person: int | None = None
    tokens: frozenset[int] = frozenset()
    excluded: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Match:
    """A person found, with the reasons.

    `shared` are the common things (at level "thing") or groups of things (at a fallback level), rarest first;
    `rarity_millibits` is the sum of their rarities at that level.
    """

    person: int
    rarity_millibits: int
    shared: tuple[int, ...]
    level: str = EVERY_THING

    @property
    def count(self) -> int:
        """How many are shared."""
        return len(self.shared)


def dense_numbers(values: object) -> Int32:
    """`values` as one column of 32-bit numbers; ValueError when they are not."""
    column = np.asarray(values)
    if column.size == 0:
        return np.zeros(0, np.int32)
    if column.ndim != 1 or column.dtype.kind not in "iu":
        raise ValueError("a column of whole numbers is needed")
    if int(column.min()) < 0 or int(column.max()) >= 2**31 - 1:
        raise ValueError("people and things are numbered from 0 and stay below 2³¹ - 1")
    return column.astype(np.int32, copy=False)
