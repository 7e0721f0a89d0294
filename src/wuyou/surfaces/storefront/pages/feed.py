"""What one is shown: of the people one knows, and of what may please."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.feed import operations, queries
from wuyou.domains.feed.types import ItemKind
from wuyou.infra import db
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import actor_of, signed_in, viewer_id
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channels, feed, post_cards
from wuyou.surfaces.ui.hrefs import href
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, Tab

PAGE_SIZE = 24


@require_safe
@signed_in
def show_following(request: HttpRequest) -> HttpResponse:
    """What the people one follows, and one's friends, published, the latest first."""
    viewer = get_viewer(actor_of(request).person_id)
    page = queries.list_timeline(viewer, cursor=optional_id(request, "after"), limit=PAGE_SIZE)
    context: dict[str, object] = {
        "title": _("Following"),
        "tabs": tabs("following", knows_people=True),
        "channel_tabs": channels.strip(),
        "cards": post_cards.of_posts(viewer, page.items),
        "next_href": post_cards.more_href(href("storefront:following"), page.next_cursor),
        "empty": Empty(
            _("Quiet here"),
            _("What the people you follow and your friends publish is here. Find some by the things that you have."),
            "tent",
            Action(_("Find people by their things"), href("storefront:people"), "secondary", "user-search"),
        ),
    }
    return show(request, "following.html", context, place="home")


@require_safe
def show_discover(request: HttpRequest) -> HttpResponse:
    """What may please, each with its reason; the same for everybody who is not signed in or wants nothing personal."""
    viewer, now = get_viewer(viewer_id(request)), utc_now()
    kinds = (ItemKind.PRODUCT,) if request.GET.get("what") == "goods" else (ItemKind.POST,)
    offset = min(optional_id(request, "after") or 0, queries.MOST)
    is_personal = queries.wants_personal(viewer)
    page = queries.list_recommended(viewer, personal=is_personal, now=now, kinds=kinds, offset=offset, limit=PAGE_SIZE)
    here, what = href("storefront:discover"), "goods" if ItemKind.PRODUCT in kinds else ""
    context: dict[str, object] = {
        "title": _("Discover"),
        "tabs": tabs("discover", knows_people=viewer.person_id is not None),
        "channel_tabs": channels.strip(),
        "kinds": (
            Tab(_("Posts"), here, not what),
            Tab(_("Goods"), f"{here}?what=goods", bool(what)),
        ),
        "shown": feed.of_recommended(viewer, page.items, now),
        "is_personal": is_personal,
        "next_href": post_cards.more_href(here, page.next_cursor, what=what),
        "empty": Empty(_("Nothing to discover yet"), _("As soon as somebody shows something, it is here."), "tent"),
    }
    return show(request, "discover.html", context, place="home")


@require_POST
@signed_in
def choose_personal(request: HttpRequest) -> HttpResponse:
    """Whether anything personal decides what one is shown."""
    actor, is_personal = actor_of(request), request.POST.get("personal") == "yes"
    db.in_transaction(lambda: operations.choose_personal(actor=actor, is_personal=is_personal))
    messages.success(
        request,
        _("What you like decides what you are shown") if is_personal else _("You are shown what everybody is"),
    )
    return redirect("storefront:discover")


def tabs(current: str, *, knows_people: bool) -> tuple[Tab, ...]:
    """The faces of home; who is not signed in follows nobody."""
    named = {"home": _("Home"), "following": _("Following"), "discover": _("Discover")}
    if not knows_people:
        del named["following"]
    return tuple(Tab(label, href(f"storefront:{name}"), name == current) for name, label in named.items())
