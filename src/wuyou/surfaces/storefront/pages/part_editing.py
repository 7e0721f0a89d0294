"""Publishing parts, drawings and figures of a thing, for who sells it and for staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.policies import require
from wuyou.domains.catalog.types import Permission
from wuyou.domains.things import errors as things_errors
from wuyou.domains.things import operations, queries
from wuyou.domains.things.part_types import Drawing, Part
from wuyou.domains.things.types import Thing, ThingKind
from wuyou.infra import db
from wuyou.infra.pictures import Picture
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.pages.threads import read_region
from wuyou.surfaces.storefront.part_forms import DrawingForm, FigureForm, PartForm, RenewDrawingForm, ValueForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers, part_pages
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.parsing import read_id

Effect = Callable[[datetime], object]


@require_safe
@signed_in
def edit(request: HttpRequest, thing_id: int) -> HttpResponse:
    """All that is published of a thing, with what can be added and renewed."""
    thing = _described(request, thing_id)
    viewer = _viewer(request)
    tree, figures = queries.list_parts(viewer, thing.id), queries.list_figures(viewer, thing.id)
    names = {part.id: f"{part.number} {part_pages.name_of(part)}" for part in tree}
    context: dict[str, object] = {
        "thing_id": thing.id,
        "thing_name": covers.name_of(thing),
        "back_href": reverse("storefront:parts", args=[thing.id]),
        "parts": part_pages.part_lines(tree, figures),
        "drawings": [part_pages.drawing_shown(drawing) for drawing in queries.list_drawings(viewer, thing.id)],
        "figures": [
            (names.get(figure.part_id or 0, ""), spec)
            for figure, spec in zip(figures, part_pages.specs(figures), strict=True)
        ],
    }
    return show(request, "parts_edit.html", context, place="things")


@require_POST
@signed_in
def describe_product(request: HttpRequest, product_id: int) -> HttpResponse:
    """Begin to describe what one sells: the thing that the product is comes to be, where it is not there yet."""
    actor, now = actor_of(request), utc_now()
    product = catalog.get_product(product_id)
    require(actor, catalog.get_shop(product.shop_id), Permission.GOODS)
    db.in_transaction(
        lambda: operations.ensure_variants(variant_ids=[variant.id for variant in product.variants], now=now)
    )
    return redirect(_edit_href(queries.things_by_product([product_id])[product_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_part(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Write a part down."""
    thing = _described(request, thing_id)
    form = PartForm(request.POST or None, tree=queries.list_parts(_viewer(request), thing.id))
    return _answer(
        request,
        thing,
        form,
        _("Add a part"),
        lambda now: operations.add_part(actor=actor_of(request), thing_id=thing.id, draft=form.draft(), now=now),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_part(request: HttpRequest, part_id: int) -> HttpResponse:
    """Say a part otherwise; with `retire`, the thing has it no longer."""
    part, thing = _part(request, part_id)
    tree = queries.list_parts(_viewer(request), thing.id)
    form = PartForm(request.POST, tree=tree) if request.method == "POST" else PartForm.of(part, tree)
    return _answer(
        request,
        thing,
        form,
        _("Change the part"),
        lambda now: operations.change_part(actor=actor_of(request), part_id=part_id, draft=form.draft()),
        retire_href=reverse("storefront:retire-part", args=[part_id]),
    )


@require_POST
@signed_in
def retire_part(request: HttpRequest, part_id: int) -> HttpResponse:
    """The thing has the part no longer, nor those below it."""
    thing = _part(request, part_id)[1]
    actor = actor_of(request)

    def effect(now: datetime) -> str:
        operations.retire_part(actor=actor, part_id=part_id, now=now)
        return _edit_href(thing)

    answer = once(request, actor, effect)
    messages.success(request, _("It is retired"))
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_drawing(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Publish a drawing."""
    thing = _described(request, thing_id)
    form = DrawingForm(request.POST or None, request.FILES or None)

    def effect(now: datetime, picture: Picture) -> None:
        operations.add_drawing(actor=actor_of(request), thing_id=thing.id, draft=form.draft(), picture=picture, now=now)

    return _answer_with_picture(request, thing, form, _("Add a drawing"), effect)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def renew_drawing(request: HttpRequest, drawing_id: int) -> HttpResponse:
    """Publish a new version of a drawing."""
    drawing, thing = _drawing(request, drawing_id)
    form = RenewDrawingForm(request.POST, request.FILES) if request.method == "POST" else RenewDrawingForm.of(drawing)

    def effect(now: datetime, picture: Picture) -> None:
        operations.renew_drawing(
            actor=actor_of(request),
            drawing_id=drawing_id,
            licence=form.cleaned_data["licence"],
            picture=picture,
            now=now,
        )

    title = _("New version of “%(title)s”") % {"title": part_pages.title_of(drawing)}
    return _answer_with_picture(request, thing, form, title, effect)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def place_marks(request: HttpRequest, drawing_id: int) -> HttpResponse:
    """Say where parts are on a drawing: `part` and `region`, or `remove` a mark."""
    drawing, thing = _drawing(request, drawing_id)
    here = reverse("storefront:place-marks", args=[drawing_id])
    if request.method == "POST":
        actor = actor_of(request)
        if request.POST.get("remove"):
            mark_id = read_id(request.POST["remove"])

            def effect(now: datetime) -> str:
                operations.remove_mark(actor=actor, drawing_id=drawing_id, mark_id=mark_id)
                return here
        else:
            part_id = read_id(request.POST.get("part", ""))
            try:
                region = read_region(request.POST.get("region", ""))
            except ValueError as error:
                raise things_errors.RegionMalformed() from error

            def effect(now: datetime) -> str:
                operations.place_mark(actor=actor, drawing_id=drawing_id, part_id=part_id, region=region)
                return here

        return once(request, actor, effect)
    marked = {mark.part_id for mark in drawing.marks}
    tree = queries.list_parts(_viewer(request), thing.id)
    context: dict[str, object] = {
        "title": part_pages.title_of(drawing),
        "back_href": _edit_href(thing),
        "drawing": part_pages.drawing_shown(drawing),
        "part_choices": [(part.id, f"{part.number} {part_pages.name_of(part)}", part.id in marked) for part in tree],
        "next_part": next((part.id for part in tree if part.id not in marked), None),
    }
    return show(request, "drawing_marks.html", context, place="things")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_figure(request: HttpRequest, thing_id: int) -> HttpResponse:
    """Publish a figure."""
    thing = _described(request, thing_id)
    form = FigureForm(request.POST or None, tree=queries.list_parts(_viewer(request), thing.id))
    return _answer(
        request,
        thing,
        form,
        _("Add a figure"),
        lambda now: operations.add_figure(actor=actor_of(request), thing_id=thing.id, draft=form.draft(), now=now),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def renew_figure(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Publish a new version of a figure."""
    figure = queries.get_figure_for(_viewer(request), figure_id)
    thing = _described(request, figure.thing_id)
    form = ValueForm(request.POST) if request.method == "POST" else ValueForm.of(figure)
    return _answer(
        request,
        thing,
        form,
        _("New version of “%(title)s”") % {"title": part_pages.quantity_of(figure)},
        lambda now: operations.renew_figure(actor=actor_of(request), figure_id=figure_id, said=form.said(), now=now),
    )


def _answer_with_picture(
    request: HttpRequest,
    thing: Thing,
    form: forms.Form,
    title: str,
    effect: Callable[[datetime, Picture], object],
) -> HttpResponse:
    """The same as `_answer`, with a picture that is taken in before the transaction."""
    if request.method == "POST" and form.is_valid():
        try:
            (picture,) = serving.take_in([form.cleaned_data["picture"]])
        except DomainError as refused:
            count_refusal(refused)
            form.add_error("picture", text_of(refused))
            return _form_page(request, thing, form, title, status=status_of(refused))
        return _answer(request, thing, form, title, lambda now: effect(now, picture))
    return _answer(request, thing, form, title, lambda now: None)


def _answer(
    request: HttpRequest, thing: Thing, form: forms.Form, title: str, effect: Effect, *, retire_href: str = ""
) -> HttpResponse:
    """The form, or once it is sent and right what it does, and then the page that it belongs to."""
    if request.method != "POST":
        return _form_page(request, thing, form, title, retire_href=retire_href)
    if not form.is_valid():
        return _form_page(request, thing, form, title, status=422, retire_href=retire_href)

    def entry(now: datetime) -> str:
        effect(now)
        return _edit_href(thing)

    try:
        answer = once(request, actor_of(request), entry)
    except DomainError as refused:
        count_refusal(refused)
        form.add_error(None, text_of(refused))
        return _form_page(request, thing, form, title, status=status_of(refused), retire_href=retire_href)
    messages.success(request, _("Published"))
    return answer


def _form_page(
    request: HttpRequest,
    thing: Thing,
    form: forms.Form,
    title: str,
    *,
    status: int = 200,
    retire_href: str = "",
) -> HttpResponse:
    context: dict[str, object] = {
        "title": title,
        "thing_name": covers.name_of(thing),
        "back_href": _edit_href(thing),
        "form": form,
        "retire_href": retire_href,
    }
    return show(request, "part_form.html", context, place="things", status=status)


def _viewer(request: HttpRequest) -> Viewer:
    return get_viewer(actor_of(request).person_id)


def _described(request: HttpRequest, thing_id: int) -> Thing:
    """A thing that who asks may describe. Raises `ThingNotFound`, `NotTheMaker`, `FormMalformed` for a variant."""
    thing = queries.get_thing_for(_viewer(request), thing_id)
    if not queries.may_describe(actor_of(request), thing):
        raise things_errors.NotTheMaker()
    if thing.kind is ThingKind.VARIANT:
        raise errors.FormMalformed()
    return thing


def _part(request: HttpRequest, part_id: int) -> tuple[Part, Thing]:
    part = queries.get_part_for(_viewer(request), part_id)
    thing = _described(request, part.thing_id)
    if part.is_retired:
        raise things_errors.PartNotFound()
    return part, thing


def _drawing(request: HttpRequest, drawing_id: int) -> tuple[Drawing, Thing]:
    drawing = queries.get_drawing_for(_viewer(request), drawing_id)
    return drawing, _described(request, drawing.thing_id)


def _edit_href(thing: Thing) -> str:
    return reverse("storefront:edit-parts", args=[thing.id])
