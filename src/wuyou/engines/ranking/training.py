"""Learning a `Model`: every part is tuned, and all are blended, by what was held out; then all is learnt from."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wuyou.engines.ranking import blend, ease, factors, neighbours
from wuyou.engines.ranking.matrix import Trial, World, trial_of
from wuyou.engines.ranking.model import Model
from wuyou.engines.ranking.parts import (
    PARTS,
    Factors,
    Kin,
    Known,
    Neighbours,
    Part,
    Popular,
    Regression,
    Shelves,
    alike_of,
)
from wuyou.engines.ranking.report import PartReport, Report
from wuyou.engines.ranking.types import Float32, Interactions, Items, Ties

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is learnt.

    Args:
        seed: of everything drawn; the same data, settings and machine give the same model.
        k: lists of this length are judged.
        trial_share: so much of a person's things is held out.
        trial_people: at most so many people are asked.
        whole_up_to: EASE inverts whole what has fewer people or fewer items than this; else neighbourhoods.
        neighbourhood: items of one neighbourhood.
        nearest: weights kept for each item.
        factors: size of points.
        most_holders: what more people have says nothing of kin.
        parts: names of those that are tried; each wants what it goes by (ties, attributes).
    """

    seed: int = 0
    k: int = 20
    trial_share: float = 0.2
    trial_people: int = 1500
    whole_up_to: int = 8_000
    neighbourhood: int = 300
    nearest: int = 200
    factors: int = 64
    most_holders: int = 2_000
    parts: frozenset[str] = frozenset(part.name for part in PARTS)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One part with one setting: how it is made of a world."""

    name: str
    setting: str
    make: Callable[[World], Part | None]


def train(
    interactions: Interactions, items: Items | None = None, ties: Ties | None = None, settings: Settings | None = None
) -> Model:
    """The model that ranks best what was held out of `interactions`, learnt from all of them.

    Without enough people to hold anything out of, default settings and weights are taken, and the report says so.

    Cost: each part once for each of its settings on the trial, and those that count once more on everything.
    """
    chosen = settings or Settings()
    world = World.of(interactions, items, ties)
    trial = trial_of(world, share=chosen.trial_share, most_people=chosen.trial_people, seed=chosen.seed)
    return learnt(world, trial, chosen)


def learnt(world: World, trial: Trial | None, settings: Settings) -> Model:
    """As `train`, with the trial given."""
    best: list[_Candidate] = []
    fitted: list[Part] = []
    reports: dict[str, PartReport] = {}
    for candidates in _by_part(world, settings):
        began = time.perf_counter()
        if trial is None:
            best.append(candidates[0])
            reports[candidates[0].name] = PartReport(candidates[0].setting, None, 0.0)
            continue
        tried = [(candidate, part) for candidate in candidates if (part := candidate.make(trial.world)) is not None]
        if not tried:
            continue
        scores = [blend.ndcg_of(part, trial, settings.k) for _, part in tried]
        place = int(np.argmax(scores))
        best.append(tried[place][0])
        fitted.append(tried[place][1])
        reports[best[-1].name] = PartReport(best[-1].setting, scores[place], time.perf_counter() - began)
    names = tuple(candidate.name for candidate in best)
    if trial is None or not fitted:
        weights, reached = blend.fallback_weights(names), None
    else:
        weights, reached = blend.chosen_weights(blend.pool_of(fitted, trial), settings.k)
    del fitted
    counted = [
        (part, float(weight))
        for candidate, weight in zip(best, weights, strict=True)
        if weight > 0 and (part := candidate.make(world)) is not None
    ]
    report = Report(
        reports, dict(zip(names, weights.tolist(), strict=True)), reached, 0 if trial is None else len(trial.rows)
    )
    return Model.of(
        world, counted, popular_of(world, _MONTH_S), Shelves.of(world.taste, most_holders=settings.most_holders), report
    )


_MONTH_S = 30 * _DAY_S


def popular_of(world: World, half_life_s: float) -> Popular:
    """log(1 + Σ taste · 2^(-age / half life)), aged at the last act of all; without decay where times are not known."""
    weights = world.taste.data.astype(np.float64)
    if world.at is not None and len(world.at):
        weights = weights * 0.5 ** ((world.at.max() - world.at) / half_life_s)
    logs: Float32 = np.log1p(np.bincount(world.taste.indices, weights, minlength=len(world.items))).astype(np.float32)
    return Popular(logs)


def _by_part(world: World, settings: Settings) -> Iterator[list[_Candidate]]:
    """The settings of each part that can be made of this world, its default first."""
    kept_days = (30.0, 7.0, 180.0) if world.at is not None else (30.0,)
    candidates: dict[str, list[_Candidate]] = {
        "regression": _regressions(world, settings),
        "neighbours": [_neighbours(scaling) for scaling in _SCALINGS],
        "factors": [_factors(settings, *fit) for fit in _FITS],
        "kin": [_kin(settings, nearest) for nearest in (100, 300)],
        "known": [_known(settings, trust) for trust in (0.1, 1.0)] if world.ties.nnz else [],
        "alike": [_Candidate("alike", "", _alike)] if world.attributes else [],
        "popular": [_popular(days) for days in kept_days],
    }
    for part in PARTS:
        if part.name in settings.parts and candidates[part.name]:
            yield candidates[part.name]


_FITS = ((0.1, 0.003), (0.03, 0.003), (0.3, 0.01))
"""(unseen, ridge) of factors."""
_SCALINGS = (
    neighbours.Scaling(0.5, 0.5, 0.5, nearest=200),
    neighbours.Scaling(0.5, 0.0, 0.5, nearest=100),
    neighbours.Scaling(0.5, 0.0, 0.5, shrink=10, nearest=100),
    neighbours.Scaling(0.8, 0.8, 0.5, nearest=200),
    neighbours.Scaling(0.4, 0.5, 0.3, shrink=2, nearest=300),
)


def _neighbours(scaling: neighbours.Scaling) -> _Candidate:
    return _Candidate("neighbours", str(scaling), lambda world: Neighbours(neighbours.neighbours(world.taste, scaling)))


def _regressions(world: World, settings: Settings) -> list[_Candidate]:
    whole = ease.fits_whole(world.taste, most=settings.whole_up_to)
    return [_regression(settings, ridge, whole) for ridge in (100.0, 30.0, 300.0)]


def _regression(settings: Settings, ridge: float, whole: bool) -> _Candidate:
    def weights(taste: sparse.csr_array) -> sparse.csr_array:
        if whole:
            return ease.whole(taste, ridge=ridge, nearest=settings.nearest)
        return ease.local(taste, ridge=ridge, neighbourhood=settings.neighbourhood, nearest=settings.nearest)

    return _Candidate(
        "regression",
        f"{'whole' if whole else 'local'}, ridge {ridge:g}",
        lambda world: Regression(weights(world.taste)),
    )


def _factors(settings: Settings, unseen: float, ridge: float) -> _Candidate:
    fit = factors.Fit(settings.factors, unseen, ridge)
    return _Candidate(
        "factors", str(fit), lambda world: Factors(factors.item_factors(world.taste, fit, seed=settings.seed), fit)
    )


def _kin(settings: Settings, nearest: int) -> _Candidate:
    return _Candidate(
        "kin",
        f"{nearest} nearest",
        lambda world: Kin(Shelves.of(world.taste, most_holders=settings.most_holders), nearest),
    )


def _known(settings: Settings, trust: float) -> _Candidate:
    return _Candidate(
        "known",
        f"trust {trust:g}",
        lambda world: Known(Shelves.of(world.taste, most_holders=settings.most_holders), trust),
    )


def _popular(days: float) -> _Candidate:
    return _Candidate("popular", f"{days:g} days", lambda world: popular_of(world, days * _DAY_S))


def _alike(world: World) -> Part | None:
    return alike_of(world.attributes, len(world.items))
