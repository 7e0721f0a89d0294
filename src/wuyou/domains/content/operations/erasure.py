"""What a person leaves behind in content: nothing of theirs."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content.dropping import drop_comments, drop_posts
from wuyou.infra import db


@db.requires_transaction
def erase_person(*, person_id: int, now: datetime) -> None:
    """Take a person's posts with what hangs on them, and all that they said and kept, off the record."""
    me = [person_id]
    drop_posts([post for (post,) in db.rows("SELECT id FROM content_post WHERE owner_id = %s", me)], now)
    drop_comments([one for (one,) in db.rows("SELECT id FROM content_comment WHERE owner_id = %s", me)])
    db.execute("DELETE FROM content_reaction WHERE person_id = %s", me)
    db.execute("DELETE FROM content_save WHERE person_id = %s", me)
    db.execute("DELETE FROM content_series WHERE owner_id = %s", me)
