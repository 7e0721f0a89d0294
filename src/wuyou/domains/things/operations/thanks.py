"""Thanks for what somebody said of a thing."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.social import operations as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import errors, queries
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Subject, SubjectKind


@db.requires_transaction
def give_thanks(*, actor: Actor, kind: AppreciatedKind, source_id: int, now: datetime, words: str = "") -> None:
    """Thank for something that was said of a thing and that one sees; said again, the first thanks stand.

    Raises: `WordsNotFound`, and what `social.appreciate` refuses. Locks the pair, and their tie.
    """
    said = queries.find_words(sight.get_viewer(actor.person_id), kind, source_id)
    if said is None:
        raise errors.WordsNotFound()
    social.appreciate(
        actor=actor,
        person_id=said.owner_id,
        about=Subject(SubjectKind.THING, said.thing_id),
        kind=kind,
        source_id=source_id,
        words=words,
        now=now,
    )


@db.requires_transaction
def take_thanks_back(*, actor: Actor, kind: AppreciatedKind, source_id: int) -> None:
    """Take one's thanks back, also when what they were for is gone. Locks the tie."""
    social.withdraw_appreciation(actor=actor, kind=kind, source_id=source_id)
