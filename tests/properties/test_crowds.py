"""Whatever a crowd is like, nothing that is shown of it tells of few: no figure, no rest, no difference of two."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from wuyou.domains.insight.rules import LEAST_PEOPLE, cells_shown, classes_shown, step_down

COUNTS = st.lists(st.integers(0, 130), min_size=1, max_size=8)


@settings(max_examples=200)
@given(counts=COUNTS, more=st.integers(0, 60))
def test_no_cell_tells_of_few_and_no_difference_does(counts: list[int], more: int) -> None:
    total = max(counts) + more
    shown = cells_shown(dict(enumerate(counts)), total)

    for key, at_least in shown:
        assert LEAST_PEOPLE <= at_least <= counts[key]
        assert total - counts[key] >= LEAST_PEOPLE
    figures = [step_down(total), *(at_least for _, at_least in shown)]
    for one, other in combinations(figures, 2):
        assert one == other or abs(one - other) >= LEAST_PEOPLE
    left_out = {key for key, count in enumerate(counts) if min(count, total - count) < LEAST_PEOPLE}
    assert left_out.isdisjoint(key for key, _ in shown)
    assert len(shown) == len(counts) - len(left_out)


@settings(max_examples=200)
@given(counts=COUNTS)
def test_classes_are_put_together_until_none_is_of_few_and_none_is_missing(counts: list[int]) -> None:
    shown = classes_shown(counts)

    if not shown:
        return
    assert [begin for begin, _, _ in shown] == [0, *(after for _, after, _ in shown[:-1])]
    assert shown[-1][1] == len(counts)
    for begin, after, at_least in shown:
        people = sum(counts[begin:after])
        assert LEAST_PEOPLE <= at_least <= people < at_least + LEAST_PEOPLE
        assert sum(counts) - people >= LEAST_PEOPLE


def test_sums_of_the_documents() -> None:
    assert [step_down(count) for count in (59, 40, 19)] == [40, 40, 0]
    assert classes_shown([45, 3, 30, 5]) == [(0, 1, 40), (1, 4, 20)]
    assert classes_shown([100, 0, 0]) == []  # all are alike: it would be said of each
    assert cells_shown({"all": 60, "most": 45, "half": 30, "few": 19}, 60) == [("half", 20)]
