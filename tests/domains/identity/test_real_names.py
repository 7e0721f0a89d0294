"""GB 11643: what can be a resident identity number, and what cannot."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wuyou.domains.identity.providers.real_names import gb11643

TODAY = date(2026, 3, 1)
firsts = st.builds(
    lambda region, born, sequence: f"{region}0105{born:%Y%m%d}{sequence:03}",
    st.sampled_from(sorted(gb11643.PROVINCES)),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(1, 999),
)


def test_the_standards_own_examples() -> None:
    assert gb11643.birth_of("11010519491231002X", TODAY) == date(1949, 12, 31)
    assert gb11643.birth_of("440524188001010014", TODAY) == date(1880, 1, 1)


@given(firsts)
def test_the_weighted_sum_of_all_eighteen_is_one_modulo_eleven(first: str) -> None:
    digits = [10 if c == "X" else int(c) for c in first + gb11643.check_digit(first)]

    assert sum(pow(2, 17 - place, 11) * digit for place, digit in enumerate(digits)) % 11 == 1


@given(firsts, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first: str, place: int, by: int) -> None:
    number = first + gb11643.check_digit(first)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]

    assert gb11643.birth_of(number, TODAY) is not None
    assert gb11643.birth_of(wrong, TODAY) is None


@given(firsts, st.integers(0, 15))
def test_two_neighbours_in_the_wrong_order_are_always_found(first: str, place: int) -> None:
    number = first + gb11643.check_digit(first)
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert wrong == number or gb11643.birth_of(wrong, TODAY) is None


@pytest.mark.parametrize(
    "number", ["", "x", "1101051949123100", "11010519491231002Ⅹ", "110105194913310026", "٣" * 18, "1" * 400]
)
def test_what_cannot_be_a_number_is_refused(number: str) -> None:
    assert gb11643.birth_of(gb11643.canonical(number), TODAY) is None


def test_age_counts_full_years() -> None:
    assert gb11643.age_on(date(2008, 3, 1), TODAY) == 18
    assert gb11643.age_on(date(2008, 3, 2), TODAY) == 17
    assert gb11643.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
