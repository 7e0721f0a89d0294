"""What everything between two people begins with: the lock of the pair, and that they can reach each other."""

from __future__ import annotations

from collections.abc import Iterable

from wuyou.domains.identity import queries as identity
from wuyou.domains.social import errors, policies, queries, types
from wuyou.infra import db


def meet(me: int, person_id: int, *, is_there: bool = False) -> types.Relation:
    """Lock the pair and read what stands between the two, who must be able to reach each other.

    Raises: `PersonNotFound`, `NotYourself`, `UnblockFirst`.
    """
    if not is_there:
        require_other(me, person_id)
    lock_pair(me, person_id)
    relation = queries.get_relation(me, person_id)
    policies.require_reachable(relation)
    return relation


def require_other(me: int, person_id: int) -> None:
    """Another person there is. Raises `NotYourself`, `PersonNotFound`."""
    if me == person_id:
        raise errors.NotYourself()
    identity.get_person(person_id)


def lock_pair(one: int, other: int) -> None:
    """Whatever begins or ends between the two waits until the transaction ends."""
    lock_pairs([(one, other)])


def lock_pairs(pairs: Iterable[tuple[int, int]]) -> None:
    """The same between any of many twos, in the order of their ids."""
    ordered = [sorted(pair) for pair in pairs]
    # A statement of its own: what is read after it sees what the other transaction has committed.
    db.execute(
        """
        SELECT pg_advisory_xact_lock(hashtextextended('social_pair:' || p.low, p.high))
        FROM (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS p (low, high) ORDER BY low, high) AS p
        """,
        [[low for low, _ in ordered], [high for _, high in ordered]],
    )
