"""What somebody earns by bringing people, and the links that do it."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.alliance.types import Earnings
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.content import queries as content
from wuyou.domains.content.types import Post
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.storefront.access import actor_of, signed_in
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import earnings
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Figure, Paging, Tab


@require_safe
@signed_in
def show_earnings(request: HttpRequest) -> HttpResponse:
    """Sums by state, and every sale with base × rate × share."""
    user_id = actor_of(request).person_id
    publisher = alliance.find_publisher(user_id)
    page = alliance.list_conversions(user_id, cursor=optional_id(request, "after"))
    products = catalog.products_by_id(conversion.product_id for conversion in page.items)
    posts = _own_posts(user_id, (conversion.slot_name for conversion in page.items))
    context: dict[str, object] = {
        "tabs": earning_tabs("earnings"),
        "figures": _figures(alliance.earnings_of(user_id)),
        "lines": [
            line
            for conversion in page.items
            for line in earnings.earning_lines(conversion, publisher.id if publisher else 0, products, posts)
        ],
        "paging": Paging(next_href=f"?after={page.next_cursor}" if page.next_cursor else ""),
        "empty": _nothing(),
    }
    return show(request, "earnings.html", context, place="earnings")


@require_safe
@signed_in
def list_links(request: HttpRequest) -> HttpResponse:
    """One's own links, with clicks and sales."""
    user_id = actor_of(request).person_id
    page = alliance.list_links(user_id, cursor=optional_id(request, "after"))
    products = catalog.products_by_id(line.link.product_id for line in page.items)
    posts = _own_posts(user_id, (line.slot_name for line in page.items))
    context: dict[str, object] = {
        "tabs": earning_tabs("links"),
        "links": [
            earnings.link_row(
                line, request.build_absolute_uri(reverse("storefront:link", args=[line.link.token])), products, posts
            )
            for line in page.items
        ],
        "paging": Paging(next_href=f"?after={page.next_cursor}" if page.next_cursor else ""),
        "empty": _nothing(),
    }
    return show(request, "links.html", context, place="earnings")


def _own_posts(user_id: int, slot_names: Iterable[str]) -> dict[int, Post]:
    """The reader's own posts that brought something. Cost: six queries at most, none when no post did."""
    named = earnings.posts_named(slot_names)
    if not named:
        return {}
    found = content.posts_by_id(get_viewer(user_id), named)
    return {post_id: post for post_id, post in found.items() if post.owner_id == user_id}


def earning_tabs(current: str) -> tuple[Tab, ...]:
    """The three pages of what somebody earns."""
    return (
        Tab(_("Sales"), reverse("storefront:earnings"), current == "earnings"),
        Tab(_("My links"), reverse("storefront:links"), current == "links"),
        Tab(_("Statements"), reverse("storefront:statements"), current == "statements"),
    )


def _figures(sums: Earnings) -> tuple[Figure, ...]:
    """The balance first, then what it is made of, then what may still come."""
    return (
        Figure(_("Balance"), sums.balance, _("Settled, less reversed, less what was paid out to you.")),
        Figure(_("Paid out to you"), sums.paid_out, _("Left the platform for your account.")),
        Figure(_("Settled"), sums.settled, _("The return window is over, and it is booked to you.")),
        Figure(_("Reversed"), sums.reversed, _("Taken back because of a refund after it was settled.")),
        Figure(_("Confirmed"), sums.confirmed, _("The buyer has the goods, and may still return them.")),
        Figure(_("Estimated"), sums.estimated, _("Paid by the buyer. It is yours only if they keep the goods.")),
    )


def _nothing() -> Empty:
    return Empty(
        _("Nothing earned yet"),
        _("Open a team and share its link: when friends join by it and the shop pays commission, you get a share."),
        "gift",
        Action(_("Find something to share"), reverse("storefront:home"), "primary"),
    )
