"""Who wins, as a function of what was counted: any order of rows, ties, and what is asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wuyou.domains.awards import rules
from wuyou.domains.awards.types import Award, Counted, Rule

OCTOBER = date(2026, 10, 1)
AWARD = Award(1, "月度好文", "Read of the month", Rule.MOST_READ, 5, 10, 2, OCTOBER, None)
DUE = datetime(2026, 11, 9, 17, tzinfo=UTC)
"""An hour after midnight of the tenth, in Shanghai."""

crowds = st.dictionaries(st.integers(1, 30), st.tuples(st.integers(0, 8), st.integers(0, 20)), max_size=12).map(
    lambda drawn: [Counted(person_id, *numbers) for person_id, numbers in drawn.items()]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(crowds, st.randoms(), st.integers(1, 20), st.integers(1, 8), st.integers(0, 20))
def test_winners_do_not_depend_on_the_order_of_rows_and_are_the_best_of_who_is_considered(
    crowd: list[Counted], chance: object, most: int, least: int, least_reads: int
) -> None:
    award = Award(1, "", "", Rule.MOST_READ, least, least_reads, most, OCTOBER, None)
    shuffled = list(crowd)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    won = rules.winners(award, crowd)

    assert rules.winners(award, shuffled) == won
    assert rules.digest_of(award, OCTOBER, shuffled) == rules.digest_of(award, OCTOBER, crowd)
    considered = [one for one in crowd if one.figure >= least and one.reads >= least_reads]
    assert len(won) == min(most, len(considered))
    assert set(won) <= set(considered)
    for loser in set(considered) - set(won):
        assert all(
            (one.figure, one.reads, -one.person_id) > (loser.figure, loser.reads, -loser.person_id) for one in won
        )


def test_equal_figures_are_decided_by_reads_and_then_by_who_has_been_here_longer() -> None:
    late, early, read_more, best = Counted(9, 7, 10), Counted(3, 7, 10), Counted(12, 7, 11), Counted(20, 8, 10)

    assert rules.order([late, early, read_more, best]) == [best, read_more, early, late]
    assert rules.winners(AWARD, [late, early, read_more, best]) == (best, read_more)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(crowds.filter(bool), st.data())
def test_any_changed_number_of_the_record_changes_its_digest(crowd: list[Counted], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(crowd) - 1))
    one = crowd[place]
    changed = data.draw(
        st.sampled_from(
            [
                Counted(one.person_id + 100, one.figure, one.reads),
                Counted(one.person_id, one.figure + 1, one.reads),
                Counted(one.person_id, one.figure, one.reads + 1),
            ]
        )
    )

    other = [*crowd[:place], changed, *crowd[place + 1 :]]

    assert rules.digest_of(AWARD, OCTOBER, other) != rules.digest_of(AWARD, OCTOBER, crowd)
    assert rules.digest_of(AWARD, OCTOBER, crowd[1:]) != rules.digest_of(AWARD, OCTOBER, crowd)


@pytest.mark.parametrize(
    ("month", "at", "last", "is_due"),
    [
        (OCTOBER, DUE, None, True),
        (OCTOBER, DUE - timedelta(seconds=1), None, False),
        (date(2026, 9, 1), DUE, None, False),  # before its first
        (date(2026, 11, 1), DUE, None, False),
        (OCTOBER, DUE, OCTOBER, True),
        (date(2026, 11, 1), DUE + timedelta(days=60), OCTOBER, False),  # after its last
    ],
)
def test_a_month_is_due_on_the_tenth_of_the_next_while_the_award_runs(
    month: date, at: datetime, last: date | None, is_due: bool
) -> None:
    award = Award(1, "", "", Rule.MOST_READ, 1, 0, 1, OCTOBER, last)

    assert rules.is_due(award, month, at) is is_due


@pytest.mark.parametrize(
    ("rule", "least", "told"),
    [(Rule.MOST_READ, 5, 5), (Rule.MOST_THANKED, 19, 0), (Rule.MOST_THANKED, 20, 20), (Rule.MOST_SOLD, 3, 0)],
)
def test_what_is_asked_is_told_unless_it_is_of_fewer_than_twenty_people(rule: Rule, least: int, told: int) -> None:
    assert rules.told_least(Award(1, "", "", rule, least, 0, 1, OCTOBER, None)) == told
