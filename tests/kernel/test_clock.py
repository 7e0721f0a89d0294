"""Days of the business calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from wuyou.kernel.clock import end_of_day


def test_end_of_a_day_is_the_first_moment_of_the_next_in_the_business_zone() -> None:
    now = datetime(2026, 1, 31, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    assert end_of_day(now, days=0) == datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
    assert end_of_day(now, days=7) == datetime(2026, 2, 7, 16, 0, tzinfo=UTC)
