"""Sending: to the carrier, on the way, arrived, and stayed.

Locks, in this order: orders by id, then stock; a parcel's scans under the parcel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.catalog import operations as shops
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors, events, pieces, rules
from wuyou.domains.orders.providers import carriers
from wuyou.domains.orders.types import FulfilmentState, ParcelDraft, ScanKind, SentPieces
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError


@db.requires_transaction
def ship_order(*, actor: Actor, order_id: int, now: datetime, parcel: ParcelDraft | None = None) -> None:
    """The shop hands goods over, with a parcel's number where there is one: all that is still to be sent, or the pieces
    that the parcel names. The order is on its way when nothing is left.

    Publishes: `GoodsSent`, and with the last `OrderShipped`. Raises: `WrongState`, `CarrierUnknown`,
    `NumberMalformed`, `PiecesMalformed`, `ParcelThere`. Locks: the order, then stock.
    """
    order = _lock_unsent(order_id)
    lines = pieces.lines_of(order_id)
    unsent = {line.id: line.unsent_count for line in lines.values()}
    going = rules.going(unsent, parcel.pieces if parcel else ())
    is_last = sum(going.values()) == sum(unsent.values())
    parcel_id = _pack(order, parcel, going, now) if parcel else None
    pieces.count(going, as_sent=True)
    inventory.ship(ref=order[1], quantities=pieces.by_variant(lines, going))
    sent = tuple(
        SentPieces(line_id, lines[line_id].product_id, lines[line_id].variant_id, quantity)
        for line_id, quantity in going.items()
    )
    publish(events.GoodsSent(*[*order, parcel_id, sent, is_last, now]))
    if is_last:
        db.execute(
            """
            UPDATE orders_order SET fulfilment = 'SHIPPED', is_partly_sent = false, shipped_at = %s, receives_at = %s
            WHERE id = %s
            """,
            [now, now + rules.AUTO_RECEIVE, order_id],
        )
        publish(events.OrderShipped(*[*order, now]))
    else:
        db.execute("UPDATE orders_order SET is_partly_sent = true WHERE id = %s", [order_id])
    _tell(order, parcel_id, sum(going.values()), sum(unsent.values()), is_last=is_last, now=now)
    shops.note_act(actor=actor, shop_id=order[3], what="ship", about=order[1], now=now)


@db.requires_transaction
def ship_orders(*, actor: Actor, parcels: Sequence[tuple[int, ParcelDraft]], now: datetime) -> None:
    """Send many parcels, several of an order in the order given; all of them or none, and one act of the shop.
    Raises as `ship_order`.

    Locks: the orders by id, before the first of them moves.
    """
    ids = sorted({order_id for order_id, _parcel in parcels})
    db.rows("SELECT FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    for order_id, parcel in sorted(parcels, key=lambda each: each[0]):
        ship_order(actor=actor.within("ship-many"), order_id=order_id, now=now, parcel=parcel)


@db.requires_transaction
def correct_parcel(
    *, actor: Actor, order_id: int, parcel: ParcelDraft, now: datetime, parcel_id: int | None = None
) -> None:
    """Another carrier or number for what is on its way: the first was mistyped. What was scanned goes; what is in it
    stays.

    Args: parcel_id: which parcel of the order; None for its only one.
    Raises: `ParcelNotFound` (also for what has arrived), `CarrierUnknown`, `NumberMalformed`, `ParcelThere`.
    Locks: the order, then the parcel.
    """
    found = db.row(
        """
        SELECT order_no, shop_id FROM orders_order WHERE id = %s AND fulfilment IN ('READY', 'SHIPPED') FOR UPDATE
        """,
        [order_id],
    )
    if found is None:
        raise errors.ParcelNotFound()
    ids = [row[0] for row in db.rows("SELECT id FROM orders_parcel WHERE order_id = %s ORDER BY id", [order_id])]
    mine = _lock_parcel(order_id, parcel_id)
    number = carriers.carrier_of(parcel.carrier).number_for(
        order_no=found[0], given=parcel.number, nth=ids.index(mine) + 1
    )
    if db.rows(
        "SELECT 1 FROM orders_parcel WHERE order_id = %s AND carrier = %s AND number = %s AND id <> %s",
        [order_id, parcel.carrier, number, mine],
    ):
        raise errors.ParcelThere()
    db.execute("DELETE FROM orders_scan WHERE parcel_id = %s", [mine])
    db.execute("UPDATE orders_parcel SET carrier = %s, number = %s WHERE id = %s", [parcel.carrier, number, mine])
    shops.note_act(actor=actor, shop_id=found[1], what="correct-parcel", about=found[0], now=now)


@db.requires_transaction
def record_scan(
    *, actor: Actor, order_id: int, kind: ScanKind, place: str, now: datetime, parcel_id: int | None = None
) -> None:
    """Something happened to a parcel on its way. After the delivery nothing does.

    Args: parcel_id: which parcel of the order; None for its only one.
    Raises: `ParcelNotFound`, `ScanMalformed`. Locks: the parcel.
    """
    place = rules.clean_place(place)
    mine = _lock_parcel(order_id, parcel_id)
    kept = db.execute(
        """
        INSERT INTO orders_scan (parcel_id, kind, place, at) SELECT %s, %s, %s, %s
        WHERE NOT EXISTS (SELECT FROM orders_scan WHERE parcel_id = %s AND kind = 'DELIVERED')
        """,
        [mine, kind.value, place, now, mine],
    )
    if not kept:
        raise errors.ScanMalformed()
    ((shop_id, order_no),) = db.rows("SELECT shop_id, order_no FROM orders_order WHERE id = %s", [order_id])
    shops.note_act(actor=actor, shop_id=shop_id, what="scan", about=order_no, now=now)


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
    raise _not_there(order_id)


def _lock_unsent(order_id: int) -> tuple[Any, ...]:
    order = db.row(
        """
        SELECT id, order_no, buyer_id, shop_id, kind FROM orders_order
        WHERE id = %s AND fulfilment = 'READY' AND refunded_minor < total_minor FOR UPDATE
        """,
        [order_id],
    )
    if order is not None:
        return order
    raise _not_there(order_id)


def _pack(order: Sequence[Any], parcel: ParcelDraft, going: Mapping[int, int], now: datetime) -> int:
    """A parcel with what is in it. The order is locked, so its parcels have places."""
    order_id, order_no, _buyer_id, shop_id, _kind = order
    before = db.row("SELECT count(*) FROM orders_parcel WHERE order_id = %s", [order_id])
    number = carriers.carrier_of(parcel.carrier).number_for(
        order_no=order_no, given=parcel.number, nth=before[0] + 1 if before else 1
    )
    packed = db.row(
        """
        WITH packed AS (
            INSERT INTO orders_parcel (order_id, shop_id, carrier, number, sent_at) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (order_id, carrier, number) DO NOTHING RETURNING id),
        lines AS (
            INSERT INTO orders_parcel_line (parcel_id, line_id, quantity)
            SELECT packed.id, p.* FROM packed, unnest(%s::bigint[], %s::int[]) AS p)
        SELECT id FROM packed
        """,
        [order_id, shop_id, parcel.carrier, number, now, list(going), list(going.values())],
    )
    if packed is None:
        raise errors.ParcelThere()
    return int(packed[0])


def _tell(order: Sequence[Any], parcel_id: int | None, sent: int, unsent: int, *, is_last: bool, now: datetime) -> None:
    """The buyer hears of each parcel that is not all of the order, and then that all of it is on its way."""
    facts: dict[str, str | int] = {"order_no": order[1]}
    if is_last:
        kind, about = Kind.ORDER_SHIPPED, order[0]
    else:
        kind, about = Kind.PARCEL_SENT, parcel_id
        facts |= {"sent": sent, "left": unsent - sent}
    notifications.notify(person_id=order[2], kind=kind, object_id=about, facts=facts, now=now)


def _lock_parcel(order_id: int, parcel_id: int | None) -> int:
    """The parcel that is meant of an order, locked. Raises `ParcelNotFound`, also when several may be meant."""
    found = db.rows(
        """
        SELECT id FROM orders_parcel WHERE order_id = %s AND (%s::bigint IS NULL OR id = %s) ORDER BY id FOR UPDATE
        """,
        [order_id, parcel_id, parcel_id],
    )
    if len(found) != 1:
        raise errors.ParcelNotFound()
    return int(found[0][0])


def _not_there(order_id: int) -> DomainError:
    found = db.row("SELECT order_no, fulfilment FROM orders_order WHERE id = %s", [order_id])
    return errors.WrongState(order_no=found[0], state=found[1]) if found else errors.OrderNotFound()


def _begin_return_window(order: Sequence[Any], now: datetime) -> None:
    window = catalog.get_shop(order[3]).return_window
    db.execute("UPDATE orders_order SET completes_at = %s WHERE id = %s", [now + window, order[0]])
    publish(events.OrderReceived(*[*order, now]))
