"""Paid orders attributed to clicks and settled to their parties, as the worker does it, beside plain INSERTs.

A market of 200 shops, 500 publishers and 5,000 links; buyers click 20 times for each order that they place, over two
months, on links of any shop; rates change meanwhile. Each order is brought by a link that is shared with a third party
and served by a tool, to a shop that was recruited: five parties and the shop, six transfers a line's order. People,
goods, plans and links are made by operations; clicks, orders and what they tell are drawn into their tables by SQL.

*Attributed* is from the first unread `OrderPaid` to the last conversion with its parts; *settled* from the first unread
`OrderCompleted` to the last journal, with reasons, sums and events. Both are the event log's own dispatcher with the
platform's own subscriber: batches, each in one transaction. Ten times as many orders come after a first tenth:
`growth_x10` is how much longer they take. *Plain INSERTs* put as many transfers, made beforehand, into a table with the
ledger's columns and a primary key, a statement a row, 200 orders a transaction; `vs_bulk_insert` is beside a single
statement for all rows of a transaction. Both are of the transfers alone, while ours also attributes, writes
conversions, parts, reasons, sums and news. Orders of a sample are computed one by one with the full trace of their
clicks and must be what is stored and booked, to the cent.

    make bench NAME=settle                      1,000,000 orders, 20,000,000 clicks
    make bench NAME=settle ARGS="--small"       20,000 orders, 400,000 clicks
    make bench NAME=settle ARGS="--orders 2000"
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psutil

from bench import harness

if TYPE_CHECKING:
    from wuyou.infra.embedded_postgres import EmbeddedPostgres

SHOPS, GOODS_A_SHOP, PUBLISHERS, LINKS_A_PUBLISHER = 200, 5, 500, 10
CLICKS_AN_ORDER, ORDERS_A_BUYER = 20, 5
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 60
SAMPLE, WARM_UP = 300, 500
PLAIN_ROWS = 60_000


@dataclass(frozen=True)
class Cost:
    """What a step took."""

    wall_s: float
    own_cpu_s: float
    database_cpu_s: float


def main() -> None:
    """Run the bench and print its figures; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--small", action="store_true", help="20,000 orders")
    options = parser.parse_args()
    with harness.database() as server:
        print_figures(server, 20_000 if options.small else options.orders)


def print_figures(server: EmbeddedPostgres, orders: int) -> None:
    """Measure everything in the database that Django is set up on."""
    postmaster = server.status().pid
    assert postmaster is not None
    began = time.perf_counter()
    links = open_market()
    print(f"{SHOPS} shops, {PUBLISHERS} publishers, {links:,} links in {time.perf_counter() - began:.0f} s")
    figures: list[dict[str, Cost]] = []
    live(draw(WARM_UP, links), postmaster)  # plans are made, caches are warm
    for size in (orders // 10, orders):
        began = time.perf_counter()
        first = draw(size, links)
        print(f"{size:,} orders, {size * CLICKS_AN_ORDER:,} clicks drawn in {time.perf_counter() - began:.0f} s")
        figures.append(live(first, postmaster))
        for step, cost in figures[-1].items():
            print(
                f"  {step:10} {cost.wall_s:8.1f} s  {size / cost.wall_s:8,.0f} orders/s"
                f"  CPU-ms/order {1e3 * cost.own_cpu_s / size:.3f} own, {1e3 * cost.database_cpu_s / size:.3f} database"
            )
    conversions, transfers = counted(first)
    print(f"{conversions:,} conversions; {transfers:,} transfers, {transfers / orders:.2f} an order")
    compare_with_reference(first)
    walls = [sum(cost.wall_s for cost in each.values()) for each in figures]
    used = [sum(cost.own_cpu_s + cost.database_cpu_s for cost in each.values()) for each in figures]
    one_by_one, bulk = plain_rates(first)
    rate = transfers / walls[1]
    print(f"{rate:,.0f} transfers/s; plain INSERTs {one_by_one:,.0f}/s a row each, {bulk:,.0f}/s in bulk")
    print(harness.books_hold())
    last = figures[1]
    harness.print_json(
        orders=orders,
        clicks=orders * CLICKS_AN_ORDER,
        orders_per_s=round(orders / walls[1]),
        attributed_per_s=round(orders / last["attributed"].wall_s),
        settled_per_s=round(orders / last["settled"].wall_s),
        transfers_per_s=round(rate),
        vs_insert=round(rate / one_by_one, 3),
        vs_bulk_insert=round(rate / bulk, 3),
        settled_vs_bulk_insert=round(transfers / last["settled"].wall_s / bulk, 3),
        growth_x10=round(walls[1] / walls[0], 2),
        growth_cpu_x10=round(used[1] / used[0], 2),
        cpu_ms_per_order=round(1e3 * used[1] / orders, 3),
        rss_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        sample=SAMPLE,
    )


# ---------------------------------------------------------------- the market


def open_market() -> int:
    """Shops, goods, plans, publishers and links, by operations; returns how many links."""
    from tests.builders.alliance import Market

    from wuyou.infra import db

    draws = random.Random(5)

    def entry() -> int:
        market = Market(BEGAN)
        goods, recruiters = [], [market.publisher() for _ in range(10)]
        for number in range(SHOPS):
            shop = market.open_shop()
            goods += [market.product(draws.randint(1_000, 90_000), shop=shop) for _ in range(GOODS_A_SHOP)]
            recruiter, shares = draws.choice(recruiters), (7_000, 2_000, 1_000)
            market.plan(draws.randint(500, 2_000), shares=shares, shop=shop, recruiter=recruiter, service_bps=200)
            if number % 2:
                change = BEGAN + timedelta(days=draws.randint(5, 40))
                market.plan(
                    draws.randint(500, 3_000), shares=shares, shop=shop, recruiter=recruiter, service_bps=100, at=change
                )
            if number % 3 == 0:
                market.plan(
                    draws.randint(500, 3_000), shares=shares, shop=shop, product=goods[-1], recruiter=recruiter,
                    service_bps=200,
                )  # fmt: skip
        tools, thirds = [market.publisher() for _ in range(5)], [market.publisher() for _ in range(50)]
        for _ in range(PUBLISHERS):
            publisher, third = market.publisher(), draws.choice(thirds)
            first, *others = draws.sample(goods, LINKS_A_PUBLISHER)
            tool = draws.choice(tools)
            market.link(publisher, first, partner=tool, slot="shared", third=third, third_share_bps=2_500)
            for product in others:
                market.link(publisher, product, partner=draws.choice(tools), slot="shared")
        return PUBLISHERS * LINKS_A_PUBLISHER

    return db.in_transaction(entry)


def draw(size: int, links: int) -> int:
    """Buyers, their clicks, their orders and the money in escrow; returns the first of the orders' ids."""
    from tests.builders.ledger import CLEARING, account, draft

    from wuyou.domains.ledger import operations as ledger
    from wuyou.domains.ledger.types import AccountKind
    from wuyou.infra import db

    buyers = size // ORDERS_A_BUYER

    def entry() -> int:
        db.rows("SELECT setseed(0.5)")
        put_back = taken_off("alliance_click")
        ((first_buyer,),) = db.rows("SELECT max(id) + 1 FROM identity_user")
        db.execute(
            """
            INSERT INTO identity_user (id, handle, display_name, avatar, password, is_staff, is_active, joined_at)
            SELECT %s + n, 'buyer_' || %s + n, 'Buyer', 'face', '', FALSE, TRUE, %s
            FROM generate_series(0, %s - 1) n
            """,
            [first_buyer, first_buyer, BEGAN, buyers],
        )
        ((first_click,),) = db.rows("SELECT coalesce(max(id), 0) + 1 FROM alliance_click")
        ((first_link,),) = db.rows("SELECT min(id) FROM alliance_link")
        db.execute(
            """
            INSERT INTO alliance_click (id, link_id, visitor, user_id, clicked_at, known_at)
            SELECT %(click)s + n, %(link)s + floor(random() * %(links)s), 'browser', %(buyer)s + n / %(each)s, at, at
            FROM (SELECT n, %(began)s + %(days)s * random() AS at FROM generate_series(0, %(clicks)s - 1) n) drawn
            """,
            {
                "click": first_click,
                "link": first_link,
                "links": links,
                "buyer": first_buyer,
                "each": CLICKS_AN_ORDER * ORDERS_A_BUYER,
                "began": BEGAN,
                "days": timedelta(days=DAYS),
                "clicks": size * CLICKS_AN_ORDER,
            },
        )
        for statement in put_back:
            db.execute(statement)
        db.execute("ANALYZE alliance_click")
        ((first,),) = db.rows("SELECT coalesce(max(id), 0) + 1 FROM orders_order")
        # Each order follows one of its buyer's clicks within ten days, to the product of the link or another of the
        # shop; the last of the clicks between may be another one.
        db.execute(
            """
            CREATE TEMPORARY TABLE drawn ON COMMIT DROP AS
            SELECT %(first)s + row_number() OVER (ORDER BY c.id) - 1 AS id, c.user_id AS buyer_id, l.shop_id,
                   c.clicked_at + random() * interval '10 days' AS placed_at,
                   p.id AS product_id, w.id AS variant_id, w.price_minor, 1 + floor(random() * 3)::int AS quantity
            FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id
            JOIN LATERAL (SELECT id FROM catalog_product WHERE shop_id = l.shop_id
                          ORDER BY (id = l.product_id) DESC, id OFFSET (c.id %% 3) LIMIT 1) p ON TRUE
            JOIN LATERAL (SELECT id, price_minor FROM catalog_variant WHERE product_id = p.id LIMIT 1) w ON TRUE
            WHERE c.id >= %(click)s AND c.id %% %(each)s = 0
            """,
            {"first": first, "click": first_click, "each": CLICKS_AN_ORDER},
        )
        db.execute(
            """
            INSERT INTO orders_order (id, order_no, buyer_id, shop_id, kind, currency, items_minor, shipping_minor,
                                      total_minor, payment, fulfilment, placed_at, pay_until, paid_at, completes_at)
            SELECT id, 'B' || id, buyer_id, shop_id, 'ALONE', 'CNY', quantity * price_minor, 0, quantity * price_minor,
                   'PAID', 'RECEIVED', placed_at, placed_at, placed_at, placed_at
            FROM drawn
            """
        )
        db.execute(
            """
            INSERT INTO orders_order_line (id, order_id, variant_id, product_id, quantity, unit_price_minor)
            SELECT id, id, variant_id, product_id, quantity, price_minor FROM drawn
            """
        )
        escrows = db.rows("SELECT shop_id, sum(quantity * price_minor)::bigint FROM drawn GROUP BY 1 ORDER BY 1")
        ledger.post(
            journals=[
                draft(
                    f"open:{first}-{shop}",
                    (CLEARING, account(AccountKind.MERCHANT_ESCROW, f"shop:{shop}"), minor),
                    now=BEGAN,
                )
                for shop, minor in escrows
            ],
            now=BEGAN,
        )
        return int(first)

    first = db.in_transaction(entry)
    for table in ("alliance_click", "orders_order", "orders_order_line", "identity_user", "ledger_account"):
        db.execute(f"VACUUM (ANALYZE) {table}")
    return first


def taken_off(table: str) -> list[str]:
    """Take keys to other tables and indexes off one that is about to be filled; returns what puts them back."""
    from wuyou.infra import db

    keys = db.rows(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
        """,
        [table],
    )
    indexes = db.rows(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = %s::regclass AND NOT indisunique
        """,
        [table],
    )
    for name, _ in keys:
        db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    return [
        *(definition for _, definition in indexes),
        *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for name, definition in keys),
    ]


def tell_paid(first: int) -> None:
    """`OrderPaid` of every order from an id on, as the log keeps it."""
    from wuyou.infra import db

    db.execute(
        """
        INSERT INTO event (name, version, payload, occurred_at)
        SELECT 'orders.order_paid', 1, jsonb_build_object(
            'order_id', o.id, 'order_no', o.order_no, 'buyer_id', o.buyer_id, 'shop_id', o.shop_id, 'kind', o.kind,
            'lines', jsonb_build_array(jsonb_build_object(
                'line_id', l.id, 'product_id', l.product_id, 'variant_id', l.variant_id, 'quantity', l.quantity,
                'amount_minor', l.quantity * l.unit_price_minor)),
            'items_minor', o.items_minor, 'shipping_minor', 0, 'currency', o.currency, 'placed_at', o.placed_at,
            'occurred_at', o.placed_at), o.placed_at
        FROM orders_order o JOIN orders_order_line l ON l.order_id = o.id WHERE o.id >= %s ORDER BY o.id
        """,
        [first],
    )


def tell_completed(first: int) -> None:
    """`OrderCompleted` of every order from an id on."""
    from wuyou.infra import db

    db.execute(
        """
        INSERT INTO event (name, version, payload, occurred_at)
        SELECT 'orders.order_completed', 1, jsonb_build_object(
            'order_id', id, 'order_no', order_no, 'buyer_id', buyer_id, 'shop_id', shop_id, 'kind', kind,
            'net_minor', total_minor, 'shipping_minor', 0, 'currency', currency, 'occurred_at', placed_at), placed_at
        FROM orders_order WHERE id >= %s ORDER BY id
        """,
        [first],
    )


# ---------------------------------------------------------------- what is measured


def live(first: int, postmaster: int) -> dict[str, Cost]:
    """Attribute and settle the orders from an id on."""
    tell_paid(first)
    attributed = measured(postmaster, dispatch)
    tell_completed(first)
    return {"attributed": attributed, "settled": measured(postmaster, dispatch)}


def dispatch() -> None:
    """Let the alliance handle everything that is unread, as a worker does."""
    from wuyou.config.wiring import SUBSCRIBERS
    from wuyou.infra import db, events, memory

    memory.keep_what_is_loaded()
    alliance = [each for each in SUBSCRIBERS if each.name == "alliance"]
    db.in_transaction(lambda: events.register(alliance))
    now = BEGAN + timedelta(days=DAYS + 30)
    while events.dispatch(alliance, now):
        pass


def measured(postmaster: int, work: Callable[[], None]) -> Cost:
    """Do it, and say what it took."""
    own = psutil.Process()
    before = own.cpu_times()
    database, began = harness.tree_cpu(postmaster), time.perf_counter()
    work()
    wall, after = time.perf_counter() - began, own.cpu_times()
    used = after.user + after.system - before.user - before.system
    return Cost(wall, used, harness.tree_cpu(postmaster) - database)


def counted(first: int) -> tuple[int, int]:
    """Conversions of the orders from an id on, and transfers of their settlements."""
    from wuyou.infra import db

    ((conversions,),) = db.rows(
        "SELECT count(*) FROM alliance_conversion WHERE order_id >= %s AND state = 'SETTLED'", [first]
    )
    ((transfers,),) = db.rows(
        """
        SELECT count(*) FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
        WHERE j.kind = 'settle' AND substr(j.key, 9)::bigint >= %s
        """,
        [first],
    )
    return conversions, transfers


def compare_with_reference(first: int) -> None:
    """Compute orders one by one from the full trace of their clicks; what is stored and booked must be the same."""
    from wuyou.domains.alliance import queries, rules
    from wuyou.domains.alliance.types import PartyRole
    from wuyou.domains.ledger import queries as ledger
    from wuyou.infra import db

    db.rows("SELECT setseed(0.25)")
    for order_id, order_no, buyer_id, shop_id, placed_at, product_id, amount in db.rows(
        """
        SELECT o.id, o.order_no, o.buyer_id, o.shop_id, o.placed_at, l.product_id, l.quantity * l.unit_price_minor
        FROM orders_order o JOIN orders_order_line l ON l.order_id = o.id
        WHERE o.id >= %s ORDER BY random() LIMIT %s
        """,
        [first, SAMPLE],
    ):
        clicks, terms = queries.trace(buyer_id=buyer_id, shop_id=shop_id, product_ids=[product_id], placed_at=placed_at)
        win = rules.find_win(
            clicks, terms, buyer_id=buyer_id, shop_id=shop_id, product_id=product_id, placed_at=placed_at
        )
        assert win is not None, order_no
        owners = {
            PartyRole.PUBLISHER: win.click.publisher_id,
            PartyRole.THIRD: win.third_id,
            PartyRole.PARTNER: win.partner_id,
            PartyRole.RECRUITER: win.recruiter_id,
        }
        parts = rules.split_sale(amount, win.terms())
        stored = db.rows(
            """
            SELECT v.click_id, v.plan_id, v.is_direct, v.rate_bps, m.role, m.publisher_id, m.estimated_minor,
                   m.settled_minor
            FROM alliance_conversion v JOIN alliance_commission m ON m.conversion_id = v.id WHERE v.order_id = %s
            """,
            [order_id],
        )
        wanted = [
            (win.click.id, win.plan.id, win.is_direct, win.plan.rate_bps, role.value, owners.get(role), minor, minor)
            for role, minor in parts.items()
        ]
        assert sorted(stored, key=str) == sorted(wanted, key=str), (order_no, stored, wanted)
        booked: Counter[str] = Counter()
        (journal,) = ledger.list_journals(source_refs=[f"order:{order_no}"]).items
        for transfer in journal.transfers:
            booked[transfer.credit.code] += transfer.amount.amount_minor
        owed: Counter[str] = Counter({f"merchant_payable/shop:{shop_id}/CNY": amount - sum(parts.values())})
        for role, minor in parts.items():
            owner = owners.get(role)
            owed[f"promoter_payable/publisher:{owner}/CNY" if owner else "platform_revenue/CNY"] += minor
        assert +booked == +owed, (order_no, booked, owed)
    print(f"{SAMPLE} orders of a sample, computed one by one, are what is stored and booked")


def plain_rates(first: int) -> tuple[float, float]:
    """Transfers a second of plain INSERTs of the transfers that were settled: a row a statement, and in bulk."""
    from django.db import connection

    from wuyou.infra import db

    columns = "id, journal_id, debit_id, credit_id, amount_minor, currency, kind, posted_at"
    rows = db.rows(
        f"""
        SELECT {columns} FROM ledger_transfer WHERE kind <> 'open' ORDER BY id LIMIT %s
        """,  # noqa: S608
        [PLAIN_ROWS],
    )
    for table in ("plain_rows", "plain_bulk"):
        db.execute(f"CREATE TABLE {table} (LIKE ledger_transfer INCLUDING DEFAULTS, PRIMARY KEY (id))")
    chunks = [rows[at : at + 1_200] for at in range(0, len(rows), 1_200)]

    def one_by_one(chunk: Sequence[tuple[Any, ...]]) -> None:
        with db.transaction(), connection.cursor() as cursor:
            for row in chunk:
                cursor.execute(
                    f"INSERT INTO plain_rows ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
                    row,
                )

    def bulk(chunk: Sequence[tuple[Any, ...]]) -> None:
        with db.transaction():
            db.execute(
                f"""
                INSERT INTO plain_bulk ({columns})
                SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                                     %s::text[], %s::timestamptz[])
                """,  # noqa: S608
                [list(column) for column in zip(*chunk, strict=True)],
            )

    rates = []
    for insert in (one_by_one, bulk):
        began = time.perf_counter()
        for chunk in chunks:
            insert(chunk)
        rates.append(len(rows) / (time.perf_counter() - began))
    return rates[0], rates[1]


if __name__ == "__main__":
    main()
