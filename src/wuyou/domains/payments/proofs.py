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


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from the rows. Cost: two queries; for a job."""
    return (_prove_sums("disputes_are_what_the_books_hold", AccountKind.DISPUTED, _DISPUTED),)


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
