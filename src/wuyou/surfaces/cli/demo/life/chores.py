"""What is due in the shops and homes of the town: goods are sent, arrive and are put on the shelf again.

What is due is seen in the orders themselves, so that a chore done twice finds nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.inventory import queries as stock
from wuyou.domains.orders import operations as orders
from wuyou.domains.orders import queries as bought
from wuyou.domains.orders.types import FulfilmentState, Order, PaymentState
from wuyou.kernel.actor import Actor
from wuyou.surfaces.cli.demo.life.neighbours import Neighbours
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import draw
from wuyou.surfaces.cli.demo.world import World

AT_ONCE = 3
"""So many parcels of a kind are seen to in one go, however many wait."""
_LEAST, _WHOLE = 5, 40
"""Where fewer are left of a variant, its shop fills it up to so many."""
_SENT_TO_GUESTS = timedelta(seconds=90)
_SENT, _CARRIED = (20, 600), (8 * 60, 40 * 60)
"""Minutes until something is sent, and until it has arrived."""


def list_chores(neighbours: Neighbours, world: World, now: datetime) -> Iterator[Plan]:
    """What is due now. Cost: some queries a table, and one a shop for its stock."""
    sendable = bought.list_orders(
        payment=PaymentState.PAID, fulfilment=FulfilmentState.READY, oldest_first=True, limit=100
    )
    sent = bought.list_orders(fulfilment=FulfilmentState.SHIPPED, oldest_first=True, limit=100)
    mine = [order for order in sendable.items if neighbours.shops.get(order.shop_id) in neighbours.ids]
    due = [order for order in mine if _is_to_be_sent(order, neighbours, now)]
    for order in due[:AT_ONCE]:
        owner = Actor(neighbours.shops[order.shop_id])
        yield Plan("ship", partial(orders.ship_order, actor=owner, order_id=order.id, now=now))
    arrived = [order for order in sent.items if order.buyer_id in neighbours.ids and _has_arrived(order, now)]
    for order in arrived[:AT_ONCE]:
        yield Plan("receive", partial(orders.receive_order, order_id=order.id, now=now))
    yield from _refills(neighbours, world, now)


def _is_to_be_sent(order: Order, neighbours: Neighbours, now: datetime) -> bool:
    least, most = _SENT
    pause = timedelta(minutes=least + draw(f"{order.order_no}/send", most - least))
    if neighbours.is_guest(order.buyer_id):
        pause = _SENT_TO_GUESTS
    return now - (order.paid_at or order.placed_at) >= pause


def _has_arrived(order: Order, now: datetime) -> bool:
    least, most = _CARRIED
    pause = timedelta(minutes=least + draw(f"{order.order_no}/carry", most - least))
    return order.shipped_at is not None and now - order.shipped_at >= pause


def _refills(neighbours: Neighbours, world: World, now: datetime) -> Iterator[Plan]:
    """A shop whose keeper may be somebody real fills its own shelves; what was never there stays sold out."""
    filled = [
        product
        for product in world.products
        if product.called in neighbours.products and world.owner_of[product.called] in neighbours.living
    ]
    found = catalog.products_by_id([neighbours.products[product.called] for product in filled])
    left = stock.available_by_variant([variant.id for product in found.values() for variant in product.variants])
    for written in filled:
        product = found[neighbours.products[written.called]]
        owner = Actor(neighbours.shops[product.shop_id])
        for variant, named in zip(product.variants, written.variants, strict=False):
            missing = _WHOLE - left[variant.id]
            if named.stock != 0 and left[variant.id] < _LEAST:
                fill_up = partial(inventory.add_stock, actor=owner, variant_id=variant.id, quantity=missing, now=now)
                yield Plan("fill_up", fill_up)
