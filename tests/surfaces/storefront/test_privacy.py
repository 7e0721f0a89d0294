"""The privacy centre: what it shows is what others see, and what it does can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from allauth.mfa.models import Authenticator
from pytest_django import Settings

from tests.builders import social, teams, things
from tests.builders.people import PASSWORD, actor_for, make_person
from tests.surfaces.storefront.conftest import Market, browser, footprint
from wuyou.domains.identity import operations as identity_operations
from wuyou.domains.identity import queries as identity
from wuyou.domains.social import operations as social_operations
from wuyou.domains.social import queries as social_queries
from wuyou.domains.things import openness
from wuyou.infra import db as database
from wuyou.kernel.clock import utc_now
from wuyou.kernel.sight import PUBLIC, Audience, AudienceRule
from wuyou.surfaces.storefront.viewmodels import people

Budget = Callable[[int], AbstractContextManager[object]]


def test_every_rule_is_counted_and_leads_to_what_stands_under_it(db: None) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    label = social.make_label(now, mei, "同学", make_person(now))
    camera, lamp = things.make_thing(now, "相机"), things.make_thing(now, "灯")
    for thing, rule in (
        (camera, PUBLIC),
        (lamp, AudienceRule(Audience(friends=True), Audience(labels=frozenset({label.id})))),
    ):
        things.make_holding(now, mei, thing, audience=rule)
    things.make_holding(now, mei, things.make_thing(now, "日记"))
    client = browser(mei, "zh-hans")

    page = client.get("/privacy").content.decode()

    rows = re.findall(r'href="(/privacy/opened\?as=\w+)".*?row__text">(.*?)<.*?row__count">(.*?)<', page, re.DOTALL)
    assert {(text, count) for _, text, count in rows} == {
        ("所有人", "1 件"),
        ("仅自己", "1 件"),
        ("好友（同学除外）", "1 件"),
    }
    (href,) = (href for href, text, _ in rows if text == "所有人")
    listed = client.get(href).content.decode()
    assert "Camera" in listed or "相机" in listed
    assert "日记" not in listed


def test_looking_with_anothers_eyes_begins_here(db: None) -> None:
    now, mei, lin = utc_now(), make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    social.befriend(now, mei, lin)
    client = browser(mei)

    page = client.get("/privacy").content.decode()

    for whom in (people.STRANGER, lin.handle):
        assert f'href="/u/{mei.handle}?as={whom}"' in page
        assert client.get(f"/u/{mei.handle}?as={whom}").status_code == 200
    assert re.search(rf'action="/u/{mei.handle}"><label[^>]*>.*?<input name="as"', page)


def test_blocks_mutes_and_finding_are_undone_here(db: None) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    foe, bore = make_person(now, "Foe"), make_person(now, "Bore")
    me = actor_for(mei)
    database.in_transaction(lambda: social_operations.block(actor=me, person_id=foe.id, now=now))
    database.in_transaction(lambda: social_operations.mute(actor=me, person_id=bore.id, now=now))
    client = browser(mei)
    page = client.get("/privacy").content.decode()
    assert "Foe" in page
    assert "Bore" in page

    client.post("/privacy/finding", {"found": "no"})
    assert not openness.is_found(mei.id)
    client.post("/privacy/finding", {"found": "yes"})
    for path in re.findall(r'action="(/privacy/(?:blocks|mutes)/[^"]+)"', page):
        assert client.post(path).status_code == 302

    assert openness.is_found(mei.id)
    assert social_queries.list_blocked(mei.id) == ()
    assert social_queries.muted_by(mei.id) == frozenset()


def test_leaving_wants_the_password_and_signing_in_undoes_it(db: None) -> None:
    now = utc_now()
    mei = make_person(now, "Mei", has_password=True)
    client = browser(mei)

    wrong = client.post("/privacy/leave", {"password": "not-her-password", "is_sure": "on"})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.content.decode()
    assert identity.find_leaving(mei.id) is None
    left = client.post("/privacy/leave", {"password": PASSWORD, "is_sure": "on"})

    assert "Farewell" in left.content.decode()
    assert identity.find_leaving(mei.id) is not None
    assert client.get("/privacy").status_code == 302
    client.post("/sign-in", {"handle": mei.handle, "password": PASSWORD})
    assert identity.find_leaving(mei.id) is None
    assert "Welcome back" in client.get("/privacy").content.decode()


def test_wrong_passwords_of_one_address_shut_out_that_address_alone(db: None, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    mei = make_person(utc_now(), "Mei", has_password=True)
    client = browser(mei)

    def leave(password: str, address: str) -> int:
        said = {"password": password, "is_sure": "on"}
        return client.post("/privacy/leave", said, headers={"X-Forwarded-For": address}).status_code

    assert [leave("not-her-password", "192.0.2.7") for _ in range(11)] == [422] * 10 + [429]
    assert leave(PASSWORD, "192.0.2.8") == 200
    assert identity.find_leaving(mei.id) is not None


def test_who_has_no_password_proves_otherwise_who_they_are(db: None) -> None:
    mei = make_person(utc_now(), "Mei")
    Authenticator.objects.create(user_id=mei.id, type="webauthn", data={"name": "key", "credential": {}})

    asked = browser(mei).post("/privacy/leave", {"is_sure": "on"})

    assert asked.status_code == 302
    assert "privacy" not in asked["Location"].split("?")[0]
    assert identity.find_leaving(mei.id) is None


def test_what_is_still_open_is_named_before_the_password_is_asked(market: Market) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    teams.open_team(now, mei, market.campaign, market.product)

    page = browser(mei).get("/privacy/leave").content.decode()

    assert "1 order of yours is not at its end." in page
    assert 'name="password"' not in page


def test_copy_of_ones_data_is_offered_to_nobody_else(db: None) -> None:
    now, mei, lin = utc_now(), make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    client = browser(mei)
    assert client.post("/privacy/exports").status_code == 302
    assert "Being put together" in client.get("/privacy").content.decode()
    (export,) = identity.list_exports(mei.id, now)

    assert browser(lin).get(f"/privacy/exports/{export.id}").status_code == 404
    assert client.get(f"/privacy/exports/{export.id}").status_code == 404


def test_who_is_erased_is_a_word_where_their_name_stood(db: None) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    lin = make_person(now, "Lin")
    social.follow(now, mei, lin)
    database.in_transaction(lambda: identity_operations.erase_person(person_id=mei.id, now=now))

    page = browser(lin, "zh-hans").get("/notifications").content.decode()

    assert "Mei" not in page
    assert "已注销" in page


def test_what_is_blocked_on_its_page_is_listed_and_can_be_seen_again(db: None) -> None:
    now, mei, lin = utc_now(), make_person(utc_now(), "Mei"), make_person(utc_now(), "Lin")
    camera = things.make_thing(now, "徕卡相机", brand="Leica")
    things.make_holding(now, lin, camera, audience=PUBLIC)
    client = browser(mei, "zh-hans")
    assert "屏蔽品牌 Leica" in client.get(f"/things/{camera.id}").content.decode()

    assert client.post(f"/things/{camera.id}/block", {"what": "brand"}).headers["Location"] == "/privacy#shut"

    assert client.get(f"/things/{camera.id}").status_code == 404
    page = client.get("/privacy").content.decode()
    (key,) = re.findall(r'value="BRAND"><button[^>]*name="id" value="(\d+)"', page)
    assert "Leica" in page
    client.post("/privacy/subjects/undo", {"kind": "BRAND", "id": key})
    assert client.get(f"/things/{camera.id}").status_code == 200
    assert 'value="BRAND"' not in client.get("/privacy").content.decode()


def test_a_thing_that_one_may_not_know_of_is_not_blocked_by_its_number(db: None) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    secret, plain = things.make_thing(now, "日记"), things.make_thing(now, brand="")
    things.make_holding(now, make_person(now), secret)
    things.make_holding(now, make_person(now), plain, audience=PUBLIC)
    client = browser(mei)
    before = footprint()

    for thing, what, status in (
        (secret, "thing", 404),
        (secret, "brand", 404),
        (plain, "brand", 404),
        (plain, "", 422),
    ):
        assert client.post(f"/things/{thing.id}/block", {"what": what}).status_code == status
    for kind, key in (("THING", "x"), ("PERSON", "1"), ("BRAND", str(2**60))):
        assert client.post("/privacy/subjects/undo", {"kind": kind, "id": key}).status_code == 422

    assert footprint() == before
    assert "日记" not in client.get("/privacy").content.decode()


def test_budget(db: None, django_assert_num_queries: Budget) -> None:
    now, mei = utc_now(), make_person(utc_now(), "Mei")
    for _ in range(4):
        social.befriend(now, mei, make_person(now))
        things.make_holding(now, mei, audience=PUBLIC)
    client = browser(mei)
    with django_assert_num_queries(12):
        client.get("/privacy")
