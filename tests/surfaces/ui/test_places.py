"""Moving something in a list that somebody arranges."""

from __future__ import annotations

import pytest

from wuyou.surfaces.ui.places import moved


@pytest.mark.parametrize(
    ("one", "way", "order"),
    [
        (3, "first", [3, 1, 2]),
        (3, "earlier", [1, 3, 2]),
        (1, "earlier", [1, 2, 3]),
        (1, "later", [2, 1, 3]),
        (3, "later", [1, 2, 3]),
        (9, "later", [9, 1, 2, 3]),
    ],
)
def test_one_is_moved_and_the_others_keep_their_order(one: int, way: str, order: list[int]) -> None:
    assert moved([1, 2, 3], one, way) == order
