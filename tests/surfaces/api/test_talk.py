"""Conversations over the API: said once, read by number, and silent across a block."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import social, things
from tests.builders.messaging import new_client_id
from tests.surfaces.api.client import ApiClient, new_client
from tests.surfaces.api.conftest import everything
from wuyou.infra import db as database
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

Two = tuple[ApiClient, ApiClient]


@pytest.fixture
def friends(db: None) -> Two:
    mei, lin = new_client(), new_client()
    social.befriend(utc_now(), mei.person, lin.person)
    return mei, lin


def _open(client: ApiClient, other: ApiClient) -> str:
    opened = client.put(f"/people/{other.person.id}/conversation").ok()
    return f"/conversations/{opened['conversation']['id']}"


def _say(client: ApiClient, talk: str, text: str = "在吗", client_id: str = "") -> int:
    said = client.ask("POST", f"{talk}/messages", {"client_id": client_id or new_client_id(), "text": text})
    return int(said.ok()["seq"])


def _said() -> list[object]:
    return [everything(), *(database.rows(f"SELECT * FROM messaging_{table} ORDER BY 1, 2, 3")
                            for table in ("message", "participant", "conversation"))]  # fmt: skip


def test_one_client_id_is_one_message_and_pages_go_both_ways(friends: Two) -> None:
    mei, lin = friends
    talk = _open(mei, lin)
    assert _open(lin, mei) == talk
    assert [_say(mei, talk, client_id="client-once") for _ in range(2)] == [1, 1]
    assert [_say(lin, talk, f"第 {n} 句") for n in range(2, 6)] == [2, 3, 4, 5]

    latest = mei.get(f"{talk}/messages?limit=3").ok()
    before = mei.get(f"{talk}/messages?limit=3&cursor={latest['next_cursor']}").ok()
    after = mei.get(f"{talk}/messages?after=3").ok()
    assert [[one["seq"] for one in page["items"]] for page in (latest, before, after)] == [[3, 4, 5], [1, 2], [4, 5]]
    assert (before["next_cursor"], after["next_cursor"]) == (None, None)
    assert (before["items"][0]["client_id"], before["items"][0]["author"]["id"]) == ("client-once", mei.person.id)
    assert lin.get(f"{talk}/messages?after=0&limit=1").ok()["items"][0]["client_id"] == ""
    assert [one["seq"] for one in lin.get("/messages/found?words=%E7%AC%AC").ok()["items"]] == [5, 4, 3, 2]


def test_what_was_seen_is_counted_no_more_and_never_goes_back(friends: Two) -> None:
    mei, lin = friends
    talk = _open(mei, lin)
    for _ in range(3):
        _say(mei, talk)
    (line,) = lin.get("/conversations").ok()["items"]
    assert (line["unread"], line["last"]["seq"], lin.get("/conversations/unread").ok()["count"]) == (3, 3, 1)
    for seq in (2, 1):
        assert lin.put(f"{talk}/seen", {"seq": seq}).status == 204
    assert lin.get("/conversations").ok()["items"][0]["unread"] == 1
    assert [member["seen_up_to"] for member in mei.get(talk).ok()["members"]] == [3, 2]
    assert lin.put(f"{talk}/mute").status == 204
    assert (lin.get("/conversations/unread").ok()["count"], lin.get(talk).ok()["conversation"]["is_muted"]) == (0, True)
    assert lin.ask("DELETE", f"{talk}/mute").status == 204
    assert lin.get("/conversations/unread").ok()["count"] == 1


def test_a_message_is_said_otherwise_and_taken_back_by_its_writer(friends: Two) -> None:
    mei, lin = friends
    talk = _open(mei, lin)
    one = f"{talk}/messages/{_say(mei, talk, '明天见')}"
    before = _said()
    assert lin.put(one, {"text": "后天见"}).code == lin.ask("DELETE", one).code == "messaging.message_not_found"
    assert mei.put(one, {"text": " "}).code == "messaging.message_empty"
    assert _said() == before
    assert mei.put(one, {"text": "后天见"}).status == 204
    (read,) = lin.get(f"{talk}/messages").ok()["items"]
    assert (read["text"], read["edited_at"] is not None) == ("后天见", True)
    for _ in range(2):
        assert mei.ask("DELETE", one).status == 204
    (read,) = lin.get(f"{talk}/messages").ok()["items"]
    assert (read["text"], read["is_gone"]) == ("", True)


def test_a_stranger_waits_for_an_answer(db: None) -> None:
    mei, lin, zhao = new_client(), new_client(), new_client()
    talk = _open(mei, lin)
    _say(mei, talk)
    assert mei.ask("POST", f"{talk}/messages", {"client_id": new_client_id(), "text": "?"}).code == (
        "messaging.awaiting_answer"
    )
    assert mei.get(talk).ok()["conversation"]["awaits_answer"] is True
    assert (lin.get("/conversations").ok()["items"], len(lin.get("/conversations/requests").ok()["items"])) == ([], 1)
    for path in (talk, f"{talk}/messages"):
        assert zhao.get(path).code == "messaging.conversation_not_found"
    assert zhao.put(f"{talk}/acceptance").code == "messaging.conversation_not_found"
    assert lin.put(f"{talk}/acceptance").status == 204
    assert len(lin.get("/conversations").ok()["items"]) == 1
    assert _say(mei, talk) == 2

    asked = _open(zhao, lin)
    _say(zhao, asked)
    assert lin.put(f"{asked}/refusal").status == 204
    assert lin.get("/conversations/requests").ok()["items"] == []
    assert zhao.get(asked).ok()["conversation"]["awaits_answer"] is True


def test_who_lets_nobody_in_is_written_to_by_nobody_first(db: None) -> None:
    mei, lin = new_client(), new_client()
    assert lin.get("/me/doors").ok() == {"write": "ANYONE", "call": "SHARERS"}
    closed = {"write": "FRIENDS", "call": "NOBODY"}
    assert lin.put("/me/doors", closed).ok() == lin.get("/me/doors").ok() == closed
    talk = _open(mei, lin)
    before = _said()
    refused = mei.ask("POST", f"{talk}/messages", {"client_id": new_client_id(), "text": "你好"})
    assert (refused.code, _said()) == ("messaging.door_closed", before)


def test_a_group_is_made_of_friends_and_run_by_who_made_it(friends: Two) -> None:
    mei, lin = friends
    zhao = new_client()
    assert mei.post("/groups", {"name": "拍照", "person_ids": [zhao.person.id]}).code == "messaging.friends_only"
    made = mei.post("/groups", {"name": "拍照", "person_ids": [lin.person.id]}, key="group-1")
    group = f"/conversations/{made.ok()['conversation']['id']}"
    assert [member["person"]["id"] for member in made.body["members"]] == [mei.person.id, lin.person.id]
    before = _said()
    member = f"{group}/members/{zhao.person.id}"
    for refused, code in (
        (lin.put(f"{group}/name", {"name": "我的"}), "messaging.admins_only"),
        (lin.ask("DELETE", f"{group}/members/{mei.person.id}"), "messaging.admins_only"),
        (mei.put(member), "messaging.friends_only"),
        (mei.ask("DELETE", f"{group}/members/{mei.person.id}"), "messaging.not_yourself"),
        (mei.put(f"{group}/admins/{zhao.person.id}"), "identity.person_not_found"),
        (zhao.put(f"{group}/name", {"name": "我的"}), "messaging.conversation_not_found"),
        (mei.put(f"{_open(mei, lin)}/name", {"name": "我们"}), "messaging.not_a_group"),
    ):
        assert refused.code == code
    assert _said()[1] == before[1]
    social.befriend(utc_now(), mei.person, zhao.person)
    for _ in range(2):
        assert mei.put(member).status == 204
    _say(mei, group, "大家好")
    read = zhao.get(f"{group}/messages").ok()["items"]
    assert [(one["line"], one["text"]) for one in read] == [("ADDED", ""), (None, "大家好")]
    assert mei.put(f"{group}/name", {"name": "胶片"}).status == 204
    assert mei.put(f"{group}/admins/{lin.person.id}").status == 204
    assert lin.ask("DELETE", member).status == 204
    assert zhao.get(group).code == zhao.get(f"{group}/messages").code == "messaging.conversation_not_found"
    assert mei.ask("DELETE", f"{group}/membership").status == 204
    assert lin.get(group).ok()["conversation"]["is_admin"] is True


def test_a_call_out_names_what_both_have_and_show(db: None) -> None:
    now = utc_now()
    mei, lin = new_client(), new_client()
    thing, other = things.make_thing(now), things.make_thing(now)
    for client in (mei, lin):
        things.make_holding(now, client.person, thing, audience=PUBLIC)
    things.make_holding(now, lin.person, other)
    things.make_holding(now, mei.person, other, audience=PUBLIC)
    path = f"/people/{lin.person.id}/call-outs"
    draft = {"text": "我也在用这台", "client_id": "client-call", "thing_ids": [thing.id]}
    before = _said()
    assert mei.ask("POST", path, {**draft, "thing_ids": [other.id]}).code == "messaging.nothing_in_common"
    assert _said() == before
    sent = mei.ask("POST", path, draft)
    assert (sent.status, mei.ask("POST", path, draft).body) == (201, sent.body)
    (request,) = lin.get("/conversations/requests").ok()["items"]
    assert request["last"]["cards"][0]["thing"]["id"] == thing.id
    assert [line["kind"] for line in lin.get("/notifications").ok()["items"]] == ["CALLED_OUT"]

    social.block(now, lin.person, mei.person)

    for client, who in ((mei, lin), (lin, mei)):
        assert client.get("/conversations").ok()["items"] == []
        assert client.get("/conversations/requests").ok()["items"] == []
        refused = client.put(f"/people/{who.person.id}/conversation").code
        assert refused == ("identity.person_not_found" if client is mei else "social.unblock_first")
    assert mei.ask("POST", path, {**draft, "client_id": new_client_id()}).code == "identity.person_not_found"
    assert lin.get("/notifications").ok()["items"] == []


def test_a_card_shows_what_its_reader_may_see_now(friends: Two) -> None:
    mei, lin = friends
    copy = things.make_holding(utc_now(), mei.person, audience=PUBLIC)
    talk = _open(mei, lin)
    assert mei.ask("POST", f"{talk}/messages", {"client_id": new_client_id(), "copy_id": copy.id}).status == 201
    (said,) = lin.get(f"{talk}/messages").ok()["items"]
    assert said["cards"] == [{"thing": {**said["cards"][0]["thing"], "id": copy.thing.id}, "copy_id": copy.id}]
    mei.put("/copies/audience", {"copy_ids": [copy.id], "audience": {}})
    (said,) = lin.get(f"{talk}/messages").ok()["items"]
    assert said["cards"] == [{"thing": None, "copy_id": None}]
    refused = lin.ask("POST", f"{talk}/messages", {"client_id": new_client_id(), "copy_id": copy.id})
    assert refused.code == "things.holding_not_found"


def test_conversations_go_on_where_the_page_ended(friends: Two) -> None:
    mei, _ = friends
    talks = []
    for _ in range(3):
        other = new_client()
        social.befriend(utc_now(), mei.person, other.person)
        talks.append(_open(mei, other))
        _say(mei, talks[-1])
    first = mei.get("/conversations?limit=2").ok()
    rest = mei.get(f"/conversations?limit=2&cursor={first['next_cursor']}").ok()
    listed = [f"/conversations/{line['conversation']['id']}" for line in first["items"] + rest["items"]]
    assert (listed, rest["next_cursor"]) == (talks[::-1], None)
    assert mei.get("/conversations?cursor=yesterday").code == "surface.form_malformed"


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(
    friends: Two, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mei, lin = friends
    for _ in range(count):
        other = new_client()
        social.befriend(utc_now(), mei.person, other.person)
        _say(other, _open(other, mei))
        talk = _open(mei, lin)
        _say(mei, talk)
    # Who asks costs one, their eyes one.
    for path, cost in (
        ("/conversations", 2 + 3),
        ("/conversations/requests", 2 + 1),
        ("/conversations/unread", 2 + 1),
        (talk, 2 + 4),
        (f"{talk}/messages", 2 + 3),
        ("/notifications", 2 + 4),
        ("/notifications/unread", 2 + 3),
    ):
        with django_assert_num_queries(cost):
            assert mei.get(path).status == 200, path
