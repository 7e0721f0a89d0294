"""Conversations as their people see and use them."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.builders import erasure, goods, social
from tests.builders import messaging as talk
from tests.builders.people import make_person
from tests.builders.pictures import make_photo
from tests.builders.things import make_holding, make_thing
from tests.surfaces.storefront.conftest import browser, footprint, key
from wuyou.domains.messaging import queries
from wuyou.domains.messaging.types import ConversationKind, MessageKind
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC

SCRIPT = {"HX-Request": "true"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_are_drawn_in_both_languages_within_their_budget(db: None, language: str) -> None:
    now = utc_now()
    me, lin, wei = talk.make_friends(now, "梅", "林小溪", "魏来")
    pair, group = talk.open_with(now, me, lin), talk.make_group(now, me, lin, wei)
    for number in range(6):
        talk.say(now, lin, pair, f"第 {number} 句")
        talk.say(now, wei, group, f"群里第 {number} 句")
    client = browser(me, language)
    client.get("/talk")

    for path, most in (("/talk", 22), (f"/talk/{pair}", 28), (f"/talk/{group}", 28)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.get(path)
        page = answer.content.decode()
        assert len(asked) <= most, (path, [query["sql"][:90] for query in asked])
        assert f'lang="{language}"' in page
        assert page.count("<h1") == 1
        assert "群里第 5 句" in page
    for path in ("/talk/new", f"/talk/{group}/about", f"/talk/{pair}/about", f"/talk/{pair}/things", "/talk/list"):
        assert client.get(path).status_code == 200, path
    assert client.get("/talk/counts").json()["talk"] == 2


def test_what_is_said_is_there_once_however_often_the_form_is_sent(db: None) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, me, lin)
    client = browser(me)
    said = {"text": "四点见 <b>", "client_id": "client-abcdef"}

    first, again = client.post(f"/talk/{pair}/send", said), client.post(f"/talk/{pair}/send", said)

    assert first.status_code == again.status_code == 302
    page = browser(lin).get(f"/talk/{pair}").content.decode()
    assert page.count('bubble__text">四点见 &lt;b&gt;</span>') == 1
    assert 'id="new"' in page
    part = client.post(f"/talk/{pair}/send", {**said, "client_id": "client-ghijkl", "after": 1}, headers=SCRIPT)
    assert re.findall(r'data-seq="(\d+)"', part.content.decode()) == ["2"]


def test_a_bubble_bears_a_name_in_a_group_alone_whether_it_came_live_or_stood_there(db: None) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    client = browser(me)
    for conversation, names in ((talk.open_with(now, me, lin), 0), (talk.make_group(now, me, lin), 1)):
        talk.say(now, lin, conversation)
        for path in ("", "/messages?after=0"):
            page = client.get(f"/talk/{conversation}{path}").content.decode()
            assert page.count('class="bubble__name"') == names, (conversation, path)


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "已注销"), ("en", "Erased person")])
def test_who_is_erased_is_called_so_and_cannot_be_written_to(db: None, language: str, name: str) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair, group = talk.open_with(now, me, lin), talk.make_group(now, me, lin)
    for conversation in (pair, group):
        talk.say(now, lin, conversation)
    erasure.erase(now, lin.id)
    client = browser(me, language)

    page = client.get(f"/talk/{pair}").content.decode()

    assert f'<h1 class="room__name">{name}</h1><p class="room__note"></p>' in page
    assert f'<span class="talk-row__name">{name}</span>' in page
    assert 'name="text"' not in page
    assert "data-reply=" not in page + client.get(f"/talk/{pair}/messages?before=2").content.decode()
    assert f'<span class="talk-row__said">{name}' in page
    assert 'name="text"' in client.get(f"/talk/{group}").content.decode()


def test_seen_is_marked_and_the_count_follows(db: None) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, me, lin)
    talk.say(now, lin, pair)
    client = browser(me)
    assert client.get("/talk/counts").json()["talk"] == 1

    assert client.post(f"/talk/{pair}/seen", {"seq": "1"}, headers=SCRIPT).status_code == 204

    assert client.get("/talk/counts").json()["talk"] == 0
    assert 'id="new"' not in client.get(f"/talk/{pair}").content.decode()


def test_stranger_waits_in_the_tray_until_the_answer(db: None) -> None:
    now = utc_now()
    mei, stranger = make_person(now, "梅"), make_person(now, "路人甲")
    pair = talk.open_with(now, stranger, mei)
    talk.say(now, stranger, pair, "您好,请问")
    client, asking = browser(mei, "zh-hans"), browser(stranger, "zh-hans")

    assert "1 个请求" in client.get("/talk").content.decode()
    assert "路人甲" in client.get("/talk?tray=requests").content.decode()
    assert 'value="decline"' in client.get(f"/talk/{pair}").content.decode()
    assert 'name="text"' not in asking.get(f"/talk/{pair}").content.decode()
    client.post(f"/talk/{pair}/answer", {"answer": "accept"})

    assert 'name="text"' in asking.get(f"/talk/{pair}").content.decode()
    assert "个请求" not in client.get("/talk").content.decode()


def test_photos_open_for_who_takes_part_and_close_with_a_block(db: None, settings: Settings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path
    now = utc_now()
    me, lin, third = talk.make_friends(now, "梅", "林小溪", "魏来")
    pair = talk.open_with(now, me, lin)
    file = SimpleUploadedFile("p.jpg", make_photo(700, 500), "image/jpeg")
    browser(me).post(f"/talk/{pair}/send", {"text": "", "client_id": "client-photos", "photo": file})

    sent = talk.read(lin, pair)[0]
    assert sent.kind is MessageKind.PHOTOS
    path = f"/talk/photos/{sent.photos[0].key}/480"
    shown = browser(lin).get(path)
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (
        200, "image/webp", "private, no-cache")  # fmt: skip
    assert shown["Content-Security-Policy"] == "default-src 'none'"
    assert "Cookie" in shown["Vary"]
    assert path in browser(lin).get(f"/talk/{pair}").content.decode()
    assert browser(lin).get(path, headers={"If-None-Match": shown["ETag"]}).status_code == 304
    assert browser(third).get(path).status_code == browser().get(path).status_code == 404

    social.block(now, me, lin)

    assert browser(lin).get(path, headers={"If-None-Match": shown["ETag"]}).status_code == 404


def test_own_things_and_pasted_links_become_cards(db: None) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, me, lin)
    copy, other = make_holding(now, me, make_thing(now, "海鸥 4A")), make_thing(now, "凤凰 205")
    make_holding(now, lin, other, audience=PUBLIC)
    product = goods.make_product(now)
    client = browser(me, "zh-hans")
    assert "海鸥 4A" in client.get(f"/talk/{pair}/things").content.decode()
    client.post(f"/talk/{pair}/send", {"holding": copy.id, "client_id": "client-holding"})
    for number, link in enumerate((f"http://testserver/p/{product.id}", f"/things/{other.id}", "http://elsewhere/p/1")):
        client.post(f"/talk/{pair}/send", {"text": f"看 {link}", "client_id": f"client-link{number}"})

    mine, bought, thing, plain = talk.read(lin, pair)
    assert [m.kind for m in (mine, bought, thing, plain)] == [
        MessageKind.THING, MessageKind.PRODUCT, MessageKind.THING, MessageKind.TEXT]  # fmt: skip
    assert (bought.text, thing.text, plain.text) == ("看", "看", "看 http://elsewhere/p/1")
    page = browser(lin, "en").get(f"/talk/{pair}").content.decode()
    assert "海鸥 4A" not in page  # a private copy stays closed to its reader
    assert "Not open to you" in page
    card = re.search(r'<a class="talk-card" href="([^"]+)" data-sheet', page)
    assert card is not None  # it notes the tap, and leads on
    assert f"/p/{product.id}" in browser(lin).get(card[1]).headers["Location"]
    assert f'<a class="talk-card" href="/things/{other.id}"' in page


def test_link_to_a_thing_of_closed_copies_stays_a_link(db: None) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, me, lin)
    secret = make_holding(now, lin, make_thing(now, "凤凰 205")).thing

    browser(me).post(f"/talk/{pair}/send", {"text": f"/things/{secret.id}", "client_id": "client-secret"})

    (said,) = talk.read(me, pair)
    assert (said.kind, said.cards, said.text) == (MessageKind.TEXT, (), f"/things/{secret.id}")


def test_group_is_begun_among_friends_changed_and_left(db: None) -> None:
    now = utc_now()
    me, lin, wei = talk.make_friends(now, "梅", "林小溪", "魏来")
    client = browser(me)
    made = client.post("/talk/new", {"person": [lin.id, wei.id], "name": "周末爬山", **key()})
    path = made["Location"]
    group = int(path.rpartition("/")[2])

    client.post(f"{path}/name", {"name": "周日爬山"})
    client.post(f"{path}/members", {"remove": wei.id})
    assert browser(wei).get(path).status_code == 404
    client.post(f"{path}/members", {"add": wei.id})
    browser(lin).post(f"{path}/leave")

    conversation = queries.get_conversation(talk.viewer(me), group)
    assert (conversation.kind, conversation.name) == (ConversationKind.GROUP, "周日爬山")
    assert {each.person_id for each in queries.list_participants(talk.viewer(me), group)} == {me.id, wei.id}
    assert browser(lin).get(path).status_code == 404
    one = client.post("/talk/new", {"person": [lin.id], "name": "", **key()})
    assert one["Location"] == f"/talk/{talk.open_with(now, me, lin)}"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("send", {"text": " ", "client_id": "client-000001"}, 422),
        ("send", {"text": "x", "client_id": "x"}, 422),
        ("send", {"text": "x", "client_id": "client-000001", "holding": "-3"}, 422),
        ("send", {"text": "x", "client_id": "client-000001", "reply": "99"}, 404),
        ("seen", {"seq": "x"}, 422),
        ("members", {"add": "1", "remove": "2"}, 422),
        ("name", {"name": "鸟"}, 422),
        ("answer", {"answer": "perhaps"}, 422),
    ],
)
def test_refused_form_changes_nothing(db: None, path: str, form: dict[str, str], status: int) -> None:
    now = utc_now()
    me, lin = talk.make_friends(now, "梅", "林小溪")
    pair = talk.open_with(now, me, lin)
    talk.say(now, lin, pair)
    client = browser(me)
    client.get("/talk")
    before = footprint()

    assert client.post(f"/talk/{pair}/{path}", form).status_code == status

    assert footprint() == before


def test_others_conversation_is_not_there_for_a_third(db: None) -> None:
    now = utc_now()
    me, lin, third = talk.make_friends(now, "梅", "林小溪", "魏来")
    pair = talk.open_with(now, me, lin)
    talk.say(now, me, pair)
    client = browser(third)
    before = footprint()

    for path in ("", "/messages?after=0", "/about", "/things"):
        assert client.get(f"/talk/{pair}{path}").status_code == 404, path
    said = {"text": "我也在", "client_id": "client-000001", "answer": "accept", "seq": "1"}
    for path in ("send", "seen", "answer", "mute", "leave", "1/withdraw"):
        assert client.post(f"/talk/{pair}/{path}", said).status_code == 404, path

    assert {name for name, digest in footprint().items() if before[name] != digest} <= {"django_session"}
