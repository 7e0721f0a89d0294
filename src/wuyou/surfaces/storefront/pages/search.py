"""Search: posts, goods, things and people by words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wuyou.domains.alliance import queries as alliance
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import queries as content
from wuyou.domains.groupbuy import queries as groupbuy
from wuyou.domains.identity import queries as identity
from wuyou.domains.social import queries as social
from wuyou.domains.things import queries as things
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.access import viewer_id
from wuyou.surfaces.storefront.forms import SearchForm
from wuyou.surfaces.storefront.rendering import show
from wuyou.surfaces.storefront.viewmodels import goods, people, post_cards, tiles
from wuyou.surfaces.ui import codes
from wuyou.surfaces.ui.parsing import optional_id
from wuyou.surfaces.ui.parts import Empty, ProductCard, Tab

FEW, PAGE_SIZE = 8, 24
_KINDS = ("posts", "goods", "things", "people")
_SHARED_PATH = re.compile(r"/([lts])/([A-Za-z0-9_-]{8,40})")


@require_safe
def show_search(request: HttpRequest) -> HttpResponse:
    """What is found under `q`: a few of each kind, or, with `in`, all of one. A pasted phrase or address leads on."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if shared := _SHARED_PATH.search(words):
        return redirect(f"/{shared[1]}/{shared[2]}")
    if (token := codes.token_in(words)) and alliance.find_link_by_token(token):
        return redirect("storefront:link", token)
    viewer, chosen = get_viewer(viewer_id(request)), request.GET.get("in", "")
    chosen = chosen if chosen in _KINDS else ""
    after = optional_id(request, "after") if chosen else None
    wanted = [chosen] if chosen else list(_KINDS)
    limit = PAGE_SIZE if chosen else FEW
    found = {kind: _FIND[kind](viewer, words, after, limit) for kind in wanted} if words else {}
    cursor = found[chosen][1] if chosen and chosen in found else None
    here = reverse("storefront:search")
    context: dict[str, object] = {
        "query": words,
        "tabs": _tabs(words, chosen),
        "found": {kind: items for kind, (items, _cursor) in found.items()},
        "more": {kind: f"{here}?{urlencode({'q': words, 'in': kind})}" for kind, (_i, more) in found.items() if more},
        "chosen": chosen,
        "next_href": post_cards.more_href(here, cursor, q=words, **{"in": chosen}),
        "empty": None if any(items for items, _cursor in found.values()) else _nothing(words),
    }
    return show(request, "search.html", context, place="home")


def _posts(viewer: Viewer, words: str, after: int | None, limit: int) -> tuple[object, int | None]:
    page = content.find_posts(viewer, words, cursor=after, limit=limit)
    return post_cards.of_posts(viewer, page.items), page.next_cursor


def _goods(viewer: Viewer, words: str, after: int | None, limit: int) -> tuple[object, int | None]:
    page = catalog.list_products(cursor=after, limit=limit, words=words)
    return cards_of(page.items), page.next_cursor


def cards_of(products: Sequence[Product]) -> tuple[ProductCard, ...]:
    """Cards of goods with the teams that can be joined. Cost: four queries."""
    ids, now = [product.id for product in products], utc_now()
    open_teams = groupbuy.open_teams_by_product(ids, now)
    leaders = identity.persons_by_id({leader for each in open_teams.values() for leader in each.leader_ids})
    return goods.cards(products, groupbuy.campaigns_by_product(ids, now), open_teams, leaders)


def _things(viewer: Viewer, words: str, after: int | None, limit: int) -> tuple[object, int | None]:
    page = things.find_things(viewer, words, cursor=after, limit=limit)
    return tiles.of_things(viewer, page.items), page.next_cursor


def _people(viewer: Viewer, words: str, after: int | None, limit: int) -> tuple[object, int | None]:
    page = social.find_named(viewer, words, cursor=after, limit=limit)
    return tuple(people.face(face.person) for face in page.items), page.next_cursor


_FIND = {"posts": _posts, "goods": _goods, "things": _things, "people": _people}


def _tabs(words: str, chosen: str) -> tuple[Tab, ...]:
    named = {"": _("All"), "posts": _("Posts"), "goods": _("Goods"), "things": _("Things"), "people": _("People")}
    here = reverse("storefront:search")
    return tuple(
        Tab(label, f"{here}?{urlencode({'q': words, 'in': kind} if kind else {'q': words})}", kind == chosen)
        for kind, label in named.items()
    )


def _nothing(words: str) -> Empty:
    if not words:
        return Empty(_("What are you looking for?"), _("Posts, goods, things and people: by a few words."), "tent")
    return Empty(_("Nothing is called “%(words)s”") % {"words": words}, _("Try a shorter word."), "tent")
