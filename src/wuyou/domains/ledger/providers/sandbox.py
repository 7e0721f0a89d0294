"""A bank next door that pays nobody, and fails as real ones do: what it does is written in where the money goes.

A reference with `pending` in it is paid a minute later; `bounce` is accepted and fails a minute later; `closed` fails
at once; `mute` is done and not answered the first time; any other is paid at once. It refuses to run inside a
transaction of ours, and what it did is done whatever becomes of the caller.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from wuyou.domains.ledger.errors import MalformedPayee, PayoutProviderUnavailable, PayoutRefused
from wuyou.domains.ledger.providers.base import TransferResult, TransferState
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

LATER = timedelta(minutes=1)


class SandboxPayouts:
    """The bank."""

    name = "sandbox"

    def check_reference(self, reference: str) -> None:
        """4 to 40 letters, digits and hyphens."""
        if not re.fullmatch("[A-Za-z0-9-]{4,40}", reference):
            raise MalformedPayee(reference=reference[:60])

    @db.outside_transaction
    def send(self, *, payout_no: str, reference: str, amount: Money, now: datetime) -> TransferResult:
        """Take a payout in, once a number. Cost: two statements."""
        is_slow = "pending" in reference or "bounce" in reference
        is_first = db.execute(
            """
            INSERT INTO ledger_sandbox_payout
                (payout_no, reference, amount_minor, currency, will_fail, settles_at, taken_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (payout_no) DO NOTHING
            """,
            [
                payout_no, reference, amount.amount_minor, amount.currency.code,
                "bounce" in reference or "closed" in reference, now + LATER if is_slow else now, now,
            ],
        )  # fmt: skip
        if is_first and "mute" in reference:
            raise PayoutProviderUnavailable(provider=self.name)
        known = self.query(payout_no=payout_no, now=now)
        if known is None or known.amount != amount:
            raise PayoutRefused(reason="number_reused")
        return known

    @db.outside_transaction
    def query(self, *, payout_no: str, now: datetime) -> TransferResult | None:
        """What became of a payout."""
        found = db.row(
            """
            SELECT amount_minor, currency, will_fail, settles_at FROM ledger_sandbox_payout WHERE payout_no = %s
            """,
            [payout_no],
        )
        if found is None:
            return None
        amount_minor, code, will_fail, settles_at = found
        state, reason = TransferState.PENDING, ""
        if now >= settles_at:
            state, reason = (TransferState.FAILED, "account_closed") if will_fail else (TransferState.PAID, "")
        return TransferResult(payout_no, state, Money(amount_minor, Currency(code)), reason, max(settles_at, now))
