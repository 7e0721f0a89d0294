"""Accounts, statements, transfers and the proof of the books."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.surfaces.staff import scenes
from tests.surfaces.staff.reading import rows_of, words_of
from wuyou.domains.alliance import queries as alliance
from wuyou.domains.ledger import queries
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE, business_date
from wuyou.kernel.money import Currency
from wuyou.surfaces.staff.pages import books
from wuyou.surfaces.ui import lists

ACCOUNTS, TRANSFERS, BOOKS = reverse("staff:accounts"), reverse("staff:transfers"), reverse("staff:books")
HELD = AccountRef(AccountKind.BUYERS_HELD, "", Currency.CNY)
STATEMENT = reverse("staff:statement", args=[HELD.code])


def test_accounts_are_named_as_people_know_them(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    scenes.completed_order(present, market)

    with django_assert_num_queries(9):
        text = words_of(client.get(ACCOUNTS))

    assert "Owed to shops · Peach Hill ¥53.10" in text
    assert f"merchant_payable/shop:{market.shop.id}/CNY" in text
    assert "Owed to promoters · 林巧" in text


def test_accounts_of_one_kind_and_their_sum(present: datetime, client: Client) -> None:
    scenes.paid_order(present, scenes.make_market(present))
    scenes.paid_order(present, scenes.make_market(present))

    text = words_of(client.get(ACCOUNTS, {"kind": "merchant_escrow"}))

    assert text.count("merchant_escrow/shop:") == 2
    assert "buyers_held/CNY" not in text
    assert "¥118.00" in text


def test_accounts_by_balance_go_on_from_page_to_page(present: datetime) -> None:
    for _ in range(3):
        scenes.paid_order(present, scenes.make_market(present))
    scenes.refund(present, scenes.paid_order(present, scenes.make_market(present)), 1_000)

    read = list(lists.all_items(lambda cursor: queries.list_accounts_by_balance(cursor=cursor, limit=2)))

    balances = [account.balance.amount_minor for account in read]
    assert balances == sorted(balances, reverse=True)
    assert {account.id for account in read} == {account.id for account in queries.list_accounts().items}
    assert len(read) == 7


def test_the_head_of_the_balances_orders_by_them(present: datetime, client: Client) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    scenes.completed_order(present, market)

    text = words_of(client.get(ACCOUNTS, {"order": "balance"}))

    assert text.index("clearing/sandbox/CNY") < text.index("merchant_payable/") < text.index("platform_revenue/CNY")
    assert 'aria-sort="descending"' in client.get(ACCOUNTS, {"order": "balance"}).content.decode()


def test_accounts_as_a_file_sum_to_zero(present: datetime, client: Client) -> None:
    market = scenes.make_market(present - timedelta(days=30))
    scenes.completed_order(present, market)

    rows = rows_of(client.get(ACCOUNTS, {"format": "csv"}))

    assert len(rows) == len(queries.list_accounts().items)
    assert sum(Decimal(row["debited"]) - Decimal(row["credited"]) for row in rows) == 0


def test_without_bookings_there_are_no_accounts(client: Client) -> None:
    assert "No accounts yet" in words_of(client.get(ACCOUNTS))
    assert "The books are empty" in words_of(client.get(TRANSFERS))


def test_a_statement_runs_from_its_opening_to_its_closing_balance(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    order = scenes.paid_order(present, market)
    scenes.forming_team(present, market)

    with django_assert_num_queries(6):
        text = words_of(client.get(STATEMENT))

    assert "Opening balance" in text
    assert "Payment captured At providers · sandbox ¥59.00 ¥59.00" in text
    assert f"Released to the shop In escrow · Peach Hill -¥59.00 ¥0.00 order:{order.order_no}" in text
    assert "Payment captured At providers · sandbox ¥39.00 ¥78.00" in text


def test_a_period_holds_its_first_day_and_not_its_last(present: datetime, client: Client) -> None:
    market = scenes.make_market(present - timedelta(days=10))
    today = business_date(present)
    first_moment = datetime.combine(today - timedelta(days=3), time(), BUSINESS_ZONE)
    inside = scenes.paid_order(first_moment, market)
    after = scenes.paid_order(first_moment + timedelta(days=1), market)
    before = scenes.paid_order(first_moment - timedelta(microseconds=1), market)

    period = {"since": (today - timedelta(days=3)).isoformat(), "until": (today - timedelta(days=2)).isoformat()}
    text = words_of(client.get(STATEMENT, period))
    rows = rows_of(client.get(STATEMENT, period | {"format": "csv"}))

    assert inside.order_no in text
    assert after.order_no not in text
    assert before.order_no not in text
    assert [(row["change"], row["balance"]) for row in rows] == [("59.00", "59.00"), ("-59.00", "0.00")]


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [("2026-03-02", "2026-03-02", "The period ends before it begins."), ("yesterday", "", "Enter a valid date.")],
)
def test_a_period_that_makes_no_sense_is_told(
    present: datetime, client: Client, since: str, until: str, sentence: str
) -> None:
    scenes.paid_order(present, scenes.make_market(present))

    answer = client.get(STATEMENT, {"since": since, "until": until, "format": "csv"})

    assert answer.status_code == 422
    assert sentence in words_of(answer)


def test_a_statement_as_a_file_goes_beyond_a_page(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    for _ in range(51):
        scenes.paid_order(present, market)

    rows = rows_of(client.get(STATEMENT, {"format": "csv"}))
    page = words_of(client.get(STATEMENT))
    second = words_of(client.get(STATEMENT, {"after": "1.2"}))

    assert len(rows) == queries.get_statement(HELD).line_count == 102
    assert rows[-1]["balance"] == "0.00"
    assert "Page 1 Next page" in page
    assert "Previous page Page 3" in second


@pytest.mark.parametrize("code", ["nonsense", "buyers_held/shop:1/CNY", "merchant_escrow/CNY", "buyers_held/XXX"])
def test_a_code_that_names_no_account_is_refused(client: Client, code: str) -> None:
    assert client.get(reverse("staff:statement", args=[code])).status_code == 422


def test_an_account_without_bookings_is_not_found(client: Client) -> None:
    assert client.get(reverse("staff:statement", args=["merchant_payable/shop:9/CNY"])).status_code == 404


def test_journals_show_their_transfers(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market = scenes.make_market(present)
    orders = [scenes.paid_order(present, market) for _ in range(3)]

    with django_assert_num_queries(6):
        text = words_of(client.get(TRANSFERS))

    assert text.count("Held for buyers In escrow · Peach Hill ¥59.00") == 3
    assert all(f"capture:{order.order_no}" in text for order in orders)


def test_a_number_finds_the_journals_of_its_order_and_payment(present: datetime, client: Client) -> None:
    market = scenes.make_market(present)
    order, other = scenes.paid_order(present, market), scenes.paid_order(present, market)

    text = words_of(client.get(TRANSFERS, {"q": order.order_no}))
    rows = rows_of(client.get(TRANSFERS, {"q": order.order_no, "format": "csv"}))

    assert f"capture:{order.order_no}" in text
    assert f"release:{order.order_no}" in text
    assert other.order_no not in text
    assert {row["source_ref"] for row in rows} == {order.order_no, f"order:{order.order_no}"}
    oldest = words_of(client.get(TRANSFERS, {"q": order.order_no, "order": "oldest"}))
    assert text.index("release:") < text.index("capture:")
    assert oldest.index("capture:") < oldest.index("release:")
    assert "Nothing was booked for “W1”" in words_of(client.get(TRANSFERS, {"q": "W1"}))


# ---------------------------------------------------------------- the proof


def test_the_books_wait_to_be_asked(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):
        text = words_of(client.get(BOOKS))

    assert "Verify" in text
    assert "holds" not in text


def test_the_ledger_proves_itself_with_the_rows_that_it_checked(
    present: datetime, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scenes.completed_order(present, scenes.make_market(present - timedelta(days=30)))
    checks = queries.verify()

    with django_assert_num_queries(4 + len(checks)):
        answer = client.get(BOOKS, {"prove": "ledger"})

    text = words_of(answer)
    assert f"Every promise holds: {sum(check.checked_count for check in checks)} rows checked" in text
    assert answer.content.decode().count("check__mark--holds") == len(checks)


def test_the_commissions_prove_themselves(present: datetime, client: Client) -> None:
    scenes.completed_order(present, scenes.make_market(present - timedelta(days=30)))

    text = words_of(client.get(BOOKS, {"prove": "alliance"}))

    assert "Every promise holds" in text
    assert "1 conversions" in text


def test_empty_books_prove_nothing(client: Client) -> None:
    text = words_of(client.get(BOOKS, {"prove": "ledger"}))

    assert "There is nothing to prove yet" in text
    assert "Every promise holds" not in text


def test_a_broken_promise_is_shown_with_its_row(present: datetime, client: Client) -> None:
    order = scenes.paid_order(present, scenes.make_market(present))
    db.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
    db.execute("UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'release'")
    db.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")

    text = words_of(client.get(BOOKS, {"prove": "ledger"}))

    assert "Stop payouts" in text
    assert f"release:{order.order_no} was changed after it was booked" in text


def test_every_promise_has_its_sentence(world: None) -> None:
    for check in (*queries.verify(), *alliance.verify()):
        assert check.name in books.SENTENCES
        assert check.unit in books.UNITS
