"""Following what an author points at: whose click it is, how often it counts, and that it goes along."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from tests.builders import content, goods, social, teams
from tests.builders.people import make_person
from tests.domains.alliance.test_races import elsewhere, held_open, wait_until_blocked
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.alliance import errors, operations, queries
from wuyou.domains.alliance.operations import following
from wuyou.domains.alliance.types import Followed, post_of_slot, slot_of_post
from wuyou.domains.catalog.types import Product
from wuyou.domains.content import errors as content_errors
from wuyou.domains.content import queries as content_queries
from wuyou.domains.content.types import TagDraft
from wuyou.domains.identity.types import Person
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import FRIENDS

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def product(now: datetime) -> Product:
    shop = goods.make_shop(now)
    goods.make_plan(now, shop)
    return goods.make_product(now, shop=shop)


def post_with_tag(now: datetime, author: Person, product: Product, **how: object) -> tuple[int, int]:
    """A published post that leads to buying the product, and its tag."""
    post_id = content.make_post(now, author, tags=[TagDraft(product_id=product.id)], **how)
    (tag,) = content_queries.tags_by_post(sight.get_viewer(author.id), [post_id])[post_id]
    return post_id, tag.id


def tap(
    now: datetime, post_id: int, tag_id: int, person: Person | None = None, *, visitor: str = "browser"
) -> Callable[[], Followed]:
    user_id = person.id if person else None
    return lambda: operations.follow_tag(post_id=post_id, tag_id=tag_id, visitor=visitor, user_id=user_id, now=now)


def clicks() -> list[tuple[str, int | None]]:
    return [tuple(row) for row in db.rows("SELECT visitor, user_id FROM alliance_click ORDER BY id")]


def test_tag_makes_its_authors_link_and_says_which_post_brought_the_sale(now: datetime, product: Product) -> None:
    mei, lin = make_person(now), make_person(now)
    post_id, tag_id = post_with_tag(now, mei, product)

    followed = db.in_transaction(tap(now, post_id, tag_id, lin))
    order = teams.buy_alone(now + timedelta(minutes=5), lin, product)
    teams.pay(now + timedelta(minutes=5), lin, order.order_no)
    teams.settle_down(now + timedelta(minutes=5))

    link = queries.get_link_by_token(followed.token)
    assert (link.product_id, link.path) == (product.id, f"/p/{product.id}")
    (conversion,) = queries.list_conversions(mei.id).items
    assert conversion.slot_name == slot_of_post(post_id)
    assert post_of_slot(conversion.slot_name) == post_id
    assert conversion.is_direct
    again = db.in_transaction(tap(now + timedelta(days=1), post_id, tag_id, make_person(now), visitor="other"))
    assert again == followed


@pytest.mark.parametrize("name", ["post:", "post:x", "post:-1", "team", "post:١"])
def test_other_places_are_no_posts(name: str) -> None:
    assert post_of_slot(name) is None


def test_author_who_takes_nothing_gets_no_link(now: datetime, product: Product) -> None:
    post_id, tag_id = post_with_tag(now, make_person(now), product, earns=False)
    lin, before = make_person(now), footprint()
    assert db.in_transaction(tap(now, post_id, tag_id, lin)) == Followed(product.id, "")
    assert footprint() == before


def test_nobody_is_led_by_themselves_or_earns_of_their_own_shop(now: datetime) -> None:
    zhou, mei = make_person(now), make_person(now)
    shop = goods.make_shop(now, owner_id=zhou.id)
    goods.make_plan(now, shop)
    product = goods.make_product(now, shop=shop)
    of_seller, of_mei = post_with_tag(now, zhou, product), post_with_tag(now, mei, product)
    before = footprint()
    assert db.in_transaction(tap(now, *of_seller, mei)).token == ""
    assert db.in_transaction(tap(now, *of_mei, mei)).token == ""
    assert footprint() == before


def test_tag_of_a_post_that_one_may_not_see_is_not_there(now: datetime, product: Product) -> None:
    mei, lin, stranger = make_person(now), make_person(now), make_person(now)
    social.befriend(now, mei, lin)
    post_id, tag_id = post_with_tag(now, mei, product, audience=FRIENDS)
    other_post, other_tag = post_with_tag(now, mei, product)
    draft_id = content.draft_post(now, mei, tags=[TagDraft(product_id=product.id)])
    before = footprint()
    for wanted in ((post_id, tag_id), (other_post, tag_id), (draft_id, other_tag), (other_post, 10**9)):
        for person in (stranger, None):
            with pytest.raises(content_errors.PostNotFound):
                db.in_transaction(tap(now, *wanted, person))
    assert footprint() == before
    assert db.in_transaction(tap(now, post_id, tag_id, lin)).token


def test_taps_close_to_each_other_are_one_click(now: datetime, product: Product) -> None:
    post_id, tag_id = post_with_tag(now, make_person(now), product)
    for seconds in (0, 1, 59, 61):
        db.in_transaction(tap(now + timedelta(seconds=seconds), post_id, tag_id))
    db.in_transaction(tap(now, post_id, tag_id, visitor="another"))
    assert clicks() == [("browser", None), ("browser", None), ("another", None)]


def tap_at_once(now: datetime, post_id: int, tag_id: int) -> None:
    """A second tap while the first is noted but not committed."""
    db.in_transaction(tap(now - timedelta(days=1), post_id, tag_id))  # the link is there already
    with ThreadPoolExecutor(1) as pool:
        with held_open(tap(now, post_id, tag_id)):
            second = pool.submit(elsewhere, tap(now, post_id, tag_id))
            wait_until_blocked(second)
        second.result(10)


@pytest.mark.concurrency
def test_two_taps_at_once_are_one_click(now: datetime, product: Product) -> None:
    tap_at_once(now, *post_with_tag(now, make_person(now), product))
    assert len(clicks()) == 2


@pytest.mark.concurrency
def test_control_without_the_lock_two_taps_at_once_are_two(
    now: datetime, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(token: str, visitor: str, user_id: int | None, now: datetime, since: datetime) -> bool:
        has_clicked = queries.has_clicked(token=token, visitor=visitor, user_id=user_id, since=since)
        db.rows("SELECT pg_advisory_xact_lock(1)")  # whoever waits has looked before
        if not has_clicked:
            operations.record_click(token=token, visitor=visitor, user_id=user_id, now=now)
        return not has_clicked

    monkeypatch.setattr(following, "_click_once", at_once)
    tap_at_once(now, *post_with_tag(now, make_person(now), product))
    assert len(clicks()) == 3


def test_click_goes_along_into_another_browser_once(now: datetime, product: Product) -> None:
    lin = make_person(now)
    token = db.in_transaction(tap(now, *post_with_tag(now, make_person(now), product))).token

    def carry(at: datetime, visitor: str, user_id: int | None) -> bool:
        return db.in_transaction(lambda: operations.carry_click(token=token, visitor=visitor, user_id=user_id, now=at))

    assert not carry(now + timedelta(minutes=5), "browser", None)  # it is known here
    assert carry(now + timedelta(minutes=5), "system browser", None)
    db.in_transaction(
        lambda: operations.bind_visitor(visitor="system browser", user_id=lin.id, now=now + timedelta(minutes=6))
    )
    assert not carry(now + timedelta(minutes=7), "system browser", lin.id)
    assert not carry(now + timedelta(minutes=8), "a third", lin.id)
    assert carry(now + timedelta(days=16), "a third", lin.id)
    assert clicks() == [("browser", None), ("system browser", lin.id), ("a third", lin.id)]


def test_own_link_is_not_carried_and_an_unknown_one_is_refused(now: datetime, product: Product) -> None:
    mei = make_person(now)
    token = db.in_transaction(tap(now, *post_with_tag(now, mei, product))).token
    before = footprint()
    assert not db.in_transaction(lambda: operations.carry_click(token=token, visitor="phone", user_id=mei.id, now=now))
    with pytest.raises(errors.LinkNotFound):
        db.in_transaction(lambda: operations.carry_click(token="nobody", visitor="phone", user_id=None, now=now))
    assert footprint() == before


def test_nobody_names_a_slot_like_those_of_posts(now: datetime, product: Product) -> None:
    mei = make_person(now)
    publisher = db.in_transaction(lambda: operations.ensure_publisher(user_id=mei.id, now=now))
    before = footprint()
    for act in (
        lambda: operations.add_slot(publisher_id=publisher.id, name="post:7", now=now, actor=Actor(mei.id)),
        lambda: operations.ensure_link(
            publisher_id=publisher.id, slot_name="post:7", product_id=product.id, path="/", now=now, actor=Actor(mei.id)
        ),
    ):
        with pytest.raises(errors.SlotMalformed):
            db.in_transaction(act)
    assert footprint() == before
