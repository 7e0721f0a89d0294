"""Proofs that what payments say of money at providers is what the books hold there."""

from __future__ import annotations

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, InvariantCheck
from wuyou.infra import db
from wuyou.kernel.money import Currency

_DISPUTED = """
    SELECT d.provider, i.currency, sum(d.withdrawn_minor - d.returned_minor - d.absorbed_minor)::bigint
    FROM payments_dispute d JOIN payments_intent i ON i.id = d.intent_id GROUP BY 1, 2 ORDER BY 1, 2
"""


_FEES = """
    SELECT provider, fee_currency, sum(fee_minor)::bigint FROM payments_bill_line WHERE kind <> 'passed'
    GROUP BY 1, 2 HAVING bool_or(fee_minor <> 0) ORDER BY 1, 2
"""


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from the rows. Cost: six queries; for a job."""
    return (
        _prove_sums("disputes_are_what_the_books_hold", AccountKind.DISPUTED, _DISPUTED),
        _prove_sums("fees_are_what_bills_say", AccountKind.PROVIDER_FEES, _FEES),
        _prove_lines(),
    )


def _prove_lines() -> InvariantCheck:
    """Each line of a bill is what we hold, or stands, or stood, open for staff."""
    count = db.row("SELECT count(*) FROM payments_bill_line") or (0,)
    found = db.rows(
        """
        SELECT l.provider, l.line_ref, l.kind, l.number, l.amount_minor, l.currency, l.is_matched
        FROM payments_bill_line l
        WHERE NOT l.is_matched AND NOT EXISTS (SELECT FROM payments_discrepancy p WHERE p.line_id = l.id)
           OR l.is_matched AND l.kind = 'paid' AND NOT EXISTS (
               SELECT FROM payments_intent i WHERE i.intent_no = l.number AND i.provider = l.provider
                  AND i.state = 'captured' AND i.amount_minor = l.amount_minor AND i.currency = l.currency)
           OR l.is_matched AND l.kind = 'returned' AND NOT EXISTS (
               SELECT FROM payments_refund f
               WHERE f.refund_no = l.number AND f.state = 'succeeded' AND f.amount_minor = l.amount_minor)
        ORDER BY l.id
        """
    )
    texts = tuple(f"{provider}: line {ref}: {facts}" for provider, ref, *facts in found[:5])
    return InvariantCheck("bill_lines_are_matched_or_open", "lines", count[0], len(found), texts)


def _prove_sums(name: str, kind: AccountKind, sql: str) -> InvariantCheck:
    """Of each provider and currency, rows of payments and the account say the same, also where there are no rows."""
    said = {AccountRef(kind, provider, Currency(code)): minor for provider, code, minor in db.rows(sql)}
    refs = {*said, *(account.ref for account in ledger.list_accounts(kind=kind, limit=200).items)}
    booked = ledger.balances(list(refs)) if refs else {}
    breaches = [
        f"{ref.code}: {booked[ref].amount_minor} in the books, {said.get(ref, 0)} by its rows"
        for ref in sorted(refs, key=lambda ref: ref.code)
        if booked[ref].amount_minor != said.get(ref, 0)
    ]
    return InvariantCheck(name, "accounts", len(refs), len(breaches), tuple(breaches[:5]))
