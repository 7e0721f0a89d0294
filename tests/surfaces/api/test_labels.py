"""What one keeps about people over the API: it opens and closes at once, and nobody else learns of it."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social, things
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC


def _ids(client: ApiClient, path: str) -> list[int]:
    return [one["id"] for one in client.get(path).ok()["items"]]


def test_a_label_opens_what_names_it_to_whom_it_is_on_until_it_is_given_up(db: None) -> None:
    mei, lin = new_client(), new_client()
    label = mei.post("/labels", {"name": "同学"}).ok()
    member = f"/labels/{label['id']}/members/{lin.person.id}"
    copy = things.make_holding(utc_now(), mei.person).id
    rule = {"to": {"labels": [label["id"]]}}
    assert mei.put("/copies/audience", {"copy_ids": [copy], "audience": rule}).status == 204

    seen = []
    for step in ("PUT", "DELETE", "PUT"):
        assert mei.ask(step, member).status == 204
        seen.append(lin.get(f"/copies/{copy}").status)
    assert seen == [200, 404, 200]
    assert _ids(mei, f"/labels/{label['id']}/members") == [lin.person.id]
    assert mei.get("/labels").ok()["items"] == [{"id": label["id"], "name": "同学", "member_count": 1}]
    assert mei.put(f"/labels/{label['id']}", {"name": "老同学"}).status == 204
    assert mei.get(f"/people/{lin.person.id}/note").ok()["labels"] == [{"id": label["id"], "name": "老同学"}]
    assert mei.ask("DELETE", f"/labels/{label['id']}").status == 204
    assert (lin.get(f"/copies/{copy}").status, mei.get("/labels").ok()["items"]) == (404, [])


def test_labels_of_others_are_not_there(db: None) -> None:
    mei, lin, zhao = new_client(), new_client(), new_client()
    label = mei.post("/labels", {"name": "同学"}).ok()["id"]
    social.block(utc_now(), zhao.person, mei.person)
    before = everything()
    for method, path, body in (
        ("PUT", f"/labels/{label}", {"name": "我的"}),
        ("DELETE", f"/labels/{label}", None),
        ("GET", f"/labels/{label}/members", None),
        ("PUT", f"/labels/{label}/members/{mei.person.id}", None),
        ("DELETE", f"/labels/{label}/members/{mei.person.id}", None),
    ):
        assert lin.ask(method, path, *([body] if body else [])).code == "social.label_not_found", path
    assert mei.post("/labels", {"name": "同学"}).code == "social.label_taken"
    assert mei.post("/labels", {"name": " "}).code == "social.label_malformed"
    for other in (zhao.person.id, 10**9):
        assert mei.put(f"/labels/{label}/members/{other}").code == "identity.person_not_found"
        assert mei.put(f"/people/{other}/note", {"text": "谁？"}).code == "identity.person_not_found"
        assert mei.get(f"/people/{other}/note").code == "identity.person_not_found"
        assert mei.put(f"/people/{other}/mute").code == "identity.person_not_found"
    assert mei.put(f"/labels/{label}/members/{mei.person.id}").code == "social.not_yourself"
    assert everything() == before


def test_a_note_is_read_by_its_writer_alone(db: None) -> None:
    mei, lin = new_client(), new_client()
    path = f"/people/{lin.person.id}/note"
    assert mei.put(path, {"text": "借过我的三脚架"}).status == 204
    assert mei.get(path).ok()["note"] == "借过我的三脚架"
    assert lin.get(f"/people/{mei.person.id}/note").ok() == {"note": "", "labels": []}
    assert mei.ask("DELETE", path).status == 204
    assert mei.get(path).ok()["note"] == ""


def test_who_is_muted_is_not_heard_and_still_seen(db: None) -> None:
    mei, lin = new_client(), new_client()
    lin.put(f"/people/{mei.person.id}/follow")
    assert mei.get("/notifications/unread").ok()["count"] == 1
    for _ in range(2):
        assert mei.put(f"/people/{lin.person.id}/mute").status == 204
    assert (_ids(mei, "/mutes"), mei.get("/notifications/unread").ok()["count"]) == ([lin.person.id], 0)
    assert mei.get(f"/people/{lin.person.id}").ok()["mutes"] is True
    assert mei.ask("DELETE", f"/people/{lin.person.id}/mute").status == 204
    assert (_ids(mei, "/mutes"), mei.get("/notifications/unread").ok()["count"]) == ([], 1)


def test_blocks_are_listed_to_who_made_them(db: None) -> None:
    mei, lin = new_client(), new_client()
    mei.put(f"/people/{lin.person.id}/block")
    assert (_ids(mei, "/blocks"), _ids(lin, "/blocks")) == ([lin.person.id], [])


def test_nothing_is_seen_about_what_one_does_not_want_to_see(db: None) -> None:
    mei, lin = new_client(), new_client()
    thing = things.make_thing(utc_now())
    copy = things.make_holding(utc_now(), mei.person, thing, audience=PUBLIC).id
    path = f"/blocked-subjects/thing/{thing.id}"
    assert lin.put(f"/things/{thing.id}/block").status == 204
    assert lin.get("/blocked-subjects").ok()["items"] == [{"kind": "thing", "id": thing.id}]
    assert (lin.get(f"/copies/{copy}").status, lin.get(f"/things/{thing.id}").status) == (404, 404)
    assert lin.ask("DELETE", path).status == 204
    assert lin.get(f"/copies/{copy}").status == 200
    assert lin.put(f"/things/{thing.id}/brand/block").status == 204
    (brand,) = lin.get("/blocked-subjects").ok()["items"]
    assert (lin.get(f"/copies/{copy}").status, brand["kind"]) == (404, "brand")
    assert brand["id"] < 2**53, "a number that every reader of JSON keeps"
    assert lin.ask("DELETE", f"/blocked-subjects/brand/{brand['id']}").status == 204
    assert lin.get(f"/copies/{copy}").status == 200
    assert lin.ask("DELETE", f"/blocked-subjects/shop/{thing.id}").code == "surface.form_malformed"
    assert lin.ask("DELETE", f"/blocked-subjects/thing/{2**60}").code == "surface.form_malformed"


def test_what_one_may_not_know_of_is_not_blocked_by_its_number(db: None) -> None:
    mei, lin = new_client(), new_client()
    secret = things.make_thing(utc_now())
    things.make_holding(utc_now(), mei.person, secret)
    for path in (f"/things/{secret.id}/block", f"/things/{secret.id}/brand/block"):
        assert lin.put(path).code == "things.thing_not_found"
    assert lin.get("/blocked-subjects").ok()["items"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    db: None, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mei = new_client()
    label = mei.post("/labels", {"name": "同学"}).ok()["id"]
    for _ in range(count):
        other = new_client().person.id
        for path in (f"/labels/{label}/members/{other}", f"/people/{other}/mute"):
            mei.put(path)
    mei.put(f"/people/{new_client().person.id}/block")
    # Who asks costs one, their eyes one.
    for path, cost in (("/labels", 2), (f"/labels/{label}/members", 5), ("/mutes", 4), ("/blocks", 3)):
        with django_assert_num_queries(cost):
            assert mei.get(path).ok()["items"], path
