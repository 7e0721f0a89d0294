"""Goods by file: out, changed in a spreadsheet, back. What a file would do is tried by doing it, and undoing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.catalog.types import KEYWORDS_OF_GOODS, Permission, Product, Variant
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.inventory import queries as stocks
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency
from wuyou.kernel.paging import MAX_PAGE
from wuyou.surfaces.seller import errors, tables
from wuyou.surfaces.seller.access import Desk, change, clerks_with
from wuyou.surfaces.seller.keyword_cells import KeywordCells
from wuyou.surfaces.seller.reading import money_of, optional_money, whole
from wuyou.surfaces.seller.tables import Row, Trial, Tried
from wuyou.surfaces.seller.viewmodels import show
from wuyou.surfaces.ui import parts
from wuyou.surfaces.ui.errors import count_refusal, status_of, text_of
from wuyou.surfaces.ui.pictures import THINGS

_TEXTS: Final = ("title", "title_en", "brief", "brief_en", "picture")
COLUMNS: Final = (
    "product_id", "variant_id", *_TEXTS, "photos", "keywords", "listed", "variant", "variant_en", "currency", "price",
    "team_price", "stock_seen", "stock",
)  # fmt: skip
"""A line is a variant. Without its id it is a new one; without the product's id either, of a new product."""
_KIND: Final = "products"
_SEPARATOR: Final = "|"
"""Between names of photographs; no name has it in it."""


def export(desk: Desk) -> HttpResponseBase:
    """Every variant of the shop, a line each."""
    return tables.csv_answer("products", COLUMNS, _exported(desk))


def _exported(desk: Desk) -> Iterator[tuple[object, ...]]:
    cursor: int | None = None
    cells = KeywordCells(queries.list_keywords(KEYWORDS_OF_GOODS))
    while True:
        page = queries.list_products_of_shop(desk.shop.id, cursor=cursor, limit=MAX_PAGE)
        stock = stocks.stock_by_variant(variant.id for each in page.items for variant in each.variants)
        photos = queries.photos_by_product([each.id for each in page.items])
        for each in page.items:
            for variant in each.variants:
                count = stock[variant.id].on_hand
                yield (
                    each.id, variant.id, each.title, each.title_en, each.brief, each.brief_en, each.picture,
                    _SEPARATOR.join(photo.name for photo in photos.get(each.id, ())),
                    cells.write(each.keyword_ids), each.is_listed,
                    variant.name, variant.name_en, variant.price.currency.code, variant.price, variant.team_price,
                    count, count,
                )  # fmt: skip
        cursor = page.next_cursor
        if cursor is None:
            return


@clerks_with(Permission.GOODS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_products(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """Take over a file of goods: tried first, then all of it or nothing."""
    if request.method != "POST":
        return _page(request, desk)
    token = request.POST.get("token", "")
    try:
        if not token:
            content = tables.sent_file(request)
            lines = _try_out(desk, content)
            return _page(request, desk, Trial(tables.put_aside(desk, _KIND, content), lines))
        content = tables.taken_up(desk, _KIND, token)
        rows = _read(content)

        def effect(now: datetime) -> str:
            lines = _Run(desk, now).all(rows)
            if wrong := sum(line.verdict == "wrong" for line in lines):
                raise errors.LinesWrong(count=wrong)
            return desk.href("products")

        said = ngettext("%(count)d line is taken over", "%(count)d lines are taken over", len(rows))
        return change(request, desk, effect, said % {"count": len(rows)})
    except errors.LinesWrong as refused:
        count_refusal(refused)
        return _page(request, desk, Trial(token, _try_out(desk, content)), refused)
    except DomainError as refused:
        count_refusal(refused)
        return _page(request, desk, None, refused)


def _read(content: bytes) -> tuple[Row, ...]:
    needed = ("title", "variant", "price", "stock")
    return tables.read(content, needed=needed, known=[name for name in COLUMNS if name not in needed])


class _Undo(Exception):
    """Takes back a transaction that only tried."""

    def __init__(self, lines: tuple[Tried, ...]) -> None:
        super().__init__()
        self.lines = lines


def _try_out(desk: Desk, content: bytes) -> tuple[Tried, ...]:
    """What each line would do: it is done in a transaction that does not stay."""
    rows = _read(content)

    def entry() -> None:
        raise _Undo(_Run(desk, utc_now()).all(rows))

    try:
        db.in_transaction(entry)
    except _Undo as tried:
        return tried.lines
    return ()


@dataclass
class _Run:
    """One passage through a file, inside the caller's transaction. A line that is refused undoes itself alone."""

    desk: Desk
    now: datetime
    made: dict[str, int] = field(default_factory=dict)
    """New products of this file, by title."""
    described: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """What lines before said of a product: others must not say otherwise."""
    seen: set[int] = field(default_factory=set)
    """Variants of lines before."""

    @cached_property
    def actor(self) -> Actor:
        """Who takes the file over: all that it changes is one act of the shop."""
        return self.desk.actor.within("import-products")

    @cached_property
    def keywords(self) -> KeywordCells:
        """What the operator offers now for goods."""
        return KeywordCells(queries.list_keywords(KEYWORDS_OF_GOODS))

    def all(self, rows: tuple[Row, ...]) -> tuple[Tried, ...]:
        return tuple(self._line(row) for row in rows)

    def _line(self, row: Row) -> Tried:
        name = " · ".join(filter(None, (row["title"], row["variant"])))
        try:
            with db.savepoint():
                notes, is_new = self._apply(row)
        except DomainError as refused:
            return Tried(row.line, name, "wrong", (text_of(refused),))
        if is_new:
            return Tried(row.line, name, "new", tuple(notes))
        return Tried(row.line, name, "changed" if notes else "same", tuple(notes))

    def _apply(self, row: Row) -> tuple[list[str], bool]:
        if row["variant_id"]:
            return self._change(row), False
        if row["product_id"] or row["title"] in self.made:
            product = self._own(_id(row["product_id"]) if row["product_id"] else self.made[row["title"]])
            notes = [] if row["title"] in self.made else self._describe(row, product)
            return [*notes, *self._add(row, product)], True
        return self._make(row), True

    def _own(self, product_id: int) -> Product:
        return queries.get_product_of(self.desk.shop.id, product_id)

    def _make(self, row: Row) -> list[str]:
        code = row["currency"] or Currency.CNY.code
        if code not in {currency.code for currency in Currency}:
            raise catalog_errors.PriceOutOfRange()
        product = operations.add_product(
            actor=self.actor,
            shop_id=self.desk.shop.id,
            variants=[_draft(row, Currency(code))],
            now=self.now,
            **_texts(row),
        )
        if row["listed"] == "no":
            operations.unlist_product(actor=self.actor, product_id=product.id, now=self.now)
        notes = [_("a new product"), *self._picture(row, product.id), *self._keyword(row, product)]
        notes += self._fill(row, product.variants[0].id)
        self.made[row["title"]] = product.id
        return notes

    def _add(self, row: Row, product: Product) -> list[str]:
        draft = _draft(row, product.currency)
        variant_id = operations.add_variant(actor=self.actor, product_id=product.id, draft=draft, now=self.now)
        return [_("a new variant"), *self._fill(row, variant_id)]

    def _change(self, row: Row) -> list[str]:
        variant_id = _id(row["variant_id"])
        variant = queries.variants_by_id([variant_id]).get(variant_id)
        if variant is None or variant.shop_id != self.desk.shop.id or variant_id in self.seen:
            raise catalog_errors.VariantNotFound()
        if row["product_id"] and _id(row["product_id"]) != variant.product_id:
            raise catalog_errors.VariantNotFound()
        self.seen.add(variant_id)
        notes = self._describe(row, self._own(variant.product_id))
        return [*notes, *self._rename(row, variant), *self._price(row, variant), *self._restock(row, variant_id)]

    def _describe(self, row: Row, product: Product) -> list[str]:
        said = _texts(row, product)
        key = (*said.values(), row["photos"], row["keywords"], row["listed"])
        if self.described.setdefault(product.id, key) != key:
            raise errors.LinesDisagree(title=product.title)
        notes = []
        if said != {name: getattr(product, name) for name in _TEXTS}:
            operations.describe_product(actor=self.actor, product_id=product.id, now=self.now, **said)
            notes.append(_("other texts or picture"))
        notes += [*self._picture(row, product.id), *self._keyword(row, product)]
        if row["listed"] == "no" and product.is_listed:
            operations.unlist_product(actor=self.actor, product_id=product.id, now=self.now)
            notes.append(_("off the shelves"))
        if row["listed"] == "yes" and not product.is_listed:
            operations.list_product(actor=self.actor, product_id=product.id, now=self.now)
            notes.append(_("on the shelves"))
        return notes

    def _picture(self, row: Row, product_id: int) -> list[str]:
        """The photographs that a line names, in its order; those of its product that it does not name are put aside."""
        if "photos" not in row.cells:
            return []
        names = [name.strip() for name in row["photos"].split(_SEPARATOR) if name.strip()]
        before = [photo.name for photo in queries.photos_of(product_id)]
        if names == before:
            return []
        known = queries.photos_by_name(self.desk.shop.id, names)
        for name in names:
            if name not in known or known[name].product_id not in {None, product_id}:
                raise catalog_errors.PhotoNameUnknown(name=name[:80])
        operations.arrange_photos(
            actor=self.actor,
            product_id=product_id,
            photo_ids=[known[name].id for name in names],
            now=self.now,
        )
        return [_("other photographs")]

    def _keyword(self, row: Row, product: Product) -> list[str]:
        """The keywords that a line names, and no others; of what is retired a file knows nothing."""
        if "keywords" not in row.cells:
            return []
        chosen = self.keywords.read(row["keywords"])
        if chosen == self.keywords.shown(product.keyword_ids):
            return []
        operations.set_product_keywords(actor=self.actor, product_id=product.id, keyword_ids=chosen, now=self.now)
        return [_("other keywords")]

    def _rename(self, row: Row, variant: Variant) -> list[str]:
        name, name_en = row["variant"], row["variant_en"] if "variant_en" in row.cells else variant.name_en
        if (name, name_en) == (variant.name, variant.name_en):
            return []
        operations.rename_variant(actor=self.actor, variant_id=variant.id, name=name, name_en=name_en, now=self.now)
        return [f"{variant.name} → {name}" if name != variant.name else f"{variant.name_en} → {name_en}"]

    def _price(self, row: Row, variant: Variant) -> list[str]:
        currency = variant.price.currency
        if row["currency"] not in {"", currency.code}:
            raise errors.CurrencyStays(currency=currency.code)
        price = money_of(row["price"], currency)
        has_team = "team_price" in row.cells
        team_price = optional_money(row["team_price"], currency) if has_team else variant.team_price
        if (price, team_price) == (variant.price, variant.team_price):
            return []
        operations.set_prices(actor=self.actor, variant_id=variant.id, price=price, team_price=team_price, now=self.now)
        before, after = (" / ".join(tables.written(each) or "–" for each in pair) for pair in (
            (variant.price, variant.team_price), (price, team_price)
        ))  # fmt: skip
        return [_("price %(before)s → %(after)s") % {"before": before, "after": after}]

    def _fill(self, row: Row, variant_id: int) -> list[str]:
        count = whole(row["stock"] or "0")
        if not count:
            return []
        inventory.change_stock(actor=self.actor, variant_id=variant_id, by=count, now=self.now)
        return [_("stock %(by)s") % {"by": f"+{count}"}]

    def _restock(self, row: Row, variant_id: int) -> list[str]:
        """Stock changes by what differs from what the file saw, so that what was sold meanwhile stays sold."""
        if not row["stock"]:
            return []
        if not row["stock_seen"]:
            raise errors.StockUnseen()
        by = whole(row["stock"]) - whole(row["stock_seen"])
        if not by:
            return []
        inventory.change_stock(actor=self.actor, variant_id=variant_id, by=by, now=self.now)
        return [_("stock %(by)s") % {"by": f"{by:+d}"}]


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise catalog_errors.VariantNotFound()
    return int(text)


def _texts(row: Row, product: Product | None = None) -> dict[str, str]:
    """What a line says of its product; of columns that the file has not, what is so."""
    said = {name: row[name] if name in row.cells or product is None else getattr(product, name) for name in _TEXTS}
    if product is None:
        said["picture"] = said["picture"] or "gift"
        said["title_en"] = said["title_en"] or said["title"]
    elif said["picture"] == product.picture:
        return said
    if said["picture"] not in THINGS:
        raise errors.PictureUnknown(picture=said["picture"][:40])
    return said


def _draft(row: Row, currency: Currency) -> VariantDraft:
    return VariantDraft(
        row["variant"],
        row["variant_en"] or row["variant"],
        money_of(row["price"], currency),
        optional_money(row["team_price"], currency),
    )


def _page(
    request: HttpRequest, desk: Desk, trial: Trial | None = None, refused: DomainError | None = None
) -> HttpResponseBase:
    return show(
        request,
        desk,
        "import",
        "products",
        status=status_of(refused) if refused else 200,
        title=_("Import products"),
        intro=_("Export, change what you like, and send the file back. A line without ids is something new."),
        back_href=desk.href("products"),
        back_label=_("Products"),
        action=desk.href("import-products"),
        begin=parts.Link(_("Export what there is"), f"{desk.href('products')}?format=csv"),
        columns=COLUMNS,
        values=(
            ("photos", _("names of photographs that you uploaded, in their order: front.jpg|back.jpg")),
            ("keywords", _("names of keywords: camping|for beginners; where two kinds have the name, industry:tea")),
            ("listed", "yes | no"),
            ("stock_seen", _("what was there when the file was written")),
            ("stock", _("what there shall be; the difference is added or taken away")),
        ),
        trial=trial,
        refusal=text_of(refused) if refused else "",
    )
