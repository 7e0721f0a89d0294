"""Codes, limits and documents that several claim at the same moment."""

from __future__ import annotations

from threading import Barrier

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import RequestFactory

from tests.builders.people import make_person
from tests.concurrency.conftest import Rush
from wuyou.domains.identity import errors, operations, queries
from wuyou.domains.identity.contacts import contact_of
from wuyou.domains.identity.types import Contact
from wuyou.infra import db
from wuyou.kernel.clock import utc_now

pytestmark = pytest.mark.concurrency
SENT = {"session": "s", "code": "123456"}


def test_a_code_works_once_however_many_send_it(rush: Rush) -> None:
    now = utc_now()
    db.in_transaction(lambda: operations.count_code_try(**SENT, now=now))

    results = rush([lambda: db.in_transaction(lambda: operations.use_code(**SENT)) for _ in range(6)])

    assert results.count(None) == 1
    assert sum(isinstance(result, errors.CodeWrong) for result in results) == 5


def test_control_without_the_guard_a_code_works_twice(rush: Rush) -> None:
    now = utc_now()
    db.in_transaction(lambda: operations.count_code_try(**SENT, now=now))
    both_looked = Barrier(2)

    def use_unguarded() -> bool:
        def entry() -> bool:
            found = db.row("SELECT is_used FROM identity_code_try")
            both_looked.wait(timeout=20)
            db.execute("UPDATE identity_code_try SET is_used = true")
            return found == (False,)

        return db.in_transaction(entry)

    assert rush([use_unguarded, use_unguarded]) == [True, True]


def test_five_tries_are_five_however_many_come_at_once(rush: Rush) -> None:
    now = utc_now()

    results = rush([lambda: db.in_transaction(lambda: operations.count_code_try(**SENT, now=now)) for _ in range(12)])

    assert results.count(None) == settings.CODE_TRIES


def test_a_limit_holds_over_several_connections(rush: Rush) -> None:
    from allauth.core import ratelimit

    def consume() -> bool:
        request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
        return bool(ratelimit.consume(request, action="request_login_code", key="k"))

    assert rush([consume] * 8).count(True) == 3
    assert cache.__class__.__name__ != "LocMemCache"


def test_a_contact_belongs_to_one(rush: Rush) -> None:
    now = utc_now()
    people = [make_person(now) for _ in range(4)]
    for text in ("a@example.com", "13812345678"):
        contact = contact_of(text)

        def claim(user_id: int, contact: object = contact) -> None:
            db.in_transaction(lambda: operations.confirm_contact(user_id=user_id, contact=contact, now=now))  # type: ignore[arg-type]

        results = rush([lambda person=person: claim(person.id) for person in people])  # type: ignore[misc]
        assert results.count(None) == 1
        assert sum(isinstance(result, errors.ContactTaken) for result in results) == 3


def test_two_who_take_two_ways_in_at_once_leave_one(rush: Rush) -> None:
    now = utc_now()
    email, phone = contact_of("a@example.com"), contact_of("13812345678")
    person = make_person(now, contact=email.value)
    db.in_transaction(lambda: operations.confirm_contact(user_id=person.id, contact=phone, now=now))

    def forget(contact: Contact) -> None:
        db.in_transaction(lambda: operations.forget_contact(user_id=person.id, contact=contact))

    results = rush([lambda: forget(email), lambda: forget(phone)])

    assert results.count(None) == 1
    assert sum(isinstance(result, errors.LastWayIn) for result in results) == 1
    assert queries.ways_in(person.id).count == 1


def test_control_without_the_lock_two_at_once_leave_none(rush: Rush, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    email, phone = contact_of("a@example.com"), contact_of("13812345678")
    person = make_person(now, contact=email.value)
    db.in_transaction(lambda: operations.confirm_contact(user_id=person.id, contact=phone, now=now))
    both_took = Barrier(2)
    monkeypatch.setattr(operations.contacts, "_hold_ways_in", lambda user_id: None)

    def forget(contact: Contact) -> None:
        def entry() -> None:
            operations.forget_contact(user_id=person.id, contact=contact)
            both_took.wait(timeout=20)

        db.in_transaction(entry)

    assert rush([lambda: forget(email), lambda: forget(phone)]) == [None, None]
    assert queries.ways_in(person.id).count == 0
