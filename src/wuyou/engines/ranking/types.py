"""What goes into the recommender and what comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class Kind(IntEnum):
    """What somebody did with an item. `SEEN` says nothing of taste: it is what a click is a share of."""

    SEEN = 0
    DWELL = 1
    CLICK = 2
    LIKE = 3
    SAVE = 4
    WANT = 5
    OWN = 6
    BOUGHT = 7


TASTE = np.array([0.0, 0.3, 0.3, 0.8, 0.8, 0.8, 1.0, 1.0], np.float32)
"""By kind, how sure one act makes us that the person cares, between 0 and 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """Columns of what people did with items, in any order; the same pair may come often.

    Args:
        people: ids, any whole numbers from 0. Groups are people too, with ids of their own (see `Groups`).
        items: ids, any whole numbers from 0.
        kinds: `Kind` of each; `OWN` where it is None.
        weights: how much each counts (0 and more), times what its kind says; 1 where it is None.
        at: seconds since 1970 of each; None when nobody knows.

    Shapes: all (n_interactions,).
    Raises: ValueError when the columns differ in length, an id or a weight is negative, or a kind is unknown.
    """

    people: Int64
    items: Int64
    kinds: NDArray[np.int8] | None = None
    weights: Float32 | None = None
    at: Float64 | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", ids_of(self.people))
        object.__setattr__(self, "items", ids_of(self.items))
        for name, kind in (("kinds", np.int8), ("weights", np.float32), ("at", np.float64)):
            if (column := getattr(self, name)) is not None:
                object.__setattr__(self, name, np.asarray(column).astype(kind, copy=False))
        columns = [self.items, *(column for column in (self.kinds, self.weights, self.at) if column is not None)]
        if any(column.shape != self.people.shape for column in columns):
            raise ValueError("the columns of one table are equally long")
        if self.kinds is not None and len(self.kinds) and not 0 <= self.kinds.min() <= self.kinds.max() < len(TASTE):
            raise ValueError("a kind is none of Kind")
        if self.weights is not None and not (np.isfinite(self.weights) & (self.weights >= 0)).all():
            raise ValueError("weights are numbers from 0")
        if self.at is not None and not np.isfinite(self.at).all():
            raise ValueError("moments are finite numbers of seconds")

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Self:
        """From (person, item) pairs of what people own."""
        table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls(table[:, 0], table[:, 1])

    def __len__(self) -> int:
        return len(self.people)


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """What is known of items beyond who likes them. Items that nobody touched yet are candidates only here.

    Args:
        ids: each item once.
        attributes: by name (author, brand, topic), the value of each item, -1 for none.
        born_at: since when each is there, seconds since 1970; None when nobody knows.
        seen: how often each was seen, by nobody in particular, beside what `Interactions` say of people; 0 where None.

    Shapes: all (n_items,).
    Raises: ValueError when the columns differ in length, an id comes twice, or a moment or a number is none.
    """

    ids: Int64
    attributes: Mapping[str, Int64] = field(default_factory=dict)
    born_at: Float64 | None = None
    seen: Float64 | None = None

    def __post_init__(self) -> None:
        ids = ids_of(self.ids)
        order = np.argsort(ids, kind="stable")
        if (np.diff(ids[order]) == 0).any():
            raise ValueError("an item stands there once")
        attributes = {name: np.asarray(values, np.int64) for name, values in self.attributes.items()}
        born_at = None if self.born_at is None else np.asarray(self.born_at, np.float64)
        seen = np.zeros(ids.shape) if self.seen is None else np.asarray(self.seen, np.float64)
        columns: list[NDArray[Any]] = [*attributes.values(), seen, *([] if born_at is None else [born_at])]
        if any(column.shape != ids.shape for column in columns):
            raise ValueError("the columns of one table are equally long")
        if born_at is not None and not np.isfinite(born_at).all():
            raise ValueError("moments are finite numbers of seconds")
        if not (np.isfinite(seen) & (seen >= 0)).all():
            raise ValueError("how often something was seen is a number from 0")
        object.__setattr__(self, "ids", ids[order])
        object.__setattr__(self, "seen", seen[order])
        object.__setattr__(self, "attributes", {name: values[order] for name, values in attributes.items()})
        object.__setattr__(self, "born_at", None if born_at is None else born_at[order])


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Columns (person, other, strength): whom people know, in this direction. Strengths from 0; 1 where it is None.

    Only ties that the person may see themselves belong here; a reason may name the other.
    """

    people: Int64
    others: Int64
    strengths: Float32 | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", ids_of(self.people))
        object.__setattr__(self, "others", ids_of(self.others))
        if self.strengths is not None:
            object.__setattr__(self, "strengths", np.asarray(self.strengths, np.float32))
        columns: list[NDArray[Any]] = [self.others, *([] if self.strengths is None else [self.strengths])]
        if any(column.shape != self.people.shape for column in columns):
            raise ValueError("the columns of one table are equally long")
        if self.strengths is not None and not (np.isfinite(self.strengths) & (self.strengths >= 0)).all():
            raise ValueError("strengths are numbers from 0")


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Columns (group, member). A group is a person with an id of its own, who knows its members and is known to them.

    What counts for groups is weighed apart from what counts for people.
    """

    groups: Int64
    members: Int64

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", ids_of(self.groups))
        object.__setattr__(self, "members", ids_of(self.members))
        if self.groups.shape != self.members.shape:
            raise ValueError("the columns of one table are equally long")


class ReasonKind(StrEnum):
    """Why an item is shown."""

    BECAUSE_OF = "because_of"
    """It goes with `Reason.items`, which the person has or liked."""
    KNOWN_PEOPLE = "known_people"
    """`Reason.people`, whom the person knows, have or like it."""
    FROM = "from"
    """Its `Reason.attribute` is `Reason.value`, as of `Reason.items` of the person."""
    POPULAR = "popular"
    """Many like it now."""
    NEW = "new"
    """Few know it yet; somebody has to be the first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, as data: pages make the sentence. `share` is its part of the score, between 0 and 1."""

    kind: ReasonKind
    share: float
    items: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    attribute: str = ""
    value: int = -1


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item for one person. `score` compares within one answer only, higher is better; reasons weightiest first."""

    item: int
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom is asked.

    Args:
        person: an id of the training, whose things and ties of then count; None for somebody unknown.
        recent: ids of items since then, or all that is known of somebody unknown; unknown ids are ignored.
        ties: ids of people whom somebody knows, in place of the ties of then; None keeps those.
    """

    person: int | None = None
    recent: tuple[int, ...] = ()
    ties: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is put together from scores.

    Args:
        diversity: 0 to 1; each item already chosen of the same author, brand, topic … takes this share off the next.
        at_most: by attribute, how many of one value a list may hold.
        freshness: 0 and more; so much of its score an item wins on the day it is born, half of it after `half_life_s`.
        half_life_s: seconds.
        explore: 0 to 1; this share of the list goes to items that few know, drawn with `seed`.
        seed: the same seed draws the same; give another every day.
        seen_too: also what the person has already.
    """

    diversity: float = 0.0
    at_most: Mapping[str, int] = field(default_factory=dict)
    freshness: float = 0.0
    half_life_s: float = 7 * 86_400.0
    explore: float = 0.0
    seed: int = 0
    seen_too: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.diversity <= 1 or not 0 <= self.explore <= 1:
            raise ValueError("shares lie between 0 and 1")
        if self.freshness < 0 or self.half_life_s <= 0:
            raise ValueError("freshness is a number from 0 and halves in a time above 0")
        if any(most < 1 for most in self.at_most.values()):
            raise ValueError("a list that may hold none of a value is an exclusion")


PLAIN = Shape()
"""Best first and nothing else."""


def ids_of(values: Any) -> Int64:
    """`values` as one column of ids; ValueError when they are none."""
    column = np.asarray(values)
    if column.size == 0:
        return np.zeros(0, np.int64)
    if column.ndim != 1 or column.dtype.kind not in "iu":
        raise ValueError("a column of whole numbers is needed")
    if int(column.min()) < 0 or int(column.max()) >= 2**63 - 1:
        raise ValueError("ids are numbered from 0")
    return column.astype(np.int64, copy=False)
