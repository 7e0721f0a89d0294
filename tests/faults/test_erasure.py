"""After an erasure nothing here holds the person: no row of any table, and no file."""

from __future__ import annotations

from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.builders import erasure, social, things
from tests.builders.people import PASSWORD, actor_for, make_person
from wuyou.domains.identity import operations as identity
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Person
from wuyou.domains.social import operations as relations
from wuyou.infra import db, idempotency
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Audience, AudienceRule

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
