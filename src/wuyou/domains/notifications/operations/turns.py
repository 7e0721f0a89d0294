"""What waits to leave the page, and whose turn it is: due rows are the queue.

A fact that is told leaves a row a channel that waits. Whoever sends takes the turn of one person: everything of theirs
that waits goes together. Taking a turn also fixes when it may be taken again, so that who dies or is refused on the way
loses nothing; ending it takes away what was told.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from wuyou.domains.notifications import rules
from wuyou.domains.notifications.types import Channel, Turn
from wuyou.infra import db


@db.requires_transaction
def begin_turn(*, channel: Channel, now: datetime) -> Turn | None:
    """Take the turn of a person for whom something is due by this way; None when there is nobody.

    One statement, so that of two who take at once one gets it; nobody gets it again before `Turn.again_at`.
    """
    ladder = rules.AGAIN_AFTER_S[channel]
    taken = db.row(
        """
        WITH due AS (
            SELECT d.person_id FROM notifications_delivery d
            WHERE d.channel = %(channel)s AND d.due_at <= %(now)s AND NOT EXISTS (
                SELECT FROM notifications_turn t
                WHERE t.person_id = d.person_id AND t.channel = %(channel)s AND t.again_at > %(now)s)
            ORDER BY d.due_at, d.id LIMIT 1)
        INSERT INTO notifications_turn AS t (person_id, channel, tries, again_at)
        SELECT person_id, %(channel)s, 1, %(now)s::timestamptz + (%(ladder)s::int[])[1] * interval '1 second' FROM due
        ON CONFLICT (person_id, channel) DO UPDATE SET tries = t.tries + 1,
            again_at = %(now)s::timestamptz
                       + (%(ladder)s::int[])[LEAST(t.tries + 1, %(rungs)s::int)] * interval '1 second'
        WHERE t.again_at IS NULL OR t.again_at <= %(now)s
        RETURNING person_id, tries, again_at, told_at
        """,
        {"channel": channel.value, "now": now, "ladder": list(ladder), "rungs": len(ladder)},
    )
    return Turn(taken[0], channel, *taken[1:]) if taken else None


@db.requires_transaction
def end_turn(*, turn: Turn, told_ids: Collection[int], was_told: bool, now: datetime) -> bool:
    """These wait no longer: they were told, or are not to be. False when somebody else has taken the turn since.

    Args: told_ids: of notifications; what came meanwhile goes on waiting.
    """
    ended = db.execute(
        """
        UPDATE notifications_turn SET tries = 0, again_at = NULL,
                                      told_at = CASE WHEN %(told)s THEN %(now)s ELSE told_at END
        WHERE person_id = %(person)s AND channel = %(channel)s AND again_at = %(token)s
        """,
        {**_of(turn), "told": was_told, "now": now},
    )
    if not ended:
        return False
    db.execute(
        """
        DELETE FROM notifications_delivery
        WHERE person_id = %(person)s AND channel = %(channel)s AND notification_id = ANY(%(ids)s)
        """,
        {**_of(turn), "ids": sorted(told_ids)},
    )
    return True


@db.requires_transaction
def delay_turn(*, turn: Turn, until: datetime) -> None:
    """Who was asked to take it wants to be left alone until then; it goes on counting as a try."""
    db.execute(
        """
        UPDATE notifications_turn SET again_at = GREATEST(again_at, %(until)s)
        WHERE person_id = %(person)s AND channel = %(channel)s AND again_at = %(token)s
        """,
        {**_of(turn), "until": until},
    )


@db.requires_transaction
def postpone_turn(*, turn: Turn, until: datetime) -> None:
    """It is too early: what waits is due then."""
    db.execute(
        """
        WITH ended AS (
            UPDATE notifications_turn SET tries = 0, again_at = NULL
            WHERE person_id = %(person)s AND channel = %(channel)s AND again_at = %(token)s RETURNING person_id)
        UPDATE notifications_delivery d SET due_at = %(until)s FROM ended
        WHERE d.person_id = ended.person_id AND d.channel = %(channel)s AND d.due_at < %(until)s
        """,
        {**_of(turn), "until": until},
    )


def _of(turn: Turn) -> dict[str, object]:
    return {"person": turn.person_id, "channel": turn.channel.value, "token": turn.again_at}
