"""What there is only so much of: the higher rate of a plan's first pieces, and subsidies within their budgets.

Locks, in this order: plans by id, subsidies by id. Whoever waits for them reads what was granted meanwhile.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.rules import Standing, Win
from wuyou.domains.alliance.types import SubsidyTerms, Terms
from wuyou.domains.orders.events import OrderPaid
from wuyou.domains.orders.types import PaidLine
from wuyou.infra import db

Granted = tuple[Terms, int | None]
"""The frozen terms of a line that was brought, and which of the plan's first pieces it is."""

_Budget = tuple[SubsidyTerms, int | None, int | None, datetime, datetime, str, int]
"""A subsidy with the shop, the product and the time that it is for, its currency and what is left of it."""


def grant(orders: Sequence[tuple[OrderPaid, Sequence[Win | None]]]) -> list[list[Granted | None]]:
    """What each line of paid orders is granted, in the order of the orders.

    A line is paid the higher rate when all its pieces are among the first. A subsidy gives a line at most what is left
    of its budget. Lines that were recorded before are granted nothing again, because they are not written again.
    """
    brought = [(paid, win) for paid, wins in orders for win in wins if win is not None]
    if not brought:
        return [[None] * len(wins) for _, wins in orders]
    left = _first_pieces(win for _, win in brought)
    budgets = _subsidies(brought)
    recorded = _recorded(paid.order_id for paid, _ in brought) if left or budgets else set()
    sold: Counter[int] = Counter()
    spent: Counter[int] = Counter()
    granted: list[list[Granted | None]] = []
    for paid, wins in orders:
        is_new = paid.order_id not in recorded
        of_shop = [each for each in budgets if each[1] in (None, paid.shop_id) and each[5] == paid.currency]
        granted.append([])
        for line, win in zip(paid.lines, wins, strict=True):
            if win is None:
                granted[-1].append(None)
                continue
            terms, position = win.terms(), None
            if is_new and win.plan.id in left:
                rate_bps, count, already = left[win.plan.id]
                already += sold[win.plan.id]
                if already + line.quantity <= count:
                    terms, position = replace(terms, rate_bps=rate_bps), already
                    sold[win.plan.id] += line.quantity
            subsidies = _share_of(of_shop, line, win, spent) if is_new and of_shop else ()
            granted[-1].append((replace(terms, subsidies=subsidies) if subsidies else terms, position))
    _count(sold, spent)
    return granted


def _share_of(budgets: Sequence[_Budget], line: PaidLine, win: Win, spent: Counter[int]) -> tuple[SubsidyTerms, ...]:
    """What is added to a line, which is taken from the budgets."""
    subsidies = []
    for subsidy, _, product_id, from_, until, _, remaining in budgets:
        if product_id not in (None, line.product_id) or not from_ <= win.click.clicked_at < until:
            continue
        whole = rules.subsidy_minor(line.amount_minor, subsidy.rate_bps, subsidy.cap_minor)
        minor = min(whole, remaining - spent[subsidy.id])
        if minor > 0:
            spent[subsidy.id] += minor
            subsidies.append(replace(subsidy, cap_minor=minor) if minor < whole else subsidy)
    return tuple(subsidies)


def _first_pieces(wins: Iterable[Win]) -> dict[int, tuple[int, int, int]]:
    """Rate, count and pieces sold of the winning plans that have first pieces left, locked."""
    plan_ids = {win.plan.id for win in wins if win.plan.first is not None}
    if not plan_ids:
        return {}
    found = db.rows(
        """
        SELECT id, first_rate_bps, first_count, first_sold FROM alliance_plan
        WHERE id = ANY(%s) AND first_sold < first_count ORDER BY id FOR NO KEY UPDATE
        """,
        [sorted(plan_ids)],
    )
    return {plan_id: (rate_bps, count, sold) for plan_id, rate_bps, count, sold in found}


def _subsidies(brought: Sequence[tuple[OrderPaid, Win]]) -> list[_Budget]:
    """Subsidies with something left that may add to these sales, locked."""
    clicked = [win.click.clicked_at for _, win in brought]
    found = db.rows(
        """
        SELECT id, rate_bps, cap_minor, shop_id, product_id, from_at, until_at, currency, budget_minor - spent_minor
        FROM alliance_subsidy
        WHERE (shop_id IS NULL OR shop_id = ANY(%s)) AND (product_id IS NULL OR product_id = ANY(%s))
          AND from_at <= %s AND until_at > %s AND currency = ANY(%s) AND spent_minor < budget_minor
        ORDER BY id FOR NO KEY UPDATE
        """,
        [
            sorted({paid.shop_id for paid, _ in brought}),
            sorted({line.product_id for paid, _ in brought for line in paid.lines}),
            max(clicked),
            min(clicked),
            sorted({paid.currency for paid, _ in brought}),
        ],
    )
    return [(SubsidyTerms(*columns[:3]), *columns[3:]) for columns in found]


def _recorded(order_ids: Iterable[int]) -> set[int]:
    found = db.rows("SELECT order_id FROM alliance_conversion WHERE order_id = ANY(%s)", [sorted(set(order_ids))])
    return {order_id for (order_id,) in found}


def _count(sold: Counter[int], spent: Counter[int]) -> None:
    if sold:
        db.execute(
            """
            UPDATE alliance_plan n SET first_sold = first_sold + m.pieces
            FROM jsonb_to_recordset(%s::jsonb) AS m(id bigint, pieces int) WHERE n.id = m.id
            """,
            [json.dumps([{"id": plan_id, "pieces": pieces} for plan_id, pieces in sold.items()])],
        )
    if spent:
        _spend(spent)


def give_back(changes: Iterable[tuple[Standing, Standing]]) -> None:
    """When all goods of an order came back, or it was no sale, what it was granted of subsidies is free for others.

    Not before: a part of a refund can fall on another line when more is refunded, and what was freed may be gone then.
    """
    spent: Counter[int] = Counter()
    for before, after in changes:
        if after.is_over and not before.is_over:
            amount = after.line_amounts_minor[after.line_position]
            for each in after.terms.subsidies:
                spent[each.id] -= rules.subsidy_minor(amount, each.rate_bps, each.cap_minor)
    if any(spent.values()):
        _spend(spent)


def _spend(spent: Counter[int]) -> None:
    db.rows("SELECT 1 FROM alliance_subsidy WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [sorted(spent)])
    db.execute(
        """
        UPDATE alliance_subsidy s SET spent_minor = spent_minor + m.minor
        FROM jsonb_to_recordset(%s::jsonb) AS m(id bigint, minor bigint) WHERE s.id = m.id
        """,
        [json.dumps([{"id": subsidy_id, "minor": minor} for subsidy_id, minor in spent.items()])],
    )
