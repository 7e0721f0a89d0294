"""Putting things here: by hand, from what is known already, by photo, from a file of another place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import (
    HoldingDraft,
    HoldingSource,
    HoldingState,
    ImportReport,
    RowFault,
    Thing,
    ThingKind,
)
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.sight import ONLY_ME, AudienceRule, make_viewer
from wuyou.surfaces.storefront import audience, errors, taken
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.copy_forms import NewCopyForm, NewThingForm, labels_in, words_of
from wuyou.surfaces.storefront.forms import SearchForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.taken import Taken
from wuyou.surfaces.storefront.viewmodels import covers, lines
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import judging, serving
from wuyou.surfaces.ui.errors import count_refusal, text_of
from wuyou.surfaces.ui.parsing import optional_id, read_id

FOUND = 24


@dataclass(frozen=True, slots=True)
class Match:
    """A thing that it may be."""

    title: str
    cover: Cover
    href: str


@dataclass(frozen=True, slots=True)
class What:
    """What is being put here: a thing, a variant of the catalogue, or something new; and a photo that led to it."""

    thing_id: int | None
    variant_id: int | None
    name: str
    waiting: Taken | None


@require_safe
@signed_in
def show_ways(request: HttpRequest) -> HttpResponse:
    """The ways to put something here; `q` looks among what is sold here, with the `picture` that was taken of it."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    waiting = taken.carried(request.GET["picture"], actor_of(request)) if request.GET.get("picture") else None
    context: dict[str, object] = {
        "words": words,
        "matches": _matches(words, waiting) if words else (),
        "by_hand_href": _new_href(waiting, name=words),
        "waiting": waiting,
        "photo": covers.of_taken(waiting) if waiting else None,
    }
    return show(request, "thing_add.html", context, place="things")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new_copy(request: HttpRequest) -> HttpResponse:
    """Say what it is, how it stands and to whom it is open. Sent once, it is put here once."""
    actor = actor_of(request)
    sent = request.POST if request.method == "POST" else request.GET
    what = _what(request, actor, sent.get("picture", ""))
    thing = _thing_of(what, actor)
    if request.method != "POST":
        form = NewCopyForm(initial={"state": "WANT" if request.GET.get("state") == "WANT" else "OWN"})
        return _show_form(request, actor, what, thing, form, NewThingForm(initial={"name": what.name}))
    form = NewCopyForm(request.POST, latest=business_date(utc_now()))
    naming = NewThingForm(request.POST)
    is_named = thing is not None or what.variant_id is not None or naming.is_valid()
    if not form.is_valid() or not is_named:
        return _show_form(request, actor, what, thing, form, naming)
    rule = audience.rule_from(request.POST, actor.person_id)
    shelf_id = _shelf_of(request)
    photos = serving.take_in(request.FILES.getlist("photos"))
    if what.waiting:
        photos.insert(0, what.waiting.picture)
    words = words_of(form)

    def effect(now: datetime) -> str:
        draft = HoldingDraft(
            _ensure_thing(what, thing, naming, now).id,
            HoldingState(form.cleaned_data["state"]),
            HoldingSource.HAND,
            words.condition,
            words.since_on,
            words.story,
            words.rating,
            words.fields,
            audience=rule,
        )
        holding = operations.add_holding(actor=actor, draft=draft, now=now)
        labels = labels_in(form.cleaned_data["labels"])
        if labels:
            operations.label_holdings(actor=actor, holding_ids=[holding.id], add=labels)
        if shelf_id is not None:
            operations.put_on_shelf(actor=actor, holding_ids=[holding.id], shelf_id=shelf_id)
        if photos:
            operations.add_photos(actor=actor, holding_id=holding.id, pictures=photos, now=now)
        return reverse("storefront:copy", args=[holding.id])

    try:
        answer = once(request, actor, effect)
    except judging.REFUSALS as refused:
        count_refusal(refused)
        form.add_error(None, text_of(refused))
        return _show_form(request, actor, what, thing, form, naming, rule)
    messages.success(request, _("It has its place now"))
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def import_file(request: HttpRequest) -> HttpResponse:
    """Bring a list from another place: look first, then take it in."""
    actor = actor_of(request)
    if request.method != "POST":
        return show(request, "thing_import.html", {}, place="things")
    file = request.FILES.get("file")
    if file is None:
        raise errors.NoFile()
    content, now = file.read(), utc_now()
    today = business_date(now)
    if request.POST.get("do") == "look":
        report = things.preview_import(actor.person_id, content, today)
        return show(request, "thing_import.html", {"report": report, "bad": _bad(report)}, place="things")
    report = db.in_transaction(
        lambda: operations.import_holdings(actor=actor, content=content, today=today, now=now),
    )
    count = report.added_count
    messages.success(request, ngettext("%(n)s thing has come", "%(n)s things have come", count) % {"n": count})
    if report.bad:
        return show(
            request, "thing_import.html", {"report": report, "bad": _bad(report), "is_done": True}, place="things"
        )
    return redirect("storefront:my-things")


_FAULTS: Mapping[RowFault, object] = {
    RowFault.TITLE: gettext_lazy("no title, or too long a one"),
    RowFault.CREATOR: gettext_lazy("the author is too long"),
    RowFault.ISBN: gettext_lazy("this ISBN cannot be right"),
    RowFault.STATE: gettext_lazy("an unknown status"),
    RowFault.DATE: gettext_lazy("not a date, or one that is still to come"),
    RowFault.RATING: gettext_lazy("the rating is not from 1 to 5"),
    RowFault.COMMENT: gettext_lazy("the comment is too long"),
    RowFault.TWICE: gettext_lazy("the same stands in an earlier line"),
    RowFault.SHAPE: gettext_lazy("more cells than the head has"),
}


def _bad(report: ImportReport) -> list[tuple[int, str, object]]:
    """The first rows that cannot be read: line, title and fault in words."""
    return [(row.line, row.title, _FAULTS[row.fault]) for row in report.bad[:50]]


def _what(request: HttpRequest, actor: Actor, token: str) -> What:
    return What(
        optional_id(request, "thing"),
        optional_id(request, "variant"),
        request.GET.get("name", "")[:200],
        taken.carried(token, actor) if token else None,
    )


def _thing_of(what: What, actor: Actor) -> Thing | None:
    """The thing that was chosen, where there is one already. Raises `ThingNotFound`."""
    if what.thing_id is not None:
        return things.get_thing_for(get_viewer(actor.person_id), what.thing_id)
    if what.variant_id is not None:
        return things.things_by_variant([what.variant_id]).get(what.variant_id)
    return None


def _ensure_thing(what: What, thing: Thing | None, naming: NewThingForm, now: datetime) -> Thing:
    if thing is not None:
        return thing
    if what.variant_id is not None:
        return operations.ensure_variants(variant_ids=[what.variant_id], now=now)[what.variant_id]
    return operations.add_thing(
        kind=ThingKind.MODEL, name=naming.cleaned_data["name"], brand=naming.cleaned_data["brand"], now=now
    )


def _shelf_of(request: HttpRequest) -> int | None:
    text = request.POST.get("shelf", "")
    return read_id(text) if text else None


def _show_form(
    request: HttpRequest,
    actor: Actor,
    what: What,
    thing: Thing | None,
    form: NewCopyForm,
    naming: NewThingForm,
    rule: AudienceRule = ONLY_ME,
) -> HttpResponse:
    me = actor.person_id
    cover, title = None, ""
    if thing is not None:
        cover, title = covers.of_things(get_viewer(me), [thing])[thing.id], covers.name_of(thing)
    elif what.variant_id is not None:
        cover = _cover_of_variant(what.variant_id)
        title = cover.title
    context: dict[str, object] = {
        "form": form,
        "naming": None if cover else naming,
        "cover": cover,
        "title": title,
        "waiting": what.waiting,
        "photo": covers.of_taken(what.waiting) if what.waiting else None,
        "shelves": things.list_shelves(make_viewer(me), me),
        "audience": audience.field_of(me, rule),
        "action_href": request.get_full_path(),
    }
    return show(request, "copy_new.html", context, place="things", status=422 if form.errors or naming.errors else 200)


def _cover_of_variant(variant_id: int) -> Cover:
    variant = catalog.variants_by_id([variant_id]).get(variant_id)
    if variant is None:
        raise catalog_errors.VariantNotFound()
    product = catalog.products_by_id([variant.product_id])[variant.product_id]
    return covers.of_product(product, lines.variant_name(variant))


def _new_href(waiting: Taken | None, **said: object) -> str:
    """Where to say more of what it is; the picture goes along."""
    if waiting:
        said["picture"] = waiting.token
    return f"{reverse('storefront:new-copy')}?{urlencode(said)}"


def _matches(words: str, waiting: Taken | None) -> tuple[Match, ...]:
    """Goods whose title holds these words, one for each product. Cost: two queries."""
    found = catalog.list_products(words=words, limit=FOUND).items
    return tuple(
        Match(
            lines.title_of(product),
            covers.of_product(product),
            _new_href(waiting, variant=product.variants[0].id),
        )
        for product in found
    )
