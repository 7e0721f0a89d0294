"""Arrays over everybody that a question borrows, and touches only where its own people are.

A sum over 50,000 postings among a million people costs what 50,000 cost: no array of a million is made, cleared or
searched, and nothing is sorted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from wuyou.engines.same_things.types import Int32, Int64


class _Scratch(threading.local):
    """One of each array a thread: 12 bytes for each person, or thing, of the largest index that it has asked."""

    def __init__(self) -> None:
        self._zeros: Int64 = np.zeros(0, np.int64)
        self._places: Int32 = np.zeros(0, np.int32)

    @contextmanager
    def zeros(self, size: int) -> Iterator[Int64]:
        """At least `size` zeros, which the borrower gives back as zeros. Who fails keeps them: others get new ones."""
        lent, self._zeros = self._zeros, np.zeros(0, np.int64)
        if len(lent) < size:
            lent = np.zeros(size, np.int64)
        yield lent
        self._zeros = lent

    def each_once(self, numbers: Int64, size: int) -> NDArray[np.bool_]:
        """Chooses one place of each number below `size`; unsorted, repeated."""
        if len(self._places) < size:
            self._places = np.zeros(size, np.int32)
        places = np.arange(len(numbers), dtype=np.int32)
        self._places[numbers] = places
        chosen: NDArray[np.bool_] = self._places[numbers] == places
        return chosen


SCRATCH = _Scratch()
