"""What a training says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartReport:
    """The setting chosen for a part, what it is worth alone (`blend.Pool`), and the seconds that took."""

    setting: str
    worth: float | None
    tuned_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """Parts and weights of a blend, by name; what it reaches on what was held out of so many people.

    `ndcg` is None when nothing could be held out: then the weights are the default ones. What a person has counts half
    `fades_days` before their last act; None when it does not fade.
    """

    parts: Mapping[str, PartReport]
    weights: Mapping[str, float]
    ndcg: float | None
    people_count: int
    fades_days: float | None = None
