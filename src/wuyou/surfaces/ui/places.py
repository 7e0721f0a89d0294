"""Places in a list that somebody arranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

STEPS: Mapping[str, int | None] = {"first": None, "earlier": -1, "later": 1}
"""How far each way to move something goes; None goes to the front."""


def moved(ids: Sequence[int], one: int, way: str) -> list[int]:
    """These with one of them at the front, or one place earlier or later; one that was not among them comes to it."""
    step = STEPS[way]
    place = 0 if step is None or one not in ids else max(0, ids.index(one) + step)
    rest = [each for each in ids if each != one]
    return [*rest[:place], one, *rest[place:]]
