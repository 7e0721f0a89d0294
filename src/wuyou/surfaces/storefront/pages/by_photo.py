"""Putting a thing here by a picture of it: what looks alike is offered, and one tap keeps it with the picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.domains.things.types import HoldingDraft, Lookalike, Thing
from wuyou.infra import pictures
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.surfaces.storefront import errors, taken
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import covers
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import pictures as shipped
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.parsing import read_id

MOST = 12


@dataclass(frozen=True, slots=True)
class Match:
    """A thing or a product that it may be: what the form's button sends."""

    kind: str
    id: int
    cover: Cover


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def add_by_photo(request: HttpRequest) -> HttpResponse:
    """Take a picture in, and show what looks like it: things of which the reader may see a photo, and what is sold."""
    actor = actor_of(request)
    if request.method == "POST":
        sent = serving.take_in([file for file in request.FILES.getlist("photo") if file.size][:1])
        if not sent:
            raise errors.NoFile()
        token = taken.carry(sent[0], actor).token
        return redirect(f"{reverse('storefront:add-by-photo')}?{urlencode({'picture': token})}")
    if "picture" not in request.GET:
        return redirect("storefront:add-thing")
    waiting = taken.carried(request.GET["picture"], actor)
    context: dict[str, object] = {
        "waiting": waiting,
        "cover": covers.of_taken(waiting),
        "matches": tuple(_matches(actor, waiting)),
    }
    return show(request, "thing_by_photo.html", context, place="things")


@require_POST
@signed_in
def keep(request: HttpRequest) -> HttpResponse:
    """It is this one: my copy of it, with the picture that was taken; for me alone until I open it."""
    actor = actor_of(request)
    waiting = taken.carried(request.POST.get("picture", ""), actor)
    thing_id, product_id = (read_id(request.POST[name]) if name in request.POST else None for name in _KINDS)
    if (thing_id is None) == (product_id is None):
        raise errors.FormMalformed()
    known = things.get_thing_for(get_viewer(actor.person_id), thing_id).id if thing_id is not None else None
    variants = [each.id for each in catalog.get_product(product_id).variants] if product_id is not None else []

    def effect(now: datetime) -> str:
        draft = HoldingDraft(known if known is not None else _ensure_product(variants, now))
        holding = operations.add_holding(actor=actor, draft=draft, now=now)
        operations.add_photos(actor=actor, holding_id=holding.id, pictures=[waiting.picture], now=now)
        return reverse("storefront:copy", args=[holding.id])

    answer = once(request, actor, effect)
    messages.success(request, _("It has its place now"))
    return answer


@require_safe
@signed_in
def show_taken(request: HttpRequest, width: int) -> HttpResponseBase:
    """One's own picture while it waits."""
    waiting = taken.carried(request.GET.get("picture", ""), actor_of(request))
    return serving.serve(request, waiting.picture.key, width)


_KINDS = ("thing", "product")


def _matches(actor: Actor, waiting: taken.Taken) -> Iterator[Match]:
    """Cost: two queries for things, two for goods where a picture of the set looks alike; the viewer's."""
    try:
        looks = pictures.looks_of(waiting.picture.key)
    except FileNotFoundError as error:  # it waited too long, and was swept
        raise errors.FormMalformed() from error
    found = things.list_lookalikes(get_viewer(actor.person_id), looks, limit=MOST)
    yield from (Match("thing", one.thing.id, _cover(one)) for one in found)
    names = shipped.alike(looks)
    known = {one.thing.product_id for one in found}
    for product in catalog.list_pictured(names, limit=MOST) if names else ():
        if product.variants and product.id not in known:
            yield Match("product", product.id, covers.of_product(product))


def _cover(one: Lookalike) -> Cover:
    return covers.of_photo(one.photo, covers.name_of(one.thing), one.thing.brand)


def _ensure_product(variant_ids: Iterable[int], now: datetime) -> int:
    """The thing that a product is: of several forms, its model, because a picture does not say which."""
    made: list[Thing] = list(operations.ensure_variants(variant_ids=list(variant_ids), now=now).values())
    only = made[0]
    return only.id if len(made) == 1 or only.parent_id is None else only.parent_id
