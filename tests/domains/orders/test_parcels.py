"""What is handed to carriers, what happens to it, and time that stands still while a claim runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import goods
from tests.builders.people import make_person
from tests.domains.orders.test_orders import paid_order
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.orders import errors, operations, queries, rules, tasks
from wuyou.domains.orders.types import FulfilmentState, Order, ParcelDraft, ScanKind
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM
from wuyou.kernel.errors import DomainError

pytestmark = pytest.mark.usefixtures("world")

TEN_DAYS, WEEK, SOON = timedelta(days=10), timedelta(days=7), timedelta(seconds=1)


def ship(now: datetime, order: Order, carrier: str = "LOCAL", number: str = "") -> None:
    db.in_transaction(
        lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now, parcel=ParcelDraft(carrier, number))
    )


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        db.in_transaction(act)
    assert footprint() == before


def test_check_digit_notices_one_wrong_or_swapped_digit() -> None:
    number = "26030100000012"
    assert rules.check_digit(number) == 2
    for place in range(len(number)):
        for other in set("0123456789") - {number[place]}:
            assert rules.check_digit(number[:place] + other + number[place + 1 :]) != 2
    assert rules.check_digit("26031000000012") != 2


def test_local_label_follows_from_the_order(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))

    ship(now, order)

    (parcel,) = queries.list_parcels(order.id)
    assert parcel.number == f"WY{order.order_no}{rules.check_digit(order.order_no)}"
    assert (parcel.sent_at, parcel.scans, parcel.is_delivered) == (now, (), False)


def test_order_may_be_sent_for_48_hours(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))
    assert order.ship_by == now + timedelta(hours=48)
    assert queries.count_of_shop(order.shop_id, now).late == 0
    late = queries.count_of_shop(order.shop_id, now + timedelta(hours=48))
    assert (late.ready, late.late, late.shipped) == (1, 1, 0)


def test_refused_parcel_leaves_the_order_where_it_was(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))
    refuses(errors.CarrierUnknown, lambda: operations.ship_order(
        actor=PLATFORM, order_id=order.id, now=now, parcel=ParcelDraft("PIGEON", "SF123456")
    ))  # fmt: skip
    refuses(errors.NumberMalformed, lambda: operations.ship_order(
        actor=PLATFORM, order_id=order.id, now=now, parcel=ParcelDraft("SF", "12")
    ))  # fmt: skip
    assert queries.get_order(order.id).fulfilment is FulfilmentState.READY


def test_many_go_or_none(now: datetime) -> None:
    product = goods.make_product(now, stock=10)
    first, second = paid_order(now, product), paid_order(now, product)
    parcels = [(each.id, ParcelDraft("LOCAL")) for each in (second, first)]
    wrong = [*parcels[:1], (first.id, ParcelDraft("SF", "?"))]
    refuses(errors.NumberMalformed, lambda: operations.ship_orders(actor=PLATFORM, parcels=wrong, now=now))
    db.in_transaction(lambda: operations.ship_orders(actor=PLATFORM, parcels=parcels, now=now))
    assert set(queries.parcels_by_order([first.id, second.id])) == {first.id, second.id}
    assert inventory.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 6}
    refuses(errors.WrongState, lambda: operations.ship_orders(actor=PLATFORM, parcels=parcels, now=now))


def test_correcting_forgets_what_was_scanned_and_ends_with_the_receipt(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))
    correct = ParcelDraft("YTO", "yt 1234567")
    refuses(
        errors.ParcelNotFound,
        lambda: operations.correct_parcel(actor=PLATFORM, order_id=order.id, parcel=correct, now=now),
    )
    ship(now, order)
    db.in_transaction(
        lambda: operations.record_scan(
            actor=PLATFORM, order_id=order.id, kind=ScanKind.PICKED_UP, place=" 西安 ", now=now
        )
    )
    assert [(scan.kind, scan.place) for scan in queries.list_parcels(order.id)[0].scans] == [
        (ScanKind.PICKED_UP, "西安")
    ]
    db.in_transaction(lambda: operations.correct_parcel(actor=PLATFORM, order_id=order.id, parcel=correct, now=now))
    (parcel,) = queries.list_parcels(order.id)
    assert (parcel.carrier, parcel.number, parcel.scans) == ("YTO", "YT1234567", ())
    db.in_transaction(lambda: operations.receive_order(order_id=order.id, now=now))
    refuses(
        errors.ParcelNotFound,
        lambda: operations.correct_parcel(actor=PLATFORM, order_id=order.id, parcel=correct, now=now),
    )


def test_nothing_happens_after_the_delivery(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))

    def scan(kind: ScanKind, place: str = "") -> None:
        operations.record_scan(actor=PLATFORM, order_id=order.id, kind=kind, place=place, now=now)

    refuses(errors.ParcelNotFound, lambda: scan(ScanKind.PICKED_UP))
    ship(now, order)
    refuses(errors.ScanMalformed, lambda: scan(ScanKind.PICKED_UP, "x" * 61))
    db.in_transaction(lambda: scan(ScanKind.DELIVERED))
    refuses(errors.ScanMalformed, lambda: scan(ScanKind.DELIVERED))
    refuses(errors.ScanMalformed, lambda: scan(ScanKind.PICKED_UP))


def test_time_stands_still_while_a_claim_runs(now: datetime) -> None:
    order = paid_order(now, goods.make_product(now))
    ship(now, order)
    db.in_transaction(lambda: operations.dispute_order(order_id=order.id, now=now))
    assert tasks.receive_overdue_orders(now + TEN_DAYS + SOON) == 0
    db.in_transaction(lambda: operations.settle_dispute(order_id=order.id, now=now))
    assert tasks.receive_overdue_orders(now + TEN_DAYS - SOON) == 0
    assert tasks.receive_overdue_orders(now + TEN_DAYS) == 1
    db.in_transaction(lambda: operations.dispute_order(order_id=order.id, now=now))
    assert tasks.complete_received_orders(now + TEN_DAYS + WEEK) == 0
    assert not db.in_transaction(lambda: operations.complete_order(order_id=order.id, now=now + TEN_DAYS + WEEK))
    db.in_transaction(lambda: operations.settle_dispute(order_id=order.id, now=now))
    assert tasks.complete_received_orders(now + TEN_DAYS + WEEK) == 1
    refuses(errors.WrongState, lambda: operations.dispute_order(order_id=order.id, now=now))


def test_sales_are_summed_by_business_day(now: datetime) -> None:
    product = goods.make_product(now, stock=100)
    buyer = make_person(now)
    paid_order(now, product, buyer, quantity=1)
    evening = now.replace(hour=15, minute=59)  # 23:59 in Shanghai
    paid_order(evening, product, buyer, quantity=2)
    refunded = paid_order(evening + timedelta(minutes=1), product, buyer, quantity=1)
    db.in_transaction(
        lambda: operations.request_refund(
            seller=None, order_id=refunded.id, amount_minor=900, reason="shop", now=evening
        )
    )
    days = queries.sales_by_day(product.shop_id, from_=now - WEEK, until=now + WEEK)
    assert [(day.day.day, day.order_count, day.paid_minor, day.refunded_minor) for day in days] == [
        (1, 2, 17_700, 0),
        (2, 1, 5_900, 900),
    ]
