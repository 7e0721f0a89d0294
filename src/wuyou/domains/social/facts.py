"""What several operations count of ties: a fact once, the sum of its month, and the weight that it adds to the tie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from wuyou.domains.social import rules
from wuyou.domains.social.types import TieKind
from wuyou.infra import db
from wuyou.kernel.clock import business_date

_LOW, _HIGH, _BOTH = 1, 2, 3


def record(
    pairs: Iterable[tuple[int, int]], kind: TieKind, key: str, now: datetime, *, is_mutual: bool = False
) -> None:
    """Something happened between these pairs, from the first to the second of each, or from both sides.

    A fact that is known under its key changes nothing, nor does one above what a day may count; across a block nothing
    is counted. Locks: the ties, by pair. Cost: two statements, however many pairs.
    """
    sides = {
        (min(pair), max(pair)): _BOTH if is_mutual else _LOW if pair[0] < pair[1] else _HIGH
        for pair in pairs
        if pair[0] != pair[1]
    }
    day, weight = business_date(now), rules.WEIGHTS[kind]
    month = rules.month_of(day)
    # What a day may count only grows: who has reached it before the lock is not looked at again.
    open_ties = [row for row in _lock(sides, kind, day) if row[2] < weight.daily_cap]
    if not open_ties:
        return
    db.execute(
        """
        WITH counted AS (
            INSERT INTO social_tie_fact (tie_id, kind, key, side, happened_on)
            SELECT t.id, %(kind)s::text, %(key)s, t.side, %(day)s::date
            FROM unnest(%(ties)s::bigint[], %(sides)s::int[]) AS t (id, side)
            WHERE (SELECT count(*) FROM social_tie_fact f WHERE f.tie_id = t.id AND f.happened_on = %(day)s::date
                   AND f.kind = %(kind)s::text AND f.side = t.side) < %(cap)s
            ON CONFLICT (tie_id, kind, key) DO NOTHING RETURNING tie_id, side),
        grown AS (
            INSERT INTO social_tie_month AS m (tie_id, month, kind, from_low, from_high)
            SELECT tie_id, %(month)s, %(kind)s, side & 1, side >> 1 FROM counted
            ON CONFLICT (tie_id, month, kind) DO UPDATE
            SET from_low = m.from_low + EXCLUDED.from_low, from_high = m.from_high + EXCLUDED.from_high
            RETURNING m.tie_id, m.from_low, m.from_high)
        UPDATE social_tie t
        SET weight = t.weight + %(growth)s::numeric * (
                %(both)s * (LEAST(g.from_low, g.from_high)
                            - LEAST(g.from_low - (c.side & 1), g.from_high - (c.side >> 1)))
                + %(alone)s * (abs(g.from_low - g.from_high)
                               - abs(g.from_low - (c.side & 1) - g.from_high + (c.side >> 1)))),
            first_on = CASE WHEN %(composed)s THEN LEAST(t.first_on, %(day)s::date) ELSE t.first_on END,
            last_on = CASE WHEN %(composed)s THEN GREATEST(t.last_on, %(day)s::date) ELSE t.last_on END
        FROM counted c JOIN grown g USING (tie_id) WHERE t.id = c.tie_id
        """,
        {
            "kind": kind.value,
            "key": key,
            "day": day,
            "month": month,
            "ties": [tie_id for tie_id, _, _ in open_ties],
            "sides": [side for _, side, _ in open_ties],
            "cap": weight.daily_cap,
            # `rules.points` of the month after, without those before; tests hold the sums to `rules.weight_of`.
            "growth": rules.growth(month),
            "both": 2 * weight.answered,
            "alone": weight.alone,
            "composed": kind in rules.COMPOSED,
        },
    )


def take_back(pair: tuple[int, int], kind: TieKind, key: str) -> None:
    """Something between two people was undone; what was not counted changes nothing. Locks: the tie."""
    gone = db.rows(
        """
        DELETE FROM social_tie_fact f USING social_tie t
        WHERE t.id = f.tie_id AND t.low_id = %s AND t.high_id = %s AND f.kind = %s AND f.key = %s
        RETURNING f.tie_id, f.side, f.happened_on
        """,
        [*sorted(pair), kind.value, key],
    )
    for tie_id, side, day in gone:
        db.execute("SELECT 1 FROM social_tie WHERE id = %s FOR UPDATE", [tie_id])
        _take_off(tie_id, side, kind, rules.month_of(day))
        db.execute(
            """
            UPDATE social_tie SET (first_on, last_on) = (
                SELECT min(happened_on), max(happened_on) FROM social_tie_fact WHERE tie_id = %s AND kind = ANY(%s))
            WHERE id = %s
            """,
            [tie_id, [each.value for each in rules.COMPOSED], tie_id],
        )


def _lock(sides: Mapping[tuple[int, int], int], kind: TieKind, day: date) -> list[tuple[int, int, int]]:
    """The ties of these pairs, made where there is none, locked in the order of the pairs; none across a block.

    Each with its side, and how much of the day was counted before the lock.
    """
    pairs = sorted(sides)
    return db.rows(
        """
        WITH asked AS (SELECT * FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[], %(sides)s::int[])
                       AS p (low, high, side)),
        locked AS (
            INSERT INTO social_tie (low_id, high_id, weight)
            SELECT low, high, 0 FROM asked
            WHERE NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id) IN ((low, high), (high, low)))
            ORDER BY low, high
            ON CONFLICT (low_id, high_id) DO UPDATE SET low_id = EXCLUDED.low_id RETURNING id, low_id, high_id)
        SELECT l.id, a.side, (SELECT count(*) FROM social_tie_fact f WHERE f.tie_id = l.id
                              AND f.happened_on = %(day)s AND f.kind = %(kind)s AND f.side = a.side)
        FROM locked l JOIN asked a ON (a.low, a.high) = (l.low_id, l.high_id)
        """,
        {
            "lows": [low for low, _ in pairs],
            "highs": [high for _, high in pairs],
            "sides": [sides[pair] for pair in pairs],
            "kind": kind.value,
            "day": day,
        },
    )


def _take_off(tie_id: int, side: int, kind: TieKind, month: int) -> None:
    """Take a fact out of the sum of its month, and what that changes off the weight of its locked tie."""
    low, high = side & _LOW, side >> 1
    sums = db.row(
        """
        UPDATE social_tie_month SET from_low = from_low - %s, from_high = from_high - %s
        WHERE tie_id = %s AND month = %s AND kind = %s RETURNING from_low, from_high
        """,
        [low, high, tie_id, month, kind.value],
    )
    if sums is None:
        return
    change = rules.points(kind, *sums) - rules.points(kind, sums[0] + low, sums[1] + high)
    db.execute("UPDATE social_tie SET weight = weight + %s WHERE id = %s", [rules.growth(month) * change, tie_id])
