"""What the books and the event log hold, as plain values to compare."""

from __future__ import annotations

from typing import Any

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.kernel.money import Currency


def balances(provider: str = "sandbox") -> dict[str, int]:
    """What CLEARING (with one provider), BUYERS_HELD and REFUNDS_DUE hold, in fen."""
    refs = {
        "clearing": AccountRef(AccountKind.CLEARING, provider, Currency.CNY),
        "held": AccountRef(AccountKind.BUYERS_HELD, "", Currency.CNY),
        "due": AccountRef(AccountKind.REFUNDS_DUE, "", Currency.CNY),
    }
    found = ledger.balances(list(refs.values()))
    return {name: found[ref].amount_minor for name, ref in refs.items()}


def published(*numbers: str) -> list[tuple[str, str]]:
    """Names of payments' events about these intents and refunds, with their numbers, in order."""
    return [
        (name.removeprefix("payments."), number)
        for name, number in db.rows(
            """
            SELECT name, COALESCE(payload->>'refund_no', payload->>'intent_no') FROM event
            WHERE name LIKE 'payments.%%' AND COALESCE(payload->>'refund_no', payload->>'intent_no') = ANY(%s)
            ORDER BY seq
            """,
            [list(numbers)],
        )
    ]


def payment_rows() -> list[list[tuple[Any, ...]]]:
    """Every row that payments, the ledger and the event log keep: equal before and after means nothing changed."""
    return [
        db.rows(f"SELECT t::text FROM {table} t ORDER BY 1")
        for table in (
            "payments_intent",
            "payments_refund",
            "payments_mismatch",
            "payments_sandbox_charge",
            "payments_sandbox_refund",
            "payments_sandbox_notice",
            "ledger_journal",
            "ledger_transfer",
            "event",
        )
    ]
