"""Business months: from midnight to midnight of the first days, in the business zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from wuyou.kernel.clock import BUSINESS_ZONE, business_date

QUIET = timedelta(hours=1)
"""So long after its end a month is closed. Nothing is booked back in time: an hour outlasts every open transaction."""


def month_of(at: datetime) -> date:
    """The first day of the business month that a moment belongs to."""
    return business_date(at).replace(day=1)


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def begin_of(month: date) -> datetime:
    """The first moment of a month."""
    return datetime.combine(month, time(), BUSINESS_ZONE).astimezone(UTC)


def last_closable(now: datetime) -> date:
    """The latest month that is over, and quiet."""
    return month_before(month_of(now - QUIET))


def months(first: date, last: date) -> Iterator[date]:
    """Both ends included."""
    while first <= last:
        yield first
        first = month_after(first)
