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

from wuyou.domains.alliance import errors, queries
from wuyou.domains.alliance import operations as alliance
from wuyou.domains.alliance.types import Offer, Origin, Publisher, is_own_slot
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.inventory import queries as inventory
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Money, apply_bps
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.studio.access import Desk, change, signed_in
from wuyou.surfaces.studio.viewmodels import picture_of, shop_name, show, title_of
from wuyou.surfaces.ui import codes, lists, parts
from wuyou.surfaces.ui.lists import Search
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.templatetags.ui import rate

MOST: Final = 500
"""Goods that are compared at once, the newest that fit the words."""
_SHOWN: Final = 60
_HOME_SLOT: Final = "library"
_SORTS: Final = {
    "income": gettext_lazy("Most for you"),
    "rate": gettext_lazy("Highest rate"),
    "price": gettext_lazy("Lowest price"),
}
_MINE: Final = "MINE"
_ORIGINS: Final = {
    "": gettext_lazy("All"),
    _MINE: gettext_lazy("For you"),
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
    share_href: str
    """Of the reader's link, when they have taken one."""
    is_picked: bool
    """It stands in a list of theirs."""


@signed_in
@require_safe
def library(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Goods that pay a commission, by what they pay."""
    term, now = lists.search_term(request), utc_now()
    sort = request.GET.get("sort", "")
    sort = sort if sort in _SORTS else "income"
    origin = request.GET.get("origin", "")
    origin = origin if origin in _ORIGINS else ""
    shop_id = optional_id(request, "shop")
    products = newest_goods(term, shop_id)
    offers = queries.offers_by_product(
        {product.id: product.shop_id for product in products}, publisher_id=desk.publisher_id, at=now
    )
    shops = catalog.shops_by_id({product.shop_id for product in products})
    links, picked = _links(desk), queries.picked_by(desk.actor.person_id, offers)
    in_stock = request.GET.get("stock") == "1"
    left = inventory.available_by_variant(v.id for p in products for v in p.variants) if in_stock else {}
    goods = [
        _goods(
            product,
            offers[product.id],
            shop_name(shops.get(product.shop_id)),
            links.get(product.id, ""),
            product.id in picked,
            now,
        )
        for product in products
        if product.id in offers
        and _is_from(offers[product.id], origin)
        and (not in_stock or any(left[variant.id] for variant in product.variants))
    ]
    chosen = (("stock", "1" if in_stock else ""), ("shop", str(shop_id or "")))
    goods.sort(key=lambda one: (_key(one, sort), one.id))
    return show(
        request,
        desk,
        "library",
        "library",
        goods=goods[:_SHOWN],
        more=max(0, len(goods) - _SHOWN),
        search=Search(_("Goods"), term, (("sort", sort), ("origin", origin), *chosen)),
        sorts=[parts.Tab(str(label), lists.href(request, sort=key), key == sort) for key, label in _SORTS.items()],
        origins=[
            parts.Tab(str(label), lists.href(request, origin=key), key == origin) for key, label in _ORIGINS.items()
        ],
        stock=parts.Tab(_("Only what is in stock"), lists.href(request, stock="" if in_stock else "1"), in_stock),
        slots=_slot_choices(desk),
        selections=queries.list_selections(desk.actor.person_id),
        here=request.get_full_path(),
        empty=parts.Empty(
            _("Nothing pays a commission here"),
            _("Try other words, or look again later: shops set what they pay at any time."),
            "gift",
        ),
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
    slot = request.POST.get("slot", "").strip() or _HOME_SLOT

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


def newest_goods(term: str = "", shop_id: int | None = None) -> list[Product]:
    """The newest goods that fit some words, of one shop or all, so many as are compared at once."""
    products: list[Product] = []
    cursor: int | None = None
    while len(products) < MOST:
        page = catalog.list_products(words=term, shop_id=shop_id, cursor=cursor, limit=MAX_PAGE)
        products += page.items
        if (cursor := page.next_cursor) is None:
            break
    return products


def _is_from(offer: Offer, origin: str) -> bool:
    return offer.plan.collaboration_id is not None if origin == _MINE else origin in ("", offer.origin.value)


def _goods(product: Product, offer: Offer, shop: str, token: str, is_picked: bool, now: datetime) -> Goods:
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
        share_href=reverse("studio:share", args=[token]) if token else "",
        is_picked=is_picked,
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
        words = _("%(rate)s for the next %(left)s") % {"rate": rate(plan.first.rate_bps), "left": left}
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


def _links(desk: Desk) -> dict[int, str]:
    """The tokens of the reader's newest links, by product."""
    found: dict[int, str] = {}
    for line in queries.list_links(desk.actor.person_id, limit=100).items if desk.publisher else ():
        if is_own_slot(line.slot_name):
            found.setdefault(line.link.product_id, line.link.token)
    return found


def _slot_choices(desk: Desk) -> list[str]:
    slots = queries.list_slots(desk.publisher.id) if desk.publisher else ()
    return [slot.name for slot in slots if is_own_slot(slot.name)]
