"""选品: which goods pay what, and a link to the one that fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance import queries
from wuyou.domains.alliance.types import Offer, Origin, Publisher, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Money, apply_bps
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import picture_of, shop_name, show, title_of
from wuyou.surfaces.ui import lists, parts
from wuyou.surfaces.ui.lists import Search

MOST: Final = 500
"""Goods that are compared at once, the newest that fit the words."""
_SHOWN: Final = 60
_HOME_SLOT: Final = "library"
_SORTS: Final = {
    "income": gettext_lazy("Most for you"),
    "rate": gettext_lazy("Highest rate"),
    "price": gettext_lazy("Lowest price"),
}
_ORIGINS: Final = {
    "": gettext_lazy("All"),
    Origin.SHOP.value: gettext_lazy("By shops"),
    Origin.RECRUITER.value: gettext_lazy("By recruiters"),
    Origin.ALLIANCE.value: gettext_lazy("By this site"),
}


@dataclass(frozen=True, slots=True)
class Goods:
    """A product of the library, and what it pays."""

    id: int
    title: str
    href: str
    picture: str
    shop: str
    price: Money
    rate_bps: int
    income: Money
    """For one at its lowest price, before refunds."""
    chips: tuple[parts.Chip, ...]
    url: str
    """The reader's link, when they have taken one here."""


@signed_in
@require_safe
def library(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Goods that pay a commission, by what they pay."""
    term, now = lists.search_term(request), utc_now()
    sort = request.GET.get("sort", "")
    sort = sort if sort in _SORTS else "income"
    origin = request.GET.get("origin", "")
    origin = origin if origin in _ORIGINS else ""
    products = _products(term)
    offers = queries.offers_by_product(
        {product.id: product.shop_id for product in products}, publisher_id=desk.publisher_id, at=now
    )
    shops = catalog.shops_by_id({product.shop_id for product in products})
    links = _links(request, desk)
    goods = [
        _goods(product, offers[product.id], shop_name(shops.get(product.shop_id)), links.get(product.id, ""), now)
        for product in products
        if product.id in offers and origin in ("", offers[product.id].origin.value)
    ]
    goods.sort(key=lambda one: (_key(one, sort), one.id))
    return show(
        request,
        desk,
        "library",
        "library",
        goods=goods[:_SHOWN],
        more=max(0, len(goods) - _SHOWN),
        search=Search(_("Goods"), term, (("sort", sort), ("origin", origin))),
        sorts=[parts.Tab(str(label), lists.href(request, sort=key), key == sort) for key, label in _SORTS.items()],
        origins=[
            parts.Tab(str(label), lists.href(request, origin=key), key == origin) for key, label in _ORIGINS.items()
        ],
        slots=_slot_choices(desk),
        empty=parts.Empty(
            _("Nothing pays a commission here"),
            _("Try other words, or look again later: shops set what they pay at any time."),
            "gift",
        ),
    )


@signed_in
@require_POST
def take_link(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """The reader's own link to a product, in the place that they choose."""
    slot = request.POST.get("slot", "").strip() or _HOME_SLOT

    def effect(publisher: Publisher, now: datetime) -> str:
        alliance.ensure_link(
            publisher_id=publisher.id,
            slot_name=slot,
            product_id=product_id,
            path=f"/p/{product_id}",
            now=now,
            actor=desk.actor,
        )
        return f"{reverse('studio:library')}#goods-{product_id}"

    return change(request, desk, effect, _("Your link is ready"))


def _products(term: str) -> list[Product]:
    products: list[Product] = []
    cursor: int | None = None
    while len(products) < MOST:
        page = catalog.list_products(words=term, cursor=cursor, limit=MAX_PAGE)
        products += page.items
        if (cursor := page.next_cursor) is None:
            break
    return products


def _goods(product: Product, offer: Offer, shop: str, url: str, now: datetime) -> Goods:
    price = min((variant.price for variant in product.variants), key=lambda money: money.amount_minor)
    return Goods(
        id=product.id,
        title=title_of(product),
        href=reverse("storefront:product", args=[product.id]),
        picture=picture_of(product),
        shop=shop,
        price=price,
        rate_bps=offer.plan.rate_bps,
        income=Money(apply_bps(price.amount_minor, offer.earns_bps), price.currency),
        chips=tuple(_chips(offer, now)),
        url=url,
    )


def _chips(offer: Offer, now: datetime) -> list[parts.Chip]:
    plan, chips = offer.plan, []
    if plan.collaboration_id is not None:
        chips.append(parts.Chip(_("For you"), "jade", "users"))
    if offer.origin is not Origin.SHOP:
        chips.append(parts.Chip(str(_ORIGINS[offer.origin.value]), "plain", "speakerphone"))
    if plan.locked_until is not None and plan.locked_until > now:
        chips.append(parts.Chip(_("Rate is locked"), "plain", "lock"))
    if plan.first is not None and plan.first.sold < plan.first.count:
        left = plan.first.count - plan.first.sold
        words = _("%(rate)s%% for the next %(left)s") % {"rate": f"{plan.first.rate_bps / 100:g}", "left": left}
        chips.append(parts.Chip(words, "amber", "clock"))
    return chips


def _key(goods: Goods, sort: str) -> int:
    match sort:
        case "rate":
            return -goods.rate_bps
        case "price":
            return goods.price.amount_minor
        case _:
            return -goods.income.amount_minor


def _links(request: HttpRequest, desk: Desk) -> dict[int, str]:
    """The reader's newest links, by product."""
    found: dict[int, str] = {}
    for line in queries.list_links(desk.actor.person_id, limit=100).items if desk.publisher else ():
        if is_own_slot(line.slot_name):
            url = request.build_absolute_uri(reverse("storefront:link", args=[line.link.token]))
            found.setdefault(line.link.product_id, url)
    return found


def _slot_choices(desk: Desk) -> list[str]:
    slots = queries.list_slots(desk.publisher.id) if desk.publisher else ()
    return [slot.name for slot in slots if is_own_slot(slot.name)]
