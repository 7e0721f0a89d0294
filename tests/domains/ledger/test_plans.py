"""What a read of long books touches: the tail since the checkpoint, a page of lines, one source."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.builders.ledger import CLEARING, HELD, account, book, draft
from wuyou.domains.ledger import queries, tasks
from wuyou.domains.ledger.sums import SUMS
from wuyou.domains.ledger.types import AccountKind
from wuyou.infra import db

LONG, TAIL = 4_000, 30


@pytest.fixture
def long_books(world: None, now: datetime) -> None:
    """Thousands of captures and releases before the checkpoint, a few after it."""
    shops = [account(AccountKind.MERCHANT_ESCROW, f"shop:{n}") for n in range(40)]
    book(*[draft(f"capture:W{n}", (CLEARING, HELD, 1), now=now) for n in range(LONG)], now=now)
    book(*[draft(f"release:W{n}", (HELD, shops[n % 40], 1), now=now) for n in range(LONG)], now=now)
    deadline = time.monotonic() + 30
    while True:  # other tests on the same server may have older transactions open, which hold a checkpoint back
        tasks.checkpoint_summed_accounts(now)
        if db.row("SELECT min(before_xid) > (SELECT max(xid) FROM ledger_transfer) FROM ledger_checkpoint") == (True,):
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    book(*[draft(f"capture:T{n}", (CLEARING, HELD, 1), now=now) for n in range(TAIL)], now=now)
    for table in ("ledger_transfer", "ledger_journal", "ledger_account", "ledger_checkpoint"):
        db.execute(f"VACUUM ANALYZE {table}")


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def scans(sql: str, params: dict[str, object] | list[object]) -> list[tuple[str, str, int]]:
    """(table, index or "", rows looked at in all) of each scan that really ran."""
    found = db.row("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params)
    assert found
    return [
        (
            node["Relation Name"],
            node.get("Index Name", ""),
            round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]),
        )
        for node in nodes(found[0][0]["Plan"])
        if "Relation Name" in node and node["Actual Loops"]
    ]


@pytest.mark.usefixtures("long_books")
@pytest.mark.parametrize("plan_cache_mode", ["force_custom_plan", "force_generic_plan"])
def test_balance_of_a_hot_account_reads_only_what_came_since_its_checkpoint(plan_cache_mode: str) -> None:
    db.execute(f"SET plan_cache_mode = {plan_cache_mode}")
    try:
        read = [scan for scan in scans(f"{SUMS} WHERE a.code = ANY(%s)", [[HELD.code]]) if scan[0] == "ledger_transfer"]
    finally:
        db.execute("RESET plan_cache_mode")
    assert read == [("ledger_transfer", "ledger_transfer_since", TAIL)]
    assert queries.get_balance(HELD).amount_minor == TAIL


@pytest.mark.usefixtures("long_books")
def test_balance_of_a_kept_account_reads_no_transfer() -> None:
    tables = {
        table
        for table, _, _ in scans(
            f"{SUMS} WHERE a.code = ANY(%s)", [[account(AccountKind.MERCHANT_ESCROW, "shop:1").code]]
        )
    }
    assert "ledger_transfer" not in tables
    assert "ledger_account" in tables


@pytest.mark.usefixtures("long_books")
def test_next_page_of_a_statement_reads_a_page(now: datetime) -> None:
    head = queries.get_statement(CLEARING, limit=50)
    last = head.lines.items[-1]
    parameters = {"code": CLEARING.code, "from": None, "until": None, "after_at": last.posted_at,
                  "after_id": last.transfer_id, "carried": last.balance_minor, "limit": 51}  # fmt: skip
    read = scans(queries._NEXT_LINES, parameters)
    assert sum(rows for table, _, rows in read if table == "ledger_transfer") <= 3 * 51
    assert len(queries.next_lines(head, last, 50).items) == 50


@pytest.mark.usefixtures("long_books")
def test_journals_of_a_source_are_found_by_index() -> None:
    read = scans("SELECT * FROM ledger_journal WHERE source_ref = ANY(%s) ORDER BY id DESC LIMIT 51", [["order:W404"]])
    assert read == [("ledger_journal", "ledger_journal_by_source", 0)]
    assert queries.list_journals(source_refs=["order:W404"]).items == ()
