"""One's own corner: where everything of one's own is, language and theme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.ui.parts import NavGroup, NavItem


@require_safe
def show_me(request: HttpRequest) -> HttpResponse:
    """Everything of one's own that has no place in the navigation. Cost: one query besides the shell's."""
    user_id = viewer_id(request)
    return show(request, "me.html", {"menu": _menu(user_id) if user_id else ()}, place="me")


def _menu(user_id: int) -> tuple[NavGroup, ...]:
    """Every page of one's own, by what it is about."""
    selling = [
        NavItem("earnings", _("Earnings"), reverse("storefront:earnings"), "coins"),
        NavItem("selections", _("Lists of goods"), reverse("storefront:selections"), "heart"),
        NavItem("studio", _("Studio"), reverse("studio:overview"), "speakerphone"),
    ]
    has_desk, invitation_count = catalog.count_desks(user_id)
    if has_desk:
        selling.append(NavItem("shop", _("My shop"), reverse("seller:enter"), "building-store"))
    if invitation_count:
        label = _("Work in a shop")
        selling.append(NavItem("invitations", label, reverse("seller:invitations"), "users", count=invitation_count))
    return (
        NavGroup(
            _("Posts"),
            (
                NavItem("my-posts", _("What I have published"), reverse("storefront:my-posts"), "photo"),
                NavItem("drafts", _("Drafts and scheduled"), reverse("storefront:drafts"), "pencil"),
                NavItem("saved-posts", _("Saved"), reverse("storefront:saved-posts"), "bookmark"),
            ),
        ),
        NavGroup(
            _("People"),
            (
                NavItem("people", _("Find people by their things"), reverse("storefront:people"), "user-search"),
                NavItem("friends", _("Friends"), reverse("storefront:friends"), "heart-handshake"),
                NavItem("gifts", _("Gifts"), reverse("storefront:gifts"), "gift"),
                NavItem("awards", _("Awards"), reverse("storefront:awards"), "award"),
            ),
        ),
        NavGroup(
            _("Buying"),
            (
                NavItem("orders", _("Orders"), reverse("storefront:orders"), "receipt"),
                NavItem("coupons", _("My coupons"), reverse("storefront:coupons"), "ticket"),
                NavItem("cart", _("Cart"), reverse("storefront:cart"), "shopping-cart"),
            ),
        ),
        NavGroup(_("Sharing and selling"), tuple(selling)),
        NavGroup(
            _("You"),
            (
                NavItem("faces", _("My faces"), reverse("storefront:faces"), "user-circle"),
                NavItem("privacy", _("Privacy and your data"), reverse("storefront:privacy"), "shield-check"),
                NavItem("reports", _("My reports"), reverse("storefront:reports"), "flag"),
                NavItem("decisions", _("Decisions about what I published"), reverse("storefront:decisions"), "gavel"),
            ),
        ),
    )
