"""The page about the ledger says what the ledger does."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.builders.ledger import CLEARING, DUE, ESCROW, HELD, PAYABLE, PROMOTER, REVENUE, book, order_history
from wuyou.domains.ledger import documents, errors, invariants, queries
from wuyou.domains.ledger.types import AccountKind
from wuyou.kernel.errors import DomainError

PAGE = (Path(__file__).parents[3] / "docs" / "domains" / "ledger.md").read_text()


def tables() -> list[list[list[str]]]:
    """Every table of the page, as rows of cells, its ruler left out."""
    found: list[list[list[str]]] = [[]]
    for line in PAGE.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not set(line) <= set("|-"):
                found[-1].append(cells)
        elif found[-1]:
            found.append([])
    return found


def test_page_names_every_error() -> None:
    codes = [kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]
    assert [code for code in codes if f"`{code}`" not in PAGE and code != DomainError.code] == []


def test_page_lists_every_invariant_and_what_it_looks_at() -> None:
    (listed,) = [table[1:] for table in tables() if table and table[0][0] == "invariant"]
    signed = (documents.SIGNED, "accounts")
    assert [tuple(row) for row in listed] == [*((name, unit) for name, unit, _ in invariants.ALL), signed]


def test_page_says_the_chart_of_accounts() -> None:
    (chart,) = [table[1:] for table in tables() if table and table[0][0] == "kind"]
    assert [row[0].strip("`") for row in chart] == [kind.value for kind in AccountKind]
    for row, kind in zip(chart, AccountKind, strict=True):
        assert row[1] == kind.side.value
        assert bool(row[2]) is kind.is_owned
        assert (row[3] != "never") is kind.may_go_negative
        assert (row[4] == "summed") is kind.is_summed


@pytest.mark.django_db
def test_worked_example_adds_up_as_the_books_do(now: datetime) -> None:
    (example,) = [table for table in tables() if table and table[0][1:2] == ["clearing"]]
    columns = dict(zip(example[0][1:], (CLEARING, HELD, ESCROW, PAYABLE, PROMOTER, REVENUE, DUE), strict=True))
    for journal, (_, *cells) in zip(order_history("W1", now), example[1:], strict=True):
        book(journal, now=now)
        told = {name: int(cell.replace(".", "") or 0) for name, cell in zip(columns, cells, strict=True)}
        assert told == {name: queries.get_balance(ref).amount_minor for name, ref in columns.items()}
