"""Reads of what is looked at before it is paid."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from wuyou.domains.alliance import errors
from wuyou.domains.alliance.flagging import Look, longest_days
from wuyou.domains.alliance.hold_types import Finding, FlagRule, Found, Hold, HoldState
from wuyou.domains.alliance.types import CommissionState
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.paging import MAX_PAGE, Page, cut_page

_HOLDS = """
    SELECT h.id, v.id, v.order_no, v.shop_id, v.product_id, m.publisher_id, p.user_id, h.state, v.currency,
           (SELECT sum(CASE WHEN v.state = 'SETTLED' THEN x.settled_minor ELSE x.estimated_minor END)::bigint
            FROM alliance_commission x WHERE x.conversion_id = v.id),
           CASE WHEN v.state = 'SETTLED' THEN m.settled_minor ELSE m.estimated_minor END,
           v.state, h.held_at, h.due_at, h.decided_by_id, h.decided_at, h.reason, h.appeal, h.appealed_at,
           h.answered_by_id, h.answer, h.ended_at
    FROM alliance_hold h JOIN alliance_conversion v ON v.id = h.conversion_id
    JOIN alliance_commission m ON m.conversion_id = v.id AND m.role = 'PUBLISHER'
    JOIN alliance_publisher p ON p.id = m.publisher_id
"""


def get_hold(hold_id: int) -> Hold:
    """A hold, for staff. Raises `HoldNotFound`."""
    found = db.row(f"{_HOLDS} WHERE h.id = %s", [hold_id])
    if found is None:
        raise errors.HoldNotFound()
    return _hold(found)


def get_hold_for(actor: Actor, hold_id: int) -> Hold:
    """A hold of the publisher whose link it was. Raises `HoldNotFound`, also for everybody else."""
    hold = get_hold(hold_id)
    if hold.publisher_user_id != actor.user_id:
        raise errors.HoldNotFound()
    return hold


def list_holds(
    *,
    state: HoldState | None = None,
    publisher_id: int | None = None,
    cursor: int | None = None,
    limit: int = MAX_PAGE,
) -> Page[Hold]:
    """Holds, the newest first: in a state, of a publisher's links, where asked. Cost: one query."""
    limit = max(1, min(limit, MAX_PAGE))
    found = db.rows(
        f"""
        {_HOLDS} WHERE (%(state)s::text IS NULL OR h.state = %(state)s::text)
            AND (%(publisher)s::bigint IS NULL OR m.publisher_id = %(publisher)s::bigint)
            AND (%(cursor)s::bigint IS NULL OR h.id < %(cursor)s::bigint)
        ORDER BY h.id DESC LIMIT %(limit)s
        """,
        {"state": state and state.value, "publisher": publisher_id, "cursor": cursor, "limit": limit + 1},
    )
    return cut_page([_hold(columns) for columns in found], limit, lambda hold: hold.id)


def count_holds() -> dict[HoldState, int]:
    """How many there are in each state. Cost: one query."""
    counted: dict[str, int] = dict(db.rows("SELECT state, count(*) FROM alliance_hold GROUP BY state"))
    return {state: counted.get(state.value, 0) for state in HoldState}


def findings_by_hold(hold_ids: Collection[int]) -> dict[int, tuple[Finding, ...]]:
    """What was found, of many holds. Cost: one query."""
    by_hold: dict[int, list[Finding]] = {hold_id: [] for hold_id in hold_ids}
    for hold_id, rule, version, parameters, evidence, found_at in db.rows(
        """
        SELECT hold_id, rule, version, parameters, evidence, found_at FROM alliance_finding
        WHERE hold_id = ANY(%s) ORDER BY id
        """,
        [sorted(hold_ids)],
    ):
        found = Found(FlagRule(rule), version, json.loads(parameters), json.loads(evidence))
        by_hold[hold_id].append(Finding(hold_id, found, found_at))
    return {hold_id: tuple(findings) for hold_id, findings in by_hold.items()}


def people_of_sale(conversion_id: int) -> set[int]:
    """Who bought, who sells, and who is paid for it. Cost: one query."""
    return {
        person_id
        for (person_id,) in db.rows(
            """
            SELECT buyer_id FROM alliance_conversion WHERE id = %(id)s
            UNION SELECT s.owner_id FROM alliance_conversion v JOIN catalog_shop s ON s.id = v.shop_id
            WHERE v.id = %(id)s
            UNION SELECT p.user_id FROM alliance_commission m JOIN alliance_publisher p ON p.id = m.publisher_id
            WHERE m.conversion_id = %(id)s
            """,
            {"id": conversion_id},
        )
    }


def looks_after(after: int, *, since: datetime, limit: int) -> list[Look]:
    """What is known of conversions recorded after a moment that may still be looked at, by id; a page at a time.

    What all goods came back of, or what is void, is left out. Cost: one query, by (publisher, conversion) for what
    stands around them.
    """
    found = db.rows(
        """
        WITH batch AS (
            SELECT v.id, v.order_id, v.order_no, v.buyer_id, v.shop_id, v.click_id, v.link_id, v.recorded_at,
                   v.clicked_at, m.publisher_id
            FROM alliance_conversion v
            JOIN alliance_commission m ON m.conversion_id = v.id AND m.role = 'PUBLISHER'
            WHERE v.id > %(after)s AND v.recorded_at >= %(since)s AND v.state <> 'INVALID' AND NOT v.is_void
            ORDER BY v.id LIMIT %(limit)s),
        around AS (
            SELECT DISTINCT m.publisher_id, v.shop_id, v.buyer_id, v.order_id, v.recorded_at,
                   v.order_refunded_minor >= (SELECT sum(a) FROM unnest(v.line_amounts_minor) AS a) AS is_back
            FROM (SELECT DISTINCT publisher_id FROM batch) AS b
            JOIN alliance_commission m ON m.publisher_id = b.publisher_id AND m.role = 'PUBLISHER'
            JOIN alliance_conversion v ON v.id = m.conversion_id
            WHERE v.recorded_at >= %(since)s::timestamptz - %(days)s * interval '1 day'),
        days AS (
            SELECT DISTINCT l.slot_id, (b.clicked_at AT TIME ZONE %(zone)s)::date AS day
            FROM batch b JOIN alliance_link l ON l.id = b.link_id),
        visited AS (
            SELECT d.slot_id, d.day, count(DISTINCT c.visitor) AS visitors
            FROM days d JOIN alliance_link l ON l.slot_id = d.slot_id JOIN alliance_click c ON c.link_id = l.id
            WHERE c.clicked_at >= d.day::timestamp AT TIME ZONE %(zone)s
              AND c.clicked_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s
            GROUP BY 1, 2),
        ordered AS (
            SELECT d.slot_id, d.day, count(DISTINCT v.order_id) AS orders
            FROM days d JOIN alliance_link l ON l.slot_id = d.slot_id JOIN alliance_conversion v ON v.link_id = l.id
            WHERE v.clicked_at >= d.day::timestamp AT TIME ZONE %(zone)s
              AND v.clicked_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s
            GROUP BY 1, 2)
        SELECT b.id, b.order_no, b.click_id, b.recorded_at, b.buyer_id,
               ARRAY(SELECT DISTINCT i.payer_id FROM payments_intent i WHERE i.intent_no = b.order_no), s.owner_id,
               (SELECT jsonb_object_agg(m.role, p.user_id) FROM alliance_commission m
                JOIN alliance_publisher p ON p.id = m.publisher_id WHERE m.conversion_id = b.id),
               coalesce((SELECT y.provider || ' ' || y.reference FROM ledger_payee y
                         WHERE y.owner = 'shop:' || b.shop_id), ''),
               coalesce((SELECT y.provider || ' ' || y.reference FROM ledger_payee y
                         WHERE y.owner = 'publisher:' || b.publisher_id), ''),
               ARRAY(SELECT jsonb_build_array(c.id, m.role, c.clicked_at) FROM alliance_commission m
                     JOIN alliance_publisher p ON p.id = m.publisher_id JOIN alliance_click c ON c.user_id = p.user_id
                     WHERE m.conversion_id = b.id AND m.role NOT IN ('SUBSIDY', 'THIRD_SUBSIDY')
                       AND c.visitor = w.visitor AND w.visitor <> 'erased' AND p.user_id <> b.buyer_id
                     ORDER BY c.id, m.role),
               b.clicked_at, coalesce(visited.visitors, 0), coalesce(ordered.orders, 0),
               ARRAY(SELECT jsonb_build_array(a.recorded_at, a.is_back) FROM around a
                     WHERE a.publisher_id = b.publisher_id AND a.buyer_id = b.buyer_id ORDER BY a.order_id),
               ARRAY(SELECT jsonb_build_array(a.recorded_at, a.buyer_id) FROM around a
                     WHERE a.publisher_id = b.publisher_id AND a.shop_id = b.shop_id ORDER BY a.order_id),
               o.shipped_at, o.received_at,
               (SELECT count(*) FROM orders_parcel k JOIN orders_scan n ON n.parcel_id = k.id WHERE k.order_id = o.id)
        FROM batch b JOIN alliance_click w ON w.id = b.click_id JOIN alliance_link l ON l.id = b.link_id
        JOIN catalog_shop s ON s.id = b.shop_id JOIN orders_order o ON o.id = b.order_id
        LEFT JOIN visited ON visited.slot_id = l.slot_id
             AND visited.day = (b.clicked_at AT TIME ZONE %(zone)s)::date
        LEFT JOIN ordered ON ordered.slot_id = l.slot_id
             AND ordered.day = (b.clicked_at AT TIME ZONE %(zone)s)::date
        ORDER BY b.id
        """,
        {"after": after, "since": since, "limit": limit, "zone": BUSINESS_ZONE.key, "days": longest_days(FlagRule)},
    )
    return [_look(columns) for columns in found]


def _look(columns: Sequence[Any]) -> Look:
    (conversion_id, order_no, click_id, recorded_at, buyer_id, payer_ids, owner_id, parties, shop_payee, payee, shared,
     clicked_at, visitors, orders, pair, ring, shipped_at, received_at, scans) = columns  # fmt: skip
    return Look(
        conversion_id, order_no, click_id, recorded_at, buyer_id, frozenset(payer_ids), owner_id, json.loads(parties),
        shop_payee, payee,
        tuple((each[0], each[1], datetime.fromisoformat(each[2])) for each in map(json.loads, shared)),
        clicked_at, visitors, orders,
        tuple((datetime.fromisoformat(at), is_back) for at, is_back in map(json.loads, pair)),
        tuple((datetime.fromisoformat(at), buyer) for at, buyer in map(json.loads, ring)),
        shipped_at, received_at, scans,
    )  # fmt: skip


def _hold(columns: Sequence[Any]) -> Hold:
    (hold_id, conversion_id, order_no, shop_id, product_id, publisher_id, user_id, state, code, commission, share,
     conversion_state, *rest) = columns  # fmt: skip
    currency = Currency(code)
    return Hold(
        hold_id, conversion_id, order_no, shop_id, product_id, publisher_id, user_id, HoldState(state),
        Money(commission, currency), Money(share, currency), CommissionState(conversion_state), *rest,
    )  # fmt: skip
