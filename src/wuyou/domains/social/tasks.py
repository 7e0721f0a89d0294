"""What time does to ties. An entry point: each person in a transaction of their own."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.social import operations, rules
from wuyou.infra.scans import each_due
from wuyou.kernel.clock import business_date


def remind_of_fading_ties(now: datetime) -> int:
    """Remind people of whom they were close to and hear nothing of; returns how many people were looked at."""
    today = business_date(now)
    return each_due(
        """
        SELECT DISTINCT person FROM (
            SELECT unnest(ARRAY[low_id, high_id]) AS person FROM social_tie WHERE last_on BETWEEN %(from)s AND %(to)s) p
        WHERE person > %(after)s ORDER BY person LIMIT %(limit)s
        """,
        {"from": today - rules.FORGOTTEN_AFTER, "to": today - rules.SILENT_AFTER},
        lambda person_id: operations.remind_of_ties(person_id=person_id, now=now),
    )
