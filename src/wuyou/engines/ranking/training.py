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
from wuyou.engines.ranking.popularity import popular_of
from wuyou.engines.ranking.report import PartReport, Report
from wuyou.engines.ranking.types import Float64, Groups, Interactions, Items, Ties


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
    whole_up_to: int = 6_000
    neighbourhood: int = 200
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


@dataclass(frozen=True, slots=True)
class _Choice:
    """The settings of one part. A ladder is climbed from its default while that helps; else all are tried."""

    candidates: tuple[_Candidate, ...]
    default: int = 0
    is_ladder: bool = False


def train(
    interactions: Interactions,
    items: Items | None = None,
    ties: Ties | None = None,
    settings: Settings | None = None,
    *,
    groups: Groups | None = None,
) -> Model:
    """The model that ranks best what was held out of `interactions`, learnt from all of them.

    Without enough people to hold anything out of, default settings and weights are taken, and the report says so.

    Cost: each part once for each of its settings on the trial, and those that count once more on everything.
    """
    chosen = settings or Settings()
    world = World.of(interactions, items, ties, groups)
    trial = trial_of(world, share=chosen.trial_share, most_people=chosen.trial_people, seed=chosen.seed)
    return learnt(world, trial, chosen)


def learnt(world: World, trial: Trial | None, settings: Settings) -> Model:
    """As `train`, with the trial given."""
    best: list[_Candidate] = []
    fitted: list[Part] = []
    reports: dict[str, PartReport] = {}
    for choice in _by_part(world, settings):
        began = time.perf_counter()
        found = None if trial is None else _tuned(choice, trial, settings.k)
        if trial is not None and found is None:
            continue
        candidate, part, score = found or (choice.candidates[choice.default], None, None)
        best.append(candidate)
        fitted += [] if part is None else [part]
        reports[candidate.name] = PartReport(candidate.setting, score, time.perf_counter() - began)
    names = tuple(candidate.name for candidate in best)
    days = None if trial is None or not fitted else _fades_days(fitted, reports, trial, settings.k)
    if trial is None or not fitted:
        weights, reached = blend.Weights.alike(blend.fallback_weights(names)), None
    else:
        asked = trial.world.taste[trial.rows]
        cohort = blend.cohorts(np.diff(asked.indptr), trial.world.is_group[trial.rows])
        weights, reached = blend.weights_of(blend.pool_of(fitted, trial, settings.k, days=days), cohort, settings.k)
    del fitted
    made = [candidate.make(world) if weights.each[:, at].any() else None for at, candidate in enumerate(best)]
    kept = [at for at, part in enumerate(made) if part is not None]
    overall = dict(zip(names, weights.overall.tolist(), strict=True))
    return Model.of(
        world,
        [part for part in made if part is not None],
        weights.each[:, kept].astype(np.float32),
        _popular_now(world, best),
        Shelves.of(world.taste, most_holders=settings.most_holders),
        Report(reports, overall, reached, 0 if trial is None else len(trial.rows), days),
    )


def _tuned(choice: _Choice, trial: Trial, k: int) -> tuple[_Candidate, Part, float] | None:
    """The setting that ranks best what was held out; None when the part cannot be made of this world."""
    found: dict[int, tuple[Part, float]] = {}

    def score(place: int) -> float:
        if not 0 <= place < len(choice.candidates):
            return -1.0
        if place not in found:
            part = choice.candidates[place].make(trial.world)
            if part is None:
                return -1.0
            found[place] = part, blend.pool_of([part], trial, k).worth_of(np.ones(1), k)
            # Only the best so far is kept: parts of large worlds are large.
            best = max(found, key=lambda at: found[at][1])
            for other in found:
                if other != best:
                    found[other] = _DROPPED, found[other][1]
        return found[place][1]

    if choice.is_ladder:
        here = choice.default
        step = 1 if score(here + 1) > score(here) else -1
        while score(here + step) > score(here):
            here += step
    else:
        for place in range(len(choice.candidates)):
            score(place)
    if not found:
        return None
    best = max(found, key=lambda at: found[at][1])
    part, reached = found[best]
    return choice.candidates[best], part, reached


def _fades_days(fitted: list[Part], reports: dict[str, PartReport], trial: Trial, k: int) -> float | None:
    """In how many days what people have should fade, by what the best part gains from it; None for not at all."""
    if trial.world.at is None:
        return None
    best = max(fitted, key=lambda part: reports[part.name].worth or 0.0)

    def reached(days: float | None) -> Float64:
        return blend.pool_of([best], trial, k, days=days).ndcg_each(np.ones(1), k)

    still = reached(None)
    gains = {days: reached(days) - still for days in _FADES_DAYS}
    days = max(gains, key=lambda days: gains[days].mean())
    # Twice the error of the mean: what is gained is no accident of who was asked.
    by_chance = 2 * gains[days].std() / np.sqrt(len(still))
    return days if gains[days].mean() > by_chance else None


_FADES_DAYS = (7.0, 30.0, 120.0, 480.0)
_DROPPED = Popular(np.zeros(0, np.float32))


def _popular_now(world: World, best: list[_Candidate]) -> Popular:
    """What whoever is unknown gets: popularity as the trial chose it, or else by default."""
    for candidate in best:
        if candidate.name == Popular.name and isinstance(part := candidate.make(world), Popular):
            return part
    return popular_of(world, days=30.0)


# ---------------------------------------------------------------------- settings of the parts


def _by_part(world: World, settings: Settings) -> Iterator[_Choice]:
    """The settings of each part that can be made of this world."""
    choices = {
        "regression": _regressions(world, settings),
        "neighbours": _Choice(tuple(_neighbours(scaling) for scaling in _SCALINGS)),
        "factors": _Choice(tuple(_factors(settings, *fit) for fit in _FITS)),
        "kin": _Choice(tuple(_kin(settings, nearest) for nearest in (100, 300))),
        "known": _Choice(tuple(_known(settings, trust) for trust in (0.1, 1.0)) if world.ties.nnz else ()),
        "alike": _Choice((_Candidate("alike", "", _alike),) if world.attributes else ()),
        "popular": _Choice(tuple(_populars(world))),
    }
    for part in PARTS:
        if part.name in settings.parts and choices[part.name].candidates:
            yield choices[part.name]


_FITS = ((0.1, 0.003), (0.03, 0.003), (0.3, 0.0003))
"""(unseen, ridge) of factors."""
_SCALINGS = (
    neighbours.Scaling(0.5, 0.5, 0.5, nearest=100),
    neighbours.Scaling(0.5, 0.3, 0.5, shrink=1, nearest=200),
    neighbours.Scaling(0.4, 0.5, 0.5, nearest=100),
    neighbours.Scaling(0.5, 0.0, 0.5, shrink=10, nearest=100),
    neighbours.Scaling(0.4, 0.5, 0.3, shrink=2, nearest=300),
    neighbours.Scaling(0.4, 0.5, 0.1, shrink=2, nearest=300),
)
_RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)


def _neighbours(scaling: neighbours.Scaling) -> _Candidate:
    return _Candidate("neighbours", str(scaling), lambda world: Neighbours(neighbours.neighbours(world.taste, scaling)))


def _regressions(world: World, settings: Settings) -> _Choice:
    whole = ease.fits_whole(world.taste, most=settings.whole_up_to)
    candidates = tuple(_regression(settings, ridge, whole) for ridge in _RIDGES)
    return _Choice(candidates, _RIDGES.index(100.0 if whole else 30.0), is_ladder=True)


def _regression(settings: Settings, ridge: float, whole: bool) -> _Candidate:
    def weights(taste: sparse.csr_array) -> sparse.csr_array:
        if whole:
            return ease.whole(taste, ridge=ridge, nearest=settings.nearest)
        return ease.local(taste, ridge=ridge, neighbourhood=settings.neighbourhood, nearest=settings.nearest)

    setting = f"{'whole' if whole else 'local'}, ridge {ridge:g}"
    return _Candidate("regression", setting, lambda world: Regression(weights(world.taste)))


def _factors(settings: Settings, unseen: float, ridge: float) -> _Candidate:
    fit = factors.Fit(settings.factors, unseen, ridge)

    def make(world: World) -> Part:
        return Factors.of(factors.item_factors(world.taste, fit, seed=settings.seed), fit)

    return _Candidate("factors", str(fit), make)


def _kin(settings: Settings, nearest: int) -> _Candidate:
    def make(world: World) -> Part:
        return Kin(Shelves.of(world.taste, most_holders=settings.most_holders), nearest)

    return _Candidate("kin", f"{nearest} nearest", make)


def _known(settings: Settings, trust: float) -> _Candidate:
    def make(world: World) -> Part:
        return Known(Shelves.of(world.taste, most_holders=settings.most_holders), trust)

    return _Candidate("known", f"trust {trust:g}", make)


def _alike(world: World) -> Part | None:
    return alike_of(world.attributes, len(world.items))


def _populars(world: World) -> Iterator[_Candidate]:
    for days in (30.0, 7.0, 180.0) if world.at is not None else (30.0,):
        yield _popular(days, by_sight=False)
        if world.seen.any():
            yield _popular(days, by_sight=True)


def _popular(days: float, *, by_sight: bool) -> _Candidate:
    setting = f"half of it after {days:g} days" + (", by how often it was seen" if by_sight else "")
    return _Candidate("popular", setting, lambda world: popular_of(world, days=days, by_sight=by_sight))
