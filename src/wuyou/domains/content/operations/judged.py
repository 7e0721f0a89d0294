"""What moderation decided of posts and comments is done here."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.content import dropping
from wuyou.domains.content.judging import tell_comment
from wuyou.domains.content.operations.publishing import hold_post, let_post_go
from wuyou.domains.content.operations.responses import hold_comment, let_comment_go
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.infra import db

_TABLES = {SubjectKind.POST: "content_post", SubjectKind.COMMENT: "content_comment"}


@db.requires_transaction
def follow_judgement(*, subject: Subject, now: datetime) -> None:
    """Close a post or comment to everybody but its writer, or open it again, as it stands at this moment.

    An event says that something was decided; what counts is the latest word, so events may come late, twice or after
    an edit. A comment that is open for the first time is told. Of other kinds it does nothing. Locks: the row.
    """
    if not _lock(subject):
        return
    is_withheld = moderation.is_withheld(subject)
    if subject.kind is SubjectKind.POST:
        if is_withheld:
            hold_post(post_id=subject.id, now=now)
        else:
            let_post_go(post_id=subject.id, now=now)
    elif is_withheld:
        hold_comment(comment_id=subject.id)
    else:
        let_comment_go(comment_id=subject.id)
        tell_comment(subject.id, now)


@db.requires_transaction
def remove_judged(*, subject: Subject, now: datetime) -> None:
    """Take what was removed off the record, as its writer would, if it still stands so. Locks: as taking it back."""
    if not _lock(subject) or not moderation.is_withheld(subject):
        return
    if subject.kind is SubjectKind.POST:
        dropping.drop_posts([subject.id], now)
    else:
        dropping.drop_comments([subject.id])


def _lock(subject: Subject) -> bool:
    # Whoever edits it holds this lock while they file what the rules found: what is asked next sees that.
    table = _TABLES.get(subject.kind)
    return table is not None and bool(
        db.rows(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [subject.id])  # noqa: S608  (tables of ours)
    )
