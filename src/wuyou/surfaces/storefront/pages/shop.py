"""What somebody who runs a shop must do: send, refund, and decide on teams that do not fill."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Shop
from wuyou.domains.complaints import queries as complaints_queries
from wuyou.domains.groupbuy import operations as groupbuy
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.identity import queries as identity
from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.orders import operations, policies, queries
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, once, signed_in
from wuyou.surfaces.storefront.forms import RefundForm
from wuyou.surfaces.storefront.parsing import optional_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import complaints, selling
from wuyou.surfaces.ui.parts import Empty, Paging, Tab


@require_safe
@signed_in
def show_orders(request: HttpRequest) -> HttpResponse:
    """Orders that wait to be sent; `state=all` shows every order."""
    shops, shop = _shops(request)
    is_all = request.GET.get("state") == "all"
    page = queries.list_orders_of_shop(
        shop.id,
        payment=None if is_all else PaymentState.PAID,
        fulfilment=() if is_all else (FulfilmentState.READY,),
        cursor=optional_id(request, "after"),
    )
    buyers = identity.persons_by_id(order.buyer_id for order in page.items) if page.items else {}
    state = "&state=all" if is_all else ""
    context: dict[str, object] = {
        "shops": selling.switcher(shops, shop),
        "shop": selling.sign(shop),
        "tabs": _tabs(shop, "all" if is_all else "send"),
        "orders": [selling.sold(order, buyers[order.buyer_id]) for order in page.items],
        "paging": Paging(next_href=f"?shop={shop.id}{state}&after={page.next_cursor}" if page.next_cursor else ""),
        "empty": Empty(_("Nothing waits to be sent"), _("Paid orders appear here at once."), "sun-hat"),
    }
    return show(request, "shop_orders.html", context, place="shop")


@require_safe
@signed_in
def show_teams(request: HttpRequest) -> HttpResponse:
    """Running teams of the shop's goods."""
    shops, shop = _shops(request)
    now = utc_now()
    running = groupbuy_queries.list_forming_teams(catalog.list_product_ids(shop.id), now)
    products = catalog.products_by_id(team.product_id for team in running)
    persons = identity.persons_by_id(selling.people_of(running)) if running else {}
    context: dict[str, object] = {
        "shops": selling.switcher(shops, shop),
        "shop": selling.sign(shop),
        "tabs": _tabs(shop, "teams"),
        "teams": [selling.running_team(team, products[team.product_id], persons) for team in running],
        "empty": Empty(_("No team is filling now"), _("As soon as somebody opens one, it is here."), "tent"),
        "now": now,
    }
    return show(request, "shop_teams.html", context, place="shop")


@require_safe
@signed_in
def list_complaints(request: HttpRequest) -> HttpResponse:
    """What buyers say is wrong with what the shop sold."""
    shops, shop = _shops(request)
    page = complaints_queries.list_of_shop(shop.id, cursor=optional_id(request, "after"))
    context: dict[str, object] = {
        "shops": selling.switcher(shops, shop),
        "shop": selling.sign(shop),
        "tabs": _tabs(shop, "complaints"),
        "complaints": [complaints.row(each) for each in page.items],
        "paging": Paging(next_href=f"?shop={shop.id}&after={page.next_cursor}" if page.next_cursor else ""),
        "empty": Empty(_("No complaints"), _("What buyers say is wrong appears here, with its clock."), "tea"),
        "now": utc_now(),
    }
    return show(request, "complaints.html", context, place="shop")


@require_POST
@signed_in
def ship(request: HttpRequest, order_no: str) -> HttpResponse:
    """Hand an order to the carrier."""

    def effect(actor: Actor, now: datetime) -> str:
        order, shop = _sold_order(actor, order_no)
        if not policies.may_ship(actor, shop):
            raise orders_errors.OrderNotFound()
        operations.ship_order(order_id=order.id, now=now)
        return _back(shop)

    return _change(request, effect, _("Marked as sent"))


@require_POST
@signed_in
def refund(request: HttpRequest, order_no: str) -> HttpResponse:
    """Give money back: an amount, or all that is left."""
    form = RefundForm(request.POST)
    if not form.is_valid():
        raise orders_errors.RefundOutOfRange(left_minor=0)
    wanted = form.cleaned_data["amount"]

    def effect(actor: Actor, now: datetime) -> str:
        order, shop = _sold_order(actor, order_no)
        if not policies.may_refund(actor, order, shop):
            raise orders_errors.OrderNotFound()
        minor = None if wanted is None else wanted.scaleb(order.currency.exponent)
        if minor is not None and minor != minor.to_integral_value():
            raise errors.FormMalformed()
        operations.request_refund(
            order_id=order.id, amount_minor=None if minor is None else int(minor), reason="shop", now=now
        )
        return _back(shop)

    return _change(request, effect, _("The money goes back to the buyer"))


@require_POST
@signed_in
def waive(request: HttpRequest, team_id: int) -> HttpResponse:
    """Let a team pass though it is not full."""

    def effect(actor: Actor, now: datetime) -> str:
        groupbuy.waive_rest(actor=actor, team_id=team_id, now=now)
        return reverse("storefront:shop-teams")

    return _change(request, effect, _("The team passes, and its page says why"))


@require_POST
@signed_in
def dissolve(request: HttpRequest, team_id: int) -> HttpResponse:
    """End a team; whoever has paid gets the money back."""

    def effect(actor: Actor, now: datetime) -> str:
        groupbuy.cancel_team(actor=actor, team_id=team_id, now=now)
        return reverse("storefront:shop-teams")

    return _change(request, effect, _("The team is dissolved, and everyone is refunded"))


def _change(request: HttpRequest, effect: Callable[[Actor, datetime], str], said: str) -> HttpResponse:
    actor = actor_of(request)
    response = once(request, actor, lambda now: effect(actor, now))
    messages.success(request, said)
    return response


def _shops(request: HttpRequest) -> tuple[tuple[Shop, ...], Shop]:
    """One's own shops, and the one that the page is about. Raises `ShopNotFound`."""
    shops = catalog.list_shops_of(actor_of(request).person_id)
    wanted = optional_id(request, "shop")
    chosen = next((shop for shop in shops if wanted in (None, shop.id)), None)
    if chosen is None:
        raise catalog_errors.ShopNotFound()
    return shops, chosen


def _sold_order(actor: Actor, order_no: str) -> tuple[Order, Shop]:
    """An order of one's own shop. Raises `OrderNotFound`, for what one bought elsewhere too."""
    order = queries.get_order_for(actor, order_no)
    shop = catalog.get_shop(order.shop_id)
    if shop.owner_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return order, shop


def _back(shop: Shop) -> str:
    return f"{reverse('storefront:shop')}?shop={shop.id}"


def _tabs(shop: Shop, current: str) -> tuple[Tab, ...]:
    orders = _back(shop)
    return (
        Tab(_("To send"), orders, current == "send"),
        Tab(_("Running teams"), f"{reverse('storefront:shop-teams')}?shop={shop.id}", current == "teams"),
        Tab(_("Complaints"), f"{reverse('storefront:shop-complaints')}?shop={shop.id}", current == "complaints"),
        Tab(_("All orders"), f"{orders}&state=all", current == "all"),
    )
