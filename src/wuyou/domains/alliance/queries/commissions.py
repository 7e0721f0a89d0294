"""Reads of clicks, conversions and what they come to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from wuyou.domains.alliance import types
from wuyou.domains.alliance.queries.publishing import find_publisher
from wuyou.domains.alliance.rules import Standing, StandingPart
from wuyou.domains.alliance.types import CommissionState, PartyRole, Shares, SubsidyTerms, Terms
from wuyou.domains.ledger import queries as ledger
from wuyou.domains.ledger import statements
from wuyou.domains.ledger.types import AccountKind, AccountRef
from wuyou.infra import db
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

TERMS = """
    v.rate_bps, v.publisher_share_bps, v.partner_share_bps, v.platform_share_bps, v.third_share_bps, v.service_bps,
    v.special_bps, v.subsidies
"""
"""The columns of `terms_from`."""
TERMS_WIDTH = TERMS.count(",") + 1

# The parts are named by themselves too: while little is known of the tables, a join of them alone reads every part
# that there is.
_OF_ORDERS = """
    v.order_id = ANY(%s)
    AND m.conversion_id = ANY(ARRAY(SELECT id FROM alliance_conversion WHERE order_id = ANY(%s)))
"""


def terms_from(columns: Sequence[Any]) -> Terms:
    """A conversion's frozen terms from its columns in the order of `TERMS`."""
    rate_bps, publisher_bps, partner_bps, platform_bps, third_bps, service_bps, special_bps, subsidies = columns
    return Terms(
        rate_bps,
        Shares(publisher_bps, partner_bps, platform_bps),
        third_bps,
        service_bps,
        special_bps,
        tuple(SubsidyTerms(each["id"], each["rate_bps"], each["cap_minor"]) for each in json.loads(subsidies)),
    )


@lru_cache(maxsize=10_000)
def account_of(publisher_id: int | None, currency: Currency) -> AccountRef:
    """The account of the ledger that a party's parts are booked on, in any role; None is the platform."""
    if publisher_id is None:
        return AccountRef(AccountKind.PLATFORM_REVENUE, "", currency)
    return AccountRef(AccountKind.PROMOTER_PAYABLE, f"publisher:{publisher_id}", currency)


def list_conversions(user_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Conversion]:
    """What a person earned or may earn a part of, in any role, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    return _page_of_conversions(
        """
        v.id IN (SELECT m.conversion_id FROM alliance_commission m JOIN alliance_publisher p ON p.id = m.publisher_id
                 WHERE p.user_id = %s AND (%s::bigint IS NULL OR m.conversion_id < %s::bigint)
                 GROUP BY m.conversion_id ORDER BY m.conversion_id DESC LIMIT %s)
        """,
        [user_id, cursor, cursor, limit + 1],
        limit,
    )


def list_conversions_of_shop(shop_id: int, *, cursor: int | None = None, limit: int = 20) -> Page[types.Conversion]:
    """What a shop sold through links, newest first. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    return _page_of_conversions(
        """
        v.id IN (SELECT w.id FROM alliance_conversion w
                 WHERE w.shop_id = %s AND (%s::bigint IS NULL OR w.id < %s::bigint) ORDER BY w.id DESC LIMIT %s)
        """,
        [shop_id, cursor, cursor, limit + 1],
        limit,
    )


def conversions_by_order(order_ids: Iterable[int]) -> dict[int, tuple[types.Conversion, ...]]:
    """The conversions of many orders; orders that nobody brought are left out. Cost: one query."""
    found = db.rows(_conversions_sql("v.order_id = ANY(%s)"), [sorted(set(order_ids))])
    by_order: dict[int, list[types.Conversion]] = {}
    for order_id, *columns in reversed(found):
        by_order.setdefault(order_id, []).append(_conversion(columns))
    return {order_id: tuple(conversions) for order_id, conversions in by_order.items()}


def earnings_of(user_id: int, *, currency: Currency = Currency.CNY) -> types.Earnings:
    """What a person has coming and has had, over all roles; zeros for who has not joined. Cost: two queries and two of
    the ledger; reads each part of a commission that the person ever had.
    """
    publisher = find_publisher(user_id)
    if publisher is None:
        nothing = Money(0, currency)
        return types.Earnings(nothing, nothing, nothing, nothing, nothing, nothing)
    sums = db.row(
        """
        SELECT coalesce(sum(m.estimated_minor) FILTER (WHERE v.state = 'ESTIMATED'), 0)::bigint,
               coalesce(sum(m.estimated_minor) FILTER (WHERE v.state = 'CONFIRMED'), 0)::bigint,
               coalesce(sum(m.estimated_minor) FILTER (WHERE v.state = 'SETTLED'), 0)::bigint,
               coalesce(sum(m.estimated_minor - m.settled_minor) FILTER (WHERE v.state = 'SETTLED'), 0)::bigint
        FROM alliance_commission m JOIN alliance_conversion v ON v.id = m.conversion_id
        WHERE m.publisher_id = %s AND v.currency = %s
        """,
        [publisher.id, currency.code],
    )
    assert sums is not None  # noqa: S101  (an aggregate without GROUP BY returns one row)
    account = account_of(publisher.id, currency)
    balance, forgiven = ledger.get_balance(account), statements.written_off(account)
    estimated, confirmed, settled, reversed_ = (Money(amount, currency) for amount in sums)
    return types.Earnings(estimated, confirmed, settled, reversed_, balance, forgiven)


def sales_by_post(
    user_id: int, post_ids: Collection[int], *, since: date, currency: Currency = Currency.CNY
) -> dict[int, tuple[types.PostSales, ...]]:
    """What the tags of these posts brought their author, by the day on which it was ordered. Cost: two queries."""
    publisher = find_publisher(user_id)
    if publisher is None:
        return {}
    found = db.rows(
        """
        SELECT s.name, (v.placed_at AT TIME ZONE %(zone)s)::date AS day,
               count(DISTINCT v.order_id) FILTER (WHERE v.state <> 'INVALID'),
               coalesce(sum(CASE v.state WHEN 'SETTLED' THEN m.settled_minor WHEN 'INVALID' THEN 0
                                         ELSE m.estimated_minor END), 0)::bigint
        FROM alliance_slot s JOIN alliance_link l ON l.slot_id = s.id JOIN alliance_conversion v ON v.link_id = l.id
        JOIN alliance_commission m
             ON m.conversion_id = v.id AND m.role = 'PUBLISHER' AND m.publisher_id = s.publisher_id
        WHERE s.publisher_id = %(me)s AND s.name = ANY(%(names)s) AND v.currency = %(currency)s
        AND v.placed_at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
        GROUP BY s.name, day ORDER BY day
        """,
        {
            "me": publisher.id,
            "names": [types.slot_of_post(post_id) for post_id in post_ids],
            "zone": BUSINESS_ZONE.key,
            "since": since,
            "currency": currency.code,
        },
    )
    sales: dict[int, list[types.PostSales]] = defaultdict(list)
    for name, day, order_count, commission_minor in found:
        post_id = types.post_of_slot(name)
        if post_id is not None:
            sales[post_id].append(types.PostSales(day, order_count, Money(commission_minor, currency)))
    return {post_id: tuple(days) for post_id, days in sales.items()}


def results_by_post(
    user_id: int, post_ids: Collection[int], *, since: date, currency: Currency = Currency.CNY
) -> dict[int, types.PostResult]:
    """What the tags of these posts brought their author since a business day, by state. Cost: two queries."""
    publisher = find_publisher(user_id)
    if publisher is None or not post_ids:
        return {}
    found = db.rows(
        """
        SELECT s.name, v.state, count(DISTINCT v.order_id),
               sum(CASE v.state WHEN 'SETTLED' THEN m.settled_minor ELSE m.estimated_minor END)::bigint
        FROM alliance_slot s JOIN alliance_link l ON l.slot_id = s.id JOIN alliance_conversion v ON v.link_id = l.id
        JOIN alliance_commission m
             ON m.conversion_id = v.id AND m.role = 'PUBLISHER' AND m.publisher_id = s.publisher_id
        WHERE s.publisher_id = %(me)s AND s.name = ANY(%(names)s) AND v.currency = %(currency)s
        AND v.state <> 'INVALID' AND v.placed_at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
        GROUP BY s.name, v.state
        """,
        {
            "me": publisher.id,
            "names": [types.slot_of_post(post_id) for post_id in post_ids],
            "zone": BUSINESS_ZONE.key,
            "since": since,
            "currency": currency.code,
        },
    )
    counts: dict[int, int] = defaultdict(int)
    states: dict[int, dict[CommissionState, Money]] = defaultdict(dict)
    for name, state, order_count, minor in found:
        post_id = types.post_of_slot(name)
        if post_id is not None:
            counts[post_id] += order_count
            states[post_id][CommissionState(state)] = Money(minor, currency)
    return {post_id: types.PostResult(counts[post_id], states[post_id]) for post_id in states}


def list_merchants(
    *, recruiter_user_id: int | None = None, at: datetime, currency: Currency = Currency.CNY
) -> tuple[types.MerchantSummary, ...]:
    """The pool: shops with a plan in force, or with sales through links, and what was sold and is owed there.

    Args: recruiter_user_id: only shops whose plan in force names this person as their recruiter. Cost: one query; reads
    each conversion of these shops.
    """
    found = db.rows(
        """
        WITH pool AS (
            SELECT shop_id, max(recruiter_id) AS recruiter_id, count(*) AS plan_count FROM alliance_plan
            WHERE from_at <= %(at)s AND (until_at IS NULL OR until_at > %(at)s) GROUP BY shop_id),
        sold AS (
            SELECT v.shop_id, count(DISTINCT v.order_id) FILTER (WHERE v.state <> 'INVALID') AS order_count,
                   sum(v.amount_minor - v.refunded_minor) AS sales_minor
            FROM alliance_conversion v WHERE v.currency = %(currency)s GROUP BY v.shop_id),
        owed AS (
            SELECT v.shop_id,
                   sum(m.estimated_minor) FILTER (WHERE v.state IN ('ESTIMATED', 'CONFIRMED')) AS pending_minor,
                   sum(m.settled_minor) AS settled_minor
            FROM alliance_conversion v JOIN alliance_commission m ON m.conversion_id = v.id
            WHERE v.currency = %(currency)s GROUP BY v.shop_id)
        SELECT coalesce(pool.shop_id, sold.shop_id), pool.recruiter_id, coalesce(pool.plan_count, 0),
               coalesce(sold.order_count, 0), coalesce(sold.sales_minor, 0)::bigint,
               coalesce(owed.pending_minor, 0)::bigint, coalesce(owed.settled_minor, 0)::bigint
        FROM pool FULL JOIN sold ON sold.shop_id = pool.shop_id
        LEFT JOIN owed ON owed.shop_id = sold.shop_id
        WHERE %(recruiter)s::bigint IS NULL
           OR pool.recruiter_id = (SELECT id FROM alliance_publisher WHERE user_id = %(recruiter)s::bigint)
        ORDER BY 1
        """,
        {"at": at, "currency": currency.code, "recruiter": recruiter_user_id},
    )
    return tuple(
        types.MerchantSummary(shop_id, recruiter_id, plan_count, order_count, *(Money(m, currency) for m in amounts))
        for shop_id, recruiter_id, plan_count, order_count, *amounts in found
    )


def standings_of_order(order_id: int) -> list[Standing]:
    """The conversions of one order, locked as by `standings_by_order`."""
    return standings_by_order([order_id]).get(order_id, [])


def standings_by_order(order_ids: Collection[int]) -> dict[int, list[Standing]]:
    """The conversions of orders, locked until the end of the transaction, so that what follows comes one by one.

    Parts are locked too: a row that was waited for is read as it is now, one that is only joined as it was before.
    Orders that nobody brought are left out.
    """
    wanted = sorted(order_ids)
    by_order: dict[int, list[Standing]] = {}
    for standing in standings(_OF_ORDERS, [wanted, wanted], "ORDER BY v.id, m.id FOR UPDATE"):
        by_order.setdefault(standing.order_id, []).append(standing)
    return by_order


def standings(condition: str, params: Sequence[object], tail: str) -> list[Standing]:
    """Conversions `v` that meet a condition, as the rules see them."""
    standings: dict[int, Standing] = {}
    parts: dict[int, dict[PartyRole, StandingPart]] = {}
    for conversion_id, order_id, state, *columns in db.rows(
        f"""
        SELECT v.id, v.order_id, v.state, {TERMS}, v.line_amounts_minor, v.line_position, v.order_total_minor,
               v.order_refunded_minor, v.refunded_minor, v.is_held, v.is_void, v.completed_at IS NOT NULL, v.kept_minor,
               m.role, m.publisher_id, m.estimated_minor, m.settled_minor
        FROM alliance_conversion v JOIN alliance_commission m ON m.conversion_id = v.id
        WHERE {condition} {tail}
        """,  # noqa: S608  (conditions and tails are literals of this module)
        params,
    ):
        amounts, position, total, order_refunded, refunded, *looked_at = columns[TERMS_WIDTH:]
        is_held, is_void, is_completed, kept, role, publisher_id, estimated, settled = looked_at
        parts.setdefault(conversion_id, {})[PartyRole(role)] = StandingPart(publisher_id, estimated, settled)
        if conversion_id in standings:
            continue
        standings[conversion_id] = Standing(
            conversion_id, order_id, CommissionState(state), terms_from(columns[:TERMS_WIDTH]), tuple(amounts),
            position, total, order_refunded, refunded, parts[conversion_id], is_held, is_void, is_completed, kept,
        )  # fmt: skip
    return list(standings.values())


def _page_of_conversions(condition: str, params: Sequence[object], limit: int) -> Page[types.Conversion]:
    found = [_conversion(columns) for _, *columns in db.rows(_conversions_sql(condition), params)]
    return cut_page(found, limit, lambda conversion: conversion.id)


def _conversions_sql(condition: str) -> str:
    return f"""
        SELECT v.order_id, v.id, v.order_no, v.shop_id, v.product_id, v.currency, v.state, v.is_direct, s.name,
               v.clicked_at, v.placed_at, v.amount_minor, v.refunded_minor, v.settled_at, v.first_position, {TERMS},
               array_agg(m.role ORDER BY m.role), array_agg(m.publisher_id ORDER BY m.role),
               array_agg(m.estimated_minor ORDER BY m.role), array_agg(m.settled_minor ORDER BY m.role)
        FROM alliance_conversion v
        JOIN alliance_link l ON l.id = v.link_id
        JOIN alliance_slot s ON s.id = l.slot_id
        JOIN alliance_commission m ON m.conversion_id = v.id
        WHERE {condition}
        GROUP BY v.id, s.id ORDER BY v.id DESC
    """  # noqa: S608  (the conditions are literals of this module)


def _conversion(columns: Sequence[Any]) -> types.Conversion:
    (conversion_id, order_no, shop_id, product_id, code, state, is_direct, slot_name, clicked_at, placed_at,
     amount_minor, refunded_minor, settled_at, first_position, *rest) = columns  # fmt: skip
    terms = terms_from(rest[:TERMS_WIDTH])
    by_role = {
        role: types.Part(PartyRole(role), owner, terms.share_bps(PartyRole(role)), expected, booked)
        for role, owner, expected, booked in zip(*rest[TERMS_WIDTH:], strict=True)
    }
    parts = tuple(by_role[role.value] for role in PartyRole if role.value in by_role)
    return types.Conversion(
        conversion_id, order_no, shop_id, product_id, Currency(code), CommissionState(state), is_direct, slot_name,
        clicked_at, placed_at, amount_minor, refunded_minor, settled_at, terms, first_position is not None, parts,
    )  # fmt: skip
