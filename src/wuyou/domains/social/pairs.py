"""What everything between two people begins with: the lock of the pair, and that they can reach each other."""

from __future__ import annotations

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
    # A statement of its own: what is read after it sees what the other transaction has committed.
    low, high = sorted((one, other))
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended('social_pair:' || %s::bigint, %s))", [low, high])
