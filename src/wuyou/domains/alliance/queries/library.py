"""选品: what a publisher would be paid for goods, and how these came into the library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wuyou.domains.alliance import rules, types
from wuyou.domains.alliance.queries.publishing import PLAN, PLAN_WIDTH, STAY, terms_of
from wuyou.domains.alliance.types import Origin
from wuyou.infra import db


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
