"""A ranking judged off-policy: logged impressions of ZOZOTOWN with the true propensity of what was shown.

Two policies were logged side by side in three campaigns: uniformly random, and Thompson sampling after a month of its
own learning. Ours draws an item in proportion to the square of the engine's rate of clicks per sight, which the engine
shrinks by how much rates differ beyond chance. It is learnt from one half of the hours of both logs and judged on the
other, both ways, by inverse propensities (IPS) and self-normalised (SNIPS); the logged policies by what they earned in
the same rows. With so few clicks the interval matters more than the figure.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wuyou.engines.ranking import Interactions, Kind
from wuyou.engines.ranking.matrix import World
from wuyou.engines.ranking.popularity import popular_of

_DRAWS = 500
_POWER = 2.0
"""Between drawing in proportion and always the best: what is logged says too little of the best alone."""


def measure_policy(data: Path) -> dict[str, Any]:
    """CTR of ours and of the logged policies, with intervals."""
    table = pq.read_table(data / "obd_zozotown/impressions.parquet").to_pydict()
    columns = {name: np.array(table[name]) for name in ("item_id", "click", "propensity_score", "position")}
    policy, campaign = np.array(table["policy"]), np.array(table["campaign"])
    half = np.array([int(moment[11:13]) % 2 for moment in table["timestamp"]])
    worth = np.zeros(len(policy))
    began = time.perf_counter()
    for name in np.unique(campaign):
        for side in (0, 1):
            learnt, judged = (campaign == name) & (half != side), (campaign == name) & (half == side)
            chances = chances_of(columns["item_id"][learnt], columns["click"][learnt])
            items = columns["item_id"][judged]
            # The logged propensity is of the item at its position; ours is the same at each.
            worth[judged] = chances[items] / columns["propensity_score"][judged]
    seconds = time.perf_counter() - began
    clicks = columns["click"].astype(np.float64)
    random, sampled = policy == "random", policy == "bts"
    print(
        f"\nobd_zozotown: {len(clicks):,} impressions, {int(clicks.sum())} clicks, learnt and judged in {seconds:.1f} s"
    )
    found: dict[str, Any] = {"train_s": round(seconds, 1)}
    for label, rows in (("random", random), ("bts", sampled)):
        logged = clicks[rows].mean()
        low, high = interval(lambda at, of=clicks[rows]: of[at].mean(), int(rows.sum()))
        ips = (worth[rows] * clicks[rows]).mean()
        snips = (worth[rows] * clicks[rows]).sum() / worth[rows].sum()
        ours = interval(
            lambda at, of=clicks[rows], by=worth[rows]: (by[at] * of[at]).sum() / by[at].sum(), int(rows.sum())
        )
        effective = worth[rows].sum() ** 2 / (worth[rows] ** 2).sum()
        print(
            f"  log of {label:<7} its own CTR {logged:.4%} ({low:.4%} to {high:.4%}); ours by IPS {ips:.4%}, by SNIPS "
            f"{snips:.4%} ({ours[0]:.4%} to {ours[1]:.4%}), as of {effective:,.0f} impressions"
        )
        found[label] = {"logged": logged, "ips": ips, "snips": snips, "snips_95": ours}
    best = max(found["random"]["logged"], found["bts"]["logged"])
    return found | {"ours": found["random"]["snips"], "best_baseline": best, "published": {}}


def chances_of(items: NDArray[np.int64], clicks: NDArray[np.int64]) -> NDArray[np.float64]:
    """How likely ours shows each item. Every impression is a person of its own: nothing is known of who it was."""
    rows = np.arange(len(items))
    kinds = np.repeat(np.array([Kind.SEEN, Kind.CLICK], np.int8), (len(items), int(clicks.sum())))
    clicked = clicks > 0
    world = World.of(
        Interactions(np.concatenate((rows, rows[clicked])), np.concatenate((items, items[clicked])), kinds)
    )
    powers = np.expm1(popular_of(world, days=30.0, by_sight=True).logs.astype(np.float64)) ** _POWER
    chances: NDArray[np.float64] = powers / powers.sum()
    return chances


def interval(of: Any, count: int) -> tuple[float, float]:
    """95 % of what is found in rows drawn with putting back."""
    draws = np.random.default_rng(3)
    found = [of(draws.integers(0, count, count)) for _ in range(_DRAWS)]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))
