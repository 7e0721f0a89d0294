"""选品: what a publisher would be paid for goods, and how these came into the library."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from wuyou.domains.alliance import rules, types
from wuyou.domains.alliance.library_types import LibraryPage, Order, Wanted
from wuyou.domains.alliance.queries.publishing import PLAN, PLAN_WIDTH, STAY, terms_of
from wuyou.domains.alliance.types import ACTIVITY_KEYWORDS, Origin
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.things import queries as things
from wuyou.infra import db, fulltext


def offers_by_product(
    shop_by_product: Mapping[int, int], *, publisher_id: int | None, at: datetime
) -> dict[int, types.Offer]:
    """The plan that holds for a publisher and each product; goods that pay nothing are left out.

    Args: shop_by_product: which shop sells each product; publisher_id: None for who promotes nothing yet.
    Cost: one query over the plans of these shops that can still hold.
    """
    found = db.rows(
        f"""
        SELECT {PLAN}, {STAY}, pr.since, e.activity_id, v.recruiter_id FROM alliance_plan n
        LEFT JOIN alliance_participant y ON y.collaboration_id = n.collaboration_id AND y.joined_at IS NOT NULL
                  AND y.publisher_id = %(publisher)s::bigint
        LEFT JOIN alliance_promoting pr ON pr.shop_id = n.shop_id AND pr.publisher_id = %(publisher)s::bigint
        LEFT JOIN alliance_enrolment e ON e.id = n.enrolment_id
        LEFT JOIN alliance_activity v ON v.id = e.activity_id
        WHERE n.shop_id = ANY(%(shops)s) AND (n.product_id IS NULL OR n.product_id = ANY(%(products)s))
          AND n.from_at <= %(at)s AND (n.until_at IS NULL OR n.until_at > %(at)s)
          AND (n.superseded_at IS NULL OR n.superseded_at > %(at)s)
        """,  # noqa: S608  (the columns are literals of this package)
        {
            "publisher": publisher_id,
            "shops": sorted(set(shop_by_product.values())),
            "products": sorted(shop_by_product),
            "at": at,
        },
    )
    since = {columns[1]: columns[-3] for columns in found}
    activities = {columns[0]: (columns[-2], columns[-1]) for columns in found if columns[-2] is not None}
    of_shop: dict[int, list[rules.PlanTerms]] = {}
    for terms in terms_of((columns[:PLAN_WIDTH], None, columns[PLAN_WIDTH:-3]) for columns in found):
        of_shop.setdefault(terms.plan.shop_id, []).append(terms)
    offers = {}
    for product_id, shop_id in shop_by_product.items():
        held = rules.terms_in_force(
            of_shop.get(shop_id, ()),
            shop_id=shop_id,
            product_id=product_id,
            at=at,
            publisher_id=publisher_id,
            promoting_since=since.get(shop_id),
        )
        if held is not None and held.plan.rate_bps:
            activity_id, recruiter_id = activities.get(held.plan.id, (None, None))
            origin = Origin.SHOP if activity_id is None else Origin.RECRUITER if recruiter_id else Origin.ALLIANCE
            offers[product_id] = types.Offer(product_id, held.plan, origin, activity_id)
    return offers


def list_library(
    wanted: Wanted,
    *,
    publisher_id: int | None,
    at: datetime,
    cursor: tuple[int, int] | None = None,
    limit: int = 60,
) -> LibraryPage:
    """Goods on the shelves that pay a publisher a commission now, of all there are.

    The database decides by which plan, as `rules.terms_in_force` does; `test_library.py` holds the two to each other.
    Cost: one query, which reads the plans that may hold and the goods that fit words, shop and keywords; one more for
    each of keywords, what may be claimed, and what speaks for goods.
    """
    asked = fulltext.query(wanted.words)
    if wanted.words.strip() and asked is None:
        return LibraryPage((), 0, {}, None)
    conditions, params = _conditions(wanted, publisher_id, at)
    params |= {"words": asked, "after": cursor and cursor[0], "after_id": cursor and cursor[1], "limit": limit + 1}
    by, direction, comparison = _ORDERS[wanted.order]
    is_few = bool(wanted.words or wanted.shop_id or wanted.keyword_ids or wanted.for_one)
    prices = "" if wanted.order is Order.RATE else _EACH_PRICED if is_few else _ALL_PRICED
    found = db.rows(
        f"""
        {_HELD}, chosen AS MATERIALIZED (
            SELECT p.id, {by} AS by, CASE WHEN w.called_for IS NULL OR w.called_for <@ p.keyword_ids THEN p.keyword_ids
                   ELSE ARRAY(SELECT DISTINCT unnest(p.keyword_ids || w.called_for)) END AS keyword_ids
            {_PAID} {prices} WHERE {conditions})
        (SELECT 'goods', id, by FROM chosen
         WHERE %(after)s::bigint IS NULL OR by {comparison} %(after)s OR (by = %(after)s AND id > %(after_id)s)
         ORDER BY by {direction}, id LIMIT %(limit)s)
        UNION ALL SELECT 'total', 0, count(*) FROM chosen
        UNION ALL SELECT 'keyword', k.id, count(*) FROM (SELECT unnest(keyword_ids) AS id FROM chosen) k GROUP BY k.id
        """,  # noqa: S608  (literals of this module)
        params,
    )
    goods = [(by, number) for what, number, by in found if what == "goods"]
    return LibraryPage(
        tuple(number for _, number in goods[:limit]),
        next(count for what, _, count in found if what == "total"),
        {number: count for what, number, count in found if what == "keyword"},
        goods[limit - 1] if len(goods) > limit else None,
    )


def best_rate_by_shop(shop_ids: Collection[int], *, publisher_id: int | None, at: datetime) -> dict[int, int]:
    """The highest rate that each of these shops pays a publisher now for goods on its shelves; who pays nothing is
    left out. Cost: one query, none for none.
    """
    if not shop_ids:
        return {}
    found = db.rows(
        f"{_HELD} SELECT p.shop_id, max(w.rate_bps) {_PAID} WHERE {_IN_SHOPS} GROUP BY p.shop_id",
        {"publisher": publisher_id, "at": at, "shops": sorted(shop_ids)},
    )
    return dict(found)


_HELD = """
    WITH held AS MATERIALIZED (
        SELECT DISTINCT ON (n.shop_id, n.product_id, n.collaboration_id, n.enrolment_id)
               n.id, n.shop_id, n.product_id, n.rate_bps, e.activity_id, v.recruiter_id, v.keyword_ids AS called_for,
               (n.rate_bps * (n.publisher_share_bps + n.partner_share_bps) + 5000) / 10000 AS earns_bps,
               n.collaboration_id IS NULL AND n.enrolment_id IS NULL AS is_for_all,
               n.collaboration_id IS NOT NULL OR n.only_id IS NOT NULL AS is_for_one,
               ((n.rate_bps::bigint * n.publisher_share_bps * 4 + (n.collaboration_id IS NOT NULL)::int * 2
                 + (n.enrolment_id IS NOT NULL)::int) << 34) - n.id AS preference
        FROM alliance_plan n
        LEFT JOIN alliance_promoting pr ON pr.shop_id = n.shop_id AND pr.publisher_id = %(publisher)s::bigint
        LEFT JOIN alliance_enrolment e ON e.id = n.enrolment_id
        LEFT JOIN alliance_activity v ON v.id = e.activity_id
        WHERE n.from_at <= %(at)s AND (n.until_at IS NULL OR n.until_at > %(at)s)
          AND (n.superseded_at IS NULL OR n.superseded_at > %(at)s)
          AND (%(shops)s::bigint[] IS NULL OR n.shop_id = ANY(%(shops)s))
          AND (n.only_id IS NULL OR n.only_id = %(publisher)s::bigint)
          AND (pr.since < n.notice_before AND n.notice_until > %(at)s) IS NOT TRUE
          AND (n.collaboration_id IS NULL OR EXISTS (
              SELECT FROM alliance_participant y
              WHERE y.collaboration_id = n.collaboration_id AND y.publisher_id = %(publisher)s::bigint
                AND y.joined_at <= %(at)s AND (y.ended_at IS NULL OR y.ended_at > %(at)s)))
        ORDER BY n.shop_id, n.product_id, n.collaboration_id, n.enrolment_id, n.set_at DESC, n.id DESC
    ), of_shop AS (
        SELECT shop_id, max(preference) AS best, max(preference) FILTER (WHERE NOT is_for_all) AS narrow
        FROM held WHERE product_id IS NULL GROUP BY shop_id
    ), of_product AS (
        SELECT product_id, max(preference) AS best, bool_or(is_for_all) AS has_own
        FROM held WHERE product_id IS NOT NULL GROUP BY product_id
    )
"""
"""The plans that hold for a publisher, one a scope, and the best of each shop and each product: what is worth most to
them, then a collaboration's, then an activity's, then the earliest. A product's own for everybody hides its shop's.
That order is one number, of 29 bits and an id of up to 34, by which plans are compared and joined; that it is unique
is said once more where they are joined, since the server does not see it.
"""
_PAID = """
    FROM catalog_product p
    LEFT JOIN of_shop s ON s.shop_id = p.shop_id
    LEFT JOIN of_product o ON o.product_id = p.id
    JOIN (SELECT DISTINCT ON (preference) * FROM held) w
         ON w.preference = greatest(o.best, CASE WHEN o.has_own THEN s.narrow ELSE s.best END)
"""
_ON_SHELVES = "p.is_listed AND w.rate_bps > 0"
_IN_SHOPS = f"{_ON_SHELVES} AND p.shop_id = ANY(%(shops)s)"
_ALL_PRICED = """
    JOIN (SELECT product_id, min(price_minor) AS lowest_minor FROM catalog_variant GROUP BY product_id) x
         ON x.product_id = p.id
"""
"""All prices at once, which is faster of most goods; of few they are looked up one by one."""
_EACH_PRICED = """
    CROSS JOIN LATERAL (SELECT min(price_minor) AS lowest_minor FROM catalog_variant WHERE product_id = p.id) x
"""
_ORDERS: Mapping[Order, tuple[str, str, str]] = {
    Order.INCOME: ("(x.lowest_minor * w.earns_bps + 5000) / 10000", "DESC", "<"),
    Order.RATE: ("w.rate_bps::bigint", "DESC", "<"),
    Order.PRICE: ("x.lowest_minor", "ASC", ">"),
}
_FROM: Mapping[Origin, str] = {
    Origin.SHOP: "w.activity_id IS NULL",
    Origin.RECRUITER: "w.recruiter_id IS NOT NULL",
    Origin.ALLIANCE: "w.activity_id IS NOT NULL AND w.recruiter_id IS NULL",
}


def _conditions(wanted: Wanted, publisher_id: int | None, at: datetime) -> tuple[str, dict[str, object]]:
    """Which goods these are, in the words of `_PAID`, with the parameters of all that is asked."""
    found, params = [_ON_SHELVES], dict[str, object](publisher=publisher_id, at=at, shops=None)
    if wanted.words.strip():
        found.append("p.words @@ %(words)s::text::tsquery")
    if wanted.shop_id is not None:
        found.append("p.shop_id = ANY(%(shops)s)")
        params["shops"] = [wanted.shop_id]
    if wanted.origin is not None:
        found.append(_FROM[wanted.origin])
    if wanted.for_one:
        found.append("w.is_for_one")
    if wanted.in_stock:
        found.append(
            "EXISTS (SELECT FROM catalog_variant c JOIN inventory_stock_item i ON i.variant_id = c.id"
            " WHERE c.product_id = p.id AND i.on_hand > i.reserved)"
        )
    if wanted.is_claimable:
        shops, products = promotions.claimable_for(publisher_id=publisher_id, now=at)
        found.append("(p.shop_id = ANY(%(claim_shops)s) OR p.id = ANY(%(claim_products)s))")
        params |= {"claim_shops": shops, "claim_products": products}
    if (fit := wanted.fitting) is not None:
        found.append(
            "(p.shop_id = ANY(%(fit_shops)s) OR p.id = ANY(%(fit_products)s) OR p.keyword_ids && %(fit_keywords)s)"
        )
        params |= {
            "fit_shops": sorted(fit.shops),
            "fit_products": sorted(things.products_of(fit.things)),
            "fit_keywords": sorted(fit.keywords),
        }
    if wanted.keyword_ids:
        kinds = {each.id: each.kind for each in catalog.keywords_by_id(wanted.keyword_ids, also_retired=True).values()}
        elsewhere = {number for number in wanted.keyword_ids if kinds.get(number) in ACTIVITY_KEYWORDS}
        found.append("p.keyword_ids @> %(on_goods)s::bigint[]")
        params["on_goods"] = sorted(wanted.keyword_ids - elsewhere)
        if elsewhere:
            found.append("(p.keyword_ids || w.called_for) @> %(anywhere)s::bigint[]")
            params["anywhere"] = sorted(elsewhere)
    return " AND ".join(found), params
