"""Annotations: what people say at things, their parts and regions of pictures of them, and the threads below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import WHOLE, Annotation, AnnotationDraft, Purpose, Region
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api import audiences
from wuyou.surfaces.api.audiences import RuleDraft, rule_from
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, PageQuery

router = Router(tags=["words"])

_Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=TEXT)]
_Side = Annotated[int, Field(ge=0, le=WHOLE)]


class RegionDraft(Draft):
    """A rectangle of a picture, in hundredths of a percent of its sides."""

    left: _Side
    top: _Side
    width: _Side
    height: _Side


class AnnotationText(Draft):
    """What you say at a thing, or at one of what is named: a picture of a review of it, a photo of a copy, a part, a
    drawing, a figure; with a region, at that region of a picture, photo or drawing."""

    text: _Text
    purpose: Annotated[Purpose, Field(strict=False)] = Purpose.COMMENT
    picture_id: Id | None = None
    photo_id: Id | None = None
    part_id: Id | None = None
    drawing_id: Id | None = None
    figure_id: Id | None = None
    region: RegionDraft | None = None
    audience: RuleDraft = RuleDraft()
    """To whom it is open; you alone when left out."""


class AnswerText(Draft):
    """What you answer."""

    text: _Text


@dataclass(frozen=True, slots=True)
class RegionPage:
    """A rectangle of a picture, in hundredths of a percent of its sides."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer in a thread."""

    __pydantic_config__ = DOCUMENTED

    id: int
    owner: Someone
    text: str
    written_at: datetime
    thanks_count: int
    is_thanked: bool
    """By you."""


@dataclass(frozen=True, slots=True)
class AnnotationLine:
    """What somebody said, and what others answered."""

    __pydantic_config__ = DOCUMENTED

    id: int
    owner: Someone
    thing_id: int
    picture_id: int | None
    photo_id: int | None
    part_id: int | None
    drawing_id: int | None
    figure_id: int | None
    region: RegionPage | None
    purpose: Purpose
    text: str
    written_at: datetime
    thanks_count: int
    is_thanked: bool
    """By you."""
    answers: tuple[AnswerLine, ...]
    """In their order."""
    json_ld: str
    """Where the same stands as the Web Annotation Data Model of the W3C has it, on this server."""


@dataclass(frozen=True, slots=True)
class AnnotationList:
    """What is said at a thing, as far as you may read it, newest first."""

    items: tuple[AnnotationLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer that was written."""

    id: int


@operation(
    router,
    "GET",
    "/things/{thing_id}/annotations",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ThingNotFound],
)
def list_annotations(call: Call, thing_id: Id, query: Query[PageQuery]) -> AnnotationList:
    """List what is said at a thing, at pictures of it and at its forms, with the answers that you may read."""
    viewer = get_viewer(call.actor.user_id)
    thing = queries.get_thing_for(viewer, thing_id)
    page = queries.list_annotations(viewer, thing.id, cursor=query.cursor, limit=query.limit)
    return AnnotationList(_lines(viewer, page.items), page.next_cursor)


@operation(
    router,
    "POST",
    "/things/{thing_id}/annotations",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[
        *SCREENED,
        errors.PictureNotFound,
        errors.PhotoNotFound,
        errors.PartNotFound,
        errors.DrawingNotFound,
        errors.FigureNotFound,
        errors.TargetMalformed,
        errors.TextMalformed,
        errors.RegionMalformed,
        *audiences.REFUSALS,
    ],
)
def annotate(call: Call, thing_id: Id, body: AnnotationText) -> AnnotationLine:
    """Say something at a thing, or at a region of a picture that you see."""
    region = body.region
    draft = AnnotationDraft(
        body.text,
        body.purpose,
        body.picture_id,
        Region(region.left, region.top, region.width, region.height) if region else None,
        rule_from(body.audience),
        body.part_id,
        body.drawing_id,
        body.figure_id,
        body.photo_id,
    )
    return _annotation(call, operations.annotate(actor=call.actor, thing_id=thing_id, draft=draft, now=call.now))


@operation(
    router, "GET", "/annotations/{annotation_id}", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.AnnotationNotFound],
)  # fmt: skip
def show_annotation(call: Call, annotation_id: Id) -> AnnotationLine:
    """Show an annotation and its thread, to whoever may read them."""
    return _annotation(call, annotation_id)


@operation(
    router, "DELETE", "/annotations/{annotation_id}", entry=Entry.WRITE, status=204,
    refuses=[errors.AnnotationNotFound],
)  # fmt: skip
def remove_annotation(call: Call, annotation_id: Id) -> None:
    """Take back what you said, with its thread."""
    operations.remove_annotation(actor=call.actor, annotation_id=annotation_id)


@operation(
    router,
    "POST",
    "/annotations/{annotation_id}/answers",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[errors.AnnotationNotFound, errors.TextMalformed, social_errors.UnblockFirst, *SCREENED],
)
def answer_annotation(call: Call, annotation_id: Id, body: AnswerText) -> NewAnswer:
    """Answer in a thread that you see; whoever sees it reads your answer, but nobody across a block."""
    return NewAnswer(
        operations.reply(actor=call.actor, annotation_id=annotation_id, text=body.text, now=call.now),
    )


@operation(router, "DELETE", "/answers/{answer_id}", entry=Entry.WRITE, status=204, refuses=[errors.AnnotationNotFound])
def remove_answer(call: Call, answer_id: Id) -> None:
    """Take an answer out: your own, or one in a thread that you began."""
    operations.remove_reply(actor=call.actor, reply_id=answer_id)


def _annotation(call: Call, annotation_id: int) -> AnnotationLine:
    viewer = get_viewer(call.actor.user_id)
    lines = _lines(viewer, [queries.get_annotation_for(viewer, annotation_id)])
    if not lines:
        raise errors.AnnotationNotFound()
    return lines[0]


def _lines(viewer: Viewer, said: Sequence[Annotation]) -> tuple[AnnotationLine, ...]:
    """Annotations that the viewer sees, with the answers that they see. Cost: at most six queries."""
    if not said:
        return ()
    threads = queries.replies_by_annotation(viewer, [each.id for each in said])
    replies = [reply for thread in threads.values() for reply in thread]
    persons = identity.persons_met(viewer, {each.owner_id for each in said} | {reply.owner_id for reply in replies})
    counts, thanked = {}, {}
    for kind, ids in (
        (AppreciatedKind.ANNOTATION, [each.id for each in said]),
        (AppreciatedKind.ANSWER, [reply.id for reply in replies]),
    ):
        counts[kind] = social.appreciation_by_source(viewer, kind, ids) if ids else {}
        thanked[kind] = social.appreciated_by(viewer.person_id, kind, ids) if viewer.person_id and ids else frozenset()
    answers = {
        annotation_id: tuple(
            AnswerLine(
                reply.id,
                someone(persons[reply.owner_id]),
                reply.text,
                reply.written_at,
                counts[AppreciatedKind.ANSWER].get(reply.id, 0),
                reply.id in thanked[AppreciatedKind.ANSWER],
            )
            for reply in thread
            if reply.owner_id in persons
        )
        for annotation_id, thread in threads.items()
    }
    return tuple(
        AnnotationLine(
            each.id,
            someone(persons[each.owner_id]),
            each.thing_id,
            each.picture_id,
            each.photo_id,
            each.part_id,
            each.drawing_id,
            each.figure_id,
            RegionPage(*each.region) if each.region else None,
            each.purpose,
            each.text,
            each.written_at,
            counts[AppreciatedKind.ANNOTATION].get(each.id, 0),
            each.id in thanked[AppreciatedKind.ANNOTATION],
            answers.get(each.id, ()),
            f"/annotations/{each.id}",
        )
        for each in said
        if each.owner_id in persons
    )
