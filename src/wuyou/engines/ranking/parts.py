"""What the blend is made of: each part scores all items for whoever asks, higher is better, 0 says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from scipy import sparse

from wuyou.engines.ranking import factors
from wuyou.engines.ranking.neighbours import largest
from wuyou.engines.ranking.types import Float32, Float64, Int64


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Several who ask at once.

    Shapes: profiles (n, n_items) CSR float32, what each has or likes; rows (n,) int64, their row in the training or -1;
    ties (n, n_people) CSR float32, whom each knows.
    """

    profiles: sparse.csr_array
    rows: Int64
    ties: sparse.csr_array


class Part(Protocol):
    """One way to score."""

    name: ClassVar[str]

    def scores(self, asked: Asked) -> Float32:
        """Shapes: (n, n_items) float32."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """What goes with each thing of a person, summed: score = profile · weights.

    Shapes: weights (n_items, n_items) CSR float32, a row for each item of a profile.
    """

    weights: sparse.csr_array

    def scores(self, asked: Asked) -> Float32:
        """Cost: the entries of the profile's rows, and one array of all items."""
        found: Float32 = (asked.profiles @ self.weights).toarray()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours(Linear):
    """Items that the same people have (see `neighbours`)."""

    name: ClassVar[str] = "neighbours"


@dataclass(frozen=True, slots=True, eq=False)
class Regression(Linear):
    """Items predicted from all others at once (see `ease`)."""

    name: ClassVar[str] = "regression"


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Points of items, and the person's point that fits their things best (see `factors`).

    Shapes: points (n_items, size) float32; gram (size, size), pointsᵀ·points.
    """

    name: ClassVar[str] = "factors"
    points: Float32
    gram: Float32
    fit: factors.Fit

    @classmethod
    def of(cls, points: Float32, fit: factors.Fit) -> Factors:
        """With the product that every question needs."""
        return cls(points, points.T @ points, fit)

    def scores(self, asked: Asked) -> Float32:
        """Everyone is folded in, also who was in the training. Cost: solving for each, then one product."""
        if asked.profiles.shape[0] == 1:
            wanted = (asked.profiles @ self.points).T
            person = self.explained(asked, wanted)
            alone: Float32 = (self.points @ person).T
            return alone
        start = np.zeros((asked.profiles.shape[0], self.points.shape[1]), np.float32)
        persons = factors.solved(asked.profiles, start, self.points, self.fit, steps=_FOLD_STEPS, gram=self.gram)
        found: Float32 = persons @ self.points.T
        return found

    def explained(self, asked: Asked, wanted: Float32) -> Float32:
        """The system of the one who asks, solved for `wanted`. Shapes: (size, m) to (size, m)."""
        one = asked.profiles
        return factors.solved_exactly(one.indices, one.data, wanted, self.points, self.gram, self.fit)


_FOLD_STEPS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Popular:
    """The same for everyone: log(1 + decayed number of acts).

    Shapes: logs (n_items,) float32.
    """

    name: ClassVar[str] = "popular"
    logs: Float32

    def scores(self, asked: Asked) -> Float32:
        """The profile is not looked at."""
        return np.broadcast_to(self.logs, (asked.profiles.shape[0], len(self.logs)))


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Items of the same authors, brands, topics as a person's: the cosine of rare values counts more. Cold items too.

    Shapes: values (n_items, n_values) CSR float32, each row of length 1 or 0; by_value, the same turned; attribute_of
    (n_values,) which of `attributes` a column is of, value_of (n_values,) which value of it.
    """

    name: ClassVar[str] = "alike"
    values: sparse.csr_array
    by_value: sparse.csr_array
    attributes: tuple[str, ...]
    attribute_of: Int64
    value_of: Int64

    def scores(self, asked: Asked) -> Float32:
        """Cost: items of the profile's values."""
        found: Float32 = (asked.profiles @ self.values @ self.by_value).toarray()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Shelves:
    """Who has what, and how much a thing in common says.

    Shapes: taste (n_people, n_items) CSR; rare (n_items, n_people) CSR float32, taste times the squared rarity of the
    item over the square root of how many things the person has.
    """

    taste: sparse.csr_array
    rare: sparse.csr_array

    @classmethod
    def of(cls, taste: sparse.csr_array, *, most_holders: int) -> Shelves:
        """Rarity is log(1 + people / holders); what more than `most_holders` have says nothing."""
        people, items = taste.shape
        holders = np.bincount(taste.indices, minlength=items)
        rarity: Float64 = np.log1p(people / np.maximum(holders, 1))
        rarity[holders > most_holders] = 0.0
        sizes = np.maximum(np.diff(taste.indptr), 1)
        rare = taste.copy()
        rare.data = (taste.data * rarity[taste.indices] ** 2 / np.sqrt(np.repeat(sizes, np.diff(taste.indptr)))).astype(
            np.float32
        )
        rare.eliminate_zeros()
        return cls(taste, rare.T.tocsr())

    def kin(self, asked: Asked, nearest: int) -> sparse.csr_array:
        """The `nearest` people by rare things in common, themselves left out. Shapes: (n, n_people) CSR."""
        found = (asked.profiles @ self.rare).tocsr()
        own = np.repeat(asked.rows, np.diff(found.indptr))
        found.data[found.indices == own] = 0.0
        return largest(found, nearest)


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """What people have with whom one shares rare things: things find people, and people find things."""

    name: ClassVar[str] = "kin"
    shelves: Shelves
    nearest: int

    def scores(self, asked: Asked) -> Float32:
        """Cost: the holders of what the profile holds, then the things of the nearest."""
        found: Float32 = (self.shelves.kin(asked, self.nearest) @ self.shelves.taste).toarray()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What people have whom one knows: each counts by the tie, and more by rare things in common.

    Friends' things counted alike lower a ranking.
    """

    name: ClassVar[str] = "known"
    shelves: Shelves
    trust: float

    def scores(self, asked: Asked) -> Float32:
        """Cost: the things of the person and of whom they know."""
        found: Float32 = (self.weighed(asked) @ self.shelves.taste).toarray()
        return found

    def weighed(self, asked: Asked) -> sparse.csr_array:
        """Tie times (trust + likeness) of each whom they know. Shapes: (n, n_people) CSR."""
        likeness = (asked.profiles @ self.shelves.rare).tocsr()
        alike = asked.ties.multiply(likeness)
        return sparse.csr_array(asked.ties * self.trust + alike)


PARTS: tuple[type[Part], ...] = (Regression, Neighbours, Factors, Kin, Known, Alike, Popular)
"""In the order in which reasons and reports name them."""


def alike_of(attributes: dict[str, Int64], items: int) -> Alike | None:
    """Likeness by attributes; None when no item has any."""
    rows, columns, rarity, width = [], [], [], 0
    attribute_of, value_of = [], []
    for at, values in enumerate(attributes.values()):
        known = np.flatnonzero(values >= 0)
        if not len(known):
            continue
        named, places, counts = np.unique(values[known], return_inverse=True, return_counts=True)
        rows.append(known)
        columns.append(places + width)
        rarity.append(np.log1p(len(known) / counts)[places])
        attribute_of.append(np.full(len(named), at, np.int64))
        value_of.append(named)
        width += len(named)
    if not width:
        return None
    table = sparse.csr_array(
        (np.concatenate(rarity).astype(np.float32), (np.concatenate(rows), np.concatenate(columns))),
        shape=(items, width),
    )
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    table.data /= np.repeat(lengths, np.diff(table.indptr)).astype(np.float32)
    return Alike(table, table.T.tocsr(), tuple(attributes), np.concatenate(attribute_of), np.concatenate(value_of))


def normalised(scores: Float32) -> Float32:
    """Each row at length 1, so that parts can be added; rows of nothing stay. Shapes: (n, m) to (n, m)."""
    lengths = np.sqrt(np.einsum("ij,ij->i", scores, scores))[:, None]
    shares: Float32 = np.divide(scores, lengths, out=np.zeros(scores.shape, np.float32), where=lengths > 0)
    return shares
