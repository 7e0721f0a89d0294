"""Sorted arrays as sets, and many sorted lists in one array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.same_things.types import Int32, Int64

LOW = np.int64(0xFFFFFFFF)


def pair_keys(high: NDArray[Any], low: NDArray[Any]) -> Int64:
    """One sortable number for each pair."""
    keys: Int64 = (high.astype(np.int64) << 32) | low.astype(np.int64)
    return keys


def high_of(keys: Int64) -> Int64:
    """The first of each pair."""
    return keys >> 32


def low_of(keys: Int64) -> Int64:
    """The second of each pair."""
    return keys & LOW


def within(keys: NDArray[Any], members: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of `keys` are in `members` (sorted)."""
    if not len(members):
        return np.zeros(len(keys), np.bool_)
    at = members.searchsorted(keys)
    at[at == len(members)] = 0
    found: NDArray[np.bool_] = members[at] == keys
    return found


def without(keys: Int64, members: Int64) -> Int64:
    """`keys` that are not in `members` (sorted)."""
    return keys[~within(keys, members)]


def ranges(starts: Int64, lengths: Int64) -> Int64:
    """Positions start, start + 1, … of each range, one range after the other."""
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    firsts: Int64 = np.repeat(starts - (ends - lengths), lengths)
    return firsts + np.arange(total, dtype=np.int64)


def lower_bound(offsets: Int64, values: Int32, rows: Int64, wanted: Int64) -> Int64:
    """Where in `values` each `wanted` stands, or would stand, in its sorted list `values[offsets[row]:offsets[row+1]]`.

    All lists are bisected at once: log₂ of the longest list steps over the whole array.
    """
    low, high = offsets[rows], offsets[rows + 1]
    while True:
        is_open = low < high
        if not is_open.any():
            return low
        middle = (low + high) >> 1
        right = np.zeros(len(rows), np.bool_)
        right[is_open] = values[middle[is_open]] < wanted[is_open]
        low = np.where(right, middle + 1, low)
        high = np.where(is_open & ~right, middle, high)


def offsets_of(counts: NDArray[np.intp]) -> Int64:
    """Where each list begins, and at the end where the last one ends."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    counts.cumsum(out=offsets[1:])
    return offsets
