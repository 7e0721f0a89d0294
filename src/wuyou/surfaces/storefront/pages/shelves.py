"""One's shelves: made, named, put in order, taken down."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from wuyou.domains.things import operations
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import make_viewer
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui import places


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def show_shelves(request: HttpRequest) -> HttpResponse:
    """All of one's shelves in their order, and a place to make one."""
    actor = actor_of(request)
    if request.method == "POST":
        name, now = request.POST.get("name", ""), utc_now()
        db.in_transaction(lambda: operations.make_shelf(actor=actor, name=name, now=now))
        messages.success(request, _("The shelf stands"))
        return redirect("storefront:shelves")
    me = actor.person_id
    return show(request, "shelves.html", {"shelves": things.list_shelves(make_viewer(me), me)}, place="things")


@require_POST
@signed_in
def change_shelf(request: HttpRequest, shelf_id: int) -> HttpResponse:
    """Name a shelf anew, move it by one place, or take it down: `do` is rename, earlier, later or remove."""
    actor, what = actor_of(request), request.POST.get("do", "")
    if what == "rename":
        name, now = request.POST.get("name", ""), utc_now()
        db.in_transaction(lambda: operations.rename_shelf(actor=actor, shelf_id=shelf_id, name=name, now=now))
    elif what == "remove":
        db.in_transaction(lambda: operations.remove_shelf(actor=actor, shelf_id=shelf_id))
        messages.success(request, _("The shelf is gone; what stood on it stays yours"))
    elif what in {"earlier", "later"}:
        me = actor.person_id

        def move() -> None:
            order = [shelf.id for shelf in things.list_shelves(make_viewer(me), me)]
            operations.order_shelves(actor=actor, shelf_ids=places.moved(order, shelf_id, what))

        db.in_transaction(move)
    else:
        raise errors.FormMalformed()
    return redirect("storefront:shelves")
