"""From scores to a list: what is fresh first, not all of one kind, some of what few know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.ranking.types import Float32, Float64, Int64, Shape

_POOL = 10
"""A list of k is chosen from the best so many times k, and from more when those do not suffice."""


def best(scores: Float32, k: int) -> Int64:
    """Places of the k largest that are not -inf, best first, the smaller place among equals.

    Cost: a pass over all, and a sort of the k.
    """
    count = min(k, len(scores))
    if count <= 0:
        return np.zeros(0, np.int64)
    least = np.partition(scores, -count)[-count]
    over = np.flatnonzero(scores > least)
    level = np.flatnonzero(scores == least)[: count - len(over)]
    places = np.concatenate((over, level))
    places = places[np.lexsort((places, -scores[places]))]
    found: Int64 = places[np.isfinite(scores[places])].astype(np.int64)
    return found


def refreshed(scores: Float32, born_at: Float64, shape: Shape, now: float) -> Float32:
    """Scores above 0 raised by how young an item is. At half_life_s of age and freshness 1 a score of 2 becomes 3."""
    if not shape.freshness:
        return scores
    ages = np.maximum(now - np.nan_to_num(born_at, nan=-np.inf), 0.0)
    fresher: Float32 = (scores * (1.0 + shape.freshness * 0.5 ** (ages / shape.half_life_s))).astype(np.float32)
    return np.where(scores > 0, fresher, scores)


def arranged(scores: Float32, k: int, shape: Shape, attributes: Mapping[str, Int64]) -> Int64:
    """Places of up to k items, none at -inf, best first after what `shape` takes off for sameness.

    Greedy: each choice multiplies what is left by (1 - diversity) for each attribute that it shares with the choice.
    """
    if not attributes or not (shape.diversity or shape.at_most):
        return best(scores, k)
    pool = k * _POOL
    while True:
        places = best(scores, pool)
        chosen = _greedy(places, scores[places], k, shape, attributes)
        if len(chosen) == k or pool >= len(scores):
            return chosen
        pool *= 4


def with_unknown(
    places: Int64, k: int, shape: Shape, few: NDArray[np.bool_], interest: Float32, is_open: NDArray[np.bool_]
) -> tuple[Int64, Int64]:
    """The list with a share of items that few know, evenly spread, and which those are.

    Drawn with the seed without putting back; who is likelier to be of interest is likelier drawn.

    Shapes: few, interest (0 and more), is_open (n_items,).
    """
    wanted = int(shape.explore * k + 0.5)
    nobody = np.zeros(0, np.int64)
    if not wanted:
        return places[:k], nobody
    may = is_open & few
    may[places[: k - wanted]] = False
    pool = np.flatnonzero(may)
    wanted = min(wanted, len(pool))
    if not wanted:
        return places[:k], nobody
    chances = _LEAST_CHANCE + interest[pool].astype(np.float64)
    # The largest of log(u) / w: a weighted draw without putting back (Efraimidis and Spirakis, IPL 2006).
    keys = np.log(np.random.default_rng(shape.seed).random(len(pool))) / chances
    drawn = pool[np.argsort(-keys, kind="stable")[:wanted]]
    kept = places[~np.isin(places, drawn)][: k - wanted]
    total = len(kept) + wanted
    slots = np.ceil(np.arange(1, wanted + 1) * total / wanted).astype(np.int64) - 1
    arranged = np.empty(total, np.int64)
    is_slot = np.zeros(total, np.bool_)
    is_slot[slots] = True
    arranged[is_slot], arranged[~is_slot] = drawn, kept
    return arranged, drawn


_LEAST_CHANCE = 0.05


def _greedy(places: Int64, scores: Float32, k: int, shape: Shape, attributes: Mapping[str, Int64]) -> Int64:
    if not len(places):
        return places
    groups = {name: _Groups.of(column[places]) for name, column in attributes.items()}
    low, high = float(scores[-1]), float(scores[0])
    left = (scores.astype(np.float64) - low) / (high - low) if high > low else np.ones(len(scores))
    left += _ABOVE_ZERO
    gone = np.zeros(len(places), np.bool_)
    taken: dict[tuple[str, int], int] = {}
    chosen: list[int] = []
    while len(chosen) < k:
        place = int(np.argmax(left))
        if gone[place]:
            break
        chosen.append(place)
        gone[place], left[place] = True, _LAST
        for name, group in groups.items():
            value = int(group.values[place])
            if value < 0:
                continue
            same = group.with_value(value)
            taken[name, value] = taken.get((name, value), 0) + 1
            if taken[name, value] >= shape.at_most.get(name, len(places) + 1):
                gone[same] = True
            left[same] = np.where(gone[same], _LAST, left[same] * (1.0 - shape.diversity))
    return places[chosen]


@dataclass(frozen=True, slots=True)
class _Groups:
    """Which places have a value. Shapes: values, order, ordered (n,)."""

    values: Int64
    order: Int64
    ordered: Int64

    @classmethod
    def of(cls, values: Int64) -> Self:
        """Cost: a sort."""
        order = np.argsort(values, kind="stable")
        return cls(values, order, values[order])

    def with_value(self, value: int) -> Int64:
        """The places with this value. Cost: two searches."""
        first, end = self.ordered.searchsorted([value, value + 1])
        return self.order[first:end]


_LAST = -1.0
_ABOVE_ZERO = 1e-9
