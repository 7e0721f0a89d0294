"""Who may do what with content. A person's posts are theirs alone to change."""

from __future__ import annotations

from wuyou.domains.content import events
from wuyou.infra.person_data import PersonColumns

PERSON_COLUMNS = PersonColumns(
    erased=(
        "content_comment.owner_id",
        "content_post.owner_id",
        "content_reaction.person_id",
        "content_save.person_id",
        "content_series.owner_id",
    ),
    erased_events={
        events.CommentWritten: ("owner_id",),
        events.PostChanged: ("owner_id",),
        events.PostPublished: ("owner_id",),
        events.PostReacted: ("person_id",),
        events.PostRemoved: ("owner_id",),
    },
)
