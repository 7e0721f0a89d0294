"""Addresses of lists, and files that spreadsheets read as they are meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from tests.surfaces.staff.reading import rows_of
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import Page, cut_page
from wuyou.surfaces.ui import lists
from wuyou.surfaces.ui.lists import Trail


@pytest.mark.parametrize(
    ("after", "trail"),
    [
        ("", Trail()),
        ("90", Trail((90,))),
        ("90.40", Trail((90, 40))),
        ("90.", Trail()),
        ("-1", Trail()),
        ("²", Trail()),
        ("9" * 19, Trail()),
    ],
)
def test_a_trail_is_read_from_the_address(after: str, trail: Trail) -> None:
    assert lists.trail_of(RequestFactory().get("/", {"after": after})) == trail


def test_paging_walks_forth_and_back_and_keeps_the_filters() -> None:
    request = RequestFactory().get("/staff/teams", {"state": "FORMED", "after": "90.40"})

    links = lists.paging(request, lists.trail_of(request), 12)

    assert links.next_href == "/staff/teams?state=FORMED&after=90.40.12"
    assert links.previous_href == "/staff/teams?state=FORMED&after=90"


def test_the_last_page_leads_nowhere_and_the_first_one_not_back() -> None:
    request = RequestFactory().get("/staff/teams")

    links = lists.paging(request, lists.trail_of(request), None)

    assert (links.previous_href, links.next_href) == ("", "")


def test_a_filter_begins_at_its_first_page() -> None:
    request = RequestFactory().get("/staff/teams", {"after": "90", "order": "oldest", "format": "csv"})

    assert lists.href(request, state="FORMED") == "/staff/teams?order=oldest&state=FORMED"
    assert lists.href(request, order="") == "/staff/teams"


def test_all_items_reads_page_by_page() -> None:
    def read(cursor: int | None) -> Page[int]:
        return cut_page([n for n in range(1, 8) if n > (cursor or 0)][:3], 2, lambda n: n)

    assert list(lists.all_items(read)) == [1, 2, 3, 4, 5, 6, 7]


def test_values_are_written_for_spreadsheets() -> None:
    at = datetime(2026, 3, 1, 4, 0, 0, 999, tzinfo=UTC)
    values = [Money(-1250, Currency.CNY), Money(980, Currency.JPY), Money(5, Currency.CNY), at, None, 7]

    (row,) = rows_of(lists.csv_answer("file", ["a", "b", "c", "d", "e", "f"], [values]))

    assert list(row.values()) == ["-12.50", "980", "0.05", "2026-03-01T12:00:00+08:00", "", "7"]


@pytest.mark.parametrize("name", ["=1+1", "+86", "-x", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_is_a_formula(name: str) -> None:
    (row,) = rows_of(lists.csv_answer("file", ["name"], [[name]]))

    assert row["name"] == f"'{name}"


def test_a_file_without_rows_has_its_columns() -> None:
    answer = lists.csv_answer("orders", ["order_no"], [])

    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert b"".join(answer) == "\ufefforder_no\r\n".encode()  # type: ignore[arg-type]  (streaming answers hold bytes)


@pytest.mark.parametrize(("typed", "term"), [("  W1 ", "W1"), ("x" * 80, "x" * 64), ("a\x00b", ""), ("", "")])
def test_a_search_term_is_trimmed(typed: str, term: str) -> None:
    assert lists.search_term(RequestFactory().get("/", {"q": typed})) == term
