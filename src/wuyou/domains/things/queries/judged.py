"""Copies, and what was said of things, as moderation has them judged: for who reports them, and for staff."""

from __future__ import annotations

from collections.abc import Collection

from wuyou.domains.moderation.types import Outcome, Shown, Source, Subject, SubjectKind
from wuyou.domains.things.queries.threads import annotations_seen, replies_sql
from wuyou.infra import db, sight
from wuyou.kernel.sight import Viewer

_REVIEWS = """
    SELECT r.id, r.owner_id, r.thing_id, r.text,
           ARRAY(SELECT f.key FROM things_review_picture f WHERE f.review_id = r.id ORDER BY f.position)
    FROM things_review r
"""
_ANNOTATIONS = "SELECT a.id, a.owner_id, a.thing_id, a.text, ARRAY[]::text[] FROM things_annotation a"
_COPIES = """
    SELECT h.id, h.owner_id, t.name, h.story, h.fields,
           ARRAY(SELECT f.key FROM things_photo f WHERE f.holding_id = h.id ORDER BY f.position)
    FROM things_holding h JOIN things_thing t ON t.id = h.thing_id
"""
_REPLIES = "SELECT p.id, p.owner_id, p.thing_id, p.text, ARRAY[]::text[] FROM things_reply p"


def _find_review(viewer: Viewer, review_id: int) -> Shown | None:
    return _one(SubjectKind.REVIEW, f"{_REVIEWS} WHERE r.id = %s AND {sight.visible_sql(viewer, 'r')}", review_id)


def _find_annotation(viewer: Viewer, annotation_id: int) -> Shown | None:
    return _one(SubjectKind.ANNOTATION, f"{_ANNOTATIONS} WHERE a.id = %s AND {annotations_seen(viewer)}", annotation_id)


def _find_reply(viewer: Viewer, reply_id: int) -> Shown | None:
    seen = f"{_REPLIES} WHERE p.id = %s AND p.id IN (SELECT s.id FROM ({replies_sql(viewer)}) s)"  # noqa: S608
    return _one(SubjectKind.ANSWER, seen, reply_id)


def _reviews(review_ids: Collection[int]) -> dict[int, Shown]:
    return _many(SubjectKind.REVIEW, f"{_REVIEWS} WHERE r.id = ANY(%s)", review_ids)


def _annotations(annotation_ids: Collection[int]) -> dict[int, Shown]:
    return _many(SubjectKind.ANNOTATION, f"{_ANNOTATIONS} WHERE a.id = ANY(%s)", annotation_ids)


def _replies(reply_ids: Collection[int]) -> dict[int, Shown]:
    return _many(SubjectKind.ANSWER, f"{_REPLIES} WHERE p.id = ANY(%s)", reply_ids)


def _find_copy(viewer: Viewer, holding_id: int) -> Shown | None:
    return _copy(f"{_COPIES} WHERE h.id = %s AND {sight.visible_sql(viewer, 'h')}", holding_id).get(holding_id)


def _copies(holding_ids: Collection[int]) -> dict[int, Shown]:
    return _copy(f"{_COPIES} WHERE h.id = ANY(%s)", sorted(holding_ids))


REVIEWS = Source(_find_review, _reviews)
ANNOTATIONS = Source(_find_annotation, _annotations)
ANSWERS = Source(_find_reply, _replies)
COPIES = Source(_find_copy, _copies, frozenset(Outcome) - {Outcome.REMOVE})
"""That somebody has a thing is not taken from them: what they show of it is withheld."""


def _copy(sql: str, keys: int | list[int]) -> dict[int, Shown]:
    return {
        key: Shown(
            Subject(SubjectKind.COPY, key),
            owner_id,
            tuple(text for text in (name, story, *(": ".join(pair) for pair in fields)) if text),
            tuple(pictures),
        )
        for key, owner_id, name, story, fields, pictures in db.rows(sql, [keys])
    }


def _one(kind: SubjectKind, sql: str, key: int) -> Shown | None:
    return next((_shown(kind, *columns) for columns in db.rows(sql, [key])), None)


def _many(kind: SubjectKind, sql: str, keys: Collection[int]) -> dict[int, Shown]:
    return {columns[0]: _shown(kind, *columns) for columns in db.rows(sql, [sorted(keys)])}


def _shown(kind: SubjectKind, key: int, owner_id: int, thing_id: int, text: str, pictures: list[str]) -> Shown:
    return Shown(Subject(kind, key), owner_id, (text,), tuple(pictures), thing_id)
