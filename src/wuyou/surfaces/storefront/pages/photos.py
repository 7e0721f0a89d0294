"""Photos of copies: shown to whoever sees the copy at this moment, and changed by its owner."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.ui import places, serving


@require_safe
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A photo of a copy, for whoever sees the copy now.

    Raises: `PhotoNotFound` for everyone else. Cost: those of a viewer, one query, and one file, none when it is known.
    """
    photo = things.get_photo_for(get_viewer(viewer_id(request)), photo_id)
    return serving.serve(request, photo.key, width)


@require_POST
@signed_in
def add_photos(request: HttpRequest, holding_id: int) -> HttpResponse:
    """Take in the photos that were sent and put them after the others; all of them or none."""
    actor, now = actor_of(request), utc_now()
    holding = things.get_holding_for(make_viewer(actor.person_id, within=actor.person_id), holding_id)
    taken = serving.take_in(request.FILES.getlist("photos"))
    if not taken:
        raise errors.NoFile()
    db.in_transaction(
        lambda: operations.add_photos(actor=actor, holding_id=holding.id, pictures=taken, now=now),
    )
    count = len(taken)
    messages.success(request, ngettext("%(n)s photo added", "%(n)s photos added", count) % {"n": count})
    return redirect("storefront:copy", holding_id)


@require_POST
@signed_in
def change_photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Take a photo of one's own away, or give it another place: `do` is remove, first, earlier or later."""
    actor, what = actor_of(request), request.POST.get("do", "")
    viewer = make_viewer(actor.person_id, within=actor.person_id)
    holding_id = things.get_photo_for(viewer, photo_id).holding_id
    if what == "remove":
        db.in_transaction(
            lambda: operations.remove_photos(actor=actor, holding_id=holding_id, photo_ids=[photo_id]),
        )
    elif what in places.STEPS:

        def move() -> None:
            order = [photo.id for photo in things.photos_by_holding(viewer, [holding_id]).get(holding_id, ())]
            order = places.moved(order, photo_id, what)
            operations.order_photos(actor=actor, holding_id=holding_id, photo_ids=order)

        db.in_transaction(move)
    else:
        raise errors.FormMalformed()
    return redirect("storefront:edit-copy", holding_id)
