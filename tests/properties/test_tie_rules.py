"""Whatever happens between two people, in any order: what is counted of it, and how it fades."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.domains.social import rules
from wuyou.domains.social.types import Band, Correction, TieKind, TieMonth

MONTH = rules.month_of(date(2026, 3, 1))

months = st.integers(MONTH - 60, MONTH)
acts = st.builds(TieMonth, months, st.sampled_from(list(TieKind)), st.integers(0, 150), st.integers(0, 150))
histories = st.lists(acts, max_size=20)


def turned(each: TieMonth) -> TieMonth:
    return TieMonth(each.month, each.kind, each.from_them, each.from_me)


@given(histories)
def test_both_sides_count_alike(history: list[TieMonth]) -> None:
    assert rules.weight_of(history) == rules.weight_of(turned(each) for each in history)


@given(histories, st.randoms(use_true_random=False))
def test_order_does_not_matter(history: list[TieMonth], random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rules.weight_of(shuffled) == rules.weight_of(history)


@given(st.sampled_from(list(TieKind)), st.integers(0, 200), st.integers(0, 200))
def test_one_act_more_never_makes_a_tie_weaker(kind: TieKind, one: int, other: int) -> None:
    assert rules.points(kind, one + 1, other) > rules.points(kind, one, other)


@given(st.sampled_from(list(TieKind)), st.integers(1, 100))
def test_what_goes_both_ways_is_worth_at_least_what_goes_one_way(kind: TieKind, each: int) -> None:
    assert rules.points(kind, each, each) >= rules.points(kind, 2 * each, 0)


@given(histories, st.integers(0, 120))
def test_silence_never_makes_a_tie_stronger(history: list[TieMonth], later: int) -> None:
    weight = rules.weight_of(history)
    assert rules.strength_at(weight, MONTH + later + 1) <= rules.strength_at(weight, MONTH + later)


@given(histories)
def test_after_a_half_life_half_is_left(history: list[TieMonth]) -> None:
    weight = rules.weight_of(history)
    now, later = rules.strength_at(weight, MONTH), rules.strength_at(weight, MONTH + rules.HALF_LIFE)
    assert later == now // 2


@given(histories, histories, st.integers(0, 240))
def test_time_alone_never_changes_who_is_closer(one: list[TieMonth], other: list[TieMonth], later: int) -> None:
    first, second = rules.weight_of(one), rules.weight_of(other)
    if first <= second:
        assert rules.strength_at(first, MONTH + later) <= rules.strength_at(second, MONTH + later)


@given(histories)
def test_parts_make_up_the_whole(history: list[TieMonth]) -> None:
    parts = rules.parts(history, MONTH)
    whole = rules.strength_at(rules.weight_of(history), MONTH)
    assert 0 <= whole - sum(part.strength for part in parts) <= len(parts)


@given(histories)
def test_the_history_ends_with_the_present(history: list[TieMonth]) -> None:
    points = rules.history(history, MONTH)
    assert len(points) == 12
    assert points[-1].month == date(2026, 3, 1)
    assert points[-1].strength == rules.strength_at(rules.weight_of(history), MONTH)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([None, *Correction]))
def test_a_correction_keeps_the_order(one: int, other: int, said: Correction | None) -> None:
    low, high = sorted((one, other))
    assert rules.corrected(low, said) <= rules.corrected(high, said)


@given(st.integers(0, 10**6))
def test_a_correction_does_what_it_says(strength: int) -> None:
    assert rules.band_of(rules.corrected(strength, Correction.CLOSER)) is Band.CLOSE
    assert rules.corrected(strength, Correction.DISTANT) <= strength <= rules.corrected(strength, Correction.CLOSER)
    assert rules.corrected(strength, Correction.HIDDEN) == 0


def test_a_year_of_clicks_is_less_than_one_day_of_talk() -> None:
    clicks = rules.points(TieKind.CLICK, 365, 0)
    assert clicks < rules.points(TieKind.EXCHANGE, 2, 2)
    assert rules.band_of(clicks) is Band.NONE


def test_what_is_alone_is_worth_at_most_what_an_answer_brings() -> None:
    assert all(weight.alone <= 2 * weight.answered and weight.daily_cap > 0 for weight in rules.WEIGHTS.values())
    assert set(rules.WEIGHTS) == set(TieKind)


@given(st.integers(1, 5_000))
def test_the_same_person_thanking_again_adds_ever_less(times: int) -> None:
    gain = rules.credit(times, is_mutual=False) - rules.credit(times - 1, is_mutual=False)
    assert rules.credit(times + 1, is_mutual=False) - rules.credit(times, is_mutual=False) <= gain
    assert rules.credit(times, is_mutual=False) < 2_000


def test_a_ring_that_thanks_itself_gains_less_than_a_few_strangers_give() -> None:
    ring = 9 * rules.credit(1_000, is_mutual=True)
    strangers = 5 * rules.credit(1, is_mutual=False)
    assert ring < strangers
    assert rules.level_of(ring) <= 1


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        (0, None),
        (1, None),
        (2, TieKind.TEAM),
        (6, TieKind.TEAM),
        (7, TieKind.BIG_TEAM),
        (30, TieKind.BIG_TEAM),
        (31, None),
    ],
)
def test_a_larger_round_says_less_of_any_two(size: int, kind: TieKind | None) -> None:
    assert rules.kind_of_round(size) is kind


@pytest.mark.parametrize(
    ("since", "today", "years"),
    [
        (date(2025, 3, 1), date(2026, 3, 1), 1),
        (date(2025, 3, 1), date(2026, 3, 4), 1),
        (date(2025, 3, 1), date(2026, 3, 5), None),
        (date(2026, 3, 1), date(2026, 3, 1), None),
        (date(2024, 12, 30), date(2026, 1, 1), 1),
        (date(2024, 1, 2), date(2025, 12, 31), 2),
        (date(2024, 2, 29), date(2026, 2, 28), 2),
    ],
)
def test_years_are_told_around_their_day(since: date, today: date, years: int | None) -> None:
    assert rules.anniversary(since, today) == years
