"""Gifts and ties over the API: between two people alone, each step once, and nothing across a block."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social, things
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.kernel.clock import utc_now

Two = tuple[ApiClient, ApiClient]


@pytest.fixture
def friends(db: None) -> Two:
    mei, lin = new_client(), new_client()
    social.befriend(utc_now(), mei.person, lin.person)
    return mei, lin


def _favour(client: ApiClient, other: ApiClient, key: str | None = None) -> int:
    offer = {"receiver_id": other.person.id, "kind": "FAVOUR", "what": "帮你搬家"}
    return int(client.post("/gifts", offer, key=key).ok()["id"])


def test_a_gift_is_offered_accepted_given_and_thanked_for(friends: Two) -> None:
    mei, lin = friends
    gift = _favour(mei, lin, "gift-1")
    assert _favour(mei, lin, "gift-1") == gift
    path = f"/gifts/{gift}"
    assert [one["id"] for one in lin.get("/gifts/received?state=OFFERED").ok()["items"]] == [gift]
    assert mei.put(f"{path}/handover").code == "social.gift_closed"
    assert mei.put(f"{path}/acceptance").code == "social.gift_not_found"
    for _ in range(2):
        assert lin.put(f"{path}/acceptance").ok()["state"] == "ACCEPTED"
    assert lin.put(f"{path}/thanks", {"words": "早了"}).code == "social.gift_closed"
    for _ in range(2):
        assert mei.put(f"{path}/handover").ok()["state"] == "GIVEN"
        assert lin.put(f"{path}/thanks", {"words": "多谢"}).status == 204
    assert mei.get(path).ok()["is_thanked"] is True
    assert [one["id"] for one in mei.get("/gifts/given").ok()["items"]] == [gift]
    assert lin.ask("DELETE", path).code == "social.gift_closed"


def test_a_copy_changes_hands_with_its_gift(friends: Two) -> None:
    mei, lin = friends
    copy = things.make_holding(utc_now(), mei.person, story="外公的").id
    offer = {"receiver_id": lin.person.id, "kind": "THING", "copy_id": copy}
    gift = mei.post("/gifts", offer).ok()
    assert (gift["what"], gift["copy_id"]) == (mei.get(f"/copies/{copy}").ok()["copy"]["thing"]["name"], copy)
    assert mei.post("/gifts", offer).code == "social.copy_offered"
    assert lin.get(f"/gifts/{gift['id']}").ok()["copy_id"] is None
    lin.put(f"/gifts/{gift['id']}/acceptance")
    assert mei.put(f"/gifts/{gift['id']}/handover").ok()["state"] == "GIVEN"
    assert mei.get(f"/copies/{copy}").ok()["copy"]["state"] == "GIVEN"
    (arrived,) = lin.get("/copies").ok()["items"]
    assert (arrived["source"], arrived["story"]) == ("GIFT", "")


def test_what_is_refused_changes_nothing(friends: Two) -> None:
    mei, lin = friends
    stranger = new_client()
    theirs = things.make_holding(utc_now(), lin.person).id
    gift = _favour(mei, lin)
    before = everything()
    to_lin = {"receiver_id": lin.person.id, "kind": "FAVOUR", "what": "帮忙"}
    for change, code in (
        ({"kind": "THING"}, "social.gift_needs_copy"),
        ({"copy_id": theirs}, "social.gift_needs_copy"),
        ({"kind": "THING", "copy_id": theirs}, "things.holding_not_found"),
        ({"what": " "}, "social.gift_malformed"),
        ({"receiver_id": mei.person.id}, "social.not_yourself"),
        ({"receiver_id": 10**9}, "identity.person_not_found"),
        ({"receiver_id": stranger.person.id}, "social.gift_not_wanted"),
        ({"in_return_for": gift}, "social.gift_not_found"),
    ):
        assert mei.post("/gifts", {**to_lin, **change}).code == code, change
    for method, end in (("GET", ""), ("DELETE", ""), ("PUT", "/acceptance"), ("PUT", "/handover")):
        assert stranger.ask(method, f"/gifts/{gift}{end}").code == "social.gift_not_found"
    assert stranger.put(f"/gifts/{gift}/thanks", {}).code == "social.gift_not_found"
    assert everything() == before


def test_who_gives_takes_back_and_who_gets_declines(friends: Two) -> None:
    mei, lin = friends
    for who, state in ((mei, "WITHDRAWN"), (lin, "DECLINED")):
        gift = _favour(mei, lin)
        for _ in range(2):
            assert who.ask("DELETE", f"/gifts/{gift}").status == 204
        assert mei.get(f"/gifts/{gift}").ok()["state"] == state
    gift = _favour(mei, lin)
    social.block(utc_now(), lin.person, mei.person)
    for client in friends:
        assert client.get(f"/gifts/{gift}").code == "social.gift_not_found"
        assert client.get("/gifts/given").ok()["items"] == client.get("/gifts/received").ok()["items"] == []


def test_a_tie_is_told_with_its_reasons_to_each_alone(friends: Two) -> None:
    mei, lin = friends
    gift = _favour(mei, lin)
    lin.put(f"/gifts/{gift}/acceptance")
    mei.put(f"/gifts/{gift}/handover")
    path = f"/people/{lin.person.id}/tie"
    tie = mei.get(path).ok()
    assert {part["channel"] for part in tie["parts"]} >= {"GIFTS"}
    assert (len(tie["history"]), tie["correction"], tie["counted"]) == (12, None, tie["strength"])
    assert [line["person"]["id"] for line in mei.get("/ties").ok()["items"]] == [lin.person.id]

    assert mei.put(f"{path}/correction", {"said": "HIDDEN"}).status == 204
    assert (mei.get(path).ok()["correction"], mei.get("/ties").ok()["items"]) == ("HIDDEN", [])
    assert lin.get(f"/people/{mei.person.id}/tie").ok()["correction"] is None
    assert mei.ask("DELETE", f"{path}/correction").status == 204
    assert mei.get(path).ok() == tie
    social.block(utc_now(), lin.person, mei.person)
    assert mei.get(path).code == mei.put(f"{path}/correction", {"said": "CLOSER"}).code == "identity.person_not_found"


def test_of_whom_one_takes_gifts_is_ones_own_to_say(friends: Two) -> None:
    mei, lin = friends
    assert lin.get("/me/preference").ok() == {"gifts_from": "KNOWN", "is_reminded": True}
    said = {"gifts_from": "ANYONE", "is_reminded": False}
    assert lin.put("/me/preference", said).ok() == lin.get("/me/preference").ok() == said
    assert _favour(new_client(), lin)
    assert lin.put("/me/preference", {"gifts_from": "NOBODY", "is_reminded": True}).code == "surface.form_malformed"
    assert mei.get("/reminders").ok()["items"] == []
    assert mei.ask("DELETE", "/reminders/1").code == "social.reminder_not_found"


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    friends: Two, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mei, lin = friends
    for _ in range(count):
        _favour(mei, lin)
    # Who asks costs one, their eyes one, the list one and the people one.
    for client, path in ((lin, "/gifts/received"), (mei, "/gifts/given"), (mei, "/ties")):
        with django_assert_num_queries(4):
            assert client.get(path).ok()["items"], path
