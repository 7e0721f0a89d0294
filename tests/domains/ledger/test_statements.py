"""Reading an account over a period, and the balances it must agree with."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, account, book, draft, lively_books
from wuyou.domains.ledger import queries, tasks
from wuyou.domains.ledger.errors import AccountUnknown
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def days(now: datetime) -> None:
    """Ten hours: each pays 100, 101, … into escrow, and every second one settles 50 out of it."""
    for hour in range(10):
        at = now + hour * HOUR
        book(draft(f"release:W{hour}", (HELD, ESCROW, 100 + hour), now=at - HOUR), now=at)
        if hour % 2:
            book(draft(f"settle:W{hour}", (ESCROW, PAYABLE, 50), now=at), now=at)


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize("ref", [ESCROW, HELD, PAYABLE])
@pytest.mark.parametrize(("first", "end"), [(None, None), (0, 10), (3, 7), (None, 4), (6, None), (4, 4), (20, 30)])
def test_statement_opens_and_closes_with_the_balance_of_its_period(
    now: datetime, ref: AccountRef, first: int | None, end: int | None
) -> None:
    from_ = None if first is None else now + first * HOUR
    until = None if end is None else now + end * HOUR
    statement = queries.get_statement(ref, from_=from_, until=until)
    everything = queries.get_statement(ref).lines.items
    before = [line for line in everything if from_ and line.posted_at < from_]
    within = [
        line
        for line in everything
        if (from_ is None or line.posted_at >= from_) and (until is None or line.posted_at < until)
    ]
    assert statement.opening.amount_minor == sum(line.delta_minor for line in before)
    assert statement.lines.items == tuple(within)
    assert statement.line_count == len(within)
    assert statement.closing.amount_minor == statement.opening.amount_minor + sum(line.delta_minor for line in within)


@pytest.mark.usefixtures("days")
def test_statement_lines_say_what_happened_and_what_it_left(now: datetime) -> None:
    _, second = queries.get_statement(ESCROW, from_=now + HOUR, until=now + 2 * HOUR).lines.items
    assert second.journal_key == "settle:W1"
    assert (second.journal_kind, second.kind, second.source_ref) == ("settle", "settle", "order:W1")
    assert second.counter_account == PAYABLE.code
    assert (second.delta_minor, second.balance_minor) == (-50, 151)
    first = queries.get_statement(ESCROW).lines.items[0]
    assert (first.posted_at, first.occurred_at) == (now, now - HOUR)


@pytest.mark.usefixtures("days")
def test_statement_includes_its_first_moment_and_not_its_end(now: datetime) -> None:
    keys = [line.journal_key for line in queries.get_statement(ESCROW, from_=now, until=now + HOUR).lines.items]
    assert keys == ["release:W0"]


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_statement_pages_join_without_a_gap(now: datetime, limit: int) -> None:
    period = {"from_": now + 2 * HOUR, "until": now + 9 * HOUR}
    whole = queries.get_statement(ESCROW, **period)
    head = queries.get_statement(ESCROW, **period, limit=limit)
    by_cursor, by_line = list(head.lines.items), list(head.lines.items)
    page = head
    while page.lines.next_cursor:
        page = queries.get_statement(ESCROW, **period, cursor=page.lines.next_cursor, limit=limit)
        assert (page.opening, page.closing, page.line_count) == (whole.opening, whole.closing, whole.line_count)
        by_cursor += page.lines.items
    lines = head.lines
    while lines.next_cursor:
        lines = queries.next_lines(head, lines.items[-1], limit)
        by_line += lines.items
    assert tuple(by_cursor) == tuple(by_line) == whole.lines.items


def test_statement_of_an_account_without_bookings_is_unknown() -> None:
    with pytest.raises(AccountUnknown):
        queries.get_statement(ESCROW)


def test_balances_are_read_at_once_and_zero_where_nothing_was_booked(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lively_books(now)
    elsewhere = account(AccountKind.MERCHANT_ESCROW, "shop:404", Currency.JPY)
    with django_assert_num_queries(1):
        found = queries.balances([CLEARING, PAYABLE, PROMOTER, elsewhere])
    assert found == {
        CLEARING: Money(20_000 - 1_000 - 3_000, Currency.CNY),
        PAYABLE: Money(18_000 - 1_000 + 80 - 3_000, Currency.CNY),
        PROMOTER: Money(1_600 - 80, Currency.CNY),
        elsewhere: Money(0, Currency.JPY),
    }


def test_accounts_are_listed_by_kind_and_owner_in_pages(now: datetime) -> None:
    lively_books(now)
    every = queries.list_accounts().items
    assert [one.id for one in every] == sorted(one.id for one in every)
    first = queries.list_accounts(limit=3)
    rest = queries.list_accounts(cursor=first.next_cursor)
    assert first.items + rest.items == every
    assert rest.next_cursor is None
    assert [one.ref for one in queries.list_accounts(kind=AccountKind.CLEARING).items] == [CLEARING]
    assert {one.ref for one in queries.list_accounts(owner="shop:1").items} == {ESCROW, PAYABLE}


def test_account_unknown_until_its_first_booking() -> None:
    with pytest.raises(AccountUnknown):
        queries.get_account(PAYABLE)


def test_checkpoint_from_another_server_is_left_out(now: datetime) -> None:
    book(draft("capture:W1", (CLEARING, HELD, 70), now=now), now=now)
    assert tasks.checkpoint_summed_accounts(now) == 2
    db.execute("UPDATE ledger_checkpoint SET before_xid = '18446744073709551614', debits_minor = 1, credits_minor = 1")
    assert queries.get_balance(HELD) == Money(70, Currency.CNY)
    tasks.checkpoint_summed_accounts(now)
    assert queries.get_balance(HELD) == Money(70, Currency.CNY)
    assert db.row("SELECT count(*) FROM ledger_checkpoint WHERE before_xid > pg_current_xact_id()") == (0,)
