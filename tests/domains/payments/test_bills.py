"""What providers bill is what we hold, or stands open; each fee is booked once, whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.builders import payments as build
from tests.builders.people import make_person
from tests.domains.payments import books
from tests.domains.payments.test_providers import double, now, paid  # noqa: F401  (fixtures)
from tests.doubles.server import Double
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.domains.payments import errors, operations, queries, tasks
from wuyou.domains.payments.providers import bills
from wuyou.domains.payments.providers.base import BillLine
from wuyou.domains.payments.types import BillKind, BillState, Discrepancy, DiscrepancyReason
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FEE = 77  # 0.6 % of 129.00


def read(double: Double, now: datetime, *, days: int = 1) -> int:  # noqa: F811
    """Let the schedule read bills so many days later, at which the provider lives too."""
    at = now + days * DAY
    double.ahead = at - utc_now()
    return tasks.read_daily_bills(at)


def refunded(double: Double, now: datetime, number: str, minor: int) -> str:  # noqa: F811
    """A refund that has come to its end."""
    refund_no = f"{number}R1"
    db.in_transaction(
        lambda: operations.request_refund(refund_no=refund_no, intent_no=number, amount=build.yuan(minor), now=now)
    )
    for later in (5, 60, 120):
        double.ahead = now + timedelta(seconds=later) - utc_now()
        tasks.submit_due_refunds(now + timedelta(seconds=later))
    return refund_no


def captured(now: datetime) -> str:  # noqa: F811
    """A payment at the sandbox bank."""
    number = build.open_intent(now)
    build.pay(number, now)
    return number


def fees(provider: str) -> int:
    ref = AccountRef(AccountKind.PROVIDER_FEES, provider, Currency.CNY)
    return ledger.balances([ref])[ref].amount_minor


def opened() -> list[tuple[DiscrepancyReason, str]]:
    return [(each.reason, each.number) for each in queries.list_discrepancies().items]


def broken() -> list[tuple[str, tuple[str, ...]]]:
    return [(check.name, check.examples) for check in queries.verify() if check.breach_count]


def test_a_bill_is_read_once_and_what_it_cost_is_booked(double: Double, now: datetime) -> None:  # noqa: F811
    number = paid(double, now)
    refunded(double, now, number, 2_900)
    assert read(double, now) == 1
    back = 17 if double.name == "wechat_pay" else 0  # 0.6 % of 29.00 comes back there
    assert fees(double.name) == FEE - back
    assert books.balances(double.name)["clearing"] == 10_000 - FEE + back
    assert opened() == []
    assert broken() == []
    (bill,) = queries.list_bills().items
    assert (bill.provider, bill.state, bill.open_count) == (double.name, BillState.READ, 0)
    before = books.payment_rows()
    assert read(double, now) == 0
    assert books.payment_rows() == before


@pytest.mark.parametrize(
    ("trouble", "state"),
    [("not_ready", BillState.WAITING), ("truncated", BillState.REFUSED), ("hash", BillState.REFUSED)],
)
def test_a_bill_that_is_not_whole_books_nothing_and_is_asked_for_again(
    double: Double,  # noqa: F811
    now: datetime,  # noqa: F811
    trouble: str,
    state: BillState,
) -> None:
    if (double.name, trouble) == ("stripe", "hash"):
        pytest.skip("its answers have none")
    paid(double, now)
    double.bill_trouble = trouble
    before = books.payment_rows()
    assert read(double, now) == 0
    assert books.payment_rows() == before
    (bill,) = queries.list_bills().items
    assert bill.state is state
    double.bill_trouble = ""
    assert read(double, now) == 1
    assert fees(double.name) == FEE


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("unknown", DiscrepancyReason.UNKNOWN_LINE),
        ("stranger", DiscrepancyReason.MISSING_HERE),
        ("missing", DiscrepancyReason.MISSING_THERE),
        ("amount", DiscrepancyReason.AMOUNT),
    ],
)
def test_what_differs_stands_open(
    double: Double,  # noqa: F811
    now: datetime,  # noqa: F811
    trouble: str,
    reason: DiscrepancyReason,
) -> None:
    number = paid(double, now)
    other = paid(double, now)
    double.bill_trouble = trouble
    assert read(double, now) == 1
    ((found, about),) = opened()
    assert found is reason
    assert about in {"", number, other, "26113099999998", "26113099999999"}
    extra = {"missing": -FEE, "stranger": 1}.get(trouble, 0)
    assert fees(double.name) == 2 * FEE + extra
    assert broken() == []


def only() -> Discrepancy:
    (found,) = queries.list_discrepancies().items
    return found


def line(ref: str, kind: BillKind, number: str, minor: int, fee: int, now: datetime) -> BillLine:  # noqa: F811
    return BillLine(ref, kind, number, build.yuan(minor), fee, Currency.CNY, now)


def take(day: date, now: datetime, *lines: BillLine) -> bool:  # noqa: F811
    return db.in_transaction(lambda: operations.take_bill(provider="sandbox", day=day, lines=lines, now=now))


def test_a_line_that_comes_again_with_another_bill_costs_once(now: datetime) -> None:  # noqa: F811
    day = business_date(now)
    mine = line("L1", BillKind.FEE, "", 0, 30, now)
    assert take(day, now, mine, mine)
    assert not take(day, now, line("L2", BillKind.FEE, "", 0, 30, now))
    assert take(
        day + DAY, now, mine, line("L3", BillKind.FEE, "", 0, -5, now), line("L4", BillKind.PASSED, "", 9, 9, now)
    )
    assert fees("sandbox") == 25
    assert broken() == []


def test_a_refund_that_settles_later_resolves_its_line_by_itself(now: datetime) -> None:  # noqa: F811
    number = captured(now)
    refund_no = f"{number}R1"
    db.in_transaction(
        lambda: operations.request_refund(refund_no=refund_no, intent_no=number, amount=build.yuan(900), now=now)
    )
    day = business_date(now)
    take(
        day, now, line("P", BillKind.PAID, number, 12_900, 0, now), line("R", BillKind.RETURNED, refund_no, 900, 0, now)
    )
    assert opened() == [(DiscrepancyReason.STATE, refund_no)]
    tasks.submit_due_refunds(now + HOUR)
    db.in_transaction(lambda: operations.look_again(now=now + HOUR))
    assert opened() == []
    (found,) = queries.list_discrepancies(is_open=False).items
    assert (found.resolved_by_id, found.resolution) == (None, "")
    assert broken() == []


def test_what_one_bill_lacks_and_the_next_has_is_resolved(now: datetime) -> None:  # noqa: F811
    number = captured(now)
    day = business_date(now)
    take(day, now)
    assert opened() == [(DiscrepancyReason.MISSING_THERE, number)]
    take(day + DAY, now + DAY, line("P", BillKind.PAID, number, 12_900, 5, now))
    assert opened() == []


def test_what_is_heard_of_after_the_bill_of_its_day_is_looked_for_in_it(now: datetime) -> None:  # noqa: F811
    day = business_date(now)
    take(day, now)
    number = captured(now)
    assert opened() == []
    db.in_transaction(lambda: operations.look_again(now=now + HOUR))
    assert opened() == [(DiscrepancyReason.MISSING_THERE, number)]
    db.in_transaction(lambda: operations.look_again(now=now + 2 * HOUR))
    assert opened() == [(DiscrepancyReason.MISSING_THERE, number)]
    take(day + DAY, now + DAY, line("P", BillKind.PAID, number, 12_900, 5, now))
    assert opened() == []


def test_what_staff_resolved_is_not_opened_again(now: datetime) -> None:  # noqa: F811
    captured(now)
    take(business_date(now), now)
    staff = Actor(make_person(now, is_staff=True).id, is_staff=True)
    which = only().id
    db.in_transaction(
        lambda: operations.resolve_discrepancy(actor=staff, discrepancy_id=which, reason="Billed by hand.", now=now)
    )
    db.in_transaction(lambda: operations.look_again(now=now + HOUR))
    assert opened() == []
    (found,) = queries.list_discrepancies(is_open=False).items
    assert found.resolution == "Billed by hand."


def test_staff_resolve_with_a_reason_once(now: datetime) -> None:  # noqa: F811
    take(business_date(now), now, line("X", BillKind.PAID, "26113099999999", 100, 0, now))
    staff, found = Actor(make_person(now, is_staff=True).id, is_staff=True), only()

    def resolve(actor: Actor, reason: str, which: int = found.id) -> None:
        db.in_transaction(
            lambda: operations.resolve_discrepancy(actor=actor, discrepancy_id=which, reason=reason, now=now)
        )

    attempts: list[tuple[type[Exception], Callable[[], None]]] = [
        (errors.StaffOnly, lambda: resolve(Actor(staff.person_id), "mine")),
        (errors.ResolutionMissing, lambda: resolve(staff, "  ")),
        (errors.ResolutionMissing, lambda: resolve(staff, "x" * 501)),
        (errors.DiscrepancyNotFound, lambda: resolve(staff, "what?", 2**40)),
    ]
    for error, attempt in attempts:
        with pytest.raises(error):
            attempt()
    assert only() == found
    resolve(staff, "Taken in the shop next door.")
    with pytest.raises(errors.DiscrepancyResolved):
        resolve(staff, "again")
    (done,) = queries.list_discrepancies(is_open=False).items
    assert (done.resolved_by_id, done.resolution) == (staff.person_id, "Taken in the shop next door.")
    assert queries.count_discrepancies() == (0, 1)


def test_a_day_without_a_payment_is_an_empty_bill_after_three_days(now: datetime) -> None:  # noqa: F811
    captured(now)
    first = tasks.read_daily_bills(now + DAY)
    assert tasks.read_daily_bills(now + 2 * DAY) == 0
    assert tasks.read_daily_bills(now + 5 * DAY) >= 1
    assert first == 1
    assert opened() == []


BROKEN = {
    "fees_are_what_bills_say": "UPDATE payments_bill_line SET fee_minor = fee_minor + 1",
    "bill_lines_are_matched_or_open": "UPDATE payments_bill_line SET is_matched = true WHERE kind = 'paid'",
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_proof_fires_on_what_it_proves(now: datetime, name: str) -> None:  # noqa: F811
    take(business_date(now), now, line("X", BillKind.PAID, "26113099999999", 100, 1, now))
    assert broken() == []
    db.execute(BROKEN[name])
    assert [fired for fired, _breaches in broken()] == [name]


@pytest.mark.parametrize("text", ["1.001", "", "x", "1,00", "--1", "99999999999999"])
def test_a_sum_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(errors.BillMalformed):
        bills.fen_of(text)


def test_sums_are_read_to_the_fen() -> None:
    assert [bills.fen_of(text) for text in ("-0.60", "129", "0.77000", "12.5")] == [-60, 12_900, 77, 1_250]
