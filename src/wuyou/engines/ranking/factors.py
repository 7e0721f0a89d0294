"""People and items as points: implicit alternating least squares.

Minimises  Σ over what people have (1 - x·y)² + unseen · Σ over all pairs (x·y)² + Σ over people ridge · n^power |x|²
(the same over items), with n how many pairs a person has plus `unseen` times all items.

Source: Hu, Koren, Volinsky (ICDM 2008); the regularisation by frequency of Rendle et al. (RecSys 2022);
conjugate gradients of Takács et al. (RecSys 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wuyou.engines.ranking.types import Float32, Int64

_CHUNK = 200_000
"""Pairs whose factors are held at once."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How factors are fitted."""

    size: int = 64
    unseen: float = 0.1
    ridge: float = 0.01
    power: float = 1.0
    sweeps: int = 10
    steps: int = 3


def item_factors(taste: sparse.csr_array, fit: Fit, *, seed: int) -> Float32:
    """Points of items.

    Shapes: taste (n_people, n_items); (n_items, size) float32.
    Cost: sweeps · 2 · steps passes over all pairs times `size`.
    """
    people, items = taste.shape
    draws = np.random.default_rng(seed)
    scale = 0.1 / np.sqrt(fit.size)
    by_item = taste.T.tocsr()
    points: Float32 = (draws.standard_normal((items, fit.size)) * scale).astype(np.float32)
    persons = np.zeros((people, fit.size), np.float32)
    for _ in range(fit.sweeps):
        persons = solved(taste, persons, points, fit)
        points = solved(by_item, points, persons, fit)
    points[np.diff(by_item.indptr) == 0] = 0.0
    return points


def solved(
    rows: sparse.csr_array,
    start: Float32,
    others: Float32,
    fit: Fit,
    *,
    steps: int | None = None,
    gram: Float32 | None = None,
) -> Float32:
    """The points of `rows` that fit `others` best, from `start` by conjugate gradients.

    Shapes: rows (n, m) CSR; start (n, size); others (m, size); gram (size, size), the product of others with themselves
    where it is known already.
    """
    gram = fit.unseen * (others.T @ others if gram is None else gram)
    counts = np.diff(rows.indptr)
    ridge = (fit.ridge * (counts + fit.unseen * rows.shape[1]) ** fit.power).astype(np.float32)[:, None]
    owner = np.repeat(np.arange(rows.shape[0]), counts)

    def applied(points: Float32) -> Float32:
        mixed: Float32 = points @ gram + ridge * points
        weighed = sparse.csr_array(
            (rows.data * products(points, others, owner, rows.indices), rows.indices, rows.indptr), shape=rows.shape
        )
        mixed += weighed @ others
        return mixed

    points = start.copy()
    rest = rows @ others - applied(points)
    way = rest.copy()
    left = np.einsum("ij,ij->i", rest, rest)
    for _ in range(fit.steps if steps is None else steps):
        ahead = applied(way)
        slope = np.einsum("ij,ij->i", way, ahead)
        step = np.divide(left, slope, out=np.zeros_like(left), where=slope > _NOTHING)[:, None]
        points += step * way
        rest -= step * ahead
        now = np.einsum("ij,ij->i", rest, rest)
        way = rest + np.divide(now, left, out=np.zeros_like(left), where=left > _NOTHING)[:, None] * way
        left = now
    return points


_NOTHING = 1e-20


def solved_exactly(items: Int64, taste: Float32, wanted: Float32, points: Float32, gram: Float32, fit: Fit) -> Float32:
    """A⁻¹ · wanted, with A the system of one person who has `items`; their own point is that of pointsᵀ · taste.

    Shapes: items, taste (n,); wanted (size, m); points (n_items, size); gram (size, size); (size, m).
    Cost: n · size² and size³: for one person less than what conjugate gradients cost in calls.
    """
    had = points[items]
    system = fit.unseen * gram + (had.T * taste) @ had
    system[np.diag_indices_from(system)] += fit.ridge * (len(items) + fit.unseen * len(points)) ** fit.power
    found: Float32 = np.linalg.solve(system, wanted).astype(np.float32)
    return found


def products(left: Float32, right: Float32, rows: Int64, columns: Int64) -> Float32:
    """left[row] · right[column] of each pair."""
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        np.einsum("ij,ij->i", left[rows[part]], right[columns[part]], out=found[part])
    return found
