"""People, as moderation has them judged: by the face that they show to who reports them."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.identity import queries as identity
from wuyou.domains.moderation.types import Outcome, Shown, Source, Subject, SubjectKind
from wuyou.domains.social.queries.faces import faces_met
from wuyou.infra import db
from wuyou.kernel.sight import Viewer


def _find(viewer: Viewer, person_id: int) -> Shown | None:
    face = faces_met(viewer, [person_id]).get(person_id)
    if face is None:
        return None
    words = tuple(each for each in (face.person.display_name, face.words) if each)
    return Shown(Subject(SubjectKind.PERSON, person_id), person_id, words, handle=face.person.handle)


def _look_up(person_ids: Collection[int]) -> dict[int, Shown]:
    """By the main face, which is for all."""
    words = dict(
        db.rows("SELECT owner_id, words FROM social_face WHERE is_main AND owner_id = ANY(%s)", [sorted(person_ids)])
    )
    return {
        key: Shown(
            Subject(SubjectKind.PERSON, key),
            key,
            tuple(each for each in (person.display_name, words.get(key, "")) if each),
            handle=person.handle,
        )
        for key, person in identity.persons_by_id(person_ids).items()
        if not person.is_erased
    }


PEOPLE = Source(_find, _look_up, frozenset({Outcome.KEEP, Outcome.WARN}))
"""Somebody is not withheld: what they publish is, and with enough strikes they publish nothing for a while."""
