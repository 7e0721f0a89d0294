"""Threads on things: said, answered, taken back; and one annotation as W3C's JSON-LD."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.identity import queries as identity
from wuyou.domains.things import operations, queries
from wuyou.domains.things.types import Annotation, AnnotationDraft, Purpose, Region
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import audience, errors, jsonld, saying
from wuyou.surfaces.storefront.access import actor_of, once, page_before, signed_in, viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, part_pages, thing_page
from wuyou.surfaces.ui.parsing import read_id

MEDIA_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
_TARGETS = ("picture", "photo", "drawing", "part", "figure")


@require_safe
@signed_in
def point(request: HttpRequest, thing_id: int) -> HttpResponse:
    """The form that says something at what is named, and at a region of a picture, photo or drawing."""
    viewer = get_viewer(viewer_id(request))
    thing = queries.get_thing_for(viewer, thing_id)
    target = _target(request.GET)
    name, source, title = next(iter(target), ""), "", covers.name_of(thing)
    if name == "picture":
        queries.get_review_picture(viewer, target[name])
        source = thing_page.picture_href(target[name], part_pages.WHOLE_WIDTH)
    elif name == "photo":
        queries.get_photo_for(viewer, target[name])
        source = reverse("storefront:photo", args=[target[name], part_pages.WHOLE_WIDTH])
    elif name == "drawing":
        drawing = queries.get_drawing_for(viewer, target[name])
        source, title = part_pages.drawing_href(drawing.id, part_pages.WHOLE_WIDTH), part_pages.title_of(drawing)
    elif name == "part":
        title = part_pages.name_of(queries.get_part_for(viewer, target[name]))
    elif name == "figure":
        figure = queries.get_figure_for(viewer, target[name])
        title = f"{part_pages.quantity_of(figure)}: {part_pages.value_text(figure)}"
    context: dict[str, object] = {
        "title": title,
        "thing_id": thing.id,
        "thing_name": covers.name_of(thing),
        "back_href": page_before(request),
        "target": name,
        "target_id": target.get(name),
        "source": source,
        **saying.form_of(viewer, [thing]),
    }
    return show(request, "point.html", context, place="things")


@require_POST
@signed_in
def annotate(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Say something at a thing, or at the `picture`, `photo`, `drawing`, `part` or `figure` that is named.

    With `region` in percent, at a region of one of the first three.
    """
    actor = actor_of(request)
    target = _target(request.POST)
    try:
        purpose = Purpose(request.POST.get("purpose", Purpose.COMMENT.value))
        region = read_region(request.POST["region"]) if request.POST.get("region") else None
    except ValueError as error:
        raise errors.FormMalformed() from error
    rule = audience.rule_from(request.POST, actor.person_id)
    draft = AnnotationDraft(
        request.POST.get("text", ""),
        purpose,
        target.get("picture"),
        region,
        rule,
        target.get("part"),
        target.get("drawing"),
        target.get("figure"),
        target.get("photo"),
    )

    def effect(now: datetime) -> str:
        made = operations.annotate(actor=actor, thing_id=thing_id, draft=draft, now=now)
        viewer = get_viewer(actor.person_id)
        return _place_of(viewer, queries.get_annotation_for(viewer, made))

    return once(request, actor, effect)


@require_POST
@signed_in
def reply(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """Answer in a thread."""
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    place = _place_of(viewer, queries.get_annotation_for(viewer, annotation_id))

    def effect(now: datetime) -> str:
        operations.reply(actor=actor, annotation_id=annotation_id, text=request.POST.get("text", ""), now=now)
        return place

    return once(request, actor, effect)


@require_POST
@signed_in
def remove(request: HttpRequest, annotation_id: int) -> HttpResponse:
    """Take back what one said, with its thread."""
    actor = actor_of(request)
    viewer = get_viewer(actor.person_id)
    page = _page_of(viewer, queries.get_annotation_for(viewer, annotation_id))
    db.in_transaction(lambda: operations.remove_annotation(actor=actor, annotation_id=annotation_id))
    return redirect(page)


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


def read_region(text: str) -> Region:
    """`12.5,20,30,40`: left, top, width, height in percent. Raises `ValueError`."""
    if len(text) > 60:
        raise ValueError(text)
    left, top, width, height = (float(part) for part in text.split(","))
    if not all(0 <= side <= 100 for side in (left, top, width, height)):
        raise ValueError(text)
    return Region(*(round(side * 100) for side in (left, top, width, height)))


def _target(said: QueryDict) -> dict[str, int]:
    """What is named to be pointed at; several are for the operation to refuse. Raises `FormMalformed`."""
    return {name: read_id(text) for name in _TARGETS if (text := said.get(name, ""))}


def _page_of(viewer: Viewer, annotation: Annotation) -> str:
    """The page on which an annotation is read: that of its drawing, part or copy, else the thing's."""
    if annotation.photo_id is not None:
        return reverse("storefront:copy", args=[queries.get_photo_for(viewer, annotation.photo_id).holding_id])
    if annotation.drawing_id is not None:
        return reverse("storefront:drawing", args=[annotation.drawing_id])
    if annotation.part_id is not None:
        return part_pages.part_href(annotation.part_id)
    return reverse("storefront:thing", args=[annotation.thing_id])


def _place_of(viewer: Viewer, annotation: Annotation) -> str:
    return f"{_page_of(viewer, annotation)}#annotation-{annotation.id}"
