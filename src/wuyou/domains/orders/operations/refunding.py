"""Giving money back.

Locks, in this order: the order's row, then stock, then ledger accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from wuyou.domains.catalog import operations as shops
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.ledger import operations as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, JournalDraft, TransferDraft
from wuyou.domains.notifications import operations as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import errors, events, pieces, rules, types
from wuyou.domains.orders.types import FulfilmentState, Pieces
from wuyou.domains.payments import operations as payments
from wuyou.domains.promotions import operations as promotions
from wuyou.domains.promotions.types import GivenBack
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.actor import Actor
from wuyou.kernel.money import Currency, Money

_HELD_IN = {
    FulfilmentState.HELD: AccountKind.BUYERS_HELD,
    FulfilmentState.READY: AccountKind.MERCHANT_ESCROW,
    FulfilmentState.SHIPPED: AccountKind.MERCHANT_ESCROW,
    FulfilmentState.RECEIVED: AccountKind.MERCHANT_ESCROW,
    FulfilmentState.COMPLETED: AccountKind.MERCHANT_PAYABLE,
}
"""Which account holds the money of a paid order at each stage."""


@db.requires_transaction
def request_refund(
    *,
    seller: Actor | None,
    order_id: int,
    amount_minor: int | None,
    reason: str,
    now: datetime,
    only_unsent: bool = False,
) -> str:
    """Promise money back, all that is left when no amount is given; returns the refund's number.

    The promise is booked at once from wherever the order's money lies; the provider is asked outside, later, as often
    as it takes. A wholly refunded order that was not sent is cancelled and its stock is free again; of one that was
    sent in part, the rest is not sent any more.

    Args: seller: who of the shop gives it back; None where its buyer, a claim or the platform does; only_unsent: refuse
    when the goods are on their way already, decided on the locked row.
    Publishes: `OrderRefunded`. Raises: `WrongState` (nothing was paid, or sent), `RefundOutOfRange`.
    """
    found = db.row(
        """
        SELECT order_no, buyer_id, shop_id, kind, currency, items_minor - discount_minor, total_minor, refunded_minor,
               refund_count, payment, fulfilment, discount_minor + funded_minor > 0, funded_minor, is_partly_sent
        FROM orders_order WHERE id = %s FOR UPDATE
        """,
        [order_id],
    )
    if found is None:
        raise errors.OrderNotFound()
    order_no, buyer_id, shop_id, kind, code, items, total, refunded, count, payment, fulfilment, *promoted = found
    with_vouchers, funded, is_partly_sent = promoted
    stage = FulfilmentState(fulfilment)
    is_too_late = only_unsent and (is_partly_sent or stage not in rules.CANCELLABLE)
    if payment != types.PaymentState.PAID.value or stage not in _HELD_IN or is_too_late:
        raise errors.WrongState(order_no=order_no, state=fulfilment)
    left = total - refunded
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        raise errors.RefundOutOfRange(left_minor=left)
    ends_sending = amount == left and stage in rules.CANCELLABLE
    is_cancelled = ends_sending and not is_partly_sent
    refund_no = f"{order_no}R{count + 1}"
    currency = Currency(code)
    lies_in = AccountRef(_HELD_IN[stage], "" if stage is FulfilmentState.HELD else f"shop:{shop_id}", currency)
    beside = GivenBack()
    if with_vouchers:
        beside = promotions.give_back(
            ref=order_no, refunded_minor=refunded + amount, total_minor=total, lies_in=lies_in, now=now
        )
    db.execute(
        """
        WITH changed AS (UPDATE orders_order SET refunded_minor = refunded_minor + %s,
                                refund_count = refund_count + 1, funded_back_minor = %s,
                                fulfilment = CASE WHEN %s THEN 'CANCELLED' ELSE fulfilment END WHERE id = %s)
        INSERT INTO orders_refund (refund_no, order_id, amount_minor, reason, promised_at) VALUES (%s, %s, %s, %s, %s)
        """,
        [amount, beside.funded_minor, is_cancelled, order_id, refund_no, order_id, amount, reason[:40], now],
    )
    if ends_sending:
        inventory.release(ref=order_no)
    if ends_sending and is_partly_sent:
        rest = rules.going({line.id: line.unsent_count for line in pieces.lines_of(order_id).values()}, ())
        pieces.count(rest, as_sent=False)
        pieces.mark_sent(order_id, now)
    ledger.post(
        journals=[
            JournalDraft(
                key=f"refund:{refund_no}",
                kind="refund",
                source_ref=f"order:{order_no}",
                occurred_at=now,
                transfers=(
                    TransferDraft(lies_in, AccountRef(AccountKind.REFUNDS_DUE, "", currency), amount, "refund"),
                    *beside.transfers,
                ),
            )
        ],
        now=now,
    )
    payments.request_refund(refund_no=refund_no, intent_no=order_no, amount=Money(amount, currency), now=now)
    publish(
        events.OrderRefunded(
            order_id, order_no, buyer_id, shop_id, kind, refund_no, amount, refunded + amount + beside.funded_minor,
            total + funded, items,
            stage is FulfilmentState.COMPLETED, code, now,
        )
    )  # fmt: skip
    if seller is not None:
        shops.note_act(actor=seller, shop_id=shop_id, what="refund", about=order_no, now=now)
    return refund_no


@db.requires_transaction
def refund_unsent(
    *, seller: Actor | None, order_id: int, reason: str, now: datetime, taken: Sequence[Pieces] = ()
) -> str:
    """Take goods that are not sent yet off an order, all of them when none are named, and promise back what was paid
    for them; returns the refund's number, empty when nothing is left to give back for them.

    When nothing is left to be sent then, the order is on its way since its last parcel.

    Args: seller: who of the shop takes them off; None where its buyer takes them back.
    Locks: the order, stock, then accounts. Publishes: `OrderRefunded`, `OrderShipped` when what was sent is all of it.
    Raises: `WrongState` unless it is paid and waits to be sent, `PiecesMalformed`.
    """
    found = db.row(
        """
        SELECT id, order_no, buyer_id, shop_id, kind, payment, fulfilment, total_minor - refunded_minor, is_partly_sent
        FROM orders_order WHERE id = %s FOR UPDATE
        """,
        [order_id],
    )
    if found is None:
        raise errors.OrderNotFound()
    *order, payment, fulfilment, left, is_partly_sent = found
    if payment != types.PaymentState.PAID.value or fulfilment != FulfilmentState.READY.value:
        raise errors.WrongState(order_no=order[1], state=fulfilment)
    lines = pieces.lines_of(order_id)
    unsent = {line.id: line.unsent_count for line in lines.values()}
    dropped = rules.going(unsent, taken)
    takes_all = sum(dropped.values()) == sum(unsent.values())
    if seller is not None:
        shops.note_act(actor=seller, shop_id=order[3], what="refund-unsent", about=order[1], now=now)
    if takes_all and not is_partly_sent:
        return request_refund(seller=None, order_id=order_id, amount_minor=None, reason=reason, now=now)
    pieces.count(dropped, as_sent=False)
    inventory.release(ref=order[1], quantities=pieces.by_variant(lines, dropped))
    if takes_all:
        pieces.mark_sent(order_id, now)
        publish(events.OrderShipped(*[*order, now]))
    amount = min(left, sum(_paid_for(lines[line_id], quantity) for line_id, quantity in dropped.items()))
    if not amount:
        return ""
    return request_refund(seller=None, order_id=order_id, amount_minor=amount, reason=reason, now=now)


def _paid_for(line: pieces.Line, quantity: int) -> int:
    return rules.paid_for(line.paid_minor, line.quantity, before=line.dropped_count, now=quantity)


@db.requires_transaction
def refund_rest(*, order_id: int, reason: str, now: datetime) -> bool:
    """Promise back whatever is left of an order; returns whether anything was. Twice is once.

    Locks: the order. Raises: `WrongState` when it was never paid.
    """
    found = db.row("SELECT refunded_minor < total_minor FROM orders_order WHERE id = %s FOR UPDATE", [order_id])
    if found is None or not found[0]:
        return False
    request_refund(seller=None, order_id=order_id, amount_minor=None, reason=reason, now=now)
    return True


@db.requires_transaction
def refund_up_to(*, order_id: int, amount_minor: int, reason: str, now: datetime) -> str:
    """Promise so much back, or what is left where that is less; returns the refund's number, empty when nothing is.

    Locks: the order. Raises: `WrongState` when it was never paid.
    """
    found = db.row("SELECT total_minor - refunded_minor FROM orders_order WHERE id = %s FOR UPDATE", [order_id])
    left = int(found[0]) if found else 0
    if not left:
        return ""
    return request_refund(seller=None, order_id=order_id, amount_minor=min(amount_minor, left), reason=reason, now=now)


@db.requires_transaction
def mark_refund_returned(*, refund_no: str, now: datetime) -> None:
    """The provider gave the money back. Publishes `RefundReturned`. Twice is once."""
    returned = db.row(
        """
        UPDATE orders_refund r SET returned_at = %s FROM orders_order o
        WHERE r.refund_no = %s AND r.returned_at IS NULL AND o.id = r.order_id
        RETURNING o.id, o.order_no, o.buyer_id, o.shop_id, o.kind, r.refund_no, r.amount_minor, o.refunded_minor,
                  o.total_minor, o.currency, r.id
        """,
        [now, refund_no],
    )
    if returned is not None:
        *refund, refund_id = returned
        publish(events.RefundReturned(*[*refund, now]))
        notifications.notify(
            person_id=returned[2],
            kind=Kind.REFUND_RETURNED,
            object_id=refund_id,
            facts={"order_no": returned[1]},
            now=now,
        )
