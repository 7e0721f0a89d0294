"""Who edits, judges, holds and places at the same moment: each race with a control that takes the guard away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tests.builders import channels, content, erasure
from tests.builders.people import actor_for, make_person
from tests.builders.waiting import waiters
from tests.concurrency.conftest import Rush
from tests.concurrency.conftest import rush as rush
from tests.domains.moderation.test_races import overtake
from wuyou.domains.channels import errors, operations, queries
from wuyou.domains.channels.operations import routing
from wuyou.domains.channels.types import Rule
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content.types import PostDraft, PostKind
from wuyou.infra import db
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.concurrency]

WAIT_S = 30


class Scene:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.author = make_person(now)
        self.channel = channels.make_channel(now)
        self.post = content.make_post(now, self.author, topics=("露营",))

    def route(self) -> None:
        operations.route_post(post_id=self.post, owner_id=self.author.id, now=self.now)

    def edit(self, topic: str = "茶") -> None:
        draft = PostDraft(PostKind.PHOTOS, "说别的", topics=(topic,), audience=PUBLIC)
        db.in_transaction(
            partial(
                content_operations.edit_post, actor=Actor(self.author.id), post_id=self.post, draft=draft, now=self.now
            )
        )

    def edit_and_route(self) -> None:
        self.edit()
        db.in_transaction(self.route)

    def is_placed(self) -> bool:
        return bool(db.rows("SELECT FROM channels_placement WHERE post_id = %s", [self.post]))


@pytest.fixture
def scene(now: datetime) -> Scene:
    made = Scene(now)
    db.in_transaction(made.route)
    assert made.is_placed()
    return made


def elsewhere(act: Callable[[], object]) -> Callable[[], object]:
    """The same in a thread whose connection is closed after it."""

    def run() -> object:
        try:
            return act()
        finally:
            connection.close()

    return run


def between_reading_and_writing(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Whoever judges in this thread waits, after they have read the post, until something else has happened."""
    read = routing.facts_by_post
    is_first = Event()

    def slowly(*args: Any) -> Any:
        facts = read(*args)
        if current_thread() is main_thread() and not is_first.is_set():
            is_first.set()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(elsewhere(meanwhile)).result(WAIT_S)
        return facts

    monkeypatch.setattr(routing, "facts_by_post", slowly)


def test_who_judges_after_an_edit_waits_for_who_began_before_it(scene: Scene) -> None:
    overtake(scene.route, scene.edit_and_route)

    assert not scene.is_placed()


def test_control_without_the_lock_an_older_look_has_the_last_word(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "lock_post", lambda post_id: True)
    between_reading_and_writing(monkeypatch, scene.edit_and_route)

    db.in_transaction(scene.route)

    assert scene.is_placed()


def test_what_is_held_while_it_is_judged_is_shown_to_nobody(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = partial(content_operations.hold_post, post_id=scene.post, now=scene.now)
    between_reading_and_writing(monkeypatch, partial(db.in_transaction, hold))

    db.in_transaction(scene.route)

    assert scene.is_placed()
    assert channels.shown(scene.now, scene.channel) == []


def test_a_rule_that_is_saved_while_a_post_is_judged_judges_it_anew(scene: Scene) -> None:
    overtake(scene.route, lambda: channels.save_rule(scene.now, scene.channel, Rule(topics_any=("茶",))))

    assert not scene.is_placed()


def test_a_late_judgement_by_an_earlier_rule_replaces_nothing(scene: Scene) -> None:
    earlier = scene.channel
    later = channels.save_rule(scene.now, earlier, Rule(topics_any=("露营",), half_life_days=1))

    def late() -> None:
        facts = routing.facts_by_post([scene.post], scene.now)
        routing._settle([scene.post], [earlier], facts, scene.now)

    db.in_transaction(late)

    assert db.row("SELECT version FROM channels_placement") == (later.version,)
    assert channels.shown(scene.now, later) == [scene.post]


def test_of_two_rules_saved_at_once_one_is_refused(scene: Scene, rush: Rush) -> None:
    editor = channels.make_editor(scene.now)
    save = partial(channels.save_rule, scene.now, scene.channel, editor=editor)

    results = rush([lambda: save(Rule(topics_any=("茶",))), lambda: save(Rule(topics_any=("火车",)))])

    assert [type(one) for one in results if isinstance(one, Exception)] == [errors.RuleChanged]
    assert [one.version for one in queries.list_rules(scene.channel.id)] == [2, 1]


def test_of_two_who_place_a_post_at_once_the_later_counts(scene: Scene, rush: Rush) -> None:
    results = rush(
        [
            lambda: channels.pin(scene.now, scene.channel, scene.post, place=1),
            lambda: channels.keep_out(scene.now, scene.channel, scene.post),
        ]
    )

    assert results == [None, None]
    assert len(queries.list_hands(scene.channel.id, now=scene.now)) == 1
    assert len(queries.list_log(scene.channel.id).items) == 2


def test_control_without_the_lock_the_key_refuses_one(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "lock_post", lambda post_id: True)
    monkeypatch.setattr(routing, "route_post", lambda **how: None)  # what it writes would wait too
    actor = actor_for(channels.make_editor(scene.now))
    place = partial(
        operations.keep_out, actor=actor, channel_id=scene.channel.id, post_id=scene.post, reason="a", now=scene.now
    )
    is_in, is_out = Event(), Event()

    def first() -> None:
        place()
        is_in.set()
        is_out.wait(WAIT_S)

    def second() -> object:
        # It looks for what it ends before the first has committed, and waits at the key.
        is_in.wait(WAIT_S)
        try:
            return db.in_transaction(place)
        except IntegrityError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(elsewhere(lambda: db.in_transaction(first)))
        other = pool.submit(elsewhere(second))
        is_in.wait(WAIT_S)
        while not waiters():
            assert not other.done(), "it did not wait"
        is_out.set()
        one.result(WAIT_S)
        assert isinstance(other.result(WAIT_S), IntegrityError)


def test_who_is_erased_while_a_post_of_theirs_is_judged_leaves_nothing(scene: Scene) -> None:
    overtake(scene.route, lambda: erasure.erase(scene.now, scene.author.id))

    for table in ("channels_judged", "channels_placement"):
        assert db.row(f"SELECT count(*) FROM {table}") == (0,), table
