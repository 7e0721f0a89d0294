"""Paying: two transactions with the provider between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.payments import errors
from wuyou.domains.payments import operations as payments
from wuyou.domains.payments import queries as payments_queries
from wuyou.domains.payments.providers import get_offered, get_provider
from wuyou.domains.payments.providers.base import Bill
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank
from wuyou.domains.payments.types import ChargeState, Intent, Onward
from wuyou.infra import db
from wuyou.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Device:
    """What the payer holds: providers show another page on a phone, and want to know from where it is asked for."""

    is_phone: bool = False
    ip: str = ""
    is_in_wechat: bool = False
    """Whether the page is open in WeChat's own browser."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment as it stands after the provider was asked."""

    intent: Intent
    charge: ChargeState
    onward: Onward | None
    """Where the payer goes on, if it is not done yet."""


def pay(
    *,
    actor: Actor,
    intent_no: str,
    now: datetime,
    provider: str = "",
    device: Device | None = None,
    faults: Faults | None = None,
) -> Begun:
    """Choose a provider and have the payer pay there. Paying twice is paying once.

    Args:
        provider: as of `choose`.
        faults: what shall go wrong at the sandbox bank this time; other providers do not hear of it.

    Raises: those of `choose` and `begin`.
    """
    intent = choose(actor=actor, intent_no=intent_no, provider=provider, now=now)
    return _begin(intent, now, device, faults)


def choose(*, actor: Actor, intent_no: str, provider: str = "", now: datetime) -> Intent:
    """Write down that the payer is being sent to a provider, so that a process that dies is repaired by polling.

    Args: `provider` is one of those offered; empty is the one chosen before, else the first.
    Raises: `OrderNotFound` (not your intent), `IntentNotOpen` (closed), `IntentHandedOver`, `ProviderUnknown`.
    """
    intent = _own_intent(actor, intent_no)
    if intent.captured_at is not None:
        return intent
    chosen = get_offered(provider or (intent.provider if intent.handed_over_at else ""))
    if intent.amount.currency not in chosen.currencies:
        raise errors.ProviderUnknown(provider=chosen.name)
    try:
        return db.in_one_statement(lambda: payments.hand_over(intent_no=intent_no, provider=chosen.name, now=now))
    except errors.IntentNotOpen:
        intent = _own_intent(actor, intent_no)
        if intent.captured_at is None:
            raise
        # Paid by the same person at this very moment: paying twice is paying once.
        return intent


def payer_page(*, actor: Actor, intent_no: str, device: Device, state: str) -> str:
    """Where the payer is named to the provider that was chosen, before `begin`; empty where nobody asks for that.

    Args: `state` comes back with the payer, beside a `code`.
    Raises: `OrderNotFound` (not your intent), `ProviderUnknown` (not offered any more).
    """
    naming = get_offered(_own_intent(actor, intent_no).provider).naming
    if not device.is_in_wechat or naming is None:
        return ""
    back = reverse("storefront:pay-onward", args=[intent_no])
    return naming.page(return_url=f"{settings.BASE_URL}{back}", state=state)


def begin(
    *,
    actor: Actor,
    intent_no: str,
    now: datetime,
    device: Device | None = None,
    faults: Faults | None = None,
    payer_code: str = "",
) -> Begun:
    """Ask the provider that was chosen where the payer goes on; the same again leads to the same place.

    Args:
        faults: as of `pay`.
        payer_code: what the payer brought back from `payer_page`; good once.

    Raises: `OrderNotFound` (not your intent), `IntentNotOpen` (closed, or nobody was chosen), `ProviderUnknown` (not
    offered any more), `ProviderUnavailable`, `ProviderRefused`.
    """
    return _begin(_own_intent(actor, intent_no), now, device, faults, payer_code)


def _begin(intent: Intent, now: datetime, device: Device | None, faults: Faults | None, payer_code: str = "") -> Begun:
    """The provider outside of any transaction, then its answer."""
    if intent.captured_at is not None:
        return Begun(intent, ChargeState.CAPTURED, None)
    if intent.closed_at is not None or intent.handed_over_at is None:
        raise errors.IntentNotOpen(intent_no=intent.intent_no, state=intent.state.value)
    provider = get_offered(intent.provider)
    if faults is not None and isinstance(provider, SandboxBank):
        result = provider.charge(intent_no=intent.intent_no, amount=intent.amount, now=now, faults=faults)
    else:
        payer_ref = provider.naming.ref(code=payer_code) if payer_code and provider.naming else ""
        result = provider.begin(bill=_bill(intent, device or Device(), payer_ref), now=now)
    applied = db.in_transaction(lambda: payments.apply_charge(result=result, now=now))
    return Begun(applied, result.state, result.onward)


def look(*, actor: Actor, intent_no: str, now: datetime) -> Intent:
    """What became of a payment, asked at the provider when we have not heard of it yet; at most every three seconds.

    Raises: `OrderNotFound` (not your intent).
    """
    intent = _own_intent(actor, intent_no)
    if intent.captured_at is not None or intent.handed_over_at is None:
        return intent
    if not db.in_one_statement(lambda: payments.claim_look(intent_no=intent_no, now=now)):
        return intent
    try:
        provider = get_provider(intent.provider)
        result = provider.query_charge(intent_no=intent_no, provider_ref=intent.provider_ref, now=now)
    except (errors.ProviderUnavailable, errors.ProviderRefused, errors.ProviderUnknown):
        return intent
    if result is None:
        return intent
    return db.in_transaction(lambda: payments.apply_charge(result=result, now=now))


def _bill(intent: Intent, device: Device, payer_ref: str) -> Bill:
    back = reverse("storefront:order", args=[intent.intent_no])
    return Bill(
        intent_no=intent.intent_no,
        amount=intent.amount,
        subject=f"Wuyou {intent.intent_no}",
        payable_until=intent.expires_at,
        return_url=f"{settings.BASE_URL}{back}?waiting=1",
        is_on_phone=device.is_phone,
        payer_ip=device.ip,
        payer_ref=payer_ref,
    )


def _own_intent(actor: Actor, intent_no: str) -> Intent:
    intent = payments_queries.find_intent(intent_no)
    if intent is None or intent.payer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return intent
