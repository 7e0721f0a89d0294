"""What a publisher learns of who follows them, and of shops that may fit: by sight, and never of few."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import goods, social, teams
from tests.builders.keywords import make_keyword
from tests.builders.people import make_person
from wuyou.domains.alliance import operations, queries
from wuyou.domains.alliance.fan_types import Fans, FitReason, GoodsFit, GoodsReason, Level
from wuyou.domains.alliance.rules import standing_of
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.domains.catalog.types import KeywordKind, Product
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations as social_operations
from wuyou.infra import db
from wuyou.kernel.actor import PLATFORM, Actor
from wuyou.kernel.sight import FOLLOWERS, ONLY_ME, PUBLIC, AudienceRule

pytestmark = pytest.mark.usefixtures("world")

MONTH = timedelta(days=32)
"""So long ago that this month had not begun."""


@pytest.fixture
def mei(now: datetime) -> Person:
    return make_person(now - 2 * MONTH, "Mei")


def follow_her(now: datetime, mei: Person, count: int) -> list[Person]:
    fans = [make_person(now) for _ in range(count)]
    for fan in fans:
        social.follow(now, fan, mei)
    return fans


def love(now: datetime, fans: list[Person], hobby: str, rule: AudienceRule = PUBLIC) -> None:
    for fan in fans:
        actor = Actor(fan.id)
        db.in_transaction(
            lambda actor=actor: social_operations.say_hobby(actor=actor, hobby=hobby, audience=rule, now=now)  # type: ignore[misc]
        )


def test_crowd_is_said_what_it_shows_in_steps_and_never_what_few_have_or_lack(now: datetime, mei: Person) -> None:
    before = now - MONTH
    fans = follow_her(before, mei, 62)
    love(before, fans[:41], "喝茶")
    love(before, fans[41:62], "修表", ONLY_ME)  # shown to nobody
    love(before, fans[:19], "钓鱼")  # too few
    love(before, fans[:43], "种花")  # too few have it not
    follow_her(now, mei, 25)  # of this month: not counted yet

    found = queries.fans_of(mei.id, now=now)

    assert found.at_least == 60
    assert [(cell.words, cell.at_least) for cell in found.hobbies] == [(("喝茶",), 40)]
    for fan in fans[:22]:
        social.block(now, fan, mei)
    assert queries.fans_of(mei.id, now=now).hobbies == ()  # 40 are left, of whom 19 say so


def test_what_is_shown_to_others_only_is_not_counted(now: datetime, mei: Person) -> None:
    before = now - MONTH
    fans = follow_her(before, mei, 45)
    love(before, fans[:21], "喝茶", FOLLOWERS)  # whom she does not follow
    assert queries.fans_of(mei.id, now=now).hobbies == ()
    for fan in fans[:21]:
        social.follow(now, mei, fan)
    assert [cell.words for cell in queries.fans_of(mei.id, now=now).hobbies] == [("喝茶",)]


def test_few_followers_are_told_nothing_of(now: datetime, mei: Person) -> None:
    love(now - MONTH, follow_her(now - MONTH, mei, 19), "喝茶")
    found = queries.fans_of(mei.id, now=now)
    assert (found.at_least, found.hobbies, found.spending, found.shops) == (0, (), (), ())


def buy(now: datetime, person: Person, product: Product) -> None:
    order = teams.buy_alone(now, person, product)
    teams.pay(now, person, order.order_no)
    teams.settle_down(now)


def test_shops_and_amounts_are_those_of_enough_and_speak_for_a_shop(now: datetime, mei: Person) -> None:
    before = now - MONTH
    shop = goods.make_shop(before)
    goods.make_plan(before, shop)
    product = goods.make_product(before, shop=shop, stock=100)
    fans = follow_her(before, mei, 42)
    for fan in fans[:20]:
        buy(before, fan, product)
    for fan in fans[:25]:
        buy(now, fan, product)  # of this month: not counted yet

    found = queries.fans_of(mei.id, now=now)

    assert [(cell.key, cell.at_least) for cell in found.shops] == [(shop.id, 20)]
    assert [(each.from_.amount_minor, each.at_least) for each in found.spending] == [(0, 20), (1, 20)]
    (fit,) = queries.shops_fitting(mei.id, found, now=now)
    assert (fit.shop_id, fit.best_rate_bps, fit.reasons) == (shop.id, 1_000, ((FitReason.FANS_BUY, 20),))


def test_what_one_picks_speaks_for_a_shop_and_ones_own_shop_is_none(now: datetime, mei: Person) -> None:
    shop, own = goods.make_shop(now), goods.make_shop(now, owner_id=mei.id)
    products = []
    for each in (shop, own):
        goods.make_plan(now, each)
        products.append(goods.make_product(now, shop=each))
    unpaid = goods.make_product(now)  # of a shop without a plan

    def keep() -> None:
        made = operations.make_selection(actor=Actor(mei.id), name="好物", now=now)
        for each in (*products, unpaid):
            operations.pick(actor=Actor(mei.id), selection_id=made, product_id=each.id, now=now)

    db.in_transaction(keep)
    found = queries.shops_fitting(mei.id, queries.fans_of(mei.id, now=now), now=now)
    assert [(fit.shop_id, fit.reasons) for fit in found] == [(shop.id, ((FitReason.PICKED, 1),))]


def test_level_says_what_is_missing() -> None:
    assert [
        (standing_of(reads, 1_005).level, standing_of(reads, 1_005).next_at) for reads in (0, 100, 101, 1_004, 1_005)
    ] == [
        (Level.BEGINS, 101),
        (Level.BEGINS, 101),
        (Level.RISES, 1_005),
        (Level.RISES, 1_005),
        (Level.CREATOR, None),
    ]


def test_goods_are_told_for_reasons_that_the_crowd_gives_and_for_no_others(now: datetime, mei: Person) -> None:
    before = now - MONTH
    shop, other = goods.make_shop(before), goods.make_shop(before)
    camping = make_keyword(before, KeywordKind.USERS, "露营", "Camping")
    babies = make_keyword(before, KeywordKind.USERS, "宝宝", "Babies")
    bought, loved, plain = (goods.make_product(before, shop=each, stock=100) for each in (shop, other, other))

    def put() -> None:
        for product, keyword in ((loved, camping), (plain, babies)):
            catalog.set_product_keywords(actor=PLATFORM, product_id=product.id, keyword_ids=[keyword.id], now=before)

    db.in_transaction(put)
    fans = follow_her(before, mei, 45)
    love(before, fans[:21], "camping")  # however it is written
    love(before, fans[21:40], "宝宝")  # nineteen: too few to be told of
    for fan in fans[:20]:
        buy(before, fan, bought)
    products = [catalog_queries.get_product(each.id) for each in (bought, loved, plain)]
    fitting = queries.what_fits(queries.fans_of(mei.id, now=now))
    assert queries.goods_fitting(fitting, products) == {
        bought.id: (GoodsFit(GoodsReason.FANS_BUY, 20),),
        loved.id: (GoodsFit(GoodsReason.FANS_LOVE, 20, camping.id),),
    }
    assert queries.goods_fitting(queries.what_fits(Fans(now, 0)), products) == {}
