"""Paying an order, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from ninja import Router
from pydantic import Field, StringConstraints

from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.payments import errors
from wuyou.domains.payments.providers import list_offered
from wuyou.domains.payments.types import ChargeState, Intent, IntentState, Onward
from wuyou.surfaces.api.amounts import Amount, amount_of
from wuyou.surfaces.api.entry import Call, Entry, operation
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import Draft, OrderNo
from wuyou.surfaces.checkout import paying

router = Router(tags=["payments"])


class PaymentDraft(Draft):
    """With whom to pay."""

    provider: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(examples=["alipay"])] = ""
    """One of `offered`; without it the one chosen before, else the first."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Where the payment of an order stands.

    When it is captured the money has come; the order, the seat and the team follow within moments.
    """

    __pydantic_config__ = DOCUMENTED

    order_no: str
    amount: Amount
    provider: str
    offered: tuple[str, ...]
    """The providers that this sum can be paid with. Who has been sent to one pays there."""
    state: IntentState
    charge: ChargeState | None
    """What the provider said just now: `declined` may be tried again with a new key; null when it was not asked."""
    onward: Onward | None
    """Where the payer goes on: an address to follow, or the text of a QR code to show; null when it is done here."""
    captured_at: datetime | None


@operation(
    router,
    "POST",
    "/orders/{order_no}/payment",
    entry=Entry.ACROSS,
    refuses=[
        orders_errors.OrderNotFound,
        errors.IntentHandedOver,
        errors.IntentNotOpen,
        errors.ProviderRefused,
        errors.ProviderUnknown,
        errors.ProviderUnavailable,
    ],
)
def pay_order(call: Call, order_no: OrderNo, body: PaymentDraft | None = None) -> Payment:
    """Pay an order of yours with a provider. Paying twice is paying once.

    With most providers the payer goes on elsewhere (`onward`), and the payment is captured some time later. Without an
    answer from the provider nothing is known: send the same again, or look with `GET`.
    """
    chosen = body.provider if body else ""
    device = paying.Device(ip=call.address)
    begun = paying.pay(actor=call.actor, intent_no=order_no, provider=chosen, device=device, now=call.now)
    return _payment(begun.intent, begun.charge, begun.onward)


@operation(router, "GET", "/orders/{order_no}/payment", entry=Entry.READ, refuses=[orders_errors.OrderNotFound])
def show_payment(call: Call, order_no: OrderNo) -> Payment:
    """Show where the payment of your order stands; the provider is asked when we have not heard of it yet."""
    return _payment(paying.look(actor=call.actor, intent_no=order_no, now=call.now), None, None)


def _payment(intent: Intent, charge: ChargeState | None, onward: Onward | None) -> Payment:
    return Payment(
        order_no=intent.intent_no,
        amount=amount_of(intent.amount),
        provider=intent.provider,
        offered=tuple(provider.name for provider in list_offered(intent.amount.currency)),
        state=intent.state,
        charge=charge,
        onward=onward,
        captured_at=intent.captured_at,
    )
