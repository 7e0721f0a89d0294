"""Paying out: never more than is owed, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, account, book, draft, pay_out
from wuyou.domains.ledger import queries, statements
from wuyou.domains.ledger.errors import (
    AccountUnknown,
    MalformedAccount,
    MalformedPayout,
    PayoutExceedsBalance,
    PayoutNoReused,
)
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.kernel.money import MAX_MINOR, Currency, Money

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owed(now: datetime) -> None:
    """1,000 owed to the shop, 80 to a publisher."""
    legs = ((ESCROW, PAYABLE, 1_000), (ESCROW, PROMOTER, 80))
    book(
        draft("capture:W1", (CLEARING, HELD, 1_080), now=now),
        draft("release:W1", (HELD, ESCROW, 1_080), now=now),
        draft("settle:W1", *legs, now=now),
        now=now,
    )


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert all(check.breach_count == 0 for check in queries.verify())


def minor(ref: AccountRef) -> int:
    return queries.get_balance(ref).amount_minor


def payouts() -> int:
    counted = db.row("SELECT count(*) FROM ledger_payout")
    assert counted
    return int(counted[0])


def test_payout_leaves_through_clearing(now: datetime) -> None:
    paid = pay_out(400, "P1", now=now)
    assert (minor(PAYABLE), minor(CLEARING)) == (600, 680)
    assert paid == queries.find_payout("P1")
    (line,) = queries.get_statement(PAYABLE).lines.items[1:]
    assert (line.journal_key, line.delta_minor, line.counter_account) == ("payout:P1", -400, CLEARING.code)


def test_payout_costs_six_statements(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    one_yuan = Money(100, Currency.CNY)
    with db.transaction(), django_assert_num_queries(6):
        statements.record_payout(account=PAYABLE, amount=one_yuan, payout_no="P1", provider="sandbox", now=now)


def test_payout_of_all_that_is_owed_and_then_nothing_more(now: datetime) -> None:
    pay_out(1_000, "P1", now=now)
    with pytest.raises(PayoutExceedsBalance):
        pay_out(1, "P2", now=now)
    assert (minor(PAYABLE), payouts()) == (0, 1)


def test_payout_twice_with_its_number_pays_once_even_when_nothing_is_left(now: datetime) -> None:
    first = pay_out(1_000, "P1", now=now)
    assert pay_out(1_000, "P1", now=now + timedelta(days=1)) == first
    assert (minor(PAYABLE), payouts()) == (0, 1)


def test_payout_number_of_another_payout_is_refused(now: datetime) -> None:
    pay_out(400, "P1", now=now)
    with pytest.raises(PayoutNoReused):
        pay_out(401, "P1", now=now)
    with pytest.raises(PayoutNoReused):
        pay_out(40, "P1", now=now, account=PROMOTER)
    assert (minor(PAYABLE), minor(PROMOTER), payouts()) == (600, 80, 1)


def test_payout_waits_while_a_clawback_keeps_the_account_below_zero(now: datetime) -> None:
    pay_out(80, "P1", now=now, account=PROMOTER)
    book(draft("unsettle:R1", (PROMOTER, PAYABLE, 30), now=now), now=now)
    assert minor(PROMOTER) == -30
    with pytest.raises(PayoutExceedsBalance):
        pay_out(1, "P2", now=now, account=PROMOTER)
    book(draft("release:W2", (HELD, ESCROW, 50), now=now), draft("settle:W2", (ESCROW, PROMOTER, 50), now=now), now=now)
    pay_out(20, "P2", now=now, account=PROMOTER)
    assert minor(PROMOTER) == 0


def test_payout_from_an_account_that_was_never_booked_on_is_refused(now: datetime) -> None:
    with pytest.raises(AccountUnknown):
        pay_out(1, "P1", now=now, account=account(AccountKind.PROMOTER_PAYABLE, "publisher:404"))


@pytest.mark.parametrize("ref", [ESCROW, HELD, CLEARING])
def test_payout_from_an_account_that_owes_nobody_is_refused(now: datetime, ref: AccountRef) -> None:
    with pytest.raises(MalformedPayout):
        pay_out(1, "P1", now=now, account=ref)
    assert payouts() == 0


@pytest.mark.parametrize(
    ("amount", "number", "provider", "error"),
    [
        (Money(0, Currency.CNY), "P1", "sandbox", MalformedPayout),
        (Money(-1, Currency.CNY), "P1", "sandbox", MalformedPayout),
        (Money(MAX_MINOR + 1, Currency.CNY), "P1", "sandbox", MalformedPayout),
        (Money(1, Currency.USD), "P1", "sandbox", MalformedPayout),
        (Money(1, Currency.CNY), "", "sandbox", MalformedPayout),
        (Money(1, Currency.CNY), "P" * 500, "sandbox", MalformedPayout),
        (Money(1, Currency.CNY), "P1", "", MalformedAccount),
    ],
)
def test_payout_that_makes_no_sense_is_refused(
    now: datetime, amount: Money, number: str, provider: str, error: type[Exception]
) -> None:
    with db.transaction(), pytest.raises(error):
        statements.record_payout(account=PAYABLE, amount=amount, payout_no=number, provider=provider, now=now)
    assert (minor(PAYABLE), payouts()) == (1_000, 0)
