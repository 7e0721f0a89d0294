"""What does the shop sell, at which prices, and how many are left?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import product as combinations
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.operations import MAX_VARIANTS, VariantDraft
from wuyou.domains.catalog.types import KEYWORDS_OF_GOODS, Permission, Product
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.inventory import queries as stocks
from wuyou.domains.inventory.types import Stock
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.pages import product_files
from wuyou.surfaces.seller.reading import money_of, optional_money, whole
from wuyou.surfaces.seller.viewmodels import Line, product_line, show
from wuyou.surfaces.ui import goods_pictures, keywords, lists, parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.lists import Search, decimal_of
from wuyou.surfaces.ui.pictures import THINGS
from wuyou.surfaces.ui.refusals import FormMalformed
from wuyou.surfaces.ui.texts import in_language

_PLAIN: Final = {"": "标准", "_en": "Standard"}
"""What the one variant is called of what comes in no choice."""
ASIDE_SHOWN: Final = 60
_SHELVES: Final = {
    "listed": (gettext_lazy("On the shelves"), True),
    "unlisted": (gettext_lazy("Off the shelves"), False),
    "all": (gettext_lazy("All"), None),
}


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the shop's list."""

    href: str
    line: Line
    chip: parts.Chip
    price: Money
    available: int


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant to edit: texts as the form says them."""

    id: int
    name: str
    name_en: str
    price: str
    team_price: str
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photograph of a product, to be described and put in its place."""

    id: int
    name: str
    picture: str
    alt: str
    alt_en: str
    variants: tuple[parts.Choice, ...]
    """The forms of which it may show one; none where there is one form only."""


@clerks_with(Permission.GOODS)
@require_safe
def products(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """The shop's goods, newest first."""
    if lists.wants_csv(request):
        return product_files.export(desk)
    key = request.GET.get("state", "")
    key = key if key in _SHELVES else "listed"
    trail, term = lists.trail_of(request), lists.search_term(request)
    page = queries.list_products_of_shop(
        desk.shop.id, is_listed=_SHELVES[key][1], words=term, cursor=trail.cursor, limit=lists.PAGE_SIZE
    )
    stock = stocks.stock_by_variant(variant.id for each in page.items for variant in each.variants)
    return show(
        request,
        desk,
        "products",
        "products",
        products=[_row(desk, each, stock) for each in page.items],
        tabs=[
            parts.Tab(str(label), lists.href(request, state=each), each == key)
            for each, (label, _listed) in _SHELVES.items()
        ],
        search=Search(_("Words of a title"), term, (("state", key),)),
        export_href=f"{desk.href('products')}?format=csv",
        paging=lists.paging(request, trail, page.next_cursor),
        empty=parts.Empty(
            _("Nothing here"),
            _("What you sell stands here, with its prices and what is left of it."),
            "gift",
            parts.Action(_("Add a product"), desk.href("new-product"), "primary", "plus"),
        ),
    )


def _row(desk: Desk, product: Product, stock: dict[int, Stock]) -> ProductRow:
    available = sum(stock[variant.id].available for variant in product.variants)
    count = len(product.variants)
    note = _("%(count)d variants") % {"count": count} if count > 1 else product.variants[0].name
    return ProductRow(
        desk.href("product", product.id),
        product_line(desk, product, note),
        parts.Chip(_("On the shelves"), "jade", "check") if product.is_listed else parts.Chip(_("Off the shelves")),
        min((variant.price for variant in product.variants), key=lambda price: price.amount_minor),
        available,
    )


@clerks_with(Permission.GOODS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_product(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Add a product: its texts, its picture, and a variant for each combination of what it comes in."""
    if request.method != "POST":
        return _new_page(request, desk)
    try:
        drafts = _drafts(request)
        said = _texts(request)

        def effect(now: datetime) -> str:
            made = operations.add_product(actor=desk.actor, shop_id=desk.shop.id, variants=drafts, now=now, **said)
            return desk.href("product", made.id)

        return change(request, desk, effect, _("It is in your shop. Now say how many there are"))
    except DomainError as refused:
        count_refusal(refused)
        return _new_page(request, desk, refused)


def _new_page(request: HttpRequest, desk: Desk, refused: DomainError | None = None) -> HttpResponseBase:
    return show(
        request,
        desk,
        "product_new",
        "products",
        status=status_of(refused) if refused else 200,
        said=request.POST,
        pictures=THINGS,
        currencies=[currency.code for currency in Currency],
        refusal=text_of(refused) if refused else "",
    )


@clerks_with(Permission.GOODS)
@require_safe
def product(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """One product: its texts, its variants with prices and stock."""
    return product_page(request, desk, product_id)


def product_page(
    request: HttpRequest, desk: Desk, product_id: int, refused: DomainError | None = None
) -> HttpResponseBase:
    """The page of one product, with what was refused. Cost: six queries besides the shell's."""
    found = queries.get_product_of(desk.shop.id, product_id)
    stock = stocks.stock_by_variant(variant.id for variant in found.variants)
    return show(
        request,
        desk,
        "product",
        "products",
        status=status_of(refused) if refused else 200,
        product=found,
        line=product_line(desk, found),
        pictures=THINGS,
        variants=[
            VariantRow(
                each.id,
                each.name,
                each.name_en,
                decimal_of(each.price),
                decimal_of(each.team_price) if each.team_price else "",
                stock[each.id].on_hand,
                stock[each.id].reserved,
            )
            for each in found.variants
        ],
        photos=_photo_rows(desk, found),
        aside=_aside(desk),
        keyword_groups=keywords.groups(queries.list_keywords(KEYWORDS_OF_GOODS), found.keyword_ids),
        page_href=reverse("storefront:product", args=[product_id]) if found.is_listed else "",
        refusal=text_of(refused) if refused else "",
    )


@clerks_with(Permission.GOODS)
@require_POST
def set_keywords(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """By which keywords publishers find it."""
    chosen = keywords.sent(request)

    def effect(now: datetime) -> None:
        operations.set_product_keywords(actor=desk.actor, product_id=product_id, keyword_ids=chosen, now=now)

    return _change(request, desk, product_id, effect, _("Saved"))


def _photo_rows(desk: Desk, product: Product) -> list[PhotoRow]:
    return [
        PhotoRow(
            each.id,
            each.name,
            desk.photo(each.id, goods_pictures.ON_CARD),
            each.alt,
            each.alt_en,
            tuple(
                parts.Choice(
                    str(variant.id),
                    in_language(variant.name, variant.name_en),
                    chosen=variant.id == each.variant_id,
                )
                for variant in product.variants
            )
            if len(product.variants) > 1
            else (),
        )
        for each in queries.photos_of(product.id)
    ]


def _aside(desk: Desk) -> list[tuple[int, str, str]]:
    """What is put aside and may be taken up: ids, names and addresses."""
    found = queries.list_photos_aside(desk.shop.id)[:ASIDE_SHOWN]
    return [(each.id, each.name, desk.photo(each.id, goods_pictures.IN_LINE)) for each in found]


@clerks_with(Permission.GOODS)
@require_POST
def describe(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Change what its page says."""

    def effect(now: datetime) -> None:
        operations.describe_product(actor=desk.actor, product_id=product_id, now=now, **_texts(request))

    return _change(request, desk, product_id, effect, _("Saved"))


@clerks_with(Permission.GOODS)
@require_POST
def save_variants(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Names, prices and stock of every variant, all or nothing. Stock changes by what differs from what was shown."""

    def effect(now: datetime) -> None:
        for each in queries.get_product_of(desk.shop.id, product_id).variants:
            sent = {name: request.POST.get(f"{name}-{each.id}", "") for name in ("name", "name_en")}
            if (sent["name"], sent["name_en"]) != (each.name, each.name_en):
                operations.rename_variant(actor=desk.actor, variant_id=each.id, now=now, **sent)
            price = money_of(request.POST.get(f"price-{each.id}", ""), each.price.currency)
            team_price = optional_money(request.POST.get(f"team-{each.id}", ""), each.price.currency)
            if (price, team_price) != (each.price, each.team_price):
                operations.set_prices(actor=desk.actor, variant_id=each.id, price=price, team_price=team_price, now=now)
            by = whole(request.POST.get(f"stock-{each.id}", "")) - whole(request.POST.get(f"seen-{each.id}", ""))
            if by:
                inventory.change_stock(actor=desk.actor, variant_id=each.id, by=by, now=now)

    return _change(request, desk, product_id, effect, _("Saved"))


@clerks_with(Permission.GOODS)
@require_POST
def add_variant(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """One more form of it."""

    def effect(now: datetime) -> None:
        currency = queries.get_product_of(desk.shop.id, product_id).currency
        draft = VariantDraft(
            request.POST.get("name", ""),
            request.POST.get("name_en", ""),
            money_of(request.POST.get("price", ""), currency),
            optional_money(request.POST.get("team", ""), currency),
        )
        operations.add_variant(actor=desk.actor, product_id=product_id, draft=draft, now=now)

    return _change(request, desk, product_id, effect, _("Saved"))


@clerks_with(Permission.GOODS)
@require_POST
def shelve(request: HttpRequest, desk: Desk, product_id: int) -> HttpResponseBase:
    """Put it on the shelves, or take it off."""
    listed = request.POST.get("listed")
    if listed not in {"yes", "no"}:
        raise FormMalformed()

    def effect(now: datetime) -> None:
        if listed == "yes":
            operations.list_product(actor=desk.actor, product_id=product_id, now=now)
        else:
            operations.unlist_product(actor=desk.actor, product_id=product_id, now=now)

    return _change(request, desk, product_id, effect, _("Saved"))


def _change(
    request: HttpRequest, desk: Desk, product_id: int, effect: Callable[[datetime], None], said: str
) -> HttpResponseBase:
    queries.get_product_of(desk.shop.id, product_id)

    def entry(now: datetime) -> str:
        effect(now)
        return desk.href("product", product_id)

    try:
        return change(request, desk, entry, said)
    except DomainError as refused:
        count_refusal(refused)
        return product_page(request, desk, product_id, refused)


# ---------------------------------------------------------------- what forms say


def _texts(request: HttpRequest) -> dict[str, str]:
    said = {name: request.POST.get(name, "") for name in ("title", "title_en", "brief", "brief_en", "picture")}
    if said["picture"] not in THINGS:
        raise FormMalformed()
    return said


def _drafts(request: HttpRequest) -> list[VariantDraft]:
    """A variant for each combination of the values of up to two options; one alone where there are none."""
    code = request.POST.get("currency", "")
    if code not in {currency.code for currency in Currency}:
        raise FormMalformed()
    currency = Currency(code)
    price = money_of(request.POST.get("price", ""), currency)
    team_price = optional_money(request.POST.get("team", ""), currency)
    chinese, english = (_names(request, suffix) for suffix in ("", "_en"))
    if len(chinese) != len(english):
        raise FormMalformed()
    if len(chinese) > MAX_VARIANTS:
        raise catalog_errors.TooManyVariants(most=MAX_VARIANTS)
    return [VariantDraft(name, name_en, price, team_price) for name, name_en in zip(chinese, english, strict=True)]


def _names(request: HttpRequest, suffix: str) -> list[str]:
    options = [
        [value.strip() for value in request.POST.get(f"values{number}{suffix}", "").splitlines() if value.strip()]
        for number in (1, 2)
    ]
    if not any(options):
        return [_PLAIN[suffix]]
    return [" / ".join(values) for values in combinations(*(option for option in options if option))]
