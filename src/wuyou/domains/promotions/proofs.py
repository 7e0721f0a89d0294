"""Proofs that what promotions gave is within what they have, and is what the books paid."""

from __future__ import annotations

from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import AccountKind, AccountRef, InvariantCheck
from wuyou.infra import db
from wuyou.kernel.money import Currency

_NUMBERS = """
    SELECT 'promotion ' || p.id || ' counts ' || p.claimed_count || ' claimed, ' || coalesce(v.n, 0) || ' are there',
           p.claimed_count <> coalesce(v.n, 0) OR v.n > p.total_count OR v.most > p.per_person
    FROM promotions_promotion p
    LEFT JOIN (SELECT promotion_id, sum(n)::bigint AS n, max(n) AS most
               FROM (SELECT promotion_id, person_id, count(*) AS n FROM promotions_voucher GROUP BY 1, 2) AS each
               GROUP BY 1) AS v ON v.promotion_id = p.id
"""
_STATES = """
    SELECT 'voucher ' || v.id || ' is ' || v.state || ', its uses say otherwise',
           (v.state = 'HELD', v.state = 'USED') IS DISTINCT FROM (coalesce(u.held, 0) = 1, coalesce(u.used, 0) = 1)
           OR coalesce(u.held, 0) + coalesce(u.used, 0) > 1 OR u.is_uneven
    FROM promotions_voucher v
    LEFT JOIN (SELECT voucher_id, count(*) FILTER (WHERE state = 'HELD') AS held,
                      count(*) FILTER (WHERE state = 'REDEEMED' AND NOT is_voucher_back) AS used,
                      bool_or(amount_minor <> (SELECT sum(part) FROM unnest(line_minor) AS part)) AS is_uneven
               FROM promotions_use GROUP BY 1) AS u ON u.voucher_id = v.id
"""
_BUDGETS = """
    SELECT 'promotion ' || p.id || ' says ' || p.spent_minor || ' spent, its uses ' || coalesce(sum(u.left_minor), 0),
           p.budget_minor IS NOT NULL AND p.kind = 'COUPON'
           AND (p.spent_minor <> coalesce(sum(u.left_minor), 0) OR p.spent_minor > p.budget_minor)
    FROM promotions_promotion p LEFT JOIN promotions_voucher v ON v.promotion_id = p.id
    LEFT JOIN (SELECT voucher_id, amount_minor - back_minor AS left_minor FROM promotions_use
               WHERE state <> 'RELEASED') AS u ON u.voucher_id = v.id
    GROUP BY p.id
"""


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from the rows: numbers, states, budgets, and the books of red packets. Cost: five queries; for a job."""
    return (
        _prove("vouchers_are_within_their_number", "promotions", _NUMBERS),
        _prove("vouchers_are_where_their_uses_say", "vouchers", _STATES),
        _prove("coupons_are_within_their_budget", "promotions", _BUDGETS),
        _prove_funds(),
    )


def _prove(name: str, unit: str, sql: str) -> InvariantCheck:
    found = db.rows(sql)
    return _check(name, unit, len(found), [what for what, is_broken in found if is_broken])


def _prove_funds() -> InvariantCheck:
    """Of an open packet lies in the books what was set aside less what it paid; of a closed one nothing."""
    found = db.rows(
        """
        SELECT p.id, p.currency,
               CASE WHEN p.closed_at IS NULL THEN p.budget_minor - coalesce(sum(u.amount_minor - u.back_minor), 0)
                    ELSE 0 END::bigint
        FROM promotions_promotion p LEFT JOIN promotions_voucher v ON v.promotion_id = p.id
        LEFT JOIN promotions_use u ON u.voucher_id = v.id AND u.state = 'REDEEMED'
        WHERE p.kind = 'PACKET' GROUP BY p.id ORDER BY p.id
        """
    )
    refs = [AccountRef(AccountKind.PROMOTION_FUND, f"packet:{number}", Currency(code)) for number, code, _ in found]
    booked = ledger.balances(refs) if refs else {}
    breaches = [
        f"{ref.code}: {booked[ref].amount_minor} in the books, {left_minor} by its uses"
        for ref, (_, _, left_minor) in zip(refs, found, strict=True)
        if booked[ref].amount_minor != left_minor
    ]
    return _check("packets_are_what_the_books_hold", "packets", len(found), breaches)


def _check(name: str, unit: str, count: int, breaches: list[str]) -> InvariantCheck:
    return InvariantCheck(name, unit, count, len(breaches), tuple(breaches[:5]))
