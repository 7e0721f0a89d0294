"""What is special about one provider: words that mean another thing than they say, and what is not about us."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import payments as build
from tests.builders import providers
from tests.domains.payments import books
from tests.domains.payments.test_providers import begun, paid, take
from tests.doubles.alipay import AlipayDouble
from tests.doubles.stripe import StripeDouble
from tests.doubles.wechat_pay import WechatPayDouble
from wuyou.domains.payments import errors, operations, queries, rules
from wuyou.domains.payments.providers import alipay, get_provider, list_offered
from wuyou.domains.payments.types import IntentState, MismatchReason, RefundState
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency, Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return utc_now()


@pytest.fixture
def ali(settings: Settings, tmp_path: Path) -> Iterator[AlipayDouble]:
    double = AlipayDouble()
    with providers.accounts_with(settings, tmp_path, double):
        yield double


@pytest.fixture
def wechat(settings: Settings, tmp_path: Path) -> Iterator[WechatPayDouble]:
    double = WechatPayDouble()
    with providers.accounts_with(settings, tmp_path, double):
        yield double


@pytest.fixture
def stripe(settings: Settings, tmp_path: Path) -> Iterator[StripeDouble]:
    double = StripeDouble()
    with providers.accounts_with(settings, tmp_path, double):
        yield double


def test_each_currency_is_offered_to_who_takes_it(settings: Settings, tmp_path: Path) -> None:
    with providers.accounts_with(settings, tmp_path, StripeDouble(), WechatPayDouble(), AlipayDouble()):
        assert [each.name for each in list_offered(Currency.CNY)] == ["alipay", "wechat_pay", "stripe"]
        assert [each.name for each in list_offered(Currency.USD)] == ["stripe"]


# -------------------------------------------------------------------------------------------------------- Alipay


@pytest.mark.parametrize(
    ("minor", "text"), [(1, "0.01"), (100, "1.00"), (12_905, "129.05"), (10**13, "100000000000.00")]
)
def test_alipay_reads_yuan_with_two_decimals(minor: int, text: str) -> None:
    assert alipay.amount_text(build.yuan(minor)) == text


def test_alipays_notice_of_a_partial_refund_is_no_second_payment(ali: AlipayDouble, now: datetime) -> None:
    number = paid(ali, now)
    build.request_refund(number, 900, now, f"{number}R1")
    take(ali, now)
    told = ali.last_notice()
    assert (told["trade_status"], told["refund_fee"], told["total_amount"]) == ("TRADE_SUCCESS", "9.00", "129.00")
    before = books.payment_rows()
    assert providers.deliver("alipay", *ali.notices()[-1]).content == b"success"
    assert books.payment_rows() == before


def test_alipay_closes_a_trade_that_was_paid_and_refunded_and_it_was_paid_all_the_same(
    ali: AlipayDouble, now: datetime
) -> None:
    number, target = begun(ali, now)
    ali.pay(target)
    # Somebody of the shop refunds in Alipay's console before we have heard of the payment.
    ali._refund({"out_trade_no": number, "out_request_no": "console", "refund_amount": "129.00"})
    assert ali.last_notice()["trade_status"] == "TRADE_CLOSED"
    assert providers.deliver("alipay", *ali.notices()[-1]).content == b"success"
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_a_page_of_alipay_that_nobody_opened_stays_payable_until_it_expires_and_is_watched(
    ali: AlipayDouble, now: datetime
) -> None:
    number, target = begun(ali, now)
    operations.close_intent(intent_no=number, now=now)
    take(ali, now)
    assert "alipay.trade.close" in ali.asked
    ali.pay(target)
    take(ali, now + timedelta(minutes=1))
    assert queries.get_intent(number).state is IntentState.CAPTURED
    assert books.balances("alipay")["clearing"] == ali.held_minor() == 12_900


# ---------------------------------------------------------------------------------------------------- WeChat Pay


def test_wechat_pays_abnormal_refund_waits_for_staff_and_succeeds_when_it_was_mended_there(
    wechat: WechatPayDouble, now: datetime
) -> None:
    number = paid(wechat, now)
    wechat.verdict = "ABNORMAL"
    refund_no = build.request_refund(number, 900, now, f"{number}R1")
    at = now
    for _ in range(30):
        at += timedelta(seconds=rules.REFUND_AGAIN_AFTER_S[-1])
        take(wechat, at)
    refund = queries.get_refund(refund_no)
    assert (refund.state, refund.reason) == (RefundState.FAILED, "ABNORMAL")
    assert books.balances("wechat_pay")["clearing"] == 12_900

    wechat.orders[number].refunds[refund_no].verdict = "SUCCESS"
    operations.retry_refund(refund_no=refund_no, now=at)
    take(wechat, at)
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert books.balances("wechat_pay")["clearing"] == wechat.held_minor() == 12_000


def test_a_refund_that_wechat_pay_tells_of_is_booked_before_we_ask(wechat: WechatPayDouble, now: datetime) -> None:
    number = paid(wechat, now)
    refund_no = build.request_refund(number, 900, now, f"{number}R1")
    take(wechat, now)
    assert queries.get_refund(refund_no).state is RefundState.PENDING
    wechat.ahead = timedelta(seconds=5)
    assert providers.deliver("wechat_pay", *wechat.notices()[-1]).status_code == 200
    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert books.balances("wechat_pay")["clearing"] == wechat.held_minor() == 12_000


def test_what_was_sealed_with_another_key_is_no_notice(wechat: WechatPayDouble, now: datetime) -> None:
    _number, target = begun(wechat, now)
    wechat.pay(target)
    before = books.payment_rows()
    sealed = wechat.sealed(*wechat.last_told(), key="f" * 32)
    answer = providers.deliver("wechat_pay", *wechat.sign(sealed))
    assert answer.status_code == 400
    assert json.loads(answer.content) == {"code": "FAIL", "message": "payments.notice_malformed"}
    assert books.payment_rows() == before


def test_a_payment_in_another_currency_is_kept_for_staff(wechat: WechatPayDouble, now: datetime) -> None:
    number, target = begun(wechat, now)
    wechat.pay(target)
    notice_id, kind, told = wechat.last_told()
    foreign = told | {"amount": told["amount"] | {"currency": "USD"}}
    assert providers.deliver("wechat_pay", *wechat.sign(wechat.sealed(notice_id, kind, foreign))).status_code == 200
    assert queries.get_intent(number).state is IntentState.CREATED
    (mismatch,) = queries.list_mismatches().items
    assert (mismatch.reason, mismatch.received) == (MismatchReason.AMOUNT, Money(12_900, Currency.USD))


# -------------------------------------------------------------------------------------------------------- Stripe


def test_what_others_do_with_the_same_account_at_stripe_is_let_pass(stripe: StripeDouble, now: datetime) -> None:
    _number, target = begun(stripe, now)
    stripe.pay(target)
    (session,) = stripe.sessions.values()
    before = books.payment_rows()
    strange = [
        stripe.event("checkout.session.completed", session | {"metadata": {}}),
        stripe.event("refund.created", {"object": "refund", "metadata": {}}),
        stripe.event("charge.refunded", {"object": "charge", "metadata": {"intent_no": "x"}}),
        stripe.event("charge.dispute.created", {"object": "dispute", "payment_intent": None}),
        stripe.event("customer.created", {"object": "customer"}),
    ]
    for event in strange:
        assert providers.deliver("stripe", *stripe.sign(event)).status_code == 200
    stripe.payments["pi_other"] = {"id": "pi_other", "latest_charge": {"id": "ch_other"}, "_amount": 100}
    stripe.dispute("pi_other")
    for notice in stripe.notices()[-2:]:
        assert providers.deliver("stripe", *notice).status_code == 200
    assert books.payment_rows() == before


@pytest.mark.parametrize("status", [None, "open-ended", 7])
def test_an_event_that_is_ours_and_cannot_be_read_comes_again(
    stripe: StripeDouble, now: datetime, status: object
) -> None:
    _number, target = begun(stripe, now)
    stripe.pay(target)
    (session,) = stripe.sessions.values()
    before = books.payment_rows()
    event = stripe.event("checkout.session.completed", session | {"status": status})
    assert providers.deliver("stripe", *stripe.sign(event)).status_code == 400
    assert books.payment_rows() == before


def test_stripes_number_is_kept_as_soon_as_it_is_told(stripe: StripeDouble, now: datetime) -> None:
    number, target = begun(stripe, now)
    assert queries.get_intent(number).provider_ref == target.rpartition("/")[2]


def test_a_page_whose_number_was_never_heard_is_opened_again_as_the_same(stripe: StripeDouble, now: datetime) -> None:
    number = build.open_intent(now, intent_no=build.new_number("26113000"), provider="stripe")
    stripe.lost_answers = 1
    with pytest.raises(errors.ProviderUnavailable):
        get_provider("stripe").begin(bill=providers.bill(number, now), now=now)
    stripe.pay(providers.onward_to("stripe", number, now))
    assert len(stripe.sessions) == 1
    take(stripe, now + timedelta(seconds=5))
    assert queries.get_intent(number).state is IntentState.CAPTURED


def test_beginning_a_payment_that_was_made_meanwhile_tells_so(stripe: StripeDouble, now: datetime) -> None:
    number, target = begun(stripe, now)
    stripe.pay(target)
    assert providers.begin("stripe", number, now).onward is None
    assert queries.get_intent(number).state is IntentState.CAPTURED
