"""Names are held against the rules of moderation, and what it decided of faces is done here."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.identity import queries as identity
from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation import queries as judged
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor


@db.requires_transaction
def screen_newcomer(*, person_id: int, now: datetime) -> None:
    """Hold the name under which somebody just joined against the rules, in the transaction that takes them in.

    What a rule holds opens a case: somebody is not withheld, so staff look while they are there.
    Raises: what `moderation.screen` refuses.
    """
    name = identity.get_person(person_id).display_name
    screening = moderation.screen(actor=Actor(person_id), texts=[name], now=now)
    moderation.file_screening(
        subject=Subject(SubjectKind.PERSON, person_id),
        owner_id=person_id,
        screening=screening,
        now=now,
        can_be_closed=False,
    )


@db.requires_transaction
def follow_judgement(*, subject: Subject) -> None:
    """Close a face to everybody but its owner, or open it again, as it stands at this moment.

    An event says that something was decided; what counts is the latest word, so events may come late, twice or after
    a change. Of other kinds it does nothing. Locks: the face.
    """
    if subject.kind is not SubjectKind.FACE:
        return
    if db.rows("SELECT 1 FROM social_face WHERE id = %s FOR UPDATE", [subject.id]):
        (sight.withhold if judged.is_withheld(subject) else sight.release)("social_face", [subject.id])
