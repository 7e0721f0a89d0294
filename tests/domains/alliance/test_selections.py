"""Lists of goods and libraries for one: who sees them, whose click it is, and who is paid by them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from tests.builders import goods, social, teams
from tests.builders.people import make_person
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.alliance import errors, operations, queries
from wuyou.domains.alliance.operations import selections
from wuyou.domains.alliance.types import Followed, slot_of_selection
from wuyou.domains.catalog import errors as catalog_errors
from wuyou.domains.catalog import operations as catalog
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.domains.catalog.types import Product
from wuyou.domains.identity.types import Person
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FOLLOWERS, ONLY_ME, PUBLIC, AudienceRule

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def product(now: datetime) -> Product:
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    return goods.make_product(now, shop=shop)


@pytest.fixture
def mei(now: datetime) -> Person:
    return make_person(now, "Mei")


def owner_of(product: Product) -> Actor:
    return Actor(catalog_queries.get_shop(product.shop_id).owner_id)


def make_list(now: datetime, owner: Person, *products: Product, rule: AudienceRule = PUBLIC, name: str = "好物") -> str:
    """A list of somebody's; returns the token of its address."""

    def make() -> str:
        made = operations.make_selection(actor=Actor(owner.id), name=name, now=now, audience=rule)
        for each in products:
            operations.pick(actor=Actor(owner.id), selection_id=made, product_id=each.id, now=now)
        return queries.get_own_selection(owner.id, made).token

    return db.in_transaction(make)


def open_it(now: datetime, token: str, product: Product, person: Person | None) -> Followed:
    user_id = person.id if person else None
    return db.in_transaction(
        lambda: operations.follow_pick(token=token, product_id=product.id, visitor="browser", user_id=user_id, now=now)
    )


def copy_it(now: datetime, token: str, person: Person) -> int:
    return db.in_transaction(
        lambda: operations.copy_selection(actor=Actor(person.id), token=token, name="抄来的", now=now)
    )


def publisher(now: datetime, person: Person) -> int:
    return db.in_transaction(lambda: operations.ensure_publisher(user_id=person.id, now=now)).id


def sees(person: Person | None, token: str) -> bool:
    try:
        queries.get_selection_for(sight.get_viewer(person.id if person else None), token)
    except errors.SelectionNotFound:
        return False
    return True


def test_goods_opened_from_a_list_are_its_owners_sale_in_a_slot_of_its_own(
    now: datetime, mei: Person, product: Product
) -> None:
    lin, token = make_person(now), make_list(now, mei, product)
    (own,) = queries.list_selections(mei.id)

    followed = open_it(now, token, product, lin)
    order = teams.buy_alone(now + timedelta(minutes=5), lin, product)
    teams.pay(now + timedelta(minutes=6), lin, order.order_no)
    teams.settle_down(now + timedelta(minutes=6))

    (sale,) = queries.list_conversions(mei.id).items
    assert (sale.slot_name, sale.order_no) == (slot_of_selection(own.id), order.order_no)
    link = queries.get_link_by_token(followed.token)
    assert link.product_id == product.id
    open_it(now, token, product, lin)
    assert open_it(now, token, product, mei).token == ""  # what one taps oneself is no click
    (line,) = queries.list_links(mei.id).items
    assert line.click_count == 1  # twice within a minute is once


def test_list_is_open_to_whom_its_rule_names_and_is_not_there_for_others(
    now: datetime, mei: Person, product: Product
) -> None:
    follower, blocked, stranger = make_person(now), make_person(now), make_person(now)
    for each in (follower, blocked):
        social.follow(now, each, mei)
    token = make_list(now, mei, product, rule=FOLLOWERS)
    social.block(now, mei, blocked)

    assert [sees(each, token) for each in (mei, follower, blocked, stranger, None)] == [True, True, False, False, False]
    before = footprint()
    for reader in (blocked, stranger, None):
        with pytest.raises(errors.SelectionNotFound):
            open_it(now, token, product, reader)
    for reader in (blocked, stranger):
        with pytest.raises(errors.SelectionNotFound):
            copy_it(now, token, reader)
    assert footprint() == before

    (own,) = queries.list_selections(mei.id)
    db.in_transaction(
        lambda: operations.change_selection(
            actor=Actor(mei.id), selection_id=own.id, name=own.name, audience=ONLY_ME, now=now
        )
    )
    assert not sees(follower, token)
    assert own.audience == FOLLOWERS


def test_goods_that_are_not_in_a_list_or_not_for_sale_are_not_there(
    now: datetime, mei: Person, product: Product
) -> None:
    other, lin = goods.make_product(now), make_person(now)
    token = make_list(now, mei, product)
    shop_owner = owner_of(product)
    db.in_transaction(lambda: catalog.unlist_product(actor=shop_owner, product_id=product.id, now=now))

    before = footprint()
    for each in (product, other):
        with pytest.raises(errors.SelectionNotFound):
            open_it(now, token, each, lin)
    with pytest.raises(catalog_errors.ProductNotFound):
        make_list(now, mei, product, name="二")
    assert footprint() == before


def test_lists_have_room_for_so_much_and_names_are_told_apart(
    now: datetime, mei: Person, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MAX_SELECTIONS", 2)
    monkeypatch.setattr(selections, "MAX_PICKS", 1)
    make_list(now, mei, product, name="一")
    (own,) = queries.list_selections(mei.id)
    other, me, lin = goods.make_product(now), Actor(mei.id), make_person(now)

    before = footprint()
    for name in ("", "x" * 61, "a\nb"):
        with pytest.raises(errors.SelectionMalformed):
            make_list(now, mei, name=name)
    with pytest.raises(errors.SelectionNameTaken):
        make_list(now, mei, name=" 一 ")
    with pytest.raises(errors.SelectionFull):
        db.in_transaction(lambda: operations.pick(actor=me, selection_id=own.id, product_id=other.id, now=now))
    with pytest.raises(errors.SelectionMalformed):
        db.in_transaction(
            lambda: operations.pick(actor=me, selection_id=own.id, product_id=product.id, now=now, words="x" * 121)
        )
    others = Actor(lin.id, is_staff=True)
    with pytest.raises(errors.SelectionNotFound):
        db.in_transaction(lambda: operations.remove_selection(actor=others, selection_id=own.id))
    with pytest.raises(errors.SelectionNotFound):
        db.in_transaction(lambda: operations.unpick(actor=others, selection_id=own.id, product_id=product.id))
    assert footprint() == before

    make_list(now, mei, name="二")
    with pytest.raises(errors.SelectionFull):
        make_list(now, mei, name="三")


def make_named(now: datetime, mei: Person, name: str) -> Callable[[], int]:
    return lambda: operations.make_selection(actor=Actor(mei.id), name=name, now=now)


@pytest.mark.concurrency
def test_two_lists_made_at_once_find_each_other(now: datetime, mei: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MAX_SELECTIONS", 1)
    with ThreadPoolExecutor(1) as pool:
        with held_open(make_named(now, mei, "一")):
            second = pool.submit(elsewhere, make_named(now, mei, "二"))
            wait_until_blocked(second)
        with pytest.raises(errors.SelectionFull):
            second.result(10)
    assert len(queries.list_selections(mei.id)) == 1


@pytest.mark.concurrency
def test_control_without_the_lock_there_is_one_too_many(
    now: datetime, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MAX_SELECTIONS", 1)
    monkeypatch.setattr(selections, "_wait_for_turn", lambda person_id: None)
    with ThreadPoolExecutor(1) as pool, held_open(make_named(now, mei, "一")):
        pool.submit(elsewhere, make_named(now, mei, "二")).result(10)
    assert len(queries.list_selections(mei.id)) == 2


def test_copy_is_a_list_of_ones_own_without_the_words_of_who_made_it(
    now: datetime, mei: Person, product: Product
) -> None:
    token, lin = make_list(now, mei, product), make_person(now)
    (own,) = queries.list_selections(mei.id)
    db.in_transaction(
        lambda: operations.pick(
            actor=Actor(mei.id), selection_id=own.id, product_id=product.id, now=now, words="冬天喝"
        )
    )

    made = copy_it(now, token, lin)

    copied = queries.get_own_selection(lin.id, made)
    assert (copied.audience, copied.count) == (ONLY_ME, 1)
    assert [each.words for each in queries.picks_of(made)] == [""]
    assert [each.words for each in queries.picks_of(own.id)] == ["冬天喝"]


def test_nobody_names_a_slot_like_those_of_lists(now: datetime, mei: Person) -> None:
    mine = publisher(now, mei)
    before = footprint()
    with pytest.raises(errors.SlotMalformed):
        db.in_transaction(lambda: operations.add_slot(publisher_id=mine, name="list:1", now=now, actor=Actor(mei.id)))
    assert footprint() == before


def test_who_leaves_takes_their_lists_along(now: datetime, mei: Person, product: Product) -> None:
    make_list(now, mei, product)
    db.in_transaction(lambda: operations.erase_person(person_id=mei.id, now=now))
    assert queries.list_selections(mei.id) == ()
    assert db.rows("SELECT 1 FROM alliance_pick") == []


def test_library_pays_the_one_whom_it_is_for_and_nobody_else(now: datetime, mei: Person, product: Product) -> None:
    owner, lin = owner_of(product), make_person(now)
    one, other = publisher(now, mei), publisher(now, lin)

    def open_library(**how: object) -> int:
        said: dict[str, object] = {
            "shop_id": product.shop_id, "publisher_id": one, "name": "专供", "product_ids": [product.id],
            "rate_bps": 3_000, "until": None, "words": "只给你",
        }  # fmt: skip
        return db.in_transaction(
            lambda: operations.open_library(**(said | how), actor=owner, now=now).id  # type: ignore[arg-type]
        )

    def rate_of(publisher_id: int) -> int:
        plan = queries.find_plan(shop_id=product.shop_id, product_id=product.id, at=now, publisher_id=publisher_id)
        return plan.rate_bps if plan else 0

    library = open_library()
    assert (rate_of(one), rate_of(other)) == (1_000, 1_000)  # not before it is taken
    (invited,) = queries.list_participations(one)
    db.in_transaction(
        lambda: operations.answer_invitation(actor=Actor(mei.id), participant_id=invited.id, takes=True, now=now)
    )
    assert (rate_of(one), rate_of(other)) == (3_000, 1_000)

    before = footprint()
    with pytest.raises(errors.LibraryExclusive):
        db.in_transaction(
            lambda: operations.invite(actor=owner, collaboration_id=library, publisher_id=other, words="", now=now)
        )
    with pytest.raises(errors.NoApplications):
        db.in_transaction(
            lambda: operations.apply_to_join(
                actor=Actor(lin.id), collaboration_id=library, publisher_id=other, words="", now=now
            )
        )
    for product_ids in ([], [product.id, product.id], list(range(1, 52))):
        with pytest.raises(errors.LibraryMalformed):
            open_library(name="二", product_ids=product_ids)
    foreign = goods.make_product(now)
    before = footprint()
    with pytest.raises(errors.ProductNotFound):
        open_library(name="二", product_ids=[product.id, foreign.id])
    with pytest.raises(catalog_errors.ShopNotFound):
        open_library(name="二", shop_id=foreign.shop_id)
    assert footprint() == before
