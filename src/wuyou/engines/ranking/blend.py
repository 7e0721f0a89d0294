"""How much each part counts: chosen by what was held out, never by what is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.ranking.matrix import Trial, faded
from wuyou.engines.ranking.parts import Asked, Part, normalised
from wuyou.engines.ranking.types import Float32, Float64, Int64

_ROWS = 128
"""People scored at once."""
_SHARE_DEEP, _MOST_DEEP = 50, 400
"""A deep list holds one item in so many of all, and so many at most."""
_LEAST_DEPTH = 100
"""So many of the best of each part can become part of a blend's list, and as many as a deep list holds."""
_MOVES = (0.0, 0.5, 0.75, 1.33, 2.0)
_STARTS = (0.1, 0.3, 1.0)
_GAIN = 1.0005
"""Less than this is noise: the simpler blend stays."""


def gains(count: int) -> Float64:
    """What a hit at each place of a list is worth: 1 / log₂(place + 1), the first place 1."""
    return 1.0 / np.log2(np.arange(2, count + 2))


def ndcg(hits: NDArray[np.bool_], wanted: Int64) -> Float64:
    """Normalised discounted gain of each list. With hits at 1 and 3 of 2 wanted: (1 + 0.5) / (1 + 0.631) = 0.920.

    Shapes: hits (n, k); wanted (n,) how many could be hit; (n,).
    """
    worth = gains(hits.shape[1])
    best = np.concatenate(([0.0], worth.cumsum()))[np.minimum(wanted, hits.shape[1])]
    return np.divide(hits @ worth, best, out=np.zeros(len(hits)), where=best > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Scores of every part for whatever item one of them thinks well of.

    A blend is judged by the list that is shown and by a deep one, half each: who asks among few, or asks again, sees
    what stands deep, where a little popularity ranks better than faint likeness.

    Shapes: scores (n_parts, n, c) float32, each part's row normalised over all items; known (n, c), whether a cell is
    an item; right (n, c), whether it was held out; wanted (n,) how many were; deep, the length of a deep list.
    """

    names: tuple[str, ...]
    scores: Float32
    known: NDArray[np.bool_]
    right: NDArray[np.bool_]
    wanted: Int64
    deep: int

    def of(self, rows: NDArray[np.bool_]) -> Pool:
        """Those people alone."""
        return Pool(self.names, self.scores[:, rows], self.known[rows], self.right[rows], self.wanted[rows], self.deep)

    def ndcg_of(self, weights: Float64, k: int) -> float:
        """Mean NDCG@k of the blend."""
        return float(self.ndcg_each(weights, k).mean())

    def ndcg_each(self, weights: Float64, k: int) -> Float64:
        """NDCG@k of the blend for each."""
        return ndcg(self.hits(weights, k), self.wanted)

    def worth_of(self, weights: Float64, k: int) -> float:
        """Mean of NDCG@k and NDCG@deep of the blend."""
        hits = self.hits(weights, max(self.deep, k))
        return float((ndcg(hits[:, :k], self.wanted) + ndcg(hits, self.wanted)).mean() / 2)

    def hits(self, weights: Float64, k: int) -> NDArray[np.bool_]:
        """Which of the k best of each were held out. Shapes: (n, k), or (n, c) where c is less."""
        mixed = np.tensordot(weights.astype(np.float32), self.scores, axes=1)
        mixed[~self.known] = -np.inf
        k = min(k, mixed.shape[1])
        top = np.argpartition(-mixed, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(mixed, top, axis=1), axis=1, kind="stable")
        top = np.take_along_axis(top, order, axis=1)
        return np.take_along_axis(self.right, top, axis=1)


def pool_of(parts: list[Part], trial: Trial, k: int, *, days: float | None = None) -> Pool:
    """The best of each part for everyone on trial, where what people have fades in so many days.

    Cost: every part's scores of all items, `_ROWS` people at a time.
    """
    taste, ties = faded(trial.world, days), trial.world.ties
    deep = max(k, min(taste.shape[1] // _SHARE_DEEP, _MOST_DEEP))
    depth = min(max(deep, _LEAST_DEPTH), taste.shape[1])
    found: list[tuple[Float32, NDArray[np.bool_], NDArray[np.bool_]]] = []
    for start in range(0, len(trial.rows), _ROWS):
        rows = trial.rows[start : start + _ROWS]
        asked = Asked(taste[rows], rows, ties[rows])
        seen = taste[rows].toarray() > 0
        right = trial.wanted[start : start + _ROWS].toarray() > 0
        every = np.stack([normalised(part.scores(asked)) for part in parts])
        chosen = np.zeros(seen.shape, np.bool_)
        for scores in every:
            open_scores = np.where(seen, -np.inf, scores)
            best = np.argpartition(-open_scores, depth - 1, axis=1)[:, :depth]
            np.put_along_axis(chosen, best, values=True, axis=1)
        chosen &= ~seen
        counts = chosen.sum(axis=1)
        places = np.argsort(~chosen, axis=1, kind="stable")[:, : counts.max()]
        found.append(
            (
                np.take_along_axis(every, places[None], axis=2),
                np.take_along_axis(chosen, places, axis=1),
                np.take_along_axis(right, places, axis=1),
            )
        )
    width = max(known.shape[1] for _, known, _ in found)
    return Pool(
        tuple(part.name for part in parts),
        np.concatenate([_wide(scores, width) for scores, _, _ in found], axis=1),
        np.concatenate([_wide(known, width) for _, known, _ in found]),
        np.concatenate([_wide(right, width) for _, _, right in found]),
        np.diff(trial.wanted.indptr).astype(np.int64),
        deep,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """How much each part counts, for whom.

    Shapes: overall (n_parts,), each (n_cohorts, n_parts) float64; rows sum to 1.
    """

    overall: Float64
    each: Float64

    @classmethod
    def alike(cls, weights: Float64) -> Weights:
        """The same for everyone."""
        return cls(weights, np.tile(weights, (COHORTS, 1)))


SIZES = (2, 9)
"""People with up to so many things are weighed apart."""
COHORTS = 2 * (len(SIZES) + 1)


def cohorts(sizes: NDArray[np.integer[Any]], is_group: NDArray[np.bool_]) -> Int64:
    """By how many things somebody has, and whether they are a group. A group with 4 things is in 4. Shapes: (n,)."""
    found: Int64 = np.searchsorted(SIZES, sizes, side="left") + (len(SIZES) + 1) * is_group
    return found


def weights_of(pool: Pool, cohort: Int64, k: int) -> tuple[Weights, float]:
    """Weights for all, then for groups and people, then by size of what they have, each where enough can be asked.

    A part of those asked gets weights of its own only for a clear gain over those of the larger part.
    Shapes: cohort (n,), of each row of the pool. The float is the mean NDCG@k that all of it reaches.
    """
    overall, _ = chosen_weights(pool, k)
    each = np.tile(overall, (COHORTS, 1))
    sizes = len(SIZES) + 1
    for kind in (0, 1):
        of_kind = range(kind * sizes, (kind + 1) * sizes)
        _refine(pool, cohort, each, list(of_kind), k)
        for one in of_kind:
            _refine(pool, cohort, each, [one], k)
    per_person = np.empty(len(cohort))
    for one in np.unique(cohort).tolist():
        rows = cohort == one
        per_person[rows] = pool.of(rows).ndcg_each(each[one], k)
    return Weights(overall, each), float(per_person.mean())


def _refine(pool: Pool, cohort: Int64, each: Float64, mine: list[int], k: int) -> None:
    rows = np.isin(cohort, mine)
    if rows.sum() < _ENOUGH or rows.all():
        return
    apart = pool.of(rows)
    before = apart.worth_of(each[mine[0]], k)
    weights, reached = chosen_weights(apart, k, start=each[mine[0]])
    if reached > before * _CLEAR_GAIN:
        each[mine] = weights


_ENOUGH = 80
_CLEAR_GAIN = 1.01


def chosen_weights(pool: Pool, k: int, *, start: Float64 | None = None) -> tuple[Float64, float]:
    """Weights, one a part, and the worth they reach (see `Pool`).

    From the best part alone, or from `start` where that is better, one weight after the other is moved while that
    helps: never worse, on what was held out, than the best part alone.
    """
    count = len(pool.names)
    starts = [np.eye(count)[place] for place in range(count)] + ([] if start is None else [start])
    alone = [pool.worth_of(weights, k) for weights in starts]
    weights = starts[int(np.argmax(alone))].astype(np.float64)
    reached = max(alone)
    while True:
        before = reached
        for place in range(count):
            scale = weights.max()
            tries = [weights[place] * move for move in _MOVES] if weights[place] else [scale * by for by in _STARTS]
            for weight in tries:
                tried = weights.copy()
                tried[place] = weight
                if tried.any() and (score := pool.worth_of(tried, k)) > reached * _GAIN:
                    weights, reached = tried, score
        if reached <= before * _GAIN:
            return weights / weights.sum(), reached


def fallback_weights(names: tuple[str, ...]) -> Float64:
    """Weights where nothing can be held out: what did well wherever it could be measured."""
    weights = np.array([_FALLBACK.get(name, 0.0) for name in names])
    if not weights.any():
        weights = np.ones(len(names))
    shares: Float64 = weights / weights.sum()
    return shares


_FALLBACK: Mapping[str, float] = {
    "regression": 1.0,
    "neighbours": 0.5,
    "kin": 0.2,
    "alike": 0.1,
    "popular": 0.1,
}


def _wide(table: NDArray[Any], width: int) -> NDArray[Any]:
    beside = [(0, 0)] * (table.ndim - 1) + [(0, width - table.shape[-1])]
    return np.pad(table, beside)
