"""An order that goes in several parcels: what is in each, when it is on its way, and what of it is not sent at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from tests.builders import goods
from tests.builders.people import make_person
from tests.builders.teams import pay, send_refunds, settle_down
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from tests.domains.orders.test_orders import held_by, paid_order
from tests.domains.orders.test_parcels import refuses
from wuyou.domains.catalog.operations import VariantDraft
from wuyou.domains.catalog.types import Product
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.ledger.types import AccountKind
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors, operations, queries, rules, tasks
from wuyou.domains.orders.events import GoodsSent, OrderShipped
from wuyou.domains.orders.operations import shipping
from wuyou.domains.orders.types import (
    FulfilmentState,
    LineDraft,
    Order,
    OrderKind,
    ParcelDraft,
    Pieces,
    RefundState,
    ScanKind,
)
from wuyou.domains.things import queries as things
from wuyou.infra import db, sight
from wuyou.kernel.actor import PLATFORM, Actor

pytestmark = pytest.mark.usefixtures("world")

DAY = timedelta(days=1)


def order_of(now: datetime, *quantities: int, price: int = 1_000) -> Order:
    """A paid order with a line of each of these quantities, of one product in as many forms."""
    drafts = [
        VariantDraft(f"第{place}种", f"Kind {place}", goods.yuan(price * place))
        for place in range(1, len(quantities) + 1)
    ]
    product = goods.make_product(now, variants=drafts, stock=10)
    lines = [LineDraft(variant.id, quantity) for variant, quantity in zip(product.variants, quantities, strict=True)]
    buyer = make_person(now)
    placed = db.in_transaction(
        lambda: operations.place_order(actor=Actor(buyer.id), lines=lines, kind=OrderKind.ALONE, now=now)
    )
    pay(now, buyer, placed.order_no)
    settle_down(now)
    return queries.get_order(placed.id)


def send(now: datetime, order: Order, number: str, *counts: int) -> None:
    """So many pieces of each line, in their order; without counts all that is left."""
    db.in_transaction(sending(now, order, number, *counts))


def sending(now: datetime, order: Order, number: str, *counts: int) -> Callable[[], None]:
    inside = tuple(Pieces(line.id, count) for line, count in zip(order.lines, counts, strict=False) if count)
    return lambda: operations.ship_order(
        actor=PLATFORM, order_id=order.id, now=now, parcel=ParcelDraft("SF", number, inside)
    )


def take_off(now: datetime, order: Order, *counts: int) -> str:
    inside = tuple(Pieces(line.id, count) for line, count in zip(order.lines, counts, strict=False) if count)
    return db.in_transaction(
        lambda: operations.refund_unsent(seller=None, order_id=order.id, taken=inside, reason="shop", now=now)
    )


def told(order: Order, kind: Kind) -> int:
    groups = notifications.list_groups(sight.get_viewer(order.buyer_id)).items
    return sum(len(group.notifications) for group in groups if group.kind is kind)


def published(order: Order, event: type[GoodsSent | OrderShipped]) -> list[dict[str, object]]:
    return [
        json.loads(payload) if isinstance(payload, str) else payload
        for (payload,) in db.rows(
            "SELECT payload FROM event WHERE name = %s AND payload ->> 'order_id' = %s ORDER BY seq",
            [event.name, str(order.id)],
        )
    ]


def test_order_is_on_its_way_when_its_last_piece_is(now: datetime) -> None:
    order = order_of(now, 3, 1)
    variants = [line.variant_id for line in order.lines]

    send(now, order, "SF0000001", 2)

    partly = queries.get_order(order.id)
    assert (partly.fulfilment, partly.is_partly_sent, partly.shipped_at) == (FulfilmentState.READY, True, None)
    assert [(line.sent_count, line.unsent_count) for line in partly.lines] == [(2, 1), (0, 1)]
    assert db.rows("SELECT on_hand, reserved FROM inventory_stock_item ORDER BY variant_id") == [(8, 1), (10, 1)]
    assert (told(order, Kind.PARCEL_SENT), told(order, Kind.ORDER_SHIPPED)) == (1, 0)
    refuses(errors.WrongState, lambda: operations.receive_order(order_id=order.id, now=now))

    send(now + DAY, order, "SF0000002")

    shipped = queries.get_order(order.id)
    assert (shipped.fulfilment, shipped.is_partly_sent, shipped.shipped_at) == (
        FulfilmentState.SHIPPED,
        False,
        now + DAY,
    )
    first, second = queries.list_parcels(order.id)
    assert [each.quantity for each in first.pieces] == [2]
    assert [(each.line_id, each.quantity) for each in second.pieces] == [(line.id, 1) for line in order.lines]
    assert inventory.available_by_variant(variants) == dict(zip(variants, (7, 9), strict=True))
    assert inventory.list_imbalances() == ()
    assert (told(order, Kind.PARCEL_SENT), told(order, Kind.ORDER_SHIPPED)) == (1, 1)
    assert [(each["is_last"], len(each["pieces"])) for each in published(order, GoodsSent)] == [  # type: ignore[arg-type]
        (False, 1),
        (True, 2),
    ]
    assert len(published(order, OrderShipped)) == 1
    # Receipt is counted from the last parcel.
    assert tasks.receive_overdue_orders(now + rules.AUTO_RECEIVE) == 0
    assert tasks.receive_overdue_orders(now + DAY + rules.AUTO_RECEIVE) == 1


def test_what_is_not_in_the_order_or_sent_already_goes_into_no_parcel(now: datetime) -> None:
    order, other = order_of(now, 2, 1), order_of(now, 1)
    send(now, order, "SF0000001", 1)
    line = order.lines[0].id
    for wrong in (
        (Pieces(line, 2),),
        (Pieces(line, 0),),
        (Pieces(line, -1),),
        (Pieces(line, 1), Pieces(line, 1)),
        (Pieces(other.lines[0].id, 1),),
        (Pieces(line, 1), Pieces(2**40, 1)),
    ):
        draft = ParcelDraft("SF", "SF0000002", wrong)
        refuses(
            errors.PiecesMalformed,
            lambda draft=draft: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now, parcel=draft),  # type: ignore[misc]
        )
    refuses(errors.ParcelThere, sending(now, order, "SF0000001", 1))
    refuses(errors.NumberMalformed, sending(now, order, "?", 1))
    assert queries.get_order(order.id).is_partly_sent


def test_parcels_have_labels_scans_and_corrections_of_their_own(now: datetime) -> None:
    order = order_of(now, 2)
    for _ in range(2):
        draft = ParcelDraft("LOCAL", "", (Pieces(order.lines[0].id, 1),))
        db.in_transaction(
            lambda draft=draft: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now, parcel=draft)
        )  # type: ignore[misc]
    first, second = queries.list_parcels(order.id)
    assert second.number == f"WY{order.order_no}02{rules.check_digit(order.order_no + '02')}" != first.number
    refuses(
        errors.ParcelNotFound,
        lambda: operations.record_scan(actor=PLATFORM, order_id=order.id, kind=ScanKind.DELIVERED, place="", now=now),
    )
    for parcel in (first, second):
        db.in_transaction(
            lambda parcel=parcel: operations.record_scan(  # type: ignore[misc]
                actor=PLATFORM, order_id=order.id, kind=ScanKind.DELIVERED, place="", now=now, parcel_id=parcel.id
            )
        )
    taken = ParcelDraft("SF", "SF1234567")
    db.in_transaction(
        lambda: operations.correct_parcel(actor=PLATFORM, order_id=order.id, parcel=taken, now=now, parcel_id=second.id)
    )
    first, second = queries.list_parcels(order.id)
    assert (first.is_delivered, second.is_delivered, second.number) == (True, False, "SF1234567")
    assert [each.quantity for each in second.pieces] == [1]
    refuses(
        errors.ParcelThere,
        lambda: operations.correct_parcel(actor=PLATFORM, order_id=order.id, parcel=taken, now=now, parcel_id=first.id),
    )
    other = order_of(now, 1)
    refuses(
        errors.ParcelNotFound,
        lambda: operations.correct_parcel(
            actor=PLATFORM, order_id=other.id, parcel=taken, now=now, parcel_id=second.id
        ),
    )


def test_what_cannot_be_sent_is_paid_back_and_the_rest_goes_on(now: datetime) -> None:
    order = order_of(now, 3, 2)  # three for 10.00 and two for 20.00
    shop = f"shop:{order.shop_id}"
    send(now, order, "SF0000001", 1)

    refund_no = take_off(now, order, 1)

    after = queries.get_order(order.id)
    assert (after.refunded_minor, after.fulfilment, after.is_partly_sent) == (1_000, FulfilmentState.READY, True)
    assert [(line.sent_count, line.dropped_count, line.unsent_count) for line in after.lines] == [(1, 1, 1), (0, 0, 2)]
    assert held_by(AccountKind.MERCHANT_ESCROW, shop) == 6_000
    assert inventory.list_imbalances() == ()
    assert queries.list_refunds(order.id)[0].refund_no == refund_no
    refuses(errors.PiecesMalformed, lambda: operations.refund_unsent(
        seller=None, order_id=order.id, taken=(Pieces(order.lines[0].id, 2),), reason="shop", now=now
    ))  # fmt: skip

    take_off(now + DAY, order)  # all that is left: the order is what was sent

    ended = queries.get_order(order.id)
    assert (ended.fulfilment, ended.is_partly_sent, ended.shipped_at) == (FulfilmentState.SHIPPED, False, now)
    assert ended.refunded_minor == 6_000
    assert len(published(order, OrderShipped)) == 1
    assert held_by(AccountKind.MERCHANT_ESCROW, shop) == 1_000
    send_refunds(now + DAY)
    assert tasks.receive_overdue_orders(now + rules.AUTO_RECEIVE) == 1
    settle_down(now + rules.AUTO_RECEIVE)
    # Of what was bought only what was sent is the buyer's.
    assert len(things.list_holdings_of(sight.get_viewer(order.buyer_id), order.buyer_id).items) == 1
    assert [check for check in queries.verify() if not check.holds] == []


def test_parts_of_a_line_are_paid_back_to_the_last_fen(now: datetime) -> None:
    assert [rules.paid_for(1_000, 3, before=done, now=1) for done in range(3)] == [333, 333, 334]
    order = order_of(now, 3)
    for _ in range(2):
        take_off(now, order, 1)
    assert queries.get_order(order.id).refunded_minor == 2_000
    take_off(now, order, 1)
    whole = queries.get_order(order.id)
    assert (whole.refund, whole.fulfilment) == (RefundState.FULL, FulfilmentState.CANCELLED)
    variant = order.lines[0].variant_id
    assert inventory.available_by_variant([variant]) == {variant: 10}


def test_all_money_back_ends_the_sending_and_leaves_what_is_on_its_way(now: datetime) -> None:
    order = order_of(now, 2)
    send(now, order, "SF0000001", 1)
    refuses(errors.WrongState, lambda: operations.request_refund(
        seller=None, order_id=order.id, amount_minor=None, reason="buyer", only_unsent=True, now=now
    ))  # fmt: skip
    db.in_transaction(
        lambda: operations.request_refund(
            seller=None, order_id=order.id, amount_minor=None, reason="shop", now=now + DAY
        )
    )
    after = queries.get_order(order.id)
    assert (after.refund, after.fulfilment, after.shipped_at) == (RefundState.FULL, FulfilmentState.SHIPPED, now)
    assert [(line.sent_count, line.dropped_count) for line in after.lines] == [(1, 1)]
    assert inventory.list_imbalances() == ()
    refuses(errors.WrongState, sending(now, order, "SF0000002"))
    refuses(errors.WrongState, lambda: operations.refund_unsent(seller=None, order_id=order.id, reason="shop", now=now))
    assert [check for check in queries.verify() if not check.holds] == []


def test_taking_off_more_than_is_left_of_the_money_gives_back_what_is(now: datetime) -> None:
    order = order_of(now, 2, 1)  # 10.00 each, and one for 20.00
    db.in_transaction(
        lambda: operations.request_refund(seller=None, order_id=order.id, amount_minor=2_500, reason="shop", now=now)
    )
    send(now, order, "SF0000001", 2)
    take_off(now, order, 0, 1)
    after = queries.get_order(order.id)
    assert (after.refunded_minor, after.refund, after.fulfilment) == (
        4_000,
        RefundState.FULL,
        FulfilmentState.SHIPPED,
    )


def test_unpaid_order_and_one_that_is_sent_have_nothing_to_take_off(now: datetime) -> None:
    product: Product = goods.make_product(now)
    order = paid_order(now, product)
    send(now, order, "SF0000001")
    refuses(errors.WrongState, lambda: operations.refund_unsent(seller=None, order_id=order.id, reason="shop", now=now))
    refuses(errors.OrderNotFound, lambda: operations.refund_unsent(seller=None, order_id=2**40, reason="shop", now=now))


def test_several_parcels_of_an_order_go_at_once_or_not_at_all(now: datetime) -> None:
    order = order_of(now, 1, 1)
    first, second = (
        ParcelDraft("SF", f"SF000000{place}", (Pieces(line.id, 1),)) for place, line in enumerate(order.lines)
    )
    refuses(
        errors.PiecesMalformed,
        lambda: operations.ship_orders(actor=PLATFORM, parcels=[(order.id, first), (order.id, first)], now=now),
    )
    db.in_transaction(
        lambda: operations.ship_orders(actor=PLATFORM, parcels=[(order.id, first), (order.id, second)], now=now)
    )
    assert [parcel.number for parcel in queries.list_parcels(order.id)] == ["SF0000000", "SF0000001"]
    assert queries.get_order(order.id).fulfilment is FulfilmentState.SHIPPED


def halves_at_once(now: datetime) -> FulfilmentState:
    """Two clerks send the two lines of an order at the same moment; where it stands then."""
    order = order_of(now, 1, 1)
    with ThreadPoolExecutor(1) as pool:
        with held_open(sending(now, order, "SF0000001", 1)):
            second = pool.submit(elsewhere, sending(now, order, "SF0000002", 0, 1))
            wait_until_blocked(second)
        second.result(10)
    return queries.get_order(order.id).fulfilment


@pytest.mark.concurrency
def test_two_halves_sent_at_once_are_the_whole_order(now: datetime) -> None:
    assert halves_at_once(now) is FulfilmentState.SHIPPED


@pytest.mark.concurrency
def test_control_without_the_lock_two_halves_are_never_the_whole(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shipping,
        "_lock_unsent",
        lambda order_id: db.row(
            "SELECT id, order_no, buyer_id, shop_id, kind FROM orders_order WHERE id = %s", [order_id]
        ),
    )
    assert halves_at_once(now) is FulfilmentState.READY
