"""Ordering: from the choice to the payment, and giving up.

Locks, in this order: the order's row, then stock, then ledger accounts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.inventory import errors as inventory_errors
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.orders import errors, events, rules, types
from wuyou.domains.orders.operations.refunding import request_refund
from wuyou.domains.orders.types import OrderKind, PaidLine
from wuyou.domains.payments import operations as payments
from wuyou.domains.promotions import errors as promotions_errors
from wuyou.domains.promotions import operations as promotions
from wuyou.domains.promotions.types import BasketLine, Priced
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency, Money

PURPOSE = "order"
"""Marks the payment intents that belong to orders."""

PAY_WITHIN = timedelta(minutes=15)
"""How long stock (and a seat) is kept for an unpaid order."""


@db.requires_transaction
def place_order(
    *,
    actor: Actor,
    lines: Sequence[types.LineDraft],
    kind: OrderKind,
    now: datetime,
    provider: str = "",
    pay_within: timedelta = PAY_WITHIN,
    voucher_ids: Sequence[int] = (),
) -> types.PlacedOrder:
    """Order goods of one shop at today's prices; keep the stock until `now + pay_within`.

    A team order stays held after its payment until `release_orders`; an order alone is released by its payment.

    Args: voucher_ids: the buyer's, all of which are to be used; each is kept for this order until it is paid or closed.
    Raises: `LinesMalformed`, `VariantNotFound`, `NotSoldInTeams`, `AmountOutOfRange`, `OutOfStock`; with vouchers also
    `VoucherUnusable`, `NotCombinable`, `NoneLeft`.
    Cost: four statements; three more with vouchers, and one for each that has a budget.
    """
    rules.check_lines(lines)
    variants = catalog.variants_by_id(line.variant_id for line in lines)
    if len(variants) != len(lines) or not all(variant.is_listed for variant in variants.values()):
        raise catalog_errors.VariantNotFound()
    bought = [variants[line.variant_id] for line in lines]
    shops = {variant.shop_id for variant in bought}
    if len(shops) != 1:
        raise errors.LinesMalformed()
    (shop_id,) = shops
    prices = [rules.price_of(variant, kind) for variant in bought]
    quantities = [line.quantity for line in lines]
    currency = prices[0].currency
    rules.items_total(prices, quantities)
    basket = [
        BasketLine(variant.product_id, price.amount_minor * quantity)
        for variant, price, quantity in zip(bought, prices, quantities, strict=True)
    ]
    priced = Priced(tuple(basket))
    if voucher_ids:
        priced = promotions.price(
            person_id=actor.person_id,
            shop_id=shop_id,
            is_team=kind is OrderKind.TEAM,
            currency=currency,
            lines=basket,
            voucher_ids=voucher_ids,
            now=now,
        )
    total = Money(priced.total_minor, currency)
    pay_until = now + pay_within
    inserted = db.row(
        """
        WITH placed AS (
            INSERT INTO orders_order (order_no, buyer_id, shop_id, kind, currency, items_minor, discount_minor,
                                      funded_minor, shipping_minor, total_minor, payment, fulfilment, placed_at,
                                      pay_until)
            SELECT to_char(%s::timestamptz AT TIME ZONE 'Asia/Shanghai', 'YYMMDD')
                       || lpad(number::text, greatest(8, length(number::text)), '0'),
                   %s, %s, %s, %s, %s, %s, %s, 0, %s, 'UNPAID', 'HELD', %s, %s
            FROM nextval('orders_order_number') AS number
            RETURNING id, order_no),
        lines AS (
            INSERT INTO orders_order_line (order_id, variant_id, product_id, quantity, unit_price_minor,
                                           discount_minor, funded_minor)
            SELECT placed.id, l.* FROM placed,
                unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[]) AS l)
        SELECT id, order_no FROM placed
        """,
        [now, actor.person_id, shop_id, kind.value, currency.code, priced.items_minor, priced.discount_minor,
         priced.funded_minor, priced.total_minor, now, pay_until,
         [v.id for v in bought], [v.product_id for v in bought], quantities, [p.amount_minor for p in prices],
         priced.line_discounts(), priced.line_funded()],
    )  # fmt: skip
    assert inserted is not None  # noqa: S101  (an INSERT without a condition returns its row)
    order_id, order_no = inserted
    if priced.steps:
        promotions.hold(ref=order_no, priced=priced, now=now)
    inventory.reserve(ref=order_no, quantities={line.variant_id: line.quantity for line in lines}, now=now)
    payments.open_intent(
        intent_no=order_no,
        payer_id=actor.person_id,
        purpose=PURPOSE,
        amount=total,
        provider=provider,
        expires_at=pay_until,
        now=now,
    )
    return types.PlacedOrder(
        order_id, order_no, shop_id, frozenset(variant.product_id for variant in bought), total, pay_until
    )


@db.requires_transaction
def mark_paid(*, order_no: str, now: datetime) -> None:
    """The order's money is here. An order alone is released, a team order waits, a closed one is taken up or refunded.

    Publishes: `OrderPaid`, or `OrderPaidLate` for a team order that was closed. Twice is once.
    """
    paid = db.row(
        """
        WITH old AS (SELECT id, payment FROM orders_order WHERE order_no = %s AND payment <> 'PAID' FOR UPDATE)
        UPDATE orders_order o
        SET payment = 'PAID', paid_at = %s,
            fulfilment = CASE WHEN o.kind = 'ALONE' AND old.payment = 'UNPAID' THEN 'READY' ELSE 'HELD' END,
            ship_by = CASE WHEN o.kind = 'ALONE' AND old.payment = 'UNPAID' THEN %s::timestamptz END
        FROM old WHERE o.id = old.id
        RETURNING o.id, o.buyer_id, o.shop_id, o.kind, o.items_minor - o.discount_minor, o.shipping_minor,
                  o.total_minor + o.funded_minor, o.currency, o.placed_at, old.payment,
                  o.discount_minor + o.funded_minor > 0,
                  (SELECT jsonb_agg(jsonb_build_array(l.id, l.product_id, l.variant_id, l.quantity,
                                                      l.quantity * l.unit_price_minor - l.discount_minor) ORDER BY l.id)
                   FROM orders_order_line l WHERE l.order_id = o.id)
        """,
        [order_no, now, now + rules.SHIP_WITHIN],
    )
    if paid is None:
        return
    order_id, buyer_id, shop_id, kind, items, shipping, worth, currency, placed_at, *rest = paid
    was, with_vouchers, encoded_lines = rest
    lines = tuple(PaidLine(*line) for line in _decoded(encoded_lines))
    is_late = was == types.PaymentState.CLOSED.value
    if with_vouchers and not is_late:
        promotions.redeem(ref=order_no, now=now)
    if is_late and kind == OrderKind.TEAM.value:
        publish(events.OrderPaidLate(order_id, order_no, buyer_id, shop_id, kind, now))
        return
    publish(
        events.OrderPaid(order_id, order_no, buyer_id, shop_id, kind, lines, items, shipping, currency, placed_at, now)
    )
    if kind == OrderKind.TEAM.value:
        return
    if not is_late:
        _book_release([(order_no, shop_id, worth, currency)], now)
        return
    try:
        take_up_late_order(order_id=order_id, order_no=order_no, quantities=_quantities(lines), now=now)
        release_orders(order_ids=[order_id], now=now)
    except inventory_errors.OutOfStock:
        request_refund(seller=None, order_id=order_id, amount_minor=None, reason="out_of_stock", now=now)
    except promotions_errors.VoucherGone:
        request_refund(seller=None, order_id=order_id, amount_minor=None, reason="voucher_gone", now=now)


@db.requires_transaction
def take_up_late_order(
    *, order_id: int, order_no: str, quantities: dict[int, int] | None = None, now: datetime
) -> None:
    """Keep stock, and use the vouchers, of an order that was closed before its money came.

    Raises: `OutOfStock`, `VoucherGone`, and keeps nothing.
    """
    if quantities is None:
        quantities = dict(db.rows("SELECT variant_id, quantity FROM orders_order_line WHERE order_id = %s", [order_id]))
    with db.savepoint():
        promotions.take_up(ref=order_no, now=now)
        inventory.reserve(ref=order_no, quantities=quantities, now=now)


@db.requires_transaction
def announce_late_order(*, order_id: int, now: datetime) -> None:
    """A late order was taken up: tell it like any paid order. Publishes `OrderPaid`."""
    (found,) = db.rows(
        """
        SELECT o.id, o.order_no, o.buyer_id, o.shop_id, o.kind, o.items_minor - o.discount_minor, o.shipping_minor,
               o.currency, o.placed_at,
               (SELECT jsonb_agg(jsonb_build_array(l.id, l.product_id, l.variant_id, l.quantity,
                                                   l.quantity * l.unit_price_minor - l.discount_minor) ORDER BY l.id)
                FROM orders_order_line l WHERE l.order_id = o.id)
        FROM orders_order o WHERE o.id = %s AND o.payment = 'PAID'
        """,
        [order_id],
    )
    number, order_no, buyer_id, shop_id, kind, items, shipping, currency, placed_at, encoded_lines = found
    lines = tuple(PaidLine(*line) for line in _decoded(encoded_lines))
    publish(
        events.OrderPaid(number, order_no, buyer_id, shop_id, kind, lines, items, shipping, currency, placed_at, now)
    )


@db.requires_transaction
def release_orders(*, order_ids: Sequence[int], now: datetime) -> None:
    """Let paid orders go to their shops: they may be sent, and their money moves to the shops' escrow.

    Locks: orders in id order. Orders that are not paid and held, or wholly refunded, stay as they are.
    """
    released = db.rows(
        """
        WITH due AS (SELECT id FROM orders_order
                     WHERE id = ANY(%s) AND payment = 'PAID' AND fulfilment = 'HELD' AND refunded_minor < total_minor
                     ORDER BY id FOR UPDATE)
        UPDATE orders_order o SET fulfilment = 'READY', ship_by = %s FROM due WHERE o.id = due.id
        RETURNING o.order_no, o.shop_id, o.total_minor + o.funded_minor - o.refunded_minor - o.funded_back_minor,
                  o.currency
        """,
        [sorted(order_ids), now + rules.SHIP_WITHIN],
    )
    if released:
        _book_release(released, now)


@db.requires_transaction
def close_order(*, order_id: int, now: datetime) -> bool:
    """Give an unpaid order up: its stock is free again. Returns whether it is closed, now or before.

    The intent is closed first, so that payment and closing meet on one row and exactly one of them wins: an order whose
    money has come, though its event is still to be handled, stays open. Publishes `OrderClosed`.
    """
    found = db.row("SELECT order_no, payment FROM orders_order WHERE id = %s", [order_id])
    if found is None:
        raise errors.OrderNotFound()
    order_no, payment = found
    if payment != types.PaymentState.UNPAID.value:
        return bool(payment == types.PaymentState.CLOSED.value)
    if payments.close_intent(intent_no=order_no, now=now).captured_at is not None:
        return False
    closed = db.row(
        """
        UPDATE orders_order SET payment = 'CLOSED', fulfilment = 'CANCELLED' WHERE id = %s AND payment = 'UNPAID'
        RETURNING discount_minor + funded_minor > 0, id, order_no, buyer_id, shop_id, kind
        """,
        [order_id],
    )
    if closed is not None:
        with_vouchers, *order = closed
        if with_vouchers:
            promotions.release(ref=order_no)
        inventory.release(ref=order_no)
        publish(events.OrderClosed(*[*order, now]))
    return True


def _book_release(released: Sequence[Sequence[Any]], now: datetime) -> None:
    ledger.post(
        journals=[
            JournalDraft(
                key=f"release:{order_no}",
                kind="release",
                source_ref=f"order:{order_no}",
                occurred_at=now,
                transfers=(
                    TransferDraft(
                        AccountRef(AccountKind.BUYERS_HELD, "", Currency(code)),
                        AccountRef(AccountKind.MERCHANT_ESCROW, f"shop:{shop_id}", Currency(code)),
                        amount_minor,
                        "release",
                    ),
                ),
            )
            for order_no, shop_id, amount_minor, code in released
        ],
        now=now,
    )


def _decoded(encoded: Any) -> list[list[int]]:
    decoded: list[list[int]] = json.loads(encoded) if isinstance(encoded, str) else encoded
    return decoded


def _quantities(lines: Sequence[PaidLine]) -> dict[int, int]:
    return {line.variant_id: line.quantity for line in lines}


@db.requires_transaction
def note_origin(*, actor: Actor, order_no: str, path: str) -> None:
    """Remember where on this site the buyer came from, for themselves; said again, the first stays.

    Args: path: checked by the surface to lead to a page of ours. Nothing happens for an order of somebody else.
    """
    db.execute(
        """
        INSERT INTO orders_origin (order_id, path) SELECT id, %s FROM orders_order WHERE order_no = %s AND buyer_id = %s
        ON CONFLICT (order_id) DO NOTHING
        """,
        [path, order_no, actor.person_id],
    )
