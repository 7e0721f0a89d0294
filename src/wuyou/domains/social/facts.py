"""What several operations count of ties: a fact once, the sum of its month, and the weight that it adds to the tie."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

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
    is counted. Locks: the ties, by pair. Cost: four statements, however many pairs.
    """
    sides = {
        (min(pair), max(pair)): _BOTH if is_mutual else _LOW if pair[0] < pair[1] else _HIGH
        for pair in pairs
        if pair[0] != pair[1]
    }
    day = business_date(now)
    locked = _lock(sorted(sides))
    counted = db.rows(
        """
        INSERT INTO social_tie_fact (tie_id, kind, key, side, happened_on)
        SELECT t.id, %(kind)s::text, %(key)s, t.side, %(day)s::date
        FROM unnest(%(ties)s::bigint[], %(sides)s::int[]) AS t (id, side)
        WHERE (SELECT count(*) FROM social_tie_fact f WHERE f.tie_id = t.id AND f.happened_on = %(day)s::date
               AND f.kind = %(kind)s::text AND f.side = t.side) < %(cap)s
        ON CONFLICT (tie_id, kind, key) DO NOTHING RETURNING tie_id, side
        """,
        {
            "kind": kind.value,
            "key": key,
            "day": day,
            "ties": [tie_id for tie_id, _, _ in locked],
            "sides": [sides[low, high] for _, low, high in locked],
            "cap": rules.WEIGHTS[kind].daily_cap,
        },
    )
    _move(counted, kind, rules.month_of(day), 1)
    if counted and kind in rules.COMPOSED:
        db.execute(
            """
            UPDATE social_tie SET first_on = LEAST(first_on, %(day)s), last_on = GREATEST(last_on, %(day)s)
            WHERE id = ANY(%(ties)s)
            """,
            {"day": day, "ties": [tie_id for tie_id, _ in counted]},
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
        _move([(tie_id, side)], kind, rules.month_of(day), -1)
        db.execute(
            """
            UPDATE social_tie SET (first_on, last_on) = (
                SELECT min(happened_on), max(happened_on) FROM social_tie_fact WHERE tie_id = %s AND kind = ANY(%s))
            WHERE id = %s
            """,
            [tie_id, [each.value for each in rules.COMPOSED], tie_id],
        )


def _lock(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """The ties of these pairs, made where there is none, locked in the order of the pairs; none across a block."""
    return db.rows(
        """
        INSERT INTO social_tie (low_id, high_id, weight)
        SELECT low, high, 0 FROM unnest(%s::bigint[], %s::bigint[]) AS p (low, high)
        WHERE NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id) IN ((low, high), (high, low)))
        ORDER BY low, high
        ON CONFLICT (low_id, high_id) DO UPDATE SET low_id = EXCLUDED.low_id RETURNING id, low_id, high_id
        """,
        [[low for low, _ in pairs], [high for _, high in pairs]],
    )


def _move(counted: list[tuple[int, int]], kind: TieKind, month: int, by: int) -> None:
    """Bring facts into the sums of their month, and what that changes into the weights of their locked ties."""
    if not counted:
        return
    lows = [by if side & _LOW else 0 for _, side in counted]
    highs = [by if side & _HIGH else 0 for _, side in counted]
    if by > 0:
        statement = """
            INSERT INTO social_tie_month AS m (tie_id, month, kind, from_low, from_high)
            SELECT c.id, %(month)s, %(kind)s, c.low, c.high
            FROM unnest(%(ties)s::bigint[], %(lows)s::int[], %(highs)s::int[]) AS c (id, low, high)
            ON CONFLICT (tie_id, month, kind) DO UPDATE
            SET from_low = m.from_low + EXCLUDED.from_low, from_high = m.from_high + EXCLUDED.from_high
            RETURNING m.tie_id, m.from_low, m.from_high
        """
    else:
        statement = """
            UPDATE social_tie_month m SET from_low = m.from_low + c.low, from_high = m.from_high + c.high
            FROM unnest(%(ties)s::bigint[], %(lows)s::int[], %(highs)s::int[]) AS c (id, low, high)
            WHERE m.tie_id = c.id AND m.month = %(month)s AND m.kind = %(kind)s
            RETURNING m.tie_id, m.from_low, m.from_high
        """
    params = {
        "month": month,
        "kind": kind.value,
        "ties": [tie_id for tie_id, _ in counted],
        "lows": lows,
        "highs": highs,
    }
    sums = {tie_id: (low, high) for tie_id, low, high in db.rows(statement, params)}
    growth = rules.growth(month)
    changes = [
        growth * (rules.points(kind, *sums[tie_id]) - rules.points(kind, sums[tie_id][0] - low, sums[tie_id][1] - high))
        for (tie_id, _), low, high in zip(counted, lows, highs, strict=True)
    ]
    db.execute(
        """
        UPDATE social_tie t SET weight = t.weight + c.change
        FROM unnest(%s::bigint[], %s::numeric[]) AS c (id, change) WHERE t.id = c.id
        """,
        [[tie_id for tie_id, _ in counted], changes],
    )
