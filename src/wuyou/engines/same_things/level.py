"""One level up: which group (family, brand, part …) each thing belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wuyou.engines.same_things.arrays import offsets_of, ranges
from wuyou.engines.same_things.types import Int32, Int64, dense_numbers


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The group of each thing, and the things of each group. A thing without a group (-1) does not count here."""

    name: str
    groups: Int64
    offsets: Int64
    members: Int64

    @classmethod
    def build(cls, name: str, groups: Int32) -> Level:
        """From the group of each thing, -1 for none; things beyond the column have none."""
        known = np.asarray(groups, np.int64)
        dense_numbers(known[known != -1])
        order = np.argsort(known, kind="stable")
        order = order[np.count_nonzero(known < 0) :]
        return cls(name, known, offsets_of(np.bincount(known[order])), order)

    def regrouped(self, groups: Mapping[int, int]) -> Level:
        """With other groups for some things, -1 for none; it may name new things. Cost: one copy and one sort."""
        things = np.array(list(groups), np.int64)
        known = np.full(max(len(self.groups), int(things.max(initial=-1)) + 1), -1, np.int64)
        known[: len(self.groups)] = self.groups
        known[things] = np.array(list(groups.values()), np.int64)
        return self.build(self.name, known)  # type: ignore[arg-type]  # whole numbers, wider than needed

    def of(self, things: Int64) -> Int64:
        """The group of each thing, -1 for none."""
        if not len(self.groups):
            return np.full(len(things), -1, np.int64)
        return np.where(things < len(self.groups), self.groups[np.minimum(things, len(self.groups) - 1)], -1)

    def things_of(self, groups: Int64) -> Int64:
        """All things of these groups, sorted."""
        groups = groups[groups < len(self.offsets) - 1]
        starts = self.offsets[groups]
        return np.sort(self.members[ranges(starts, self.offsets[groups + 1] - starts)])

    def lifted(self, pairs: Int64) -> Int64:
        """Pairs (thing, person) as pairs (group, person), sorted, unique."""
        groups = self.of(pairs >> 32)
        known = groups >= 0
        return np.unique((groups[known] << 32) | (pairs[known] & 0xFFFFFFFF))
