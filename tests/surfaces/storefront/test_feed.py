"""Following, discover and search: what one may see, why it is there, and the same cost however much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from tests.builders import content, faces, goods, social, things
from tests.builders.people import make_person
from tests.domains.feed.test_feed import fans_and_posts, learn
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.feed.recommender import SERVING
from wuyou.domains.identity.types import Person
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC

pytestmark = pytest.mark.usefixtures("world")
Budget = Callable[[int], AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    SERVING.forget()
    yield
    SERVING.forget()


def page(path: str, person: Person | None = None, **query: str) -> str:
    answer = browser(person).get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_following_shows_whom_one_follows_and_leads_to_people_when_it_is_quiet() -> None:
    now = utc_now()
    me, lin = make_person(now), make_person(now, "Lin")
    assert "Find people by their things" in page("/following", me)
    social.follow(now, me, lin)
    content.make_post(now, lin, text="周末的露营")
    content.make_post(now, lin, text="给自己看", audience=ONLY_ME)
    content.make_post(now, make_person(now), text="别人的")

    said = page("/following", me)

    assert "周末的露营" in said
    assert "给自己看" not in said
    assert "别人的" not in said
    assert browser().get("/following").status_code == 302


def test_discover_says_why_each_is_there() -> None:
    now = utc_now()
    me, friend, _, camping, _ = fans_and_posts(now)
    social.befriend(now, me, friend)
    content.react(now, friend, camping[4])
    learn(now)

    said = page("/discover", me)

    assert f"{friend.display_name} likes it" in said
    assert "Because of “露营" in said
    assert "Many like it now" in page("/discover")
    assert "likes it" not in page("/discover")


def test_one_choice_makes_discover_the_same_for_everybody() -> None:
    now = utc_now()
    me, friend, _, camping, _ = fans_and_posts(now)
    social.befriend(now, me, friend)
    content.react(now, friend, camping[4])
    learn(now)
    mine = browser(me)
    assert "Chosen for you" in mine.get("/discover").content.decode()

    assert mine.post("/discover/personal", {"personal": "no"}).status_code == 302

    said = mine.get("/discover").content.decode()
    assert "The same for everybody" in said
    assert "likes it" not in said
    assert "Because of" not in said
    before = footprint()
    assert browser().post("/discover/personal", {"personal": "yes"}).status_code == 302
    assert footprint() == before


def test_goods_are_discovered_too() -> None:
    now = utc_now()
    product = goods.make_product(now, title="保温壶", title_en="Flask")
    learn(now)

    assert "Flask" in page("/discover", what="goods")
    assert f'href="/p/{product.id}"' in page("/discover", what="goods")


def test_search_finds_posts_goods_things_and_people_as_far_as_one_sees_them() -> None:
    now = utc_now()
    me, lin, wu = make_person(now), make_person(now, "水壶小林"), make_person(now, "吴")
    goods.make_product(now, title="钛水壶", title_en="Titanium flask")
    thing = things.make_thing(now, "老水壶")
    things.make_holding(now, lin, thing, audience=PUBLIC)
    private = things.make_thing(now, "私藏水壶")
    things.make_holding(now, wu, private)
    content.make_post(now, wu, text="水壶怎么选")
    content.make_post(now, wu, text="水壶的秘密", audience=ONLY_ME)

    said = page("/search", me, q="水壶")

    for found in ("水壶怎么选", "Titanium flask", "水壶小林", f"/things/{thing.id}"):
        assert found in said
    for hidden in ("水壶的秘密", f"/things/{private.id}"):
        assert hidden not in said
    assert f"/things/{private.id}" in page("/search", wu, q="水壶")
    assert "水壶怎么选" in page("/search", me, q="水壶", **{"in": "posts"})
    assert "水壶怎么选" not in page("/search", me, q="水壶", **{"in": "people"})
    assert "Nothing is called" in page("/search", me, q="没有这个")
    social.block(now, lin, me)
    assert "水壶小林" not in page("/search", me, q="水壶")


def test_nobody_is_found_by_another_of_their_names() -> None:
    now = utc_now()
    me, lin = make_person(now), make_person(now, "林小溪")
    social.befriend(now, me, lin)
    faces.make_face(lin, "溪边人", audience=FRIENDS)

    assert "溪边人" in page("/search", me, q="溪边")
    assert "溪边人" not in page("/search", me, q="林小溪")
    assert "林小溪" in page("/search", None, q="林小溪")
    assert "林小溪" not in page("/search", None, q="溪边")


def test_pasted_pass_phrase_leads_on() -> None:
    assert browser().get("/search", {"q": "看这个 /t/abcdefgh1234 快来"})["Location"] == "/t/abcdefgh1234"


@pytest.mark.parametrize("count", [1, 6])
def test_budgets_do_not_grow(django_assert_num_queries: Budget, count: int) -> None:
    now = utc_now()
    me, lin = make_person(now), make_person(now)
    social.follow(now, me, lin)
    for n in range(count):
        content.make_post(now + timedelta(minutes=n), lin, text=f"水壶 {n}", photos=1)
        goods.make_product(now, title=f"水壶 {n}", title_en=f"Flask {n}")
    learn(now)
    mine = browser(me)
    mine.get("/discover")
    for path, queries in (("/following", 11), ("/discover", 15), ("/search?q=水壶", 15)):
        with django_assert_num_queries(queries):
            assert mine.get(path).status_code == 200
