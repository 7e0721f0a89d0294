"""Who holds what, as one immutable snapshot: sorted lists in both directions, and the changes since they were written.

A layer holds pairs (feature, person); a feature is a thing, or at a higher level its family, brand or part. `Base` is
the bulk, `adds` and `removes` are the pairs that differ from it now (`adds` ∩ base = ∅, `removes` ⊆ base), so that a
change costs the size of the change and the delta, not of the bulk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.same_things.arrays import (
    high_of,
    low_of,
    lower_bound,
    offsets_of,
    pair_keys,
    ranges,
    within,
    without,
)
from wuyou.engines.same_things.types import Int32, Int64

_HEAD_SHARE = 128
"""A feature held by more than one person in 128 has a bitmap too, at most four times as large as the list beside it."""
_HEAD_LEAST = 32
"""Shorter lists are bisected as fast."""
_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The bulk: `people[offsets[f]:offsets[f + 1]]` hold feature f, `features[own_offsets[p]:own_offsets[p + 1]]` are
    held by person p, both ascending. Bitmaps `head_bits (n_head, ceil(people / 8))` of `head` (ascending), bit p & 7 of
    byte p >> 3 first.

    Cost: 8 bytes a pair, 8 a feature, 12 a person, at most 16 more a pair of the features in `head`.
    """

    offsets: Int64
    people: Int32
    own_offsets: Int64
    features: Int32
    degree: Int32
    head: Int64
    head_bits: NDArray[np.uint8]

    @classmethod
    def build(cls, features: Int32, people: Int32) -> Base:
        """From unordered columns, repetitions allowed. Cost: two sorts of 64-bit keys."""
        keys = pair_keys(features, people)
        keys.sort()
        if len(keys):
            keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
        by_feature = (keys & 0xFFFFFFFF).astype(np.int32)
        owned = (keys >> 32).astype(np.int32)
        offsets = offsets_of(np.bincount(owned))
        own_offsets = offsets_of(np.bincount(by_feature))
        keys = pair_keys(by_feature, owned)
        keys.sort()
        keys &= 0xFFFFFFFF
        return cls._with_head(offsets, by_feature, own_offsets, keys.astype(np.int32))

    @classmethod
    def _with_head(cls, offsets: Int64, people: Int32, own_offsets: Int64, features: Int32) -> Base:
        people_count = len(own_offsets) - 1
        head = np.flatnonzero(np.diff(offsets) > max(people_count // _HEAD_SHARE, _HEAD_LEAST))
        bits = np.zeros((len(head), (people_count + 7) // 8), np.uint8)
        for row, feature in enumerate(head):
            holds = np.zeros(people_count, np.bool_)
            holds[people[offsets[feature] : offsets[feature + 1]]] = True
            bits[row] = np.packbits(holds, bitorder="little")
        degree = np.append(np.diff(own_offsets), 0).astype(np.int32)
        return cls(offsets, people, own_offsets, features, degree, head, bits)

    def changed(self, adds: Int64, removes: Int64) -> Base:
        """The bulk with the delta in it. Cost: one copy of each list, no sort of the bulk."""
        offsets, people = _merged(self.offsets, self.people, adds, removes)
        swapped = [np.sort(pair_keys(low_of(keys), high_of(keys))) for keys in (adds, removes)]
        own_offsets, features = _merged(self.own_offsets, self.features, *swapped)
        return self._with_head(offsets, people, own_offsets, features)

    def holders(self, features: Int64) -> Int64:
        """How many hold each feature."""
        return _lengths(self.offsets, features)

    def degrees(self, people: Int64) -> Int64:
        """How many features each person holds."""
        # The last one stands for everybody beyond it.
        degrees: Int64 = self.degree.take(people, mode="clip").astype(np.int64)
        return degrees

    def has(self, keys: Int64) -> NDArray[np.bool_]:
        """Which pairs (feature, person) are in the bulk."""
        known = high_of(keys) < len(self.offsets) - 1
        found = np.zeros(len(keys), np.bool_)
        rows, wanted = high_of(keys[known]), low_of(keys[known])
        at = lower_bound(self.offsets, self.people, rows, wanted)
        inside = at < self.offsets[rows + 1]
        hit = inside.copy()
        hit[inside] = self.people[at[inside]] == wanted[inside]
        found[known] = hit
        return found

    def shelves(self, people: Int64) -> tuple[Int32, Int64]:
        """What each of these people holds, one after the other, and where each one's end (n,)."""
        lengths = self.degrees(people)
        starts = self.own_offsets[np.minimum(people, len(self.own_offsets) - 1)]
        return self.features[ranges(starts, lengths)], lengths.cumsum()

    def pairs_of(self, people: Int64) -> Int64:
        """Pairs (feature, person) of these people, unordered."""
        features, _ = self.shelves(people)
        return pair_keys(features, np.repeat(people, self.degrees(people)))

    @property
    def size_bytes(self) -> int:
        """Memory of the arrays."""
        arrays = (self.offsets, self.people, self.own_offsets, self.features, self.degree, self.head, self.head_bits)
        return sum(array.nbytes for array in arrays)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The bulk, what differs from it (sorted keys feature << 32 | person), and how many people hold anything."""

    base: Base
    adds: Int64
    removes: Int64
    people_count: int

    @classmethod
    def build(cls, features: Int32, people: Int32) -> Layer:
        """A layer without a delta."""
        return cls._fresh(Base.build(features, people))

    @classmethod
    def _fresh(cls, base: Base) -> Layer:
        return cls(base, _NOTHING, _NOTHING, int(np.count_nonzero(np.diff(base.own_offsets))))

    @property
    def delta_count(self) -> int:
        """Pairs that differ from the bulk."""
        return len(self.adds) + len(self.removes)

    @property
    def pairs_count(self) -> int:
        """Pairs held now."""
        return len(self.base.people) + len(self.adds) - len(self.removes)

    def edited(self, adds: Int64, removes: Int64) -> Layer:
        """With these pairs removed and then those added (sorted, unique); adding what is there changes nothing."""
        removes = without(removes, adds)
        now_added = np.union1d(without(self.adds, removes), adds[~self.base.has(adds)])
        now_removed = np.union1d(without(self.removes, adds), removes[self.base.has(removes)])
        layer = replace(self, adds=now_added, removes=now_removed)
        touched = np.unique(low_of(np.concatenate((adds, removes))))
        gained = np.count_nonzero(layer.degrees(touched)) - np.count_nonzero(self.degrees(touched))
        return replace(layer, people_count=self.people_count + int(gained))

    def compacted(self) -> Layer:
        """The same pairs without a delta."""
        return self._fresh(self.base.changed(self.adds, self.removes))

    def rebased(self, older: Layer, base: Base) -> Layer:
        """The same pairs on `base`, which holds what `older`, a former state of this layer, held."""
        adds = np.union1d(without(self.adds, older.adds), without(older.removes, self.removes))
        removes = np.union1d(without(older.adds, self.adds), without(self.removes, older.removes))
        return replace(self, base=base, adds=adds, removes=removes)

    def holders(self, features: Int64) -> Int64:
        """How many hold each feature now."""
        added, removed = (_spans(keys, features) for keys in (self.adds, self.removes))
        counts: Int64 = self.base.holders(features) + (added[1] - added[0]) - (removed[1] - removed[0])
        return counts

    def degrees(self, people: Int64) -> Int64:
        """How many features each of these people (sorted, unique) holds now."""
        degrees = self.base.degrees(people)
        for keys, sign in ((self.adds, 1), (self.removes, -1)):
            low = low_of(keys)
            low = low[within(low, people)]
            degrees = degrees + sign * np.bincount(people.searchsorted(low), minlength=len(people))
        return degrees

    def pairs_with(self, features: Int64) -> Int64:
        """Pairs (feature, person) of these features (sorted, unique) that are held now, sorted."""
        lengths = self.base.holders(features)
        starts = self.base.offsets[np.minimum(features, len(self.base.offsets) - 1)]
        bulk = pair_keys(np.repeat(features, lengths), self.base.people[ranges(starts, lengths)])
        added = self.adds[within(high_of(self.adds), features)]
        return np.sort(np.concatenate((without(bulk, self.removes), added)))

    def has(self, keys: Int64) -> NDArray[np.bool_]:
        """Which pairs (feature, person) are held now."""
        return (self.base.has(keys) & ~within(keys, self.removes)) | within(keys, self.adds)

    def pairs_of(self, people: Int64) -> Int64:
        """Pairs (feature, person) that these people (sorted, unique) hold now, sorted."""
        added = self.adds[within(low_of(self.adds), people)]
        kept = without(self.base.pairs_of(people), self.removes)
        return np.sort(np.concatenate((kept, added)))

    def changes_of(self, features: Int64) -> tuple[tuple[Int64, Int64], tuple[Int64, Int64]]:
        """The delta of these features: (position in `features`, person) of what was added, and of what was removed."""
        return _changes(self.adds, features), _changes(self.removes, features)

    def all_pairs(self) -> tuple[Int32, Int32]:
        """Columns (people, features) of everything held now, by person, then by feature."""
        base = self.base if not self.delta_count else self.base.changed(self.adds, self.removes)
        counts = np.diff(base.own_offsets)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts), base.features


def _lengths(offsets: Int64, rows: Int64) -> Int64:
    # Who is beyond the last list is clipped to its end twice.
    lengths: Int64 = offsets.take(rows + 1, mode="clip") - offsets.take(rows, mode="clip")
    return lengths


def _spans(keys: Int64, features: Int64) -> Int64:
    """First and last position (2, n) of each feature among sorted keys."""
    return np.stack((keys.searchsorted(features << 32), keys.searchsorted((features + 1) << 32)))


def _changes(keys: Int64, features: Int64) -> tuple[Int64, Int64]:
    start, end = _spans(keys, features)
    lengths = end - start
    positions = np.repeat(np.arange(len(features), dtype=np.int64), lengths)
    return positions, low_of(keys[ranges(start, lengths)])


def _merged(offsets: Int64, values: Int32, adds: Int64, removes: Int64) -> tuple[Int64, Int32]:
    """Lists with pairs (list, value) added and removed; both sorted, the added absent and the removed present."""
    last = int(high_of(adds)[-1]) + 1 if len(adds) else 0
    if last > len(offsets) - 1:
        offsets = np.concatenate((offsets, np.full(last - len(offsets) + 1, offsets[-1])))
    counts = np.diff(offsets)
    removed_at = lower_bound(offsets, values, high_of(removes), low_of(removes))
    added_at = lower_bound(offsets, values, high_of(adds), low_of(adds))
    counts += np.bincount(high_of(adds), minlength=len(counts)) - np.bincount(high_of(removes), minlength=len(counts))
    kept = np.delete(values, removed_at)
    added_at -= removed_at.searchsorted(added_at)
    return offsets_of(counts), np.insert(kept, added_at, low_of(adds).astype(np.int32))
