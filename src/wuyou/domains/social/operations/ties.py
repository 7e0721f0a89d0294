"""What brings people closer, told by the domains in which it happens; and what a person says of their own side."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import combinations

from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.social import errors, facts, pairs, queries, rules
from wuyou.domains.social.types import Correction, GiftsFrom, TieKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def record_exchange(*, from_id: int, to_ids: Collection[int], key: str, now: datetime) -> None:
    """Somebody wrote to a person, or to a few at once; a call-out and a reply are such words too.

    To several it counts as words in a group, and to more than `rules.MANY` not at all. Idempotent by `key`, as in
    `message:17`. Locks: the ties, by pair.
    """
    others = set(to_ids) - {from_id}
    if 0 < len(others) <= rules.MANY:
        kind = TieKind.EXCHANGE if len(others) == 1 else TieKind.GROUP_EXCHANGE
        facts.record([(from_id, other) for other in others], kind, key, now)


@db.requires_transaction
def record_experience(*, person_ids: Collection[int], key: str, now: datetime, kind: TieKind = TieKind.TEAM) -> None:
    """These people did something together: every two of them, told once under `key`, as in `team:17`.

    A large team is less to any two of its members than a small one, and of more than `rules.MANY` nothing is counted.

    Args: kind: TEAM (bought together), EVENT (were there together) or TRADE (one bought of the other).
    Locks: the ties, by pair.
    """
    people = sorted(set(person_ids))
    counted = rules.kind_of_round(len(people))
    if counted is None:
        return
    facts.record(combinations(people, 2), counted if kind is TieKind.TEAM else kind, key, now, is_mutual=True)


@db.requires_transaction
def record_click(*, from_id: int, to_id: int, key: str, now: datetime) -> None:
    """Somebody pressed a button at a person, as in passing something of theirs on: next to nothing. Locks: the tie."""
    facts.record([(from_id, to_id)], TieKind.CLICK, key, now)


@db.requires_transaction
def correct_tie(*, actor: Actor, person_id: int, said: Correction | None, now: datetime) -> None:
    """Say how close somebody really is, for one's own eyes; None takes it back.

    Raises: `PersonNotFound`, `NotYourself`.
    """
    me = actor.person_id
    if said is None:
        db.execute("DELETE FROM social_tie_correction WHERE owner_id = %s AND about_id = %s", [me, person_id])
        return
    pairs.require_other(me, person_id)
    db.execute(
        """
        INSERT INTO social_tie_correction (owner_id, about_id, said, said_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (owner_id, about_id) DO UPDATE SET said = EXCLUDED.said, said_at = EXCLUDED.said_at
        """,
        [me, person_id, said.value, now],
    )


@db.requires_transaction
def set_preference(*, actor: Actor, gifts_from: GiftsFrom, is_reminded: bool) -> None:
    """Say of whom one takes gifts, and whether one wants to be reminded of people who grow silent."""
    db.execute(
        """
        INSERT INTO social_preference (owner_id, gifts_from, is_reminded) VALUES (%s, %s, %s)
        ON CONFLICT (owner_id) DO UPDATE SET gifts_from = EXCLUDED.gifts_from, is_reminded = EXCLUDED.is_reminded
        """,
        [actor.person_id, gifts_from.value, is_reminded],
    )


@db.requires_transaction
def close_reminder(*, actor: Actor, reminder_id: int, now: datetime) -> None:
    """Put a reminder away; of the same person none comes for `rules.REMIND_AGAIN_AFTER`. Raises `ReminderNotFound`."""
    closed = db.execute(
        "UPDATE social_reminder SET closed_at = coalesce(closed_at, %s) WHERE id = %s AND owner_id = %s",
        [now, reminder_id, actor.person_id],
    )
    if not closed:
        raise errors.ReminderNotFound()


@db.requires_transaction
def remind_of_ties(*, person_id: int, now: datetime) -> int:
    """Remind a person of whom they were close to and hear nothing of; returns of how many.

    At most `rules.MAX_REMINDERS_A_WEEK` in seven days, and not twice of one person in `rules.REMIND_AGAIN_AFTER`. Once
    the two have written again, what was open is closed. Locks: the reminders of the person, so that two runs count
    each other's.
    """
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended('social_reminders', %s))", [person_id])
    db.execute(
        """
        UPDATE social_reminder r SET closed_at = %(now)s FROM social_tie t
        WHERE r.owner_id = %(me)s AND r.closed_at IS NULL AND t.last_on > r.made_at::date - 40
        AND t.low_id = LEAST(r.owner_id, r.about_id) AND t.high_id = GREATEST(r.owner_id, r.about_id)
        """,
        {"me": person_id, "now": now},
    )
    fading = queries.list_fading(person_id, now=now)
    made = db.rows(
        """
        INSERT INTO social_reminder (owner_id, about_id, made_at)
        SELECT %(me)s, about, %(now)s FROM unnest(%(fading)s::bigint[]) WITH ORDINALITY AS f (about, place)
        ORDER BY place
        LIMIT GREATEST(0, %(most)s - (SELECT count(*) FROM social_reminder
                                      WHERE owner_id = %(me)s AND made_at > %(now)s - interval '7 days'))
        ON CONFLICT DO NOTHING RETURNING id, about_id
        """,
        {"me": person_id, "now": now, "fading": fading, "most": rules.MAX_REMINDERS_A_WEEK},
    )
    for reminder_id, about_id in made:
        notifications.notify(
            person_id=person_id,
            kind=Kind.TIE_FADING,
            actor_id=about_id,
            object_id=reminder_id,
            group_key="tie_fading",
            now=now,
        )
    return len(made)
