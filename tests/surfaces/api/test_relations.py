"""Relations over the API: found by things, asked, friends, and nobody across a block."""

from __future__ import annotations

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
