"""Judging: a post for every channel, and every post for a channel whose rule has changed.

The row of a post in `channels_judged` is the lock of its placements. Whoever judges takes it first and reads the post
after, so of two who judge at once the later one has seen what the earlier one saw, and more. A judgement by an earlier
rule never replaces one by a later.

Locks, in this order: the channel; posts that are judged, by number downwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from wuyou.domains.channels import rules
from wuyou.domains.channels.judging import facts_by_post, followed, verdicts
from wuyou.domains.channels.queries.defined import list_all
from wuyou.domains.channels.stored import reasons_out
from wuyou.domains.channels.types import Channel, Facts
from wuyou.domains.content import queries as content
from wuyou.infra import db

BATCH = 200
"""So many posts are judged in one transaction."""
SOON = timedelta(minutes=1)
"""After an answer a post is judged again, with all answers that came meanwhile."""
_SOONEST, _LATEST = timedelta(minutes=10), timedelta(days=1)
_AGE_SHARE = 8


@db.requires_transaction
def route_post(*, post_id: int, owner_id: int, now: datetime) -> None:
    """Judge a post for every channel, as it stands when its lock is had. Cost: a dozen statements. Locks: the post."""
    db.execute(
        """
        INSERT INTO channels_judged (post_id, owner_id, due_at) VALUES (%s, %s, %s) ON CONFLICT (post_id) DO NOTHING
        """,
        [post_id, owner_id, now],
    )
    if lock_post(post_id):
        _judge([post_id], list_all(), now)


@db.requires_transaction
def route_due(*, now: datetime) -> int:
    """Judge the posts again whose time has come, `BATCH` at most, without those that somebody is at; returns how many.

    Figures that nobody tells of (readers, thanks, saves) are met so: soon after publishing, then ever more seldom.
    """
    ids = [post_id for (post_id,) in db.rows(
        """
        SELECT post_id FROM channels_judged WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        [now, BATCH],
    )]  # fmt: skip
    if ids:
        _judge(ids, list_all(), now)
    return len(ids)


@db.requires_transaction
def walk_channel(*, channel_id: int, now: datetime) -> int:
    """Judge the next `BATCH` posts for a channel whose rule has changed, the latest first; returns how many.

    Zero when all are judged, or somebody else is at it.
    """
    found = db.row(
        """
        SELECT walk_below FROM channels_channel WHERE id = %s AND walk_below IS NOT NULL
        FOR NO KEY UPDATE SKIP LOCKED
        """,
        [channel_id],
    )
    if found is None:
        return 0
    ids = [post_id for (post_id,) in db.rows(
        "SELECT post_id FROM channels_judged WHERE post_id < %s ORDER BY post_id DESC LIMIT %s FOR UPDATE",
        [found[0], BATCH],
    )]  # fmt: skip
    # Read after the locks: what was decided meanwhile counts.
    channels = [channel for channel in list_all() if channel.id == channel_id]
    _settle(ids, channels, facts_by_post(ids, now), now)
    is_over = len(ids) < BATCH
    db.execute("UPDATE channels_channel SET walk_below = %s WHERE id = %s", [None if is_over else ids[-1], channel_id])
    return len(ids)


@db.requires_transaction
def note_answer(*, post_id: int, now: datetime) -> None:
    """Somebody answered a post: it is judged again soon. Locks: the post."""
    db.execute(
        "UPDATE channels_judged SET due_at = %s WHERE post_id = %s AND due_at > %s", [now + SOON, post_id, now + SOON]
    )


@db.requires_transaction
def forget_post(*, post_id: int) -> None:
    """A post is gone: nothing here knows it any more. Locks: the post."""
    _forget([post_id])


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Forget a person's posts, and that they were an editor. What they decided as one stays with their nameless row."""
    db.execute("DELETE FROM channels_editor WHERE person_id = %s", [person_id])
    _forget(
        [post_id for (post_id,) in db.rows(
            "SELECT post_id FROM channels_judged WHERE owner_id = %s ORDER BY post_id DESC FOR UPDATE", [person_id]
        )]
    )  # fmt: skip


def lock_post(post_id: int) -> bool:
    """Let nobody else judge a post, or place it by hand, until the commit; whether it is judged here at all."""
    return bool(db.rows("SELECT FROM channels_judged WHERE post_id = %s FOR UPDATE", [post_id]))


def _judge(post_ids: Collection[int], channels: Iterable[Channel], now: datetime) -> None:
    """Judge posts that are locked, and say when they are judged again; those that are gone are forgotten."""
    gone = set(post_ids) - content.owners_by_post(post_ids).keys()
    _forget(gone)
    kept = sorted(set(post_ids) - gone)
    if not kept:
        return
    facts = facts_by_post(kept, now)
    _settle(kept, channels, facts, now)
    db.execute(
        """
        UPDATE channels_judged j SET due_at = t.due_at FROM unnest(%s::bigint[], %s::timestamptz[]) t (post_id, due_at)
        WHERE j.post_id = t.post_id
        """,
        [kept, [now + _pause(facts.get(post_id), now) for post_id in kept]],
    )


def _pause(facts: Facts | None, now: datetime) -> timedelta:
    """How long a judgement holds: an eighth of the post's age, from ten minutes to a day; of what is closed a day."""
    if facts is None:
        return _LATEST
    return min(max((now - facts.published_at) / _AGE_SHARE, _SOONEST), _LATEST)


def _settle(post_ids: Collection[int], channels: Iterable[Channel], facts: dict[int, Facts], now: datetime) -> None:
    """Write down where these posts have a place, by rule or by hand, and nothing else of them in these channels."""
    channels = followed(channels)
    if not post_ids or not channels:
        return
    by_hand = {(channel_id, post_id) for channel_id, post_id in db.rows(
        """
        SELECT channel_id, post_id FROM channels_hand
        WHERE post_id = ANY(%s) AND ended_at IS NULL AND kind <> 'OUT' AND (until IS NULL OR until > %s)
        """,
        [list(post_ids), now],
    )}  # fmt: skip
    placed = {
        key: found for key, found in verdicts(channels, facts.values(), now).items() if found[2].holds or key in by_hand
    }
    db.execute(
        """
        DELETE FROM channels_placement p USING unnest(%s::bigint[], %s::bigint[]) c (id, version)
        WHERE p.channel_id = c.id AND p.version <= c.version AND p.post_id = ANY(%s)
        AND NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::bigint[]) k (channel_id, post_id)
                        WHERE k.channel_id = p.channel_id AND k.post_id = p.post_id)
        """,
        [
            [channel.id for channel in channels], [channel.version for channel in channels], list(post_ids),
            [channel_id for channel_id, _ in placed], [post_id for _, post_id in placed],
        ],
    )  # fmt: skip
    if not placed:
        return
    lines = [
        (
            channel.id, post.post_id, verdict.holds, channel.version,
            rules.rank_of(verdict.quality.total, post.published_at, channel.rule.half_life_days),
            rules.ends_at(channel.rule, post.published_at), reasons_out(verdict),
        )
        for channel, post, verdict in placed.values()
    ]  # fmt: skip
    db.execute(
        """
        INSERT INTO channels_placement AS p (channel_id, post_id, by_rule, version, rank, until, reasons, judged_at)
        SELECT t.channel_id, t.post_id, t.by_rule, t.version, t.rank, t.until, t.reasons::jsonb, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[], %s::int[], %s::float8[], %s::timestamptz[], %s::text[])
             t (channel_id, post_id, by_rule, version, rank, until, reasons)
        ON CONFLICT (channel_id, post_id) DO UPDATE SET by_rule = EXCLUDED.by_rule, version = EXCLUDED.version,
            rank = EXCLUDED.rank, until = EXCLUDED.until, reasons = EXCLUDED.reasons, judged_at = EXCLUDED.judged_at
        WHERE p.version <= EXCLUDED.version
        """,
        [now, *(list(column) for column in zip(*lines, strict=True))],
    )


def _forget(post_ids: Collection[int]) -> None:
    if not post_ids:
        return
    gone = [sorted(post_ids)]
    db.execute("DELETE FROM channels_placement WHERE post_id = ANY(%s)", gone)
    db.execute("DELETE FROM channels_hand WHERE post_id = ANY(%s)", gone)
    db.execute("DELETE FROM channels_judged WHERE post_id = ANY(%s)", gone)
