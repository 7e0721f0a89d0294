"""The parts of a thing: its tree, drawings and figures, each with what is said of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.things import queries
from wuyou.domains.things.types import Thing, ThingKind
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.surfaces.storefront import bill_of_parts, saying
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, part_pages
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.parts import Empty, Link

THREADS_SHOWN = 50


@require_safe
def show_parts(request: HttpRequest, thing_id: int) -> HttpResponse:
    """All parts of a thing, its drawings, and the figures of the whole."""
    viewer = get_viewer(viewer_id(request))
    thing = queries.get_thing_for(viewer, thing_id)
    if thing.kind is ThingKind.VARIANT and thing.parent_id is not None:
        return redirect("storefront:parts", thing.parent_id)
    tree = queries.list_parts(viewer, thing.id)
    figures = queries.list_figures(viewer, thing.id)
    context: dict[str, object] = {
        "thing_id": thing.id,
        "thing_name": covers.name_of(thing),
        "thing_href": covers.href_of(thing.id),
        "drawings": [part_pages.drawing_shown(drawing) for drawing in queries.list_drawings(viewer, thing.id)],
        "parts": part_pages.part_lines(tree, figures, queries.owners_by_part(viewer, thing.id) if tree else {}),
        "figures": part_pages.by_kind(queries.list_history(viewer, thing.id, None)),
        "edit_href": _edit_href(request, thing),
        "empty": Empty(_("No parts yet"), _("Who makes or sells it can publish drawings, parts and figures here.")),
    }
    return show(request, "parts.html", context, place="things")


@require_safe
def show_part(request: HttpRequest, part_id: int) -> HttpResponse:
    """A part: where it is, what is known of it, and what is said of it."""
    viewer = get_viewer(viewer_id(request))
    part = queries.get_part_for(viewer, part_id)
    thing = queries.get_thing_for(viewer, part.thing_id)
    tree = queries.list_parts(viewer, thing.id)
    by_id = {each.id: each for each in tree}
    above = by_id.get(part.parent_id or 0)
    said = queries.list_annotations(viewer, thing.id, part_id=part.id, limit=THREADS_SHOWN).items
    context: dict[str, object] = {
        "part": part,
        "name": part_pages.name_of(part),
        "path": _path(thing, Link(part_pages.name_of(above), part_pages.part_href(above.id)) if above else None),
        "thing_id": thing.id,
        "drawings": [
            part_pages.drawing_shown(drawing, about=part.id)
            for drawing in queries.list_drawings(viewer, thing.id)
            if any(mark.part_id == part.id for mark in drawing.marks)
        ],
        "below": part_pages.part_lines([each for each in tree if each.parent_id == part.id], ()),
        "figures": part_pages.by_kind(queries.list_history(viewer, thing.id, part.id)),
        "owner_count": queries.owners_by_part(viewer, thing.id).get(part.id, 0) if said else 0,
        "threads": saying.threads(viewer, said),
        **({} if part.is_retired else saying.form_of(viewer, [thing])),
    }
    return show(request, "part.html", context, place="things")


@require_safe
def show_drawing(request: HttpRequest, drawing_id: int) -> HttpResponse:
    """A version of a drawing, large, with its hotspots, its other versions, and what is said at it."""
    viewer = get_viewer(viewer_id(request))
    drawing = queries.get_drawing_for(viewer, drawing_id)
    thing = queries.get_thing_for(viewer, drawing.thing_id)
    said = queries.list_annotations(viewer, thing.id, drawing_id=drawing.id, limit=THREADS_SHOWN).items
    versions = queries.list_versions(viewer, drawing)
    context: dict[str, object] = {
        "drawing": part_pages.drawing_shown(drawing),
        "path": _path(thing),
        "thing_id": thing.id,
        "point_href": f"{reverse('storefront:point', args=[thing.id])}?drawing={drawing.id}",
        "versions": [part_pages.drawing_shown(each) for each in versions],
        "latest_href": reverse("storefront:drawing", args=[versions[0].id]),
        "threads": saying.threads(viewer, said),
    }
    return show(request, "drawing.html", context, place="things")


@require_safe
def show_picture(request: HttpRequest, drawing_id: int, width: int) -> HttpResponseBase:
    """The picture of a version of a drawing of a thing that the reader may know of."""
    drawing = queries.get_drawing_for(get_viewer(viewer_id(request)), drawing_id)
    return serving.serve(request, drawing.picture.key, width)


@require_safe
def show_figure(request: HttpRequest, figure_id: int) -> HttpResponse:
    """A figure's own address leads to where it is read."""
    figure = queries.get_figure_for(get_viewer(viewer_id(request)), figure_id)
    page = (
        part_pages.part_href(figure.part_id)
        if figure.part_id is not None
        else reverse("storefront:parts", args=[figure.thing_id])
    )
    return redirect(f"{page}#figure-{figure.id}")


@require_safe
def export_parts(request: HttpRequest, thing_id: int) -> HttpResponse:
    """The part list as a hardware bill of materials of CycloneDX."""
    viewer = get_viewer(viewer_id(request))
    thing = queries.get_thing_for(viewer, thing_id)
    document = bill_of_parts.cyclonedx(
        thing,
        queries.list_parts(viewer, thing.id),
        queries.list_figures(viewer, thing.id),
        queries.list_drawings(viewer, thing.id),
        request.build_absolute_uri,
    )
    answer = JsonResponse(document, content_type=bill_of_parts.MEDIA_TYPE)
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _path(thing: Thing, last: Link | None = None) -> tuple[Link, ...]:
    """From the thing down to here."""
    parts = Link(_("Parts"), reverse("storefront:parts", args=[thing.id]))
    return (Link(covers.name_of(thing), covers.href_of(thing.id)), parts, *([last] if last else []))


def _edit_href(request: HttpRequest, thing: Thing) -> str:
    """Where who may describe the thing does so. Cost: one query for most people."""
    if not request.user.is_authenticated:
        return ""
    actor = Actor(request.user.pk, is_staff=request.user.is_staff)
    return reverse("storefront:edit-parts", args=[thing.id]) if queries.may_describe(actor, thing) else ""
