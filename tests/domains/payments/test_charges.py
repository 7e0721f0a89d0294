"""Intents and what is heard of their charges."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import payments as build
from tests.domains.payments import books
from wuyou.domains.payments import errors, operations, queries
from wuyou.domains.payments.types import ChargeState, IntentState, MismatchReason
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

pytestmark = pytest.mark.django_db


def test_open_intent_again_changes_nothing(now: datetime) -> None:
    payer_id = build.make_payer(now)
    number = build.open_intent(now, payer_id=payer_id)
    before = books.payment_rows()
    build.open_intent(now, intent_no=number, payer_id=payer_id, is_handed_over=False)
    assert books.payment_rows() == before


def test_open_intent_under_a_number_of_another_sum_is_refused(now: datetime) -> None:
    payer_id = build.make_payer(now)
    number = build.open_intent(now, payer_id=payer_id)
    before = books.payment_rows()
    with pytest.raises(errors.IntentNumberReused):
        build.open_intent(now, intent_no=number, payer_id=payer_id, amount=build.yuan(1))
    with pytest.raises(errors.IntentNumberReused):
        build.open_intent(now, intent_no=number, payer_id=build.make_payer(now))
    assert books.payment_rows() == before


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nobody_is_asked_for_nothing(now: datetime, amount_minor: int) -> None:
    before = books.payment_rows()
    with pytest.raises(errors.AmountNotPositive):
        build.open_intent(now, amount=build.yuan(amount_minor))
    assert books.payment_rows() == before


def test_open_intent_needs_a_plain_number_and_a_known_provider(now: datetime) -> None:
    before = books.payment_rows()
    with pytest.raises(errors.NumberMalformed):
        build.open_intent(now, intent_no="W 1")
    with pytest.raises(errors.ProviderUnknown):
        operations.open_intent(
            intent_no="W1",
            payer_id=build.make_payer(now),
            purpose="order",
            amount=build.yuan(1),
            provider="moon",
            expires_at=now,
            now=now,
        )
    assert books.payment_rows() == before


def test_a_capture_is_booked_and_told_once_however_often_it_is_heard(now: datetime) -> None:
    number = build.open_intent(now)
    before = books.balances()
    result = build.charge_result(number, now + timedelta(seconds=3))
    for minute in range(10):
        intent = build.apply(result, now + timedelta(minutes=1 + minute))
        assert (intent.state, intent.provider_ref) == (IntentState.CAPTURED, "ref-1")
        assert intent.captured_at == now + timedelta(seconds=3)
    after = books.balances()
    assert after == {**before, "clearing": before["clearing"] + 12_900, "held": before["held"] + 12_900}
    assert books.published(number) == [("payment_captured", number)]


def test_the_event_of_a_capture_tells_everything_that_readers_need(now: datetime) -> None:
    number = build.open_intent(now, amount=Money(500, Currency.JPY))
    build.apply(build.charge_result(number, now, amount=Money(500, Currency.JPY)), now)
    intent = queries.get_intent(number)
    (payload,) = db.rows("SELECT payload::text::json FROM event WHERE payload->>'intent_no' = %s", [number])
    facts = payload[0]
    assert {**facts, "occurred_at": None} == {
        "intent_no": number,
        "payer_id": intent.payer_id,
        "purpose": "order",
        "amount_minor": 500,
        "currency": "JPY",
        "provider": "sandbox",
        "was_closed": False,
        "occurred_at": None,
    }
    assert datetime.fromisoformat(facts["occurred_at"]) == now


def test_a_capture_after_the_close_is_booked_and_says_so(now: datetime) -> None:
    number = build.open_intent(now)
    assert operations.close_intent(intent_no=number, now=now).state is IntentState.CLOSED
    intent = build.apply(build.charge_result(number, now), now)
    assert (intent.state, intent.closed_at) == (IntentState.CAPTURED, now)
    assert books.balances()["clearing"] == 12_900
    assert db.rows("SELECT payload->>'was_closed' FROM event WHERE payload->>'intent_no' = %s", [number]) == [("true",)]


def test_closing_a_paid_intent_leaves_it_paid(now: datetime) -> None:
    number = build.open_intent(now)
    build.pay(number, now)
    before = books.payment_rows()
    assert operations.close_intent(intent_no=number, now=now).state is IntentState.CAPTURED
    assert books.payment_rows() == before


@pytest.mark.parametrize(
    "late", [ChargeState.AUTHORISED, ChargeState.DECLINED, ChargeState.PENDING, ChargeState.VOIDED]
)
def test_what_arrives_after_the_capture_changes_nothing(now: datetime, late: ChargeState) -> None:
    number = build.open_intent(now)
    build.apply(build.charge_result(number, now), now)
    before = books.payment_rows()
    assert build.apply(build.charge_result(number, now, state=late), now).state is IntentState.CAPTURED
    assert books.payment_rows() == before


def test_an_authorisation_after_the_void_changes_nothing(now: datetime) -> None:
    number = build.open_intent(now)
    build.apply(build.charge_result(number, now, state=ChargeState.VOIDED), now)
    before = books.payment_rows()
    build.apply(build.charge_result(number, now, state=ChargeState.AUTHORISED), now)
    assert books.payment_rows() == before


def test_an_authorisation_is_told_once_and_books_nothing(now: datetime) -> None:
    number = build.open_intent(now)
    before = books.balances()
    for _ in range(3):
        intent = build.apply(build.charge_result(number, now, state=ChargeState.AUTHORISED), now)
        assert intent.state is IntentState.AUTHORISED
    assert books.balances() == before
    assert books.published(number) == [("payment_authorised", number)]


def test_an_authorisation_of_a_closed_intent_keeps_it_closed_and_untold(now: datetime) -> None:
    number = build.open_intent(now)
    operations.close_intent(intent_no=number, now=now)
    intent = build.apply(build.charge_result(number, now, state=ChargeState.AUTHORISED), now)
    assert intent.state is IntentState.CLOSED
    assert books.published(number) == []


@pytest.mark.parametrize(
    ("amount", "provider", "reason"),
    [
        (Money(12_901, Currency.CNY), "sandbox", MismatchReason.AMOUNT),
        (Money(1, Currency.CNY), "sandbox", MismatchReason.AMOUNT),
        (Money(12_900, Currency.JPY), "sandbox", MismatchReason.AMOUNT),
        (Money(12_900, Currency.CNY), "other", MismatchReason.PROVIDER),
    ],
)
@pytest.mark.parametrize("state", [ChargeState.CAPTURED, ChargeState.AUTHORISED])
def test_a_report_that_cannot_be_right_books_nothing_and_is_kept_once_for_staff(
    now: datetime, amount: Money, provider: str, reason: MismatchReason, state: ChargeState
) -> None:
    number = build.open_intent(now)
    intent, balances = queries.get_intent(number), books.balances()
    wrong = build.charge_result(number, now, state=state, amount=amount, provider=provider)
    for _ in range(3):
        assert build.apply(wrong, now) == intent
    assert books.balances() == balances
    assert books.published(number) == []
    (mismatch,) = queries.list_mismatches().items
    assert (mismatch.what, mismatch.number, mismatch.reason, mismatch.provider) == ("charge", number, reason, provider)
    assert (mismatch.expected, mismatch.received) == (build.yuan(12_900), amount)


def test_a_second_payment_under_another_reference_is_kept_for_staff_and_not_booked(now: datetime) -> None:
    number = build.open_intent(now)
    build.apply(build.charge_result(number, now, provider_ref="first"), now)
    balances = books.balances()
    build.apply(build.charge_result(number, now, provider_ref="second"), now)
    assert books.balances() == balances
    assert books.published(number) == [("payment_captured", number)]
    (mismatch,) = queries.list_mismatches().items
    assert (mismatch.reason, mismatch.provider_ref) == (MismatchReason.SECOND_CHARGE, "second")


def test_a_charge_of_an_unknown_number_changes_nothing(now: datetime) -> None:
    build.open_intent(now)
    before = books.payment_rows()
    for state in ChargeState:
        with pytest.raises(errors.IntentNotFound):
            build.apply(build.charge_result("nobody", now, state=state), now)
    assert books.payment_rows() == before


def test_only_an_open_intent_is_handed_over(now: datetime) -> None:
    paid, closed = build.open_intent(now), build.open_intent(now)
    build.pay(paid, now)
    operations.close_intent(intent_no=closed, now=now)
    before = books.payment_rows()
    for number in (paid, closed):
        with pytest.raises(errors.IntentNotOpen):
            operations.hand_over(intent_no=number, now=now)
    with pytest.raises(errors.IntentNotFound):
        operations.hand_over(intent_no="nobody", now=now)
    assert books.payment_rows() == before


def test_only_what_is_held_can_be_asked_for(now: datetime) -> None:
    number = build.open_intent(now)
    with pytest.raises(errors.IntentNotOpen):
        operations.request_capture(intent_no=number, now=now)
    with pytest.raises(errors.IntentNotFound):
        operations.request_capture(intent_no="nobody", now=now)


def test_a_provider_whose_clock_runs_ahead_captures_now(now: datetime) -> None:
    number = build.open_intent(now)
    intent = build.apply(build.charge_result(number, now + timedelta(hours=1)), now)
    assert intent.captured_at == now
