"""Items that go together: co-occurrence of items in people's things, scaled, shrunk, and cut to the nearest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wuyou.engines.ranking.types import Float32, Float64, Int64

_BLOCK_CELLS = 40_000_000
"""Co-occurrences held at once: about half a gigabyte."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How much two items go together, from how many people have both.

        s(i, j) = c / (d_i^source · d_j^target) · c / (c + shrink),   c = Σ over people who have both of n_p^-person

    with d how many have an item and n_p how many items a person has. Cosine is (0.5, 0, 0.5); the walk of three steps
    RP3β is (1, 1, β). With two people who have both, d_i = 4, d_j = 9, cosine and shrink 2: 2 / 6 · 2 / 4 = 0.1667.

    Source: Cremonesi et al. (RecSys 2010) for shrinking; Paudel et al. (TiiS 2017) for RP3β.
    """

    source: float = 0.5
    person: float = 0.0
    target: float = 0.5
    shrink: float = 0.0
    nearest: int = 100


def neighbours(taste: sparse.csr_array, scaling: Scaling) -> sparse.csr_array:
    """s(i, j) for the `nearest` sources i of each target j, none to itself.

    Shapes: taste (n_people, n_items); (n_items, n_items) CSR float32, a row for each source.
    Cost: Σ n_p² over people; memory a block of targets at a time.
    """
    items = taste.shape[1]
    sizes, degrees = np.diff(taste.indptr).astype(np.float64), np.bincount(taste.indices, minlength=items)
    divisor = np.maximum(degrees, 1).astype(np.float64)
    weighted = taste.copy()
    weighted.data = (taste.data * np.repeat(np.maximum(sizes, 1) ** -scaling.person, np.diff(taste.indptr))).astype(
        np.float32
    )
    by_item = taste.T.tocsr()
    rows = []
    for start, end in blocks(by_item, sizes):
        both = (by_item[start:end] @ weighted).tocsr()
        targets = np.repeat(np.arange(start, end), np.diff(both.indptr))
        values = both.data.astype(np.float64)
        values *= values / (values + scaling.shrink) if scaling.shrink else 1.0
        values *= (divisor**-scaling.source)[both.indices] * (divisor**-scaling.target)[targets]
        values[both.indices == targets] = 0.0
        both.data = values.astype(np.float32)
        rows.append(largest(both, scaling.nearest))
    if not rows:
        return sparse.csr_array((items, items), dtype=np.float32)
    return sparse.vstack(rows, format="csr").T.tocsr()


def blocks(by_item: sparse.csr_array, sizes: Float64) -> list[tuple[int, int]]:
    """Ranges of items whose co-occurrences fit into `_BLOCK_CELLS`, by how many items the people of each have."""
    items = by_item.shape[0]
    reach = np.concatenate(([0.0], sizes[by_item.indices].cumsum()))
    cells = np.minimum(np.diff(reach[by_item.indptr]), items)
    ends = cells.cumsum()
    ranges, start = [], 0
    while start < items:
        before = ends[start - 1] if start else 0.0
        end = max(int(ends.searchsorted(before + _BLOCK_CELLS, side="right")), start + 1)
        ranges.append((start, end))
        start = end
    return ranges


def largest(rows: sparse.csr_array, most: int) -> sparse.csr_array:
    """Of each row the `most` entries of largest size, the smaller column first among equals; zeros go.

    Shapes: (n, m) CSR to (n, m) CSR.
    """
    counts = np.diff(rows.indptr)
    kept = rows.data != 0
    for row in np.flatnonzero(counts > most).tolist():
        start, end = rows.indptr[row], rows.indptr[row + 1]
        sizes = np.abs(rows.data[start:end])
        least = np.partition(sizes, -most)[-most]
        over = sizes > least
        ties = np.flatnonzero(sizes == least)
        ties = ties[np.argsort(rows.indices[start:end][ties], kind="stable")][: most - int(over.sum())]
        over[ties] = True
        kept[start:end] &= over
    ends: Int64 = np.concatenate(([0], kept.cumsum()))[rows.indptr]
    data: Float32 = rows.data[kept]
    return sparse.csr_array((data, rows.indices[kept], ends), shape=rows.shape)
