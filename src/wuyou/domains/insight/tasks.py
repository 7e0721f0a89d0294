"""What time does to insight. Entry points."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings

from wuyou.domains.insight import operations, queries
from wuyou.domains.insight.types import Cell
from wuyou.infra import db
from wuyou.infra.behaviour import RESEND_DAYS
from wuyou.kernel.actor import PLATFORM

_DAY_MS = "day_ms"
_KEPT = ("object_kind", "object_id", "people", "exposures", "dwell_s", "clicks", "dwell_median_ms", "onward")


def refresh_figures(now: datetime) -> int:
    """Count the last days anew from the lake, as far back as events may still come; returns how many objects."""
    zone = ZoneInfo(settings.TIME_ZONE)
    until = now.astimezone(zone).date() + timedelta(days=1)
    begins = until - timedelta(days=RESEND_DAYS + 1)
    table = queries.run_report("objects_by_day", actor=PLATFORM, begins=begins, until=until)
    by_day: dict[object, list[list[Cell]]] = defaultdict(list)
    for row in table.rows:
        named = dict(zip(table.columns, row, strict=True))
        day = datetime.fromtimestamp(int(named[_DAY_MS] or 0) / 1000, UTC).astimezone(zone).date()
        by_day[day].append([named[name] for name in _KEPT])
    days = [begins + timedelta(days=number) for number in range((until - begins).days)]
    return sum(db.in_transaction(partial(operations.keep_day, day=day, rows=by_day[day])) for day in days)
