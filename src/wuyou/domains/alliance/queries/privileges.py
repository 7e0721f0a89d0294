"""Who came by whose links, for what is meant for them alone, and what came of what they claimed."""

from __future__ import annotations

from datetime import datetime

from wuyou.domains.alliance import rules, types
from wuyou.infra import db
from wuyou.kernel.money import Currency, Money

_MOST_WAYS = 100


def ways_to_shop(person_id: int | None, shop_id: int, now: datetime) -> types.Ways:
    """By links of which places a person came to a shop, as long as a click is remembered; never by their own.

    Nobody came for who is not known. Cost: one query, by (user, clicked_at); none for who is not known.
    """
    if person_id is None:
        return types.Ways()
    found = db.rows(
        """
        SELECT s.id, s.publisher_id
        FROM alliance_click c JOIN alliance_link l ON l.id = c.link_id JOIN alliance_slot s ON s.id = l.slot_id
        JOIN alliance_publisher p ON p.id = s.publisher_id
        WHERE c.user_id = %s AND c.clicked_at BETWEEN %s AND %s AND l.shop_id = %s AND p.user_id <> c.user_id
        GROUP BY s.id ORDER BY max(c.clicked_at) DESC, max(c.id) DESC LIMIT %s
        """,
        [person_id, now - rules.WINDOW, now, shop_id, _MOST_WAYS],
    )
    return types.Ways(tuple(found))


def claims_by_slot(publisher_id: int) -> tuple[types.SlotClaims, ...]:
    """What was claimed by a publisher's places, and what came of it, most claims first; for the publisher.

    Cost: one query over these claims, the orders that they were used in and the commissions of those.
    """
    found = db.rows(
        """
        WITH claim AS (
            SELECT c.slot_id, c.voucher_id, n.currency, n.funder FROM alliance_voucher_origin c
            JOIN alliance_slot s ON s.id = c.slot_id JOIN promotions_voucher v ON v.id = c.voucher_id
            JOIN promotions_promotion n ON n.id = v.promotion_id WHERE s.publisher_id = %(publisher)s),
        used AS (
            SELECT k.slot_id, k.currency, u.ref,
                   sum(CASE WHEN k.funder = 'PUBLISHER' THEN u.amount_minor - u.back_minor ELSE 0 END) AS cost_minor
            FROM claim k JOIN promotions_use u ON u.voucher_id = k.voucher_id
            WHERE u.state = 'REDEEMED' AND u.back_minor < u.amount_minor GROUP BY k.slot_id, k.currency, u.ref),
        earned AS (
            SELECT u.slot_id, u.currency, u.ref,
                   sum(CASE v.state WHEN 'SETTLED' THEN m.settled_minor ELSE m.estimated_minor END) AS minor
            FROM used u JOIN alliance_conversion v ON v.order_no = u.ref AND v.state <> 'INVALID'
            JOIN alliance_commission m ON m.conversion_id = v.id AND m.publisher_id = %(publisher)s
                 AND m.role IN ('PUBLISHER', 'SUBSIDY') GROUP BY u.slot_id, u.currency, u.ref)
        SELECT s.id, s.name, k.currency, k.claims, coalesce(o.orders, 0), coalesce(o.cost_minor, 0)::bigint,
               coalesce(o.earned_minor, 0)::bigint
        FROM (SELECT slot_id, currency, count(*) AS claims FROM claim GROUP BY slot_id, currency) k
        JOIN alliance_slot s ON s.id = k.slot_id
        LEFT JOIN (SELECT u.slot_id, u.currency, count(*) AS orders, sum(u.cost_minor) AS cost_minor,
                          sum(e.minor) AS earned_minor
                   FROM used u LEFT JOIN earned e USING (slot_id, currency, ref) GROUP BY u.slot_id, u.currency) o
               USING (slot_id, currency)
        ORDER BY k.claims DESC, s.id, k.currency
        """,
        {"publisher": publisher_id},
    )
    return tuple(
        types.SlotClaims(
            slot_id, name, Currency(code), claims, orders, Money(cost, Currency(code)), Money(earned, Currency(code))
        )
        for slot_id, name, code, claims, orders, cost, earned in found
    )
