"""Relations over the API: found by things, asked, friends, and nobody across a block."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social, things
from tests.surfaces.api.client import new_client
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC


def test_people_are_found_asked_and_gone_across_a_block(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing = things.make_thing(now, "海鸥相机")
    for client in (mei, lin):
        things.make_holding(now, client.person, thing, audience=PUBLIC)
    him, her = lin.person.id, mei.person.id

    (found,) = mei.get("/people/found").ok()["items"]
    assert (found["person"]["id"], found["count"], found["things"][0]["name"]) == (him, 1, "海鸥相机")
    assert mei.put(f"/people/{him}/follow").status == 204
    assert mei.put(f"/people/{him}/friend-request", {"reason": "都拍胶片"}).status == 204
    (asked,) = lin.get("/friend-requests").ok()["items"]
    assert lin.put(f"/friend-requests/{asked['id']}/acceptance").status == 204
    home = lin.get(f"/people/{her}").ok()
    assert (home["are_friends"], home["is_followed"], home["common"][0]["name"]) == (True, True, "海鸥相机")
    assert [one["id"] for one in mei.get("/friends").ok()["items"]] == [him]
    assert mei.get(f"/people/{him}/tie").ok()["band"] == "ACQUAINTED"
    social.offer(now, lin.person, mei.person)
    assert len(mei.get("/gifts/received").ok()["items"]) == 1

    assert lin.put(f"/people/{her}/block").status == 204

    for client, other in ((mei, him), (lin, her)):
        assert client.get(f"/people/{other}").body["code"] == "identity.person_not_found"
        assert client.get(f"/people/{other}/tie").status == 404
        assert client.get("/people/found").ok()["items"] == client.get("/friends").ok()["items"] == []
    assert mei.get("/gifts/received").ok()["items"] == []
    assert mei.put(f"/people/{him}/follow").body["code"] == "identity.person_not_found"


def test_who_has_all_of_these_is_found_and_what_is_common_is_listed(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = new_client(), new_client(), new_client()
    both = [things.make_thing(now), things.make_thing(now)]
    for thing in both:
        for client in (mei, lin):
            things.make_holding(now, client.person, thing, audience=PUBLIC)
    things.make_holding(now, zhao.person, both[0], audience=PUBLIC)
    asked = f"/people/found?at_least=0&thing_ids={both[0].id}"

    found = mei.get(asked).ok()["items"]
    assert {line["person"]["id"] for line in found} == {lin.person.id, zhao.person.id}
    (found,) = mei.get(f"{asked}&thing_ids={both[1].id}").ok()["items"]
    assert (found["person"]["id"], found["nearness"], found["count"]) == (lin.person.id, "thing", 2)
    common = mei.get(f"/people/{lin.person.id}/common").ok()["items"]
    assert [thing["id"] for thing in common] == [both[1].id, both[0].id]
    hidden = things.make_thing(now)
    assert mei.get(f"{asked}&thing_ids={hidden.id}").code == "things.thing_not_found"
    assert mei.get(asked + "&thing_ids=1" * 20).code == "surface.form_malformed"
    social.block(now, lin.person, mei.person)
    assert [line["person"]["id"] for line in mei.get(asked).ok()["items"]] == [zhao.person.id]
    assert mei.get(f"/people/{lin.person.id}/common").code == "identity.person_not_found"


def test_a_request_is_taken_back_by_who_sent_it_and_a_friendship_ended_by_either(db: None) -> None:
    mei, lin, zhao = new_client(), new_client(), new_client()
    mei.put(f"/people/{lin.person.id}/friend-request", {"reason": "都拍胶片"})
    (sent,) = mei.get("/friend-requests/sent").ok()["items"]
    assert (sent["person"]["id"], lin.get("/friend-requests/sent").ok()["items"]) == (lin.person.id, [])
    assert zhao.ask("DELETE", f"/friend-requests/{sent['id']}").code == "social.request_not_found"
    for _ in range(2):
        assert mei.ask("DELETE", f"/friend-requests/{sent['id']}").status == 204
    assert lin.get("/friend-requests").ok()["items"] == []
    assert lin.put(f"/friend-requests/{sent['id']}/acceptance").code == "social.request_closed"
    social.befriend(utc_now(), mei.person, lin.person)
    for _ in range(2):
        assert lin.ask("DELETE", f"/friends/{mei.person.id}").status == 204
    assert mei.get("/friends").ok()["items"] == []


def test_who_follows_whom_is_told_as_far_as_one_may_meet_them(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = new_client(), new_client(), new_client()
    for client in (lin, zhao):
        client.put(f"/people/{mei.person.id}/follow")
    followers, followed = f"/people/{mei.person.id}/followers", f"/people/{zhao.person.id}/followed"
    assert [one["id"] for one in lin.get(followers).ok()["items"]] == [zhao.person.id, lin.person.id]
    assert [one["id"] for one in lin.get(followed).ok()["items"]] == [mei.person.id]
    social.block(now, zhao.person, lin.person)
    assert [one["id"] for one in lin.get(followers).ok()["items"]] == [lin.person.id]
    assert lin.get(followed).code == "identity.person_not_found"


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    db: None, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    for _ in range(count):
        thing, other = things.make_thing(now), new_client()
        for client in (mei, lin, other):
            things.make_holding(now, client.person, thing, audience=PUBLIC)
        social.befriend(now, mei.person, other.person)
        social.ask(now, new_client().person, mei.person)
        social.ask(now, mei.person, new_client().person)
        other.put(f"/people/{mei.person.id}/follow")
    # Who asks costs one, their eyes one.
    for path, cost in (
        ("/friends", 2 + 2),
        ("/friend-requests", 2 + 2),
        ("/friend-requests/sent", 2 + 2),
        (f"/people/{mei.person.id}/followers", 2 + 3),
        (f"/people/{lin.person.id}/common", 2 + 2),
        (f"/people/{lin.person.id}", 2 + 3),
    ):
        with django_assert_num_queries(cost):
            assert mei.get(path).status == 200, path
