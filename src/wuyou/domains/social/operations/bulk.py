"""Many friendships at once, which began elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors, events
from wuyou.domains.social.pairs import lock_pairs
from wuyou.infra import db
from wuyou.infra.events import publish

MAX_PAIRS = 1_000
"""At once: each pair is an advisory lock, of which a server keeps some thousands."""


@db.requires_transaction
def befriend_in_bulk(*, pairs: Iterable[tuple[int, int]], now: datetime) -> int:
    """These people are friends, as they were where they come from; returns how many friendships are new.

    Who blocks the other, or is blocked, becomes no friend; a request that waits between two is agreed to. Nobody asked
    here, so nothing is counted of their ties and nobody is told. Twice is once.

    Args: pairs: at most `MAX_PAIRS`, the order within one does not matter.
    Publishes: `FriendshipBegan` for each, the lower id as who asked. Locks: the pairs, in order.
    Raises: `NotYourself`, `PersonNotFound`. Cost: five statements.
    """
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    if len(ordered) > MAX_PAIRS:
        raise ValueError(f"more than {MAX_PAIRS} pairs at once")
    if any(low == high for low, high in ordered):
        raise errors.NotYourself()
    people = {person_id for pair in ordered for person_id in pair}
    if len(identity.persons_by_id(people)) != len(people):
        raise PersonNotFound()
    columns = [[low for low, _ in ordered], [high for _, high in ordered]]
    lock_pairs(ordered)
    begun = db.rows(
        """
        INSERT INTO social_friendship (low_id, high_id, since)
        SELECT low, high, %s::timestamptz FROM unnest(%s::bigint[], %s::bigint[]) AS p (low, high)
        WHERE NOT EXISTS (SELECT FROM social_block WHERE (blocker_id, blocked_id) IN ((low, high), (high, low)))
        ORDER BY low, high
        ON CONFLICT (low_id, high_id) DO NOTHING RETURNING low_id, high_id
        """,
        [now, *columns],
    )
    db.execute(
        """
        UPDATE social_friend_request r SET state = 'ACCEPTED', answered_at = %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS p (low, high)
        WHERE r.state = 'PENDING'
        AND LEAST(r.sender_id, r.receiver_id) = p.low AND GREATEST(r.sender_id, r.receiver_id) = p.high
        """,
        [now, [low for low, _ in begun], [high for _, high in begun]],
    )
    publish(*(events.FriendshipBegan(low, high, now) for low, high in begun))
    return len(begun)
