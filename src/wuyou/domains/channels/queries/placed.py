"""Where a post is, and why and why not: for its author, and for editors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.channels import errors, types
from wuyou.domains.channels.judging import STRANGER, facts_by_post, followed
from wuyou.domains.channels.queries.defined import get_channel, list_all, list_open
from wuyou.domains.channels.queries.reading import channels_by_post
from wuyou.domains.channels.rules import clean_rule, judge
from wuyou.domains.channels.stored import reasons_in
from wuyou.domains.content import queries as content
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

MOST_PREVIEWED = 200
_HAND = """
    h.id, h.channel_id, h.post_id, h.kind, h.place, h.reason, h.until, h.placed_by_id, h.placed_at, h.ended_by_id,
    h.ended_at
"""


def placements_of(owner_id: int, post_id: int, *, now: datetime) -> tuple[types.Placement, ...]:
    """In which channels a post of one's own is now, and why; none of what is not open to everyone, or not one's own.

    Cost: four queries at most.
    """
    seen = content.shown_among(STRANGER, [post_id]).get(post_id)
    if seen is None or seen.owner_id != owner_id:
        return ()
    placed = channels_by_post([post_id], now=now).get(post_id, ())
    if not placed:
        return ()
    channels = {channel.id: channel for channel in list_open()}
    hands = _hands_in_force(post_id, now)
    found = db.rows(
        """
        SELECT channel_id, by_rule, reasons, judged_at FROM channels_placement
        WHERE post_id = %s AND channel_id = ANY(%s)
        """,
        [post_id, list(placed)],
    )
    rows = {
        channel_id: types.Placement(
            channels[channel_id], post_id, by_rule, hands.get(channel_id), reasons_in(reasons), at
        )
        for channel_id, by_rule, reasons, at in found
        if channel_id in channels
    }
    return tuple(rows[channel_id] for channel_id in placed if channel_id in rows)


def where_is(post_id: int, *, now: datetime) -> tuple[types.Standing, ...]:
    """How a post stands with every channel, open or not, for editors.

    Raises: `PostNotFound`, also for what is not open to everyone: editors see no more of posts than others do.
    Cost: a dozen queries.
    """
    facts = facts_by_post([post_id], now).get(post_id)
    if facts is None:
        raise errors.PostNotFound()
    channels = list_all()
    resolved = {channel.id: channel.rule for channel in followed(channels)}
    hands = _hands_in_force(post_id, now)
    placed = {channel_id for (channel_id,) in db.rows(
        "SELECT channel_id FROM channels_placement WHERE post_id = %s", [post_id]
    )}  # fmt: skip
    standings = []
    for channel in channels:
        verdict, hand = judge(resolved[channel.id], facts, now), hands.get(channel.id)
        is_in = hand.kind is not types.HandKind.OUT if hand else channel.id in placed and verdict.holds
        standings.append(types.Standing(channel, verdict, hand, is_in))
    return tuple(standings)


def preview(rule: types.Rule, *, now: datetime, limit: int = 60) -> tuple[types.Verdict, ...]:
    """What a rule would say of the posts that were published last, before anybody saves it. Raises as `clean_rule`.

    Cost: ten queries.
    """
    rule = clean_rule(rule)
    ids = content.list_newest_ids(STRANGER, limit=max(1, min(limit, MOST_PREVIEWED)))
    facts = facts_by_post(ids, now)
    trial = types.Channel(0, types.ChannelText("", "", ""), False, 0, rule)
    (resolved,) = followed([trial])
    return tuple(judge(resolved.rule, facts[post_id], now) for post_id in ids if post_id in facts)


def list_hands(channel_id: int, *, now: datetime) -> tuple[types.Hand, ...]:
    """The hand placements of a channel that hold now, pins first, for editors. Raises `ChannelNotFound`."""
    get_channel(channel_id)
    found = db.rows(
        f"""
        SELECT {_HAND} FROM channels_hand h WHERE h.channel_id = %s AND h.ended_at IS NULL
        AND coalesce(h.until > %s, true) ORDER BY h.place, h.id DESC
        """,  # noqa: S608  (literals of this module)
        [channel_id, now],
    )
    return tuple(map(_hand, found))


def list_log(channel_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Hand]:
    """All that editors did in a channel, the latest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        SELECT {_HAND} FROM channels_hand h WHERE h.channel_id = %(channel)s
        AND (%(cursor)s::bigint IS NULL OR h.id < %(cursor)s::bigint) ORDER BY h.id DESC LIMIT %(limit)s
        """,  # noqa: S608  (literals of this module)
        {"channel": channel_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_hand(columns) for columns in found], limit, lambda hand: hand.id)


def _hands_in_force(post_id: int, now: datetime) -> dict[int, types.Hand]:
    found = db.rows(
        f"""
        SELECT {_HAND} FROM channels_hand h WHERE h.post_id = %s AND h.ended_at IS NULL
        AND coalesce(h.until > %s, true)
        """,  # noqa: S608  (literals of this module)
        [post_id, now],
    )
    return {hand.channel_id: hand for hand in map(_hand, found)}


def _hand(columns: Sequence[Any]) -> types.Hand:
    hand_id, channel_id, post_id, kind, *rest = columns
    return types.Hand(hand_id, channel_id, post_id, types.HandKind(kind), *rest)
