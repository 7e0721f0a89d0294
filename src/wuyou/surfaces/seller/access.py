"""Who may stand at the workbench of a shop, and doing what its forms ask once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Permission, Shop
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import queries as orders
from wuyou.domains.orders.types import Order
from wuyou.kernel.actor import Actor
from wuyou.surfaces.ui import doors
from wuyou.surfaces.ui.hrefs import href

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who stands at the workbench, of which of their shops."""

    actor: Actor
    shop: Shop
    shops: tuple[Shop, ...]
    """All that they own or work in."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What they may do here."""
        return self.shop.permissions_of(self.actor.user_id)

    @property
    def is_owner(self) -> bool:
        return self.actor.user_id == self.shop.owner_id

    def href(self, page: str, *args: object) -> str:
        """A page of this shop's workbench."""
        return reverse(f"seller:{page}", args=[self.shop.id, *args])

    def photo(self, photo_id: int, width: int) -> str:
        """Where a photograph of this shop stands for who runs it."""
        return href("seller:photo", self.shop.id, photo_id, width)


DeskView = Callable[Concatenate[HttpRequest, Desk, P], HttpResponseBase]


def clerks_with(
    *needed: Permission,
) -> Callable[[DeskView[P]], Callable[..., HttpResponseBase]]:
    """Let in who owns the shop that the address names, or works there and may do this; staff like anybody else.

    Strangers are sent to sign in; everybody else finds no such shop, whether there is one or not: so what one may not
    do is not there. It is asked anew each time, so who is sent away is out at once. Answers are never cached.
    Cost: one query besides who is signed in.
    """

    def guard(view: DeskView[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, shop_id: int, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            def inside(actor: Actor) -> HttpResponseBase:
                shops = catalog.list_desks_of(actor.person_id)
                shop = next((each for each in shops if each.id == shop_id), None)
                if shop is None or not shop.permissions_of(actor.user_id) >= set(needed):
                    raise catalog_errors.ShopNotFound()
                return view(request, Desk(actor, shop, shops), *args, **kwargs)

            return doors.let_in(request, "seller:enter", inside)

        guarded.needs = frozenset(needed)  # type: ignore[attr-defined]
        return guarded

    return guard


def any_clerk(view: DeskView[P]) -> Callable[..., HttpResponseBase]:
    """Let in who owns the shop, or works there as whatever; what they see is for the view to say."""
    return clerks_with()(view)


def enter(request: HttpRequest) -> HttpResponseBase:
    """The workbench of one's first shop; else where one is asked to work. Raises `ShopNotFound`."""

    def inside(actor: Actor) -> HttpResponseBase:
        shops = catalog.list_desks_of(actor.person_id)
        if not shops and catalog.list_invitations(actor.person_id):
            return redirect("seller:invitations")
        if not shops:
            raise catalog_errors.ShopNotFound()
        return redirect(reverse("seller:overview", args=[shops[0].id]))

    return doors.let_in(request, "seller:enter", inside)


def sold_order(desk: Desk, order_no: str) -> Order:
    """An order of this shop. Raises `OrderNotFound`, for what one bought and for one's other shops too."""
    order = orders.get_order_for(desk.actor, order_no)
    if order.shop_id != desk.shop.id:
        raise orders_errors.OrderNotFound()
    return order


def change(request: HttpRequest, desk: Desk, effect: Callable[[datetime], str], said: str) -> HttpResponse:
    """Do what a form asks once, say so, and go where `effect` leads. Raises what it refuses; nothing changed then."""
    return doors.change(request, desk.actor, effect, said)
