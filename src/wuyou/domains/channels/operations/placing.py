"""Hand placement: pinned, put in, kept out, let go; each with its reason, and none ever overridden by a rule.

Lock: the post that is placed, so that two editors, and who judges meanwhile, wait for each other.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.channels import errors, policies, rules
from wuyou.domains.channels.judging import STRANGER
from wuyou.domains.channels.operations import routing
from wuyou.domains.channels.types import HandKind
from wuyou.domains.content import queries as content
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@db.requires_transaction
def pin_post(
    *,
    actor: Actor,
    channel_id: int,
    post_id: int,
    place: int,
    reason: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Let a post stand at a place, counted from 1, for a time or until somebody lets it go.

    Raises: `EditorsOnly`, `ChannelNotFound`, `PostNotFound` for what is not open to everyone, `PositionMalformed`,
    `TextMalformed` without a reason, `NotInFuture`. Locks: the post.
    """
    rules.check_place(place)
    _place(actor, channel_id, post_id, HandKind.PIN, place, reason, until, now)


@db.requires_transaction
def put_in(
    *, actor: Actor, channel_id: int, post_id: int, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Let a post in, whatever the rule says. Raises as `pin_post`. Locks: the post."""
    _place(actor, channel_id, post_id, HandKind.IN, None, reason, until, now)


@db.requires_transaction
def keep_out(
    *, actor: Actor, channel_id: int, post_id: int, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Keep a post out, whatever the rule says. Raises as `pin_post`. Locks: the post."""
    _place(actor, channel_id, post_id, HandKind.OUT, None, reason, until, now)


@db.requires_transaction
def let_go(*, actor: Actor, channel_id: int, post_id: int, now: datetime) -> None:
    """The rule decides again. Raises `EditorsOnly`, `HandNotFound`. Locks: the post."""
    editor_id = policies.require_editor(actor)
    routing.lock_post(post_id)
    if not _end(channel_id, post_id, editor_id, now):
        raise errors.HandNotFound()


def _place(
    actor: Actor,
    channel_id: int,
    post_id: int,
    kind: HandKind,
    place: int | None,
    reason: str,
    until: datetime | None,
    now: datetime,
) -> None:
    editor_id, reason = policies.require_editor(actor), rules.clean_reason(reason)
    rules.check_moment(until, now)
    if not db.rows("SELECT FROM channels_channel WHERE id = %s FOR KEY SHARE", [channel_id]):
        raise errors.ChannelNotFound()
    seen = content.shown_among(STRANGER, [post_id]).get(post_id)
    if seen is None:
        raise errors.PostNotFound()
    db.execute(
        """
        INSERT INTO channels_judged (post_id, owner_id, due_at) VALUES (%s, %s, %s) ON CONFLICT (post_id) DO NOTHING
        """,
        [post_id, seen.owner_id, now],
    )
    routing.lock_post(post_id)
    _end(channel_id, post_id, editor_id, now)
    db.execute(
        """
        INSERT INTO channels_hand (channel_id, post_id, kind, place, reason, until, placed_by_id, placed_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [channel_id, post_id, kind.value, place, reason, until, editor_id, now],
    )
    routing.route_post(post_id=post_id, owner_id=seen.owner_id, now=now)


def _end(channel_id: int, post_id: int, editor_id: int, now: datetime) -> bool:
    return bool(
        db.execute(
            """
            UPDATE channels_hand SET ended_at = %s, ended_by_id = %s
            WHERE channel_id = %s AND post_id = %s AND ended_at IS NULL
            """,
            [now, editor_id, channel_id, post_id],
        )
    )
