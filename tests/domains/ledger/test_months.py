"""Months close once, for good, and hold everything that changed an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, book, draft, lively_books, pay_out
from wuyou.domains.ledger import operations, queries, statements, tasks
from wuyou.domains.ledger.errors import MalformedJournal, StatementUnknown
from wuyou.domains.ledger.statements.months import begin_of, last_closable, month_after, month_before, month_of
from wuyou.domains.ledger.types import AccountRef, JournalDraft, ReasonDraft, TransferDraft
from wuyou.engines.statements import files
from wuyou.engines.statements.checking import check
from wuyou.engines.statements.files import Document
from wuyou.infra import db
from wuyou.kernel.money import MAX_MINOR, Currency

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
SHOP, PUBLISHER = ["shop:1"], ["publisher:1"]


@pytest.fixture(autouse=True)
def books_hold() -> Iterator[None]:
    yield
    assert [check for check in queries.verify() if check.breach_count] == []


def closed(month: date, *, after: timedelta = timedelta(hours=1)) -> int:
    """Let the schedule come so long after a month's end."""
    return tasks.close_months(begin_of(month_after(month)) + after)


def document(number: str) -> Document:
    found = statements.find_document(number)
    assert found is not None
    return found


def owe(key: str, amount: int, now: datetime) -> None:
    book(draft(f"capture:{key}", (CLEARING, HELD, amount), now=now), now=now)
    book(draft(f"release:{key}", (HELD, ESCROW, amount), now=now), now=now)
    book(draft(f"settle:{key}", (ESCROW, PAYABLE, amount), now=now), now=now)


def test_months_are_those_of_the_business_zone() -> None:
    last_of_february = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)
    assert month_of(last_of_february) == date(2026, 2, 1)
    assert month_of(last_of_february + timedelta(seconds=1)) == MARCH
    assert begin_of(MARCH) == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert (month_after(date(2026, 12, 1)), month_before(date(2026, 1, 1))) == (date(2027, 1, 1), date(2025, 12, 1))
    assert last_closable(begin_of(APRIL) + timedelta(minutes=59)) == date(2026, 2, 1)
    assert last_closable(begin_of(APRIL) + timedelta(minutes=60)) == MARCH


def test_month_closes_into_one_statement_an_account_that_verifies(now: datetime) -> None:
    lively_books(now)
    assert closed(MARCH, after=timedelta(minutes=59)) == 0
    assert closed(MARCH) == 2
    (statement,) = statements.list_statements(SHOP).items
    assert (statement.number, statement.account, statement.month) == ("2026-03-shop1-CNY", PAYABLE, MARCH)
    assert (statement.opening.amount_minor, statement.closing) == (0, queries.get_balance(PAYABLE))
    found = document("2026-03-shop1-CNY")
    assert [line["amount_minor"] for line in found["lines"]] == [9_000, -500, 40, 9_000, -500, 40, -3_000]
    assert found["lines"][-1]["balance_minor"] == statement.closing.amount_minor
    (key,) = statements.list_keys(statement.key_id)
    assert key.is_current
    for write in (files.write_json, files.write_csv):
        assert check(files.read(write(found)), key.public_key) == []


def test_closing_again_makes_nothing(now: datetime) -> None:
    lively_books(now)
    assert closed(MARCH) == 2
    before = document("2026-03-shop1-CNY")
    assert closed(MARCH, after=timedelta(days=2)) == 0
    assert document("2026-03-shop1-CNY") == before


def test_each_month_begins_where_the_one_before_ended_and_stands_on_its_hash(now: datetime) -> None:
    owe("W1", 1_000, now)
    assert closed(MARCH) == 1
    owe("W2", 500, now + timedelta(days=40))
    assert closed(APRIL) == 1
    march, april = document("2026-03-shop1-CNY"), document("2026-04-shop1-CNY")
    assert (march["head"]["previous"], april["head"]["previous"]) == ("0" * 64, march["hash"])
    assert (april["head"]["opening_minor"], april["head"]["closing_minor"]) == (1_000, 1_500)
    assert [statement.month for statement in statements.list_statements(SHOP).items] == [APRIL, MARCH]


def test_months_that_nobody_closed_are_closed_in_order_and_empty_ones_are_not_made(now: datetime) -> None:
    owe("W1", 1_000, now)
    pay_out(1_000, "P1", now=now)
    owe("W2", 300, now + timedelta(days=70))
    assert closed(date(2026, 6, 1)) == 1
    made = statements.list_statements(SHOP).items
    assert [(each.month.month, each.opening.amount_minor, each.closing.amount_minor) for each in made] == [
        (6, 300, 300), (5, 0, 300), (3, 0, 0),
    ]  # fmt: skip


def test_what_was_booked_for_a_closed_month_too_late_falls_into_the_next(now: datetime) -> None:
    owe("W1", 1_000, now)
    assert closed(MARCH) == 1
    before = document("2026-03-shop1-CNY")
    late = begin_of(APRIL) - timedelta(seconds=1)
    owe("W2", 70, late)
    owe("W3", 5, begin_of(APRIL))
    assert closed(APRIL) == 1
    assert document("2026-03-shop1-CNY") == before
    april = document("2026-04-shop1-CNY")
    assert [(line["journal"], line["balance_minor"]) for line in april["lines"]] == [
        ("settle:W2", 1_070), ("settle:W3", 1_075),
    ]  # fmt: skip
    assert april["lines"][0]["posted_at"] < april["head"]["from"]


def test_what_is_booked_in_the_hour_of_quiet_waits_although_it_came_before_what_is_late(now: datetime) -> None:
    owe("W1", 5, begin_of(APRIL) + timedelta(minutes=10))
    owe("W2", 70, begin_of(APRIL) - timedelta(seconds=1))
    assert closed(MARCH) == 1
    assert [line["journal"] for line in document("2026-03-shop1-CNY")["lines"]] == ["settle:W2"]
    assert closed(APRIL) == 1
    assert [line["journal"] for line in document("2026-04-shop1-CNY")["lines"]] == ["settle:W1"]


def test_account_below_zero_is_carried_from_month_to_month(now: datetime) -> None:
    lively_books(now)
    book(draft("unsettle:R9", (PROMOTER, PAYABLE, 5_000), now=now), now=now)
    assert closed(MARCH) == 2
    assert closed(APRIL) == 2
    april = document("2026-04-publisher1-CNY")
    assert (april["head"]["opening_minor"], april["head"]["closing_minor"], april["lines"]) == (-3_480, -3_480, [])


@pytest.mark.parametrize("table", ["ledger_reason", "ledger_statement", "ledger_statement_line", "ledger_signing_key"])
def test_nothing_that_was_closed_is_changed_or_removed(table: str, now: datetime) -> None:
    lively_books(now)
    closed(MARCH)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DatabaseError, match="final"), db.transaction():
            db.execute(change)


def test_statement_of_another_is_not_there(now: datetime) -> None:
    lively_books(now)
    closed(MARCH)
    assert statements.get_document("2026-03-shop1-CNY", SHOP)["head"]["account"] == PAYABLE.code
    for number, owners in (("2026-03-shop1-CNY", PUBLISHER), ("2026-03-shop1-CNY", []), ("2026-03-shop9-CNY", SHOP)):
        with pytest.raises(StatementUnknown):
            statements.get_document(number, owners)
    assert statements.list_statements([]).items == ()


# ---------------------------------------------------------------------- reasons


def reasoned(*reasons: ReasonDraft, now: datetime) -> JournalDraft:
    legs = (TransferDraft(ESCROW, PAYABLE, 90, "proceeds"), TransferDraft(ESCROW, PROMOTER, 10, "commission"))
    return JournalDraft("settle:W1", "settle", "order:W1", now, legs, reasons)


def summed(account: AccountRef, plus: int, minus: int = 0, *, source: str = "order:W1", says: int = 0) -> ReasonDraft:
    inputs = {"plus": {"paid": plus}, "minus": {"fee": minus} if minus else {}}
    return ReasonDraft(account, source, "sum.1", inputs, says or plus - minus)


def reasons() -> list[tuple[str, str, str, int]]:
    return db.rows(
        """
        SELECT a.code, r.source, r.inputs::text, r.amount_minor
        FROM ledger_reason r JOIN ledger_account a ON a.id = r.account_id ORDER BY r.id
        """
    )


@pytest.fixture
def escrowed(now: datetime) -> None:
    book(draft("capture:W1", (CLEARING, HELD, 100), now=now), now=now)
    book(draft("release:W1", (HELD, ESCROW, 100), now=now), now=now)


@pytest.mark.usefixtures("escrowed")
def test_reasons_are_kept_as_given_and_told_from_transfers_where_none_is(now: datetime) -> None:
    book(reasoned(summed(PAYABLE, 100, 10), now=now), now=now)
    assert reasons() == [
        (PAYABLE.code, "order:W1", '{"plus": {"paid": 100}, "minus": {"fee": 10}}', 90),
        (PROMOTER.code, "order:W1", '{"plus": {"commission": 10}, "minus": {}}', 10),
    ]


@pytest.mark.usefixtures("escrowed")
def test_journal_heard_twice_keeps_its_reasons_once(now: datetime) -> None:
    for _ in range(2):
        book(reasoned(summed(PAYABLE, 90), now=now), now=now)
    assert len(reasons()) == 2


@pytest.mark.usefixtures("escrowed")
@pytest.mark.parametrize(
    "reason",
    [
        summed(PAYABLE, 91),
        summed(PAYABLE, 90, says=89),
        summed(ESCROW, 90),
        summed(PAYABLE, 90, source=""),
        ReasonDraft(PAYABLE, "order:W1", "guess.1", {}, 90),
        summed(AccountRef(PAYABLE.kind, "shop:2", Currency.CNY), 90),
    ],
    ids=["other sum", "does not compute", "nobody's account", "no source", "no such formula", "not moved"],
)
def test_journal_whose_reasons_do_not_give_what_it_moves_is_refused(reason: ReasonDraft, now: datetime) -> None:
    with pytest.raises(MalformedJournal):
        book(reasoned(reason, now=now), now=now)
    assert reasons() == []
    assert queries.get_balance(PAYABLE).amount_minor == 0


@pytest.mark.usefixtures("escrowed")
def test_two_reasons_of_one_source_are_refused(now: datetime) -> None:
    with pytest.raises(MalformedJournal), db.transaction():
        operations.post(journals=[reasoned(summed(PAYABLE, 40), summed(PAYABLE, 50), now=now)], now=now)
    assert reasons() == []


@pytest.mark.django_db
def test_sum_of_two_of_the_largest_amounts_is_a_reason_too(now: datetime) -> None:
    book(draft("capture:W1", (CLEARING, PAYABLE, MAX_MINOR), (CLEARING, PAYABLE, MAX_MINOR), now=now), now=now)
    assert [amount_minor for *_, amount_minor in reasons()] == [2 * MAX_MINOR]
