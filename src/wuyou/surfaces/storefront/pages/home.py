"""Home: what people do together now, and goods to choose from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import queries as content
from wuyou.domains.feed import queries as timeline
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.groupbuy.types import Team
from wuyou.domains.identity import queries as identity
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.forms import SearchForm
from wuyou.surfaces.storefront.pages import feed
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import channels, goods, post_cards, teams
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Action, Empty, ProductCard

PAGE_SIZE = 24
STRIP_SIZE = 8
POSTS_SHOWN = 8

_SHARED_PATH = re.compile(r"/([ts])/([A-Za-z0-9_-]{8,40})")


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Running teams and goods, newest first; `q` searches titles, `after` goes on. A pasted pass phrase leads on."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if shared := _SHARED_PATH.search(words):
        return redirect(f"/{shared[1]}/{shared[2]}")
    now, after = utc_now(), optional_id(request, "after")
    running = groupbuy.list_running_teams(now, limit=STRIP_SIZE) if not words and after is None else ()
    page = catalog.list_products(cursor=after, limit=PAGE_SIZE, words=words)
    posts, are_known = _posts(request) if not words and after is None else ((), False)
    strip, cards = _people_and_goods(running, page.items, viewer_id(request), now)
    context: dict[str, object] = {
        "now": now,
        "query": words,
        "tabs": feed.tabs("home", knows_people=viewer_id(request) is not None),
        "channel_tabs": channels.strip() if not words else (),
        "strip": strip,
        "posts": posts,
        "are_known": are_known,
        "products": cards,
        "next_href": _next_href(words, page.next_cursor),
        "empty": None if cards else _nothing(words),
    }
    return show(request, "home.html", context, place="home")


def _posts(request: HttpRequest) -> tuple[tuple[post_cards.PostCard, ...], bool]:
    """What the people whom the reader follows, and their friends, published; of everybody while there is none of them.

    With whether it is theirs.
    """
    viewer = get_viewer(viewer_id(request))
    known = timeline.list_timeline(viewer, limit=POSTS_SHOWN).items if timeline.known_people(viewer) else ()
    return post_cards.of_posts(viewer, known or content.list_newest(viewer, limit=POSTS_SHOWN).items), bool(known)


def _people_and_goods(
    running: Sequence[Team], listed: Sequence[Product], viewer: int | None, now: datetime
) -> tuple[list[teams.TeamCard], tuple[ProductCard, ...]]:
    """Cards of the running teams, and of the goods with the faces of who leads a team for them."""
    ids = [product.id for product in listed]
    open_teams = groupbuy.open_teams_by_product(ids, now)
    leaders = {leader_id for each in open_teams.values() for leader_id in each.leader_ids}
    persons = identity.persons_by_id(teams.people_of(running) | leaders)
    bought = catalog.products_by_id(team.product_id for team in running)
    strip = [teams.card(team, bought[team.product_id], persons, viewer) for team in running]
    cards = goods.cards(listed, groupbuy.campaigns_by_product(ids, now), open_teams, persons)
    return [card for card in strip if card], cards


def _next_href(words: str, cursor: int | None) -> str:
    if cursor is None:
        return ""
    query = {"q": words, "after": cursor} if words else {"after": cursor}
    return f"{reverse('storefront:home')}?{urlencode(query)}"


def _nothing(words: str) -> Empty:
    home = reverse("storefront:home")
    if words:
        return Empty(
            _("Nothing is called “%(words)s”") % {"words": words},
            _("Try a shorter word, or look at everything."),
            "tent",
            Action(_("Show everything"), home, "secondary", "layout-grid"),
        )
    return Empty(_("The shelves are still empty"), _("As soon as a shop lists something, it is here."), "basket")
