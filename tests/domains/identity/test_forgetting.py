"""What was kept for a while is taken away when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from tests.builders.people import PASSWORD, make_person
from wuyou.domains.identity import tasks
from wuyou.infra import db
from wuyou.kernel.clock import utc_now


@pytest.fixture
def clients(db: None) -> list[Client]:
    """One person, signed in three times."""
    person = make_person(utc_now(), has_password=True)
    clients = [Client() for _ in range(3)]
    for client in clients:
        client.post("/sign-in", {"handle": person.handle, "password": PASSWORD})
    return clients


def keys_of(table: str) -> set[str]:
    return {key for (key,) in db.rows(f"SELECT session_key FROM {table}")}


def test_sessions_that_are_over_are_forgotten_with_where_they_were(clients: list[Client]) -> None:
    here, over, signed_out = clients
    keys = [client.session.session_key for client in clients]
    signed_out.logout()
    db.execute("UPDATE django_session SET expire_date = %s WHERE session_key = %s", [utc_now(), keys[1]])
    assert keys_of("usersessions_usersession") == set(keys)

    assert tasks.forget_expired(utc_now()) >= 3
    assert tasks.forget_expired(utc_now()) == 0

    assert keys_of("django_session") == keys_of("usersessions_usersession") == {keys[0]}
    assert "_auth_user_id" in here.session
    assert "_auth_user_id" not in over.session


def test_rates_are_forgotten_when_their_time_is_over_and_name_nobody(clients: list[Client]) -> None:
    def forget(now: datetime) -> list[str]:
        tasks.forget_expired(now)
        return [key for (key,) in db.rows("SELECT cache_key FROM identity_rate")]

    db.execute("DELETE FROM identity_rate")
    cache.set("allauth:rl:login:ip:192.0.2.7", [1.0], 60)
    cache.set("allauth:rl:login:ip:192.0.2.8", [1.0], 3600)
    now = utc_now()

    kept = forget(now)
    assert len(kept) == 2
    assert not any("192.0.2" in key or "login" in key for key in kept)
    assert cache.get("allauth:rl:login:ip:192.0.2.7") == [1.0]
    assert len(forget(now + timedelta(minutes=2))) == 1
    assert forget(now + timedelta(hours=2)) == []
