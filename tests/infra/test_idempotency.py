"""One answer for one key."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from wuyou.infra import db, idempotency

pytestmark = pytest.mark.django_db


def ask(now: datetime, key: str = "k", body: str = "hash", owner: str = "someone") -> idempotency.KeptAnswer | None:
    with db.transaction():
        kept = idempotency.claim(owner=owner, key=key, request_hash=body, now=now)
        if kept is None:
            idempotency.keep(owner=owner, key=key, status=201, body='{"order": 1}')
        return kept


def test_second_request_gets_the_first_answer(now: datetime) -> None:
    assert ask(now) is None
    assert ask(now) == idempotency.KeptAnswer(201, '{"order": 1}')


def test_same_key_with_another_body_is_refused(now: datetime) -> None:
    ask(now)
    with pytest.raises(idempotency.KeyReused):
        ask(now, body="other")
    assert ask(now) == idempotency.KeptAnswer(201, '{"order": 1}')


def test_keys_of_different_people_never_meet(now: datetime) -> None:
    ask(now)
    assert ask(now, owner="someone else") is None


def test_key_is_free_again_after_a_day(now: datetime) -> None:
    ask(now)
    assert ask(now + timedelta(hours=24) - timedelta(microseconds=1)) is not None
    assert ask(now + timedelta(hours=24), body="other") is None
    assert ask(now + timedelta(hours=25), body="other") is not None


def test_forget_expired_drops_only_what_is_over(now: datetime) -> None:
    ask(now, key="old")
    ask(now + timedelta(hours=1), key="young")
    with db.transaction():
        assert idempotency.forget_expired(now + timedelta(hours=24)) == 1
    assert ask(now + timedelta(hours=24), key="young") is not None


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "a\nb", "\x00"])
def test_malformed_key_is_refused_and_keeps_nothing(now: datetime, key: str) -> None:
    with pytest.raises(idempotency.KeyMalformed):
        ask(now, key=key)
    assert db.row("SELECT count(*) FROM idempotency_key") == (0,)
