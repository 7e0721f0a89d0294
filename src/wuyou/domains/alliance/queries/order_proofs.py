"""Proofs order by order, line by line, month by month; those over everything stand in `proofs`."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.queries.attribution import trace
from wuyou.domains.alliance.queries.commissions import account_of
from wuyou.domains.alliance.types import SETTLE_KIND, PartyRole
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger.types import CLAWBACK_KIND, InvariantCheck, Journal
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency
from wuyou.kernel.paging import MAX_PAGE

_SHOP = "the shop"
"""Escrow and payable of an order's shop, taken together."""
_BATCH = MAX_PAGE // 2


def verify_orders() -> tuple[InvariantCheck, InvariantCheck]:
    """What the journals of each order moved is what its parts are now: the shop paid what publisher, third party, tool,
    recruiter and platform got, less what the platform added; exact, after any refunds. Before it is settled, nothing.

    And of an order that is settled nothing is pending, but for what is held.
    """
    breaches: list[str] = []
    pending: list[str] = []
    count, last = 0, 0
    while found := db.rows(
        """
        SELECT v.order_id, v.order_no, v.currency,
               count(DISTINCT v.id) FILTER (WHERE v.state IN ('ESTIMATED', 'CONFIRMED')
                                            AND NOT (v.is_held AND v.completed_at IS NOT NULL)),
               jsonb_agg(jsonb_build_array(
                   m.role, m.publisher_id, CASE v.state WHEN 'SETTLED' THEN m.settled_minor ELSE 0 END))::text
        FROM alliance_conversion v LEFT JOIN alliance_commission m ON m.conversion_id = v.id
        WHERE v.order_id > %s
        GROUP BY 1, 2, 3 ORDER BY 1 LIMIT %s
        """,
        [last, _BATCH],
    ):
        journals = list(_journals([order_no for _, order_no, *_ in found]))
        booked, settled = _booked_by_order(journals), _settled(journals)
        for _, order_no, code, pending_count, parts in found:
            wanted = _wanted(json.loads(parts), Currency(code))
            if wanted != booked[order_no]:
                breaches.append(f"order {order_no}: parts {dict(wanted)}, booked {dict(booked[order_no])}")
            if pending_count and order_no in settled:
                pending.append(f"order {order_no}: settled, and {pending_count} pending")
        count, last = count + len(found), found[-1][0]
    return (
        InvariantCheck("each_order_pays_its_parts", "orders", count, len(breaches), tuple(breaches[:5])),
        InvariantCheck("nothing_settled_is_pending", "orders", count, len(pending), tuple(pending[:5])),
    )


def verify_attributed() -> InvariantCheck:
    """No line of a settled order that the click log gives a winner is without a conversion.

    Cost: a query a batch of completed orders; three more for each that has such a line.
    """
    breaches: list[str] = []
    count, last = 0, 0
    while found := db.rows(
        """
        SELECT o.id, o.order_no, o.buyer_id, o.shop_id, o.placed_at,
               CASE WHEN EXISTS (SELECT FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id
                                 WHERE c.user_id = o.buyer_id AND l.shop_id = o.shop_id
                                 AND c.clicked_at BETWEEN o.placed_at - %s AND o.placed_at)
               THEN ARRAY(SELECT DISTINCT n.product_id FROM orders_order_line n WHERE n.order_id = o.id
                          AND NOT EXISTS (SELECT FROM alliance_conversion v WHERE v.line_id = n.id) ORDER BY 1) END
        FROM orders_order o WHERE o.fulfilment = 'COMPLETED' AND o.id > %s ORDER BY o.id LIMIT %s
        """,
        [rules.WINDOW, last, _BATCH],
    ):
        for _, order_no, buyer_id, shop_id, placed_at, product_ids in found:
            if not product_ids:
                continue
            clicks, terms = trace(buyer_id=buyer_id, shop_id=shop_id, product_ids=product_ids, placed_at=placed_at)
            for product_id in product_ids:
                win = rules.find_win(
                    clicks, terms, buyer_id=buyer_id, shop_id=shop_id, product_id=product_id, placed_at=placed_at
                )
                # One that is not settled yet may just be on its way here.
                if win and _settled(_journals([order_no])):
                    breaches.append(f"order {order_no}: click {win.click.id} brought product {product_id}")
        count, last = count + len(found), found[-1][0]
    return InvariantCheck("no_sale_is_forgotten", "orders", count, len(breaches), tuple(breaches[:5]))


def verify_one_part() -> InvariantCheck:
    """A line pays nobody twice for one role, and every line that was brought pays its publisher."""
    found = db.rows(
        """
        SELECT v.line_id, m.role, count(m.id) FROM alliance_conversion v
        LEFT JOIN alliance_commission m ON m.conversion_id = v.id GROUP BY 1, 2
        """
    )
    breaches = [
        f"line {line_id}: {f'{count} parts of {role}' if role else 'no part at all'}"
        for line_id, role, count in found
        if count != 1
    ]
    return InvariantCheck("one_part_a_line_and_role", "parts", len(found), len(breaches), tuple(breaches[:5]))


def verify_funnel() -> InvariantCheck:
    """In each month and shop, by number: created = pending + settled + void. By money: what created lines would pay the
    parties = what is pending + what is settled + what refunds took, before settlement (void) and after (clawed back).

    Computed here in SQL from rates and amounts, not by the rules that made the parts.
    """
    found = db.rows(
        """
        WITH priced AS (
            SELECT v.*, to_char(v.placed_at AT TIME ZONE %s, 'YYYY-MM') AS month, paid.minor AS created,
                   paid.minor - coalesce(kept.minor, 0) AS taken, part.minor AS standing
            FROM alliance_conversion v
            CROSS JOIN LATERAL (SELECT sum(div(2 * v.amount_minor::numeric * bps + 10000, 20000)) AS minor
                                FROM unnest(ARRAY[v.rate_bps, v.service_bps, v.special_bps]) AS bps) paid
            CROSS JOIN LATERAL (
                SELECT sum(div(2 * (v.amount_minor - v.refunded_minor)::numeric * bps + 10000, 20000)) AS minor
                FROM unnest(ARRAY[v.rate_bps, v.service_bps, v.special_bps]) AS bps WHERE NOT v.is_void) kept
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(CASE v.state WHEN 'SETTLED' THEN m.settled_minor WHEN 'INVALID' THEN 0
                                                 ELSE m.estimated_minor END), 0) AS minor
                FROM alliance_commission m
                WHERE m.conversion_id = v.id AND m.role NOT IN ('SUBSIDY', 'THIRD_SUBSIDY')) part)
        SELECT shop_id, month, currency, count(*), count(*) FILTER (WHERE state IN ('ESTIMATED', 'CONFIRMED')),
               count(*) FILTER (WHERE state = 'SETTLED'), count(*) FILTER (WHERE state = 'INVALID'),
               sum(created)::bigint,
               coalesce(sum(standing) FILTER (WHERE state IN ('ESTIMATED', 'CONFIRMED')), 0)::bigint,
               coalesce(sum(standing) FILTER (WHERE state = 'SETTLED'), 0)::bigint,
               coalesce(sum(taken) FILTER (WHERE state = 'SETTLED'), 0)::bigint,
               coalesce(sum(taken) FILTER (WHERE state <> 'SETTLED'), 0)::bigint
        FROM priced GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        [BUSINESS_ZONE.key],
    )
    breaches = [
        f"shop {shop_id} in {month}, {code}: {count} created, {pending} pending, {settled} settled, {void} void;"
        f" {created} to pay, {waiting} pending, {paid} settled, {clawed} taken back, {lost} void"
        for shop_id, month, code, count, pending, settled, void, created, waiting, paid, clawed, lost in found
        if count != pending + settled + void or created != waiting + paid + clawed + lost
    ]
    return InvariantCheck("funnel_is_conserved", "shops and months", len(found), len(breaches), tuple(breaches[:5]))


def _wanted(parts: Iterable[Sequence[Any]], currency: Currency) -> Counter[str]:
    """By how much the parts of an order change each account, and its shop."""
    wanted: Counter[str] = Counter()
    for name, publisher_id, minor in parts:
        if name is None:
            continue
        payer = account_of(None, currency).code if PartyRole(name).is_subsidy else _SHOP
        wanted[account_of(publisher_id, currency).code] += minor
        wanted[payer] -= minor
    return _told(wanted)


def _settled(journals: Iterable[Journal]) -> set[str]:
    """The orders that were settled."""
    return {order_no for each in journals if each.key == f"{SETTLE_KIND}:{(order_no := _order_no(each))}"}


def _order_no(journal: Journal) -> str:
    return journal.source_ref.removeprefix("order:")


def _booked_by_order(journals: Iterable[Journal]) -> dict[str, Counter[str]]:
    """By how much the settlements of orders, and what was taken back, changed each account of a party."""
    booked: dict[str, Counter[str]] = defaultdict(Counter)
    for journal in journals:
        if journal.kind not in (SETTLE_KIND, CLAWBACK_KIND):
            continue
        changes = booked[_order_no(journal)]
        for transfer in journal.transfers:
            if transfer.kind.startswith("commission_"):
                changes[_party(transfer.credit.code)] += transfer.amount.amount_minor
                changes[_party(transfer.debit.code)] -= transfer.amount.amount_minor
    return defaultdict(Counter, {order_no: _told(changes) for order_no, changes in booked.items()})


def _journals(order_nos: Sequence[str]) -> Iterable[Journal]:
    cursor: int | None = None
    while True:
        page = ledger.list_journals(
            source_refs=[f"order:{order_no}" for order_no in order_nos], cursor=cursor, limit=MAX_PAGE
        )
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return


def _party(code: str) -> str:
    return _SHOP if code.startswith("merchant_") else code


def _told(changes: Counter[str]) -> Counter[str]:
    return Counter({code: minor for code, minor in changes.items() if minor})
