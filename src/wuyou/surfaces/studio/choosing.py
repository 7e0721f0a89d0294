"""Which goods of the library a publisher wants to see, which these are, and what speaks for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wuyou.domains.alliance import queries
from wuyou.domains.alliance.fan_types import GoodsFit, GoodsReason
from wuyou.domains.alliance.library_types import LibraryPage, Order, Wanted
from wuyou.domains.alliance.types import Offer, Origin
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import Keyword, KeywordKind, Product
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.promotions.types import Promotion, PromotionKind
from wuyou.surfaces.studio.access import Desk
from wuyou.surfaces.ui import keywords, lists, parts
from wuyou.surfaces.ui import promotions as coupon_words
from wuyou.surfaces.ui.parsing import optional_id, read_id
from wuyou.surfaces.ui.templatetags.ui import rate

SHOWN: Final = 60
"""Goods of one page."""
_MOST_ASKED: Final = 20
"""Keywords in one address."""
SORTS: Final = {
    Order.INCOME: gettext_lazy("Most for you"),
    Order.RATE: gettext_lazy("Highest rate"),
    Order.PRICE: gettext_lazy("Lowest price"),
}
_MINE: Final = "MINE"
ORIGINS: Final = {
    "": gettext_lazy("All"),
    _MINE: gettext_lazy("For you"),
    Origin.SHOP.value: gettext_lazy("By shops"),
    Origin.RECRUITER.value: gettext_lazy("By recruiters"),
    Origin.ALLIANCE.value: gettext_lazy("By this site"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which goods the reader wants to see, as the address says it."""

    words: str
    sort: Order
    origin: str
    shop_id: int | None
    in_stock: bool
    with_coupon: bool
    fits_fans: bool
    keyword_ids: frozenset[int]
    """Goods carry all of them, or the activity does by which they came."""

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What a search keeps."""
        flags = (("stock", self.in_stock), ("coupon", self.with_coupon), ("fit", self.fits_fans))
        return (
            ("sort", self.sort.value),
            ("origin", self.origin),
            ("shop", str(self.shop_id or "")),
            *((name, "1" if is_on else "") for name, is_on in flags),
            ("keywords", _said(self.keyword_ids)),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A page of goods in the order that was asked for, and what is known of each."""

    page: LibraryPage
    products: tuple[Product, ...]
    offers: Mapping[int, Offer]
    keyword_ids: Mapping[int, frozenset[int]]
    """Of the goods themselves and of the activities by which they came."""
    coupons: Mapping[int, Promotion]
    fits: Mapping[int, tuple[GoodsFit, ...]]
    """Empty where it was not asked."""


def asked_of(request: HttpRequest, known: Collection[int]) -> Asked:
    """What an address asks for. Args: known: the keywords that there are; it asks for no others."""
    said = request.GET
    sort, origin = said.get("sort", ""), said.get("origin", "")
    return Asked(
        lists.search_term(request),
        Order(sort) if sort in set(Order) else Order.INCOME,
        origin if origin in ORIGINS else "",
        optional_id(request, "shop"),
        said.get("stock") == "1",
        said.get("coupon") == "1",
        said.get("fit") == "1",
        frozenset(read_id(each) for each in said.get("keywords", "").split("-")[:_MOST_ASKED] if each) & set(known),
    )


def find_goods(desk: Desk, asked: Asked, after: tuple[int, int] | None, now: datetime) -> Found:
    """A page of the goods that pay a commission and are as they were asked for."""
    me, publisher_id = desk.actor.person_id, desk.publisher_id
    fitting = queries.what_fits(queries.fans_of(me, now=now)) if asked.fits_fans else None
    wanted = Wanted(
        asked.sort,
        asked.words,
        asked.shop_id,
        Origin(asked.origin) if asked.origin not in ("", _MINE) else None,
        asked.origin == _MINE,
        asked.in_stock,
        asked.with_coupon,
        fitting,
        asked.keyword_ids,
    )
    page = queries.list_library(wanted, publisher_id=publisher_id, at=now, cursor=after, limit=SHOWN)
    known = catalog.products_by_id(page.product_ids)
    shop_by_product = {each.id: each.shop_id for each in known.values()}
    offers = queries.offers_by_product(shop_by_product, publisher_id=publisher_id, at=now)
    products = tuple(known[number] for number in page.product_ids if number in offers)
    coupons = promotions.claimable_by_product(shop_by_product, publisher_id=publisher_id, now=now)
    fits = queries.goods_fitting(fitting, products) if fitting else {}
    activities = queries.activities_by_id(
        {offers[each.id].activity_id for each in products} - {None}  # type: ignore[arg-type]
    )
    keyword_ids = {}
    for each in products:
        activity = activities.get(offers[each.id].activity_id or 0)
        keyword_ids[each.id] = frozenset(each.keyword_ids) | frozenset(activity.keyword_ids if activity else ())
    return Found(page, products, offers, keyword_ids, coupons, fits)


def switches(request: HttpRequest, asked: Asked) -> list[parts.Tab]:
    """What may be asked for besides, each with what a tap on it makes of the address."""
    named = (
        ("stock", _("Only what is in stock"), asked.in_stock),
        ("coupon", _("With a coupon"), asked.with_coupon),
        ("fit", _("For who follows me"), asked.fits_fans),
    )
    return [
        parts.Tab(label, lists.href(request, **{name: "" if is_on else "1"}), is_on) for name, label, is_on in named
    ]


def keyword_tabs(
    request: HttpRequest, asked: Asked, found: Found, known: Mapping[int, Keyword]
) -> list[tuple[str, list[parts.Tab]]]:
    """By kind the keywords that narrow what is shown, each with what a tap on it makes of the address."""
    there = found.page.by_keyword
    tabs: dict[KeywordKind, list[parts.Tab]] = {}
    for each in known.values():
        is_on = each.id in asked.keyword_ids
        if is_on or each.id in there:
            now = _said(asked.keyword_ids ^ {each.id})
            tab = parts.Tab(keywords.name_of(each), lists.href(request, keywords=now), is_on, there.get(each.id, 0))
            tabs.setdefault(each.kind, []).append(tab)
    return [(str(keywords.KINDS[kind][0]), each) for kind, each in tabs.items()]


def _said(keyword_ids: Collection[int]) -> str:
    return "-".join(map(str, sorted(keyword_ids)))


def empty_of(asked: Asked) -> parts.Empty:
    """Why there may be nothing, and what to do."""
    if asked.fits_fans:
        return parts.Empty(
            _("Nothing speaks for goods here yet"),
            _("From %(n)s people on who followed you when the month began, goods are told by what they have, where"
              " they buy and what they love.") % {"n": LEAST_PEOPLE},
            "tent",
        )  # fmt: skip
    return parts.Empty(
        _("Nothing pays a commission here"),
        _("Try other words, or look again later: shops set what they pay at any time."),
        "gift",
    )


def _is_for_one(offer: Offer) -> bool:
    """Not for everybody: it is paid in a circle that the reader is in, or to them alone."""
    return offer.plan.collaboration_id is not None or offer.plan.only_id is not None


def chips_of(
    product: Product, found: Found, known: Mapping[int, Keyword], my_media: frozenset[int], now: datetime
) -> Iterator[parts.Chip]:
    """What speaks for goods, and what is to be known of their plan."""
    offer = found.offers[product.id]
    plan = offer.plan
    if _is_for_one(offer):
        yield parts.Chip(_("For you"), "jade", "users")
    if offer.origin is not Origin.SHOP:
        yield parts.Chip(str(ORIGINS[offer.origin.value]), "plain", "speakerphone")
    if plan.locked_until is not None and plan.locked_until > now:
        yield parts.Chip(_("Rate is locked"), "plain", "lock")
    if plan.first is not None and plan.first.sold < plan.first.count:
        left = plan.first.count - plan.first.sold
        words = _("%(rate)s for the next %(left)s") % {"rate": rate(plan.first.rate_bps), "left": left}
        yield parts.Chip(words, "amber", "clock")
    if coupon := found.coupons.get(product.id):
        words = f"{coupon_words.off_of(coupon)} · {coupon_words.threshold_of(coupon)}"
        if coupon.publisher_id is not None:
            words = _("By your link: %(what)s") % {"what": words}
        yield parts.Chip(words, "accent", "ticket" if coupon.kind is PromotionKind.COUPON else "gift")
    if my_media & found.keyword_ids[product.id]:
        yield parts.Chip(_("Fits your places"), "jade", "map-pin")
    for fit in found.fits.get(product.id, ()):
        yield _reason(fit, known)


def _reason(fit: GoodsFit, known: Mapping[int, Keyword]) -> parts.Chip:
    match fit.reason:
        case GoodsReason.FANS_BUY:
            words, icon = _("%(n)s or more of who follows you buy there"), "users"
        case GoodsReason.FANS_HAVE:
            words, icon = _("%(n)s or more of who follows you have it"), "packages"
        case GoodsReason.FANS_LOVE:
            words, icon = _("%(n)s or more of who follows you love «%(what)s»"), "heart"
    what = "".join(keywords.names_of([fit.keyword_id or 0], known))
    return parts.Chip(words % {"n": fit.at_least, "what": what}, "jade", icon)
