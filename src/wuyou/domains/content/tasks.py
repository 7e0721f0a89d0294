"""What time does to content. Entry points."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import operations
from wuyou.infra.scans import each_due


def publish_due_posts(now: datetime) -> int:
    """Publish what was scheduled for this moment or before; returns how many."""
    return each_due(
        """
        SELECT id FROM content_post WHERE published_at IS NULL AND publish_at <= %(now)s
        AND id > %(after)s ORDER BY id LIMIT %(limit)s
        """,
        {"now": now},
        lambda post_id: operations.publish_when_due(post_id=post_id, now=now),
    )
