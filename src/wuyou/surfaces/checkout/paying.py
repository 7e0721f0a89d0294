"""Paying: two transactions with the provider between them."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.orders import errors as orders_errors
from wuyou.domains.payments import errors
from wuyou.domains.payments import operations as payments
from wuyou.domains.payments import queries as payments_queries
from wuyou.domains.payments.providers import get_provider
from wuyou.domains.payments.providers.sandbox import Faults, SandboxBank
from wuyou.domains.payments.types import ChargeState, Intent
from wuyou.infra import db
from wuyou.kernel.actor import Actor


def pay(*, actor: Actor, intent_no: str, now: datetime, faults: Faults | None = None) -> tuple[Intent, ChargeState]:
    """Have the payer's money taken; returns the intent as it stands then, and what the provider said.

    First the hand-over is written down, so that a process that dies while the provider works is repaired by polling;
    then the provider is asked outside of any transaction; then its answer is applied. Paying twice is paying once.

    Args: faults: what shall go wrong at the sandbox bank this time; other providers do not hear of it.
    Raises: `OrderNotFound` (not your intent), `IntentNotOpen` (closed), `ProviderUnavailable`, `ProviderRefused`.
    """

    def hand_over() -> Intent:
        intent = _own_intent(actor, intent_no)
        if intent.captured_at is None:
            try:
                payments.hand_over(intent_no=intent_no, now=now)
            except errors.IntentNotOpen:
                intent = _own_intent(actor, intent_no)
                if intent.captured_at is None:
                    raise
                # Paid by the same person at this very moment: paying twice is paying once.
        return intent

    intent = db.in_transaction(hand_over)
    if intent.captured_at is not None:
        return intent, ChargeState.CAPTURED
    provider = get_provider(intent.provider)
    if faults is not None and isinstance(provider, SandboxBank):
        result = provider.charge(intent_no=intent_no, amount=intent.amount, now=now, faults=faults)
    else:
        result = provider.charge(intent_no=intent_no, amount=intent.amount, now=now)
    return db.in_transaction(lambda: payments.apply_charge(result=result, now=now)), result.state


def look(*, actor: Actor, intent_no: str, now: datetime) -> Intent:
    """What became of a payment, asked at the provider when we have not heard of it yet.

    Raises: `OrderNotFound` (not your intent).
    """
    intent = _own_intent(actor, intent_no)
    if intent.captured_at is not None or intent.handed_over_at is None:
        return intent
    try:
        result = get_provider(intent.provider).query_charge(intent_no=intent_no, now=now)
    except errors.ProviderUnavailable:
        return intent
    if result is None:
        return intent
    return db.in_transaction(lambda: payments.apply_charge(result=result, now=now))


def _own_intent(actor: Actor, intent_no: str) -> Intent:
    intent = payments_queries.find_intent(intent_no)
    if intent is None or intent.payer_id != actor.user_id:
        raise orders_errors.OrderNotFound()
    return intent
