"""One rounding and one way to divide: what they promise for any numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.kernel.money import BPS, MAX_MINOR, Currency, Money, allocate, apply_bps, round_ratio

amounts = st.integers(-MAX_MINOR, MAX_MINOR)
weight_lists = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**18))
def test_round_ratio_is_the_nearest_integer_and_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    rounded = round_ratio(numerator, denominator)
    distance = abs(rounded - exact)
    assert distance <= Fraction(1, 2)
    if distance == Fraction(1, 2):
        assert abs(rounded) > abs(exact)


@given(amounts, st.integers(1, 10**12))
def test_round_ratio_mirrors_its_sign(numerator: int, denominator: int) -> None:
    assert round_ratio(-numerator, denominator) == -round_ratio(numerator, denominator)


def test_round_ratio_keeps_the_half_that_a_float_loses() -> None:
    assert round_ratio(29 * 500, 1000) == 15
    assert round(1.005 * 100) == 100  # what a float says of 100.5
    assert round_ratio(1005 * 100, 1000) == 101


@pytest.mark.parametrize("denominator", [0, -1])
def test_round_ratio_refuses_a_denominator_that_is_not_positive(denominator: int) -> None:
    with pytest.raises(ValueError, match="denominator"):
        round_ratio(1, denominator)


@given(amounts, st.integers(0, BPS))
def test_apply_bps_stays_between_nothing_and_the_whole(amount: int, rate_bps: int) -> None:
    part = apply_bps(amount, rate_bps)
    assert min(amount, 0) <= part <= max(amount, 0)
    assert apply_bps(amount, 0) == 0
    assert apply_bps(amount, BPS) == amount


@given(amounts, amounts, st.integers(0, BPS))
def test_apply_bps_never_falls_while_the_amount_grows(one: int, other: int, rate_bps: int) -> None:
    low, high = sorted((one, other))
    assert apply_bps(low, rate_bps) <= apply_bps(high, rate_bps)


def test_apply_bps_worked_number() -> None:
    assert apply_bps(645, 3000) == 194


@given(amounts, weight_lists)
def test_allocate_parts_sum_to_the_whole_and_are_within_one_unit_of_exact(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(amounts, weight_lists)
def test_allocate_gives_nothing_to_no_weight_and_never_the_other_sign(total: int, weights: list[int]) -> None:
    for part, weight in zip(allocate(total, weights), weights, strict=True):
        assert part == 0 or (weight > 0 and (part > 0) == (total > 0))


@given(amounts, weight_lists)
def test_allocate_of_a_reversal_mirrors_its_original(total: int, weights: list[int]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@given(amounts, weight_lists, st.integers(1, 1000))
def test_allocate_knows_only_proportions(total: int, weights: list[int], factor: int) -> None:
    assert allocate(total, [weight * factor for weight in weights]) == allocate(total, weights)


@given(amounts, weight_lists)
def test_allocate_gives_more_weight_no_less_whoever_comes_first(total: int, weights: list[int]) -> None:
    parts = allocate(abs(total), weights)
    for one in range(len(weights)):
        for other in range(len(weights)):
            if weights[one] > weights[other] or (weights[one] == weights[other] and one < other):
                assert parts[one] >= parts[other]


@given(amounts, weight_lists, st.integers(0, 12))
def test_allocate_is_not_moved_by_somebody_without_weight(total: int, weights: list[int], place: int) -> None:
    place = min(place, len(weights))
    with_one_more = allocate(total, [*weights[:place], 0, *weights[place:]])
    assert with_one_more[:place] + with_one_more[place + 1 :] == allocate(total, weights)


def test_allocate_worked_numbers() -> None:
    assert allocate(15, [80, 8, 8]) == [13, 1, 1]
    assert allocate(645, [30, 70]) == [194, 451]
    assert allocate(1, [1, 1, 1]) == [1, 0, 0]
    assert allocate(0, [3, 4]) == [0, 0]


def test_allocate_may_take_a_unit_back_when_the_whole_grows() -> None:
    assert allocate(10, [6, 6, 2]) == [4, 4, 2]
    assert allocate(11, [6, 6, 2]) == [5, 5, 1]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1]])
def test_allocate_refuses_weights_that_divide_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        allocate(10, weights)


@given(amounts, amounts)
def test_money_adds_subtracts_and_compares_in_one_currency(one: int, other: int) -> None:
    a, b = Money(one, Currency.CNY), Money(other, Currency.CNY)
    assert (a + b) - b == a
    assert -Money(-one, Currency.CNY) == a
    assert (a < b) is (one < other)
    assert (a >= b) is (one >= other)
    assert bool(a) is (one != 0)


def test_money_of_two_currencies_does_not_mix() -> None:
    yuan, yen = Money(100, Currency.CNY), Money(100, Currency.JPY)
    assert yuan != yen
    with pytest.raises(ValueError, match="do not mix"):
        yuan + yen
    with pytest.raises(ValueError, match="do not mix"):
        yuan - yen
    with pytest.raises(ValueError, match="do not mix"):
        assert yuan < yen


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_money_is_a_whole_number_of_the_smallest_unit(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, Currency.CNY)  # type: ignore[arg-type]
