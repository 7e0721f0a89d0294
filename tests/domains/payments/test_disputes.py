"""Payments that payers' banks ask back: the money is where the books say, in whatever order it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.builders import payments as build
from tests.builders import providers
from tests.domains.payments import books
from tests.domains.payments.test_providers import balances_agree, paid, take
from tests.doubles.stripe import StripeDouble
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import queries, tasks
from wuyou.domains.payments.types import Dispute, DisputeState, MismatchReason, NoticeOutcome, RefundState
from wuyou.infra import db
from wuyou.kernel.clock import utc_now
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.django_db

DISPUTED = AccountRef(AccountKind.DISPUTED, "stripe", Currency.CNY)


@pytest.fixture
def now() -> datetime:
    return utc_now()


@pytest.fixture
def stripe(settings: Settings, tmp_path: Path) -> Iterator[StripeDouble]:
    double = StripeDouble()
    with providers.accounts_with(settings, tmp_path, double):
        yield double


def payment_of(double: StripeDouble, number: str) -> str:
    """What Stripe calls the payment of an intent."""
    return next(ref for ref, each in double.payments.items() if each["metadata"]["intent_no"] == number)


def tell(double: StripeDouble, *, since: int = 0) -> list[int]:
    """Bring everything that it told, from some place on; the answers' statuses."""
    return [providers.deliver("stripe", *notice).status_code for notice in double.notices()[since:]]


def only_dispute() -> Dispute:
    (dispute,) = queries.list_disputes().items
    return dispute


def disputed_minor() -> int:
    return ledger.balances([DISPUTED])[DISPUTED].amount_minor


def told(number: str) -> list[str]:
    return [name for name, _ in books.published(number) if "dispute" in name]


def begun(double: StripeDouble, now: datetime, amount: int | None = None) -> tuple[str, dict[str, Any]]:
    """A payment that is paid, disputed and heard of."""
    number = paid(double, now)
    dispute = double.dispute(payment_of(double, number), amount)
    assert set(tell(double)) == {200}
    return number, dispute


def test_what_the_provider_took_is_booked_as_disputed_once(stripe: StripeDouble, now: datetime) -> None:
    number, _ = begun(stripe, now)

    dispute = only_dispute()
    assert (dispute.intent_no, dispute.state, dispute.reason) == (number, DisputeState.OPEN, "fraudulent")
    assert (dispute.amount, dispute.withdrawn_minor, dispute.open_minor) == (build.PRICE, 12_900, 12_900)
    assert dispute.due_at is not None
    assert timedelta(days=6) < dispute.due_at - now < timedelta(days=8)
    assert (books.balances("stripe")["clearing"], disputed_minor()) == (0, 12_900)
    assert balances_agree(stripe)
    assert told(number) == ["payment_disputed"]

    before = books.payment_rows()
    assert set(tell(stripe)) == {200}
    assert books.payment_rows() == before
    seen = {notice.outcome for notice in queries.list_received_notices(number=dispute.dispute_ref).items}
    assert seen == {NoticeOutcome.SETTLED, NoticeOutcome.DUPLICATE}


def test_what_is_won_comes_back(stripe: StripeDouble, now: datetime) -> None:
    number, dispute = begun(stripe, now)
    stripe.decide(dispute, "won")
    tell(stripe)

    assert (only_dispute().state, only_dispute().open_minor) == (DisputeState.WON, 0)
    assert (books.balances("stripe")["clearing"], disputed_minor()) == (12_900, 0)
    assert balances_agree(stripe)
    assert told(number) == ["payment_disputed", "payment_dispute_ended"]
    assert lost_minor(number) == 0


def lost_minor(number: str) -> int:
    found = db.row(
        """
        SELECT (payload->>'lost_minor')::bigint FROM event
        WHERE name = 'payments.payment_dispute_ended' AND payload->>'intent_no' = %s
        """,
        [number],
    )
    assert found
    return int(found[0])


@pytest.mark.parametrize("part", [None, 5_000])
def test_a_refund_of_what_was_lost_is_settled_and_never_sent(
    stripe: StripeDouble, now: datetime, part: int | None
) -> None:
    number, dispute = begun(stripe, now, part)
    stripe.decide(dispute, "lost")
    tell(stripe)
    amount = part or 12_900
    assert lost_minor(number) == disputed_minor() == amount

    refund_no = build.request_refund(number, amount, now)

    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert books.published(refund_no) == [("refund_succeeded", refund_no)]
    assert (disputed_minor(), only_dispute().open_minor, only_dispute().absorbed_minor) == (0, 0, amount)
    assert books.balances("stripe")["due"] == -amount, "the promise is booked by who promised"
    if part:
        rest = build.request_refund(number, 12_900 - part, now)
        take(stripe, now + timedelta(seconds=5))
        assert queries.get_refund(rest).state is RefundState.SUCCEEDED
    assert balances_agree(stripe)
    assert stripe.asked.count("POST /v1/refunds") == (1 if part else 0)


def test_in_whatever_order_and_however_often_it_is_told_the_books_are_the_same(
    stripe: StripeDouble, now: datetime
) -> None:
    for status in ("won", "lost"):
        for order in permutations(range(4 if status == "won" else 3)):
            number = paid(stripe, now)
            place = len(stripe.notices())
            stripe.decide(stripe.dispute(payment_of(stripe, number)), status)
            notices = stripe.notices()[place:]
            for index in (*order, *order):
                assert providers.deliver("stripe", *notices[index]).status_code == 200
            dispute = queries.list_disputes(intent_no=number).items[0]
            assert dispute.state.value == status
            assert (dispute.withdrawn_minor, dispute.open_minor) == (12_900, 12_900 if status == "lost" else 0)
            assert told(number) == ["payment_disputed", "payment_dispute_ended"]
    assert balances_agree(stripe)
    assert disputed_minor() == 6 * 12_900


def test_a_dispute_is_unknown_before_its_payment_and_found_by_asking(stripe: StripeDouble, now: datetime) -> None:
    number = build.open_intent(now, provider="stripe")
    stripe.pay(providers.onward_to("stripe", number, now))
    stripe.dispute(next(iter(stripe.payments)))

    assert tell(stripe, since=1) == [200, 200], "it may be of a payment that is not ours"
    assert queries.list_disputes().items == ()
    assert {notice.outcome for notice in queries.list_received_notices().items} == {NoticeOutcome.UNKNOWN}
    providers.deliver("stripe", *stripe.notices()[0])
    assert tasks.follow_disputes(now) == 1
    assert (only_dispute().intent_no, disputed_minor()) == (number, 12_900)


def test_what_was_never_told_is_found_by_asking_page_by_page(stripe: StripeDouble, now: datetime) -> None:
    numbers = [paid(stripe, now) for _ in range(5)]
    made = [stripe.dispute(payment_of(stripe, number)) for number in numbers]
    stripe.payments["pi_other"] = {"id": "pi_other", "latest_charge": {"id": "ch_other"}, "_amount": 100}
    stripe.dispute("pi_other")

    assert tasks.follow_disputes(now) == 5
    assert {dispute.intent_no for dispute in queries.list_disputes().items} == set(numbers)
    assert disputed_minor() == 5 * 12_900

    stripe.decide(made[0], "won")
    before = books.payment_rows()
    stripe.is_down = True
    assert tasks.follow_disputes(now + timedelta(days=60)) == 0
    assert books.payment_rows() == before
    stripe.is_down = False
    assert tasks.follow_disputes(now + timedelta(days=60)) == 5, "as long as one is not over it is asked about"
    assert disputed_minor() == 4 * 12_900


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_refund_waits_while_a_bank_decides(stripe: StripeDouble, now: datetime, status: str) -> None:
    number, dispute = begun(stripe, now)
    refund_no = build.request_refund(number, 900, now)
    take(stripe, now + timedelta(seconds=5))
    assert queries.get_refund(refund_no).state is RefundState.PENDING
    assert stripe.asked.count("POST /v1/refunds") == 0

    stripe.ahead = timedelta()
    stripe.decide(dispute, status)
    tell(stripe)
    take(stripe, now + timedelta(seconds=9))

    assert queries.get_refund(refund_no).state is RefundState.SUCCEEDED
    assert stripe.asked.count("POST /v1/refunds") == (1 if status == "won" else 0)
    assert lost_minor(number) == (0 if status == "won" else 12_000)
    assert balances_agree(stripe)


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(stripe: StripeDouble, now: datetime) -> None:
    number = paid(stripe, now)
    dispute = stripe.dispute(payment_of(stripe, number), is_inquiry=True)
    tell(stripe)
    assert (only_dispute().state, disputed_minor(), told(number)) == (DisputeState.INQUIRY, 0, [])

    stripe.withdraw(dispute)
    tell(stripe)
    assert (only_dispute().state, disputed_minor(), told(number)) == (DisputeState.OPEN, 12_900, ["payment_disputed"])


def test_an_inquiry_that_ends_tells_nobody(stripe: StripeDouble, now: datetime) -> None:
    number = paid(stripe, now)
    stripe.decide(stripe.dispute(payment_of(stripe, number), is_inquiry=True), "warning_closed")
    tell(stripe)

    assert (only_dispute().state, told(number), disputed_minor()) == (DisputeState.DROPPED, [], 0)


def test_what_cannot_be_right_books_nothing_and_is_kept(stripe: StripeDouble, now: datetime) -> None:
    number = paid(stripe, now)
    dispute = stripe.dispute(payment_of(stripe, number), 12_901)
    assert set(tell(stripe)) == {200}
    assert (queries.list_disputes().items, disputed_minor()) == ((), 0)
    (mismatch,) = queries.list_mismatches().items
    assert (mismatch.what, mismatch.number, mismatch.reason) == ("dispute", number, MismatchReason.AMOUNT)
    assert mismatch.provider_ref == dispute["id"]


def test_what_is_decided_stays_decided(stripe: StripeDouble, now: datetime) -> None:
    number, dispute = begun(stripe, now)
    stripe.decide(dispute, "lost")
    tell(stripe)
    build.request_refund(number, 12_900, now)
    balances = books.balances("stripe")

    stripe.decide(dispute, "won")
    tell(stripe)

    assert only_dispute().state is DisputeState.LOST
    assert books.balances("stripe") == balances
    assert MismatchReason.OUTCOME in {mismatch.reason for mismatch in queries.list_mismatches().items}


def test_a_refund_that_is_in_the_providers_hands_is_not_taken_for_the_dispute(
    stripe: StripeDouble, now: datetime
) -> None:
    number = paid(stripe, now)
    refund_no = build.request_refund(number, 900, now)
    stripe.is_down = True
    take(stripe, now + timedelta(seconds=5))
    stripe.is_down, stripe.ahead = False, timedelta()
    dispute = stripe.dispute(payment_of(stripe, number))
    stripe.decide(dispute, "lost")
    tell(stripe)

    assert queries.get_refund(refund_no).state is RefundState.PENDING, "it may have been sent"
    assert only_dispute().absorbed_minor == 0


def test_the_proof_holds_and_fires(stripe: StripeDouble, now: datetime) -> None:
    begun(stripe, now)
    (check,) = [check for check in queries.verify() if check.name == "disputes_are_what_the_books_hold"]
    assert (check.holds, check.checked_count) == (True, 1)
    db.execute("UPDATE payments_dispute SET returned_minor = 1")
    (check,) = [check for check in queries.verify() if check.name == "disputes_are_what_the_books_hold"]
    assert (check.breach_count, check.examples) == (
        1,
        ("disputed/stripe/CNY: 12900 in the books, 12899 by its rows",),
    )


def test_who_is_disputed_cannot_leave_before_it_is_decided(stripe: StripeDouble, now: datetime) -> None:
    number, dispute = begun(stripe, now)
    payer_id = queries.get_intent(number).payer_id
    assert [obstacle.code for obstacle in queries.obstacles_of(payer_id)] == ["payment_on_its_way"]
    assert dict(queries.export_person(payer_id))["payment_disputes"][0]["state"] == "open"
    stripe.decide(dispute, "won")
    tell(stripe)
    assert queries.obstacles_of(payer_id) == ()
