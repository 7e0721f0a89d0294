"""What moderation decided of copies, and of what was said of things, is done here."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.things import events
from wuyou.domains.things.words import take_annotation_off, take_reply_off, take_review_off, tell_reply
from wuyou.infra import db, sight
from wuyou.infra.events import publish

_TABLES = {
    SubjectKind.REVIEW: "things_review",
    SubjectKind.ANNOTATION: "things_annotation",
    SubjectKind.ANSWER: "things_reply",
    SubjectKind.COPY: "things_holding",
}
_TAKE_OFF = {
    SubjectKind.REVIEW: take_review_off,
    SubjectKind.ANNOTATION: take_annotation_off,
    SubjectKind.ANSWER: take_reply_off,
}


@db.requires_transaction
def follow_judgement(*, subject: Subject, now: datetime) -> None:
    """Close a review, annotation, answer or copy to everybody but whose it is, or open it again, as it stands now.

    An event says that something was decided; what counts is the latest word, so events may come late, twice or after
    an edit. An answer that is open for the first time is told to who began the thread. Of other kinds it does nothing.

    Publishes: `HoldingChanged` of a copy. Locks: the row, then, of an answer, the tie of its two.
    """
    table = _TABLES.get(subject.kind)
    if table is None or not _lock(table, subject.id):
        return
    is_withheld = moderation.is_withheld(subject)
    (sight.withhold if is_withheld else sight.release)(table, [subject.id])
    if subject.kind is SubjectKind.COPY:
        _tell_copy(subject.id, now)
    elif subject.kind is SubjectKind.ANSWER and not is_withheld:
        tell_reply(subject.id, now)


@db.requires_transaction
def remove_judged(*, subject: Subject) -> None:
    """Take what was removed off the record, as its writer would, if it still stands so. Locks: as taking it back."""
    table = _TABLES.get(subject.kind) if subject.kind in _TAKE_OFF else None
    if table is not None and _lock(table, subject.id) and moderation.is_withheld(subject):
        _TAKE_OFF[subject.kind](subject.id)


def _tell_copy(holding_id: int, now: datetime) -> None:
    # Who has the same things is known to an index that follows the log.
    owner_id, thing_id, state = db.rows(
        "SELECT owner_id, thing_id, state FROM things_holding WHERE id = %s", [holding_id]
    )[0]
    publish(events.HoldingChanged(holding_id, owner_id, thing_id, state, state, now))


def _lock(table: str, row_id: int) -> bool:
    # Whoever edits it holds this lock while they file what the rules found: what is asked next sees that.
    return bool(db.rows(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [row_id]))  # noqa: S608  (tables of ours)
