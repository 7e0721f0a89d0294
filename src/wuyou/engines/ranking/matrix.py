"""Interactions as one sparse matrix of people and items, and what is held out of it to choose by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from wuyou.engines.ranking.types import TASTE, Float64, Groups, Int64, Interactions, Items, Kind, Ties


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """All that is learnt from, in dense numbers.

    Shapes:
        people (n_people,), items (n_items,): ids, ascending; a row or column number is the place in them.
        taste (n_people, n_items) CSR float32: how sure we are that the person cares, above 0 and up to 1.
        at (taste.nnz,) float64 or None: when they last did something with it, seconds.
        clicks, seen (n_items,) float64: sums of decayed acts, and how often an item was only seen.
        ties (n_people, n_people) CSR float32: strengths.
        is_group (n_people,).
        attributes: by name (n_items,) int64, -1 for none. born_at (n_items,) float64, NaN for unknown.
    """

    people: Int64
    items: Int64
    taste: sparse.csr_array
    at: Float64 | None
    seen: Float64
    ties: sparse.csr_array
    is_group: NDArray[np.bool_]
    attributes: dict[str, Int64]
    born_at: Float64

    @classmethod
    def of(
        cls,
        interactions: Interactions,
        items: Items | None = None,
        ties: Ties | None = None,
        groups: Groups | None = None,
    ) -> World:
        """Sorted and summed. Cost: a sort of the interactions."""
        known = Items(np.zeros(0, np.int64)) if items is None else items
        within = Groups(_NOBODY, _NOBODY) if groups is None else groups
        known_ties = _joined(ties, within)
        people = np.union1d(interactions.people, known_ties.people)
        ids = np.union1d(interactions.items, known.ids)
        shape = (len(people), len(ids))
        rows, columns = people.searchsorted(interactions.people), ids.searchsorted(interactions.items)
        kinds = np.full(len(rows), Kind.OWN, np.int8) if interactions.kinds is None else interactions.kinds
        weights = TASTE[kinds]
        if interactions.weights is not None:
            weights = weights * interactions.weights
        seen = np.bincount(columns[kinds == Kind.SEEN], minlength=len(ids)).astype(np.float64)
        if known.seen is not None:
            seen += _placed(known.seen, known.ids, ids, 0.0)
        cares = weights > 0
        rows, columns, weights = rows[cares], columns[cares], weights[cares]
        taste = sparse.csr_array((weights, (rows, columns)), shape=shape, dtype=np.float32)
        taste.sum_duplicates()
        np.minimum(taste.data, 1.0, out=taste.data)
        at = None if interactions.at is None else latest(taste, rows, columns, interactions.at[cares])
        attributes = {name: _placed(values, known.ids, ids, -1) for name, values in known.attributes.items()}
        born = np.full(len(known.ids), np.nan) if known.born_at is None else known.born_at
        return cls(
            people=people,
            items=ids,
            taste=taste,
            at=at,
            seen=seen,
            ties=_tied(known_ties, people),
            is_group=np.isin(people, within.groups),
            attributes=attributes,
            born_at=_placed(born, known.ids, ids, np.nan),
        )

    def with_taste(self, kept: NDArray[np.bool_]) -> World:
        """Only those entries of `taste` (in its order)."""
        taste = self.taste
        ends = np.concatenate(([0], kept.cumsum()))[taste.indptr]
        smaller = sparse.csr_array((taste.data[kept], taste.indices[kept], ends), shape=taste.shape)
        return replace(self, taste=smaller, at=None if self.at is None else self.at[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A world with something held out, and what was.

    Shapes: rows (n_trial,) int64, the people asked; wanted (n_trial, n_items) CSR, what was held out of each.
    """

    world: World
    rows: Int64
    wanted: sparse.csr_array


def trial_of(world: World, *, share: float, most_people: int, seed: int) -> Trial | None:
    """Hold out a share of what some people care for most: the latest where times are known, else drawn with the seed.

    Whoever has two things or more can be asked; one thing at least is held out and one at least stays. None when fewer
    than `FEWEST` can be asked: no weight should be chosen by so few.
    """
    taste = world.taste
    counts = np.diff(taste.indptr)
    able = np.flatnonzero(counts >= 2)
    if len(able) < FEWEST:
        return None
    draws = np.random.default_rng(seed)
    # Most of the people stay whole, so that what is chosen fits what is trained in the end.
    asked = np.sort(draws.permutation(able)[: min(most_people, max(FEWEST, len(able) // 2))])
    order = draws.random(taste.nnz) if world.at is None else world.at + draws.random(taste.nnz) * 1e-3
    held = np.zeros(taste.nnz, np.bool_)
    for row in asked.tolist():
        start, end = taste.indptr[row], taste.indptr[row + 1]
        sure = start + np.flatnonzero(taste.data[start:end] >= _SURE * taste.data[start:end].max())
        many = min(max(round(share * len(sure)), 1), end - start - 1)
        held[sure[np.argsort(-order[sure], kind="stable")[:many]]] = True
    rest = world.with_taste(~held)
    return Trial(rest, asked.astype(np.int64), world.with_taste(held).taste[asked])


def faded(world: World, days: float | None) -> sparse.csr_array:
    """`taste`, where a thing counts half after so many days before a person's own last act, and a hundredth at least.

    Unchanged for None and where times are not known. Shapes: (n_people, n_items) CSR, entries as in `taste`.
    """
    taste = world.taste
    if days is None or world.at is None:
        return taste
    owner = np.repeat(np.arange(taste.shape[0]), np.diff(taste.indptr))
    last = np.full(taste.shape[0], -np.inf)
    np.maximum.at(last, owner, world.at)
    left = np.maximum(0.5 ** ((last[owner] - world.at) / (days * DAY_S)), _LEAST_LEFT)
    return sparse.csr_array(((taste.data * left).astype(np.float32), taste.indices, taste.indptr), shape=taste.shape)


DAY_S = 86_400.0
_LEAST_LEFT = 0.01
FEWEST = 40
"""People who must be asked at least before anything is chosen by their answers."""
_SURE = 0.5
"""Held out is what is at least this share of the surest thing of a person: a purchase rather than a glance."""


def latest(taste: sparse.csr_array, rows: Int64, columns: Int64, at: Float64) -> Float64:
    """Of each entry of `taste` the last moment."""
    width = taste.shape[1]
    keys = np.repeat(np.arange(taste.shape[0], dtype=np.int64), np.diff(taste.indptr)) * width + taste.indices
    moments = np.full(taste.nnz, -np.inf)
    np.maximum.at(moments, keys.searchsorted(rows.astype(np.int64) * width + columns), at)
    return moments


def _placed(values: NDArray[Any], ids: Int64, all_ids: Int64, none: float) -> NDArray[Any]:
    placed = np.full(len(all_ids), none, values.dtype)
    placed[all_ids.searchsorted(ids)] = values
    return placed


_NOBODY = np.zeros(0, np.int64)


def _joined(ties: Ties | None, groups: Groups) -> Ties:
    """Ties of people, and of groups and their members both ways, each of strength 1."""
    own = Ties(_NOBODY, _NOBODY) if ties is None else ties
    strengths = np.ones(len(own.people), np.float32) if own.strengths is None else own.strengths
    return Ties(
        np.concatenate((own.people, groups.groups, groups.members)),
        np.concatenate((own.others, groups.members, groups.groups)),
        np.concatenate((strengths, np.ones(2 * len(groups.groups), np.float32))),
    )


def _tied(ties: Ties, people: Int64) -> sparse.csr_array:
    shape = (len(people), len(people))
    strengths = np.ones(len(ties.people), np.float32) if ties.strengths is None else ties.strengths
    known = np.isin(ties.others, people) & (ties.others != ties.people) & (strengths > 0)
    rows, columns = people.searchsorted(ties.people[known]), people.searchsorted(ties.others[known])
    tied = sparse.csr_array((strengths[known], (rows, columns)), shape=shape, dtype=np.float32)
    tied.sum_duplicates()
    return tied
