"""People and their faces, as moderation has them judged: by what they show to who reports them."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.identity import queries as identity
from wuyou.domains.moderation.types import Outcome, Shown, Source, Subject, SubjectKind
from wuyou.domains.social.queries.faces import faces_met
from wuyou.infra import db, sight
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


_FACES = """
    SELECT f.id, f.owner_id, f.name, f.words, p.handle FROM social_face f JOIN identity_user p ON p.id = f.owner_id
"""


def _find_face(viewer: Viewer, face_id: int) -> Shown | None:
    """The face that this viewer sees of its owner, and no other that they may have."""
    found = _faces(f"{_FACES} WHERE f.id = %s AND {sight.visible_sql(viewer, 'f')}", face_id).get(face_id)
    seen = faces_met(viewer, [found.owner_id]).get(found.owner_id) if found else None
    return found if seen is not None and seen.face_id == face_id else None


def _look_up_faces(face_ids: Collection[int]) -> dict[int, Shown]:
    return _faces(f"{_FACES} WHERE f.id = ANY(%s)", sorted(face_ids))


def _faces(sql: str, keys: int | list[int]) -> dict[int, Shown]:
    return {
        key: Shown(Subject(SubjectKind.FACE, key), owner_id, tuple(filter(None, (name, words))), handle=handle)
        for key, owner_id, name, words, handle in db.rows(sql, [keys])
    }


FACES = Source(_find_face, _look_up_faces, frozenset(Outcome) - {Outcome.REMOVE})
"""A face that is withheld is not shown: the next one is, or the name alone."""
PEOPLE = Source(_find, _look_up, frozenset({Outcome.KEEP, Outcome.WARN}))
"""Somebody is not withheld: what they publish is, and with enough strikes they publish nothing for a while."""
