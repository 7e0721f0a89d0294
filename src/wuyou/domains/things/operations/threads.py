"""Threads on things: annotations and answers.

Locks, in this order: the thing, shared; the picture or photo, shared; the annotation; the pair of who answers and who
is answered.
"""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.moderation import operations as moderation
from wuyou.domains.moderation.types import Subject, SubjectKind
from wuyou.domains.social import operations as relations
from wuyou.domains.social import queries as social
from wuyou.domains.things import copies, errors, queries, rules
from wuyou.domains.things.types import AnnotationDraft
from wuyou.domains.things.words import take_annotation_off, tell_reply
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Viewer


@db.requires_transaction
def annotate(*, actor: Actor, thing_id: int, draft: AnnotationDraft, now: datetime) -> int:
    """Say something at a thing, at a part or figure, or at a picture, photo or drawing that one sees or a region of it.

    Returns the annotation's id; what it points at says which thing it is about. Locks: the thing, shared, then the
    picture or photo, shared.
    Raises: `ThingNotFound`, `PictureNotFound`, `PhotoNotFound`, `PartNotFound` (also when it is retired),
    `DrawingNotFound`, `FigureNotFound`, `TargetMalformed`, `TextMalformed`, `RegionMalformed`, and what
    `social.check_rule` and `moderation.screen` refuse.
    """
    me, viewer = actor.person_id, sight.get_viewer(actor.person_id)
    text = rules.clean_lines(draft.text, "annotation", rules.MAX_ANNOTATION)
    rules.check_target(draft.picture_id, draft.photo_id, draft.part_id, draft.drawing_id, draft.figure_id)
    region = rules.check_region(draft.region, draft.picture_id or draft.photo_id or draft.drawing_id)
    social.check_rule(me, draft.audience)
    asked_id = queries.get_thing_for(viewer, thing_id).id
    about_id = _about(viewer, draft) or asked_id
    thing_id = copies.keep_things([about_id])[about_id]
    if draft.picture_id is not None and not db.rows(
        "SELECT 1 FROM things_review_picture WHERE id = %s FOR KEY SHARE", [draft.picture_id]
    ):
        raise errors.PictureNotFound()
    if draft.photo_id is not None and not db.rows(
        "SELECT 1 FROM things_photo WHERE id = %s FOR KEY SHARE", [draft.photo_id]
    ):
        raise errors.PhotoNotFound()
    screening = moderation.screen(actor=actor, texts=[text], now=now)
    about = queries.subjects_by_thing([thing_id])[thing_id]
    columns = sight.columns(me, draft.audience, about, is_withheld=screening.is_held)
    made = db.row(
        """
        INSERT INTO things_annotation (owner_id, thing_id, picture_id, photo_id, part_id, drawing_id, figure_id, "left",
                                       top, width, height, purpose, text, written_at, sight_opens, sight_closes)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [me, thing_id, draft.picture_id, draft.photo_id, draft.part_id, draft.drawing_id, draft.figure_id,
         *(region or (None,) * 4), draft.purpose.value, text, now, columns["sight_opens"], columns["sight_closes"]],
    )  # fmt: skip
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    subject = Subject(SubjectKind.ANNOTATION, made[0])
    moderation.file_screening(subject=subject, owner_id=me, screening=screening, now=now)
    return int(made[0])


@db.requires_transaction
def remove_annotation(*, actor: Actor, annotation_id: int) -> None:
    """Take back what one said; its thread goes with it. Raises `AnnotationNotFound`. Locks: the annotation."""
    _lock_own(actor, annotation_id)
    take_annotation_off(annotation_id)


@db.requires_transaction
def reply(*, actor: Actor, annotation_id: int, text: str, now: datetime) -> int:
    """Answer in a thread that one sees; returns the answer's id. Its writer is told, and it brings the two closer.

    What a rule of moderation holds does neither until it is open.

    Locks: the thing, shared, the annotation, shared, then the pair, the answer's open case, and their tie.
    Raises: `AnnotationNotFound`, `TextMalformed`, `social.UnblockFirst`, and what `moderation.screen` refuses.
    """
    me = actor.person_id
    text = rules.clean_lines(text, "reply", rules.MAX_ANNOTATION)
    annotation = queries.get_annotation_for(sight.get_viewer(me), annotation_id)
    # What it stands for from here on: it may have been merged since the annotation was read.
    thing_id = copies.keep_things([annotation.thing_id])[annotation.thing_id]
    if not db.rows("SELECT 1 FROM things_annotation WHERE id = %s FOR KEY SHARE", [annotation_id]):
        raise errors.AnnotationNotFound()
    if annotation.owner_id != me:
        relations.meet(actor=actor, person_id=annotation.owner_id)
    screening = moderation.screen(actor=actor, texts=[text], now=now)
    about = queries.subjects_by_thing([thing_id])[thing_id]
    columns = sight.columns(me, PUBLIC, about, is_withheld=screening.is_held)
    made = db.row(
        """
        INSERT INTO things_reply (owner_id, annotation_id, thing_id, text, written_at, sight_opens, sight_closes)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        [me, annotation_id, thing_id, text, now, columns["sight_opens"], columns["sight_closes"]],
    )
    assert made is not None  # noqa: S101  (an INSERT without a condition returns its row)
    subject = Subject(SubjectKind.ANSWER, made[0])
    moderation.file_screening(subject=subject, owner_id=me, screening=screening, now=now)
    if not screening.is_held:
        tell_reply(made[0], now)
    return int(made[0])


@db.requires_transaction
def remove_reply(*, actor: Actor, reply_id: int) -> int:
    """Take an answer out of a thread: its writer may, and who began the thread. Returns the thing that it is about.

    Raises: `AnnotationNotFound`.
    """
    gone = db.row(
        """
        DELETE FROM things_reply p USING things_annotation a
        WHERE p.id = %(reply)s AND a.id = p.annotation_id AND %(me)s IN (p.owner_id, a.owner_id)
        RETURNING p.thing_id
        """,
        {"reply": reply_id, "me": actor.person_id},
    )
    if gone is None:
        raise errors.AnnotationNotFound()
    return int(gone[0])


def _about(viewer: Viewer, draft: AnnotationDraft) -> int | None:
    """The thing of what the words point at, which the viewer sees; None when they point at the thing as a whole."""
    if draft.picture_id is not None:
        return _pictured(viewer, draft.picture_id)
    if draft.photo_id is not None:
        return queries.get_holding_for(viewer, queries.get_photo_for(viewer, draft.photo_id).holding_id).thing.id
    if draft.part_id is not None:
        part = queries.get_part_for(viewer, draft.part_id)
        if part.is_retired:
            raise errors.PartNotFound()
        return part.thing_id
    if draft.drawing_id is not None:
        return queries.get_drawing_for(viewer, draft.drawing_id).thing_id
    return queries.get_figure_for(viewer, draft.figure_id).thing_id if draft.figure_id is not None else None


def _pictured(viewer: Viewer, picture_id: int) -> int:
    """The thing of a picture that the viewer sees."""
    queries.get_review_picture(viewer, picture_id)
    found = db.row(
        """
        SELECT r.thing_id FROM things_review_picture f JOIN things_review r ON r.id = f.review_id WHERE f.id = %s
        """,
        [picture_id],
    )
    if found is None:
        raise errors.PictureNotFound()
    return int(found[0])


def _lock_own(actor: Actor, annotation_id: int) -> None:
    if not db.rows(
        "SELECT 1 FROM things_annotation WHERE id = %s AND owner_id = %s FOR UPDATE", [annotation_id, actor.person_id]
    ):
        raise errors.AnnotationNotFound()
