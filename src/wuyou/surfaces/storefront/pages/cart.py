"""The cart: what somebody put aside to buy alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as orders_queries
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront import errors
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.forms import CartForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import buying
from wuyou.surfaces.ui.parts import Action, Empty


@require_safe
@signed_in
def show_cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart, at today's prices, shop by shop."""
    kept = orders_queries.list_cart(actor_of(request).person_id)
    variants = catalog.variants_by_id(line.variant_id for line in kept) if kept else {}
    shops = buying.cart(
        kept,
        variants,
        catalog.products_by_id(variant.product_id for variant in variants.values()),
        catalog.shops_by_id(variant.shop_id for variant in variants.values()) if variants else {},
        inventory.available_by_variant(variants) if variants else {},
        {"gone": _("No longer sold"), "few": _("Only %(left)s left")},
    )
    nothing = Empty(
        _("Your cart is empty"),
        _("Put things aside here and order them together. Teams are ordered one by one."),
        "basket",
        Action(_("Look around"), reverse("storefront:home"), "primary"),
    )
    return show(request, "cart.html", {"shops": shops, "empty": nothing})


@require_POST
@signed_in
def change_cart(request: HttpRequest) -> HttpResponse:
    """Change how many of a variant the cart holds; 0 takes it out."""
    form = CartForm(request.POST)
    if not form.is_valid():
        raise errors.FormMalformed()
    actor, now = actor_of(request), utc_now()
    variant_id, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
    db.in_transaction(
        lambda: orders.put_in_cart(actor=actor, variant_id=variant_id, quantity=quantity, now=now),
    )
    if not quantity:
        messages.success(request, _("Taken out of your cart"))
    return redirect("storefront:cart")
