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
from wuyou.engines.same_things.scratch import SCRATCH
from wuyou.engines.same_things.types import Int64

_FIRST_ENTRIES = 49_152
"""Postings of the first round: half a millisecond, after which nineteen of twenty people asking need no second one."""
_GROWTH = 6
"""Each round walks so many times more; walking again what was walked costs a fifth in all."""
_TRIALS = 4
"""So many times `limit` people are counted to the end to learn the k-th best."""
_BLOCK_CELLS = 1 << 16
"""Cells of one (lists × people) block of bitmap look-ups: small enough for the processor's cache."""
_DENSE_SHARE = 4
"""With more postings than one person in so many, a sum for everybody is cheaper than finding each posting's person."""
_POSTING_NS, _PERSON_NS, _FOUND_NS = 4, 2, 10
"""Measured costs of a posting in a sum for everybody, of each person in that sum, and of a posting otherwise."""
_LIST_NS, _BISECT_NS, _BIT_NS, _SHELF_NS = 5_000, 60, 3, 6
"""Measured costs of looking into one list, for one person in it, in a bitmap, and of one thing on a shelf."""
_TRIAL_NS = 100_000
"""What may be spent on a better bound in any case."""
_SHIFT = 34
"""Bits for the sum of weights below the count: exact up to `MOST_THINGS` things, in a float of 53 bits too."""
MOST_THINGS = 1 << 18
"""Things that one question may ask about."""
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
    """People (sorted, but fresh from a walk) with what they are known to share so far."""

    people: Int64
    counts: Int64
    weights: Int64

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> _Standing:
        return _Standing(self.people[chosen], self.counts[chosen], self.weights[chosen])

    def in_order(self) -> _Standing:
        return self.where(np.argsort(self.people))


class _SumsOfAll:
    """What each person has together, one number a person: for many postings."""

    def __init__(self, people: Int64, values: Int64, excluded: Int64) -> None:
        # Whole numbers below 2⁵³, which a float adds exactly.
        self.sums = np.bincount(people, weights=values.astype(np.float64))
        self.sums[excluded[excluded < len(self.sums)]] = 0

    def chosen(self, chosen: NDArray[np.bool_]) -> _Standing:
        people = np.flatnonzero(chosen)
        return _unpacked(people, self.sums[people].astype(np.int64))


class _SumsOfPostings:
    """The same, one number a posting: costs what the postings cost, however many people there are."""

    def __init__(self, people: Int64, values: Int64, excluded: Int64) -> None:
        self.people = people
        self.size = int(people.max()) + 1
        with SCRATCH.zeros(self.size) as sums:
            np.add.at(sums, people, values)
            sums[excluded[excluded < self.size]] = 0
            self.sums = sums[people]
            sums[people] = 0

    def chosen(self, chosen: NDArray[np.bool_]) -> _Standing:
        people, sums = self.people[chosen], self.sums[chosen]
        once = SCRATCH.each_once(people, self.size)
        return _unpacked(people[once], sums[once])


_NOBODY = _Standing(*(np.zeros(0, np.int64) for _ in range(3)))


def _unpacked(people: Int64, packed: Int64) -> _Standing:
    """Counts and weights, each of either sign, out of their sum `count << _SHIFT + weight`."""
    counts = (packed + (1 << (_SHIFT - 1))) >> _SHIFT
    return _Standing(people, counts, packed - (counts << _SHIFT))


def _least(count: int) -> int:
    """The least sum of `count` things."""
    return (count << _SHIFT) - (1 << (_SHIFT - 1))


def best(
    layer: Layer,
    features: Int64,
    granted: Int64,
    *,
    at_least: int,
    limit: int | None,
    excluded: Int64,
    among: Int64 | None = None,
) -> Found:
    """The best `limit` people (all when None) who share at least `at_least` of `features` (sorted, unique).

    Args: `granted` pairs (feature, person) that count for this viewer beside the layer's own (sorted, unique, none of
    them in the layer); `excluded` people (sorted); `among` the only people who are looked for (sorted). Order: sum of
    rarities, then count, both falling; then person.
    """
    walk = _Walk(layer, features, granted, excluded, among)
    standing = walk.top(max(at_least, 1), limit)
    order = np.lexsort((standing.people, -standing.counts, -standing.weights))[:limit]
    standing = standing.where(order)
    return Found(standing.people, standing.weights, walk.features, walk.reasons(standing.people))


def everyone_with_all(
    layer: Layer, features: Int64, granted: Int64, *, excluded: Int64, among: Int64 | None = None
) -> Int64:
    """The people (ascending) who have all of `features`; arguments as for `best`."""
    return _Walk(layer, features, granted, excluded, among).top(max(len(features), 1), None).people


class _Walk:
    """One question: my lists in the order of rarity, their weights, and the pairs that stand outside the lists."""

    def __init__(self, layer: Layer, features: Int64, granted: Int64, excluded: Int64, among: Int64 | None) -> None:
        if len(features) > MOST_THINGS:
            raise ValueError(f"a question is about {MOST_THINGS:,} things at most, not {len(features):,}")
        holders = layer.holders(features)
        order = np.argsort(holders, kind="stable")
        self.layer = layer
        self.base: Base = layer.base
        self.features = features[order]
        self.weights = rarity_millibits(layer.people_count, holders[order])
        self.excluded = excluded
        self.among = among
        self.values = self.weights + (1 << _SHIFT)
        """A thing's count and weight in one number, to be added at once."""
        self.rest = np.append(self.weights[::-1].cumsum()[::-1], 0)
        """`rest[i]`: what the lists from i on weigh together."""
        self.lengths = self.base.holders(self.features)
        self.entries = self.lengths.cumsum()
        self.in_head = within(self.features, self.base.head)

        (added_to, added), (removed_from, removed) = layer.changes_of(self.features)
        at = np.argsort(self.features, kind="stable")
        granted_to = at[self.features[at].searchsorted(high_of(granted))]
        # Everything outside the lists is counted from the start, the removed with a minus: what remains of a person is
        # then never more than the lists not yet walked.
        self.plus = np.concatenate((added_to, granted_to)), np.concatenate((added, granted & 0xFFFFFFFF))
        self.minus = removed_from, removed
        self.most_outside, self.most_removed = (
            int(np.unique(people, return_counts=True)[1].max(initial=0)) for people in (self.plus[1], self.minus[1])
        )

    def top(self, at_least: int, limit: int | None) -> _Standing:
        """Everyone who can be among the best, with full counts, and who shares enough."""
        lists = len(self.features)
        stop = lists - at_least + 1
        if stop <= 0 or limit == 0:
            return _NOBODY
        bound = _NO_BOUND
        target, furthest = (_FIRST_ENTRIES, stop) if limit is not None else (int(self.entries[-1]), stop)
        while True:
            walked = min(max(int(self.entries.searchsorted(target, side="right")), 1), furthest)
            standing, bound = self.walked(walked, at_least, limit, bound)
            if limit is not None:
                bound = max(bound, self.tried(standing, walked, at_least, limit, bound))
                # Lists that together weigh less than the bound bring nobody new.
                stop = min(stop, int(np.count_nonzero(self.rest[:-1] >= bound)))
            standing = self.hopeful(standing, walked, at_least, bound).in_order()
            further = int(self.entries[walked - 1]) * _GROWTH
            if walked < stop:
                furthest = stop
            elif (
                walked == lists
                or not len(standing.people)
                or self.cost_ns(standing.people, walked) <= self.walk_ns(further)
            ):
                return self.completed(standing, walked, at_least, bound)
            else:
                # Too many could still win: walking on sorts them out at less cost than looking at each.
                furthest = lists
            target = max(further, int(self.entries[walked]))

    def tried(self, standing: _Standing, walked: int, at_least: int, limit: int, bound: np.int64) -> np.int64:
        """A better bound: the most promising counted to the end, if that costs less than the walk so far."""
        trials = min(_TRIALS * limit, len(standing.people))
        if trials < limit:
            return bound
        standing = standing.where(np.argpartition(-standing.weights, trials - 1)[:trials]).in_order()
        if self.cost_ns(standing.people, walked) > self.walk_ns(int(self.entries[walked - 1])) + _TRIAL_NS:
            return bound
        return self.worst_of_best(self.completed(standing, walked, at_least, bound), at_least, limit)

    def walk_ns(self, entries: int) -> int:
        """What it costs to walk so many postings."""
        entries = min(entries, int(self.entries[-1]))
        people = len(self.base.own_offsets)
        if entries * _DENSE_SHARE > people:
            return entries * _POSTING_NS + people * _PERSON_NS
        return entries * _FOUND_NS

    def cost_ns(self, people: Int64, walked: int) -> int:
        """What it costs to count `people` to the end, most of whom fall out on the way."""
        return min(self.shelves_ns(people), 2 * self.lists_ns(people, walked, self.block_end(people, walked)))

    def block_end(self, people: Int64, walked: int) -> int:
        """Up to where `people` are looked for in the lists before it is asked again who can still win."""
        return min(len(self.features), walked + max(_BLOCK_CELLS // len(people), 1))

    def shelves_ns(self, people: Int64) -> int:
        """What it costs to look through everything that each of them holds."""
        return int(self.base.degrees(people).sum()) * _SHELF_NS

    def lists_ns(self, people: Int64, start: int, end: int) -> int:
        """What it costs to look for them in the lists from `start` to `end`."""
        plain = self.lengths[start:end][~self.in_head[start:end]]
        bisected = int(np.minimum(plain, len(people)).sum())
        return len(plain) * _LIST_NS + bisected * _BISECT_NS + len(people) * (end - start) * _BIT_NS

    def fewest(self, walked: int, at_least: int, bound: np.int64) -> int:
        """So many things at least, less what was removed, has in common in the first `walked` lists who can win."""
        by_count = at_least - (len(self.features) - walked)
        by_weight = -(-(int(bound) - int(self.rest[walked])) // max(int(self.weights[0]), 1)) - self.most_removed
        return max(by_count, by_weight)

    def walked(self, lists: int, at_least: int, limit: int | None, bound: np.int64) -> tuple[_Standing, np.int64]:
        """Who is in the first `lists` lists or outside all of them, with what they share there, in no order; the bound.

        What is known to be shared is shared at least: the k-th best of it is a bound. Who shares nothing there, or
        cannot reach the bound any more, is left out.
        """
        lengths = self.lengths[:lists]
        starts = self.base.offsets[self.features[:lists][lengths > 0]].tolist()
        bulk = [
            self.base.people[start : start + length]
            for start, length in zip(starts, lengths[lengths > 0].tolist(), strict=True)
        ]
        people = np.concatenate([*bulk, self.plus[1], self.minus[1]], dtype=np.int64)
        values = np.concatenate(
            (np.repeat(self.values[:lists], lengths), self.values[self.plus[0]], -self.values[self.minus[0]])
        )
        if self.among is not None:
            looked_for = within(people, self.among)
            people, values = people[looked_for], values[looked_for]
        if not len(people):
            return _NOBODY, bound
        summed = _SumsOfAll if len(people) * _DENSE_SHARE > len(self.base.own_offsets) else _SumsOfPostings
        found = summed(people, values, self.excluded)
        if limit is not None:
            bound = max(bound, self.worst_of_best(found.chosen(found.sums >= _least(at_least)), at_least, limit))
        fewest = self.fewest(lists, at_least, bound)
        enough = found.sums >= _least(fewest) if fewest > 0 else found.sums != 0
        return found.chosen(enough), bound

    def worst_of_best(self, standing: _Standing, at_least: int, limit: int) -> np.int64:
        """The `limit`-th largest sum of those who share enough; no bound when they are fewer."""
        weights = standing.weights[standing.counts >= at_least]
        return np.partition(weights, -limit)[-limit] if len(weights) >= limit else _NO_BOUND

    def hopeful(self, standing: _Standing, walked: int, at_least: int, bound: np.int64) -> _Standing:
        """Those who could still share enough and reach the bound.

        Of the lists from `walked` on, a person can be in as many as they have things that were not met yet, and those
        weigh at most what the first so many of them do.
        """
        lists = len(self.features)
        standing = standing.where(
            (standing.counts + (lists - walked) >= at_least) & (standing.weights + self.rest[walked] >= bound)
        )
        if walked == lists:
            return standing
        unmet = np.clip(self.base.degrees(standing.people) - standing.counts + self.most_outside, 0, lists - walked)
        most = self.rest[walked] - self.rest[walked + unmet]
        return standing.where((standing.counts + unmet >= at_least) & (standing.weights + most >= bound))

    def completed(self, standing: _Standing, walked: int, at_least: int, bound: np.int64) -> _Standing:
        """Full counts of those who, counted to the end, share enough and reach the bound."""
        lists = len(self.features)
        while walked < lists and len(standing.people):
            people = standing.people
            until = self.block_end(people, walked)
            if self.shelves_ns(people) < 2 * self.lists_ns(people, walked, until):
                more = self.from_shelves(people, walked)
                walked = lists
            else:
                hits = self.hits(people, walked, until)
                more = _unpacked(people, self.values[walked:until] @ hits)
                walked = until
            standing = _Standing(people, standing.counts + more.counts, standing.weights + more.weights)
            standing = self.hopeful(standing, walked, at_least, bound)
        return standing.where((standing.counts >= at_least) & (standing.weights >= bound))

    def from_shelves(self, people: Int64, walked: int) -> _Standing:
        """What `people` share in the lists from `walked` on, read from what each of them holds."""
        known = self.lengths[walked:] > 0
        asked = self.features[walked:][known]
        features, ends = self.base.shelves(people)
        with SCRATCH.zeros(len(self.base.offsets)) as worth:
            worth[asked] = self.values[walked:][known]
            each = worth[features]
            worth[asked] = 0
        running = np.concatenate(([0], each.cumsum()))[np.concatenate(([0], ends))]
        return _unpacked(people, np.diff(running))

    def hits(self, people: Int64, start: int, end: int) -> NDArray[np.bool_]:
        """Which of `people` (sorted) are in the lists from `start` to `end`: (lists, people)."""
        hits = np.zeros((end - start, len(people)), np.bool_)
        known = int(people.searchsorted(len(self.base.own_offsets) - 1))
        people = people[:known]
        features = self.features[start:end]
        in_head = self.in_head[start:end]
        if in_head.any():
            rows = self.base.head.searchsorted(features[in_head])
            bits = self.base.head_bits[rows[:, None], (people >> 3)[None, :]]
            hits[in_head, :known] = (bits >> (people & 7).astype(np.uint8)) & 1
        needles = people.astype(np.int32)
        for row in np.flatnonzero(~in_head & (self.lengths[start:end] > 0)):
            first = self.base.offsets[features[row]]
            holders = self.base.people[first : first + self.lengths[start + row]]
            if len(holders) < known:
                at = needles.searchsorted(holders)
                at[at == known] = 0
                hits[row, at[needles[at] == holders]] = True
            else:
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
