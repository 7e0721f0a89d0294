"""The same question through the real service: PostgreSQL, the event log, the index of a process that answers people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PURCHASES, PATIENCE_S = 30, 30.0
_COPIES_AT_ONCE = 20_000


def measure_service(people: NDArray[np.int32], things: NDArray[np.int32]) -> dict[str, float]:
    """Import these pairs, let somebody ask, and time purchases from their commit to the answer that names the buyer.

    A purchase is an order line that arrives and is opened to everyone by its owner, as copies from orders come private.
    Inside `harness.database`; in a process of its own, which takes the index with it when it ends.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(_measure, people, things).result()


def _measure(people: NDArray[np.int32], things: NDArray[np.int32]) -> dict[str, float]:
    import django

    django.setup()
    from wuyou.domains.things import finding, serving
    from wuyou.domains.things import operations as operate
    from wuyou.domains.things import queries as holdings
    from wuyou.domains.things.types import BoughtLine, PeopleQuery
    from wuyou.infra import db
    from wuyou.kernel.actor import Actor
    from wuyou.kernel.sight import PUBLIC, make_viewer

    began = time.perf_counter()
    ids = _import(people, things)
    imported_s = time.perf_counter() - began
    variants = _goods(PURCHASES)
    serving.serve()
    asker = make_viewer(ids[0])
    ask = partial(finding.find_people, asker)
    ask(PeopleQuery(at_least=3))
    waits = []
    for number, variant_id in enumerate(variants):
        buyer = ids[1 + number]

        def buy(buyer: int = buyer, number: int = number, variant_id: int = variant_id) -> int:
            operate.take_in(owner_id=buyer, lines=[BoughtLine(number + 1, variant_id)], now=NOW)
            copy = holdings.list_holdings_of(make_viewer(buyer), buyer, limit=1).items[0]
            operate.set_audience(actor=Actor(buyer), holding_ids=[copy.id], rule=PUBLIC, now=NOW)
            return copy.thing.id

        thing_id = db.in_transaction(buy)
        committed = time.perf_counter()
        while buyer not in {one.person_id for one in ask(PeopleQuery(thing_ids=(thing_id,))).people}:
            assert time.perf_counter() < committed + PATIENCE_S, "a purchase was never found"
            time.sleep(0.005)
        waits.append(time.perf_counter() - committed)
    asked = []
    for person_id in ids[: min(200, len(ids))]:
        viewer = make_viewer(person_id)
        began = time.perf_counter()
        finding.find_people(viewer, PeopleQuery(at_least=3))
        asked.append(1e3 * (time.perf_counter() - began))
    page_ms = round(float(np.percentile(asked, 95)), 1)
    print(
        f"through the service, {len(ids):,} people, {len(people):,} copies (imported in {imported_s:.0f} s): found"
        f" after at most {max(waits):.3f} s, p50 {np.median(waits):.3f} s; a whole search p95 {page_ms} ms"
    )
    return {"fresh_s": round(max(waits), 3), "service_p95_ms": page_ms}


def _import(people: NDArray[np.int32], things: NDArray[np.int32]) -> list[int]:
    """The pairs as people, things and copies that everyone may see; ids of the people in order."""
    from wuyou.domains.identity import operations as identity
    from wuyou.domains.things import operations as operate
    from wuyou.domains.things.types import BulkCopy, CodedThing, HoldingState, ThingKind
    from wuyou.infra import db
    from wuyou.kernel.sight import PUBLIC

    numbers = [int(number) for number in np.unique(people)]
    names = {f"owner_{number}": f"owner {number}" for number in numbers}
    by_handle = db.in_transaction(lambda: identity.register_nameless(names=names, now=NOW))
    drafts = [CodedThing(f"bench:{one}", ThingKind.MODEL, f"thing {one}") for one in np.unique(things).tolist()]
    thing_ids = db.in_transaction(lambda: operate.ensure_coded(things=drafts, now=NOW))
    copies = [
        BulkCopy(by_handle[f"owner_{person}"], thing_ids[f"bench:{thing}"], f"bench:{thing}", HoldingState.OWN)
        for person, thing in zip(people.tolist(), things.tolist(), strict=True)
    ]
    for begin in range(0, len(copies), _COPIES_AT_ONCE):
        piece = copies[begin : begin + _COPIES_AT_ONCE]
        db.in_transaction(partial(operate.import_in_bulk, holdings=piece, rule=PUBLIC, now=NOW))
    db.execute("ANALYZE things_holding, things_thing")
    return [by_handle[f"owner_{number}"] for number in numbers]


def _goods(count: int) -> Sequence[int]:
    """Variants of so many products that a shop sells."""
    from wuyou.domains.catalog import operations as catalog
    from wuyou.domains.catalog.operations import VariantDraft
    from wuyou.domains.identity import operations as identity
    from wuyou.infra import db
    from wuyou.kernel.actor import Actor
    from wuyou.kernel.money import Currency, Money

    def make() -> list[int]:
        owner = identity.register(handle="shopkeeper", display_name="shopkeeper", now=NOW).id
        shop = catalog.open_shop(owner_id=owner, name="店", name_en="Shop", now=NOW)
        products = [
            catalog.add_product(
                actor=Actor(owner),
                shop_id=shop.id,
                title=f"物 {number}",
                title_en=f"Good {number}",
                brief="",
                brief_en="",
                picture="camera",
                variants=[VariantDraft("一件", "One", Money(9900, Currency.CNY), None)],
                now=NOW,
            )
            for number in range(count)
        ]
        return [product.variants[0].id for product in products]

    return db.in_transaction(make)
