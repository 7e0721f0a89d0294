"""Writing of a thing: a review with stars and pictures, for whom one likes."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.moderation import errors as moderation_errors
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import Review, ReviewDraft, Thing
from wuyou.infra import db
from wuyou.infra.pictures import Picture
from wuyou.infra.sight import get_viewer
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import PUBLIC, AudienceRule
from wuyou.surfaces.storefront import audience
from wuyou.surfaces.storefront.access import actor_of, once, signed_in, viewer_id
from wuyou.surfaces.storefront.forms import ReviewForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, thing_page
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of

MAX_PICTURES = 9


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def write(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Say something of a thing."""
    actor = actor_of(request)
    thing = queries.get_thing_for(get_viewer(actor.person_id), thing_id)
    if request.method != "POST":
        has_it = bool(queries.list_own_copies(actor.person_id, thing.id))
        return _form_page(request, thing, ReviewForm(initial={"shows_proof": has_it}), PUBLIC)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _form_page(request, thing, form, PUBLIC, status=422)
    written: list[int] = []
    try:
        draft = _draft(request, form)
        taken = _take_in(request, MAX_PICTURES)

        def effect(now: datetime) -> str:
            review_id = operations.write_review(actor=actor, thing_id=thing.id, draft=draft, now=now, pictures=taken)
            written.append(review_id)
            return f"{covers.href_of(thing.id)}#review-{review_id}"

        answer = once(request, actor, effect)
    except DomainError as refused:
        return _refused(request, thing, form, PUBLIC, refused)
    if moderation.standings(actor.person_id, SubjectKind.REVIEW, written):
        messages.success(request, _("Thank you. We look at it first; until then only you see it"))
    else:
        messages.success(request, _("Thank you: others can read it now, as far as you opened it"))
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, review_id: int) -> HttpResponse:
    """Say it otherwise, or to others."""
    actor = actor_of(request)
    review = _own(request, review_id)
    rule = queries.get_review_rule(actor.person_id, review_id)
    if request.method != "POST":
        said = {"text": review.text, "rating": review.rating or "", "shows_proof": review.shows_proof}
        return _form_page(request, review.thing, ReviewForm(initial=said), rule, review)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _form_page(request, review.thing, form, rule, review, status=422)
    try:
        draft = _draft(request, form)
        dropped = [each.id for each in review.pictures if str(each.id) in request.POST.getlist("drop")]
        taken = _take_in(request, MAX_PICTURES - len(review.pictures) + len(dropped))

        def effect(now: datetime) -> str:
            operations.edit_review(
                actor=actor, review_id=review_id, draft=draft, now=now, pictures=taken, drop_ids=dropped
            )
            return f"{covers.href_of(review.thing.id)}#review-{review_id}"

        answer = once(request, actor, effect)
    except DomainError as refused:
        return _refused(request, review.thing, form, rule, refused, review)
    if moderation.standings(actor.person_id, SubjectKind.REVIEW, [review_id]):
        messages.success(request, _("It is changed. We look at it first; until then only you see it"))
    else:
        messages.success(request, _("It is changed"))
    return answer


@require_POST
@signed_in
def remove(request: HttpRequest, review_id: int) -> HttpResponse:
    """Take back what one said."""
    actor = actor_of(request)
    review = _own(request, review_id)
    db.in_transaction(lambda: operations.remove_review(actor=actor, review_id=review_id))
    messages.success(request, _("It is taken back"))
    return redirect(covers.href_of(review.thing.id))


@require_safe
def show_picture(request: HttpRequest, picture_id: int, width: int) -> HttpResponseBase:
    """A picture of a review that the reader may see."""
    picture = queries.get_review_picture(get_viewer(viewer_id(request)), picture_id)
    return serving.serve(request, picture.key, width)


def _own(request: HttpRequest, review_id: int) -> Review:
    person_id = actor_of(request).person_id
    review = queries.get_review_for(get_viewer(person_id), review_id)
    if review.owner_id != person_id:
        raise things_errors.ReviewNotFound()
    return review


def _draft(request: HttpRequest, form: ReviewForm) -> ReviewDraft:
    said = form.cleaned_data
    return ReviewDraft(
        said["text"],
        int(said["rating"]) if said["rating"] else None,
        said["shows_proof"],
        audience.rule_from(request.POST, actor_of(request).person_id),
    )


def _take_in(request: HttpRequest, most: int) -> list[Picture]:
    """The pictures that were sent. Raises `TooManyPictures` and what `serving.take_in` does."""
    sent = [file for file in request.FILES.getlist("pictures") if file]
    if len(sent) > most:
        raise things_errors.TooManyPictures(most=MAX_PICTURES)
    return serving.take_in(sent)


def _refused(
    request: HttpRequest,
    thing: Thing,
    form: ReviewForm,
    rule: AudienceRule,
    refused: DomainError,
    review: Review | None = None,
) -> HttpResponse:
    count_refusal(refused)
    of_text = isinstance(refused, things_errors.TextMalformed | moderation_errors.WordsRefused)
    form.add_error("text" if of_text else None, text_of(refused))
    return _form_page(request, thing, form, rule, review, status=status_of(refused))


def _form_page(
    request: HttpRequest,
    thing: Thing,
    form: ReviewForm,
    rule: AudienceRule,
    review: Review | None = None,
    status: int = 200,
) -> HttpResponse:
    person_id = actor_of(request).person_id
    context: dict[str, object] = {
        "form": form,
        "thing_name": covers.name_of(thing),
        "thing_href": covers.href_of(thing.id),
        "review_id": review.id if review else None,
        "pictures": [(each.id, thing_page.picture_href(each.id, thing_page.PICTURE_WIDTH)) for each in review.pictures]
        if review
        else (),
        "audience": audience.field_of(person_id, rule, things_offered=[thing]),
    }
    return show(request, "review_form.html", context, place="things", status=status)
