"""Notifications over the API: looked at again with the reader's eyes of this moment."""

from __future__ import annotations

from tests.builders import social, things
from tests.surfaces.api.client import new_client
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

EVERYONE = {"to": {"everyone": True}}


def test_what_was_told_is_read_one_by_one(db: None) -> None:
    mei, lin, zhao = new_client(), new_client(), new_client()
    for client in (lin, zhao):
        client.put(f"/people/{mei.person.id}/follow")
    (told,) = mei.get("/notifications").ok()["items"]
    assert [actor["id"] for actor in told["actors"]] == [zhao.person.id, lin.person.id]
    assert (told["kind"], told["is_read"], mei.get("/notifications/unread").ok()["count"]) == ("FOLLOWED", False, 2)
    assert lin.put("/notifications/read", {"ids": told["ids"]}).status == 204
    assert mei.get("/notifications/unread").ok()["count"] == 2
    for _ in range(2):
        assert mei.put("/notifications/read", {"ids": told["ids"][:1]}).status == 204
    assert mei.get("/notifications/unread").ok()["count"] == 1
    mei.put("/notifications/read", {"ids": told["ids"]})
    assert mei.get("/notifications").ok()["items"][0]["is_read"] is True


def test_an_answer_that_may_not_be_seen_any_more_is_told_no_more(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing = things.make_thing(now)
    things.make_holding(now, mei.person, thing, audience=PUBLIC)
    asked = mei.post(f"/things/{thing.id}/annotations", {"text": "准吗？", "audience": EVERYONE}).ok()["id"]
    answer = lin.post(f"/annotations/{asked}/answers", {"text": "准"}).ok()["id"]
    (told,) = mei.get("/notifications").ok()["items"]
    assert (told["kind"], told["object_id"], told["facts"]) == ("THREAD_REPLIED", answer, {"thing": thing.id})

    social.block(now, lin.person, mei.person)
    assert (mei.get("/notifications").ok()["items"], mei.get("/notifications/unread").ok()["count"]) == ([], 0)
    social.unblock(now, lin.person, mei.person)
    assert mei.get("/notifications/unread").ok()["count"] == 1
    lin.ask("DELETE", f"/answers/{answer}")
    assert (mei.get("/notifications").ok()["items"], mei.get("/notifications/unread").ok()["count"]) == ([], 0)
