"""What a whole checkout costs: look, put in the cart, take a seat, pay; over HTTP, beside pgbench on the same server.

The platform runs as it does in production: Granian, worker, PostgreSQL with fsync and synchronous commit on. An order
takes four requests (product, cart line, team or seat, payment); four orders in five join a team, one opens it. CPU is
user + system time of the web server's, the worker's and PostgreSQL's processes from the first request until the last
event is handled, divided by the orders paid. pgbench (TPC-B, scale 10) then runs with as many clients on the same
server.

    make bench NAME=checkout            30 s with 4 and with 16 clients
    make bench NAME=checkout ARGS="--seconds 10"
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from bench import harness

PEOPLE = 400
GOODS = 40
TEAM_SIZE = 5
LEADER_HEAD_START_S = 0.5
"""How long a joiner leaves a new team alone, so that its leader's payment has been handled."""


@dataclass
class Market:
    """What the clients buy and who they are."""

    tokens: list[str]
    goods: list[tuple[int, int, int]]
    """(product, variant, campaign)"""
    open_teams: deque[tuple[float, str, int, set[int]]] = field(default_factory=deque)
    """(opened at, token, good, who is in)"""
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Tally:
    """What one client did."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, nargs="+", default=[4, 16])
    options = parser.parse_args()
    figures: dict[str, object] = {}
    with harness.platform() as platform:
        market = prepare()
        run_clients(platform, market, clients=4, seconds=3)  # plans, caches, connections
        for clients in options.clients:
            cell = measure(platform, market, clients, options.seconds)
            tps = harness.pgbench_tps(platform, clients=clients, seconds=min(options.seconds, 10))
            print(
                f"{clients:>3} clients  {cell['orders_per_s']:>7.1f} orders/s  p50 {cell['p50_ms']:>6.1f} ms"
                f"  p95 {cell['p95_ms']:>6.1f} ms  CPU-ms/order {cell['cpu_ms_per_order']:>6.2f}"
                f" (web {cell['web']:.2f}, worker {cell['worker']:.2f}, database {cell['database']:.2f})"
                f"  refused {cell['refused']}  pgbench {tps:,.0f} tps  ratio {cell['orders_per_s'] / tps:.3f}"
            )
            figures[f"clients_{clients}"] = {**cell, "pgbench_tps": tps, "vs_pgbench": cell["orders_per_s"] / tps}
        proof = harness.books_hold()
        print(proof)
    first = figures[f"clients_{options.clients[0]}"]
    assert isinstance(first, dict)
    harness.print_json(
        cpu_ms_per_order=max(cell["cpu_ms_per_order"] for cell in figures.values()),  # type: ignore[index]
        orders_per_s=max(cell["orders_per_s"] for cell in figures.values()),  # type: ignore[index]
        pgbench_tps=first["pgbench_tps"],
        **figures,
    )


def prepare() -> Market:
    """People with tokens, goods with stock, campaigns; through the public operations."""
    from wuyou.domains.alliance import operations as alliance
    from wuyou.domains.catalog import operations as catalog
    from wuyou.domains.catalog.operations import VariantDraft
    from wuyou.domains.groupbuy import operations as groupbuy
    from wuyou.domains.identity import operations as identity
    from wuyou.domains.inventory import operations as inventory
    from wuyou.infra import db
    from wuyou.kernel.actor import Actor
    from wuyou.kernel.clock import utc_now
    from wuyou.kernel.money import Currency, Money

    now = utc_now()

    def entry() -> Market:
        owner = identity.register(handle="merchant", display_name="Merchant", now=now)
        shop = catalog.open_shop(owner_id=owner.id, name="店", name_en="Shop", now=now)
        alliance.set_plan(
            actor=Actor(owner.id), shop_id=shop.id, product_id=None, rate_bps=1000, publisher_share_bps=8000,
            partner_share_bps=1000, platform_share_bps=1000, from_=now, until=None, now=now,
        )  # fmt: skip
        goods = []
        for number in range(GOODS):
            product = catalog.add_product(
                actor=Actor(owner.id), shop_id=shop.id, title=f"商品 {number}", title_en=f"Good {number}", brief="",
                brief_en="", picture="gift", now=now,
                variants=[VariantDraft("标准", "Standard", Money(1990, Currency.CNY), Money(990, Currency.CNY))],
            )  # fmt: skip
            variant_id = product.variants[0].id
            inventory.add_stock(actor=Actor(owner.id), variant_id=variant_id, quantity=1_000_000, now=now)
            campaign = groupbuy.open_campaign(
                actor=Actor(owner.id), product_id=product.id, size=TEAM_SIZE, team_ttl=timedelta(hours=24), now=now
            )
            goods.append((product.id, variant_id, campaign.id))
        tokens = []
        for number in range(PEOPLE):
            person = identity.register(handle=f"buyer_{number}", display_name=f"Buyer {number}", now=now)
            tokens.append(identity.issue_access_token(user_id=person.id, label="bench", now=now))
        return Market(tokens, goods)

    return db.in_transaction(entry)


def measure(platform: harness.Platform, market: Market, clients: int, seconds: float) -> dict[str, float]:
    before = platform.cpu_seconds()
    began = time.perf_counter()
    tallies = run_clients(platform, market, clients, seconds)
    elapsed = time.perf_counter() - began
    platform.wait_for_events()
    after = platform.cpu_seconds()
    times = sorted(second for tally in tallies for second in tally.seconds)
    cpu = {part: (after[part] - before[part]) * 1000 / len(times) for part in after}
    return {
        "orders_per_s": len(times) / elapsed,
        "p50_ms": statistics.median(times) * 1000,
        "p95_ms": times[int(len(times) * 0.95)] * 1000,
        "cpu_ms_per_order": sum(cpu.values()),
        "refused": sum(tally.refused for tally in tallies),
        "orders": len(times),
        **cpu,
    }


def run_clients(platform: harness.Platform, market: Market, clients: int, seconds: float) -> list[Tally]:
    tallies = [Tally() for _ in range(clients)]
    end = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=buy_until, args=[platform, market, end, tally, random.Random(f"{clients}/{number}")])
        for number, tally in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tallies


def buy_until(platform: harness.Platform, market: Market, end: float, tally: Tally, draw: random.Random) -> None:
    connection = http.client.HTTPConnection(platform.host, platform.port, timeout=30)
    while time.perf_counter() < end:
        began = time.perf_counter()
        if buy(connection, market, draw, uuid.uuid4().hex):
            tally.seconds.append(time.perf_counter() - began)
        else:
            tally.refused += 1
    connection.close()


def buy(connection: http.client.HTTPConnection, market: Market, draw: random.Random, key: str) -> bool:
    """One checkout: four requests. False when the team was gone meanwhile."""
    person = draw.randrange(PEOPLE)
    joining = None
    with market.lock:
        if market.open_teams and time.perf_counter() - market.open_teams[0][0] > LEADER_HEAD_START_S:
            joining = market.open_teams[0]
            while person in joining[3]:
                person = draw.randrange(PEOPLE)
            joining[3].add(person)
            if len(joining[3]) == TEAM_SIZE:
                market.open_teams.popleft()
    good = joining[2] if joining else draw.randrange(GOODS)
    product_id, variant_id, campaign_id = market.goods[good]
    token = market.tokens[person]
    send(connection, "GET", f"/api/v1/products/{product_id}", token)
    send(connection, "PUT", f"/api/v1/cart/lines/{variant_id}", token, {"quantity": 1})
    if joining:
        status, seat = send(
            connection,
            "POST",
            f"/api/v1/teams/{joining[1]}/seats",
            token,
            {"variant_id": variant_id},
            key=f"seat-{key}",
        )
    else:
        body = {"campaign_id": campaign_id, "variant_id": variant_id}
        status, seat = send(connection, "POST", "/api/v1/teams", token, body, key=f"team-{key}")
    if status != 201:
        return False
    number = seat["order_no"]
    status, payment = send(connection, "POST", f"/api/v1/orders/{number}/payment", token, {}, key=f"pay-{key}")
    if status != 200 or payment["state"] != "captured":
        raise RuntimeError(f"payment of {number}: {status} {payment}")
    if joining is None:
        with market.lock:
            market.open_teams.append((time.perf_counter(), seat["team_token"], good, {person}))
    return True


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    token: str,
    body: dict[str, object] | None = None,
    key: str = "",
) -> tuple[int, dict[str, str]]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    content = response.read()
    if response.status >= 500:
        raise RuntimeError(f"{method} {path}: {response.status} {content[:500]!r}")
    return response.status, json.loads(content) if content else {}


if __name__ == "__main__":
    main()
