"""What a page costs that people look at: following, discover, a post, a product's sheet; over HTTP, beside a bare view.

The platform runs as it does in production: Granian, PostgreSQL with fsync on. 200 authors have published 2,000 posts
with a picture, a tag of a good, a topic, reactions and comments; the recommender has learnt from all of it. 40 readers
who follow 40 authors each look at pages that are never the same twice in a row, four at a time. CPU is user + system
time of the web server's and PostgreSQL's processes while one kind of page is asked, divided by its pages. The bare view
is `/healthz`, through the same server and middleware, in the same run.

    make bench NAME=feed
    make bench NAME=feed ARGS="--seconds 5"
"""

from __future__ import annotations

import argparse
import http.client
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bench import harness

AUTHORS, READERS, POSTS, GOODS, FOLLOWED = 200, 40, 2_000, 60, 40
CLIENTS = 4


@dataclass
class World:
    """Who looks, and at what."""

    sessions: list[str]
    posts: list[int]
    products: list[int]


@dataclass
class Tally:
    """What was asked of one kind of page."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    with harness.platform(threads=CLIENTS) as platform:
        world = prepare()
        kinds: dict[str, Callable[[random.Random], str]] = {
            "bare": lambda draw: "/healthz",
            "following": lambda draw: "/following",
            "discover": lambda draw: "/discover",
            "post": lambda draw: f"/posts/{draw.choice(world.posts)}",
            "sheet": lambda draw: f"/p/{draw.choice(world.products)}",
        }
        cells = {}
        for name, path_of in kinds.items():
            ask(platform, world, path_of, seconds=2, is_sheet=name == "sheet")  # plans, caches, the learnt model
            cells[name] = measure(platform, world, name, path_of, seconds)
        pages = [cell for name, cell in cells.items() if name != "bare"]
        harness.print_json(
            cpu_ms_per_page=round(statistics.fmean(cell["cpu_ms"] for cell in pages), 2),
            pages_per_s=round(len(pages) / sum(1 / cell["per_s"] for cell in pages), 1),
            p95_ms=max(cell["p95_ms"] for cell in pages),
            vs_bare_cpu=round(statistics.fmean(cell["cpu_ms"] for cell in pages) / cells["bare"]["cpu_ms"], 1),
            **{f"{name}_{figure}": value for name, cell in cells.items() for figure, value in cell.items()},
        )


def measure(
    platform: harness.Platform, world: World, name: str, path_of: Callable[[random.Random], str], seconds: float
) -> dict[str, float]:
    """Times and CPU of one kind of page."""
    before = platform.cpu_seconds()
    began = time.perf_counter()
    tally = ask(platform, world, path_of, seconds=seconds, is_sheet=name == "sheet")
    elapsed = time.perf_counter() - began
    after = platform.cpu_seconds()
    times = sorted(1e3 * each for each in tally.seconds)
    cpu = {part: 1e3 * (after[part] - before[part]) / len(times) for part in ("web", "database")}
    cell = {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * len(times))], 1),
        "per_s": round(len(times) / elapsed, 1),
        "cpu_ms": round(sum(cpu.values()), 2),
    }
    print(
        f"{name:10} p50 {cell['p50_ms']:6.1f} ms  p95 {cell['p95_ms']:6.1f} ms  {cell['per_s']:7.1f} pages/s"
        f"  CPU-ms/page {cell['cpu_ms']:6.2f} (web {cpu['web']:.2f}, database {cpu['database']:.2f})"
        f"  {tally.bytes // len(times):,} bytes"
    )
    return cell


def ask(
    platform: harness.Platform,
    world: World,
    path_of: Callable[[random.Random], str],
    *,
    seconds: float,
    is_sheet: bool,
) -> Tally:
    """Clients that each ask one page after the other."""
    tally, lock = Tally(), threading.Lock()
    until = time.perf_counter() + seconds

    def client(number: int) -> None:
        draw = random.Random(number)
        connection = http.client.HTTPConnection(platform.host, platform.port)
        took, received = [], 0
        while time.perf_counter() < until:
            headers = {"Cookie": f"sessionid={draw.choice(world.sessions)}"}
            if is_sheet:
                headers |= {"HX-Request": "true", "X-Sheet": "1"}
            began = time.perf_counter()
            connection.request("GET", path_of(draw), headers=headers)
            answer = connection.getresponse()
            received += len(answer.read())
            took.append(time.perf_counter() - began)
            if answer.status != 200:
                raise SystemExit(f"{path_of(draw)} answered {answer.status}")
        with lock:
            tally.seconds += took
            tally.bytes += received

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not tally.seconds:
        raise SystemExit("no page was answered")
    return tally


def prepare() -> World:
    """People, goods, posts and what was said of them, through the public operations; then the recommender learns."""
    from wuyou.domains.catalog import operations as catalog
    from wuyou.domains.catalog.operations import VariantDraft
    from wuyou.domains.content import operations as content
    from wuyou.domains.content.types import PostDraft, PostKind, ReactionKind, TagDraft
    from wuyou.domains.feed import tasks as feed
    from wuyou.domains.identity import operations as identity
    from wuyou.domains.inventory import operations as inventory
    from wuyou.domains.social import operations as social
    from wuyou.infra import db, storage
    from wuyou.infra.pictures import Picture
    from wuyou.kernel.actor import Actor
    from wuyou.kernel.clock import utc_now
    from wuyou.kernel.money import Currency, Money
    from wuyou.kernel.sight import PUBLIC

    now, draw = utc_now(), random.Random(11)

    def settle() -> tuple[list[int], list[int], list[int]]:
        owner = identity.register(handle="merchant", display_name="Merchant", now=now)
        shop = catalog.open_shop(owner_id=owner.id, name="店", name_en="Shop", now=now)
        products = []
        for number in range(GOODS):
            product = catalog.add_product(
                actor=Actor(owner.id), shop_id=shop.id, title=f"商品 {number}", title_en=f"Good {number}", brief="",
                brief_en="", picture="gift", now=now,
                variants=[VariantDraft("标准", "Standard", Money(1990, Currency.CNY), Money(990, Currency.CNY))],
            )  # fmt: skip
            variant_id = product.variants[0].id
            inventory.add_stock(actor=Actor(owner.id), variant_id=variant_id, quantity=1_000, now=now)
            products.append(product.id)
        authors, readers = (
            [identity.register(handle=f"{kind}_{n}", display_name=f"{kind} {n}", now=now).id for n in range(count)]
            for kind, count in (("author", AUTHORS), ("reader", READERS))
        )
        for reader in readers:
            for author in draw.sample(authors, FOLLOWED):
                social.follow(actor=Actor(reader), person_id=author, now=now)
        return products, authors, readers

    products, authors, readers = db.in_transaction(settle)
    posts = []
    for number in range(POSTS):
        picture = Picture(
            storage.put({"480.webp": b"-"}, suffix="-480"), 480, 640, 1, "LEHV6nWB2yk8pyo0adR*.7kCMdnj", 0
        )
        at = now - timedelta(minutes=POSTS - number)
        author = Actor(draw.choice(authors))
        draft = PostDraft(
            PostKind.PHOTOS, f"第 {number} 天,用了这件东西。#话题{number % 40}", f"第 {number} 天",
            (TagDraft(product_id=draw.choice(products), photo=0, x=5_000, y=5_000),), audience=PUBLIC,
        )  # fmt: skip

        def publish(author: Actor, draft: PostDraft, picture: Picture, at: object) -> int:
            post_id = content.start_post(actor=author, draft=draft, now=at, pictures=[picture])  # type: ignore[arg-type]
            content.publish_post(actor=author, post_id=post_id, now=at)  # type: ignore[arg-type]
            return post_id

        posts.append(db.in_transaction(partial(publish, author, draft, picture, at)))
    people = [*authors, *readers]
    for number, post in enumerate(posts):

        def respond(post: int, number: int) -> None:
            for person in draw.sample(people, 6):
                content.react(actor=Actor(person), post_id=post, kind=ReactionKind.LIKE, now=now)
            for person in draw.sample(people, 2):
                content.write_comment(actor=Actor(person), post_id=post, text=f"说得好 {number}", now=now)

        db.in_transaction(partial(respond, post, number))
    feed.learn_recommendations(now)
    with db.transaction():
        db.execute("SELECT 1")
    db.execute("VACUUM ANALYZE")
    return World(list(_sessions(readers)), posts, products)


def _sessions(person_ids: list[int]) -> Iterator[str]:
    """Somebody signed in, once each: what their browser's cookie says."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    for user in get_user_model().objects.filter(id__in=person_ids):
        client = Client()
        client.force_login(user)
        yield client.cookies["sessionid"].value


if __name__ == "__main__":
    main()
