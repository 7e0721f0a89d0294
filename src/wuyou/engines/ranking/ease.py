"""What each item says of each other when all are known at once: the linear autoencoder EASE, whole and in parts.

EASE predicts each item of a person from their others by ridge regression. With the matrix X of people and items and
P = (XᵀX + λI)⁻¹, the weights are B = I - P / diag(P), column by column: the diagonal is zero.

`whole` inverts the smaller side. With fewer people than items, P = (I - Xᵀ K⁻¹ X) / λ with K = XXᵀ + λI, a block
of items at a time.
`local` solves the regression of an item within its neighbourhood only, as the sparse Markov random field does: time and
memory go with the number of items, and not with its square.

Source: Steck, Embarrassingly Shallow Autoencoders (WWW 2019); Steck, Markov Random Fields for CF (NeurIPS 2019).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from wuyou.engines.ranking.neighbours import Scaling, largest, neighbours
from wuyou.engines.ranking.types import Float32, Float64

_BLOCK = 512


def fits_whole(taste: sparse.csr_array, *, most: int) -> bool:
    """Whether the smaller side has at most `most` rows: its square is held twice, 4 bytes a cell."""
    return min(int(side) for side in taste.shape) <= most


def whole(taste: sparse.csr_array, *, ridge: float, nearest: int) -> sparse.csr_array:
    """B, of each column the `nearest` entries of largest size.

    Two people, of whom both have item 0 and one has item 1, with λ = 1: P⁻¹ = [[3, 1], [1, 2]], B₀₁ = 1/3, B₁₀ = 1/2.

    Shapes: taste (n_people, n_items); (n_items, n_items) CSR float32, a row for each source.
    Cost: the cube of the smaller side, its square in memory twice.
    """
    people, items = taste.shape
    rows: list[sparse.csr_array] = []
    if people < items:
        kernel = _inverse((taste @ taste.T).toarray(), ridge)
        by_item = taste.T.tocsr()
        for start in range(0, items, _BLOCK):
            part = kernel @ by_item[start : start + _BLOCK].T
            precision = -(by_item @ part) / ridge
            rows.append(_weights(precision, start, 1.0 / ridge, nearest))
    else:
        inverse = _inverse((taste.T @ taste).toarray(), ridge)
        rows = [
            _weights(inverse[:, start : start + _BLOCK].copy(), start, 0.0, nearest)
            for start in range(0, items, _BLOCK)
        ]
    if not rows:
        return sparse.csr_array((items, items), dtype=np.float32)
    return sparse.vstack(rows, format="csr").T.tocsr()


def local(
    taste: sparse.csr_array, *, ridge: float, neighbourhood: int, nearest: int, central: float = 0.1
) -> sparse.csr_array:
    """B as each item's regression on its `neighbourhood` nearest items by cosine.

    Items are solved from the most common on. A neighbourhood, once factored, also gives the columns of the `central`
    share of its items that lie nearest to its middle. Only those columns are solved for.

    Shapes: as `whole`.
    Cost: one inversion of `neighbourhood`² for each neighbourhood; memory for the co-occurrences of one neighbourhood.
    """
    items = taste.shape[1]
    near = neighbours(taste, Scaling(nearest=neighbourhood - 1)).T.tocsr()
    by_item = taste.tocsc()
    degrees = np.diff(by_item.indptr)
    solved = np.zeros(items, np.bool_)
    targets, sources, values = [], [], []
    for item in np.argsort(-degrees, kind="stable").tolist():
        if solved[item] or not degrees[item]:
            continue
        start, end = near.indptr[item], near.indptr[item + 1]
        closest = near.indices[start:end][np.argsort(-near.data[start:end], kind="stable")]
        block = np.concatenate(([item], closest))
        middle = block[: max(round(central * len(block)), 1)]
        chosen = np.flatnonzero(~solved[middle])
        mine = by_item[:, block]
        precision = _columns_of_inverse((mine.T @ mine).toarray(), ridge, chosen)
        weights = -precision / precision[chosen, np.arange(len(chosen))]
        weights[chosen, np.arange(len(chosen))] = 0.0
        targets.append(np.tile(block[chosen], len(block)))
        sources.append(np.repeat(block, len(chosen)))
        values.append(weights.ravel())
        solved[block[chosen]] = True
    if not values:
        return sparse.csr_array((items, items), dtype=np.float32)
    places = np.concatenate(targets), np.concatenate(sources)
    weighed = sparse.csr_array((np.concatenate(values).astype(np.float32), places), shape=(items, items))
    return largest(weighed, nearest).T.tocsr()


def _columns_of_inverse(gram: Float32, ridge: float, columns: NDArray[np.intp]) -> Float32:
    """Those columns of (gram + ridge·I)⁻¹. Shapes: gram (n, n); (n, len(columns))."""
    gram[np.diag_indices_from(gram)] += ridge
    units = np.zeros((len(gram), len(columns)), gram.dtype)
    units[columns, np.arange(len(columns))] = 1.0
    _, found, failed = linalg.lapack.get_lapack_funcs("posv", (gram,))(gram, units, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the ridge is too small for these numbers")
    solved: Float32 = found
    return solved


def _inverse(gram: Float32, ridge: float) -> Float32:
    """(gram + ridge·I)⁻¹ by Cholesky, in place."""
    if not len(gram):
        return gram
    gram[np.diag_indices_from(gram)] += ridge
    factor, failed = linalg.lapack.get_lapack_funcs("potrf", (gram,))(gram, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise np.linalg.LinAlgError("the ridge is too small for these numbers")
    inverse, failed = linalg.lapack.get_lapack_funcs("potri", (factor,))(factor, lower=1, overwrite_c=1)
    if failed:
        raise np.linalg.LinAlgError("the ridge is too small for these numbers")
    lower = np.tril(inverse, -1)
    inverse = lower + lower.T + np.diag(np.diag(inverse))
    return np.ascontiguousarray(inverse)


def _weights(precision: Float32 | Float64, start: int, diagonal: float, nearest: int) -> sparse.csr_array:
    """Columns of B from `start` on, cut to the `nearest`, as rows, from those of P less `diagonal` on its diagonal."""
    own = np.arange(precision.shape[1])
    pivots = precision[start + own, own] + diagonal
    weights = (-precision / pivots).T
    weights[own, start + own] = 0.0
    return cut(np.ascontiguousarray(weights, np.float32), nearest)


def cut(rows: Float32, nearest: int) -> sparse.csr_array:
    """Of each dense row the `nearest` entries of largest size."""
    count, width = rows.shape
    if width <= nearest:
        return sparse.csr_array(rows)
    kept = np.sort(np.argpartition(-np.abs(rows), nearest - 1, axis=1)[:, :nearest], axis=1)
    values = np.take_along_axis(rows, kept, axis=1)
    ends = np.arange(count + 1, dtype=np.int64) * nearest
    cutted = sparse.csr_array((values.ravel(), kept.ravel(), ends), shape=rows.shape)
    cutted.eliminate_zeros()
    return cutted
