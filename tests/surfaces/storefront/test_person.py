"""The page of a person: what both have, what one does about them, and one's own with another's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import social, things
from tests.builders.people import actor_for, make_person
from tests.builders.pictures import make_photo
from tests.surfaces.storefront.conftest import browser, footprint
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries
from wuyou.domains.social.types import Correction
from wuyou.domains.things import operations
from wuyou.infra import db as database
from wuyou.infra import pictures
from wuyou.kernel.actor import Actor
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import FRIENDS, ONLY_ME, PUBLIC, Audience, AudienceRule, Subject, SubjectKind
from wuyou.surfaces.storefront.viewmodels import people

Budget = Callable[[int], AbstractContextManager[object]]


def test_page_begins_with_what_both_have_and_hides_what_is_closed(db: None) -> None:
    now = utc_now()
    mei, lin, rest = make_person(now, "梅"), make_person(now, "林一"), make_person(now, "旁人")
    rare, common, secret = (things.make_thing(now, name) for name in ("孤本", "常见书", "秘密日记"))
    for thing in (rare, common, secret):
        things.make_holding(now, mei, thing)
    things.make_holding(now, rest, common, audience=PUBLIC)
    for thing, audience in ((common, PUBLIC), (rare, PUBLIC), (secret, ONLY_ME)):
        things.make_holding(now, lin, thing, audience=audience)

    page = browser(mei, "zh-hans").get(f"/u/{lin.handle}").content.decode()

    assert "你们有 2 样共同的东西" in page
    assert page.index("孤本") < page.index("常见书")
    assert "秘密日记" not in page
    assert "样共同的东西" not in browser(None, "zh-hans").get(f"/u/{lin.handle}").content.decode()


def test_photos_of_copies_stand_on_shelves_and_for_what_both_have_as_far_as_the_reader_sees_them(
    world: None, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    shared, other = things.make_thing(now), things.make_thing(now)
    mine = things.make_holding(now, mei, shared)
    theirs = [things.make_holding(now, lin, thing, audience=PUBLIC) for thing in (shared, other)]
    photo_of = {}
    for number, holding in enumerate((mine, *theirs)):
        taken = [pictures.take_in(make_photo(64, 48, number))]
        photo_of[holding.id] = database.in_transaction(
            lambda h=holding, t=taken: operations.add_photos(
                actor=Actor(h.owner_id), holding_id=h.id, pictures=t, now=now
            )
        )[0]

    def shown(person: Person | None) -> set[int]:
        page = browser(person).get(f"/u/{lin.handle}").content.decode()
        return {int(number) for number in re.findall(r'cover__photo" src="/things/photos/(\d+)/', page)}

    assert shown(None) == {photo_of[holding.id] for holding in theirs}
    assert shown(mei) == {photo_of[holding.id] for holding in theirs}  # the newest that both see stands for the thing
    closing = {"holding_ids": [theirs[0].id], "rule": ONLY_ME}
    database.in_transaction(lambda: operations.set_audience(actor=Actor(lin.id), now=now, **closing))
    assert shown(mei) == {photo_of[theirs[1].id]}


def test_a_shelf_shows_what_the_reader_may_see_and_no_other_shelf_exists(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    things.make_holding(now, lin, things.make_thing(now, "给好友看的"), audience=FRIENDS)
    client = browser(mei, "zh-hans")
    assert "给好友看的" not in client.get(f"/u/{lin.handle}").content.decode()

    social.befriend(now, mei, lin)

    assert "给好友看的" in client.get(f"/u/{lin.handle}").content.decode()
    for shelf in ("7", "9" * 30, "②", "x"):
        assert "给好友看的" not in client.get(f"/u/{lin.handle}", {"shelf": shelf}).content.decode()


@pytest.mark.parametrize("path", ["", "/relation", "/tie"])
def test_across_a_block_there_is_no_such_person_for_either(db: None, path: str) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    social.block(now, lin, mei)
    clients = browser(mei), browser(lin)
    before = footprint()

    for client, other in zip(clients, (lin, mei), strict=True):
        answer = client.get(f"/u/{other.handle}{path}")
        assert answer.status_code == client.get(f"/u/nobody_here{path}").status_code == 404
        assert other.display_name not in answer.content.decode()
        for do in ("follow", "ask", "accept", "mute", "remember", "block") if path else ():
            assert client.post(f"/u/{other.handle}{path}", {"do": do, "reason": "x"}).status_code == 404
    assert footprint() == before


def test_everything_about_a_person_is_done_from_one_sheet(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    label = social.make_label(now, mei, "同学", lin)
    client = browser(mei, "zh-hans")
    sheet = f"/u/{lin.handle}/relation"

    def do(what: str, **sent: object) -> None:
        assert client.post(sheet, {"do": what, **sent})["Location"] == f"/u/{lin.handle}"

    do("follow")
    do("ask", reason="我们都用海鸥相机")
    do("mute")
    do("remember", note="暗房高手", new_label="摄友")

    relation = queries.get_relation(mei.id, lin.id)
    assert (relation.follows, relation.asks, relation.mutes) == (True, True, True)
    assert queries.notes_by_person(mei.id, [lin.id]) == {lin.id: "暗房高手"}
    assert list(queries.labels_on(mei.id, lin.id).values()) == ["摄友"], label
    assert "我们都用海鸥相机" in browser(lin, "zh-hans").get(f"/u/{mei.handle}").content.decode()
    page = client.get(f"/u/{lin.handle}").content.decode()
    assert "暗房高手" in page
    assert "暗房高手" not in browser(lin).get(f"/u/{lin.handle}").content.decode()

    asked = social.request_id(mei, lin)
    browser(lin).post(f"/u/{mei.handle}/relation", {"do": "accept", "request": asked})
    assert queries.get_relation(mei.id, lin.id).are_friends
    do("unfriend")
    assert client.post(sheet, {"do": "block"})["Location"] == "/"
    assert client.get(sheet).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"do": "x"},
        {"do": "ask", "reason": ""},
        {"do": "accept", "request": "x"},
        {"do": "accept", "request": "0" * 19 + "1" + "9" * 20},
        {"do": "remember", "label": "²"},
        {"do": "remember", "note": "好", "new_label": "标签" * 20},
    ],
)
def test_malformed_deed_is_refused_and_changes_nothing(db: None, sent: dict[str, str]) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    client, before = browser(mei), footprint()

    assert client.post(f"/u/{lin.handle}/relation", sent).status_code == 422
    assert client.post(f"/u/{lin.handle}/tie", {"said": "BEST"}).status_code == 422
    assert footprint() == before


def test_tie_is_explained_and_corrected_for_ones_own_eyes(db: None) -> None:
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    for at in range(3):
        social.write(now, mei, lin, key=f"m:{at}")
        social.write(now, lin, mei, key=f"n:{at}")
    client = browser(mei, "zh-hans")

    page = client.get(f"/u/{lin.handle}/tie").content.decode()
    assert "你 3 次，对方 3 次" in page
    assert "每过六个月，一切减半" in page

    client.post(f"/u/{lin.handle}/tie", {"said": "CLOSER"})
    assert queries.get_tie_story(mei.id, lin.id, now=now).tie.correction is Correction.CLOSER
    assert "亲近" in client.get(f"/u/{lin.handle}").content.decode()
    assert "亲近" not in browser(lin, "zh-hans").get(f"/u/{mei.handle}").content.decode()


def test_ones_own_page_is_seen_with_anothers_eyes_by_its_owner_alone(db: None) -> None:
    now = utc_now()
    mei, lin, zhao = make_person(now, "梅"), make_person(now, "林一"), make_person(now, "老赵")
    social.befriend(now, mei, lin)
    for_lin = AudienceRule(Audience(persons=frozenset({lin.id})))
    for name, audience in (("给众人", PUBLIC), ("给好友", FRIENDS), ("给林一", for_lin), ("只给自己", ONLY_ME)):
        things.make_holding(now, mei, things.make_thing(now, name), audience=audience)

    def seen(as_whom: str) -> list[str]:
        page = browser(mei, "zh-hans").get(f"/u/{mei.handle}", {"as": as_whom}).content.decode()
        assert "回到我的视角" in page
        return [name for name in ("给众人", "给好友", "给林一", "只给自己") if name in page]

    assert seen(lin.handle) == ["给众人", "给好友", "给林一"]
    assert seen(f"@{zhao.handle}") == seen(people.STRANGER) == ["给众人"]
    social.block(now, zhao, mei)
    for as_whom in (zhao.handle, "nobody_here"):
        assert browser(mei).get(f"/u/{mei.handle}", {"as": as_whom}).status_code == 404
    assert browser(lin).get(f"/u/{mei.handle}", {"as": lin.handle}).status_code == 404


def test_anothers_eyes_tell_nothing_of_what_they_have(db: None) -> None:
    """Whether somebody holds a thing that one does not see changes no letter of the page."""
    now = utc_now()
    mei, lin = make_person(now, "梅"), make_person(now, "林一")
    lamp, rug = things.make_thing(now, "灯"), things.make_thing(now, "毯")
    for name, rule in (
        ("给有灯的人", AudienceRule(Audience(holders=frozenset({lamp.id})))),
        ("不给有灯的人", AudienceRule(Audience(everyone=True), Audience(holders=frozenset({lamp.id})))),
        ("给有毯的人", AudienceRule(Audience(holders=frozenset({rug.id})))),
    ):
        things.make_holding(now, mei, things.make_thing(now, name), audience=rule)
    client = browser(mei, "zh-hans")

    def page() -> str:
        content = client.get(f"/u/{mei.handle}", {"as": lin.handle}).content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", content)

    unknown = page()
    assert "还有 3 件东西说不准" in unknown
    hidden = things.make_holding(now, lin, lamp)
    social.block_subject(now, lin, Subject(SubjectKind.THING, rug.id))
    assert page() == unknown

    opening = {"holding_ids": [hidden.id], "rule": AudienceRule(Audience(persons=frozenset({mei.id})))}
    database.in_transaction(lambda: operations.set_audience(actor=actor_for(lin), now=now, **opening))
    told = page()
    assert "还有 1 件东西说不准" in told
    assert [name for name in ("给有灯的人", "不给有灯的人") if f">{name}<" in told] == ["给有灯的人"]


def test_budget(db: None, django_assert_num_queries: Budget) -> None:
    now = utc_now()
    mei, lin = make_person(now), make_person(now)
    social.befriend(now, mei, lin)
    client = browser(mei)
    for count in (3, 12):
        for _ in range(count):
            thing = things.make_thing(now)
            things.make_holding(now, mei, thing)
            things.make_holding(now, lin, thing, audience=PUBLIC)
        with django_assert_num_queries(PERSON_QUERIES):
            client.get(f"/u/{lin.handle}")


PERSON_QUERIES = 17
