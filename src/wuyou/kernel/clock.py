"""Time. Only entry points read the clock; everything below takes `now` as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def business_date(at: datetime, zone: ZoneInfo = BUSINESS_ZONE) -> date:
    """The calendar day that a moment belongs to in the business zone.

    `business_date(2026-01-31 16:00 UTC) == 2026-02-01` in Asia/Shanghai.
    """
    return at.astimezone(zone).date()


def end_of_day(now: datetime, *, days: int, zone: ZoneInfo = BUSINESS_ZONE) -> datetime:
    """The end of the business day that is so many days from now: the first moment of the one after it."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days + 1)
