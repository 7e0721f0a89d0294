"""Every write of notifications. What is written is no permission to see: that is asked again whenever it is told."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from wuyou.domains.notifications import errors
from wuyou.domains.notifications.types import Fact, Kind, Preference
from wuyou.infra import db
from wuyou.kernel.actor import Actor

MOST_MARKED = 200
_MOST_FACTS = 6
_LONGEST_FACT = 64


@db.requires_transaction
def notify(
    *,
    person_id: int,
    kind: Kind,
    actor_id: int | None = None,
    object_id: int | None = None,
    group_key: str = "",
    facts: Mapping[str, Fact] | None = None,
    now: datetime,
) -> None:
    """Tell a person that something happened, in the transaction in which it did; what they do themselves is not told.

    The same fact (person, kind, actor, object) is told once, however often it is said: what can happen again names
    an object each time.

    Args: group_key: what is told in one sentence shares it; empty for what stands alone. facts: a number or a code
        each, never what somebody wrote.
    Raises: `ValueError` when facts are too many or too long.
    """
    notify_all(
        person_ids=[person_id],
        kind=kind,
        actor_id=actor_id,
        object_id=object_id,
        group_key=group_key,
        facts=facts,
        now=now,
    )


@db.requires_transaction
def notify_all(
    *,
    person_ids: Collection[int],
    kind: Kind,
    actor_id: int | None = None,
    object_id: int | None = None,
    group_key: str = "",
    facts: Mapping[str, Fact] | None = None,
    now: datetime,
) -> None:
    """Tell several people the same fact, as `notify` tells one. Cost: one statement."""
    people = sorted(set(person_ids) - {actor_id})
    if not people:
        return
    facts = facts or {}
    if len(facts) > _MOST_FACTS or any(isinstance(fact, str) and len(fact) > _LONGEST_FACT for fact in facts.values()):
        raise ValueError("facts of a notification are few and short")
    db.execute(
        """
        INSERT INTO notifications_notification (person_id, kind, actor_id, object_id, group_key, facts, happened_at)
        SELECT person_id, %s, %s::bigint, %s::bigint, %s, %s::jsonb, %s
        FROM unnest(%s::bigint[]) AS t (person_id) ORDER BY person_id ON CONFLICT DO NOTHING
        """,
        [kind.value, actor_id, object_id, group_key, json.dumps(dict(facts)), now, people],
    )


@db.requires_transaction
def mark_read(*, actor: Actor, notification_ids: Collection[int], now: datetime) -> int:
    """These were read. They are named one by one, so that what came meanwhile stays unread; others' are left alone.

    Returns how many were unread until now. Raises: `TooManyAtOnce`.
    """
    if len(notification_ids) > MOST_MARKED:
        raise errors.TooManyAtOnce(most=MOST_MARKED)
    return db.execute(
        "UPDATE notifications_notification SET read_at = %s WHERE person_id = %s AND id = ANY(%s) AND read_at IS NULL",
        [now, actor.person_id, sorted(notification_ids)],
    )


@db.requires_transaction
def set_preference(*, actor: Actor, preference: Preference) -> None:
    """Choose from whom and by what way one is told; it holds from the next look on, also for what is there already."""
    silenced = sorted((topic.value, channel.value) for topic, channel in preference.silenced)
    db.execute(
        """
        INSERT INTO notifications_preference (person_id, decisions, silenced, pace, language)
        VALUES (%s, %s::jsonb, %s::jsonb, %s, %s)
        ON CONFLICT (person_id) DO UPDATE SET decisions = EXCLUDED.decisions, silenced = EXCLUDED.silenced,
                                              pace = EXCLUDED.pace, language = EXCLUDED.language
        """,
        [
            actor.person_id,
            json.dumps({origin.value: decision.value for origin, decision in preference.decisions.items()}),
            json.dumps(silenced),
            preference.pace.value,
            preference.language,
        ],
    )


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget what a person was told and has chosen, and what others were told of them."""
    me = {"me": person_id}
    db.execute("DELETE FROM notifications_notification WHERE person_id = %(me)s OR actor_id = %(me)s", me)
    db.execute("DELETE FROM notifications_preference WHERE person_id = %(me)s", me)
