"""Goods at the workbench: made, changed, shelved, counted, and by file; hostile files change nothing."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import pytest
from django.http import HttpResponse

from tests.builders import goods
from tests.builders.keywords import make_keyword
from tests.builders.people import make_person
from tests.surfaces.seller.conftest import Bench, another_owner, paid
from tests.surfaces.storefront.conftest import Market, browser, footprint, key
from wuyou.domains.catalog import operations, queries
from wuyou.domains.catalog.types import MOST_KEYWORDS, Keyword, KeywordKind, Product
from wuyou.domains.identity.types import Person
from wuyou.domains.inventory import queries as stocks
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.clock import utc_now
from wuyou.surfaces.seller.pages.product_files import COLUMNS

NEW = {
    "title": "手织毛衣", "title_en": "Hand-knit sweater", "brief": "暖", "brief_en": "Warm", "picture": "gift",
    "price": "299.00", "team": "", "currency": "CNY", "values1": "红\n蓝", "values1_en": "Red\nBlue",
    "values2": "小\n大\n", "values2_en": "S\nL",
}  # fmt: skip


def shown(bench: Bench, product: Product, **changes: str) -> dict[str, str]:
    """The form of a product's variants as the page shows it, changed."""
    stock = stocks.stock_by_variant(variant.id for variant in product.variants)
    form = key()
    for each in product.variants:
        count = str(stock[each.id].on_hand)
        form |= {
            f"name-{each.id}": each.name, f"name_en-{each.id}": each.name_en, f"price-{each.id}": "59.00",
            f"team-{each.id}": "39.00", f"stock-{each.id}": count, f"seen-{each.id}": count,
        }  # fmt: skip
    variant = product.variants[0].id
    return form | {f"{name}-{variant}": value for name, value in changes.items()}


def test_product_with_a_variant_for_each_pair_of_values(bench: Bench) -> None:
    place = bench.client.post(f"{bench.home}/products/new", {**NEW, **key()})["Location"]
    made = queries.get_product(int(place.rsplit("/", 1)[1]))
    assert [(each.name, each.name_en) for each in made.variants] == [
        ("红 / 小", "Red / S"), ("红 / 大", "Red / L"), ("蓝 / 小", "Blue / S"), ("蓝 / 大", "Blue / L"),
    ]  # fmt: skip
    assert {each.price.amount_minor for each in made.variants} == {29_900}
    assert "Hand-knit sweater" in bench.page("/products")


@pytest.mark.parametrize(
    "change",
    [
        {"title": " "}, {"picture": "nothing"}, {"price": "0"}, {"price": "1e5"}, {"price": "1.001"}, {"price": ""},
        {"team": "300"}, {"currency": "XXX"}, {"values1_en": "Red"}, {"values1": "\n".join(map(str, range(60)))},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_products_are_refused_and_change_nothing(bench: Bench, change: dict[str, str]) -> None:
    before = footprint()
    assert bench.client.post(f"{bench.home}/products/new", {**NEW, **change, **key()}).status_code in {409, 422}
    assert footprint() == before


def test_changing_texts_prices_and_stock(bench: Bench, committed: Market) -> None:
    page = f"{bench.home}/products/{committed.product.id}"
    texts = {"title": "蜂蜜", "title_en": "Honey", "brief": "", "brief_en": "", "picture": "honey"}
    bench.client.post(f"{page}/describe", {**texts, **key()})
    changes = {"name": "大瓶", "price": "61.5", "team": "", "stock": "90"}
    bench.client.post(f"{page}/variants", shown(bench, committed.product, **changes))
    after = queries.get_product(committed.product.id)
    (variant,) = after.variants
    assert (after.title, variant.name, variant.price.amount_minor, variant.team_price) == ("蜂蜜", "大瓶", 6_150, None)
    assert stocks.available_by_variant([variant.id]) == {variant.id: 90}
    acts = [(act.what, act.about) for act in queries.list_acts(committed.shop.id).items]
    assert acts == [("save-variants", str(after.id)), ("describe-product", str(after.id))]


def test_what_was_sold_while_the_form_stood_open_stays_sold(bench: Bench, committed: Market, mei: Person) -> None:
    form = shown(bench, committed.product, stock="110")
    order = paid(committed, mei, quantity=3)
    bench.client.post(f"{bench.home}/orders/{order.order_no}/ship", {"carrier": "LOCAL", **key()})
    bench.client.post(f"{bench.home}/products/{committed.product.id}/variants", form)
    assert stocks.stock_by_variant([committed.variant_id])[committed.variant_id].on_hand == 107


@pytest.mark.parametrize("stock", ["1", "-1", "x", "", "9999999999"])
def test_stock_below_what_is_kept_for_orders_is_refused(
    bench: Bench, committed: Market, mei: Person, stock: str
) -> None:
    paid(committed, mei, quantity=2)
    before = footprint()
    answer = bench.client.post(
        f"{bench.home}/products/{committed.product.id}/variants", shown(bench, committed.product, stock=stock, name="x")
    )
    assert answer.status_code in {409, 422}
    assert footprint() == before


def test_off_the_shelves_and_back(bench: Bench, committed: Market) -> None:
    page = f"{bench.home}/products/{committed.product.id}"
    bench.client.post(f"{page}/shelf", {"listed": "no", **key()})
    assert not queries.products_by_id([committed.product.id])[committed.product.id].is_listed
    assert "Mountain honey" in bench.page("/products", state="unlisted")
    assert "Mountain honey" not in bench.page("/products")
    bench.client.post(f"{page}/shelf", {"listed": "yes", **key()})
    assert queries.get_product(committed.product.id).is_listed
    assert bench.client.post(f"{page}/shelf", {"listed": "maybe", **key()}).status_code == 422


def test_one_more_variant(bench: Bench, committed: Market) -> None:
    page = f"{bench.home}/products/{committed.product.id}"
    bench.client.post(f"{page}/add", {"name": "两瓶", "name_en": "Two jars", "price": "110", "team": "", **key()})
    assert [each.name_en for each in queries.get_product(committed.product.id).variants] == ["One jar", "Two jars"]


def test_another_shops_product_is_none(bench: Bench) -> None:
    theirs = goods.make_product(utc_now(), shop=goods.make_shop(utc_now(), owner_id=another_owner().id))
    page = f"{bench.home}/products/{theirs.id}"
    before = footprint()
    assert bench.client.get(page).status_code == 404
    for act in ("describe", "variants", "add", "shelf"):
        assert bench.client.post(f"{page}/{act}", {**NEW, "listed": "no", **key()}).status_code == 404
    assert footprint() == before


# ---------------------------------------------------------------- by file


def upload(bench: Bench, content: bytes | str) -> HttpResponse:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "products.csv"
    return bench.client.post(f"{bench.home}/products/import", {"file": file, **key()})


def take_over(bench: Bench, tried: HttpResponse) -> HttpResponse:
    token = re.search(r'name="token" value="([^"]+)"', tried.content.decode())
    assert token is not None
    return bench.client.post(f"{bench.home}/products/import", {"token": token[1], **key()})


def exported(bench: Bench) -> bytes:
    return b"".join(bench.client.get(f"{bench.home}/products", {"format": "csv"}))  # type: ignore[arg-type]


def rows_in(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def as_file(*rows: dict[str, str], without: str = "") -> str:
    out = StringIO()
    writer = csv.DictWriter(out, [name for name in COLUMNS if name != without], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def goods_of(market: Market) -> tuple[object, ...]:
    products = queries.list_products_of_shop(market.shop.id).items
    ids = [variant.id for each in products for variant in each.variants]
    return products, stocks.stock_by_variant(ids)


def test_what_is_exported_comes_back_as_it_was(bench: Bench, committed: Market) -> None:
    goods.make_product(utc_now(), shop=committed.shop, title="=1+1", title_en='\'quoted, "comma"\t', team_price=None)
    before, content = goods_of(committed), exported(bench)
    assert {row["title"] for row in rows_in(content)} == {"山里的蜂蜜", "'=1+1"}
    tried = upload(bench, content)
    assert "Nothing in this file would change anything." in tried.content.decode()
    gbk = upload(bench, content.decode("utf-8-sig").encode("gb18030"))
    assert "Nothing in this file would change anything." in gbk.content.decode()
    assert goods_of(committed) == before


def test_changes_and_new_goods_are_tried_then_taken_over(bench: Bench, committed: Market) -> None:
    (row,) = rows_in(exported(bench))
    changed = {**row, "price": "49.00", "stock": "120", "variant_en": "A jar"}
    new = {"title": "茶", "variant": "一两", "price": "30", "stock": "5", "picture": "tea"}
    more = {**new, "variant": "半斤", "price": "130", "stock": "", "listed": ""}
    before = goods_of(committed)
    tried = upload(bench, as_file(changed, new, more))
    text = tried.content.decode()
    for said in ("3 lines change something.", "price 59.00 / 39.00 → 49.00 / 39.00", "stock +20", "a new product"):
        assert said in text
    assert goods_of(committed) == before  # only tried
    take_over(bench, tried)
    assert [act.what for act in queries.list_acts(committed.shop.id).items] == ["import-products"]
    tea, honey = queries.list_products_of_shop(committed.shop.id).items
    assert [(each.name, each.price.amount_minor) for each in tea.variants] == [("一两", 3_000), ("半斤", 13_000)]
    assert (honey.variants[0].name_en, honey.variants[0].price.amount_minor) == ("A jar", 4_900)
    assert stocks.stock_by_variant([honey.variants[0].id])[honey.variants[0].id].on_hand == 120
    assert stocks.available_by_variant([tea.variants[0].id]) == {tea.variants[0].id: 5}


def test_one_wrong_line_and_nothing_is_taken_over(bench: Bench, committed: Market, mei: Person) -> None:
    paid(committed, mei, quantity=2)
    theirs = goods.make_product(utc_now(), shop=goods.make_shop(utc_now(), owner_id=another_owner().id))
    (row,) = rows_in(exported(bench))
    wrong = [
        {**row, "stock": "1"},
        {**row, "price": "0"},
        {**row, "team_price": "60"},
        {**row, "currency": "USD"},
        {**row, "picture": "nothing"},
        {**row, "stock_seen": ""},
        {**row, "title": ""},
        {**row, "variant_id": str(theirs.variants[0].id), "product_id": ""},
        {**row, "variant_id": "x"},
        {**row, "variant_id": "", "product_id": str(theirs.id)},
        {**row, "variant_id": "", "product_id": "", "title": "x", "stock": "-1"},
    ]
    for each in wrong:
        before = footprint()
        text = upload(
            bench, as_file({"title": "新", "variant": "新", "price": "1", "stock": "1"}, each)
        ).content.decode()
        assert "1 line is wrong, so nothing is taken over." in text, each
        assert 'name="token"' not in text
        after = footprint()
        assert {table for table in after.keys() | before.keys() if after.get(table) != before.get(table)} <= {
            "stored_file"
        }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price": "abc"}, "We cannot read “abc” as an amount. Write it like 12.50."),
        ({"team_price": "4,9"}, "We cannot read “4,9” as an amount. Write it like 12.50."),
        ({"price": "1.001"}, "We cannot read “1.001” as an amount. Write it like 12.50."),
        ({"currency": "USD"}, "What is sold in CNY stays in CNY."),
        ({"price": "0"}, "The team price must be below the price alone, and both above zero."),
    ],
    ids=str,
)
def test_a_wrong_price_is_told_for_what_it_is(
    bench: Bench, committed: Market, change: dict[str, str], said: str
) -> None:
    (row,) = rows_in(exported(bench))
    before = goods_of(committed)

    assert said in upload(bench, as_file({**row, **change})).content.decode()
    assert goods_of(committed) == before


def test_keywords_go_out_and_come_back_and_what_a_line_names_is_what_there_is(bench: Bench, committed: Market) -> None:
    now, product_id = utc_now(), committed.product.id
    camping, tea = (
        make_keyword(now, KeywordKind.GOODS, "露营", "Camping"),
        make_keyword(now, KeywordKind.GOODS, "茶", "Tea"),
    )
    trade = make_keyword(now, KeywordKind.INDUSTRY, "茶", "Tea")
    formula = make_keyword(now, KeywordKind.USERS, "=新手", "Beginners")
    old = make_keyword(now, KeywordKind.GOODS, "过时", "Old")

    def carried(*keywords: Keyword) -> tuple[int, ...]:
        return tuple(sorted(each.id for each in keywords))

    def found() -> tuple[int, ...]:
        return queries.get_product(product_id).keyword_ids

    owner = Actor(committed.owner.id)
    put = carried(formula, camping, trade, old)
    db.in_transaction(
        lambda: operations.set_product_keywords(actor=owner, product_id=product_id, keyword_ids=put, now=now)
    )
    db.in_transaction(lambda: operations.retire_keyword(actor=PLATFORM, keyword_id=old.id, now=now))
    (row,) = rows_in(exported(bench))
    assert row["keywords"] == "露营|=新手|industry:茶"
    assert "Nothing in this file would change anything." in upload(bench, exported(bench)).content.decode()

    tried = upload(bench, as_file({**row, "keywords": " camping | GOODS:tea|beginners"}))
    assert "other keywords" in tried.content.decode()
    assert found() == put  # only tried
    take_over(bench, tried)
    assert found() == carried(camping, tea, formula, old)  # what is retired is nothing that a file takes away
    take_over(bench, upload(bench, "title,variant,price,stock,keywords\n新,一,1,,露营\n新,二,2,,露营\n"))
    assert [each.keyword_ids for each in queries.list_products_of_shop(committed.shop.id).items[:1]] == [(camping.id,)]
    take_over(bench, upload(bench, as_file({**row, "price": "58"}, without="keywords")))
    assert found() == carried(camping, tea, formula, old)  # a file without the column says nothing of them
    take_over(bench, upload(bench, as_file({**rows_in(exported(bench))[-1], "keywords": ""})))
    assert found() == (old.id,)


def test_words_that_are_no_keywords_are_refused_line_by_line_and_nothing_changes(
    bench: Bench, committed: Market
) -> None:
    now = utc_now()
    make_keyword(now, KeywordKind.GOODS, "茶", "Tea")
    make_keyword(now, KeywordKind.INDUSTRY, "茶", "Tea trade")
    make_keyword(now, KeywordKind.MEDIA, "直播", "Live")
    many = [make_keyword(now).name for _ in range(MOST_KEYWORDS + 1)]
    (row,) = rows_in(exported(bench))
    new = {"title": "新", "variant": "一", "price": "1", "keywords": many[0]}
    before = footprint()
    text = upload(
        bench,
        as_file(
            new,
            {**row, "keywords": f"{many[0]}|没有"},
            {**new, "title": "乙", "keywords": "茶"},
            {**new, "title": "丙", "keywords": "直播"},
            {**new, "title": "丁", "keywords": "|".join(many)},
        ),
    ).content.decode()
    assert "4 lines are wrong, so nothing is taken over." in text
    for said in (
        "There is no keyword called “没有” for goods.",
        "Several keywords are called “茶”. Write goods:茶 for one of them.",
        "There is no keyword called “直播” for goods.",
        "At most 12 keywords are possible here.",
    ):
        assert said in text
    for line in range(3, 7):
        assert re.search(rf"\b{line}\b", text)
    after = footprint()
    assert {table for table in after.keys() | before.keys() if after.get(table) != before.get(table)} == {"stored_file"}


def test_lines_that_disagree_about_a_product_are_wrong(bench: Bench, committed: Market) -> None:
    page = f"{bench.home}/products/{committed.product.id}"
    bench.client.post(f"{page}/add", {"name": "两瓶", "name_en": "Two jars", "price": "110", "team": "", **key()})
    first, second = rows_in(exported(bench))
    text = upload(bench, as_file({**first, "title": "甲"}, {**second, "title": "乙"})).content.decode()
    assert "Another line says something else of" in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title,variant,price\nx,y,1\n", "has no column: stock"),
        (b"title,variant,price,stock,weight\nx,y,1,1,2\n", "weight"),
        (b"title,variant,price,stock\n", "no line below"),
        (b"\xff\xfe\x00", "cannot read line 1"),
        (b"title,variant,price,stock\n" + b"y" * (10 * 1024 * 1024), "at most 10 MB"),
    ],
    ids=["missing", "unknown", "empty", "binary", "large"],
)
def test_files_that_make_no_sense_are_refused(bench: Bench, content: bytes, said: str) -> None:
    before = footprint()
    answer = upload(bench, content)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert footprint() == before


def test_nobody_else_imports_or_exports(bench: Bench) -> None:
    for other in (browser(make_person(utc_now())), browser(another_owner())):
        assert other.get(f"{bench.home}/products", {"format": "csv"}).status_code == 404
        assert other.post(f"{bench.home}/products/import", key()).status_code == 404
