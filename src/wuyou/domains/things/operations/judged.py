"""What moderation decided of what was said of things is done here."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.things.words import take_annotation_off, take_reply_off, take_review_off, tell_reply
from wuyou.infra import db, sight

_TABLES = {
    SubjectKind.REVIEW: "things_review",
    SubjectKind.ANNOTATION: "things_annotation",
    SubjectKind.ANSWER: "things_reply",
}
_TAKE_OFF = {
    SubjectKind.REVIEW: take_review_off,
    SubjectKind.ANNOTATION: take_annotation_off,
    SubjectKind.ANSWER: take_reply_off,
}


@db.requires_transaction
def follow_judgement(*, subject: Subject, now: datetime) -> None:
    """Close a review, annotation or answer to everybody but its writer, or open it again, as it stands at this moment.

    An event says that something was decided; what counts is the latest word, so events may come late, twice or after
    an edit. An answer that is open for the first time is told to who began the thread. Of other kinds it does nothing.

    Locks: the row, then, of an answer, the tie of its two.
    """
    table = _TABLES.get(subject.kind)
    if table is None or not _lock(table, subject.id):
        return
    if moderation.is_withheld(subject):
        sight.withhold(table, [subject.id])
        return
    sight.release(table, [subject.id])
    if subject.kind is SubjectKind.ANSWER:
        tell_reply(subject.id, now)


@db.requires_transaction
def remove_judged(*, subject: Subject) -> None:
    """Take what was removed off the record, as its writer would, if it still stands so. Locks: as taking it back."""
    table = _TABLES.get(subject.kind)
    if table is not None and _lock(table, subject.id) and moderation.is_withheld(subject):
        _TAKE_OFF[subject.kind](subject.id)


def _lock(table: str, row_id: int) -> bool:
    # Whoever edits it holds this lock while they file what the rules found: what is asked next sees that.
    return bool(db.rows(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [row_id]))  # noqa: S608  (tables of ours)
