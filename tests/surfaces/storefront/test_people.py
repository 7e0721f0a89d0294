"""Looking for people by what they have, and calling out to one of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.builders import social, things
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.messaging import queries as messaging
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

Budget = Callable[[int], AbstractContextManager[object]]


def test_people_are_found_with_their_reason_and_nobody_across_a_block(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = make_person(now, "梅"), make_person(now, "林一"), make_person(now, "老赵")
    rare, common = things.make_thing(now, "孤本", brand="甲"), things.make_thing(now, "常见书", brand="乙")
    for person, kept in ((mei, (rare, common)), (lin, (rare, common)), (zhao, (common,))):
        for thing in kept:
            things.make_holding(now, person, thing, audience=PUBLIC)
    client = browser(mei, "zh-hans")

    page = client.get("/people").content.decode()
    assert page.index("林一") < page.index("老赵")
    assert "2 样共同的东西" in page
    assert f"/people/{lin.id}/call-out" in page
    assert "老赵" not in client.get("/people", {"n": 2, "t": rare.id}).content.decode()

    social.block(now, lin, mei)
    assert "林一" not in client.get("/people").content.decode()
    assert client.get(f"/people/{lin.id}/call-out").status_code == 404


def test_thing_of_closed_copies_is_not_named_by_its_number(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    secret = things.make_holding(now, lin, things.make_thing(now, "孤本", brand="甲")).thing

    client = browser(mei, "zh-hans")
    answer = client.get("/people", {"t": secret.id})

    assert answer.status_code == client.get("/people", {"t": 10**9}).status_code == 404
    assert "孤本" not in answer.content.decode()
    assert "孤本" in browser(lin, "zh-hans").get("/people", {"t": secret.id}).content.decode()


def test_near_through_friends_says_through_whom_and_no_friendship(db: None) -> None:
    now = utc_now()
    mei, lin, zhao, secret = (make_person(now, name) for name in ("梅", "林一", "老赵", "暗友"))
    social.befriend(now, mei, lin)
    social.befriend(now, lin, secret)
    for one, other in ((lin, zhao), (zhao, lin)):
        social.follow(now, one, other)

    page = browser(mei, "zh-hans").get("/people", {"near": "1"}).content.decode()

    assert "林一认识" in page
    assert "老赵" in page
    assert "暗友" not in page


@pytest.mark.parametrize(
    "asked", [{"n": "x"}, {"n": "1001"}, {"t": "²"}, {"t": "0"}, {"after": "-1"}, {"brand": "x" * 201}]
)
def test_malformed_question_is_refused(db: None, asked: dict[str, str]) -> None:
    assert browser(make_person(utc_now())).get("/people", asked).status_code == 422


def test_a_call_out_carries_what_both_have_once_and_keeps_what_was_refused(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    thing, other = things.make_thing(now, "海鸥相机"), things.make_thing(now, "别的")
    for person in (mei, lin):
        things.make_holding(now, person, thing, audience=PUBLIC)
    things.make_holding(now, mei, other)
    client = browser(mei, "zh-hans")
    page = client.get(f"/people/{lin.id}/call-out").content.decode()
    assert "海鸥相机" in page
    (client_id,) = re.findall(r'name="client_id" value="([^"]+)"', page)
    before = footprint()

    for wrong in ({"text": "", "thing": thing.id}, {"text": "你好", "thing": other.id}, {"text": "你好"}):
        refused = client.post(f"/people/{lin.id}/call-out", {"client_id": client_id, **wrong})
        assert refused.status_code == 422
        assert 'class="note note--accent"' in refused.content.decode()
    assert footprint() == before

    for _ in range(2):
        sent = client.post(f"/people/{lin.id}/call-out", {"client_id": client_id, "text": "你好", "thing": thing.id})
        assert sent.status_code == 302
    (line,) = messaging.list_requests(get_viewer(lin.id))
    assert line.last is not None
    assert [card.thing.name for card in line.last.cards if card.thing] == ["海鸥相机"]
    again = client.post(f"/people/{lin.id}/call-out", {"client_id": "another-one", "text": "在吗", "thing": thing.id})
    assert again.status_code == 409
    assert "在吗" in again.content.decode()


def test_budget(db: None, django_assert_num_queries: Budget) -> None:
    now = utc_now()
    mei = make_person(now)
    client = browser(mei)
    for count in (2, 8):
        for _ in range(count):
            thing = things.make_thing(now)
            things.make_holding(now, mei, thing)
            things.make_holding(now, make_person(now), thing, audience=PUBLIC)
        with django_assert_num_queries(SEARCH_QUERIES):
            client.get("/people")


SEARCH_QUERIES = 18
