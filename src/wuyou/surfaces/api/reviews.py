"""Reviews: what people say of things, and thanks for whatever was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.identity import queries as identity
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social import queries as social
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import errors, operations, queries
from wuyou.domains.things.types import Proof, Review, ReviewDraft, StoredPicture
from wuyou.infra import pictures
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.api import audiences
from wuyou.surfaces.api.audiences import RuleDraft, RulePage, rule_from, rule_page
from wuyou.surfaces.api.copy_lines import Rendition
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.lines import Someone, ThingLine, someone, thing_line
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, PageQuery

router = Router(tags=["words"])

_WRITTEN = (errors.TextMalformed, errors.RatingOutOfRange, *audiences.REFUSALS, *SCREENED)
_THANKED = (
    errors.WordsNotFound, PersonNotFound, social_errors.NotYourself, social_errors.UnblockFirst,
    social_errors.WordsMalformed, social_errors.TooManyThanks,
)  # fmt: skip


class ReviewText(Draft):
    """What you say of a thing; it replaces what you said."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=5_000, pattern=TEXT)]
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    shows_proof: bool = True
    """Whether readers learn that you have or had it."""
    audience: RuleDraft = RuleDraft()
    """To whom it is open; you alone when left out."""

    def draft(self) -> ReviewDraft:
        """As the domain takes it. Raises `ThingNotFound` for holders of what is not there."""
        return ReviewDraft(self.text, self.rating, self.shows_proof, rule_from(self.audience))


class ThanksDraft(Draft):
    """What you say with your thanks."""

    words: Annotated[str, StringConstraints(max_length=500, pattern=TEXT)] = ""


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A picture of a review."""

    __pydantic_config__ = DOCUMENTED

    id: int
    width: int
    """Of the largest rendition."""
    height: int
    blurhash: str
    renditions: tuple[Rendition, ...]
    """WebP, from narrow to wide."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """What somebody says of a thing."""

    __pydantic_config__ = DOCUMENTED

    id: int
    owner: Someone
    thing: ThingLine
    text: str
    rating: int | None
    proof: Proof
    """What is known now of who says it."""
    pictures: tuple[PictureLine, ...]
    written_at: datetime
    edited_at: datetime | None
    thanks_count: int
    is_thanked: bool
    """By you."""
    audience: RulePage | None
    """To whom it is open; null for everyone but its owner."""


@dataclass(frozen=True, slots=True)
class ReviewList:
    """What is said of a thing, as far as you may read it, newest first."""

    items: tuple[ReviewLine, ...]
    next_cursor: int | None


@operation(
    router,
    "GET",
    "/things/{thing_id}/reviews",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ThingNotFound],
)
def list_reviews(call: Call, thing_id: Id, query: Query[PageQuery]) -> ReviewList:
    """List what is said of a thing and its forms, as far as you may read it."""
    viewer = get_viewer(call.actor.user_id)
    thing = queries.get_thing_for(viewer, thing_id)
    page = queries.list_reviews(viewer, thing.id, cursor=query.cursor, limit=query.limit)
    return ReviewList(_lines(viewer, page.items), page.next_cursor)


@operation(
    router,
    "POST",
    "/things/{thing_id}/reviews",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[*_WRITTEN],
)
def write_review(call: Call, thing_id: Id, body: ReviewText) -> ReviewLine:
    """Say something of a thing that you may know of."""
    review_id = operations.write_review(actor=call.actor, thing_id=thing_id, draft=body.draft(), now=call.now)
    return _review(call, review_id)


@operation(
    router, "GET", "/reviews/{review_id}", entry=Entry.READ, who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.ReviewNotFound],
)  # fmt: skip
def show_review(call: Call, review_id: Id) -> ReviewLine:
    """Show a review, to whoever may read it."""
    return _review(call, review_id)


@operation(router, "PUT", "/reviews/{review_id}", entry=Entry.WRITE, refuses=[errors.ReviewNotFound, *_WRITTEN])
def edit_review(call: Call, review_id: Id, body: ReviewText) -> ReviewLine:
    """Say it otherwise, or to others. Its pictures stay."""
    operations.edit_review(actor=call.actor, review_id=review_id, draft=body.draft(), now=call.now)
    return _review(call, review_id)


@operation(router, "DELETE", "/reviews/{review_id}", entry=Entry.WRITE, status=204, refuses=[errors.ReviewNotFound])
def remove_review(call: Call, review_id: Id) -> None:
    """Take back what you said, with its pictures and what was said at them."""
    operations.remove_review(actor=call.actor, review_id=review_id)


@operation(router, "PUT", "/reviews/{review_id}/thanks", entry=Entry.WRITE, status=204, refuses=_THANKED)
def thank_for_review(call: Call, review_id: Id, body: ThanksDraft) -> None:
    """Thank for a review; said again, your first thanks stand."""
    _thank(call, AppreciatedKind.REVIEW, review_id, body)


@operation(router, "DELETE", "/reviews/{review_id}/thanks", entry=Entry.WRITE, status=204)
def take_review_thanks_back(call: Call, review_id: Id) -> None:
    """Take your thanks back."""
    operations.take_thanks_back(actor=call.actor, kind=AppreciatedKind.REVIEW, source_id=review_id)


@operation(router, "PUT", "/annotations/{annotation_id}/thanks", entry=Entry.WRITE, status=204, refuses=_THANKED)
def thank_for_annotation(call: Call, annotation_id: Id, body: ThanksDraft) -> None:
    """Thank for an annotation; said again, your first thanks stand."""
    _thank(call, AppreciatedKind.ANNOTATION, annotation_id, body)


@operation(router, "DELETE", "/annotations/{annotation_id}/thanks", entry=Entry.WRITE, status=204)
def take_annotation_thanks_back(call: Call, annotation_id: Id) -> None:
    """Take your thanks back."""
    operations.take_thanks_back(actor=call.actor, kind=AppreciatedKind.ANNOTATION, source_id=annotation_id)


@operation(router, "PUT", "/answers/{answer_id}/thanks", entry=Entry.WRITE, status=204, refuses=_THANKED)
def thank_for_answer(call: Call, answer_id: Id, body: ThanksDraft) -> None:
    """Thank for an answer; said again, your first thanks stand."""
    _thank(call, AppreciatedKind.ANSWER, answer_id, body)


@operation(router, "DELETE", "/answers/{answer_id}/thanks", entry=Entry.WRITE, status=204)
def take_answer_thanks_back(call: Call, answer_id: Id) -> None:
    """Take your thanks back."""
    operations.take_thanks_back(actor=call.actor, kind=AppreciatedKind.ANSWER, source_id=answer_id)


def _thank(call: Call, kind: AppreciatedKind, source_id: int, body: ThanksDraft) -> None:
    operations.give_thanks(actor=call.actor, kind=kind, source_id=source_id, now=call.now, words=body.words)


def _review(call: Call, review_id: int) -> ReviewLine:
    viewer = get_viewer(call.actor.user_id)
    lines = _lines(viewer, [queries.get_review_for(viewer, review_id)])
    if not lines:
        raise errors.ReviewNotFound()
    return lines[0]


def _lines(viewer: Viewer, reviews: Sequence[Review]) -> tuple[ReviewLine, ...]:
    """Reviews that the viewer sees. Cost: three queries; one more when some are the viewer's own."""
    me, ids = viewer.person_id, [review.id for review in reviews]
    persons = identity.persons_met(viewer, {review.owner_id for review in reviews})
    thanks = social.appreciation_by_source(viewer, AppreciatedKind.REVIEW, ids) if ids else {}
    thanked = social.appreciated_by(me, AppreciatedKind.REVIEW, ids) if me and ids else frozenset()
    own = [review.id for review in reviews if review.owner_id == me]
    rules = queries.review_rules_by_id(me, own) if me and own else {}
    return tuple(
        ReviewLine(
            review.id,
            someone(persons[review.owner_id]),
            thing_line(review.thing),
            review.text,
            review.rating,
            review.proof,
            tuple(map(_picture, review.pictures)),
            review.written_at,
            review.edited_at,
            thanks.get(review.id, 0),
            review.id in thanked,
            rule_page(rules[review.id]) if review.id in rules else None,
        )
        for review in reviews
        if review.owner_id in persons
    )


def _picture(picture: StoredPicture) -> PictureLine:
    renditions = tuple(
        Rendition(width, f"/reviews/pictures/{picture.id}/{width}") for width in sorted(pictures.widths_of(picture.key))
    )
    return PictureLine(picture.id, picture.width, picture.height, picture.blurhash, renditions)
