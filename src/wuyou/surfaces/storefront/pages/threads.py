"""Threads on things: said, answered, taken back; and one annotation as W3C's JSON-LD."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity import queries as identity
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import AnnotationDraft, Purpose, Region
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront import audience, errors, jsonld
from wuyou.surfaces.storefront.access import actor_of, once, signed_in, viewer_id

MEDIA_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'


@require_POST
@signed_in
def annotate(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Say something at a thing; with `picture` and `region` in percent, at a region of a picture of it."""
    actor = actor_of(request)
    try:
        purpose = Purpose(request.POST.get("purpose", Purpose.COMMENT.value))
        picture_id = int(request.POST["picture"]) if request.POST.get("picture") else None
        region = _region(request.POST["region"]) if request.POST.get("region") else None
    except ValueError as error:
        raise errors.FormMalformed() from error
    rule = audience.rule_from(request.POST, actor.person_id)
    draft = AnnotationDraft(request.POST.get("text", ""), purpose, picture_id, region, rule)

    def effect(now: datetime) -> str:
        made = operations.annotate(actor=actor, thing_id=thing_id, draft=draft, now=now)
        return f"{reverse('storefront:thing', args=[thing_id])}#annotation-{made}"

    return once(request, actor, effect)


@require_POST
@signed_in
def reply(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """Answer in a thread."""
    actor = actor_of(request)
    annotation = queries.get_annotation_for(get_viewer(actor.person_id), annotation_id)

    def effect(now: datetime) -> str:
        operations.reply(actor=actor, annotation_id=annotation_id, text=request.POST.get("text", ""), now=now)
        return f"{reverse('storefront:thing', args=[annotation.thing_id])}#annotation-{annotation_id}"

    return once(request, actor, effect)


@require_POST
@signed_in
def remove(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """Take back what one said, with its thread."""
    actor = actor_of(request)
    thing_id = queries.get_annotation_for(get_viewer(actor.person_id), annotation_id).thing_id
    db.in_transaction(lambda: operations.remove_annotation(actor=actor, annotation_id=annotation_id))
    return redirect("storefront:thing", thing_id)


@require_POST
@signed_in
def remove_answer(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Take an answer out: one's own, or one in a thread that one began."""
    actor = actor_of(request)
    thing_id = db.in_transaction(lambda: operations.remove_reply(actor=actor, reply_id=reply_id))
    return redirect("storefront:thing", thing_id)


@require_safe
def show_annotation(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """One annotation that the reader may see, as the Web Annotation Data Model has it."""
    annotation = queries.get_annotation_for(get_viewer(viewer_id(request)), annotation_id)
    person = identity.get_person(annotation.owner_id)
    answer = JsonResponse(jsonld.annotation(annotation, person, request.build_absolute_uri), content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "private, no-cache"
    answer["Link"] = '<http://www.w3.org/ns/ldp#Resource>; rel="type"'
    answer["Allow"] = "GET, HEAD, OPTIONS"
    return answer


def _region(text: str) -> Region:
    """`12.5,20,30,40`: left, top, width, height in percent. Raises `ValueError`."""
    if len(text) > 40:
        raise ValueError(text)
    left, top, width, height = (float(part) for part in text.split(","))
    if not all(0 <= side <= 100 for side in (left, top, width, height)):
        raise ValueError(text)
    return Region(*(round(side * 100) for side in (left, top, width, height)))
