"""The exact top of a layer: rare things first, and no further than needed.

A person's score is the sum of the rarities of what is shared. Lists are walked from the rarest; what the lists not yet
walked could add at most is known (the sum of their rarities), so that

* who is met only in the last N - 1 lists has fewer than N things in common, and
* who is met only in lists that together weigh less than the present k-th best cannot be among the best k:

those lists are never walked, only asked about the few who still can win (bitmaps or bisection). The idea is Turtle and
Flood's MaxScore (Information Processing & Management 31, 1995); with whole-number rarities and strict comparisons the
answer is the same as that of a full count, ties included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.same_things.arrays import high_of, pair_keys, within, without
from wuyou.engines.same_things.layer import Base, Layer
from wuyou.engines.same_things.rarity import rarity_millibits
from wuyou.engines.same_things.types import Int64

_FIRST_ENTRIES = 16_384
"""Postings of the first round: enough to find most winners, few enough to cost less than 0.2 ms."""
_GROWTH = 4
"""Each round walks so many times more; walking again what was walked costs a third in all."""
_TRIALS = 4
"""So many times `limit` people are counted to the end to learn the k-th best."""
_BLOCK_CELLS = 1 << 17
"""Cells of one (lists × people) block of bitmap look-ups: small enough for the processor's cache."""
_NO_BOUND = np.int64(-1)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """People (n,), their sums (n,), best first, and for each what is shared: positions in `features`, rarest first."""

    people: Int64
    weights: Int64
    features: Int64
    shared: list[Int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Standing:
    """People (sorted) with what they are known to share so far."""

    people: Int64
    counts: Int64
    weights: Int64

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> _Standing:
        return _Standing(self.people[chosen], self.counts[chosen], self.weights[chosen])


def best(
    layer: Layer,
    features: Int64,
    granted: Int64,
    *,
    at_least: int,
    limit: int | None,
    excluded: Int64,
) -> Found:
    """The best `limit` people (all when None) who share at least `at_least` of `features` (sorted, unique).

    Args: `granted` pairs (feature, person) that count for this viewer beside the layer's own (sorted, unique, none of
    them in the layer); `excluded` people (sorted). Order: sum of rarities, then count, both falling; then person.
    """
    walk = _Walk(layer, features, granted, excluded)
    standing = walk.top(max(at_least, 1), limit)
    order = np.lexsort((standing.people, -standing.counts, -standing.weights))[:limit]
    standing = standing.where(order)
    return Found(standing.people, standing.weights, walk.features, walk.reasons(standing.people))


class _Walk:
    """One question: my lists in the order of rarity, their weights, and the pairs that stand outside the lists."""

    def __init__(self, layer: Layer, features: Int64, granted: Int64, excluded: Int64) -> None:
        holders = layer.holders(features)
        order = np.argsort(holders, kind="stable")
        self.layer = layer
        self.base: Base = layer.base
        self.features = features[order]
        self.weights = rarity_millibits(layer.people_count, holders[order])
        self.excluded = excluded
        self.rest = np.append(self.weights[::-1].cumsum()[::-1], 0)
        """`rest[i]`: what the lists from i on weigh together."""
        self.lengths = self.base.holders(self.features)
        self.entries = self.lengths.cumsum()

        (added_to, added), (removed_from, removed) = layer.changes_of(self.features)
        at = np.argsort(self.features, kind="stable")
        granted_to = at[self.features[at].searchsorted(high_of(granted))]
        # Everything outside the lists is counted from the start, the removed with a minus: what remains of a person is
        # then never more than the lists not yet walked.
        self.plus = np.concatenate((added_to, granted_to)), np.concatenate((added, granted & 0xFFFFFFFF))
        self.minus = removed_from, removed

    def top(self, at_least: int, limit: int | None) -> _Standing:
        """Everyone who can be among the best, with full counts, and who shares enough."""
        lists = len(self.features)
        stop = lists - at_least + 1
        if stop <= 0 or limit == 0:
            return _Standing(*(np.zeros(0, np.int64) for _ in range(3)))
        bound = _NO_BOUND
        target = _FIRST_ENTRIES if limit is not None else int(self.entries[-1])
        while True:
            walked = min(max(int(self.entries.searchsorted(target, side="right")), 1), stop)
            standing = self.walked(walked)
            standing = standing.where(self.can_win(standing, walked, at_least, bound))
            if limit is not None and len(standing.people) >= limit:
                trials = min(_TRIALS * limit, len(standing.people))
                chosen = np.sort(np.argpartition(-standing.weights, trials - 1)[:trials])
                full = self.completed(standing.where(chosen), walked, at_least, bound)
                if len(full.people) >= limit:
                    bound = max(bound, np.partition(full.weights, -limit)[-limit])
                    # Lists that together weigh less than the bound bring nobody new.
                    stop = min(stop, int(np.count_nonzero(self.rest[:-1] >= bound)))
            if walked >= stop:
                return self.completed(
                    standing.where(self.can_win(standing, walked, at_least, bound)), walked, at_least, bound
                )
            target = max(target * _GROWTH, int(self.entries[walked]))

    def walked(self, lists: int) -> _Standing:
        """Who is in the first `lists` lists or outside all of them, with what they share there."""
        count = len(self.features)
        starts = self.base.offsets
        bulk = [
            self.base.people[starts[feature] : starts[feature + 1]]
            for feature, length in zip(self.features[:lists].tolist(), self.lengths[:lists].tolist(), strict=True)
            if length
        ]
        people = np.concatenate([*bulk, self.plus[1], self.minus[1]]).astype(np.int64)
        places = np.concatenate(
            (np.repeat(np.arange(lists), self.lengths[:lists]), self.plus[0], self.minus[0] + count)
        )
        keys = pair_keys(people, places)
        keys.sort()
        people = keys >> 32
        places = keys & 0xFFFFFFFF
        first = np.flatnonzero(np.concatenate(([True], people[1:] != people[:-1]))) if len(people) else places
        one = np.repeat(np.array([1, -1]), count)
        weight = np.concatenate((self.weights, -self.weights))
        if not len(people):
            return _Standing(people, people, people)
        standing = _Standing(people[first], np.add.reduceat(one[places], first), np.add.reduceat(weight[places], first))
        return standing.where(~within(standing.people, self.excluded)) if len(self.excluded) else standing

    def can_win(self, standing: _Standing, walked: int, at_least: int, bound: np.int64) -> NDArray[np.bool_]:
        """Who reaches the number and the bound if all the lists from `walked` on had them."""
        left = len(self.features) - walked
        possible: NDArray[np.bool_] = (standing.counts + left >= at_least) & (
            standing.weights + self.rest[walked] >= bound
        )
        return possible

    def completed(self, standing: _Standing, walked: int, at_least: int, bound: np.int64) -> _Standing:
        """Full counts of those who, counted to the end, share enough and reach the bound."""
        lists = len(self.features)
        while walked < lists and len(standing.people):
            until = min(lists, walked + max(_BLOCK_CELLS // len(standing.people), 1))
            hits = self.hits(standing.people, walked, until)
            standing = _Standing(
                standing.people,
                standing.counts + hits.sum(axis=0, dtype=np.int64),
                standing.weights + self.weights[walked:until] @ hits,
            )
            walked = until
            standing = standing.where(self.can_win(standing, walked, at_least, bound))
        return standing.where((standing.counts >= at_least) & (standing.weights >= bound))

    def hits(self, people: Int64, start: int, end: int) -> NDArray[np.bool_]:
        """Which of `people` (sorted) are in the lists from `start` to `end`: (lists, people)."""
        hits = np.zeros((end - start, len(people)), np.bool_)
        known = int(people.searchsorted(len(self.base.own_offsets) - 1))
        people = people[:known]
        features = self.features[start:end]
        in_head = within(features, self.base.head)
        if in_head.any():
            rows = self.base.head.searchsorted(features[in_head])
            bits = self.base.head_bits[rows[:, None], (people >> 3)[None, :]]
            hits[in_head, :known] = (bits >> (people & 7).astype(np.uint8)) & 1
        needles = people.astype(np.int32)
        for row in np.flatnonzero(~in_head & (self.lengths[start:end] > 0)):
            first = self.base.offsets[features[row]]
            holders = self.base.people[first : first + self.lengths[start + row]]
            hits[row, :known] = within(needles, holders)
        return hits

    def reasons(self, people: Int64) -> list[Int64]:
        """For each of `people` what is shared, rarest first."""
        if not len(people):
            return []
        ranks = np.argsort(people, kind="stable")
        in_order = people[ranks]
        places = np.argsort(self.features, kind="stable")
        mine = self.features[places]

        held = self.base.pairs_of(in_order)
        held = held[within(high_of(held), mine)]
        keys = pair_keys(ranks[in_order.searchsorted(held & 0xFFFFFFFF)], places[mine.searchsorted(high_of(held))])

        def of(pairs: tuple[Int64, Int64]) -> Int64:
            chosen = within(pairs[1], in_order)
            return pair_keys(ranks[in_order.searchsorted(pairs[1][chosen])], pairs[0][chosen])

        keys = np.sort(np.concatenate((without(keys, np.sort(of(self.minus))), of(self.plus))))
        ends = (keys >> 32).searchsorted(np.arange(len(people)), side="right")
        return np.split(keys & 0xFFFFFFFF, ends[:-1])
