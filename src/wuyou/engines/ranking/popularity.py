"""What many like now: acts that fade, by number or by how often an item was seen."""

from __future__ import annotations

import numpy as np

from wuyou.engines.ranking.matrix import DAY_S, World
from wuyou.engines.ranking.parts import Popular
from wuyou.engines.ranking.types import Float32, Float64

_FEWEST_SIGHTS, _MOST_SIGHTS = 10.0, 5_000.0


def popular_of(world: World, *, days: float, by_sight: bool = False) -> Popular:
    """log(1 + acts), where an act counts half after so many days before the last of all.

    By sight it is log(1 + rate / mean rate), the rate shrunk (see `rates`). Acts do not fade where times are not known.
    """
    acts = acts_of(world, days, by_number=by_sight)
    if by_sight:
        shrunk = rates(acts, np.maximum(world.seen, acts))
        mean = shrunk.mean() if len(shrunk) else 0.0
        acts = shrunk / mean if mean > 0 else shrunk
    logs: Float32 = np.log1p(acts).astype(np.float32)
    return Popular(logs)


def acts_of(world: World, days: float, *, by_number: bool = False) -> Float64:
    """How much people care for each item, or how many do, faded. Shapes: (n_items,)."""
    weights = np.ones(world.taste.nnz) if by_number else world.taste.data.astype(np.float64)
    if world.at is not None and len(world.at):
        weights = weights * 0.5 ** ((world.at.max() - world.at) / (days * DAY_S))
    summed: Float64 = np.bincount(world.taste.indices, weights, minlength=len(world.items)).astype(np.float64)
    return summed


def rates(acts: Float64, sights: Float64) -> Float64:
    """Acts per sight of each item, drawn toward the mean of all by as many sights as their spread beyond chance says.

    (acts + n·m) / (sights + n), with m the rate of all and n = m (1 - m) / spread - 1: where rates differ no more than
    chance makes them differ, n is large and all are nearly the mean. 3 acts in 100 sights with m 0.01 and n 100: 0.02.

    Source: method of moments of the beta-binomial distribution (Kleinman, JASA 1973).
    Shapes: (n_items,), with acts no larger than sights.
    """
    total = sights.sum()
    if not total:
        return np.zeros(len(acts))
    mean = acts.sum() / total
    seen = sights > 0
    raw = acts[seen] / sights[seen]
    observed = float((sights[seen] * (raw - mean) ** 2).sum())
    by_chance = mean * (1 - mean) * (seen.sum() - 1)
    room = total - (sights**2).sum() / total
    spread = (observed - by_chance) / room if room > 0 else 0.0
    prior = mean * (1 - mean) / spread - 1 if spread > 0 else _MOST_SIGHTS
    prior = min(max(prior, _FEWEST_SIGHTS), _MOST_SIGHTS)
    return drawn(acts, sights, mean, prior)


def drawn(acts: Float64, sights: Float64, mean: float, prior: float) -> Float64:
    """Rates drawn toward `mean` by `prior` sights."""
    shrunk: Float64 = (acts + prior * mean) / (sights + prior)
    return shrunk
