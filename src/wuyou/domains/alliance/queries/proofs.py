"""Proofs that what is stored follows from what it was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.queries.attribution import trace
from wuyou.domains.alliance.queries.commissions import TERMS, TERMS_WIDTH, account_of, standings, terms_from
from wuyou.domains.alliance.queries.order_proofs import (
    verify_attributed,
    verify_funnel,
    verify_one_part,
    verify_orders,
)
from wuyou.domains.alliance.types import SETTLE_KIND
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, InvariantCheck
from wuyou.infra import db
from wuyou.kernel.money import Currency

_BATCH = 500
_UNITS = 8
"""How many units largest remainders may move between the roles of a sale."""


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from the rows: every winner again from the click log, every part again from its snapshot and refunds, what
    was settled against the ledger, account by account and order by order, that nothing settled is pending and no sale
    forgotten, that no line pays twice for a role, that nothing is lost on the way from a sale to its settlement, first
    pieces and subsidies against what was promised of them, that nothing was settled while it was held, and reversals
    against what the books took back.
    Cost: a query a conversion; for a nightly job.
    """
    return (
        _verify_winners(),
        _verify_parts(),
        _verify_books(),
        *verify_orders(),
        verify_attributed(),
        verify_one_part(),
        verify_funnel(),
        _verify_first_pieces(),
        _verify_subsidies(),
        _verify_holds(),
        _verify_reversals(),
    )


def _verify_winners() -> InvariantCheck:
    breaches: list[str] = []
    count, last = 0, 0
    while found := db.rows(
        f"""
        SELECT v.id, v.click_id, v.plan_id, v.is_direct,
               (SELECT m.publisher_id FROM alliance_commission m WHERE m.conversion_id = v.id AND m.role = 'PARTNER'),
               (SELECT m.publisher_id FROM alliance_commission m WHERE m.conversion_id = v.id AND m.role = 'THIRD'),
               (SELECT m.publisher_id FROM alliance_commission m WHERE m.conversion_id = v.id AND m.role = 'RECRUITER'),
               {TERMS}, n.first_rate_bps, v.first_position, n.first_count, v.quantity,
               v.buyer_id, v.shop_id, v.product_id, v.placed_at
        FROM alliance_conversion v JOIN alliance_plan n ON n.id = v.plan_id
        WHERE v.id > %s AND v.rule_version = %s ORDER BY v.id LIMIT %s
        """,  # noqa: S608  (the columns are literals of this package)
        [last, rules.RULE_VERSION, _BATCH],
    ):
        for conversion_id, *columns, buyer_id, shop_id, product_id, placed_at in found:
            clicks, terms = trace(buyer_id=buyer_id, shop_id=shop_id, product_ids=[product_id], placed_at=placed_at)
            win = rules.find_win(
                clicks, terms, buyer_id=buyer_id, shop_id=shop_id, product_id=product_id, placed_at=placed_at
            )
            frozen = terms_from(columns[6 : 6 + TERMS_WIDTH])
            first_rate_bps, first_position, first_count, quantity = columns[6 + TERMS_WIDTH :]
            stored = [*columns[:6], frozen]
            again = win and [
                win.click.id, win.plan.id, win.is_direct, win.partner_id, win.third_id,
                win.recruiter_id if win.plan.service_bps else None,
                replace(win.terms(), subsidies=frozen.subsidies),
            ]  # fmt: skip
            if win and again and first_position is not None and first_position + quantity <= first_count:
                again[-1] = replace(win.terms(), rate_bps=first_rate_bps, subsidies=frozen.subsidies)
            if stored != again:
                breaches.append(f"conversion {conversion_id}: stored {stored}, recomputed {again}")
        count, last = count + len(found), found[-1][0]
    return _check("winner_follows_from_clicks", "conversions", count, breaches)


def _verify_parts() -> InvariantCheck:
    breaches: list[str] = []
    count, last = 0, 0
    while found := standings(
        "v.id IN (SELECT w.id FROM alliance_conversion w WHERE w.id > %s ORDER BY w.id LIMIT %s)",
        [last, _BATCH],
        "ORDER BY v.id, m.id",
    ):
        for standing in found:
            again = rules.restate(standing, standing.order_refunded_minor)
            if standing != again:
                breaches.append(f"conversion {standing.id}: stored {standing}, recomputed {again}")
        count, last = count + len(found), found[-1].id
    return _check("parts_follow_from_snapshot", "conversions", count, breaches)


def _verify_books() -> InvariantCheck:
    settled: Counter[AccountRef] = Counter()
    for publisher_id, code, total, added in db.rows(
        """
        SELECT m.publisher_id, v.currency, sum(m.settled_minor)::bigint,
               coalesce(sum(m.settled_minor) FILTER (WHERE m.role IN ('SUBSIDY', 'THIRD_SUBSIDY')), 0)::bigint
        FROM alliance_commission m JOIN alliance_conversion v ON v.id = m.conversion_id
        WHERE v.state = 'SETTLED' GROUP BY 1, 2
        """
    ):
        settled[account_of(publisher_id, Currency(code))] += total
        settled[account_of(None, Currency(code))] -= added
    booked = {account: _booked_minor(account) for account in settled.keys() | _promoter_accounts()}
    breaches = [
        f"{account.code}: settled {settled[account]}, booked {total}"
        for account, total in booked.items()
        if settled[account] != total
    ]
    return _check("settled_parts_are_booked", "accounts", len(booked), breaches)


def _verify_first_pieces() -> InvariantCheck:
    """The pieces that were paid the higher rate are each a different one of the first, and all that were counted."""
    found = db.rows(
        """
        SELECT n.id, n.first_sold, coalesce(sum(v.quantity), 0),
               coalesce(sum(v.quantity), 0) = coalesce(max(v.first_position + v.quantity), 0)
               AND count(DISTINCT v.first_position) = count(v.id)
        FROM alliance_plan n LEFT JOIN alliance_conversion v ON v.plan_id = n.id AND v.first_position IS NOT NULL
        GROUP BY n.id ORDER BY n.id
        """
    )
    breaches = [
        f"plan {plan_id}: counted {sold}, paid for {paid}{'' if once else ', some twice'}"
        for plan_id, sold, paid, once in found
        if sold != paid or not once
    ]
    return _check("first_pieces_are_paid_once", "plans", len(found), breaches)


def _verify_subsidies() -> InvariantCheck:
    """What was taken of a subsidy's budget is what the conversions were granted of it, each within rate and cap."""
    found = db.rows(
        """
        WITH granted AS (
            SELECT g.id AS subsidy_id, g.rate_bps, g.cap_minor,
                   least(div(2 * v.amount_minor::numeric * g.rate_bps + 10000, 20000), g.cap_minor)::bigint
                   * (v.order_refunded_minor < (SELECT sum(a) FROM unnest(v.line_amounts_minor) a)
                      AND NOT v.is_void)::int AS minor
            FROM alliance_conversion v
            CROSS JOIN LATERAL jsonb_to_recordset(v.subsidies) AS g(id bigint, rate_bps int, cap_minor bigint))
        SELECT s.id, s.spent_minor, coalesce(sum(g.minor), 0),
               coalesce(bool_and(g.rate_bps = s.rate_bps AND g.cap_minor <= s.cap_minor), true)
        FROM alliance_subsidy s LEFT JOIN granted g ON g.subsidy_id = s.id GROUP BY s.id ORDER BY s.id
        """
    )
    breaches = [
        f"subsidy {subsidy_id}: spent {spent}, granted {granted}{'' if fits else ', not within its terms'}"
        for subsidy_id, spent, granted, fits in found
        if spent != granted or not fits
    ]
    looked_at = db.rows("SELECT count(*) FROM alliance_conversion")[0][0] + len(found)
    return _check("subsidies_are_within_budget", "conversions and subsidies", looked_at, breaches)


def _verify_holds() -> InvariantCheck:
    """What was held was not settled meanwhile, escrow keeps what it pays, and what is void pays nothing."""
    found = db.rows(
        """
        SELECT v.id, concat_ws(', ',
            CASE WHEN bool_or(v.state = 'SETTLED' AND v.settled_at >= h.held_at
                              AND (h.ended_at IS NULL OR v.settled_at < h.ended_at)) THEN 'settled while held' END,
            CASE WHEN v.is_held <> coalesce(bool_or(h.id IS NOT NULL AND h.ended_at IS NULL), false)
                 THEN 'held without a case' END,
            CASE WHEN v.is_void <> coalesce(bool_or(h.state = 'VOID'), false) THEN 'void without a decision' END,
            CASE WHEN v.is_void AND (SELECT sum(m.settled_minor) FROM alliance_commission m
                                     WHERE m.conversion_id = v.id) <> 0 THEN 'paid and void' END,
            CASE WHEN v.kept_minor <> CASE WHEN v.is_held AND v.completed_at IS NOT NULL AND v.state <> 'SETTLED' THEN
                (SELECT sum(m.estimated_minor) FROM alliance_commission m WHERE m.conversion_id = v.id
                 AND m.role NOT IN ('SUBSIDY', 'THIRD_SUBSIDY')) ELSE 0 END THEN 'keeps another sum' END)
        FROM alliance_conversion v LEFT JOIN alliance_hold h ON h.conversion_id = v.id
        GROUP BY v.id ORDER BY v.id
        """
    )
    breaches = [f"conversion {conversion_id}: {what}" for conversion_id, what in found if what]
    return _check("nothing_held_is_settled", "conversions", len(found), breaches)


def _verify_reversals() -> InvariantCheck:
    """What refunds took back of settled parts is what the reversals say, and each account's part of it."""
    found = db.rows(
        """
        SELECT v.id, back.promoters, back.platform, coalesce(said.promoters, 0), coalesce(said.platform, 0),
               coalesce(said.by_account, 0), v.is_void
        FROM alliance_conversion v
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(minor) FILTER (WHERE publisher_id IS NOT NULL), 0)::bigint AS promoters,
                   coalesce(sum(minor) FILTER (WHERE publisher_id IS NULL), 0)::bigint AS platform
            FROM (SELECT m.publisher_id, m.estimated_minor - m.settled_minor AS minor
                  FROM alliance_commission m WHERE m.conversion_id = v.id AND v.state = 'SETTLED') AS part) AS back
        LEFT JOIN LATERAL (
            SELECT sum(r.promoters_minor)::bigint AS promoters, sum(r.platform_minor)::bigint AS platform,
                   sum((SELECT sum(p.amount_minor) FROM alliance_reversal_part p
                        WHERE p.reversal_id = r.id AND p.side = 'PROMOTER'))::bigint AS by_account
            FROM alliance_reversal r WHERE r.conversion_id = v.id AND r.was_settled AND r.refund_no <> ''
            ) AS said ON TRUE
        ORDER BY v.id
        """
    )
    # A unit that went the other way stands in no account's part, so these may say more, and never less. What is void
    # has nothing left, whatever was taken back before.
    breaches = [
        f"conversion {conversion_id}: took back {(promoters, platform)}, kept {(said, said_platform, by_account)}"
        for conversion_id, promoters, platform, said, said_platform, by_account, is_void in found
        if not is_void
        and ((promoters, platform) != (said, said_platform) or not said <= by_account <= said + _UNITS * bool(said))
    ]
    return _check("reversals_are_what_was_taken_back", "conversions", len(found), breaches)


def _promoter_accounts() -> set[AccountRef]:
    found: set[AccountRef] = set()
    cursor: int | None = None
    while True:
        page = ledger.list_accounts(kind=AccountKind.PROMOTER_PAYABLE, cursor=cursor)
        found |= {account.ref for account in page.items}
        if (cursor := page.next_cursor) is None:
            return found


def _booked_minor(account: AccountRef) -> int:
    """What settlements and their reversals left on an account; 0 for one that was never booked on."""
    total = 0
    cursor: int | None = None
    while True:
        try:
            page = ledger.get_statement(account, cursor=cursor).lines
        except ledger_errors.AccountUnknown:
            return 0
        total += sum(line.delta_minor for line in page.items if line.journal_kind in (SETTLE_KIND, CLAWBACK_KIND))
        if (cursor := page.next_cursor) is None:
            return total


def _check(name: str, unit: str, count: int, breaches: Sequence[str]) -> InvariantCheck:
    return InvariantCheck(name, unit, count, len(breaches), tuple(breaches[:5]))
