"""What several operations share: threads go before what they point into."""

from __future__ import annotations

from collections.abc import Sequence

from wuyou.infra import db


def drop_threads(picture_ids: Sequence[int]) -> None:
    """Take off the record what points into these pictures of reviews, with the answers.

    Locks: the pictures, then the annotations, each by id: nothing is said at them any more, nor answered.
    """
    _drop("things_review_picture", "picture_id", picture_ids)


def drop_threads_of_photos(photo_ids: Sequence[int]) -> None:
    """The same for what points into photos of copies."""
    _drop("things_photo", "photo_id", photo_ids)


def _drop(table: str, column: str, ids: Sequence[int]) -> None:
    if not ids:
        return
    db.execute(f"SELECT FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)])
    threads = [annotation for (annotation,) in db.rows(
        f"SELECT id FROM things_annotation WHERE {column} = ANY(%s) ORDER BY id FOR UPDATE", [list(ids)]  # noqa: S608
    )]  # fmt: skip
    db.execute("DELETE FROM things_reply WHERE annotation_id = ANY(%s)", [threads])
    db.execute("DELETE FROM things_annotation WHERE id = ANY(%s)", [threads])
