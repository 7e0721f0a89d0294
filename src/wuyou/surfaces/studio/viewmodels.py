"""What the studio's templates are given."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from wuyou.domains.catalog.types import Product, Shop
from wuyou.kernel import tokens
from wuyou.surfaces.studio.access import Desk
from wuyou.surfaces.ui import goods_pictures, parts
from wuyou.surfaces.ui.once import KEY_FIELD
from wuyou.surfaces.ui.texts import in_language


def show(
    request: HttpRequest, desk: Desk, template: str, current: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Render a page of the studio."""
    shell = {
        "console_name": _("Studio"),
        "console_nav": _navigation(desk),
        "nav_current": current,
        "home_href": reverse("studio:overview"),
        "idempotency_key": tokens.new_token(),
        "key_field": KEY_FIELD,
    }
    return render(request, f"studio/{template}.html", shell | context, status=status)


def title_of(product: Product) -> str:
    """A product's title in the reader's language."""
    return in_language(product.title, product.title_en)


def picture_of(product: Product) -> str:
    """What a product looks like."""
    return goods_pictures.picture_of(product)


def shop_name(shop: Shop | None) -> str:
    """A shop's name in the reader's language."""
    return in_language(shop.name, shop.name_en) if shop else ""


def _navigation(desk: Desk) -> tuple[parts.NavGroup, ...]:
    def item(key: str, label: str, icon: str) -> parts.NavItem:
        return parts.NavItem(key, label, reverse(f"studio:{key}"), icon)

    return (
        parts.NavGroup("", (item("overview", _("Overview"), "layout-dashboard"),)),
        parts.NavGroup(
            _("What comes of it"),
            (
                item("posts", _("My posts"), "photo"),
                item("fans", _("Who follows me"), "users-group"),
                item("awards", _("Awards"), "award"),
            ),
        ),
        parts.NavGroup(
            _("Promoting"),
            (
                item("library", _("Choose goods"), "search"),
                parts.NavItem("selections", _("Lists of goods"), reverse("storefront:selections"), "heart"),
                item("merchants", _("Shops that fit me"), "building-store"),
                item("slots", _("Places for links"), "map-pin"),
                item("packets", _("Red packets"), "gift"),
                item("collaborations", _("Collaborations"), "users"),
            ),
        ),
        parts.NavGroup(_("Recruiting"), (item("activities", _("Activities"), "speakerphone"),)),
        parts.NavGroup(
            _("Earned"),
            (
                parts.NavItem("earnings", _("Earnings"), reverse("storefront:earnings"), "coin"),
                item("holds", _("Held commissions"), "lock"),
                item("reversals", _("Taken back"), "arrow-back-up"),
                parts.NavItem("links", _("My links"), reverse("storefront:links"), "link"),
                parts.NavItem("storefront", _("Storefront"), reverse("storefront:me"), "building-store"),
            ),
        ),
    )
