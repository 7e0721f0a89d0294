"""One's faces and what one says of oneself: made, opened, seen, found by, and gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from tests.builders import faces, goods, social, things
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.social import policies, queries
from wuyou.domains.social.types import AgeBand, FaceDraft, OwnFace, OwnFaces, Role, TraitKind
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule

Budget = Callable[[int], AbstractContextManager[object]]


def key_of(client: Client, path: str) -> str:
    (key,) = re.findall(r'name="idempotency_key" value="([^"]+)"', client.get(path).content.decode())
    return str(key)


def page_of(reader: Person | None, person: Person, **asked: str) -> str:
    return browser(reader, "zh-hans").get(f"/u/{person.handle}", asked).content.decode()


def only(*people: Person) -> AudienceRule:
    return AudienceRule(Audience(persons=frozenset(person.id for person in people)))


def test_a_face_is_made_once_and_seen_by_whom_it_is_for(db: None) -> None:
    now = utc_now()
    lin, colleague, stranger = (make_person(now, name) for name in ("林小梅", "老赵", "路人"))
    client = browser(lin, "zh-hans")
    sent = {
        "idempotency_key": key_of(client, "/faces/new"),
        "name": "设计师林",
        "avatar": "fox",
        "words": "做灯的人",
        "role": ["DESIGNER", "MAKER"],
        "audience": "chosen",
        "audience_to_people": f"@{colleague.handle}",
    }

    for _ in range(2):
        assert client.post("/faces/new", sent)["Location"] == "/faces"

    (own,) = queries.list_own_faces(lin.id).others
    assert own.draft == FaceDraft("设计师林", "fox", "做灯的人", (Role.DESIGNER, Role.MAKER), only(colleague))
    assert "设计师林" in client.get("/faces").content.decode()
    theirs = page_of(colleague, lin)
    assert all(text in theirs for text in ("设计师林", "做灯的人", "设计者", "制造者"))
    assert "林小梅" not in theirs
    for reader in (stranger, None, lin):
        page = page_of(reader, lin)
        assert "林小梅" in page
        assert not [text for text in ("设计师林", "做灯的人", "设计者") if text in page]
    assert "设计师林" in page_of(lin, lin, **{"as": colleague.handle})


def test_whoever_sees_a_face_sees_it_on_every_page(db: None) -> None:
    now = utc_now()
    lin, colleague = make_person(now, "林小梅"), make_person(now, "老赵")
    social.befriend(now, lin, colleague)
    faces.make_face(lin, "设计师林", audience=only(colleague))
    thing = things.make_thing(now)
    things.make_holding(now, colleague, thing)
    copy = things.make_holding(now, lin, thing, audience=PUBLIC)
    things.make_review(now, lin, thing, "很好用")
    social.offer(now, lin, colleague)
    client = browser(colleague, "zh-hans")
    talk = client.post(f"/talk/with/{lin.id}")["Location"]
    label = social.make_label(now, colleague, "同事", lin)

    for path in (
        f"/things/{thing.id}",
        f"/things/copies/{copy.id}",
        "/friends",
        f"/friends/labels/{label.id}",
        "/gifts",
        "/notifications",
        talk,
        "/talk/new",
        f"/u/{lin.handle}/relation",
        f"/u/{lin.handle}/tie",
        f"/people/{lin.id}/call-out",
    ):
        page = client.get(path).content.decode()
        assert "设计师林" in page, path
        assert "林小梅" not in page, path


def test_a_face_is_changed_ordered_and_taken_down(db: None) -> None:
    now = utc_now()
    lin, friend = make_person(now, "林小梅"), make_person(now)
    social.befriend(now, lin, friend)
    first, second = faces.make_face(lin, "甲"), faces.make_face(lin, "乙")
    client = browser(lin)
    assert "<h1>甲</h1>" in page_of(friend, lin)

    client.post(f"/faces/{second}/change", {"do": "earlier"})
    assert "<h1>乙</h1>" in page_of(friend, lin)
    edited = {"idempotency_key": key_of(client, f"/faces/{second}"), "name": "丙", "audience": "me"}
    assert client.post(f"/faces/{second}", edited).status_code == 302
    assert "<h1>甲</h1>" in page_of(friend, lin)
    client.post(f"/faces/{first}/change", {"do": "remove"})
    assert "<h1>林小梅</h1>" in page_of(friend, lin)
    assert queries.list_own_faces(lin.id) == OwnFaces(others=(OwnFace(second, FaceDraft("丙", audience=ONLY_ME)),))


def test_faces_of_others_are_not_there(db: None) -> None:
    now = utc_now()
    lin, other = make_person(now), make_person(now)
    face, trait = faces.make_face(lin, "甲"), faces.say_hobby(lin)
    client = browser(other)
    before = footprint()
    for path in (f"/faces/{face}", f"/faces/said/{trait}"):
        assert client.get(path).status_code == client.post(path, {"name": "x", "audience": "me"}).status_code == 404
    for path, sent in (
        (f"/faces/{face}/change", {"do": "remove"}),
        (f"/faces/{face}/change", {"do": "earlier"}),
        (f"/faces/said/{trait}/take-back", {}),
    ):
        assert client.post(path, sent).status_code == 404
    assert client.get("/faces/say/nothing").status_code == 404
    assert footprint() == before


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/faces/new", {"name": "", "audience": "me"}, 422),
        ("/faces/new", {"name": "林", "avatar": "nobody", "audience": "me"}, 422),
        ("/faces/new", {"name": "林", "role": "KING", "audience": "me"}, 422),
        ("/faces/new", {"name": "林", "audience": "chosen"}, 422),
        ("/faces/new", {"name": "林"}, 422),
        ("/faces", {"words": "字" * 201}, 422),
        ("/faces", {"role": "KING"}, 422),
        ("/faces/say/hobby", {"hobby": " ", "audience": "me"}, 422),
        ("/faces/say/hobby", {"hobby": "字" * 31, "audience": "me"}, 422),
        ("/faces/say/hobby", {"hobby": "摄影"}, 422),
        ("/faces/say/place", {"audience": "me"}, 422),
        ("/faces/say/age", {"audience": "me"}, 422),
        ("/faces/say/age", {"age": "1991+5", "audience": "me"}, 422),
        ("/faces/say/age", {"age": "²²²²+5", "audience": "me"}, 422),
        ("/faces/say/age", {"age": "proven", "audience": "me"}, 409),
        ("/faces/1/change", {"do": "x"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    db: None, path: str, sent: dict[str, str], status: int
) -> None:
    client = browser(make_person(utc_now()), "zh-hans")
    key = key_of(client, path) if path == "/faces/new" else ""
    before = footprint()
    answer = client.post(path, {"idempotency_key": key, **sent})
    assert answer.status_code == status
    assert footprint() == before
    if "hobby" in sent:
        assert sent["hobby"].strip() in answer.content.decode()


def test_what_one_says_is_private_until_it_is_opened(db: None) -> None:
    now = utc_now()
    lin, friend, stranger = (make_person(now) for _ in range(3))
    social.befriend(now, lin, friend)
    client = browser(lin, "zh-hans")
    assert 'value="me" checked' in client.get("/faces/say/hobby").content.decode()
    for path, sent in (
        ("hobby", {"hobby": "胶片摄影", "audience": "friends"}),
        ("place", {"country": "中国", "city": "杭州", "audience": "everyone"}),
        ("age", {"age": "1995+5", "audience": "me"}),
    ):
        assert client.post(f"/faces/say/{path}", sent)["Location"] == f"/faces#{path}"

    mine, theirs, others = (page_of(reader, lin) for reader in (lin, friend, stranger))

    assert all(text in mine for text in ("胶片摄影", "中国 · 杭州", "1995–1999 年出生", "自述"))
    assert "胶片摄影" in theirs
    assert "1995" not in theirs
    assert "中国 · 杭州" in others
    assert "胶片摄影" not in others
    age = next(own.trait.id for own in queries.list_own_traits(lin.id) if own.trait.kind is TraitKind.AGE)
    assert client.post(f"/faces/said/{age}", {"audience": "everyone"}).status_code == 302
    assert "1995–1999 年出生" in page_of(stranger, lin)
    client.post(f"/faces/said/{age}/take-back")
    assert "1995" not in page_of(stranger, lin)


def test_a_proven_age_says_that_it_is_proven(db: None) -> None:
    now = utc_now()
    lin, reader = make_person(now), make_person(now)
    client = browser(lin, "zh-hans")
    assert "proven" not in client.get("/faces/say/age").content.decode()
    faces.prove(now, lin)
    assert "proven" in client.get("/faces/say/age").content.decode()

    client.post("/faces/say/age", {"age": "proven", "audience": "everyone"})

    page = page_of(reader, lin)
    assert "已成年" in page
    assert "实名认证" in page


def test_the_main_face_says_what_all_may_read(db: None) -> None:
    now = utc_now()
    shop_owner, reader = make_person(now, "老周"), make_person(now)
    client = browser(shop_owner, "zh-hans")
    assert client.post("/faces", {"words": "修相机三十年", "role": ["MERCHANT"]}).status_code == 302
    page = page_of(reader, shop_owner)
    assert "修相机三十年" in page
    assert "商家" in page
    assert "在此有店" not in page

    goods.make_shop(now, owner_id=shop_owner.id)

    assert "在此有店" in page_of(None, shop_owner)
    assert "修相机三十年" in client.get("/faces").content.decode()


def test_from_a_thing_and_from_a_hobby_to_people_in_two_taps(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林小梅")
    thing = things.make_thing(now)
    things.make_holding(now, lin, thing, audience=PUBLIC)
    faces.make_face(lin, "摄友林", audience=only(mei))
    faces.say_hobby(lin, "胶片摄影", FRIENDS)
    faces.say_place(lin, "浙江", "杭州")
    social.befriend(now, mei, lin)
    client = browser(mei, "zh-hans")

    def follow(page: str, beginning: str) -> str:
        (href,) = set(re.findall(rf'href="({re.escape(beginning)}[^"]*)"', page))
        return client.get(href.replace("&amp;", "&")).content.decode()

    by_thing = follow(client.get(f"/things/{thing.id}").content.decode(), "/people?t=")
    home = page_of(mei, lin)
    by_hobby, by_place = follow(home, "/people?hobby="), follow(home, "/people?place=")

    assert "摄友林" in by_thing
    assert "喜欢胶片摄影" in by_hobby
    assert "浙江 · 杭州" in by_place
    for page in (by_thing, by_hobby, by_place):
        assert f'href="/u/{lin.handle}"' in page
        assert "林小梅" not in page


def test_people_are_found_by_what_they_say_and_have(db: None) -> None:
    now = utc_now()
    me, both, only_says = (make_person(now, name) for name in ("我", "都有的人", "只说的人"))
    family = things.make_thing(now, "海鸥系列", kind=things.ThingKind.FAMILY)
    mine, sister = (things.make_thing(now, parent=family) for _ in range(2))
    things.make_holding(now, me, mine)
    things.make_holding(now, both, sister, audience=PUBLIC)
    for person in (me, both, only_says):
        faces.say_hobby(person, "摄影", ONLY_ME if person is me else PUBLIC)
        faces.say_age(now, person, AgeBand(1990, 10), ONLY_ME if person is me else PUBLIC)
    faces.describe(both, "", Role.ARTIST)
    client = browser(me, "zh-hans")

    def found(**asked: object) -> tuple[bool, bool]:
        page = client.get("/people", asked).content.decode()
        return "都有的人" in page, "只说的人" in page

    assert found(hobby="摄影") == found(hobbies="1") == found(age="1") == found(age="1", hobbies="1") == (True, True)
    assert found(hobby="摄影、钓鱼") == found(hobby="钓鱼") == (False, False)
    assert found(role="ARTIST") == found(hobby="摄影", family=mine.id) == found(family=family.id) == (True, False)
    assert found(hobby="摄影", n=1) == (True, False)
    page = client.get("/people", {"age": "1", "hobbies": "1", "role": "ARTIST"}).content.decode()
    assert all(text in page for text in ("喜欢摄影", "与你年龄相仿", "艺术家"))
    faces.open_trait(now, both, queries.list_own_traits(both.id)[1].trait.id, ONLY_ME)
    assert found(hobby="摄影") == (False, True)


def test_the_same_is_offered_to_who_has_said_theirs(db: None) -> None:
    now = utc_now()
    me = make_person(now)
    client = browser(me)
    assert 'name="age"' not in client.get("/people").content.decode()
    faces.say_age(now, me, AgeBand(1990, 10), ONLY_ME)
    page = client.get("/people").content.decode()
    assert 'name="age"' in page
    assert 'name="hobbies"' not in page


@pytest.mark.parametrize(
    "asked", [{"hobby": "字" * 31}, {"place": "城" * 101}, {"role": "KING"}, {"role": "MEMBER"}, {"family": "x"}]
)
def test_malformed_questions_are_refused(db: None, asked: dict[str, str]) -> None:
    assert browser(make_person(utc_now())).get("/people", asked).status_code == 422


def test_what_is_unknown_is_found_like_what_is_not_there(db: None) -> None:
    now = utc_now()
    lin = make_person(now)
    secret = things.make_holding(now, lin).thing
    client = browser(make_person(now))
    assert client.get("/people", {"family": secret.id}).status_code == 404
    assert client.get("/people", {"family": 10**9}).status_code == 404


def test_budget(db: None, django_assert_num_queries: Budget) -> None:
    now = utc_now()
    me = make_person(now)
    client = browser(me)
    for count in (1, policies.MAX_FACES):
        for n in range(len(queries.list_own_faces(me.id).others), count):
            faces.make_face(me, f"脸{n}", audience=FRIENDS)
            faces.say_hobby(me, f"爱好{n}", FRIENDS)
            other = make_person(now)
            faces.say_hobby(other, "爱好0")
            faces.make_face(other, f"别{n}")
        with django_assert_num_queries(FACES_QUERIES):
            client.get("/faces")
        with django_assert_num_queries(SAID_QUERIES):
            client.get("/people", {"hobby": "爱好0"})


FACES_QUERIES, SAID_QUERIES = 8, 13
