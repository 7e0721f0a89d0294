"""What it costs to choose goods out of a library of any size, beside comparing the 500 newest in memory.

PostgreSQL with fsync on. Of so many goods, a hundred a shop, a tenth has a plan of its own, every shop has one,
two thousand came by activities, and the publisher is in twenty circles, promotes fifty shops and has one library to
themselves. A question is asked `--times` times on a warm cache; the median counts. The peer reads the 500 newest goods
and their plans, as one page could at most without the database's choosing; it never finds anything older.

    make bench NAME=library
    make bench NAME=library ARGS="--goods 200000 --explain"
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bench import harness

CIRCLES, ENROLLED, NEWEST = 20, 2_000, 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goods", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--explain", action="store_true", help="print how PostgreSQL finds the first page")
    asked = parser.parse_args()
    with harness.database():
        measure(asked.goods, asked.times, explains=asked.explain)


def measure(count: int, times: int, *, explains: bool) -> None:
    """Fill a library, ask, and print."""
    from wuyou.domains.alliance import queries
    from wuyou.domains.alliance.library_types import Fitting, Order, Wanted
    from wuyou.domains.alliance.types import Origin
    from wuyou.domains.catalog import queries as catalog
    from wuyou.domains.catalog.types import Product
    from wuyou.kernel.clock import utc_now
    from wuyou.kernel.paging import MAX_PAGE

    now = utc_now()
    publisher, keyword, shop = fill(count, now)

    def page(wanted: Wanted, cursor: tuple[int, int] | None = None) -> object:
        return queries.list_library(wanted, publisher_id=publisher, at=now, cursor=cursor)

    def newest() -> object:
        goods: list[Product] = []
        cursor: int | None = None
        while len(goods) < NEWEST:
            read = catalog.list_products(cursor=cursor, limit=MAX_PAGE)
            goods += read.items
            cursor = read.next_cursor
        shops = {each.id: each.shop_id for each in goods}
        return queries.offers_by_product(shops, publisher_id=publisher, at=now)

    deep = queries.list_library(Wanted(), publisher_id=publisher, at=now, limit=count // 2).next_cursor
    questions: dict[str, Callable[[], object]] = {
        "newest_500_in_memory": newest,
        "most_for_you": lambda: page(Wanted()),
        "middle_page": lambda: page(Wanted(), deep),
        "highest_rate": lambda: page(Wanted(Order.RATE)),
        "lowest_price": lambda: page(Wanted(Order.PRICE)),
        "one_keyword": lambda: page(Wanted(keyword_ids=frozenset({keyword}))),
        "in_stock": lambda: page(Wanted(in_stock=True)),
        "words": lambda: page(Wanted(words="露营")),
        "one_shop": lambda: page(Wanted(shop_id=shop)),
        "for_you": lambda: page(Wanted(for_one=True)),
        "by_recruiters": lambda: page(Wanted(origin=Origin.RECRUITER)),
        "for_who_follows": lambda: page(Wanted(fitting=Fitting({shop: 20}, {}, {keyword: 20}))),
    }
    figures = {name: median_ms(question, times) for name, question in questions.items()}
    for name, (milliseconds, statements) in figures.items():
        print(f"{count:>8,} goods  {name:<22} {milliseconds:>8.1f} ms  {statements} queries")
    if explains:
        explain(lambda: page(Wanted()))
    harness.print_json(goods=count, **{name: round(ms, 1) for name, (ms, _) in figures.items()})


def median_ms(question: Callable[[], object], times: int) -> tuple[float, int]:
    """How long it takes, warm, and how many statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        question()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        question()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1_000, len(asked)


def explain(question: Callable[[], object]) -> None:
    """How PostgreSQL answers it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        question()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + asked.captured_queries[-1]["sql"].replace("%", "%%"))
        print("\n".join(line for (line,) in cursor.fetchall()))


def fill(count: int, now: datetime) -> tuple[int, int, int]:
    """So many goods, written past the operations; returns a publisher, a keyword and a shop."""
    from wuyou.domains.alliance import operations
    from wuyou.domains.catalog import operations as catalog
    from wuyou.domains.catalog.types import KeywordKind
    from wuyou.domains.identity import operations as identity
    from wuyou.infra import db, fulltext
    from wuyou.kernel.actor import PLATFORM

    def begin() -> tuple[int, int, int, list[int]]:
        people = [identity.register(handle=f"person_{n}", display_name=f"P {n}", now=now).id for n in range(3)]
        one, host = (operations.ensure_publisher(user_id=each, now=now).id for each in people[:2])
        words = [
            catalog.add_keyword(actor=PLATFORM, kind=KeywordKind.GOODS, name=f"词{n}", name_en=f"w{n}", now=now).id
            for n in range(50)
        ]
        return one, host, people[2], words

    publisher, host, owner, words = db.in_transaction(begin)
    titles = [f"{name} {number}" for name in ("露营地垫", "茶杯", "帐篷", "围巾", "蜂蜜") for number in range(4)]
    facts = {
        "count": count, "shops": count // 100, "owner": owner, "now": now, "later": now + timedelta(days=30),
        "before": now - timedelta(days=60), "publisher": publisher, "host": host, "words": words, "titles": titles,
        "vectors": [fulltext.vector((title, "A")) for title in titles], "circles": CIRCLES, "enrolled": ENROLLED,
    }  # fmt: skip

    def write() -> None:
        for statement in _ROWS:
            db.execute(statement, facts)

    db.in_transaction(write)
    for table in _TABLES:
        db.execute(f"ANALYZE {table}")
    ((shop,),) = db.rows("SELECT max(id) FROM catalog_shop")
    return publisher, words[7], shop


_PLAN = """
    INSERT INTO alliance_plan (shop_id, product_id, collaboration_id, enrolment_id, only_id, recruiter_id, rate_bps,
        publisher_share_bps, partner_share_bps, platform_share_bps, service_bps, special_bps, first_count, first_sold,
        from_at, until_at, set_at)
"""
_ROWS = (
    """
    INSERT INTO catalog_shop (owner_id, name, name_en, return_window_s, opened_at)
    SELECT %(owner)s, '店' || n, 'Shop ' || n, 604800, %(before)s FROM generate_series(1, %(shops)s) n
    """,
    """
    INSERT INTO catalog_product (shop_id, title, title_en, brief, brief_en, picture, is_listed, added_at, words,
                                 keyword_ids)
    SELECT (SELECT min(id) FROM catalog_shop) + n %% %(shops)s::bigint, (%(titles)s::text[])[1 + n %% 20],
           'Thing ' || n,
           repeat('说明', 60), repeat('words ', 40), 'gift', true, %(before)s,
           (%(vectors)s::text[])[1 + n %% 20]::tsvector,
           ARRAY[(%(words)s::bigint[])[1 + n %% 50], (%(words)s::bigint[])[1 + n * 7 %% 50]]::bigint[]
    FROM generate_series(1, %(count)s) n
    """,
    """
    INSERT INTO catalog_variant (product_id, name, name_en, price_minor, currency)
    SELECT p.id, '款' || k, 'Form ' || k, 100 + p.id * 7919 %% 100000 + k * 100, 'CNY'
    FROM catalog_product p CROSS JOIN generate_series(1, 2) k
    """,
    """
    INSERT INTO inventory_stock_item (variant_id, on_hand, reserved, shipped)
    SELECT id, CASE WHEN product_id %% 10 < 8 THEN 5 ELSE 0 END, 0, 0 FROM catalog_variant
    """,
    f"""
    {_PLAN} SELECT id, NULL, NULL, NULL, NULL, NULL, 500 + id * 37 %% 2500, 7000, 2000, 1000, 0, 0, 0, 0,
                   %(before)s, NULL, %(before)s FROM catalog_shop
    """,  # noqa: S608  (literals of this module)
    f"""
    {_PLAN} SELECT shop_id, id, NULL, NULL, NULL, NULL, 500 + id * 53 %% 3000, 7000, 2000, 1000, 0, 0, 0, 0,
                   %(before)s, NULL, %(before)s FROM catalog_product WHERE id %% 10 = 3
    """,  # noqa: S608  (literals of this module)
    """
    INSERT INTO alliance_activity (recruiter_id, title, brief, least_rate_bps, service_bps, enrols_until, from_at,
                                   until_at, opened_at, keyword_ids)
    SELECT %(host)s, '招商' || n, '', 100, 100, %(later)s, %(before)s, %(later)s, %(before)s, '{}'
    FROM generate_series(1, 20) n
    """,
    """
    INSERT INTO alliance_enrolment (activity_id, shop_id, product_id, rate_bps, first_count, state, words, enrolled_at)
    SELECT (SELECT min(id) FROM alliance_activity) + id %% 20, shop_id, id, 1000 + id * 11 %% 3000, 0, 'ACCEPTED', '',
           %(before)s FROM catalog_product WHERE id %% 7 = 2 ORDER BY id LIMIT %(enrolled)s
    """,
    f"""
    {_PLAN} SELECT shop_id, product_id, NULL, id, CASE WHEN id %% 20 = 0 THEN %(publisher)s::bigint END, %(host)s,
                   rate_bps, 7000, 2000, 1000, 100, 0, 0, 0, %(before)s, %(later)s, %(before)s FROM alliance_enrolment
    """,  # noqa: S608  (literals of this module)
    """
    INSERT INTO alliance_collaboration (shop_id, name, terms, takes_applications, opened_at)
    SELECT id, '圈', '', true, %(before)s FROM catalog_shop ORDER BY id LIMIT %(circles)s
    """,
    """
    INSERT INTO alliance_participant (collaboration_id, publisher_id, state, words, asked_at, joined_at)
    SELECT id, %(publisher)s, 'JOINED', '', %(before)s, %(before)s FROM alliance_collaboration
    """,
    f"""
    {_PLAN} SELECT shop_id, NULL, id, NULL, NULL, NULL, 2000, 7000, 2000, 1000, 0, 0, 0, 0, %(before)s, NULL, %(before)s
            FROM alliance_collaboration
    """,  # noqa: S608  (literals of this module)
    """
    INSERT INTO alliance_promoting (publisher_id, shop_id, since)
    SELECT %(publisher)s, id, %(before)s FROM catalog_shop ORDER BY id DESC LIMIT 50
    """,
)
_TABLES = (
    "catalog_shop", "catalog_product", "catalog_variant", "inventory_stock_item", "alliance_plan",
    "alliance_enrolment", "alliance_activity", "alliance_participant", "alliance_promoting",
)  # fmt: skip


if __name__ == "__main__":
    main()
