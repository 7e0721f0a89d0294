"""Copies over the API: put on record, opened to exactly whom one chooses, and gone for everybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social, things
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.domains.social.types import AppreciatedKind
from wuyou.kernel.clock import business_date, utc_now
from wuyou.kernel.sight import PUBLIC

NOBODY = ApiClient()
EVERYONE = {"to": {"everyone": True}}


def test_a_copy_is_private_until_its_owner_opens_it_and_again_when_they_close_it(db: None) -> None:
    mei, lin = new_client(), new_client()
    made = mei.post("/copies", {"new_thing": {"name": "海鸥 4A", "brand": "海鸥"}, "words": {"story": "外公的"}})
    assert made.status == 201
    copy = made.body["copy"]
    assert (copy["state"], copy["source"], copy["own"]["audience"]["to"]["everyone"]) == ("OWN", "HAND", False)
    path, thing = f"/copies/{copy['id']}", f"/things/{copy['thing']['id']}"
    for reader in (lin, NOBODY):
        assert (reader.get(path).code, reader.get(thing).code) == ("things.holding_not_found", "things.thing_not_found")

    assert mei.put("/copies/audience", {"copy_ids": [copy["id"]], "audience": EVERYONE}).status == 204

    for reader in (lin, NOBODY):
        seen = reader.get(path).ok()
        assert (seen["copy"]["story"], seen["copy"]["own"], seen["history"]) == ("外公的", None, [])
        assert reader.get(thing).ok()["holder_count"] == 1
        assert [one["id"] for one in reader.get(f"{thing}/copies").ok()["items"]] == [copy["id"]]
        assert [one["id"] for one in reader.get(f"/people/{mei.person.id}/copies").ok()["items"]] == [copy["id"]]
    assert mei.get(path).ok()["history"][0]["cause"] == "ADDED"

    only_lin = {"to": {"persons": [lin.person.id]}, "minus": {"followers": True}}
    assert mei.put("/copies/audience", {"copy_ids": [copy["id"]], "audience": only_lin}).status == 204
    assert mei.get(path).ok()["copy"]["own"]["audience"]["to"]["persons"] == [lin.person.id]
    assert (lin.get(path).status, NOBODY.get(path).status) == (200, 404)
    assert lin.put(f"/people/{mei.person.id}/follow").status == 204
    assert lin.get(path).status == 404
    assert lin.get(f"/people/{mei.person.id}/copies").ok()["items"] == []


def test_nothing_of_a_person_is_found_across_a_block(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing = things.make_thing(now)
    copy = things.make_holding(now, mei.person, thing, audience=PUBLIC)
    things.make_shelf(now, mei.person)
    social.block(now, mei.person, lin.person)

    for path in (f"/copies/{copy.id}", f"/things/{thing.id}", f"/people/{mei.person.id}/copies",
                 f"/people/{mei.person.id}/shelves", f"/things/{thing.id}/copies"):  # fmt: skip
        assert (lin.get(path).status, NOBODY.get(path).status) == (404, 200), path


def test_what_is_said_of_a_copy_replaces_what_was_said(db: None) -> None:
    mei, lin = new_client(), new_client()
    copy_id = things.make_holding(utc_now(), mei.person).id
    words = {"condition": "WORN", "since_on": "2001-07-01", "rating": 5, "story": "旧了\n更好",
             "fields": [{"name": "编号", "text": "0217"}]}  # fmt: skip
    said = mei.put(f"/copies/{copy_id}/words", words).ok()["copy"]
    assert {name: said[name] for name in words} == words
    assert mei.put(f"/copies/{copy_id}/words", {}).ok()["copy"]["fields"] == []

    tomorrow = (business_date(utc_now()) + timedelta(days=1)).isoformat()
    for wrong, code in (
        ({"since_on": tomorrow}, "surface.form_malformed"),
        ({"since_on": "1569888000"}, "surface.form_malformed"),
        ({"rating": 6}, "surface.form_malformed"),
        ({"fields": [{"name": "a", "text": "1"}, {"name": "a", "text": "2"}]}, "things.fields_malformed"),
        ({"story": "a\u2028b"}, "things.text_malformed"),
    ):
        assert mei.put(f"/copies/{copy_id}/words", wrong).code == code, wrong
    assert lin.put(f"/copies/{copy_id}/words", {"story": "我的"}).code == "things.holding_not_found"
    assert mei.get(f"/copies/{copy_id}").ok()["copy"]["story"] == ""


def test_a_copy_moves_with_a_line_of_history_that_names_whom_both_may_meet(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = new_client(), new_client(), new_client()
    copy_id = things.make_holding(now, mei.person).id
    social.block(now, zhao.person, mei.person)
    before = everything()
    assert mei.post(f"/copies/{copy_id}/moves", {"state": "LENT", "person_id": zhao.person.id}).status == 404
    assert mei.post(f"/copies/{copy_id}/moves", {"state": "WANT"}).code == "things.move_refused"
    assert lin.post(f"/copies/{copy_id}/moves", {"state": "HAD"}).code == "things.holding_not_found"
    assert everything() == before

    move = {"state": "LENT", "person_id": lin.person.id}
    first = mei.post(f"/copies/{copy_id}/moves", move, key="lend-1")
    again = mei.post(f"/copies/{copy_id}/moves", move, key="lend-1")
    assert (first.status, first.body) == (201, again.body)
    line = first.body["history"][-1]
    assert (line["state"], line["other"]["id"], len(first.body["history"])) == ("LENT", lin.person.id, 2)
    social.block(now, lin.person, mei.person)
    assert mei.get(f"/copies/{copy_id}").ok()["history"][-1]["other"] is None


def test_many_copies_change_together_or_not_at_all(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    mine = [things.make_holding(now, mei.person).id for _ in range(3)]
    theirs = things.make_holding(now, lin.person).id
    before = everything()
    for path, body in (
        ("/copies/audience", {"audience": EVERYONE}),
        ("/copies/state", {"state": "HAD"}),
        ("/copies/labels", {"add": ["旧物"]}),
        ("/copies/shelf", {"shelf_id": None}),
    ):
        assert mei.put(path, {"copy_ids": [*mine, theirs], **body}).code == "things.holding_not_found", path
    assert mei.put("/copies/shelf", {"copy_ids": mine, "shelf_id": 1}).code == "things.shelf_not_found"
    assert everything() == before

    assert mei.put("/copies/labels", {"copy_ids": mine, "add": ["旧物", "相机"]}).status == 204
    assert mei.put("/copies/labels", {"copy_ids": mine[:1], "remove": ["相机"]}).status == 204
    assert mei.put("/copies/state", {"copy_ids": mine[1:], "state": "HAD"}).status == 204
    assert mei.put("/copies/state", {"copy_ids": mine[1:], "state": "HAD"}).status == 204
    assert [one["id"] for one in mei.get("/copies?label=%E7%9B%B8%E6%9C%BA").ok()["items"]] == mine[:0:-1]
    assert [one["id"] for one in mei.get("/copies?state=OWN").ok()["items"]] == mine[:1]
    assert mei.get(f"/copies/{mine[1]}").ok()["copy"]["own"]["labels"] == ["旧物", "相机"]
    assert mei.ask("DELETE", f"/copies/{mine[0]}").status == 204
    assert mei.ask("DELETE", f"/copies/{mine[0]}").code == "things.holding_not_found"


def test_a_copy_that_is_refused_leaves_no_thing_behind(db: None) -> None:
    mei, lin = new_client(), new_client()
    hidden = things.make_thing(utc_now())
    before = everything()
    new_thing = {"new_thing": {"name": "相机"}}
    for body, code in (
        ({}, "surface.form_malformed"),
        ({**new_thing, "thing_id": 1}, "surface.form_malformed"),
        ({"thing_id": hidden.id}, "things.thing_not_found"),
        ({"variant_id": 1}, "catalog.variant_not_found"),
        ({**new_thing, "shelf_id": things.make_shelf(utc_now(), lin.person).id}, "things.shelf_not_found"),
        ({**new_thing, "audience": {"to": {"labels": [7]}}}, "social.label_not_found"),
        ({**new_thing, "audience": {"to": {"persons": [2**62]}}}, "identity.person_not_found"),
        ({**new_thing, "audience": {"to": {"holders": [2**62]}}}, "things.thing_not_found"),
        ({"new_thing": {"name": " "}}, "things.text_malformed"),
    ):
        assert mei.post("/copies", body).code == code, body
    assert everything()[:-1] == before[:-1]
    assert mei.get("/copies").ok()["items"] == []


def test_shelves_stand_in_order_and_others_see_those_with_something_to_see(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    first, second = (mei.post("/shelves", {"name": name}).ok()["id"] for name in ("相机", "书"))
    assert mei.post("/shelves", {"name": "书"}).code == "things.shelf_name_taken"
    copies = [things.make_holding(now, mei.person, audience=PUBLIC).id for _ in range(2)]
    hidden = things.make_holding(now, mei.person).id
    assert mei.put("/copies/shelf", {"copy_ids": [*copies, hidden], "shelf_id": second}).status == 204
    assert mei.put("/shelves/order", {"shelf_ids": [second, first]}).status == 204
    assert mei.put(f"/shelves/{second}/order", {"copy_ids": [copies[1], copies[0]]}).status == 204
    assert mei.put(f"/shelves/{first}", {"name": "胶片"}).status == 204

    mine = [(shelf["name"], shelf["count"]) for shelf in mei.get("/shelves").ok()["items"]]
    assert mine == [("书", 3), ("胶片", 0)]
    for reader in (lin, NOBODY):
        shown = reader.get(f"/people/{mei.person.id}/shelves").ok()["items"]
        assert [(shelf["name"], shelf["count"]) for shelf in shown] == [("书", 2)]
        on_it = reader.get(f"/shelves/{second}/copies").ok()["items"]
        assert [copy["id"] for copy in on_it] == copies[::-1]
        assert reader.get(f"/shelves/{first}/copies").ok() == reader.get("/shelves/99999/copies").ok()
    for method, path, body in (
        ("PUT", f"/shelves/{second}", {"name": "我的"}),
        ("DELETE", f"/shelves/{second}", None),
        ("PUT", "/shelves/order", {"shelf_ids": [second]}),
        ("PUT", f"/shelves/{second}/order", {"copy_ids": copies}),
    ):
        assert lin.ask(method, path, *([body] if body else [])).code == "things.shelf_not_found"
    assert mei.ask("DELETE", f"/shelves/{second}").status == 204
    assert len(mei.get("/copies").ok()["items"]) == 3


def test_one_tap_says_how_one_stands_to_a_thing(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing = things.make_thing(now)
    assert lin.put(f"/things/{thing.id}/mark", {"state": "WANT"}).code == "things.thing_not_found"
    things.make_holding(now, mei.person, thing, audience=PUBLIC)
    wish = lin.put(f"/things/{thing.id}/mark", {"state": "WANT"}).ok()["copy"]
    has = lin.put(f"/things/{thing.id}/mark", {"state": "OWN"}).ok()["copy"]
    assert (wish["id"], has["state"]) == (has["id"], "OWN")
    assert lin.put(f"/things/{thing.id}/mark", {"state": "LENT"}).code == "things.move_refused"


def test_pages_go_on_where_the_last_ended(db: None) -> None:
    now = utc_now()
    mei = new_client()
    mine = [things.make_holding(now, mei.person).id for _ in range(5)][::-1]
    first = mei.get("/copies?limit=3").ok()
    rest = mei.get(f"/copies?limit=3&cursor={first['next_cursor']}").ok()
    assert [one["id"] for one in first["items"] + rest["items"]] == mine
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("count", [1, 4])
def test_lists_cost_the_same_however_long(
    db: None, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing = things.make_thing(now)
    for _ in range(count):
        holding = things.make_holding(now, mei.person, thing, audience=PUBLIC)
    shelf = things.make_shelf(now, mei.person)
    mei.put("/copies/shelf", {"copy_ids": [holding.id], "shelf_id": shelf.id})
    # Who asks costs one, and so do their eyes.
    for reader, path, cost in (
        (mei, "/copies", 1 + 4),
        (mei, "/shelves", 1 + 1),
        (lin, f"/people/{mei.person.id}/copies", 2 + 4),
        (lin, f"/people/{mei.person.id}/shelves", 2 + 2),
        (lin, f"/shelves/{shelf.id}/copies", 2 + 3),
        (lin, f"/things/{thing.id}/copies", 2 + 4),
        (lin, f"/things/{thing.id}", 2 + 5),
        (lin, f"/copies/{holding.id}", 2 + 3),
        (mei, f"/copies/{holding.id}", 2 + 5),
        (NOBODY, f"/copies/{holding.id}", 3),
    ):
        with django_assert_num_queries(cost):
            assert reader.get(path).status == 200, path


def test_an_expert_is_whom_people_thanked_for_what_one_sees(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = new_client(), new_client(), new_client()
    thing = things.make_thing(now)
    things.make_holding(now, mei.person, thing, audience=PUBLIC)
    review = things.make_review(now, mei.person, thing, audience=PUBLIC)
    things.thank(now, lin.person, AppreciatedKind.REVIEW, review)
    (expert,) = zhao.get(f"/things/{thing.id}/experts").ok()["items"]
    assert (expert["person"]["id"], expert["appreciator_count"]) == (mei.person.id, 1)
    social.block(now, mei.person, zhao.person)
    assert zhao.get(f"/things/{thing.id}/experts").code == "things.thing_not_found"
