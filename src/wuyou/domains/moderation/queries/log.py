"""The public log: what was decided of what kind under which rule. No name, no number, no word of anything."""

from __future__ import annotations

from datetime import date, datetime

from wuyou.domains.moderation.types import Category, LogLine, MonthOfLog, Outcome, SubjectKind
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE, business_date
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page


def list_log(*, cursor: int | None = None, limit: int = 50) -> Page[LogLine]:
    """Decisions as everybody may read them, newest first: the day, and not the minute. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        """
        SELECT d.id, d.decided_at, c.subject_kind, d.outcome, d.category,
               EXISTS (SELECT FROM moderation_report r WHERE r.case_id = c.id),
               EXISTS (SELECT FROM moderation_hit h
                       WHERE h.subject_kind = c.subject_kind AND h.subject_id = c.subject_id
                       AND h.found_at <= d.decided_at),
               d.is_of_appeal
        FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id
        WHERE %(cursor)s::bigint IS NULL OR d.id < %(cursor)s ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {"cursor": cursor, "limit": limit + 1},
    )
    lines = [
        LogLine(line_id, business_date(at), SubjectKind(kind), Outcome(outcome), Category(category), *rest)
        for line_id, at, kind, outcome, category, *rest in found
    ]
    return cut_page(lines, limit, lambda line: line.id)


def list_months(*, now: datetime, count: int = 12) -> tuple[MonthOfLog, ...]:
    """What was done in each of the latest months of the business calendar, newest first. Cost: three queries."""
    first = business_date(now).replace(day=1)
    months: list[date] = [first]
    while len(months) < count:
        last = months[-1]
        months.append(date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    params = {"zone": str(BUSINESS_ZONE), "from": datetime.combine(months[-1], datetime.min.time(), BUSINESS_ZONE)}
    by_month = "date_trunc('month', {at} AT TIME ZONE %(zone)s)::date"
    decided: dict[date, dict[Outcome, int]] = {month: {} for month in months}
    for month, outcome, many in db.rows(
        f"SELECT {by_month.format(at='decided_at')}, outcome, count(*) FROM moderation_decision"  # noqa: S608
        " WHERE NOT is_of_appeal AND decided_at >= %(from)s GROUP BY 1, 2",
        params,
    ):
        decided.setdefault(month, {})[Outcome(outcome)] = many
    reports = dict(
        db.rows(
            f"SELECT {by_month.format(at='made_at')}, count(*) FROM moderation_report"  # noqa: S608
            " WHERE made_at >= %(from)s GROUP BY 1",
            params,
        )
    )
    appeals = {
        month: (many, granted)
        for month, many, granted in db.rows(
            f"""
            SELECT {by_month.format(at="a.made_at")}, count(*), count(*) FILTER (WHERE a.is_granted)
            FROM moderation_appeal a WHERE a.made_at >= %(from)s GROUP BY 1
            """,  # noqa: S608
            params,
        )
    }
    return tuple(
        MonthOfLog(month, reports.get(month, 0), decided[month], *appeals.get(month, (0, 0))) for month in months
    )
