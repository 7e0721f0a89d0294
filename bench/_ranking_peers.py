"""The baselines that others compare with, each tuned on the same held-out trial as ours: no straw men.

Popularity; ItemKNN (cosine, shrunk, by size of neighbourhood); EASE, whole, whichever side is smaller; iALS by the
library `implicit`. EASE on a set with more than `EASE_SIDE` people and items knows the most common items only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import implicit
import numpy as np
import threadpoolctl
from numpy.typing import NDArray
from scipy import linalg, sparse

from wuyou.engines.ranking.blend import ndcg
from wuyou.engines.ranking.matrix import Trial
from wuyou.engines.ranking.neighbours import Scaling, neighbours

EASE_SIDE = 14_000
"""The largest side inverted: 14,000² numbers of 4 bytes are 0.8 GB, and held twice."""
EASE_ITEMS = 8_000
"""Where both sides are larger: so many of the most common items."""
_ROWS = 256

Scores = NDArray[np.float32]
Scorer = Callable[[NDArray[np.int64]], Scores]
"""Rows of the training matrix to scores of all items: (n, n_items)."""
Fit = Callable[[sparse.csr_array], Scorer]


@dataclass(frozen=True)
class Tuned:
    """A baseline with the setting that was best on the trial, fitted to everything."""

    name: str
    setting: str
    scorer: Scorer
    seconds: float


def tuned(name: str, taste: sparse.csr_array, trial: Trial, k: int) -> Tuned:
    """The best of the settings of a baseline on the trial, then learnt from all."""
    began = time.perf_counter()
    settings = PEERS[name]
    scores = [judged(fit(trial.world.taste), trial, k) if len(settings) > 1 else 0.0 for fit in settings.values()]
    setting = list(settings)[int(np.argmax(scores))]
    scorer = settings[setting](taste)
    return Tuned(name, setting, scorer, time.perf_counter() - began)


def judged(scorer: Scorer, trial: Trial, k: int) -> float:
    """Mean NDCG@k on what was held out."""
    found = []
    for start in range(0, len(trial.rows), _ROWS):
        rows = trial.rows[start : start + _ROWS]
        scores = np.where(trial.world.taste[rows].toarray() > 0, -np.inf, scorer(rows))
        top = ordered(scores, k)
        wanted = trial.wanted[start : start + _ROWS]
        right = np.take_along_axis(wanted.toarray() > 0, top, axis=1)
        found.append(ndcg(right, np.diff(wanted.indptr).astype(np.int64)))
    return float(np.concatenate(found).mean())


def ordered(scores: Scores, k: int) -> NDArray[np.int64]:
    """Places of the k largest of each row, best first. Shapes: (n, m) to (n, k)."""
    top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def popularity(taste: sparse.csr_array) -> Scorer:
    """How many have an item."""
    counts = np.bincount(taste.indices, minlength=taste.shape[1]).astype(np.float32)
    return lambda rows: np.tile(counts, (len(rows), 1))


def item_knn(nearest: int, shrink: float) -> Fit:
    """Cosine of items, shrunk."""

    def fit(taste: sparse.csr_array) -> Scorer:
        weights = neighbours(taste, Scaling(0.5, 0.0, 0.5, shrink, nearest))
        return lambda rows: (taste[rows] @ weights).toarray()

    return fit


def ease(ridge: float) -> Fit:
    """All weights of the regression, none cut."""

    def fit(taste: sparse.csr_array) -> Scorer:
        people, items = taste.shape
        if min(people, items) > EASE_SIDE:
            common = np.sort(np.argsort(-np.bincount(taste.indices, minlength=items), kind="stable")[:EASE_ITEMS])
            inner = _ease_of_items(taste[:, common].tocsr(), ridge)

            def placed(rows: NDArray[np.int64]) -> Scores:
                scores = np.full((len(rows), items), -1e9, np.float32)
                scores[:, common] = inner(rows)
                return scores

            return placed
        return _ease_of_people(taste, ridge) if people < items else _ease_of_items(taste, ridge)

    return fit


def _ease_of_items(taste: sparse.csr_array, ridge: float) -> Scorer:
    gram = (taste.T @ taste).toarray()
    gram[np.diag_indices_from(gram)] += ridge
    inverse = _inverse(gram)
    inverse /= -np.diag(inverse)
    inverse[np.diag_indices_from(inverse)] = 0.0
    return lambda rows: taste[rows] @ inverse


def _ease_of_people(taste: sparse.csr_array, ridge: float) -> Scorer:
    """With K = XXᵀ + λI, X·P = K⁻¹X, and the diagonal of P is (1 - xᵀK⁻¹x) / λ for each column x."""
    kernel = (taste @ taste.T).toarray()
    kernel[np.diag_indices_from(kernel)] += ridge
    kernel = _inverse(kernel)
    by_item = taste.T.tocsr()
    own = np.empty(taste.shape[1], np.float32)
    for start in range(0, len(own), _ROWS):
        columns = by_item[start : start + _ROWS]
        own[start : start + _ROWS] = np.asarray(columns.multiply((kernel @ columns.T).T).sum(axis=1)).ravel()
    diagonal = (1.0 - own) / ridge

    def scores(rows: NDArray[np.int64]) -> Scores:
        return (taste[rows].toarray() - (by_item @ kernel[rows].T).T / diagonal).astype(np.float32)

    return scores


def _inverse(gram: Scores) -> Scores:
    factor, _ = linalg.lapack.spotrf(gram.T, lower=0, overwrite_a=1, clean=0)
    inverse, _ = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
    inverse = np.triu(inverse)
    inverse += np.triu(inverse, 1).T
    return np.ascontiguousarray(inverse)


def ials(size: int, regularization: float, alpha: float) -> Fit:
    """Implicit ALS of the library `implicit`."""

    def fit(taste: sparse.csr_array) -> Scorer:
        with threadpoolctl.threadpool_limits(1, "blas"):
            model = implicit.als.AlternatingLeastSquares(
                factors=size, regularization=regularization, alpha=alpha, iterations=15, random_state=1
            )
        # The library has threads of its own; BLAS threads beneath them slow it down.
        with threadpoolctl.threadpool_limits(1, "blas"):
            model.fit(sparse.csr_matrix(taste), show_progress=False)
        people, items = np.asarray(model.user_factors), np.asarray(model.item_factors)
        return lambda rows: people[rows] @ items.T

    return fit


PEERS: dict[str, dict[str, Fit]] = {
    "popularity": {"": popularity},
    "ItemKNN": {
        f"{nearest} nearest, shrink {shrink}": item_knn(nearest, shrink)
        for nearest, shrink in ((50, 0), (100, 0), (200, 0), (100, 10), (100, 50))
    },
    "EASE": {f"ridge {ridge}": ease(ridge) for ridge in (30, 100, 300)},
    "iALS": {
        f"{size} factors, regularization {regularization}, alpha {alpha}": ials(size, regularization, alpha)
        for size, regularization, alpha in ((64, 10.0, 10.0), (128, 10.0, 5.0), (128, 1.0, 1.0))
    },
}

__all__: Sequence[str] = ("PEERS", "Tuned", "ordered", "tuned")
