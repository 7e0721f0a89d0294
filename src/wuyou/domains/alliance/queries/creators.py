"""Publishers whom a shop may want to work with, for reasons that are stated; and what sales through links cost it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from wuyou.domains.alliance.fan_types import Creator, CreatorReason, Effect, PublisherEffect
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.insight import policies as insight
from wuyou.domains.insight.policies import LEAST_PEOPLE
from wuyou.domains.ledger.statements import months
from wuyou.domains.things import queries as things
from wuyou.infra import db, sight
from wuyou.kernel.clock import BUSINESS_ZONE
from wuyou.kernel.money import Currency, Money
from wuyou.kernel.sight import make_viewer

MOST_ASKED = 200
"""Of those who let shops find them, so many are looked at, who joined last."""
LOOKS_BACK = timedelta(days=365)
_STRANGER = make_viewer(None)


def creators_for(shop_id: int, *, now: datetime, limit: int = 20) -> tuple[Creator, ...]:
    """Publishers who let shops find them and for whom something speaks, most reasons first.

    What is said of those who follow them is said of twenty or more, in steps, of who followed when the month began, and
    only by what those show to everybody (ADR 0038). Whom the shop works with, and who runs it, is left out.
    Cost: nine queries.
    """
    publisher_by_user = _findable(shop_id)
    if not publisher_by_user:
        return ()
    users, as_of = sorted(publisher_by_user), months.begin_of(months.month_of(now))
    goods = {thing.id for thing in things.things_by_product(catalog.list_product_ids(shop_id)).values()}
    followers = _followers(users, as_of)
    reasons: dict[int, dict[CreatorReason, int]] = defaultdict(dict)
    for user_id, count in _sold_similar(users, shop_id, goods).items():
        reasons[user_id][CreatorReason.SOLD_SIMILAR] = count
    for reason, counts in (
        (CreatorReason.FANS_BUY, _fans_buying(users, shop_id, as_of)),
        (CreatorReason.FANS_HAVE, _fans_having(users, goods, as_of)),
        (CreatorReason.FANS_ALIKE, _fans_alike(users, shop_id, as_of)),
    ):
        for user_id, count in insight.cells_shown_of(counts, followers).items():
            reasons[user_id][reason] = count
    found = [Creator(publisher_by_user[user_id], user_id, tuple(each.items())) for user_id, each in reasons.items()]
    return tuple(sorted(found, key=lambda one: (-len(one.reasons), one.publisher_id))[:limit])


def _findable(shop_id: int) -> dict[int, int]:
    found = db.rows(
        """
        SELECT p.user_id, p.id FROM alliance_publisher p JOIN identity_user u ON u.id = p.user_id AND u.is_active
        WHERE p.is_findable AND p.user_id <> (SELECT owner_id FROM catalog_shop WHERE id = %(shop)s) AND NOT EXISTS (
            SELECT FROM alliance_participant y JOIN alliance_collaboration c ON c.id = y.collaboration_id
            WHERE y.publisher_id = p.id AND c.shop_id = %(shop)s AND y.state IN ('APPLIED', 'INVITED', 'JOINED'))
        ORDER BY p.id DESC LIMIT %(most)s
        """,
        {"shop": shop_id, "most": MOST_ASKED},
    )
    return dict(found)


def _followers(users: Collection[int], as_of: datetime) -> dict[int, int]:
    return dict(
        db.rows(
            "SELECT followed_id, count(*) FROM social_follow WHERE followed_id = ANY(%s) AND since < %s"
            " GROUP BY followed_id",
            [sorted(users), as_of],
        )
    )


def _sold_similar(users: Collection[int], shop_id: int, goods: Collection[int]) -> dict[int, int]:
    """Sales of what is of the same model, family or brand as the shop's goods, in other shops."""
    sold = db.rows(
        """
        SELECT p.user_id, v.product_id, count(DISTINCT v.order_id) FROM alliance_publisher p
        JOIN alliance_commission m ON m.publisher_id = p.id AND m.role = 'PUBLISHER'
        JOIN alliance_conversion v ON v.id = m.conversion_id AND v.state <> 'INVALID' AND v.shop_id <> %s
        WHERE p.user_id = ANY(%s) GROUP BY p.user_id, v.product_id
        """,
        [shop_id, sorted(users)],
    )
    thing_by_product = things.things_by_product(product_id for _, product_id, _ in sold)
    subjects = things.subjects_by_thing({*goods, *(thing.id for thing in thing_by_product.values())})
    own = {subject for thing_id in goods for subject in subjects.get(thing_id, ())}
    counts: dict[int, int] = defaultdict(int)
    for user_id, product_id, count in sold:
        thing = thing_by_product.get(product_id)
        if thing and own.intersection(subjects.get(thing.id, ())):
            counts[user_id] += count
    return counts


def _fans_buying(users: Collection[int], shop_id: int, as_of: datetime) -> dict[int, int]:
    return dict(
        db.rows(
            """
            SELECT f.followed_id, count(DISTINCT f.follower_id) FROM social_follow f
            JOIN orders_order o ON o.buyer_id = f.follower_id AND o.shop_id = %s AND o.payment = 'PAID'
                 AND o.refunded_minor < o.total_minor AND o.paid_at >= %s AND o.paid_at < %s
            WHERE f.followed_id = ANY(%s) AND f.since < %s GROUP BY f.followed_id
            """,
            [shop_id, as_of - LOOKS_BACK, as_of, sorted(users), as_of],
        )
    )


def _fans_having(users: Collection[int], goods: Collection[int], as_of: datetime) -> dict[int, int]:
    return dict(
        db.rows(
            f"""
            SELECT f.followed_id, count(DISTINCT f.follower_id) FROM social_follow f
            JOIN things_holding h ON h.owner_id = f.follower_id AND h.thing_id = ANY(%s) AND h.state = 'OWN'
            WHERE f.followed_id = ANY(%s) AND f.since < %s AND {sight.visible_sql(_STRANGER, "h")}
            GROUP BY f.followed_id
            """,  # noqa: S608  (literals of ours)
            [sorted(goods), sorted(users), as_of],
        )
    )


def _fans_alike(users: Collection[int], shop_id: int, as_of: datetime) -> dict[int, int]:
    """Followers who say a hobby that twenty buyers of the shop say too."""
    shown = sight.visible_sql(_STRANGER, "t")
    return dict(
        db.rows(
            f"""
            WITH loved AS (
                SELECT t.key FROM social_trait t WHERE t.kind = 'HOBBY' AND {shown} AND t.owner_id IN (
                    SELECT o.buyer_id FROM orders_order o WHERE o.shop_id = %s AND o.payment = 'PAID'
                    AND o.paid_at >= %s AND o.paid_at < %s)
                GROUP BY t.key HAVING count(DISTINCT t.owner_id) >= %s)
            SELECT f.followed_id, count(DISTINCT f.follower_id) FROM social_follow f
            JOIN social_trait t ON t.owner_id = f.follower_id AND t.kind = 'HOBBY' AND {shown}
            JOIN loved ON loved.key = t.key
            WHERE f.followed_id = ANY(%s) AND f.since < %s GROUP BY f.followed_id
            """,  # noqa: S608  (literals of ours)
            [shop_id, as_of - LOOKS_BACK, as_of, LEAST_PEOPLE, sorted(users), as_of],
        )
    )


# ---------------------------------------------------------------- cost and effect

_PAID = "CASE WHEN v.state = 'SETTLED' THEN m.settled_minor ELSE m.estimated_minor END"
_BY_SHOP = "m.role NOT IN ('SUBSIDY', 'THIRD_SUBSIDY')"


def effect_of_shop(
    shop_id: int, *, from_: date, until: date, currency: Currency = Currency.CNY
) -> tuple[Effect, tuple[PublisherEffect, ...]]:
    """What links sold for a shop on the business days `[from_, until)`, and what it pays for that: in all, and by who
    brought it, most first. What was given back as a whole is not counted. Cost: two queries.
    """
    params = {
        "shop": shop_id,
        "from": from_,
        "until": until,
        "zone": BUSINESS_ZONE.key,
        "currency": currency.code,
    }
    when = """v.shop_id = %(shop)s AND v.currency = %(currency)s AND v.state <> 'INVALID'
              AND v.placed_at >= %(from)s::date::timestamp AT TIME ZONE %(zone)s
              AND v.placed_at < %(until)s::date::timestamp AT TIME ZONE %(zone)s"""
    found = db.rows(
        f"""
        WITH sold AS (
            SELECT s.publisher_id, count(DISTINCT v.order_id) AS orders, sum(v.amount_minor - v.refunded_minor) AS minor
            FROM alliance_conversion v JOIN alliance_link l ON l.id = v.link_id JOIN alliance_slot s ON s.id = l.slot_id
            WHERE {when} GROUP BY s.publisher_id),
        paid AS (
            SELECT s.publisher_id, sum({_PAID}) AS minor FROM alliance_conversion v
            JOIN alliance_link l ON l.id = v.link_id JOIN alliance_slot s ON s.id = l.slot_id
            JOIN alliance_commission m ON m.conversion_id = v.id AND {_BY_SHOP} WHERE {when} GROUP BY s.publisher_id)
        SELECT sold.publisher_id, sold.orders, sold.minor::bigint, coalesce(paid.minor, 0)::bigint,
               EXISTS (SELECT FROM alliance_participant y JOIN alliance_collaboration c ON c.id = y.collaboration_id
                       WHERE y.publisher_id = sold.publisher_id AND c.shop_id = %(shop)s AND y.joined_at IS NOT NULL)
        FROM sold LEFT JOIN paid USING (publisher_id) ORDER BY sold.minor DESC, sold.publisher_id
        """,  # noqa: S608  (literals of ours)
        params,
    )
    parts = tuple(
        PublisherEffect(publisher_id if is_known else None, orders, Money(minor, currency), Money(cost_minor, currency))
        for publisher_id, orders, minor, cost_minor, is_known in found
    )
    nothing = Money(0, currency)
    whole = Effect(
        sum(part.order_count for part in parts),
        sum((part.sales for part in parts), start=nothing),
        sum((part.cost for part in parts), start=nothing),
        len(parts),
    )
    return whole, parts
