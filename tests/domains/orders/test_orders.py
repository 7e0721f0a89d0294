"""An order on its three axes, alone; team orders are tested with their teams."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders.goods import make_product, make_shop
from tests.builders.payments import pay_at_the_bank
from tests.builders.people import actor_for, make_person
from tests.builders.teams import buy_alone, pay, send_refunds, settle_down
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.domains.inventory import queries as inventory
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import errors, operations, policies, queries, tasks
from wuyou.domains.orders.types import FulfilmentState, LineDraft, Order, OrderKind, PaymentState, RefundState
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.usefixtures("world")

WEEK = timedelta(days=7)


def held_by(kind: AccountKind, owner: str = "") -> int:
    return ledger.get_balance(AccountRef(kind, owner, Currency.CNY)).amount_minor


def paid_order(now: datetime, product: Product, buyer: Person | None = None, quantity: int = 2) -> Order:
    buyer = buyer or make_person(now)
    placed = buy_alone(now, buyer, product, quantity=quantity)
    pay(now, buyer, placed.order_no)
    settle_down(now)
    return queries.get_order(placed.id)


def completed_order(now: datetime, product: Product) -> Order:
    order = paid_order(now, product)
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now))
    db.in_transaction(lambda: operations.receive_order(order_id=order.id, now=now))
    assert tasks.complete_received_orders(now + WEEK) == 1
    settle_down(now + WEEK)
    return queries.get_order(order.id)


def rows_of_everything() -> tuple[object, ...]:
    tables = ("orders_order", "orders_refund", "inventory_stock_item", "payments_refund", "ledger_transfer", "event")
    return tuple(
        db.row(f"SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t") for table in tables
    )


def test_paid_order_alone_is_ready_and_its_money_is_in_escrow(now: datetime) -> None:
    product = make_product(now, price=5_900)

    order = paid_order(now, product)

    assert (order.payment, order.fulfilment, order.refund) == (
        PaymentState.PAID,
        FulfilmentState.READY,
        RefundState.NONE,
    )
    assert order.total_minor == 11_800
    assert held_by(AccountKind.BUYERS_HELD) == 0
    assert held_by(AccountKind.MERCHANT_ESCROW, f"shop:{product.shop_id}") == 11_800


def test_order_goes_through_its_life_and_the_shop_is_paid_after_the_return_window(now: datetime) -> None:
    product = make_product(now, stock=10)
    order = paid_order(now, product)
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now))
    db.in_transaction(lambda: operations.receive_order(order_id=order.id, now=now))

    assert tasks.complete_received_orders(now + WEEK - timedelta(microseconds=1)) == 0
    assert tasks.complete_received_orders(now + WEEK) == 1
    settle_down(now + WEEK)

    assert queries.get_order(order.id).fulfilment is FulfilmentState.COMPLETED
    assert held_by(AccountKind.MERCHANT_ESCROW, f"shop:{product.shop_id}") == 0
    assert held_by(AccountKind.MERCHANT_PAYABLE, f"shop:{product.shop_id}") == order.total_minor
    variant_id = product.variants[0].id
    assert db.row(
        "SELECT on_hand, reserved, shipped FROM inventory_stock_item WHERE variant_id = %s", [variant_id]
    ) == (
        8,
        0,
        2,
    )


def test_unpaid_order_is_given_up_at_its_deadline_and_frees_its_stock(now: datetime) -> None:
    product = make_product(now, stock=5)
    placed = buy_alone(now, make_person(now), product, quantity=5)

    assert tasks.close_unpaid_orders(placed.pay_until - timedelta(microseconds=1)) == 0
    assert tasks.close_unpaid_orders(placed.pay_until) == 1

    order = queries.get_order(placed.id)
    assert (order.payment, order.fulfilment) == (PaymentState.CLOSED, FulfilmentState.CANCELLED)
    assert inventory.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 5}


def test_shipped_order_counts_as_received_after_ten_days(now: datetime) -> None:
    order = paid_order(now, make_product(now))
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now))

    assert tasks.receive_overdue_orders(now + timedelta(days=10) - timedelta(microseconds=1)) == 0
    assert tasks.receive_overdue_orders(now + timedelta(days=10)) == 1

    assert queries.get_order(order.id).received_at == now + timedelta(days=10)


def test_refunds_are_numbered_by_their_order_and_never_pass_what_was_paid(now: datetime) -> None:
    order = paid_order(now, make_product(now, price=1_000, team_price=900), quantity=3)

    def refund(amount: int | None) -> str:
        return db.in_transaction(
            lambda: operations.request_refund(
                seller=None, order_id=order.id, amount_minor=amount, reason="broken", now=now
            )
        )

    assert refund(1) == f"{order.order_no}R1"
    assert refund(1_999) == f"{order.order_no}R2"
    before = rows_of_everything()
    for wrong in (0, -1, 1_001, 10**18):
        with pytest.raises(errors.RefundOutOfRange):
            refund(wrong)
    assert rows_of_everything() == before
    assert refund(None) == f"{order.order_no}R3"
    with pytest.raises(errors.WrongState):
        refund(None)

    assert held_by(AccountKind.REFUNDS_DUE) == 3_000
    assert send_refunds(now) == 3
    assert held_by(AccountKind.REFUNDS_DUE) == 0
    assert held_by(AccountKind.CLEARING, "sandbox") == 0
    assert [refund.amount.amount_minor for refund in queries.list_refunds(order.id)] == [1, 1_999, 1_000]
    assert all(refund.returned_at for refund in queries.list_refunds(order.id))


def test_full_refund_before_sending_cancels_the_order_and_frees_its_stock(now: datetime) -> None:
    product = make_product(now, stock=2)
    order = paid_order(now, product)

    db.in_transaction(
        lambda: operations.request_refund(seller=None, order_id=order.id, amount_minor=None, reason="asked", now=now)
    )

    order = queries.get_order(order.id)
    assert (order.fulfilment, order.refund) == (FulfilmentState.CANCELLED, RefundState.FULL)
    assert inventory.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 2}


def test_refund_after_the_shop_was_paid_comes_from_what_the_shop_is_owed(now: datetime) -> None:
    product = make_product(now, price=1_000, team_price=900)
    order = completed_order(now, product)

    db.in_transaction(
        lambda: operations.request_refund(
            seller=None, order_id=order.id, amount_minor=500, reason="broken", now=now + WEEK
        )
    )

    assert held_by(AccountKind.MERCHANT_PAYABLE, f"shop:{product.shop_id}") == 1_500
    assert held_by(AccountKind.REFUNDS_DUE) == 500


def test_partly_refunded_order_settles_what_is_left(now: datetime) -> None:
    product = make_product(now, price=1_000, team_price=900)
    order = paid_order(now, product)
    db.in_transaction(
        lambda: operations.request_refund(seller=None, order_id=order.id, amount_minor=300, reason="late", now=now)
    )
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now))
    db.in_transaction(lambda: operations.receive_order(order_id=order.id, now=now))

    tasks.complete_received_orders(now + WEEK)
    settle_down(now + WEEK)

    assert held_by(AccountKind.MERCHANT_PAYABLE, f"shop:{product.shop_id}") == 1_700
    assert held_by(AccountKind.MERCHANT_ESCROW, f"shop:{product.shop_id}") == 0


@pytest.mark.parametrize("step", ["ship", "receive", "refund"])
def test_step_out_of_turn_is_refused_and_changes_nothing(now: datetime, step: str) -> None:
    placed = buy_alone(now, make_person(now), make_product(now))
    before = rows_of_everything()
    steps = {
        "ship": lambda: operations.ship_order(actor=PLATFORM, order_id=placed.id, now=now),
        "receive": lambda: operations.receive_order(order_id=placed.id, now=now),
        "refund": lambda: operations.request_refund(
            seller=None, order_id=placed.id, amount_minor=1, reason="x", now=now
        ),
    }

    with pytest.raises(errors.WrongState):
        db.in_transaction(steps[step])

    assert rows_of_everything() == before


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [LineDraft(1, 0)],
        [LineDraft(1, -1)],
        [LineDraft(1, 1_000)],
        [LineDraft(1, 1), LineDraft(1, 1)],
        [LineDraft(number, 1) for number in range(51)],
    ],
)
def test_malformed_lines_are_refused_and_change_nothing(now: datetime, lines: list[LineDraft]) -> None:
    buyer = make_person(now)
    before = rows_of_everything()

    with pytest.raises(errors.LinesMalformed):
        db.in_transaction(
            lambda: operations.place_order(actor=Actor(buyer.id), lines=lines, kind=OrderKind.ALONE, now=now)
        )

    assert rows_of_everything() == before


def test_lines_of_two_shops_are_refused(now: datetime) -> None:
    buyer, one, other = make_person(now), make_product(now), make_product(now)
    before = rows_of_everything()

    with pytest.raises(errors.LinesMalformed):
        db.in_transaction(
            lambda: operations.place_order(
                actor=Actor(buyer.id),
                lines=[LineDraft(one.variants[0].id, 1), LineDraft(other.variants[0].id, 1)],
                kind=OrderKind.ALONE,
                now=now,
            )
        )

    assert rows_of_everything() == before


def test_unlisted_goods_and_goods_without_a_team_price_are_refused(now: datetime) -> None:
    shop = make_shop(now)
    gone, alone_only = make_product(now, shop=shop), make_product(now, team_price=None)
    db.in_transaction(lambda: catalog.unlist_product(actor=Actor(shop.owner_id), product_id=gone.id, now=now))
    buyer = make_person(now)

    with pytest.raises(catalog_errors.VariantNotFound):
        buy_alone(now, buyer, gone)
    with pytest.raises(errors.NotSoldInTeams):
        db.in_transaction(
            lambda: operations.place_order(
                actor=Actor(buyer.id),
                lines=[LineDraft(alone_only.variants[0].id, 1)],
                kind=OrderKind.TEAM,
                now=now,
            )
        )


def test_late_money_of_an_order_alone_takes_it_up_again(now: datetime) -> None:
    product = make_product(now, stock=1)
    late = buy_alone(now, make_person(now), product)
    tasks.close_unpaid_orders(late.pay_until)

    pay_at_the_bank(late.order_no, late.pay_until)
    settle_down(late.pay_until)

    order = queries.get_order(late.id)
    assert (order.payment, order.fulfilment) == (PaymentState.PAID, FulfilmentState.READY)
    assert inventory.available_by_variant([product.variants[0].id]) == {product.variants[0].id: 0}
    assert held_by(AccountKind.MERCHANT_ESCROW, f"shop:{product.shop_id}") == order.total_minor


def test_late_money_of_an_order_alone_goes_back_when_the_stock_is_gone(now: datetime) -> None:
    product = make_product(now, stock=1)
    late = buy_alone(now, make_person(now), product)
    tasks.close_unpaid_orders(late.pay_until)
    paid_order(late.pay_until, product, quantity=1)

    pay_at_the_bank(late.order_no, late.pay_until)
    settle_down(late.pay_until)
    send_refunds(late.pay_until)

    order = queries.get_order(late.id)
    assert (order.payment, order.fulfilment, order.refund) == (
        PaymentState.PAID,
        FulfilmentState.CANCELLED,
        RefundState.FULL,
    )
    assert held_by(AccountKind.BUYERS_HELD) == 0


def test_private_order_is_not_found_by_strangers(now: datetime) -> None:
    shop = make_shop(now)
    buyer = make_person(now)
    order = paid_order(now, make_product(now, shop=shop), buyer)
    stranger, staff = make_person(now), make_person(now, is_staff=True)

    for actor in (actor_for(buyer), Actor(shop.owner_id), actor_for(staff)):
        assert queries.get_order_for(actor, order.order_no).id == order.id
    for actor in (actor_for(stranger), Actor(None)):
        with pytest.raises(errors.OrderNotFound):
            queries.get_order_for(actor, order.order_no)


def test_buyer_may_take_all_back_before_sending_only(now: datetime) -> None:
    shop = make_shop(now)
    buyer = make_person(now)
    order = paid_order(now, make_product(now, shop=shop), buyer)
    from wuyou.domains.catalog import queries as catalog_queries

    kept_shop = catalog_queries.get_shop(shop.id)
    assert policies.may_refund(actor_for(buyer), order, kept_shop)
    db.in_transaction(lambda: operations.ship_order(actor=PLATFORM, order_id=order.id, now=now))
    sent = queries.get_order(order.id)
    assert not policies.may_refund(actor_for(buyer), sent, kept_shop)
    assert policies.may_refund(Actor(shop.owner_id), sent, kept_shop)


def test_cart_keeps_one_line_a_variant_and_refuses_the_impossible(now: datetime) -> None:
    product, buyer = make_product(now), make_person(now)
    actor, variant_id = actor_for(buyer), product.variants[0].id

    for quantity in (1, 3):
        db.in_transaction(
            lambda q=quantity: operations.put_in_cart(actor=actor, variant_id=variant_id, quantity=q, now=now)
        )
    assert [(line.variant_id, line.quantity) for line in queries.list_cart(buyer.id)] == [(variant_id, 3)]
    for quantity, wanted in ((-1, errors.LinesMalformed), (1_000, errors.LinesMalformed)):
        with pytest.raises(wanted):
            db.in_transaction(
                lambda q=quantity: operations.put_in_cart(actor=actor, variant_id=variant_id, quantity=q, now=now)
            )
    with pytest.raises(catalog_errors.VariantNotFound):
        db.in_transaction(lambda: operations.put_in_cart(actor=actor, variant_id=10**12, quantity=1, now=now))
    assert [(line.variant_id, line.quantity) for line in queries.list_cart(buyer.id)] == [(variant_id, 3)]
    db.in_transaction(lambda: operations.put_in_cart(actor=actor, variant_id=variant_id, quantity=0, now=now))
    assert queries.list_cart(buyer.id) == ()


def test_paid_lines_are_noted_as_what_the_buyer_did_once(now: datetime) -> None:
    product, buyer = make_product(now, price=5_900), make_person(now)

    order = paid_order(now, product, buyer)
    settle_down(now)

    noted = db.rows("SELECT kind, source, person_id, object_kind, object_id, value FROM behaviour_event")
    assert noted == [("order", "server", buyer.id, "product", product.id, order.lines[0].amount.amount_minor)]
