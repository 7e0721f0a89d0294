"""Whom one knows, one's own labels, and gifts."""

from __future__ import annotations

import pytest

from tests.builders import social, things
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.social import queries
from wuyou.domains.social.types import GiftsFrom, GiftState, Preference
from wuyou.domains.things import queries as copies
from wuyou.infra.sight import get_viewer
from wuyou.kernel.clock import utc_now


def test_requests_are_answered_where_they_are_read_and_blocked_people_are_nowhere(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = make_person(now, "梅"), make_person(now, "林一"), make_person(now, "老赵")
    social.ask(now, lin, mei, "都养龟背竹")
    social.befriend(now, mei, zhao)
    social.follow(now, zhao, mei)
    client = browser(mei, "zh-hans")
    page = client.get("/friends").content.decode()
    assert "都养龟背竹" in page
    assert "老赵" in page

    sent = {"do": "accept", "request": social.request_id(lin, mei), "next": "/friends"}
    assert client.post(f"/u/{lin.handle}/relation", sent)["Location"] == "/friends"
    assert queries.get_relation(mei.id, lin.id).are_friends

    social.block(now, zhao, mei)
    for view in ("", "followers", "following"):
        assert "老赵" not in client.get("/friends", {"view": view}).content.decode()
    assert client.get("/friends", {"view": "x"}).status_code == 422


def test_a_label_is_made_put_on_renamed_and_given_up_by_its_owner_alone(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    client, other = browser(mei, "zh-hans"), browser(lin)
    where = client.post("/friends/labels", {"name": "摄友"})["Location"]
    client.post(where, {"do": "add", "who": f"@{lin.handle}"})
    client.post(where, {"do": "rename", "name": "影友"})
    assert "林一" in client.get(where).content.decode()
    assert "影友" in client.get("/friends?view=labels").content.decode()

    before = footprint()
    for sent in ({"do": "rename", "name": "x"}, {"do": "retire"}, {"do": "add", "who": mei.handle}):
        assert other.post(where, sent).status_code in {404, 422}
    assert other.get(where).status_code == 404
    assert client.post(where, {"do": "add", "who": "nobody_here"}).status_code == 404
    assert client.post(where, {"do": "rename", "name": ""}).status_code == 422
    assert footprint() == before

    client.post(where, {"do": "remove", "who": lin.handle})
    assert queries.labels_on(mei.id, lin.id) == {}
    client.post(where, {"do": "retire"})
    assert queries.list_labels(mei.id) == ()


def test_a_copy_is_offered_taken_given_and_thanked_for(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    social.befriend(now, mei, lin)
    holding = things.make_holding(now, mei, things.make_thing(now, "城南旧事"))
    giver, receiver = browser(mei, "zh-hans"), browser(lin, "zh-hans")

    offered = giver.post("/gifts/new", {"to": f"@{lin.handle}", "kind": "THING", "copy": holding.id, "words": "读完啦"})
    assert offered["Location"] == "/gifts?view=given"
    (gift,) = queries.list_gifts_to(lin.id).items
    assert "城南旧事" in receiver.get("/gifts").content.decode()
    receiver.post(f"/gifts/{gift.id}", {"do": "accept"})
    giver.post(f"/gifts/{gift.id}", {"do": "give"})
    receiver.post(f"/gifts/{gift.id}", {"do": "thank", "words": "会好好读的"})

    gift = queries.get_gift(mei.id, gift.id)
    assert (gift.state, gift.is_thanked) == (GiftState.GIVEN, True)
    mine = copies.list_holdings_of(get_viewer(lin.id), lin.id).items
    assert [each.thing.name for each in mine] == ["城南旧事"]


@pytest.mark.parametrize("sent", [{"kind": "MONEY"}, {"kind": "TIME", "what": ""}, {"kind": "THING", "copy": "²"}])
def test_refused_gift_keeps_its_form_and_changes_nothing(db: None, sent: dict[str, str]) -> None:
    now = utc_now()
    mei, lin, zhao = make_person(now), make_person(now), make_person(now)
    social.befriend(now, mei, lin)
    gift = social.offer(now, lin, mei)
    client, stranger = browser(mei), browser(zhao)
    before = footprint()

    answer = client.post("/gifts/new", {"to": lin.handle, "words": "周末见", **sent})

    assert answer.status_code == 422
    assert "周末见" in answer.content.decode()
    assert client.post("/gifts/new", {"to": "nobody_here", "kind": "TIME", "what": "x"}).status_code == 404
    assert stranger.post(f"/gifts/{gift.id}", {"do": "accept"}).status_code == 404
    assert client.post(f"/gifts/{gift.id}", {"do": "x"}).status_code == 422
    assert footprint() == before


def test_thanks_that_came_are_listed_with_what_they_were_for(db: None) -> None:
    now = utc_now()
    giver, lin = make_person(now, "Giver"), make_person(now, "Lin")
    social.befriend(now, giver, lin)
    gift = social.give(now, giver, lin)
    browser(lin).post(f"/gifts/{gift.id}", {"do": "thank", "words": "会好好读的"})

    page = browser(giver, "zh-hans").get("/gifts?view=thanks").content.decode()

    assert "会好好读的" in page
    assert f'href="/gifts/{gift.id}"' in page
    assert "还没有收到感谢" in browser(lin, "zh-hans").get("/gifts?view=thanks").content.decode()


def test_one_chooses_of_whom_one_takes_gifts_and_whether_one_is_reminded(db: None) -> None:
    me = make_person(utc_now())
    client = browser(me)

    assert client.post("/gifts/settings", {"gifts_from": "FRIENDS"})["Location"] == "/gifts"

    assert queries.get_preference(me.id) == Preference(GiftsFrom.FRIENDS, is_reminded=False)
    assert client.post("/gifts/settings", {"gifts_from": "NOBODY", "reminded": "yes"}).status_code == 422
    assert queries.get_preference(me.id) == Preference(GiftsFrom.FRIENDS, is_reminded=False)
    page = client.get("/gifts").content.decode()
    assert 'value="FRIENDS" checked' in page
