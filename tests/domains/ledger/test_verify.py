"""The proofs: they pass on books that are right, and each fires on books that are broken in its way."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from tests.builders.ledger import CLEARING, ESCROW, HELD, PAYABLE, PROMOTER, REVENUE, book, draft, lively_books
from tests.builders.people import make_person
from wuyou.domains.ledger import queries, statements, tasks
from wuyou.domains.ledger.types import InvariantCheck
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.surfaces.cli.ledger import ledger

ZERO = "balances of a currency sum to zero"
SUMS = "a balance is the sum of its transfers"
CHECKPOINTS = "checkpoints are the sum of what was final"
FLOORS = "no balance is below its floor"
CLAWBACK = "a promoter is below zero by clawback only"
CHART = "an account is what the chart says of its code"
FITS = "a transfer fits its journal and its accounts"
MOVES = "a journal moves money"
HASH = "a journal is as it was booked"
PAYOUTS = "payouts are what the books paid out"
REASONS = "reasons give what payees' accounts moved by"
MONTHS = "statements follow from reasons, month upon month"
LINES = "payout lines are what left the books and came back"
FORGIVEN = "a debt is written off by two"
SIGNED = "statements verify with their keys"
NEXT_MONTH = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
EVERY = {ZERO, SUMS, CHECKPOINTS, FLOORS, CLAWBACK, CHART, FITS, MOVES, HASH, PAYOUTS, REASONS, MONTHS, SIGNED,
         LINES, FORGIVEN}  # fmt: skip


def broken(checks: tuple[InvariantCheck, ...]) -> set[str]:
    return {check.name for check in checks if not check.holds}


def tamper(*changes: str) -> None:
    """Change rows as somebody with the owner's rights would: with the triggers out of the way.

    `:payable` and the like stand for the ids of the builder's accounts.
    """
    named = {":escrow": ESCROW, ":payable": PAYABLE, ":promoter": PROMOTER, ":held": HELD}
    ids = {name: str(queries.get_account(ref).id) for name, ref in named.items()}
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    tables = ("ledger_account", "ledger_journal", "ledger_transfer", "ledger_payout", "ledger_reason",
              "ledger_statement", "ledger_statement_line", "ledger_signing_key", "ledger_payout_return")  # fmt: skip
    for table in tables:
        db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for change in changes:
        touched = db.execute(re.sub(":[a-z]+", lambda name: ids[name[0]], change))
        assert touched > 0 or change.startswith("ALTER"), change
    for table in tables:
        db.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_lively_books_hold_and_every_proof_says_how_many_rows_it_read(now: datetime) -> None:
    lively_books(now)
    checks = queries.verify()
    assert broken(checks) == set()
    assert {check.name for check in checks} == EVERY
    accounts, summed = 7, 4
    journals = 2 * 6 + 1
    transfers = journals + 2 * 2
    counted = {"accounts": accounts, "summed accounts": summed, "journals": journals, "transfers": transfers}
    assert {check.name: check.checked_count for check in checks} == {
        check.name: counted[check.unit] for check in checks
    }


@pytest.mark.django_db
def test_empty_books_prove_nothing() -> None:
    checks = queries.verify()
    assert broken(checks) == EVERY
    assert {check.checked_count for check in checks} == {0}


def pay_and_forgive(now: datetime) -> None:
    """A batch with a line that was paid, one that came back, and a debt that two people forgave."""
    ann, ben = (Actor(make_person(now, name).id, is_staff=True) for name in ("Ann", "Ben"))
    for owner, place in (("shop:1", "bank-1234"), ("publisher:1", "bank-closed")):
        statements.name_payee(owner=owner, provider="sandbox", reference=place, now=now)
    assert statements.plan_batch(month=date(2026, 4, 1), minimum_minor=1, now=now) == 2
    assert statements.send_due(now) == 2
    book(draft("unsettle:R8", (PROMOTER, PAYABLE, 5_000), now=now), now=now)
    number = statements.ask_write_off(actor=ann, account=PROMOTER, amount_minor=7, reason="gone", now=now)
    statements.approve_write_off(actor=ben, number=number, now=now)


THAT = "SELECT id FROM ledger_statement WHERE month ="

# Each way to break the books, and exactly the proofs that must notice.
BREAKAGES: dict[str, tuple[list[str], set[str]]] = {
    "a kept sum is changed": (
        ["UPDATE ledger_account SET credits_minor = credits_minor + 1 WHERE id = :payable"],
        {ZERO, SUMS},
    ),
    "both sums of an account are changed, and its balance is not": (
        ["""UPDATE ledger_account SET debits_minor = debits_minor + 1, credits_minor = credits_minor + 1
            WHERE id = :escrow"""],
        {SUMS},
    ),
    "an amount is changed": (
        ["UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'settle' AND amount_minor = 800"],
        {SUMS, HASH, FLOORS, REASONS},
    ),
    "an amount between hot accounts is changed": (
        ["UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'capture'"],
        {HASH},
    ),
    "a transfer is removed": (
        ["DELETE FROM ledger_transfer WHERE kind = 'unsettle'"],
        {SUMS, HASH, MOVES, REASONS},
    ),
    "a transfer is added to a journal": (
        ["""INSERT INTO ledger_transfer (journal_id, debit_id, credit_id, amount_minor, currency, kind, posted_at)
            SELECT journal_id, debit_id, credit_id, 1, currency, kind, posted_at FROM ledger_transfer
            WHERE kind = 'capture' LIMIT 1"""],
        {HASH},
    ),
    "a transfer is turned round": (
        ["UPDATE ledger_transfer SET debit_id = credit_id, credit_id = debit_id WHERE kind = 'capture'"],
        {HASH},
    ),
    "a key is changed": (
        ["UPDATE ledger_journal SET key = key || 'x' WHERE kind = 'capture'"],
        {HASH},
    ),
    "a source is changed": (
        ["UPDATE ledger_journal SET source_ref = 'order:W9' WHERE kind = 'capture'"],
        {HASH},
    ),
    "a journal has no transfers": (
        ["""INSERT INTO ledger_journal (key, kind, source_ref, currency, input_hash, occurred_at, posted_at)
            SELECT 'empty', 'x', '', 'CNY', sha256(convert_to(E'empty\\x1fx\\x1f', 'UTF8')), occurred_at, posted_at
            FROM ledger_journal LIMIT 1"""],
        {MOVES},
    ),
    "a journal is removed under its transfers": (
        ["DELETE FROM ledger_journal WHERE key = 'capture:W1'"],
        {FITS},
    ),
    "a transfer says another currency": (
        ["UPDATE ledger_transfer SET currency = 'USD' WHERE kind = 'capture'"],
        {FITS},
    ),
    "a transfer says another moment": (
        ["UPDATE ledger_transfer SET posted_at = posted_at - interval '1 day' WHERE kind = 'capture'"],
        {FITS},
    ),
    "an account takes another currency": (
        ["UPDATE ledger_account SET currency = 'USD' WHERE kind = 'clearing'"],
        {ZERO, CHART, FITS},
    ),
    "an account goes below its floor": (
        ["ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_overdrawn",
         "UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE debit_id = :escrow AND amount_minor = 9000",
         "UPDATE ledger_account SET debits_minor = debits_minor + 2 WHERE id = :escrow",
         "UPDATE ledger_account SET credits_minor = credits_minor + 2 WHERE id = :payable"],
        {FLOORS, HASH, REASONS},
    ),
    "an account loses its floor": (
        ["UPDATE ledger_account SET may_go_negative = TRUE WHERE id = :escrow"],
        {CHART},
    ),
    "an account is renamed": (
        ["UPDATE ledger_account SET code = 'merchant_escrow/shop:2/CNY' WHERE id = :escrow"],
        {CHART, HASH},
    ),
    "a promoter is below zero without a clawback": (
        ["UPDATE ledger_journal SET kind = 'by_hand' WHERE kind = 'unsettle'",
         "UPDATE ledger_transfer SET amount_minor = amount_minor + 1000 WHERE debit_id = :promoter",
         "UPDATE ledger_account SET debits_minor = debits_minor + 2000 WHERE id = :promoter",
         "UPDATE ledger_account SET credits_minor = credits_minor + 2000 WHERE id = :payable"],
        {CLAWBACK, HASH, REASONS, SIGNED},
    ),
    "a checkpoint is wrong": (
        ["UPDATE ledger_checkpoint SET credits_minor = credits_minor + 1 WHERE account_id = :held"],
        {CHECKPOINTS, SUMS, ZERO},
    ),
    "a transfer appears before a checkpoint": (
        ["UPDATE ledger_transfer SET xid = '3' WHERE kind = 'capture'"],
        {CHECKPOINTS, SUMS},
    ),
    "a payout is forgotten": (
        ["DELETE FROM ledger_payout"],
        {PAYOUTS},
    ),
    "a payout says another amount": (
        ["UPDATE ledger_payout SET amount_minor = amount_minor - 1"],
        {PAYOUTS},
    ),
    "a payout is somebody else's": (
        ["UPDATE ledger_payout SET account_id = :promoter"],
        {PAYOUTS},
    ),
    "a payout points to a journal that pays nobody": (
        ["UPDATE ledger_payout SET journal_id = (SELECT id FROM ledger_journal WHERE key = 'settle:W1')"],
        {PAYOUTS},
    ),
    "a reason says another amount": (
        ["UPDATE ledger_reason SET amount_minor = 801 WHERE account_id = :promoter AND amount_minor = 800"],
        {REASONS, MONTHS, SIGNED},
    ),
    "a reason has other inputs": (
        ["UPDATE ledger_reason SET source = source || '!' WHERE account_id = :promoter AND amount_minor = 800"],
        {SIGNED},
    ),
    "a reason is forgotten that no statement has yet": (
        [f"DELETE FROM ledger_statement_line WHERE statement_id IN ({THAT} '2026-04-01')",
         "DELETE FROM ledger_statement WHERE month = '2026-04-01'",
         "DELETE FROM ledger_reason WHERE journal_id = (SELECT id FROM ledger_journal WHERE key = 'settle:W3')"],
        {REASONS},
    ),
    "a line leaves its statement": (
        ["DELETE FROM ledger_statement_line WHERE no = 3"],
        {MONTHS, SIGNED},
    ),
    "a statement says another closing balance": (
        ["UPDATE ledger_statement SET closing_minor = 1 WHERE month = '2026-03-01' AND account_id = :payable"],
        {MONTHS},
    ),
    "a head is written anew": (
        ["""UPDATE ledger_statement SET head = jsonb_set(head, '{issuer}', '"elsewhere"')
            WHERE account_id = :payable"""],
        {SIGNED},
    ),
    "a month is taken out of the chain": (
        [f"DELETE FROM ledger_statement_line WHERE statement_id IN ({THAT} '2026-03-01')",
         "DELETE FROM ledger_statement WHERE month = '2026-03-01'"],
        {MONTHS},
    ),
    "a key is replaced": (
        ["UPDATE ledger_signing_key SET public_key = reverse(public_key)"],
        {SIGNED},
    ),
}  # fmt: skip

# And of books from which a batch was paid and a debt was forgiven.
PAID: dict[str, tuple[list[str], set[str]]] = {
    "a line says another amount than left": (
        ["UPDATE ledger_payout_line SET amount_minor = 1 WHERE state = 'PAID'"],
        {LINES},
    ),
    "a line that was paid says that it failed": (
        ["UPDATE ledger_payout_line SET state = 'FAILED' WHERE state = 'PAID'"],
        {LINES},
    ),
    "a line was never sent": (
        ["UPDATE ledger_payout_line SET number = 'P9' WHERE state = 'PAID'"],
        {LINES},
    ),
    "a payout that came back is forgotten": (
        ["DELETE FROM ledger_payout_return"],
        {LINES},
    ),
    "a debt is written off by one": (
        ["ALTER TABLE ledger_write_off DROP CONSTRAINT write_off_takes_two",
         "UPDATE ledger_write_off SET decided_by_id = asked_by_id"],
        {FORGIVEN},
    ),
    "a write-off says another amount": (
        ["UPDATE ledger_write_off SET amount_minor = amount_minor + 1"],
        {FORGIVEN},
    ),
    "a write-off is forgotten": (
        ["DELETE FROM ledger_write_off"],
        {FORGIVEN},
    ),
}  # fmt: skip
BREAKAGES |= PAID


@pytest.mark.django_db
@pytest.mark.parametrize("breakage", list(BREAKAGES))
def test_broken_books_are_noticed(now: datetime, breakage: str) -> None:
    lively_books(now)
    tasks.checkpoint_summed_accounts(now)
    book(draft("settle:W3", (REVENUE, PAYABLE, 2), now=NEXT_MONTH), now=NEXT_MONTH)
    assert tasks.close_months(NEXT_MONTH) == 2
    assert tasks.close_months(NEXT_MONTH + timedelta(days=31)) == 2
    if breakage in PAID:
        pay_and_forgive(NEXT_MONTH + timedelta(days=49))
    assert broken(queries.verify()) == set()
    changes, expected = BREAKAGES[breakage]
    tamper(*changes)
    checks = queries.verify()
    assert broken(checks) == expected
    assert all(check.examples for check in checks if check.name in expected)


def test_every_proof_has_a_breakage_that_fires_it() -> None:
    assert set().union(*(fired for _, fired in BREAKAGES.values())) == EVERY


@pytest.mark.django_db
def test_promoter_below_zero_by_clawback_is_right(now: datetime) -> None:
    lively_books(now)
    book(draft("unsettle:R9", (PROMOTER, PAYABLE, 5_000), now=now), now=now)
    assert queries.get_balance(PROMOTER).amount_minor == 1_520 - 5_000
    assert broken(queries.verify()) == set()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(ledger, arguments)


@pytest.mark.usefixtures("world")
def test_command_verify_passes_on_books_that_hold_fails_on_broken_ones_and_says_where_nothing_is(now: datetime) -> None:
    empty = run("verify")
    assert empty.exit_code == 0
    assert empty.output.count("nothing to check yet, no ") == len(EVERY)
    assert "ok " not in empty.output
    assert f"{len(EVERY)} of {len(EVERY)} proofs had nothing to check yet, and prove nothing." in empty.output

    lively_books(now)
    good = run("verify")
    assert (good.exit_code, good.output.count("ok ")) == (0, len(EVERY))
    assert "17 transfers checked, 0 wrong" in good.output

    db.in_transaction(lambda: tamper("UPDATE ledger_payout SET amount_minor = 1"))
    bad = run("verify")
    assert bad.exit_code == 1
    assert bad.output.count("BROKEN") == 1
    assert "payout:P1 and its payout differ" in bad.output
    by_name = {line["name"]: line for line in map(json.loads, run("verify", "--json").stdout.splitlines())}
    assert by_name[PAYOUTS]["breach_count"] == 1
    assert {name for name, line in by_name.items() if not line["holds"]} == {PAYOUTS}


@pytest.mark.usefixtures("world")
def test_command_statement_prints_any_account(now: datetime) -> None:
    lively_books(now)
    table = run("statement", CLEARING.code)
    assert table.exit_code == 0
    assert table.output.splitlines()[-1].endswith("160.00 CNY")
    assert "+100.00 CNY" in table.output
    assert "-30.00 CNY" in table.output

    whole = json.loads(run("statement", PAYABLE.code, "--json").output)
    assert (whole["opening_minor"], whole["closing_minor"]) == (0, 14_080)
    assert sum(line["delta_minor"] for line in whole["lines"]) == 14_080
    assert whole["lines"][-1]["balance_minor"] == 14_080

    header, *lines = run("statement", PAYABLE.code, "--csv").output.splitlines()
    assert header.startswith("transfer_id,posted_at")
    assert len(lines) == len(whole["lines"])

    day = run("statement", PAYABLE.code, "--from", "2026-03-02")
    assert "closing, 0 lines" in day.output
    assert day.output.count("140.80 CNY") == 2


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["statement", "nothing"], 2, "is not an account"),
        (["statement", "merchant_payable/shop:404/CNY"], 1, "ledger.account_unknown"),
        (["statement", "buyers_held/CNY", "--from", "soon"], 2, "is not a day or a moment"),
        (["payout", "merchant_payable/shop:404/CNY", "--amount-minor", "1", "--payout-no", "P", "--provider", "x"],
         1, "ledger.account_unknown"),
    ],
)  # fmt: skip
def test_commands_refuse_in_one_line(arguments: list[str], code: int, text: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == code
    assert text in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.usefixtures("world")
def test_commands_list_accounts_and_pay_out(now: datetime) -> None:
    lively_books(now)
    listed = run("accounts", "--kind", "merchant_payable")
    assert listed.output.split() == [PAYABLE.code, "140.80", "CNY"]
    payout = ["payout", PAYABLE.code, "--amount-minor", "4080", "--payout-no", "P2", "--provider", "sandbox"]
    for _ in range(2):
        paid = run(*payout)
        assert paid.output == "P2: 40.80 CNY to merchant_payable/shop:1/CNY, 100.00 CNY left\n"
    too_much = run(*payout[:3], "10001", "--payout-no", "P3", "--provider", "sandbox")
    assert (too_much.exit_code, "ledger.payout_exceeds_balance" in too_much.output) == (1, True)
