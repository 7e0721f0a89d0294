"""Proofs that what is stored follows from what it was made of."""

from __future__ import annotations

from collections.abc import Sequence

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.queries.commissions import account_of, standings, trace
from wuyou.domains.alliance.types import SETTLE_KIND
from wuyou.domains.ledger import errors as ledger_errors
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import CLAWBACK_KIND, AccountKind, AccountRef, InvariantCheck
from wuyou.infra import db
from wuyou.kernel.money import Currency

_BATCH = 500


def verify() -> tuple[InvariantCheck, ...]:
    """Prove from the rows: every winner again from the click log, every part again from its snapshot and refunds, and
    what publishers were settled against the ledger. Cost: a query a conversion; for a nightly job.
    """
    return _verify_winners(), _verify_parts(), _verify_books()


def _verify_winners() -> InvariantCheck:
    breaches: list[str] = []
    count, last = 0, 0
    while found := db.rows(
        """
        SELECT v.id, v.click_id, v.plan_id, v.rate_bps,
               v.publisher_share_bps, v.partner_share_bps, v.platform_share_bps,
               (SELECT m.publisher_id FROM alliance_commission m WHERE m.conversion_id = v.id AND m.role = 'PARTNER'),
               v.is_direct, v.buyer_id, v.shop_id, v.product_id, v.placed_at
        FROM alliance_conversion v WHERE v.id > %s AND v.rule_version = %s ORDER BY v.id LIMIT %s
        """,
        [last, rules.RULE_VERSION, _BATCH],
    ):
        for conversion_id, *stored, buyer_id, shop_id, product_id, placed_at in found:
            clicks, terms = trace(buyer_id=buyer_id, shop_id=shop_id, product_ids=[product_id], placed_at=placed_at)
            win = rules.find_win(
                clicks, terms, buyer_id=buyer_id, shop_id=shop_id, product_id=product_id, placed_at=placed_at
            )
            again = win and [
                win.click.id, win.plan.id, win.plan.rate_bps, win.shares.publisher_bps, win.shares.partner_bps,
                win.shares.platform_bps, win.partner_id, win.is_direct,
            ]  # fmt: skip
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
    settled = {
        account_of(publisher_id, Currency(code)): total
        for publisher_id, code, total in db.rows(
            """
            SELECT m.publisher_id, v.currency, sum(m.settled_minor)::bigint
            FROM alliance_commission m JOIN alliance_conversion v ON v.id = m.conversion_id
            WHERE v.state = 'SETTLED' GROUP BY 1, 2
            """
        )
    }
    booked = {account: _booked_minor(account) for account in settled.keys() | _promoter_accounts()}
    breaches = [
        f"{account.code}: settled {settled.get(account, 0)}, booked {total}"
        for account, total in booked.items()
        if settled.get(account, 0) != total
    ]
    return _check("settled_parts_are_booked", "accounts", len(booked), breaches)


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
