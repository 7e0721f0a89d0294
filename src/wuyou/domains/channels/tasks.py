"""What time does to channels. Entry points."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from wuyou.domains.channels import operations
from wuyou.infra import db
from wuyou.infra.scans import each_due

MOST_BATCHES = 10
"""So many batches one run takes; what is left waits for the next."""


def route_due_posts(now: datetime) -> int:
    """Judge posts again whose figures may have moved, in batches of a transaction each; returns how many."""
    done = 0
    for _ in range(MOST_BATCHES):
        judged = db.in_transaction(partial(operations.route_due, now=now))
        done += judged
        if not judged:
            break
    return done


def walk_changed_channels(now: datetime) -> int:
    """Judge the next posts for each channel whose rule has changed; returns how many batches there were."""
    done = 0
    for _ in range(MOST_BATCHES):
        batches = each_due(
            """
            SELECT id FROM channels_channel WHERE walk_below IS NOT NULL AND id > %(after)s ORDER BY id LIMIT %(limit)s
            """,
            {},
            lambda channel_id: operations.walk_channel(channel_id=channel_id, now=now),
        )
        done += batches
        if not batches:
            break
    return done
