"""Refunds: promised, sent, failed, tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import payments as build
from tests.domains.payments import books
from wuyou.domains.payments import errors, operations, queries, rules, tasks
from wuyou.domains.payments.providers import sandbox
from wuyou.domains.payments.providers.sandbox import Faults
from wuyou.domains.payments.types import MismatchReason, RefundState
from wuyou.infra import db

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(now: datetime) -> str:
    """A captured intent of 129 yuan."""
    number = build.open_intent(now)
    build.pay(number, now)
    return number


def test_partial_refunds_may_reach_the_capture_and_not_pass_it(paid: str, now: datetime) -> None:
    build.request_refund(paid, 12_000, now)
    before = books.payment_rows()
    with pytest.raises(errors.RefundExceedsCapture) as refused:
        build.request_refund(paid, 901, now)
    assert refused.value.facts["refundable_minor"] == 900
    assert books.payment_rows() == before
    build.request_refund(paid, 900, now)
    assert queries.get_intent(paid).refundable_minor == 0
    with pytest.raises(errors.RefundExceedsCapture):
        build.request_refund(paid, 1, now)


def test_the_same_refund_again_changes_nothing(paid: str, now: datetime) -> None:
    build.request_refund(paid, 12_900, now, "R-same")
    before = books.payment_rows()
    build.request_refund(paid, 12_900, now, "R-same")
    assert books.payment_rows() == before


def test_a_refund_number_belongs_to_one_refund(paid: str, now: datetime) -> None:
    other = build.open_intent(now)
    build.pay(other, now)
    build.request_refund(paid, 100, now, "R-mine")
    before = books.payment_rows()
    for intent_no, amount_minor in ((paid, 101), (other, 100)):
        with pytest.raises(errors.RefundNumberReused):
            build.request_refund(intent_no, amount_minor, now, "R-mine")
    assert books.payment_rows() == before


def test_what_was_never_captured_is_not_refunded(now: datetime) -> None:
    number = build.open_intent(now)
    before = books.payment_rows()
    with pytest.raises(errors.RefundExceedsCapture) as refused:
        build.request_refund(number, 1, now)
    assert refused.value.facts["refundable_minor"] == 0
    with pytest.raises(errors.IntentNotFound):
        build.request_refund("nobody", 1, now)
    with pytest.raises(errors.AmountNotPositive):
        build.request_refund(number, 0, now)
    with pytest.raises(errors.NumberMalformed):
        build.request_refund(number, 1, now, "R 1")
    assert books.payment_rows() == before


def test_a_refund_in_another_currency_is_refused(paid: str, now: datetime) -> None:
    with pytest.raises(errors.RefundExceedsCapture):
        operations.request_refund(refund_no="R1", intent_no=paid, amount=build.Money(1, build.Currency.JPY), now=now)


def test_a_refund_is_sent_booked_and_told_once(paid: str, now: datetime) -> None:
    number = build.request_refund(paid, 900, now)
    assert tasks.submit_due_refunds(now) == 1
    refund = queries.get_refund(number)
    assert (refund.state, refund.attempts, refund.settled_at) == (RefundState.SUCCEEDED, 0, now)
    # The promise (REFUNDS_DUE) is booked by whoever makes it; here only its payment is seen.
    assert books.balances() == {"clearing": 12_000, "held": 12_900, "due": -900}
    assert books.published(number) == [("refund_succeeded", number)]
    before = books.payment_rows()
    assert tasks.submit_due_refunds(now + timedelta(days=9)) == 0
    for _ in range(10):
        operations.apply_refund(result=build.refund_result(number, paid, 900, now), now=now)
    assert books.payment_rows() == before


def test_who_leaves_waits_for_a_refund_on_its_way_and_not_for_one_that_came(paid: str, now: datetime) -> None:
    payer_id = queries.get_intent(paid).payer_id
    assert queries.obstacles_of(payer_id) == ()
    build.request_refund(paid, 900, now)
    assert [(obstacle.code, obstacle.count) for obstacle in queries.obstacles_of(payer_id)] == [
        ("refund_on_its_way", 1)
    ]
    tasks.submit_due_refunds(now)
    assert queries.obstacles_of(payer_id) == ()


def test_a_failed_refund_keeps_its_number_and_is_tried_again_later_each_time(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(refund_failures=2))
    number = build.request_refund(paid, 12_900, now)
    moment = now
    for attempt, pause_s in enumerate(rules.REFUND_AGAIN_AFTER_S[:2], start=1):
        assert tasks.submit_due_refunds(moment) == 1
        refund = queries.get_refund(number)
        assert (refund.state, refund.attempts, refund.reason) == (
            RefundState.PENDING,
            attempt,
            "insufficient_balance",
        )
        assert tasks.submit_due_refunds(moment) == 0, "not before its time"
        moment += timedelta(seconds=pause_s)
        assert refund.next_attempt_at == moment
    assert tasks.submit_due_refunds(moment) == 1
    assert queries.get_refund(number).state is RefundState.SUCCEEDED
    assert books.published(number) == [("refund_succeeded", number)]
    assert db.rows("SELECT count(*) FROM payments_sandbox_refund") == [(1,)]


def test_a_failure_heard_ten_times_counts_once(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(refund_failures=9))
    number = build.request_refund(paid, 900, now)
    tasks.submit_due_refunds(now)
    before = books.payment_rows()
    failure = build.refund_result(number, paid, 900, now, state=RefundState.FAILED, reason="insufficient_balance")
    for _ in range(10):
        assert operations.apply_refund(result=failure, now=now).attempts == 1
    assert books.payment_rows() == before


def _fail_until_given_up(number: str, now: datetime) -> datetime:
    moment = now
    for _ in range(rules.MAX_REFUND_ATTEMPTS):
        tasks.submit_due_refunds(moment)
        moment += timedelta(seconds=rules.REFUND_AGAIN_AFTER_S[-1])
    assert queries.get_refund(number).state is RefundState.FAILED
    return moment


def test_a_refund_that_fails_too_often_waits_for_staff_and_stays_promised(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(refund_failures=rules.MAX_REFUND_ATTEMPTS))
    number = build.request_refund(paid, 12_900, now)
    moment = _fail_until_given_up(number, now)
    refund = queries.get_refund(number)
    assert (refund.attempts, refund.next_attempt_at) == (rules.MAX_REFUND_ATTEMPTS, None)
    assert books.published(number) == [("refund_failed", number)]
    assert tasks.submit_due_refunds(moment) == 0
    with pytest.raises(errors.RefundExceedsCapture):
        build.request_refund(paid, 1, moment)

    operations.retry_refund(refund_no=number, now=moment)
    assert tasks.submit_due_refunds(moment) == 1
    assert queries.get_refund(number).state is RefundState.SUCCEEDED
    assert books.published(number) == [("refund_failed", number), ("refund_succeeded", number)]


def test_success_is_the_last_word_also_after_it_was_given_up(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(refund_failures=99))
    number = build.request_refund(paid, 900, now)
    moment = _fail_until_given_up(number, now)
    operations.apply_refund(result=build.refund_result(number, paid, 900, now), now=moment)
    assert queries.get_refund(number).state is RefundState.SUCCEEDED
    before = books.payment_rows()
    for state in (RefundState.FAILED, RefundState.PENDING):
        operations.apply_refund(result=build.refund_result(number, paid, 900, now, state=state), now=moment)
    assert books.payment_rows() == before


def test_only_a_refund_that_was_given_up_is_tried_again_by_hand(paid: str, now: datetime) -> None:
    number = build.request_refund(paid, 900, now)
    before = books.payment_rows()
    with pytest.raises(errors.RefundNotFailed):
        operations.retry_refund(refund_no=number, now=now)
    with pytest.raises(errors.RefundNotFound):
        operations.retry_refund(refund_no="nobody", now=now)
    assert books.payment_rows() == before


def test_a_refund_of_another_sum_provider_or_intent_books_nothing_and_is_kept_for_staff(
    paid: str, now: datetime
) -> None:
    number = build.request_refund(paid, 900, now)
    refund, balances = queries.get_refund(number), books.balances()
    wrong_sum = build.refund_result(number, paid, 901, now)
    wrong_provider = build.refund_result(number, paid, 900, now, provider="other")
    wrong_intent = build.refund_result(number, "W-other", 900, now)
    for wrong in (wrong_sum, wrong_provider, wrong_intent):
        for _ in range(2):
            assert operations.apply_refund(result=wrong, now=now) == refund
    assert books.balances() == balances
    assert books.published(number) == []
    reasons = [mismatch.reason for mismatch in queries.list_mismatches().items]
    assert reasons == [MismatchReason.INTENT, MismatchReason.PROVIDER, MismatchReason.AMOUNT]


def test_a_refund_nobody_asked_for_changes_nothing(paid: str, now: datetime) -> None:
    before = books.payment_rows()
    for state in RefundState:
        with pytest.raises(errors.RefundNotFound):
            operations.apply_refund(result=build.refund_result("nobody", paid, 900, now, state=state), now=now)
    assert books.payment_rows() == before


def test_a_refund_that_the_provider_decides_later_is_asked_about_and_not_sent_twice(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(refund_late_s=30))
    number = build.request_refund(paid, 900, now)
    tasks.submit_due_refunds(now)
    assert queries.get_refund(number).state is RefundState.PENDING
    tasks.submit_due_refunds(now + timedelta(seconds=10))
    assert queries.get_refund(number).state is RefundState.PENDING
    tasks.submit_due_refunds(now + timedelta(seconds=70))
    refund = queries.get_refund(number)
    assert (refund.state, refund.settled_at) == (RefundState.SUCCEEDED, now + timedelta(seconds=30))
    assert db.rows("SELECT submissions FROM payments_sandbox_refund") == [(1,)]


def test_a_refund_whose_answer_is_lost_is_found_by_asking(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(answer_lost_bps=10_000, lost_bps=10_000))
    number = build.request_refund(paid, 900, now)
    tasks.submit_due_refunds(now)
    assert queries.get_refund(number).state is RefundState.PENDING
    tasks.submit_due_refunds(now + timedelta(seconds=10))
    assert queries.get_refund(number).state is RefundState.SUCCEEDED
    assert db.rows("SELECT submissions FROM payments_sandbox_refund") == [(1,)]


def test_a_refund_that_fails_unheard_still_ends(paid: str, now: datetime) -> None:
    sandbox.set_faults(Faults(answer_lost_bps=10_000, lost_bps=10_000, refund_failures=2))
    number = build.request_refund(paid, 900, now)
    moment = now
    for _ in range(8):
        tasks.submit_due_refunds(moment)
        moment += timedelta(hours=6)
    refund = queries.get_refund(number)
    assert (refund.state, refund.attempts) == (RefundState.SUCCEEDED, 2)


def test_a_refund_that_the_provider_refuses_outright_waits_for_staff_in_the_end(now: datetime) -> None:
    number = build.open_intent(now)
    # Captured by a word that the bank knows nothing of: its refusal is an answer like any other.
    build.apply(build.charge_result(number, now), now)
    refund_no = build.request_refund(number, 900, now)
    _fail_until_given_up(refund_no, now)
    assert queries.get_refund(refund_no).reason == "nothing_was_captured"
    assert books.balances() == {"clearing": 12_900, "held": 12_900, "due": 0}


def test_staff_find_refunds_by_intent_and_state_page_by_page(paid: str, now: datetime) -> None:
    numbers = [build.request_refund(paid, 100, now) for _ in range(5)]
    first = queries.list_refunds(intent_no=paid, limit=3)
    rest = queries.list_refunds(intent_no=paid, limit=3, cursor=first.next_cursor)
    assert [r.refund_no for r in (*first.items, *rest.items)] == numbers[::-1]
    assert rest.next_cursor is None
    assert queries.list_refunds(state=RefundState.FAILED).items == ()
    assert len(queries.list_refunds(state=RefundState.PENDING).items) == 5
    assert queries.list_refunds(intent_no="nobody").items == ()
