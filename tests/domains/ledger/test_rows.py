"""What the rows themselves refuse, whoever writes to them."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError

from tests.builders.ledger import CLEARING, ESCROW, HELD, account, book, draft, lively_books
from wuyou.domains.ledger import queries
from wuyou.domains.ledger.types import AccountKind
from wuyou.infra import db
from wuyou.kernel.money import Currency

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(now: datetime) -> None:
    lively_books(now)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")


def everything() -> list[tuple[str, ...]]:
    return db.rows(
        """
        SELECT a::text FROM ledger_account a UNION ALL SELECT j::text FROM ledger_journal j
        UNION ALL SELECT t::text FROM ledger_transfer t UNION ALL SELECT p::text FROM ledger_payout p ORDER BY 1
        """
    )


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transfer SET amount_minor = amount_minor + 1",
        "UPDATE ledger_transfer SET kind = kind WHERE FALSE",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "UPDATE ledger_journal SET source_ref = 'order:W9'",
        "DELETE FROM ledger_journal WHERE key = 'capture:W1'",
        "TRUNCATE ledger_journal CASCADE",
        "UPDATE ledger_payout SET amount_minor = 1",
        "DELETE FROM ledger_payout",
        "TRUNCATE ledger_payout CASCADE",
        "UPDATE ledger_account SET code = 'merchant_escrow/shop:9/CNY' WHERE kind = 'merchant_escrow'",
        "UPDATE ledger_account SET may_go_negative = TRUE",
        "UPDATE ledger_account SET is_summed = FALSE",
        "UPDATE ledger_account SET currency = 'USD'",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
    ],
)
def test_what_is_booked_stays_as_it_was_booked(change: str) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match="final"), db.savepoint():
        db.execute(change)
    assert everything() == before


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        (
            "UPDATE ledger_account SET debits_minor = credits_minor + 1 WHERE kind = 'merchant_escrow'",
            "ledger_account_not_overdrawn",
        ),
        ("UPDATE ledger_account SET credits_minor = 1 WHERE kind = 'clearing'", "ledger_account_summed_holds_no_sums"),
        (
            "UPDATE ledger_account SET debits_minor = -1 WHERE kind = 'merchant_payable'",
            "ledger_account_sums_not_negative",
        ),
    ],
)
def test_sums_stay_where_the_chart_allows(change: str, constraint: str) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match=constraint), db.savepoint():
        db.execute(change)
    assert everything() == before


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"amount_minor": 0}, "ledger_transfer_amount_in_range"),
        ({"amount_minor": -5}, "ledger_transfer_amount_in_range"),
        ({"amount_minor": 10**15 + 1}, "ledger_transfer_amount_in_range"),
        ({"debit": HELD}, "ledger_transfer_moves"),
        ({"debit_id": 0}, "does not fit"),
        ({"journal_id": 0}, "does not fit"),
        ({"currency": "USD"}, "does not fit"),
        ({"debit": account(AccountKind.CLEARING, "sandbox", Currency.USD)}, "does not fit"),
        ({"posted_at": "2020-01-01"}, "does not fit"),
    ],
)
def test_a_transfer_that_fits_no_journal_is_refused(now: datetime, different: dict[str, object], reason: str) -> None:
    usd = account(AccountKind.CLEARING, "sandbox", Currency.USD), account(AccountKind.BUYERS_HELD, "", Currency.USD)
    (journal, _) = book(
        draft("capture:W1", (CLEARING, HELD, 10), now=now), draft("capture:W2", (*usd, 10), now=now), now=now
    )
    values = {
        "journal_id": journal.id,
        "debit": CLEARING,
        "credit": HELD,
        "amount_minor": 1,
        "currency": "CNY",
        "posted_at": now,
        **different,
    }
    debit_id = values.get("debit_id", queries.get_account(values["debit"]).id)  # type: ignore[arg-type]
    credit_id = queries.get_account(values["credit"]).id  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match=reason), db.savepoint():
        db.execute(
            """
            INSERT INTO ledger_transfer (journal_id, debit_id, credit_id, amount_minor, currency, posted_at, kind)
            VALUES (%s, %s, %s, %s, %s, %s, 'x')
            """,
            [
                values["journal_id"],
                debit_id,
                credit_id,
                values["amount_minor"],
                values["currency"],
                values["posted_at"],
            ],
        )


def test_a_key_is_one_journal(now: datetime) -> None:
    book(draft("release:W1", (HELD, ESCROW, 10), now=now), now=now)
    with pytest.raises(IntegrityError, match="ledger_journal_key"), db.savepoint():
        db.execute(
            """
            INSERT INTO ledger_journal (key, kind, source_ref, currency, input_hash, occurred_at, posted_at)
            SELECT key, kind, source_ref, currency, input_hash, occurred_at, posted_at FROM ledger_journal
            """
        )
