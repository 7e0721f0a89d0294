"""The page of a product: as a page, and as a sheet over the feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.policies import may
from wuyou.domains.catalog.types import Permission, Product
from wuyou.domains.content import queries as content
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity import queries as identity
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as bought
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors, trail
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.forms import CART, BuyForm
from wuyou.surfaces.storefront.pages.coupons import offers_of
from wuyou.surfaces.storefront.pages.links import carry
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.trail import Trail
from wuyou.surfaces.storefront.viewmodels import covers, goods, lines, post_cards, teams
from wuyou.surfaces.ui import serving
from wuyou.surfaces.ui.context import asks_for_sheet
from wuyou.surfaces.ui.names import name_of
from wuyou.surfaces.ui.parsing import optional_id

TEAMS_SHOWN = 5
POSTS_SHOWN = 8


@require_safe
def show_product(request: HttpRequest, product_id: int) -> HttpResponse:
    """A product with both prices and the teams that one can join."""
    way = trail.of(request)
    return carry(request, page(request, product_id, optional_id(request, "variant"), way), way.via)


@require_safe
def show_photo(request: HttpRequest, photo_id: int, width: int) -> HttpResponseBase:
    """A shop's photograph of a product, for everybody while it is on the shelves, and after that for who bought it.

    Raises: `PhotoNotFound` for everyone else. Cost: one query, three for what is off the shelves.
    """
    try:
        photo = catalog.get_shown_photo(photo_id)
    except catalog_errors.PhotoNotFound:
        product_id = catalog.find_product_of_photo(photo_id)
        if product_id is None or not _may_look_back(request, product_id):
            raise
        photo = catalog.get_shown_photo(photo_id, also_unlisted=[product_id])
    return serving.serve(request, photo.key, width)


def _may_look_back(request: HttpRequest, product_id: int) -> bool:
    if not request.user.is_authenticated:
        return False
    return request.user.is_staff or bought.has_bought(request.user.pk, product_id)


@require_POST
def choose(request: HttpRequest, product_id: int) -> HttpResponse:
    """Take the choice made on the page to the review, or into the cart."""
    form = BuyForm(request.POST)
    if not form.is_valid():
        raise errors.FormMalformed()
    if form.cleaned_data["way"] == CART:
        return put_in_cart(request, product_id, form.cleaned_data["variant"], form.cleaned_data["quantity"])
    query = urlencode({name: form.cleaned_data[name] for name in ("way", "variant", "quantity")})
    return redirect(trail.of(request).on(f"{reverse('storefront:checkout')}?{query}"))


@signed_in
def put_in_cart(request: HttpRequest, product_id: int, variant_id: int, quantity: int) -> HttpResponse:
    """Put so many aside and stay on the page."""
    actor, now = actor_of(request), utc_now()
    db.in_transaction(
        lambda: orders.put_in_cart(actor=actor, variant_id=variant_id, quantity=quantity, now=now),
    )
    messages.success(request, _("It is in your cart"))
    return redirect(trail.of(request).on(lines.href_of(product_id)))


def page(request: HttpRequest, product_id: int, variant_id: int | None, way: Trail) -> HttpResponse:
    """A product as a page or a sheet, for who came this way."""
    now = utc_now()
    product = catalog.get_product(product_id)
    shop = catalog.get_shop(product.shop_id)
    running = groupbuy.list_open_teams(product_id, now, limit=TEAMS_SHOWN)
    thing = things.things_by_product([product_id]).get(product_id)
    shown = goods.product_page(
        product,
        shop=shop,
        campaign=groupbuy.campaigns_by_product([product_id], now).get(product_id),
        available=inventory.available_by_variant(variant.id for variant in product.variants),
        running=running,
        persons=identity.persons_by_id(teams.people_of(running)) if running else {},
        photos=catalog.photos_of(product_id) if product.photo_id else (),
        viewer_id=viewer_id(request),
        wanted_variant=variant_id,
    )
    context: dict[str, object] = {
        "product": replace(
            shown,
            href=way.on(shown.href),
            teams=tuple(way.on_row(team) for team in shown.teams),
            my_teams=tuple(way.on_row(team) for team in shown.my_teams),
        ),
        "trail": way,
        "now": now,
        "is_sheet": asks_for_sheet(request),
        "recommended_by": _who_led_here(way.via, product, now),
        "shop_id": product.shop_id,
        "thing_href": covers.href_of(thing.id) if thing else "",
        "offers": offers_of(request, product, now),
        "posts": _posts_of(request, thing.id) if thing else (),
        "is_described_here": request.user.is_authenticated and may(actor_of(request), shop, Permission.GOODS),
    }
    return show(request, "product.html", context, place="home")


def _posts_of(request: HttpRequest, thing_id: int) -> tuple[post_cards.PostCard, ...]:
    viewer = get_viewer(viewer_id(request))
    return post_cards.of_posts(viewer, content.list_by_thing(viewer, [thing_id], limit=POSTS_SHOWN).items)


def _who_led_here(via: str, product: Product, now: datetime) -> str:
    """The name of who earns a share when the reader buys, because the reader came by their link; else empty."""
    link = alliance.find_link_by_token(via) if via else None
    if link is None or link.product_id != product.id:
        return ""
    plan = alliance.find_plan(shop_id=product.shop_id, product_id=product.id, at=now)
    if plan is None or not plan.rate_bps:
        return ""
    return name_of(identity.get_person(alliance.get_publisher(link.publisher_id).user_id))
