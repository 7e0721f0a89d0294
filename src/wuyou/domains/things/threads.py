"""What several operations share: threads go before what they point into."""

from __future__ import annotations

from collections.abc import Sequence

from wuyou.infra import db


def drop_threads(picture_ids: Sequence[int]) -> None:
    """Take off the record what points into these pictures, with the answers.

    Locks: the pictures, then the annotations, each by id: nothing is said at them any more, nor answered.
    """
    if not picture_ids:
        return
    db.execute("SELECT FROM things_review_picture WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(picture_ids)])
    threads = [annotation for (annotation,) in db.rows(
        "SELECT id FROM things_annotation WHERE picture_id = ANY(%s) ORDER BY id FOR UPDATE", [list(picture_ids)]
    )]  # fmt: skip
    db.execute("DELETE FROM things_reply WHERE annotation_id = ANY(%s)", [threads])
    db.execute("DELETE FROM things_annotation WHERE id = ANY(%s)", [threads])
