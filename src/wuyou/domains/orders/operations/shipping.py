"""Sending: to the carrier, on the way, arrived, and stayed.

Locks, in this order: orders by id, then stock; a parcel's scans under the parcel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.catalog import queries as catalog
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors, events, rules
from wuyou.domains.orders.providers import carriers
from wuyou.domains.orders.types import FulfilmentState, ParcelDraft, ScanKind
from wuyou.infra import db
from wuyou.infra.events import publish


@db.requires_transaction
def ship_order(*, order_id: int, now: datetime, parcel: ParcelDraft | None = None) -> None:
    """The shop hands the goods over, with a parcel's number where there is one. All of an order goes at once.

    Publishes: `OrderShipped`. Raises: `WrongState`, `CarrierUnknown`, `NumberMalformed`.
    """
    changes, params = "shipped_at = %s, receives_at = %s", [now, now + rules.AUTO_RECEIVE]
    order = _move(order_id, FulfilmentState.READY, FulfilmentState.SHIPPED, changes, params)
    if parcel is not None:
        number = carriers.carrier_of(parcel.carrier).number_for(order_no=order[1], given=parcel.number)
        db.execute(
            "INSERT INTO orders_parcel (order_id, shop_id, carrier, number, sent_at) VALUES (%s, %s, %s, %s, %s)",
            [order_id, order[3], parcel.carrier, number, now],
        )
    inventory.ship(ref=order[1])
    publish(events.OrderShipped(*[*order, now]))
    notifications.notify(
        person_id=order[2], kind=Kind.ORDER_SHIPPED, object_id=order[0], facts={"order_no": order[1]}, now=now
    )


@db.requires_transaction
def ship_orders(*, parcels: Sequence[tuple[int, ParcelDraft]], now: datetime) -> None:
    """Send many orders, each with its parcel; all of them or none. Raises as `ship_order`.

    Locks: the orders by id, before the first of them moves.
    """
    ids = sorted(order_id for order_id, _parcel in parcels)
    db.rows("SELECT FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    for order_id, parcel in sorted(parcels, key=lambda each: each[0]):
        ship_order(order_id=order_id, now=now, parcel=parcel)


@db.requires_transaction
def correct_parcel(*, order_id: int, parcel: ParcelDraft) -> None:
    """Another carrier or number for what is on its way: the first was mistyped. What was scanned goes.

    Raises: `ParcelNotFound` (also for what has arrived), `CarrierUnknown`, `NumberMalformed`. Locks: the parcel.
    """
    found = db.row(
        """
        SELECT p.id, o.order_no FROM orders_parcel p JOIN orders_order o ON o.id = p.order_id
        WHERE o.id = %s AND o.fulfilment = 'SHIPPED' FOR UPDATE OF p
        """,
        [order_id],
    )
    if found is None:
        raise errors.ParcelNotFound()
    number = carriers.carrier_of(parcel.carrier).number_for(order_no=found[1], given=parcel.number)
    db.execute("DELETE FROM orders_scan WHERE parcel_id = %s", [found[0]])
    db.execute("UPDATE orders_parcel SET carrier = %s, number = %s WHERE id = %s", [parcel.carrier, number, found[0]])


@db.requires_transaction
def record_scan(*, order_id: int, kind: ScanKind, place: str, now: datetime) -> None:
    """Something happened to a parcel on its way. After the delivery nothing does.

    Raises: `ParcelNotFound`, `ScanMalformed`. Locks: the parcel.
    """
    place = rules.clean_place(place)
    found = db.row("SELECT id FROM orders_parcel WHERE order_id = %s FOR UPDATE", [order_id])
    if found is None:
        raise errors.ParcelNotFound()
    kept = db.execute(
        """
        INSERT INTO orders_scan (parcel_id, kind, place, at) SELECT %s, %s, %s, %s
        WHERE NOT EXISTS (SELECT FROM orders_scan WHERE parcel_id = %s AND kind = 'DELIVERED')
        """,
        [found[0], kind.value, place, now, found[0]],
    )
    if not kept:
        raise errors.ScanMalformed()


@db.requires_transaction
def receive_order(*, order_id: int, now: datetime) -> None:
    """The goods are with the buyer; the return window begins. Publishes `OrderReceived`. Raises `WrongState`."""
    order = _move(order_id, FulfilmentState.SHIPPED, FulfilmentState.RECEIVED, "received_at = %s", [now])
    _begin_return_window(order, now)


@db.requires_transaction
def receive_overdue_order(*, order_id: int, now: datetime) -> bool:
    """Nobody said in time that it arrived: it counts as received. False when somebody did, or a claim runs.

    Publishes: `OrderReceived`.
    """
    order = db.row(
        """
        UPDATE orders_order SET fulfilment = 'RECEIVED', received_at = %s
        WHERE id = %s AND fulfilment = 'SHIPPED' AND receives_at <= %s AND refunded_minor < total_minor
          AND NOT is_disputed AND NOT is_charged_back
        RETURNING id, order_no, buyer_id, shop_id, kind
        """,
        [now, order_id, now],
    )
    if order is None:
        return False
    _begin_return_window(order, now)
    return True


@db.requires_transaction
def complete_order(*, order_id: int, now: datetime) -> bool:
    """End the return window, if it is over. Publishes `OrderCompleted`; returns whether it did."""
    done = db.row(
        """
        UPDATE orders_order SET fulfilment = 'COMPLETED', completed_at = %s
        WHERE id = %s AND fulfilment = 'RECEIVED' AND completes_at <= %s AND refunded_minor < total_minor
          AND NOT is_disputed AND NOT is_charged_back
        RETURNING id, order_no, buyer_id, shop_id, kind,
                  total_minor + funded_minor - refunded_minor - funded_back_minor, shipping_minor, currency
        """,
        [now, order_id, now],
    )
    if done is None:
        return False
    publish(events.OrderCompleted(*[*done, now]))
    return True


@db.requires_transaction
def dispute_order(*, order_id: int, now: datetime) -> None:
    """A buyer's claim begins: until `settle_dispute` the order neither counts as received by itself, nor completes.

    Raises: `WrongState` for what is not paid, not the shop's, completed or wholly given back. Locks: the order.
    Publishes: `OrderDisputed`.
    """
    disputed = db.row(
        """
        UPDATE orders_order SET is_disputed = true
        WHERE id = %s AND payment = 'PAID' AND fulfilment IN ('READY', 'SHIPPED', 'RECEIVED')
          AND refunded_minor < total_minor
        RETURNING id, order_no, shop_id
        """,
        [order_id],
    )
    if disputed is None:
        found = db.row("SELECT order_no, fulfilment FROM orders_order WHERE id = %s", [order_id])
        if found is None:
            raise errors.OrderNotFound()
        raise errors.WrongState(order_no=found[0], state=found[1])
    publish(events.OrderDisputed(*[*disputed, now]))


@db.requires_transaction
def settle_dispute(*, order_id: int, now: datetime) -> None:
    """The claim has ended: time runs again, as if it had never stood still. Twice is once. Locks: the order.

    Publishes: `DisputeEnded`.
    """
    ended = db.row(
        """
        UPDATE orders_order SET is_disputed = false WHERE id = %s AND is_disputed
        RETURNING id, order_no, shop_id, is_charged_back
        """,
        [order_id],
    )
    if ended is not None and not ended[-1]:
        publish(events.DisputeEnded(*[*ended[:-1], now]))


def _move(
    order_id: int, from_: FulfilmentState, to: FulfilmentState, changes: str, params: Sequence[object]
) -> tuple[Any, ...]:
    moved = db.row(
        f"""
        UPDATE orders_order SET fulfilment = %s, {changes}
        WHERE id = %s AND fulfilment = %s AND refunded_minor < total_minor
        RETURNING id, order_no, buyer_id, shop_id, kind
        """,  # noqa: S608  (the changes are literals of this module)
        [to.value, *params, order_id, from_.value],
    )
    if moved is not None:
        return moved
    found = db.row("SELECT order_no, fulfilment FROM orders_order WHERE id = %s", [order_id])
    if found is None:
        raise errors.OrderNotFound()
    raise errors.WrongState(order_no=found[0], state=found[1])


def _begin_return_window(order: Sequence[Any], now: datetime) -> None:
    window = catalog.get_shop(order[3]).return_window
    db.execute("UPDATE orders_order SET completes_at = %s WHERE id = %s", [now + window, order[0]])
    publish(events.OrderReceived(*[*order, now]))
