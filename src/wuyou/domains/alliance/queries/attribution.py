"""Reads of what may have brought a sale: clicks in the window before it, and the plans that held then."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.queries.publishing import PLAN, PLAN_WIDTH, terms_of
from wuyou.domains.orders.events import OrderPaid
from wuyou.infra import db

_CLICK = """
    c.id, c.clicked_at, c.known_at, c.link_id, l.product_id, l.shop_id, s.publisher_id, p.user_id, l.partner_id,
    t.user_id, s.third_id, d.user_id, s.third_share_bps, coalesce(pr.since, l.made_at)
"""
"""The columns of a `TracedClick`."""
_CLICK_WIDTH = _CLICK.count(",")


def last_clicks(paid: Sequence[OrderPaid]) -> dict[int, rules.TracedClick]:
    """The last click that may compete for each order, by the order's id: to its shop, known to be the buyer's, in the
    window, not the buyer's own.

    None of this depends on the line, so the click that wins a line is this one or, where no plan held for the line's
    product, an earlier one (`trace`). Cost: one query; an order reads its buyer's clicks backwards until one leads to
    the shop.
    """
    found = db.rows(
        f"""
        SELECT o.id, {_CLICK}
        FROM unnest({db.ids("%(orders)s")}, {db.ids("%(buyers)s")}, {db.ids("%(shops)s")},
                    (SELECT %(placed)s::timestamptz[])::timestamptz[]) AS o(id, buyer_id, shop_id, placed_at)
        CROSS JOIN LATERAL (
            SELECT k.* FROM alliance_click k
            JOIN alliance_link m ON m.id = k.link_id AND m.shop_id = o.shop_id
            JOIN alliance_slot n ON n.id = m.slot_id
            JOIN alliance_publisher q ON q.id = n.publisher_id AND q.user_id <> o.buyer_id
            WHERE k.user_id = o.buyer_id AND k.clicked_at BETWEEN o.placed_at - %(window)s AND o.placed_at
              AND k.known_at <= o.placed_at
            ORDER BY k.clicked_at DESC, k.id DESC LIMIT 1) AS c
        JOIN alliance_link l ON l.id = c.link_id
        JOIN alliance_slot s ON s.id = l.slot_id
        JOIN alliance_publisher p ON p.id = s.publisher_id
        LEFT JOIN alliance_publisher t ON t.id = l.partner_id
        LEFT JOIN alliance_publisher d ON d.id = s.third_id
        LEFT JOIN alliance_promoting pr ON pr.publisher_id = s.publisher_id AND pr.shop_id = l.shop_id
        """,  # noqa: S608  (the columns are a literal of this module)
        {
            "orders": [each.order_id for each in paid],
            "buyers": [each.buyer_id for each in paid],
            "shops": [each.shop_id for each in paid],
            "placed": [each.placed_at for each in paid],
            "window": rules.WINDOW,
        },
    )
    return {order_id: rules.TracedClick(*columns) for order_id, *columns in found}


def terms_by_goods(
    clicks: Collection[rules.TracedClick], product_ids: Collection[int]
) -> dict[tuple[int, int | None], list[rules.PlanTerms]]:
    """The plans that may give the rates of these clicks, by shop and product; None is the whole shop.

    Cost: one query.
    """
    found = db.rows(
        f"""
        SELECT {PLAN}, r.user_id, y.publisher_id, y.joined_at, y.ended_at
        FROM alliance_plan n
        LEFT JOIN alliance_publisher r ON r.id = n.recruiter_id
        LEFT JOIN alliance_participant y ON y.collaboration_id = n.collaboration_id
                  AND y.publisher_id = ANY(%(publishers)s) AND y.joined_at IS NOT NULL
        WHERE n.shop_id = ANY(%(shops)s) AND (n.product_id IS NULL OR n.product_id = ANY(%(products)s))
          AND n.from_at <= %(last)s AND (n.until_at IS NULL OR n.until_at > %(first)s)
          AND (n.superseded_at IS NULL OR n.superseded_at > %(first)s)
        """,  # noqa: S608  (the columns are literals of this package)
        {
            "publishers": sorted({click.publisher_id for click in clicks}),
            "shops": sorted({click.shop_id for click in clicks}),
            "products": sorted(product_ids),
            "first": min(click.clicked_at for click in clicks),
            "last": max(click.clicked_at for click in clicks),
        },
    )
    by_goods: dict[tuple[int, int | None], list[rules.PlanTerms]] = {}
    for terms in terms_of((columns[:PLAN_WIDTH], columns[PLAN_WIDTH], columns[PLAN_WIDTH + 1 :]) for columns in found):
        by_goods.setdefault((terms.plan.shop_id, terms.plan.product_id), []).append(terms)
    return by_goods


def trace(
    *, buyer_id: int, shop_id: int, product_ids: Sequence[int], placed_at: datetime
) -> tuple[list[rules.TracedClick], list[rules.PlanTerms]]:
    """The buyer's clicks that lead to a shop in the window before a moment, and the plans that may give their rates.

    Which click wins is for `rules.find_win`; this only keeps out what cannot. `last_clicks` is the short way for many
    orders; the nightly proof takes this one. Cost: one query, by (user, clicked_at).
    """
    found = db.rows(
        f"""
        SELECT {_CLICK}, {PLAN}, r.user_id, y.publisher_id, y.joined_at, y.ended_at
        FROM alliance_click c
        JOIN alliance_link l ON l.id = c.link_id AND l.shop_id = %(shop)s
        JOIN alliance_slot s ON s.id = l.slot_id
        JOIN alliance_publisher p ON p.id = s.publisher_id
        LEFT JOIN alliance_publisher t ON t.id = l.partner_id
        LEFT JOIN alliance_publisher d ON d.id = s.third_id
        LEFT JOIN alliance_promoting pr ON pr.publisher_id = s.publisher_id AND pr.shop_id = l.shop_id
        JOIN alliance_plan n ON n.shop_id = l.shop_id
             AND (n.product_id IS NULL OR n.product_id = ANY(%(products)s::bigint[]))
             AND n.from_at <= c.clicked_at AND (n.until_at IS NULL OR n.until_at > c.clicked_at)
             AND (n.superseded_at IS NULL OR n.superseded_at > c.clicked_at)
        LEFT JOIN alliance_publisher r ON r.id = n.recruiter_id
        LEFT JOIN alliance_participant y ON y.collaboration_id = n.collaboration_id
                  AND y.publisher_id = s.publisher_id AND y.joined_at IS NOT NULL
        WHERE c.user_id = %(buyer)s AND c.clicked_at BETWEEN %(since)s AND %(until)s
        """,  # noqa: S608  (the columns are literals of this package)
        {
            "shop": shop_id,
            "products": list(product_ids),
            "buyer": buyer_id,
            "since": placed_at - rules.WINDOW,
            "until": placed_at,
        },
    )
    clicks = {columns[0]: rules.TracedClick(*columns[:_CLICK_WIDTH]) for columns in found}
    plans = _CLICK_WIDTH + PLAN_WIDTH
    terms = terms_of((columns[_CLICK_WIDTH:plans], columns[plans], columns[plans + 1 :]) for columns in found)
    return list(clicks.values()), terms
