"""A film is exchanged from two places at once: the post shows the later one, and nothing of the other is left.

The danger is between reading what the post shows and taking it away: both would take the first film away, and the
picture of one of the two would stay on the post as if it were a photo of it. The post's row is locked before that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from tests.builders import content
from tests.builders.people import make_person
from tests.builders.waiting import wait_for_waiters
from wuyou.domains.content import operations
from wuyou.domains.content.types import Filmed
from wuyou.domains.identity.types import Person
from wuyou.infra import db
from wuyou.kernel.actor import Actor

pytestmark = [pytest.mark.concurrency, pytest.mark.usefixtures("world")]


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def exchanged_at_once(now: datetime, mei: Person, post: int, first: Filmed, second: Filmed) -> list[str]:
    """The keys of the pictures of a post whose film two requests exchange; the second comes while the first is open."""
    is_first_in, may_commit = threading.Event(), threading.Event()

    def exchange(filmed: Filmed, before_commit: Callable[[], Any]) -> None:
        def effect() -> None:
            operations.set_film(actor=Actor(mei.id), post_id=post, filmed=filmed, now=now)
            before_commit()

        db.in_transaction(effect)

    def hold() -> None:
        is_first_in.set()
        assert may_commit.wait(30)

    one = in_thread(lambda: exchange(first, hold))
    assert is_first_in.wait(30)
    other = in_thread(lambda: exchange(second, lambda: None))
    wait_for_waiters()
    may_commit.set()
    one.join(30)
    other.join(30)
    return [key for (key,) in db.rows("SELECT key FROM content_photo WHERE post_id = %s ORDER BY id", [post])]


@pytest.fixture
def mei(now: datetime) -> Person:
    return make_person(now)


def test_later_film_is_shown_and_nothing_of_the_other_is_left(now: datetime, mei: Person) -> None:
    post = content.make_video(now, mei, seconds=1.0)
    first, second = (content.take_filmed(1.0, seed) for seed in (3, 4))
    assert first.film is not None
    assert second.film is not None

    assert exchanged_at_once(now, mei, post, first, second) == [second.poster.key]

    assert db.rows("SELECT key FROM content_video WHERE post_id = %s", [post]) == [(second.film.key,)]
    kept = {key for (key,) in db.rows("SELECT key FROM stored_file")}
    assert kept == {second.film.key, second.poster.key}


def test_control_without_the_lock_a_picture_is_left_behind(
    now: datetime, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = content.make_video(now, mei, seconds=1.0)
    first, second = (content.take_filmed(1.0, seed) for seed in (3, 4))
    locked = db.row
    monkeypatch.setattr(db, "row", lambda sql, *params: locked(sql.replace("FOR UPDATE", ""), *params))

    assert len(exchanged_at_once(now, mei, post, first, second)) == 2
