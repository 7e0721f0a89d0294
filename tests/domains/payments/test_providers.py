"""Whoever the provider is, a payment lives the same life: each of these is lived with every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import payments as build
from tests.builders import providers
from tests.domains.payments import books
from tests.doubles.alipay import AlipayDouble
from tests.doubles.server import Double, PayerRefused
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from wuyou.domains.payments import errors, operations, queries, rules, tasks
from wuyou.domains.payments.providers import get_offered, get_provider, list_offered
from wuyou.domains.payments.types import IntentState, MismatchReason, NoticeOutcome, RefundState
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency, Money

pytestmark = pytest.mark.django_db

DOUBLES = [AlipayDouble, WechatPayDouble, StripeDouble]


@pytest.fixture(params=DOUBLES, ids=lambda kind: kind.name)
def double(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Double]:
    """A provider that the installation has an account with."""
    made = request.param()
    with providers.accounts_with(settings, tmp_path, made):
        yield made


@pytest.fixture
def now() -> datetime:
    """Doors, drivers and doubles read the clock, so the present is the time that they believe."""
    return utc_now()


def begun(double: Double, now: datetime) -> tuple[str, str]:
    """An intent whose payer was sent on; its number, and where to."""
    number = build.open_intent(now, intent_no=build.new_number("26113000"), provider=double.name)
    return number, providers.onward_to(double.name, number, now)


def paid(double: Double, now: datetime) -> str:
    """An intent that was paid, and of which the notice has come."""
    number, target = begun(double, now)
    double.pay(target)
    providers.deliver(double.name, *double.notices()[-1])
    assert queries.get_intent(number).state is IntentState.CAPTURED
    return number


def outcomes(number: str = "") -> list[NoticeOutcome | None]:
    """What the notices that came did, of one payment or all, in the order in which they came."""
    return [notice.outcome for notice in reversed(queries.list_received_notices(number=number).items)]


def take(double: Double, at: datetime) -> None:
    """Let the schedule do what is due at a moment, at which the provider lives too."""
    double.ahead = at - utc_now()
    tasks.submit_due_refunds(at)
    tasks.reconcile_due_charges(at)


def balances_agree(double: Double) -> bool:
    """Whether the books say what really lies at the provider."""
    return books.balances(double.name)["clearing"] == double.held_minor()


# ------------------------------------------------------------------------------------------------------- paying


def test_it_is_offered_instead_of_the_sandbox_bank(double: Double) -> None:
    assert [provider.name for provider in list_offered(Currency.CNY)] == [double.name]
    assert get_offered().name == double.name
    with pytest.raises(errors.ProviderUnknown):
        get_offered("sandbox")
    assert get_provider("sandbox").name == "sandbox"


def test_the_payer_goes_on_pays_and_the_notice_is_booked(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    assert queries.get_intent(number).state is IntentState.CREATED
    double.pay(target)
    answer = providers.deliver(double.name, *double.notices()[0])
    assert answer.status_code == 200
    intent = queries.get_intent(number)
    assert (intent.state, intent.provider) == (IntentState.CAPTURED, double.name)
    assert intent.provider_ref
    assert intent.captured_at is not None
    assert abs(intent.captured_at - now) < timedelta(seconds=20)
    assert books.balances(double.name) == {"clearing": 12_900, "held": 12_900, "due": 0}
    assert balances_agree(double)
    assert books.published(number) == [("payment_captured", number)]


def test_beginning_again_leads_to_a_place_where_it_is_paid_once(double: Double, now: datetime) -> None:
    number, first = begun(double, now)
    again = providers.onward_to(double.name, number, now)
    double.pay(first)
    with pytest.raises(PayerRefused):
        double.pay(again)
    providers.deliver(double.name, *double.notices()[0])
    assert books.balances(double.name)["clearing"] == 12_900
    assert balances_agree(double)


def test_a_phone_is_sent_on_too(double: Double, now: datetime) -> None:
    number = build.open_intent(now, intent_no=build.new_number("26113000"), provider=double.name)
    onward = providers.begin(double.name, number, now, is_on_phone=True).onward
    assert onward is not None
    double.pay(onward.target)
    take(double, now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_the_same_notice_ten_times_and_the_poll_book_once(double: Double, now: datetime) -> None:
    number = paid(double, now)
    before = books.payment_rows()
    for _ in range(10):
        assert providers.deliver(double.name, *double.notices()[0]).status_code == 200
    take(double, now + timedelta(seconds=20))
    assert books.payment_rows() == before
    assert books.published(number) == [("payment_captured", number)]
    assert outcomes(number) == [NoticeOutcome.SETTLED, *[NoticeOutcome.DUPLICATE] * 10]


def test_a_lost_notice_is_made_up_for_by_asking(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    double.pay(target)
    assert tasks.reconcile_due_charges(now) == 0
    take(double, now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.published(number) == [("payment_captured", number)]
    assert balances_agree(double)
    double.ahead = timedelta()
    providers.deliver(double.name, *double.notices()[0])
    assert outcomes(number) == [NoticeOutcome.LATE]


def test_nobody_has_paid_yet_and_asking_changes_nothing(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    for is_there, later_s in ((False, 5), (True, 20)):
        if is_there:
            double.arrive(target)
        take(double, now + timedelta(seconds=later_s))
        assert queries.get_intent(number).state is IntentState.CREATED
    assert books.balances(double.name)["clearing"] == 0


@pytest.mark.parametrize("has_arrived", [True, False])
def test_a_number_that_was_given_up_can_not_be_paid_any_more(double: Double, now: datetime, has_arrived: bool) -> None:
    number, target = begun(double, now)
    if has_arrived:
        double.arrive(target)
    operations.close_intent(intent_no=number, now=now)
    at = now
    while queries.get_intent(number) and db.row("SELECT voided_at FROM payments_intent") == (None,):
        at += timedelta(seconds=rules.POLL_AFTER_S[-1])
        assert at < now + timedelta(hours=3)
        take(double, at)
    with pytest.raises(PayerRefused):
        double.pay(target)
    assert queries.get_intent(number).state is IntentState.CLOSED
    assert double.held_minor() == 0
    assert db.row("SELECT next_poll_at FROM payments_intent") == (None,)


def test_who_pays_while_the_order_is_given_up_has_paid_and_it_is_said(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    operations.close_intent(intent_no=number, now=now)
    double.pay(target)
    take(double, now)
    intent = queries.get_intent(number)
    assert (intent.state, intent.closed_at) == (IntentState.CAPTURED, now)
    assert db.rows("SELECT payload->>'was_closed' FROM event WHERE payload->>'intent_no' = %s", [number]) == [("true",)]
    assert balances_agree(double)


def test_an_unpaid_charge_is_shut_after_its_time_and_its_notice_changes_nothing(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    double.arrive(target)
    take(double, now + timedelta(minutes=15) + rules.MARGIN)
    assert queries.get_intent(number).state is IntentState.CLOSED
    before = books.payment_rows()
    double.ahead = timedelta()
    for notice in double.notices():
        assert providers.deliver(double.name, *notice).status_code == 200
    assert books.payment_rows() == before


def test_nothing_is_known_while_the_provider_does_not_answer(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    double.pay(target)
    double.is_down = True
    take(double, now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CREATED
    double.is_down = False
    take(double, now + timedelta(seconds=20))
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_another_currency_is_refused_before_anybody_is_sent(double: Double, now: datetime) -> None:
    driver = get_provider(double.name)
    for currency in set(Currency) - driver.currencies:
        with pytest.raises(errors.ProviderRefused):
            driver.begin(bill=providers.bill("26113000000099", now, Money(100, currency)), now=now)
    assert double.asked == []


# ------------------------------------------------------------------------------------------------------- refunds


def test_two_parts_go_back_each_once(double: Double, now: datetime) -> None:
    number = paid(double, now)
    for index, amount_minor in enumerate((900, 12_000), 1):
        refund_no = build.request_refund(number, amount_minor, now, f"{number}R{index}")
        take(double, now + timedelta(seconds=index))
        take(double, now + timedelta(minutes=index))
        assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
        assert balances_agree(double)
    assert books.balances(double.name) == {"clearing": 0, "held": 12_900, "due": -12_900}
    before = books.payment_rows()
    # All that was told meanwhile, in the order in which it hurts most, and twice.
    for notice in [*reversed(double.notices()), *double.notices()]:
        assert providers.deliver(double.name, *notice).status_code == 200
    assert books.payment_rows() == before
    assert queries.list_mismatches().items == ()


def test_a_refund_that_fails_is_tried_again_under_its_number(double: Double, now: datetime) -> None:
    number = paid(double, now)
    double.failing_refunds = 2
    refund_no = build.request_refund(number, 900, now, f"{number}R1")
    seen = []
    for later_s in (0, 10, 70, 700):
        take(double, now + timedelta(seconds=later_s))
        refund = queries.get_refund(refund_no)
        seen.append((refund.state, refund.attempts))
        if later_s < 70:
            assert refund.reason
            assert double.held_minor() == 12_900
    assert seen[0] == (RefundState.PENDING, 1)
    assert seen[-1] == (RefundState.SUCCEEDED, 2)
    assert balances_agree(double)
    assert double.held_minor() == 12_000


def test_a_refund_whose_answer_was_lost_is_not_made_twice(double: Double, now: datetime) -> None:
    number = paid(double, now)
    double.lost_answers = 1
    refund_no = build.request_refund(number, 900, now, f"{number}R1")
    take(double, now)
    assert queries.get_refund(refund_no).state is RefundState.PENDING
    assert double.held_minor() == 12_000
    take(double, now + timedelta(seconds=10))
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert double.held_minor() == 12_000
    assert balances_agree(double)


def test_a_refund_of_what_was_never_paid_waits_for_staff(double: Double, now: datetime) -> None:
    number, _target = begun(double, now)
    build.apply(build.charge_result(number, now, provider=double.name, provider_ref=""), now)
    refund_no = build.request_refund(number, 900, now, f"{number}R1")
    for hour in range(48):
        take(double, now + timedelta(hours=hour))
    refund = queries.get_refund(refund_no)
    assert refund.state in (RefundState.FAILED, RefundState.PENDING)
    assert books.balances(double.name)["clearing"] == 12_900
    assert double.held_minor() == 0


# ------------------------------------------------------------------------------------------------------- notices


def test_a_wrong_sum_is_heard_kept_for_staff_and_not_booked(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    double.pay(target)
    assert providers.deliver(double.name, *double.wrong_sum(12_901)).status_code == 200
    assert queries.get_intent(number).state is IntentState.CREATED
    (mismatch,) = queries.list_mismatches().items
    assert (mismatch.number, mismatch.reason) == (number, MismatchReason.AMOUNT)
    assert mismatch.received == build.yuan(12_901)
    assert books.balances(double.name)["clearing"] == 0


def test_forged_notices_change_nothing(double: Double, now: datetime) -> None:
    _number, target = begun(double, now)
    double.pay(target)
    before = books.payment_rows()
    forgeries = double.forgeries()
    assert len(forgeries) >= 4
    for name, body, headers in forgeries:
        answer = providers.deliver(double.name, body, headers)
        assert (name, answer.status_code) == (name, 403)
        assert answer.content != b"success"
    assert books.payment_rows() == before
    assert outcomes() == [NoticeOutcome.FORGED] * len(forgeries)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_an_overheard_notice_is_refused_once_it_is_old(double: Double, now: datetime, minutes: int) -> None:
    number, target = begun(double, now)
    double.pay(target)
    double.aged = timedelta(minutes=minutes)
    before = books.payment_rows()
    answer = providers.deliver(double.name, *double.notices()[0])
    if double.has_age:
        assert answer.status_code == 403
        assert books.payment_rows() == before
    else:  # it says what is true, and however often it is heard, it is booked once
        assert queries.get_intent(number).state is IntentState.CAPTURED


def test_what_nobody_signed_was_not_said(double: Double, now: datetime) -> None:
    if not hasattr(double, "is_signing"):
        pytest.skip("its answers are believed because of where they come from")
    number, target = begun(double, now)
    double.pay(target)
    double.is_signing = False
    take(double, now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CREATED
    double.is_signing = True
    take(double, now + timedelta(seconds=20))
    assert queries.get_intent(number).state is IntentState.CAPTURED


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"\xff\xfe", b"a=b&a=c", b"[" * 5_000], ids=range(6))
def test_garbage_changes_nothing(double: Double, now: datetime, body: bytes) -> None:
    _number, target = begun(double, now)
    double.pay(target)
    _, headers = double.notices()[0]
    before = books.payment_rows()
    assert providers.deliver(double.name, body, {"Content-Type": headers["Content-Type"]}).status_code == 403
    assert providers.deliver(double.name, body, headers).status_code == 403
    assert books.payment_rows() == before


def test_a_notice_about_nothing_of_ours_is_not_found_or_let_pass(double: Double, now: datetime) -> None:
    number, target = begun(double, now)
    double.pay(target)
    db.execute("UPDATE payments_intent SET intent_no = 'another' WHERE intent_no = %s", [number])
    before = books.payment_rows()
    assert providers.deliver(double.name, *double.notices()[0]).status_code == 404
    assert books.payment_rows() == before
