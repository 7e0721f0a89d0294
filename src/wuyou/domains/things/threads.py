"""What several operations share: threads go before what they point into."""

from __future__ import annotations

from collections.abc import Sequence

from wuyou.infra import db


def drop_threads(picture_ids: Sequence[int]) -> None:
    """Take off the record what points into these pictures, with the answers."""
    db.execute(
        "DELETE FROM things_reply WHERE annotation_id IN (SELECT id FROM things_annotation WHERE picture_id = ANY(%s))",
        [list(picture_ids)],
    )
    db.execute("DELETE FROM things_annotation WHERE picture_id = ANY(%s)", [list(picture_ids)])
