"""Paying an order, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ninja import Router

from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.payments import errors
from wuyou.domains.payments.types import ChargeState, Intent, IntentState
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import OrderNo
from wuyou.surfaces.checkout import paying

router = Router(tags=["payments"])


@dataclass(frozen=True, slots=True)
class Payment:
    """Where the payment of an order stands.

    When it is captured the money has come; the order, the seat and the team follow within moments.
    """

    __pydantic_config__ = DOCUMENTED

    order_no: str
    amount: Amount
    provider: str
    state: IntentState
    charge: ChargeState | None
    """What the provider said just now: `declined` may be tried again with a new key; null when it was not asked."""
    captured_at: datetime | None


@operation(
    router,
    "POST",
    "/orders/{order_no}/payment",
    entry=Entry.ACROSS,
    refuses=[
        orders_errors.OrderNotFound,
        errors.IntentNotOpen,
        errors.ProviderRefused,
        errors.ProviderUnavailable,
    ],
)
def pay_order(call: Call, order_no: OrderNo) -> Payment:
    """Pay an order of yours through its provider. Paying twice is paying once.

    Without an answer from the provider nothing is known: send the same again, or look with `GET`.
    """
    intent, charge = paying.pay(actor=call.actor, intent_no=order_no, now=call.now)
    return _payment(intent, charge)


@operation(router, "GET", "/orders/{order_no}/payment", entry=Entry.READ, refuses=[orders_errors.OrderNotFound])
def show_payment(call: Call, order_no: OrderNo) -> Payment:
    """Show where the payment of your order stands; the provider is asked when we have not heard of it yet."""
    return _payment(paying.look(actor=call.actor, intent_no=order_no, now=call.now), None)


def _payment(intent: Intent, charge: ChargeState | None) -> Payment:
    return Payment(
        intent.intent_no, amount_of(intent.amount), intent.provider, intent.state, charge, intent.captured_at
    )
