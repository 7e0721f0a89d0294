"""The posts of channels, laid out for one reader: a placement proposes, the rule of sight decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from wuyou.domains.channels.rules import arrange
from wuyou.domains.channels.types import Candidate, Channel, HandKind, Placed
from wuyou.domains.content import queries as content
from wuyou.infra import db
from wuyou.kernel.paging import MAX_PAGE, Page
from wuyou.kernel.sight import Viewer

POOL = 1_200
"""So many of a channel's placements are looked at, from the top: more than the longest channel shows of them."""
_PEEK_POOL = 30

IN_FORCE = """
    CASE WHEN h.kind IS NULL THEN q.by_rule AND q.version = c.version AND (q.until IS NULL OR q.until > %(now)s)
         ELSE h.kind <> 'OUT' END
"""
"""The condition that a placement `q` in a channel `c` counts, beside the hand `h` that holds (`HELD`)."""
HELD = (
    "h.channel_id = q.channel_id AND h.post_id = q.post_id AND h.ended_at IS NULL AND coalesce(h.until > %(now)s, true)"
)


def list_posts(viewer: Viewer, channel: Channel, *, now: datetime, offset: int = 0, limit: int = 24) -> Page[Placed]:
    """The posts of a channel that the viewer may see, in its order; the cursor is the offset of the next page.

    Cost: two queries.
    """
    limit = max(1, min(limit, MAX_PAGE))
    laid = _laid_out(viewer, [channel], now, POOL)[channel.id]
    end = offset + limit
    return Page(laid[offset:end], end if len(laid) > end else None)


def peek(viewer: Viewer, channels: Sequence[Channel], *, now: datetime, limit: int = 3) -> dict[int, tuple[int, ...]]:
    """The first posts of many channels, as far as the viewer sees them, by channel. Cost: two queries at most."""
    laid = _laid_out(viewer, channels, now, _PEEK_POOL)
    return {channel_id: tuple(one.post_id for one in posts[:limit]) for channel_id, posts in laid.items()}


def _laid_out(viewer: Viewer, channels: Sequence[Channel], now: datetime, pool: int) -> dict[int, tuple[Placed, ...]]:
    if not channels:
        return {}
    found = db.rows(
        f"""
        SELECT c.id, one.post_id, one.kind, one.place FROM channels_channel c CROSS JOIN LATERAL (
            SELECT q.post_id, q.rank, h.kind, h.place FROM channels_placement q LEFT JOIN channels_hand h ON {HELD}
            WHERE q.channel_id = c.id AND {IN_FORCE}
            ORDER BY h.kind IS NULL, q.rank DESC, q.post_id DESC LIMIT %(pool)s) one
        WHERE c.id = ANY(%(channels)s) ORDER BY one.rank DESC, one.post_id DESC
        """,  # noqa: S608  (literals of this module)
        {"channels": [channel.id for channel in channels], "now": now, "pool": pool},
    )
    seen = content.shown_among(viewer, {post_id for _, post_id, *_ in found})
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    for channel_id, post_id, kind, place in found:
        if post_id in seen:
            hand = HandKind(kind) if kind else None
            candidates[channel_id].append(Candidate(post_id, *seen[post_id], hand, place))
    return {channel.id: arrange(channel.rule, candidates[channel.id]) for channel in channels}


def channels_by_post(post_ids: Collection[int], *, now: datetime) -> dict[int, tuple[int, ...]]:
    """In which channels these posts have a place now, by number, whoever may see them: the caller asks. One query."""
    found = db.rows(
        f"""
        SELECT q.post_id, c.id FROM channels_placement q JOIN channels_channel c ON c.id = q.channel_id AND c.is_open
        LEFT JOIN channels_hand h ON {HELD}
        WHERE q.post_id = ANY(%(posts)s) AND {IN_FORCE} ORDER BY c.position, c.id
        """,  # noqa: S608  (literals of this module)
        {"posts": sorted(set(post_ids)), "now": now},
    )
    placed: dict[int, list[int]] = defaultdict(list)
    for post_id, channel_id in found:
        placed[post_id].append(channel_id)
    return {post_id: tuple(channels) for post_id, channels in placed.items()}
