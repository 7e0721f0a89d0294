"""Which shops a publisher may work with for long, and why: each reason can be checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from wuyou.domains.alliance import rules
from wuyou.domains.alliance.fan_types import Fans, Fit, FitReason, GoodsFit, GoodsReason, Standing
from wuyou.domains.alliance.library_types import Fitting
from wuyou.domains.alliance.queries.library import best_rate_by_shop
from wuyou.domains.alliance.queries.publishing import find_publisher
from wuyou.domains.alliance.queries.recruiting import list_open_collaborations
from wuyou.domains.catalog import queries as catalog
from wuyou.domains.catalog.types import KeywordKind, Product
from wuyou.domains.content import queries as content
from wuyou.domains.insight import queries as insight
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.kernel import text as texts

_MONTHS, _DAYS = 3, 90


def shops_fitting(person_id: int, fans: Fans, *, now: datetime, limit: int = 20) -> tuple[Fit, ...]:
    """Shops that pay a commission and for which something speaks, most reasons first.

    Args: fans: what the person may know of them, so that no reason tells more. Never a shop of their own.
    Cost: eight queries.
    """
    publisher, reasons = find_publisher(person_id), _reasons(person_id, fans)
    rivals = reasons.keys() - {shop.id for shop in catalog.list_shops_of(person_id)}
    best = best_rate_by_shop(rivals, publisher_id=publisher.id if publisher else None, at=now)
    open_to_all = {one.shop_id for one in list_open_collaborations()}
    found = [
        Fit(shop_id, rate_bps, shop_id in open_to_all, tuple(reasons[shop_id].items()))
        for shop_id, rate_bps in best.items()
    ]
    return tuple(sorted(found, key=lambda fit: (-len(fit.reasons), -fit.best_rate_bps, fit.shop_id))[:limit])


def _reasons(person_id: int, fans: Fans) -> dict[int, dict[FitReason, int]]:
    reasons: dict[int, dict[FitReason, int]] = defaultdict(dict)
    for cell in fans.shops:
        reasons[cell.key][FitReason.FANS_BUY] = cell.at_least
    had = {cell.key: cell.at_least for cell in fans.things}
    same = catalog.products_by_id(things.products_of(had))
    for product_id, thing in things.things_by_product(same).items() if same else ():
        if same[product_id].is_listed:
            of_shop = reasons[same[product_id].shop_id]
            of_shop[FitReason.FANS_HAVE] = max(of_shop.get(FitReason.FANS_HAVE, 0), had.get(thing.id, 0))
    for reason, counts in ((FitReason.SOLD, _sold(person_id)), (FitReason.PICKED, _picked(person_id))):
        for shop_id, count in counts.items():
            reasons[shop_id][reason] = count
    return reasons


def what_fits(fans: Fans) -> Fitting:
    """What speaks for goods with who follows a publisher.

    Args: fans: what the publisher may know of them: nothing else decides, so that choosing goods by it tells no more
    than the page of who follows them. Cost: one query, none where nothing is known.
    """
    said = {texts.fold(word): cell.at_least for cell in reversed(fans.hobbies) for word in cell.words}
    named = catalog.list_keywords([KeywordKind.GOODS, KeywordKind.USERS]) if said else ()
    loved = {each.id: max(said.get(texts.fold(each.name), 0), said.get(texts.fold(each.name_en), 0)) for each in named}
    return Fitting(
        shops={cell.key: cell.at_least for cell in fans.shops},
        things={cell.key: cell.at_least for cell in fans.things},
        keywords={number: count for number, count in loved.items() if count},
    )


def goods_fitting(fitting: Fitting, products: Iterable[Product]) -> dict[int, tuple[GoodsFit, ...]]:
    """Goods for which something of this speaks, each with its reasons; others are left out. Cost: one query at most."""
    goods, loved = list(products), fitting.keywords
    thing_by_product = things.things_by_product([product.id for product in goods]) if fitting.things else {}
    fits = {}
    for product in goods:
        reasons = []
        if count := fitting.shops.get(product.shop_id):
            reasons.append(GoodsFit(GoodsReason.FANS_BUY, count))
        thing = thing_by_product.get(product.id)
        if thing is not None and (count := fitting.things.get(thing.id)):
            reasons.append(GoodsFit(GoodsReason.FANS_HAVE, count))
        if of_these := [(loved[each], each) for each in product.keyword_ids if each in loved]:
            count, keyword_id = max(of_these)
            reasons.append(GoodsFit(GoodsReason.FANS_LOVE, count, keyword_id))
        if reasons:
            fits[product.id] = tuple(reasons)
    return fits


def _sold(person_id: int) -> dict[int, int]:
    return dict(
        db.rows(
            """
            SELECT v.shop_id, count(DISTINCT v.order_id) FROM alliance_commission m
            JOIN alliance_conversion v ON v.id = m.conversion_id JOIN alliance_publisher p ON p.id = m.publisher_id
            WHERE p.user_id = %s AND m.role = 'PUBLISHER' AND v.state <> 'INVALID' GROUP BY v.shop_id
            """,
            [person_id],
        )
    )


def _picked(person_id: int) -> dict[int, int]:
    return dict(
        db.rows(
            """
            SELECT p.shop_id, count(DISTINCT k.product_id) FROM alliance_pick k
            JOIN alliance_selection s ON s.id = k.selection_id JOIN catalog_product p ON p.id = k.product_id
            WHERE s.owner_id = %s GROUP BY p.shop_id
            """,
            [person_id],
        )
    )


def standing_of(person_id: int, *, creator_reads: int, today: date) -> Standing:
    """How much somebody is read. Args: creator_reads: a month, which make a creator. Cost: two queries."""
    posts = content.published_ids(person_id)
    reads = insight.reads_by_object("post", posts, begins=today - timedelta(days=_DAYS)).values()
    return rules.standing_of(sum(reads) // _MONTHS, creator_reads)
