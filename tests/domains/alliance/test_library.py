"""The library: whatever plans shops set, it names the goods that the rules would pay, in order, page by page."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.builders.alliance import Market
from tests.builders.keywords import make_keyword
from wuyou.domains.alliance import operations, queries
from wuyou.domains.alliance.library_types import Fitting, Order, Wanted
from wuyou.domains.alliance.types import USUAL_SHARES, FirstPieces, Offer, Origin, Publisher
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.domains.catalog.types import KeywordKind, Product
from wuyou.domains.inventory import operations as inventory
from wuyou.domains.things import queries as things
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.money import Currency, Money, apply_bps

DAY = timedelta(days=1)


def price_of(product: Product) -> int:
    return min(each.price.amount_minor for each in product.variants)


def id_of(publisher: Publisher | None) -> int | None:
    return publisher.id if publisher else None


def expected(
    products: Sequence[Product], order: Order, publisher: Publisher | None, at: datetime
) -> tuple[list[int], dict[int, Offer]]:
    """What the rules say of these goods, one by one."""
    offers = queries.offers_by_product(
        {each.id: each.shop_id for each in products}, publisher_id=id_of(publisher), at=at
    )

    def by(product: Product) -> int:
        offer = offers[product.id]
        match order:
            case Order.RATE:
                return -offer.plan.rate_bps
            case Order.PRICE:
                return price_of(product)
            case _:
                return -apply_bps(price_of(product), offer.earns_bps)

    paid = [each for each in products if each.id in offers]
    return [each.id for each in sorted(paid, key=lambda one: (by(one), one.id))], offers


def shown(wanted: Wanted, publisher: Publisher | None, at: datetime, limit: int = 100) -> list[int]:
    """All pages of the library."""
    found: list[int] = []
    cursor = None
    while True:
        page = queries.list_library(wanted, publisher_id=id_of(publisher), at=at, cursor=cursor, limit=limit)
        found += page.product_ids
        if (cursor := page.next_cursor) is None:
            assert page.total == len(found)
            return found


class Bazaar:
    """Shops that set plans as chance wants, and two publishers in and out of circles."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.market, self.draw = Market(now), random.Random(seed)
        self.shops = [self.market.shop, self.market.open_shop()]
        prices = [1, 99, 1_050, 10_000, 10_000, 88_888]
        self.products = [self.market.product(price, shop=shop) for shop in self.shops for price in prices]
        self.publishers = [self.market.publisher() for _ in range(3)]
        operations.let_recruit(actor=PLATFORM, publisher_id=self.publishers[2].id, now=now)
        self.circles = [
            operations.open_collaboration(
                actor=PLATFORM, shop_id=shop.id, name="圈", terms="", takes_applications=True, now=now
            )
            for shop in self.shops
        ]

    def move(self, at: datetime) -> None:
        """One of the things that shops and publishers do."""
        draw, shop = self.draw, self.draw.choice(self.shops)
        product = draw.choice([each for each in self.products if each.shop_id == shop.id])
        publisher = draw.choice(self.publishers[:2])
        circle = self.circles[self.shops.index(shop)]
        match draw.randrange(6):
            case 0 | 1 | 2:
                length = draw.choice([None, None, 3, 40])
                from_ = at + draw.choice([0, 0, 2, 20]) * DAY
                self.market.plan(
                    draw.choice([0, 300, 1_000, 1_001, 2_500]),
                    shares=draw.choice([(7_000, 2_000, 1_000), (3_333, 3_333, 3_334), (10_000, 0, 0)]),
                    shop=shop,
                    product=draw.choice([None, product]),
                    collaboration_id=draw.choice([None, None, circle.id]),
                    from_=from_,
                    until=None if length is None else from_ + length * DAY,
                    at=at,
                )
            case 3:
                asked = operations.invite(
                    actor=PLATFORM, collaboration_id=circle.id, publisher_id=publisher.id, words="", now=at
                )
                operations.answer_invitation(
                    actor=Actor(publisher.user_id), participant_id=asked.id, takes=True, now=at
                )
            case 4:
                self.market.link(publisher, product, at=at)
            case _:
                self.enrol(product, publisher, at)

    def enrol(self, product: Product, publisher: Publisher, at: datetime) -> None:
        host = self.draw.choice([None, self.publishers[2]])
        activity = operations.open_activity(
            actor=Actor(host.user_id) if host else PLATFORM, recruiter_id=host.id if host else None, title="会",
            brief="", only_id=publisher.id if host and self.draw.random() < 0.5 else None, least_rate_bps=100,
            service_bps=0, enrols_until=at + DAY, from_=at, until=at + 30 * DAY, now=at,
        )  # fmt: skip
        made = operations.enrol(
            actor=PLATFORM, activity_id=activity.id, product_id=product.id,
            rate_bps=self.draw.choice([200, 1_000, 3_000]),
            first=self.draw.choice([None, FirstPieces(4_000, 2)]), now=at,
        )  # fmt: skip
        operations.decide_enrolment(
            actor=Actor(host.user_id) if host else PLATFORM, enrolment_id=made.id, accepts=True, now=at
        )


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("seed", range(8))
def test_library_shows_what_the_rules_pay_for_whoever_asks_whenever(now: datetime, seed: int) -> None:
    bazaar, done, kinds = Bazaar(now, seed), 0, set()
    for day in range(40):
        at = now + day * DAY
        try:
            with db.savepoint():
                bazaar.move(at)
                done += 1
        except DomainError:
            continue
    assert done > 15
    for at in [now + days * DAY + timedelta(hours=1) for days in (0, 7, 19, 39, 45, 75)]:
        for publisher in (None, *bazaar.publishers):
            for order in Order:
                wanted, offers = expected(bazaar.products, order, publisher, at)
                assert shown(Wanted(order), publisher, at, limit=5) == wanted
            kinds |= {offer.origin for offer in offers.values()}
            for origin in Origin:
                found = {number for number, offer in offers.items() if offer.origin is origin}
                assert set(shown(Wanted(origin=origin), publisher, at)) == found
            mine = {
                number
                for number, offer in offers.items()
                if offer.plan.collaboration_id is not None or offer.plan.only_id is not None
            }
            assert set(shown(Wanted(for_one=True), publisher, at)) == mine
            best: dict[int, int] = {}
            for offer in offers.values():
                best[offer.plan.shop_id] = max(best.get(offer.plan.shop_id, 0), offer.plan.rate_bps)
            shops = [each.id for each in bazaar.shops]
            number = id_of(publisher)
            assert queries.best_rate_by_shop(shops, publisher_id=number, at=at) == best
    assert Origin.SHOP in kinds


def test_pages_follow_each_other_whatever_happens_to_goods_between_them(market: Market) -> None:
    market.plan(1_000)
    goods = [market.product(price * 100) for price in (3, 1, 2, 2, 2, 5, 4)]
    order = sorted(goods, key=lambda one: (-price_of(one), one.id))
    first = queries.list_library(Wanted(), publisher_id=None, at=market.now, limit=3)
    assert (list(first.product_ids), first.total) == ([each.id for each in order[:3]], 7)
    catalog.unlist_product(
        actor=PLATFORM, product_id=order[2].id, now=market.now
    )  # the very one that the next page follows
    price = Money(90_000, Currency.CNY)
    catalog.set_prices(
        actor=PLATFORM, variant_id=order[-1].variants[0].id, price=price, team_price=None, now=market.now
    )
    second = queries.list_library(Wanted(), publisher_id=None, at=market.now, cursor=first.next_cursor, limit=3)
    assert list(second.product_ids) == [each.id for each in order[3:6]]
    assert (second.total, second.next_cursor) == (6, None)


def test_of_plans_of_one_worth_an_activitys_comes_before_older_ones_and_a_circles_before_both(market: Market) -> None:
    now, owner, publisher = market.now, Actor(market.shop.owner_id), market.publisher()
    product, other = market.product(), market.product()
    shares = (USUAL_SHARES.publisher_bps, USUAL_SHARES.partner_bps, USUAL_SHARES.platform_bps)
    market.plan(2_000, shares=shares)
    market.plan(2_000, shares=shares, product=product)
    activity = operations.open_activity(
        actor=PLATFORM, recruiter_id=None, title="秋", brief="", least_rate_bps=100, service_bps=0,
        enrols_until=now + DAY, from_=now, until=now + DAY, now=now,
    )  # fmt: skip
    for each in (product, other):
        made = operations.enrol(actor=owner, activity_id=activity.id, product_id=each.id, rate_bps=2_000, now=now)
        operations.decide_enrolment(actor=PLATFORM, enrolment_id=made.id, accepts=True, now=now)
    _, offers = expected([product, other], Order.RATE, publisher, now)
    assert {offer.plan.enrolment_id is None for offer in offers.values()} == {False}
    assert shown(Wanted(origin=Origin.ALLIANCE), publisher, now) == [product.id, other.id]
    assert shown(Wanted(origin=Origin.SHOP), publisher, now) == []

    circle = operations.open_collaboration(
        actor=owner, shop_id=market.shop.id, name="圈", terms="", takes_applications=True, now=now
    )
    asked = operations.invite(actor=owner, collaboration_id=circle.id, publisher_id=publisher.id, words="", now=now)
    operations.answer_invitation(actor=Actor(publisher.user_id), participant_id=asked.id, takes=True, now=now)
    market.plan(2_000, shares=shares, product=product, collaboration_id=circle.id)
    _, offers = expected([product, other], Order.RATE, publisher, now)
    assert offers[product.id].plan.collaboration_id == circle.id
    assert shown(Wanted(origin=Origin.ALLIANCE), publisher, now) == [other.id]
    assert shown(Wanted(for_one=True), publisher, now) == [product.id]


def test_everything_that_narrows_the_library_is_asked_of_all_goods(market: Market) -> None:
    now, owner = market.now, Actor(market.shop.owner_id)
    tea, parents = make_keyword(now, KeywordKind.GOODS), make_keyword(now, KeywordKind.USERS)
    trade, autumn = make_keyword(now, KeywordKind.INDUSTRY), make_keyword(now, KeywordKind.ACTIVITY)
    market.plan(1_000)
    plain, carrying, called, gone = (market.product() for _ in range(4))
    elsewhere = market.product(shop=market.open_shop())  # its shop pays nothing
    for product, words in ((carrying, [tea, trade]), (called, [tea]), (elsewhere, [tea])):
        ids = [each.id for each in words]
        catalog.set_product_keywords(actor=PLATFORM, product_id=product.id, keyword_ids=ids, now=now)
    activity = operations.open_activity(
        actor=PLATFORM, recruiter_id=None, title="秋", brief="", keyword_ids=[trade.id, autumn.id], least_rate_bps=100,
        service_bps=0, enrols_until=now + DAY, from_=now, until=now + DAY, now=now,
    )  # fmt: skip
    made = operations.enrol(actor=owner, activity_id=activity.id, product_id=called.id, rate_bps=2_000, now=now)
    operations.decide_enrolment(actor=PLATFORM, enrolment_id=made.id, accepts=True, now=now)
    inventory.change_stock(actor=PLATFORM, variant_id=gone.variants[0].id, by=-1_000, now=now)

    def found(**asked: object) -> set[int]:
        return set(shown(Wanted(**asked), None, now))  # type: ignore[arg-type]

    def carry(*keywords: int) -> set[int]:
        return found(keyword_ids=frozenset(keywords))

    assert found() == {plain.id, carrying.id, called.id, gone.id}
    assert found(in_stock=True) == {plain.id, carrying.id, called.id}
    assert found(shop_id=elsewhere.shop_id) == set()
    assert found(words="物") == found()
    assert found(words="帐篷") == found(words="!") == set()
    assert carry(tea.id) == {carrying.id, called.id}
    assert carry(trade.id) == carry(tea.id, trade.id) == {carrying.id, called.id}
    assert carry(autumn.id) == carry(autumn.id, trade.id, tea.id) == {called.id}
    assert carry(parents.id) == carry(tea.id, parents.id) == set()
    page = queries.list_library(Wanted(keyword_ids=frozenset({tea.id})), publisher_id=None, at=now)
    assert page.by_keyword == {tea.id: 2, trade.id: 2, autumn.id: 1}
    assert found(is_claimable=True) == set()

    thing = things.things_by_product([plain.id])
    fits = Fitting({}, {each.id: 20 for each in thing.values()}, {tea.id: 20})
    assert found(fitting=fits) == set(queries.goods_fitting(fits, [plain, *_anew(carrying, called, gone)]))
    assert found(fitting=Fitting({}, {}, {})) == set()
    assert found(fitting=Fitting({elsewhere.shop_id: 20}, {}, {})) == set()
    assert found(fitting=Fitting({market.shop.id: 20}, {}, {})) == found()


def _anew(*products: Product) -> list[Product]:
    return list(catalog_queries.products_by_id([each.id for each in products]).values())
