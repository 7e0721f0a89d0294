"""Decisions about payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from wuyou.domains.payments import rules
from wuyou.domains.payments.rules import Step
from wuyou.domains.payments.types import ChargeState, Intent, IntentState
from wuyou.kernel.money import Currency, Money


@pytest.fixture
def intent(now: datetime) -> Intent:
    return Intent(
        intent_no="W1",
        payer_id=1,
        purpose="order",
        amount=Money(100, Currency.CNY),
        provider="sandbox",
        provider_ref="",
        state=IntentState.CREATED,
        refunds_minor=0,
        created_at=now,
        expires_at=now + timedelta(minutes=15),
        handed_over_at=now,
        authorised_at=None,
        capture_asked_at=None,
        captured_at=None,
        closed_at=None,
    )


@pytest.mark.parametrize("charge", [None, *ChargeState])
def test_an_open_intent_waits_for_its_payer(intent: Intent, charge: ChargeState | None, now: datetime) -> None:
    assert rules.next_step(intent, charge, now) is Step.NOTHING


@pytest.mark.parametrize("charge", [None, ChargeState.PENDING, ChargeState.DECLINED])
def test_an_unpaid_charge_is_given_up_once_the_margin_is_over(
    intent: Intent, charge: ChargeState | None, now: datetime
) -> None:
    over = intent.expires_at + rules.MARGIN
    assert rules.next_step(intent, charge, over - timedelta(microseconds=1)) is Step.NOTHING
    assert rules.next_step(intent, charge, over) is Step.VOID


def test_money_on_hold_outlives_the_expiry_and_is_taken_when_asked_for(intent: Intent, now: datetime) -> None:
    later = now + timedelta(days=1)
    assert rules.next_step(intent, ChargeState.AUTHORISED, later) is Step.NOTHING
    wanted = replace(intent, capture_asked_at=now)
    assert rules.next_step(wanted, ChargeState.AUTHORISED, later) is Step.CAPTURE


@pytest.mark.parametrize("charge", [None, *ChargeState])
def test_a_closed_intent_is_shut_at_the_provider_unless_it_is_settled_there(
    intent: Intent, charge: ChargeState | None, now: datetime
) -> None:
    closed = replace(intent, closed_at=now, capture_asked_at=now)
    is_settled = charge in (ChargeState.CAPTURED, ChargeState.VOIDED)
    assert rules.next_step(closed, charge, now) is (Step.NOTHING if is_settled else Step.VOID)


@pytest.mark.parametrize(
    ("text", "is_number"),
    [("W1", True), ("2026-03.01:a_b", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False),
     ("W1\n", False), ("W\x00", False), ("团", False), ("a/b", False)],
)  # fmt: skip
def test_numbers_are_short_and_plain(text: str, is_number: bool) -> None:
    assert rules.is_number(text) is is_number
