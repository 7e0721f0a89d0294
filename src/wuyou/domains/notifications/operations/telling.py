"""What is told to people, and what they choose. It is no permission to see: that is asked again at each look."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from wuyou.domains.notifications import errors, waiting
from wuyou.domains.notifications.types import Channel, Fact, Kind, Preference
from wuyou.infra import db, realtime
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
        f"""
        WITH told AS (
            INSERT INTO notifications_notification (person_id, kind, actor_id, object_id, group_key, facts, happened_at)
            SELECT person_id, %(kind)s, %(actor)s::bigint, %(object)s::bigint, %(group)s, %(facts)s::jsonb, %(now)s
            FROM unnest(%(people)s::bigint[]) AS t (person_id) ORDER BY person_id
            ON CONFLICT DO NOTHING RETURNING id, person_id)
        {waiting.WAITING}
        """,  # noqa: S608  (literals of this domain)
        {
            "kind": kind.value,
            "actor": actor_id,
            "object": object_id,
            "group": group_key,
            "facts": json.dumps(dict(facts)),
            "now": now,
            "people": people,
            **waiting.waiting_of(kind, now),
        },
    )
    _ring(people)


@db.requires_transaction
def mark_read(*, actor: Actor, notification_ids: Collection[int], now: datetime) -> int:
    """These were read. They are named one by one, so that what came meanwhile stays unread; others' are left alone.

    Returns how many were unread until now. Raises: `TooManyAtOnce`.
    """
    if len(notification_ids) > MOST_MARKED:
        raise errors.TooManyAtOnce(most=MOST_MARKED)
    marked = db.execute(
        "UPDATE notifications_notification SET read_at = %s WHERE person_id = %s AND id = ANY(%s) AND read_at IS NULL",
        [now, actor.person_id, sorted(notification_ids)],
    )
    if marked:
        _ring([actor.person_id])
    return marked


@db.requires_transaction
def set_preference(*, actor: Actor, preference: Preference, now: datetime) -> None:
    """Choose from whom and by what way one is told; it holds from the next look on, also for what is there already."""
    silenced = sorted((topic.value, channel.value) for topic, channel in preference.silenced)
    db.execute(
        """
        INSERT INTO notifications_preference (person_id, decisions, silenced, pace, language, shows_content)
        VALUES (%s, %s::jsonb, %s::jsonb, %s, %s, %s)
        ON CONFLICT (person_id) DO UPDATE SET decisions = EXCLUDED.decisions, silenced = EXCLUDED.silenced,
                                              pace = EXCLUDED.pace, language = EXCLUDED.language,
                                              shows_content = EXCLUDED.shows_content
        """,
        [
            actor.person_id,
            json.dumps({origin.value: decision.value for origin, decision in preference.decisions.items()}),
            json.dumps(silenced),
            preference.pace.value,
            preference.language,
            preference.shows_content,
        ],
    )
    waiting.look_anew(person_id=actor.person_id, channel=Channel.MAIL, now=now)


@db.requires_transaction
def stop_mail(*, person_id: int) -> None:
    """No mail from now on: what the link in each mail does, also for who is not signed in. Twice is once."""
    db.execute(
        """
        INSERT INTO notifications_preference (person_id, decisions, silenced, pace, language, shows_content)
        VALUES (%s, '{}', '[]', 'NEVER', '', false) ON CONFLICT (person_id) DO UPDATE SET pace = 'NEVER'
        """,
        [person_id],
    )


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget what a person was told and has chosen, and what others were told of them."""
    me = {"me": person_id}
    db.execute(
        """
        DELETE FROM notifications_delivery d USING notifications_notification n
        WHERE n.id = d.notification_id AND (n.person_id = %(me)s OR n.actor_id = %(me)s)
        """,
        me,
    )
    for table in ("turn", "subscription", "presence"):
        db.execute(f"DELETE FROM notifications_{table} WHERE person_id = %(me)s", me)  # noqa: S608  (names of ours)
    db.execute("DELETE FROM notifications_notification WHERE person_id = %(me)s OR actor_id = %(me)s", me)
    db.execute("DELETE FROM notifications_preference WHERE person_id = %(me)s", me)


def _ring(person_ids: Collection[int]) -> None:
    """Open pages ask for the count anew once this is committed: only a request sees what its reader may see now."""
    db.after_commit(lambda: realtime.whisper(person_ids, {"bell": True}))
