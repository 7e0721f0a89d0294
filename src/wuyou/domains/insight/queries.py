"""Every read of insight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from wuyou.domains.insight import errors, policies, rules
from wuyou.domains.insight.types import Figures, Report, Sums, Table
from wuyou.infra import db
from wuyou.infra.lake import reading
from wuyou.kernel.actor import Actor


@cache
def list_reports() -> tuple[Report, ...]:
    """Every report there is, by name."""
    found = [path for path in files(__package__).joinpath("reports").iterdir() if path.name.endswith(".sql")]
    return tuple(
        rules.read_report(path.name.removesuffix(".sql"), path.read_text(encoding="utf-8"))
        for path in sorted(found, key=lambda path: path.name)
    )


def get_report(name: str) -> Report:
    """One report. Raises `ReportNotFound`."""
    for report in list_reports():
        if report.name == name:
            return report
    raise errors.ReportNotFound()


def values_of(begins: date, until: date) -> dict[str, int]:
    """What stands for a report's `:name`s: days of the installation's clock, `until` not included.

    Raises: `RangeMalformed`.
    """
    if not 0 < (until - begins).days <= rules.MOST_DAYS:
        raise errors.RangeMalformed(most=rules.MOST_DAYS)
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = (datetime.combine(day, time(), zone) for day in (begins, until))
    offset = start.utcoffset() or timedelta()
    return {
        "from_ms": int(start.timestamp() * 1000),
        "until_ms": int(end.timestamp() * 1000),
        "offset_ms": int(offset.total_seconds() * 1000),
    }


def run_report(name: str, *, actor: Actor, begins: date, until: date) -> Table:
    """The answer of a report about `[begins, until)`, as far as the actor may see it.

    Raises: `ReportNotFound`, `RangeMalformed`. Cost: a scan of the files of these days; seconds, not milliseconds.
    """
    report = get_report(name)
    values = values_of(begins, until)
    bound: dict[str, Any] = {name: values[name] for name in report.parameters}
    # Days of UTC around those of the clock; the statement bounds the time itself.
    columns, rows = reading.ask(
        rules.for_duckdb(report.sql), bound, begins - timedelta(days=1), until + timedelta(days=1)
    )
    shown = policies.shown_to(actor, Table(columns, tuple(rows)))
    if shown is None:
        raise errors.ReportNotFound()
    return shown


def figures_of(object_kind: str, object_id: int, *, actor: Actor, begins: date, until: date) -> tuple[Figures, ...]:
    """What each day of `[begins, until)` brought an object, in order; days without anything are left out.

    Whether the actor may know of the object at all is asked by whoever calls. Cost: one query.
    """
    return figures_by_object(object_kind, [object_id], actor=actor, begins=begins, until=until).get(object_id, ())


def figures_by_object(
    object_kind: str, object_ids: Collection[int], *, actor: Actor, begins: date, until: date
) -> dict[int, tuple[Figures, ...]]:
    """The same of many objects of a kind. Cost: one query."""
    figures: dict[int, list[Figures]] = defaultdict(list)
    for object_id, *columns in db.rows(
        """
        SELECT object_id, day, people, exposures, dwell_s, clicks, dwell_median_ms, onward FROM insight_daily_figure
        WHERE object_kind = %s AND object_id = ANY(%s) AND day >= %s AND day < %s ORDER BY day
        """,
        [object_kind, sorted(set(object_ids)), begins, until],
    ):
        figures[object_id].append(policies.figures_shown_to(actor, Figures(*columns)))
    return {object_id: tuple(days) for object_id, days in figures.items()}


def sums_by_object(
    object_kind: str, object_ids: Collection[int], *, actor: Actor, begins: date, until: date
) -> dict[int, Sums]:
    """What `[begins, until)` brought each object, without the days that the actor may not know of. Cost: one query."""
    found = figures_by_object(object_kind, object_ids, actor=actor, begins=begins, until=until)
    return {
        object_id: Sums(
            sum(day.exposures or 0 for day in days),
            sum(day.dwell_s or 0 for day in days),
            sum(day.onward or 0 for day in days),
        )
        for object_id, days in found.items()
    }


def sights_by_object(object_kind: str) -> dict[int, int]:
    """How often each of these was on a screen, of everything that was. Cost: one query.

    For what is made of the sums of all and shows no single one: it counts where few people were, too.
    """
    found = db.rows(
        """
        SELECT object_id, sum(exposures) FROM insight_daily_figure WHERE object_kind = %s GROUP BY object_id
        """,
        [object_kind],
    )
    return {object_id: int(exposures) for object_id, exposures in found}


def reads_by_object(object_kind: str, object_ids: Collection[int], *, begins: date | None = None) -> dict[int, int]:
    """How often each of these was on a screen, on the days of which anybody may know. Cost: one query at most.

    Args: begins: the first day that counts; None for all.

    A day of few people counts as nothing, so that whatever is made of it tells of nobody.
    """
    if not object_ids:
        return {}
    found = db.rows(
        """
        SELECT object_id, sum(exposures) FROM insight_daily_figure
        WHERE object_kind = %s AND object_id = ANY(%s) AND people >= %s AND (%s::date IS NULL OR day >= %s::date)
        GROUP BY object_id
        """,
        [object_kind, sorted(set(object_ids)), policies.LEAST_PEOPLE, begins, begins],
    )
    return {object_id: int(exposures) for object_id, exposures in found}
