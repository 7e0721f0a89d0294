"""After an erasure nothing here holds the person: no row, no file, no index in memory, and no line of the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from tests.builders import erasure, faces, social, things
from tests.builders.people import PASSWORD, actor_for, make_person
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity import tasks as identity_tasks
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations as relations
from wuyou.domains.social.events import PersonFollowed
from wuyou.domains.things.neighbours import Neighbours
from wuyou.infra import db, idempotency, storage
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, Audience, AudienceRule

pytestmark = pytest.mark.usefixtures("world")

MARKS = {
    "name": "标记甲名字",
    "handle": "marked_handle_7",
    "story": "标记乙故事",
    "shelf": "标记丙架子",
    "label": "标记丁类",
    "note": "标记戊备注",
    "noted": "标记己被注",
    "reason": "标记庚理由",
    "word": "标记辛标签",
    "token": "标记壬程序",
    "address": "marked@example.com",
    "number": "+8613812345678",
    "key": "标记癸密钥",
    "browser": "marked-browser/7",
    "face": "标记子名字",
    "self": "标记丑自述",
    "hobby": "标记寅爱好",
    "place": "标记卯地方",
}


def live(now: datetime) -> tuple[Person, Person]:
    """Somebody who leaves words of theirs wherever a word can be left, and somebody who knows them."""
    me = make_person(now, MARKS["name"], handle=MARKS["handle"], has_password=True)
    other = make_person(now)
    holding = things.make_holding(now, me, story=MARKS["story"], giver=other)
    things.make_shelf(now, me, MARKS["shelf"])
    from wuyou.domains.things import operations as copies

    db.in_transaction(lambda: copies.label_holdings(actor=Actor(me.id), holding_ids=[holding.id], add=[MARKS["word"]]))
    things.make_holding(now, other, audience=AudienceRule(Audience(persons=frozenset({me.id}))), giver=me)
    social.follow(now, me, other)
    social.follow(now, other, me)
    social.make_label(now, me, MARKS["label"], other)
    faces.make_face(me, MARKS["face"])
    faces.describe(me, MARKS["self"])
    faces.say_hobby(me, MARKS["hobby"])
    faces.say_place(me, MARKS["place"])
    social.make_label(now, other, "同学", me)

    def words() -> None:
        relations.set_note(actor=actor_for(me), person_id=other.id, text=MARKS["note"], now=now)
        relations.set_note(actor=actor_for(other), person_id=me.id, text=MARKS["noted"], now=now)
        relations.request_friend(actor=actor_for(me), person_id=other.id, reason=MARKS["reason"], now=now)
        identity.issue_access_token(user_id=me.id, label=MARKS["token"], now=now)
        for name in ("address", "number"):
            identity.confirm_contact(user_id=me.id, contact=contact_of(MARKS[name]), now=now)
        idempotency.claim(owner=f"page:{me.id}", key="mine", request_hash="", now=now)
        idempotency.keep(owner=f"page:{me.id}", key="mine", status=302, body=f"/u/{me.handle}")
        idempotency.claim(owner=f"api:{other.id}", key="theirs", request_hash="", now=now)
        idempotency.keep(owner=f"api:{other.id}", key="theirs", status=200, body=f'{{"leader":"{me.display_name}"}}')

    db.in_transaction(words)
    Client().post("/sign-in", {"handle": me.handle, "password": PASSWORD}, headers={"User-Agent": MARKS["browser"]})
    Authenticator.objects.create(user_id=me.id, type="webauthn", data={"name": MARKS["key"]})
    proven = identity.check_real_name(name="林小梅", number="11010519491231002X", now=now)
    db.in_transaction(lambda: identity.keep_real_name_proof(user_id=me.id, proven=proven))
    return me, other


def test_scan_finds_every_mark_before_the_erasure(now: datetime) -> None:
    live(now)

    assert [mark for mark, places in erasure.places_of(MARKS.values()).items() if not places] == []


def test_nothing_holds_an_erased_person(now: datetime) -> None:
    me, other = live(now)

    erasure.erase(now, me.id, me.handle, me.display_name)

    assert {mark: places for mark, places in erasure.places_of(MARKS.values()).items() if places} == {}
    rows = db.rows("SELECT name FROM event WHERE payload::text LIKE %s", [f"%: {me.id},%"])
    assert {name for (name,) in rows} <= {"identity.person_erased"}
    for table in ("django_session", "usersessions_usersession", "identity_real_name_proof", "mfa_authenticator"):
        assert db.row(f"SELECT count(*) FROM {table}") == (0,), table
    assert db.row("SELECT body FROM idempotency_key WHERE owner = %s", [f"api:{other.id}"]) == ('{"leader":""}',)


def test_no_file_outlives_its_person(now: datetime, tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    me, other = make_person(now), make_person(now)
    for person in (me, other):
        db.in_transaction(lambda person=person: identity.ask_for_export(actor=actor_for(person), now=now))
    assert identity_tasks.write_due_exports(now) == 2
    assert len(files_under(tmp_path)) == 2

    erasure.erase(now, me.id)
    storage.remove_discarded(datetime.now(UTC) + timedelta(minutes=1))

    assert len(files_under(tmp_path)) == 1


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_index_in_memory_hears_of_it(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    for person in (me, other):
        things.make_holding(now, person, audience=PUBLIC)
    neighbours = Neighbours()
    neighbours.build()

    def known() -> list[int]:
        numbers = {person.id: neighbours._people.number(person.id) for person in (me, other)}
        return [person for person, number in numbers.items() if neighbours._index.pairs_of(number)]

    assert known() == [me.id, other.id]

    erasure.erase(now, me.id)
    neighbours.follow()

    assert known() == [other.id]


def test_log_of_requests_names_nobody(now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    me = make_person(now, handle=MARKS["handle"])

    with caplog.at_level("INFO"):
        Client().get(f"/u/{me.handle}/relation")
        Client().get("/privacy")

    assert "/u/<slug:handle>/relation" in caplog.text
    assert "/privacy" in caplog.text
    assert MARKS["handle"] not in caplog.text


def test_event_that_lists_people_loses_who_is_erased_and_stays_for_the_others(now: datetime) -> None:
    me, other = make_person(now), make_person(now)
    for listed in ([me.id, other.id], [other.id]):
        db.execute(
            "INSERT INTO event (name, version, payload, occurred_at) VALUES (%s, 1, %s::jsonb, %s)",
            [PersonFollowed.name, json.dumps({"follower_id": listed, "followed_id": other.id}), now],
        )

    erasure.erase(now, me.id)

    left = db.rows("SELECT payload->'follower_id' FROM event WHERE name = %s", [PersonFollowed.name])
    assert [json.loads(listed) for (listed,) in left] == [[other.id], [other.id]]
