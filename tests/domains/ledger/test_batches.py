"""A closed month is paid: every line ends paid, back on its account, or said why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, book, draft, pay_out
from tests.builders.people import make_person
from wuyou.domains.ledger import providers, queries, statements, tasks
from wuyou.domains.ledger.errors import (
    AccountHeld,
    AccountUnknown,
    BatchUnknown,
    MalformedPayee,
    NotHeld,
    NotRetriable,
    PayoutLineUnknown,
    PayoutProviderUnknown,
    ReasonMissing,
    StaffOnly,
)
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.domains.ledger.types import AccountRef, PayoutLine, PayoutState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)
THE_20TH = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
LATER = THE_20TH + timedelta(minutes=2)
BATCH = "2026-03-CNY"
MINIMUM = 1_000


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert [check for check in queries.verify() if check.breach_count] == []


@pytest.fixture
def staff(now: datetime) -> Actor:
    return Actor(make_person(now, "Staff").id, is_staff=True)


def owe(shop: int, publisher: int, now: datetime, key: str = "W1") -> None:
    """Settle so much to the shop and to the publisher."""
    whole = shop + publisher
    legs = [leg for leg in ((ESCROW, PAYABLE, shop), (ESCROW, PROMOTER, publisher)) if leg[2]]
    book(draft(f"capture:{key}", (CLEARING, HELD, whole), now=now), now=now)
    book(draft(f"release:{key}", (HELD, ESCROW, whole), now=now), now=now)
    book(draft(f"settle:{key}", *legs, now=now), now=now)


def march(now: datetime, *, shop: int = 5_000, publisher: int = 2_000, reference: str = "bank-1234") -> None:
    """A closed March that owes something, and payees who said where to pay."""
    owe(shop, publisher, now)
    for owner in ("shop:1", "publisher:1"):
        payee(owner, reference, now)
    assert tasks.close_months(THE_20TH - timedelta(days=10)) > 0


def payee(owner: str, reference: str, now: datetime) -> None:
    db.in_transaction(lambda: statements.name_payee(owner=owner, provider="sandbox", reference=reference, now=now))


def line_of(account: AccountRef) -> PayoutLine:
    """The latest line of an account."""
    return statements.list_lines(owners=[account.owner]).items[0]


def minor(ref: AccountRef) -> int:
    return queries.get_balance(ref).amount_minor


def pay(at: datetime = THE_20TH) -> None:
    tasks.plan_payouts(at)
    tasks.send_due_payouts(at)


def test_month_is_paid_on_the_20th_and_not_before(now: datetime) -> None:
    march(now)
    assert tasks.plan_payouts(THE_20TH - timedelta(days=1)) == 0
    assert tasks.plan_payouts(THE_20TH) == 2
    assert (minor(PAYABLE), line_of(PAYABLE).state) == (5_000, PayoutState.DUE)
    assert tasks.send_due_payouts(THE_20TH) == 2
    assert (minor(PAYABLE), minor(PROMOTER), minor(CLEARING)) == (0, 0, 0)
    batch = statements.get_batch(BATCH)
    assert (batch.month, batch.total.amount_minor, batch.counts[PayoutState.PAID]) == (MARCH, 7_000, 2)
    assert line_of(PAYABLE).number == "2026-03-shop1-CNY-1"
    assert queries.find_payout("2026-03-shop1-CNY-1") is not None


def test_batch_made_again_and_sent_again_pays_nothing_more(now: datetime) -> None:
    march(now)
    for at in (THE_20TH, THE_20TH, LATER, LATER + timedelta(days=3)):
        pay(at)
    assert (minor(PAYABLE), statements.get_batch(BATCH).total.amount_minor) == (0, 7_000)
    assert [batch.number for batch in statements.list_batches().items] == [BATCH]


def test_earnings_of_the_running_month_wait_for_their_own_statement(now: datetime) -> None:
    march(now)
    owe(900, 0, THE_20TH - timedelta(days=5), "W2")
    pay()
    assert (line_of(PAYABLE).amount.amount_minor, minor(PAYABLE)) == (5_000, 900)


def test_what_was_taken_back_since_the_month_closed_is_not_paid(now: datetime) -> None:
    march(now)
    owe(900, 0, THE_20TH - timedelta(days=5), "W2")
    book(draft("unsettle:R1", (PROMOTER, PAYABLE, 500), now=THE_20TH), now=THE_20TH)
    pay_out(1_000, "by-hand", now=THE_20TH)
    pay()
    assert (line_of(PROMOTER).amount.amount_minor, minor(PROMOTER)) == (1_500, 0)
    assert (line_of(PAYABLE).amount.amount_minor, minor(PAYABLE)) == (4_000, 1_400)


def test_account_below_zero_is_paid_nothing_and_later_earnings_come_up_for_it(now: datetime) -> None:
    march(now, publisher=2_000)
    book(draft("unsettle:R1", (PROMOTER, PAYABLE, 5_000), now=now), now=THE_20TH)
    pay()
    line = line_of(PROMOTER)
    assert (line.state, line.why, line.amount.amount_minor) == (PayoutState.SKIPPED, "below_zero", -3_000)
    owe(0, 7_000, THE_20TH, "W2")
    tasks.close_months(THE_20TH + timedelta(days=15))
    pay(THE_20TH + timedelta(days=30))
    assert (line_of(PROMOTER).amount.amount_minor, line_of(PROMOTER).state) == (4_000, PayoutState.PAID)


@pytest.mark.parametrize(("publisher", "why"), [(MINIMUM - 1, "below_minimum"), (MINIMUM, "")])
def test_less_than_the_minimum_waits(publisher: int, why: str, now: datetime) -> None:
    march(now, publisher=publisher)
    pay()
    assert (line_of(PROMOTER).why, minor(PROMOTER)) == (why, publisher if why else 0)


def test_who_never_said_where_is_told_so_and_paid_after_saying_it(now: datetime, staff: Actor) -> None:
    owe(5_000, 0, now)
    tasks.close_months(THE_20TH - timedelta(days=10))
    pay()
    skipped = line_of(PAYABLE)
    assert (skipped.state, skipped.why, minor(PAYABLE)) == (PayoutState.SKIPPED, "no_payee", 5_000)
    payee("shop:1", "bank-1234", LATER)
    again = db.in_transaction(lambda: statements.retry_payout(actor=staff, number=skipped.number, now=LATER))
    tasks.send_due_payouts(LATER)
    assert (again, line_of(PAYABLE).state, minor(PAYABLE)) == ("2026-03-shop1-CNY-2", PayoutState.PAID, 0)


def test_payout_that_fails_after_it_was_accepted_returns_once(now: datetime) -> None:
    march(now, reference="bank-bounce")
    pay()
    assert (line_of(PAYABLE).state, minor(PAYABLE)) == (PayoutState.SENT, 0)
    for _ in range(2):
        tasks.send_due_payouts(LATER)
    line = line_of(PAYABLE)
    assert (line.state, line.why, minor(PAYABLE)) == (PayoutState.FAILED, "account_closed", 5_000)
    failed = TransferResult(line.number, TransferState.FAILED, line.amount, "again", LATER)
    for result in (failed, TransferResult(line.number, TransferState.PAID, line.amount, "", LATER)):
        state = db.in_transaction(lambda r=result: statements.apply_result(result=r, now=LATER))  # type: ignore[misc]
        assert state is PayoutState.FAILED
    assert minor(PAYABLE) == 5_000
    assert statements.get_batch(BATCH).total.amount_minor == 0


def test_failed_payout_is_tried_again_under_a_new_number_once(now: datetime, staff: Actor) -> None:
    march(now, reference="bank-closed")
    pay()
    failed = line_of(PAYABLE)
    assert failed.state is PayoutState.FAILED
    payee("shop:1", "bank-5678", LATER)
    again = db.in_transaction(lambda: statements.retry_payout(actor=staff, number=failed.number, now=LATER))
    with pytest.raises(NotRetriable):
        db.in_transaction(lambda: statements.retry_payout(actor=staff, number=failed.number, now=LATER))
    tasks.send_due_payouts(LATER)
    line = line_of(PAYABLE)
    assert (line.number, line.number, line.state) == (again, "2026-03-shop1-CNY-2", PayoutState.PAID)
    assert (minor(PAYABLE), statements.get_batch(BATCH).total.amount_minor) == (0, 5_000)


def test_returned_money_is_paid_by_the_next_month_when_nobody_tries_again(now: datetime) -> None:
    march(now, publisher=0, reference="bank-closed")
    pay()
    payee("shop:1", "bank-5678", LATER)
    tasks.close_months(THE_20TH + timedelta(days=15))
    pay(THE_20TH + timedelta(days=30))
    assert (line_of(PAYABLE).number, line_of(PAYABLE).state) == ("2026-04-shop1-CNY-1", PayoutState.PAID)
    assert minor(PAYABLE) == 0


def test_slow_payout_is_asked_about_until_it_is_paid(now: datetime) -> None:
    march(now, reference="bank-pending")
    pay()
    assert tasks.send_due_payouts(THE_20TH + timedelta(seconds=5)) == 0
    assert line_of(PAYABLE).state is PayoutState.SENT
    tasks.send_due_payouts(LATER)
    assert (line_of(PAYABLE).state, minor(PAYABLE)) == (PayoutState.PAID, 0)


def test_lost_answer_is_asked_for_and_nothing_is_sent_twice(now: datetime) -> None:
    march(now, reference="bank-mute")
    pay()
    assert (line_of(PAYABLE).state, minor(PAYABLE)) == (PayoutState.SENT, 0)
    tasks.send_due_payouts(LATER)
    assert line_of(PAYABLE).state is PayoutState.PAID
    assert db.row("SELECT count(*) FROM ledger_sandbox_payout") == (2,)


def test_answer_about_another_amount_changes_nothing(now: datetime) -> None:
    march(now, reference="bank-pending")
    pay()
    line = line_of(PAYABLE)
    other = TransferResult(line.number, TransferState.FAILED, Money(1, Currency.CNY), "", LATER)
    assert db.in_transaction(lambda: statements.apply_result(result=other, now=LATER)) is PayoutState.SENT
    assert minor(PAYABLE) == 0


def test_balance_that_went_between_plan_and_sending_is_not_paid(now: datetime) -> None:
    march(now)
    tasks.plan_payouts(THE_20TH)
    pay_out(4_900, "by-hand", now=THE_20TH)
    tasks.send_due_payouts(THE_20TH)
    assert (line_of(PAYABLE).state, line_of(PAYABLE).why, minor(PAYABLE)) == (
        PayoutState.SKIPPED, "balance_gone", 100,
    )  # fmt: skip


# ---------------------------------------------------------------------- holds and payees


def hold(actor: Actor, account: AccountRef, reason: str = "looked into", now: datetime = THE_20TH) -> None:
    db.in_transaction(lambda: statements.hold_account(actor=actor, account=account, reason=reason, now=now))


def test_held_account_is_paid_nothing_by_batch_or_by_hand_until_it_is_lifted(now: datetime, staff: Actor) -> None:
    march(now)
    hold(staff, PAYABLE)
    pay()
    assert (line_of(PAYABLE).why, line_of(PROMOTER).state, minor(PAYABLE)) == ("held", PayoutState.PAID, 5_000)
    with pytest.raises(AccountHeld):
        pay_out(1, "by-hand", now=THE_20TH)
    ((account, reason, held_by),) = [(each.account, each.reason, each.held_by) for each in statements.list_holds()]
    assert (account, reason, held_by) == (PAYABLE, "looked into", staff.user_id)
    number = line_of(PAYABLE).number
    db.in_transaction(lambda: statements.lift_hold(actor=staff, account=PAYABLE, now=LATER))
    db.in_transaction(lambda: statements.retry_payout(actor=staff, number=number, now=LATER))
    tasks.send_due_payouts(LATER)
    assert (line_of(PAYABLE).state, minor(PAYABLE), statements.list_holds()) == (PayoutState.PAID, 0, ())


def test_hold_that_comes_between_plan_and_sending_holds(now: datetime, staff: Actor) -> None:
    march(now)
    tasks.plan_payouts(THE_20TH)
    hold(staff, PAYABLE)
    tasks.send_due_payouts(THE_20TH)
    assert (line_of(PAYABLE).why, minor(PAYABLE)) == ("held", 5_000)


def test_holds_are_staffs_alone_with_a_reason_and_one_at_a_time(now: datetime, staff: Actor) -> None:
    march(now)
    nobody = AccountRef(PAYABLE.kind, "shop:9", Currency.CNY)
    refused: list[tuple[Actor, AccountRef, str, type[DomainError]]] = [
        (Actor(staff.user_id), PAYABLE, "why", StaffOnly),
        (staff, PAYABLE, "  ", ReasonMissing),
        (staff, PAYABLE, "x" * 201, ReasonMissing),
        (staff, nobody, "why", AccountUnknown),
    ]
    for actor, account, reason, error in refused:
        with pytest.raises(error):
            hold(actor, account, reason)
    with pytest.raises(NotHeld):
        db.in_transaction(lambda: statements.lift_hold(actor=staff, account=PAYABLE, now=now))
    assert statements.list_holds() == ()
    hold(staff, PAYABLE)
    with pytest.raises(AccountHeld):
        hold(staff, PAYABLE)
    assert len(statements.list_holds()) == 1


@pytest.mark.parametrize(
    ("provider", "reference", "error"),
    [
        ("sandbox", "x", MalformedPayee),
        ("sandbox", "bank 1234", MalformedPayee),
        ("elsewhere", "1234", PayoutProviderUnknown),
    ],
)
def test_place_where_nobody_can_be_paid_is_refused(
    provider: str, reference: str, error: type[DomainError], now: datetime
) -> None:
    payee("shop:1", "bank-1234", now)
    with pytest.raises(error):
        db.in_transaction(
            lambda: statements.name_payee(owner="shop:1", provider=provider, reference=reference, now=now)
        )
    assert statements.payees_by_owner(["shop:1"])["shop:1"].reference == "bank-1234"


def test_payee_who_leaves_is_forgotten_in_what_has_ended_too(now: datetime) -> None:
    march(now)
    pay()
    db.in_transaction(lambda: statements.forget_payee(owner="publisher:1"))
    assert statements.payees_by_owner(["publisher:1", "shop:1"]).keys() == {"shop:1"}
    assert db.rows("SELECT reference FROM ledger_payout_line ORDER BY reference") == [("",), ("bank-1234",)]


def test_only_staff_try_again_and_only_what_did_not_pay(now: datetime, staff: Actor) -> None:
    march(now)
    pay()
    paid = line_of(PAYABLE)
    for actor, number, error in (
        (Actor(staff.user_id), paid.number, StaffOnly),
        (staff, paid.number, NotRetriable),
        (staff, "P9", PayoutLineUnknown),
    ):
        with pytest.raises(error):
            db.in_transaction(lambda a=actor, n=number: statements.retry_payout(actor=a, number=n, now=now))  # type: ignore[misc]
    with pytest.raises(BatchUnknown):
        statements.get_batch("2026-01-CNY")
    assert len(statements.list_lines(batch_number=BATCH).items) == 2


def test_sandbox_pays_a_number_once_whatever_is_asked(now: datetime) -> None:
    bank = providers.get_provider("sandbox")
    yuan = Money(100, Currency.CNY)
    assert bank.query(payout_no="P1", now=now) is None
    first = bank.send(payout_no="P1", reference="bank-bounce", amount=yuan, now=now)
    assert (first.state, bank.send(payout_no="P1", reference="bank-bounce", amount=yuan, now=now)) == (
        TransferState.PENDING, first,
    )  # fmt: skip
    after = bank.send(payout_no="P1", reference="bank-1234", amount=yuan, now=now + timedelta(minutes=1))
    assert (after.state, after.reason) == (TransferState.FAILED, "account_closed")
    with pytest.raises(DomainError, match="number_reused"):
        bank.send(payout_no="P1", reference="bank-1234", amount=Money(101, Currency.CNY), now=now)
