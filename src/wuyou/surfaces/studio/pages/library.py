"""选品: which goods pay what, and a link to the one that fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Publisher, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Money, apply_bps
from wuyou.surfaces.studio import choosing
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import picture_of, shop_name, show, title_of
from wuyou.surfaces.ui import codes, keywords, lists, parts
from wuyou.surfaces.ui.alliance import HOME_SLOT
from wuyou.surfaces.ui.lists import Search
from wuyou.surfaces.ui.parsing import read_id


@dataclass(frozen=True, slots=True)
class Goods:
    """A product of the library, and what it pays."""

    id: int
    title: str
    href: str
    picture: str
    shop: str
    keywords: str
    price: Money
    rate_bps: int
    income: Money
    """For one at its lowest price, before refunds."""
    chips: tuple[parts.Chip, ...]
    share_href: str
    """Of the reader's link, when they have taken one."""
    is_picked: bool
    """It stands in a list of theirs."""


@signed_in
@require_safe
def library(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Goods that pay a commission, by what they pay. Cost: some fifteen queries, eight more for who follows one."""
    now, trail = utc_now(), lists.trail_of(request, width=2)
    known = {each.id: each for each in catalog.list_keywords()}
    asked = choosing.asked_of(request, known)
    found = choosing.find_goods(desk, asked, trail.pair, now)
    shops = catalog.shops_by_id({product.shop_id for product in found.products})
    links = queries.tokens_by_product(desk.publisher.id, found.offers) if desk.publisher else {}
    picked = queries.picked_by(desk.actor.person_id, found.offers)
    slots = queries.list_slots(desk.publisher.id) if desk.publisher else ()
    my_media = frozenset(keyword for slot in slots for keyword in slot.keyword_ids)
    goods = [
        _goods(
            product,
            found,
            shop_name(shops.get(product.shop_id)),
            links.get(product.id, ""),
            product.id in picked,
            choosing.chips_of(product, found, known, my_media, now),
            keywords.names_of(product.keyword_ids, known),
        )
        for product in found.products
    ]
    return show(
        request,
        desk,
        "library",
        "library",
        goods=goods,
        count=found.page.total,
        paging=lists.paging(request, trail, found.page.next_cursor),
        search=Search(_("Goods"), asked.words, asked.kept),
        sorts=[
            parts.Tab(str(label), lists.href(request, sort=key.value), key is asked.sort)
            for key, label in choosing.SORTS.items()
        ],
        origins=[
            parts.Tab(str(label), lists.href(request, origin=key), key == asked.origin)
            for key, label in choosing.ORIGINS.items()
        ],
        switches=choosing.switches(request, asked),
        keyword_groups=choosing.keyword_tabs(request, asked, found, known),
        has_keywords=bool(asked.keyword_ids),
        slots=[slot.name for slot in slots if is_own_slot(slot.name) and slot.name != HOME_SLOT],
        selections=queries.list_selections(desk.actor.person_id),
        empty=choosing.empty_of(asked),
    )


@signed_in
@require_POST
def pick(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Put goods into a list of the reader's: the one that they choose, else a first one that is begun for it."""
    said = request.POST.get("list", "")
    chosen = read_id(said) if said else None

    def effect(publisher: Publisher, now: datetime) -> str:
        own = chosen or next((one.id for one in queries.list_selections(desk.actor.person_id)), None)
        if own is None:
            own = alliance.make_selection(actor=desk.actor, name=_("Favourites"), now=now)
        alliance.pick(actor=desk.actor, selection_id=own, product_id=product_id, now=now)
        return f"{reverse('studio:library')}#goods-{product_id}"

    return change(request, desk, effect, _("It is in your list"))


@signed_in
@require_POST
def take_link(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """The reader's own link to a product, in the place that they choose."""
    slot = request.POST.get("slot", "").strip() or HOME_SLOT

    def effect(publisher: Publisher, now: datetime) -> str:
        link = alliance.ensure_link(
            publisher_id=publisher.id,
            slot_name=slot,
            product_id=product_id,
            path=f"/p/{product_id}",
            now=now,
            actor=desk.actor,
        )
        return reverse("studio:share", args=[link.token])

    return change(request, desk, effect, _("Your link is ready"))


@signed_in
@require_safe
def share(request: HttpRequest, desk: Desk, token: str) -> HttpResponseBase:
    """A link of the reader's in every form in which it can be spread. Raises `LinkNotFound`, for others' too."""
    link = queries.get_link_by_token(token)
    if link.publisher_id != desk.publisher_id:
        raise errors.LinkNotFound()
    product = catalog.products_by_id([link.product_id])[link.product_id]
    offer = queries.offers_by_product({product.id: product.shop_id}, publisher_id=desk.publisher_id, at=utc_now())
    title = title_of(product)
    return show(
        request,
        desk,
        "share",
        "library",
        title=title,
        picture=picture_of(product),
        product_id=product.id,
        href=reverse("storefront:product", args=[product.id]),
        rate_bps=offer[product.id].plan.rate_bps if product.id in offer else 0,
        url=request.build_absolute_uri(reverse("storefront:link", args=[token])),
        code_href=reverse("storefront:link-code", args=[token]),
        phrase=codes.phrase_of(token, title),
    )


def _goods(
    product: Product,
    found: choosing.Found,
    shop: str,
    token: str,
    is_picked: bool,
    chips: Iterable[parts.Chip],
    names: Sequence[str],
) -> Goods:
    price, offer = (
        min((v.price for v in product.variants), key=lambda money: money.amount_minor),
        found.offers[product.id],
    )
    return Goods(
        id=product.id,
        title=title_of(product),
        href=reverse("storefront:product", args=[product.id]),
        picture=picture_of(product),
        shop=shop,
        keywords=" · ".join(names),
        price=price,
        rate_bps=offer.plan.rate_bps,
        income=Money(apply_bps(price.amount_minor, offer.earns_bps), price.currency),
        chips=tuple(chips),
        share_href=reverse("studio:share", args=[token]) if token else "",
        is_picked=is_picked,
    )
