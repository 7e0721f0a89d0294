"""Time. Only entry points read the clock; everything below takes `now` as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
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
