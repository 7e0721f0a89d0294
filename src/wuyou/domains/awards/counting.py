"""What a round counts of everybody in its month. Each rule is one statement, over what is final by then."""

from __future__ import annotations

from datetime import date, datetime

from wuyou.domains.awards.types import Award, Counted, Rule
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.ledger.statements import months
from wuyou.domains.moderation import queries as moderation
from wuyou.infra import db

_READS = """
    SELECT p.owner_id AS person_id, sum(f.exposures)::bigint AS reads
    FROM insight_daily_figure f JOIN content_post p ON p.id = f.object_id
    WHERE f.object_kind = 'post' AND f.day >= %(month)s AND f.day < %(after)s AND f.people >= %(least_people)s
    AND p.origin_id IS NULL AND p.published_at IS NOT NULL AND p.held_at IS NULL GROUP BY p.owner_id
"""
"""Days of few readers count as nothing, as everywhere; what is marked was never counted."""
_THANKED = """
    SELECT a.receiver_id AS person_id, count(DISTINCT a.giver_id) AS figure
    FROM social_appreciation a JOIN content_post p ON p.id = a.source_id AND p.owner_id = a.receiver_id
    WHERE a.kind = 'POST' AND a.given_at >= %(begin)s AND a.given_at < %(end)s
    AND p.published_at IS NOT NULL AND p.held_at IS NULL GROUP BY a.receiver_id
"""
_SOLD = """
    SELECT s.user_id AS person_id, count(DISTINCT v.buyer_id) AS figure
    FROM alliance_conversion v JOIN alliance_commission m ON m.conversion_id = v.id AND m.role = 'PUBLISHER'
    JOIN alliance_publisher s ON s.id = m.publisher_id JOIN identity_user b ON b.id = v.buyer_id AND b.is_active
    WHERE v.state = 'SETTLED' AND v.settled_at >= %(begin)s AND v.settled_at < %(end)s
    AND NOT v.is_held AND NOT v.is_void AND v.refunded_minor < v.amount_minor AND v.buyer_id <> s.user_id
    GROUP BY s.user_id
"""
_READ = "SELECT person_id, reads AS figure FROM r"
_FIGURES = {Rule.MOST_READ: _READ, Rule.BEST_BEGINNER: _READ, Rule.MOST_THANKED: _THANKED, Rule.MOST_SOLD: _SOLD}


def counted_of(award: Award, month: date, now: datetime) -> tuple[Counted, ...]:
    """Everybody who has what the award asks at least, in no order.

    Left out is who is gone or shut out, who is staff, and against whom a strike counts at this moment.
    Cost: two queries, over the month's figures, thanks or settled sales.
    """
    after = months.month_after(month)
    found = db.rows(
        f"""
        WITH r AS MATERIALIZED ({_READS}), c AS ({_FIGURES[award.rule]})
        SELECT c.person_id, c.figure, coalesce(r.reads, 0) FROM c LEFT JOIN r USING (person_id)
        JOIN identity_user u ON u.id = c.person_id AND u.is_active AND u.erased_at IS NULL AND NOT u.is_staff
        WHERE c.figure >= %(least)s AND coalesce(r.reads, 0) >= %(least_reads)s
        AND (%(joined)s::timestamptz IS NULL OR u.joined_at >= %(joined)s)
        """,  # noqa: S608  (literals of this module)
        {
            "month": month,
            "after": after,
            "begin": months.begin_of(month),
            "end": months.begin_of(after),
            "joined": months.begin_of(months.month_before(month)) if award.rule is Rule.BEST_BEGINNER else None,
            "least": award.least,
            "least_reads": award.least_reads,
            "least_people": LEAST_PEOPLE,
        },
    )
    struck = moderation.points_by_person({person_id for person_id, _, _ in found}, now)
    return tuple(Counted(*columns) for columns in found if columns[0] not in struck)
