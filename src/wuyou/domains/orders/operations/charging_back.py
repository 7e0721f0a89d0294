"""Orders whose buyer's bank asks the payment back. Locks: the order's row, then ledger accounts."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.orders import events
from wuyou.domains.orders.operations.refunding import refund_up_to
from wuyou.domains.orders.types import FulfilmentState
from wuyou.infra import db
from wuyou.infra.events import publish
from wuyou.kernel.money import Currency

REASON = "charged_back"
"""Why money went back, as staff and both sides read it."""


@db.requires_transaction
def hold_charged_back(*, order_no: str, dispute_ref: str, amount_minor: int, now: datetime) -> bool:
    """Hold what an order owes while its buyer's bank decides: it neither counts as received by itself, nor completes.

    Of one that is complete so much is reserved on the shop's account that it is not paid out. Twice is once.

    Publishes: `OrderDisputed`, unless a claim of the buyer runs. Returns whether it was held now. Locks: the order.
    """
    held = db.row(
        """
        UPDATE orders_order SET is_charged_back = true WHERE order_no = %s AND payment = 'PAID' AND NOT is_charged_back
        RETURNING id, order_no, shop_id, currency, fulfilment, is_disputed
        """,
        [order_no],
    )
    if held is None:
        return False
    *facts, code, fulfilment, is_disputed = held
    if FulfilmentState(fulfilment) is FulfilmentState.COMPLETED:
        shop = AccountRef(AccountKind.MERCHANT_PAYABLE, f"shop:{facts[2]}", Currency(code))
        statements.reserve(account=shop, key=f"dispute:{dispute_ref}", amount_minor=amount_minor, now=now)
    if not is_disputed:
        publish(events.OrderDisputed(*[*facts, now]))
    return True


@db.requires_transaction
def end_charge_back(*, order_no: str, dispute_ref: str, lost_minor: int, now: datetime) -> str:
    """The bank has decided: what the buyer keeps is refunded, which takes back what was earned on it; the rest goes on.

    Publishes: `OrderRefunded` when it was lost, `DisputeEnded` unless a claim of the buyer runs.
    Returns: the refund's number, empty without one. Twice is once. Locks: the order.
    """
    found = db.row("SELECT id, payment, fulfilment FROM orders_order WHERE order_no = %s FOR UPDATE", [order_no])
    if found is None:
        return ""
    order_id, payment, fulfilment = found
    refund_no = ""
    is_owed = lost_minor and payment == "PAID" and FulfilmentState(fulfilment) is not FulfilmentState.CANCELLED
    if is_owed:
        refund_no = refund_up_to(order_id=order_id, amount_minor=lost_minor, reason=REASON, now=now)
    statements.end_reserve(key=f"dispute:{dispute_ref}", now=now)
    ended = db.row(
        """
        UPDATE orders_order SET is_charged_back = false WHERE id = %s AND is_charged_back
        RETURNING id, order_no, shop_id, is_disputed
        """,
        [order_id],
    )
    if ended is not None and not ended[-1]:
        publish(events.DisputeEnded(*[*ended[:-1], now]))
    return refund_no
