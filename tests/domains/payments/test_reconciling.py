"""Polling: what nobody told us is found by asking."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import payments as build
from tests.builders.payments import PERFECT, PRICE
from tests.domains.payments import books
from wuyou.domains.payments import errors, operations, queries, rules, tasks
from wuyou.domains.payments.providers import sandbox
from wuyou.domains.payments.providers.sandbox import Faults
from wuyou.domains.payments.types import ChargeState, IntentState, RefundState
from wuyou.infra import db

pytestmark = pytest.mark.django_db

SILENT = Faults(lost_bps=10_000, answer_lost_bps=10_000)


def _pay_unheard(number: str, now: datetime) -> None:
    with pytest.raises(errors.ProviderUnavailable):
        PERFECT.charge(intent_no=number, amount=PRICE, now=now, faults=SILENT)


def test_a_charge_whose_answer_and_notice_are_lost_is_found_by_polling(now: datetime) -> None:
    number = build.open_intent(now)
    _pay_unheard(number, now)
    assert tasks.reconcile_due_charges(now + timedelta(seconds=4)) == 0
    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 1
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.balances() == {"clearing": 12_900, "held": 12_900, "due": 0}
    assert tasks.reconcile_due_charges(now + timedelta(days=9)) == 0


def test_who_tries_again_and_again_does_not_keep_us_from_asking(now: datetime) -> None:
    number = build.open_intent(now)
    _pay_unheard(number, now)
    for second in range(1, 5):
        operations.hand_over(intent_no=number, now=now + timedelta(seconds=second))
        assert tasks.reconcile_due_charges(now + timedelta(seconds=second)) == 0
    operations.hand_over(intent_no=number, now=now + timedelta(seconds=5))
    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 1
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_an_intent_that_was_never_handed_over_is_never_polled(now: datetime) -> None:
    number = build.open_intent(now, is_handed_over=False)
    assert tasks.reconcile_due_charges(now + timedelta(days=9)) == 0
    operations.close_intent(intent_no=number, now=now)
    assert tasks.reconcile_due_charges(now + timedelta(days=9)) == 0


def test_polling_follows_its_ladder_and_ends_by_shutting_the_number(now: datetime) -> None:
    expires_at = now + timedelta(minutes=15)
    number = build.open_intent(now, expires_at=expires_at)
    moment = now
    polled_s = []
    while tasks.reconcile_due_charges(moment) or queries.get_intent(number).closed_at is None:
        (due,) = db.rows("SELECT next_poll_at FROM payments_intent WHERE intent_no = %s", [number])
        if due[0] is None:
            break
        moment = due[0]
        polled_s.append(int((moment - now).total_seconds()))
    assert polled_s == [5, 20, 80, 380, 2180]
    assert queries.get_intent(number).state is IntentState.CLOSED
    late = PERFECT.charge(intent_no=number, amount=PRICE, now=moment)
    assert late.state is ChargeState.VOIDED, "nothing can be paid that nobody would hear of"


def test_a_closed_order_shuts_its_number_at_the_provider(now: datetime) -> None:
    number = build.open_intent(now)
    operations.close_intent(intent_no=number, now=now)
    assert tasks.reconcile_due_charges(now) == 1
    assert PERFECT.charge(intent_no=number, amount=PRICE, now=now).state is ChargeState.VOIDED
    assert tasks.reconcile_due_charges(now + timedelta(days=9)) == 0
    assert books.published(number) == []


def test_a_payment_that_beat_the_close_is_captured_and_told_as_late(now: datetime) -> None:
    number = build.open_intent(now)
    _pay_unheard(number, now)
    operations.close_intent(intent_no=number, now=now)
    tasks.reconcile_due_charges(now)
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert db.rows("SELECT payload->>'was_closed' FROM event WHERE payload->>'intent_no' = %s", [number]) == [("true",)]


def test_money_on_hold_is_taken_when_asked_for(now: datetime) -> None:
    number = build.open_intent(now)
    build.apply(PERFECT.authorise(intent_no=number, amount=PRICE, now=now), now)
    later = now + timedelta(days=1)
    tasks.reconcile_due_charges(later)
    assert queries.get_intent(number).state is IntentState.AUTHORISED, "it waits, also past its expiry"
    operations.request_capture(intent_no=number, now=later)
    tasks.reconcile_due_charges(later)
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.published(number) == [("payment_authorised", number), ("payment_captured", number)]


def test_money_on_hold_goes_free_when_the_intent_is_closed(now: datetime) -> None:
    number = build.open_intent(now)
    build.apply(PERFECT.authorise(intent_no=number, amount=PRICE, now=now), now)
    operations.close_intent(intent_no=number, now=now)
    tasks.reconcile_due_charges(now)
    charge = PERFECT.query_charge(intent_no=number, now=now)
    assert charge is not None
    assert charge.state is ChargeState.VOIDED
    assert books.balances() == {"clearing": 0, "held": 0, "due": 0}


def test_a_hold_that_comes_after_the_close_goes_free_too(now: datetime) -> None:
    number = build.open_intent(now)
    held = PERFECT.authorise(intent_no=number, amount=PRICE, now=now)
    operations.close_intent(intent_no=number, now=now)
    build.apply(held, now)
    tasks.reconcile_due_charges(now)
    charge = PERFECT.query_charge(intent_no=number, now=now)
    assert charge is not None
    assert charge.state is ChargeState.VOIDED


def test_a_hold_on_an_intent_that_was_closed_unasked_goes_free_too(now: datetime) -> None:
    number = build.open_intent(now, is_handed_over=False)
    operations.close_intent(intent_no=number, now=now)
    build.apply(PERFECT.authorise(intent_no=number, amount=PRICE, now=now), now)
    assert tasks.reconcile_due_charges(now) == 1
    charge = PERFECT.query_charge(intent_no=number, now=now)
    assert charge is not None
    assert charge.state is ChargeState.VOIDED


def test_a_capture_whose_answer_is_lost_is_found_at_the_next_poll(now: datetime) -> None:
    number = build.open_intent(now)
    build.apply(PERFECT.authorise(intent_no=number, amount=PRICE, now=now), now)
    operations.request_capture(intent_no=number, now=now)
    sandbox.set_faults(SILENT)
    assert tasks.reconcile_due_charges(now) == 1
    assert queries.get_intent(number).state is IntentState.AUTHORISED
    tasks.reconcile_due_charges(now + timedelta(seconds=rules.POLL_AFTER_S[1]))
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_a_declined_payer_keeps_the_chance_to_try_again(now: datetime) -> None:
    number = build.open_intent(now)
    declined = PERFECT.charge(intent_no=number, amount=PRICE, now=now, faults=Faults(decline_bps=10_000))
    assert build.apply(declined, now).state is IntentState.CREATED
    tasks.reconcile_due_charges(now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CREATED
    assert build.pay(number, now).state is IntentState.CAPTURED


def test_one_refused_poll_does_not_keep_the_others_waiting(now: datetime) -> None:
    refused, paid = build.open_intent(now), build.open_intent(now)
    # The bank knows the number with another sum: shutting it is refused, again and again.
    PERFECT.charge(intent_no=refused, amount=build.yuan(1), now=now, faults=Faults(decline_bps=10_000))
    operations.close_intent(intent_no=refused, now=now)
    _pay_unheard(paid, now)
    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 2
    assert queries.get_intent(paid).state is IntentState.CAPTURED


def test_many_due_charges_are_all_asked_about(now: datetime) -> None:
    numbers = [build.open_intent(now) for _ in range(30)]
    for number in numbers:
        _pay_unheard(number, now)
    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 30
    assert {queries.get_intent(number).state for number in numbers} == {IntentState.CAPTURED}


def test_a_provider_that_was_taken_away_does_not_keep_the_others_waiting(now: datetime) -> None:
    orphan, orphan_paid, paid = (build.open_intent(now) for _ in range(3))
    build.pay(orphan_paid, now)
    refund_no = build.request_refund(orphan_paid, 100, now)
    db.execute("UPDATE payments_intent SET provider = 'gone' WHERE intent_no = ANY(%s)", [[orphan, orphan_paid]])
    _pay_unheard(paid, now)
    assert tasks.reconcile_due_charges(now + timedelta(seconds=5)) == 2
    assert queries.get_intent(paid).state is IntentState.CAPTURED
    assert tasks.submit_due_refunds(now) == 1
    assert queries.get_refund(refund_no).state is RefundState.PENDING


def test_provider_is_asked_once_in_three_seconds_however_many_pages_wait(now: datetime) -> None:
    intent_no = build.open_intent(now)

    def may_ask(after: float) -> bool:
        at = now + timedelta(seconds=after)
        return db.in_transaction(lambda: operations.claim_look(intent_no=intent_no, now=at))

    assert [may_ask(after) for after in (0, 0, 2.9, 3, 3.1, 6)] == [True, False, False, True, False, True]
    assert not db.in_transaction(lambda: operations.claim_look(intent_no="W-none", now=now))
