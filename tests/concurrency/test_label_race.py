"""Whoever is removed from a label never sees what is written for it later, though all of it happens at once.

The danger is not in the list: it is between reading who looks and reading what there is to see. If somebody is removed,
and something is written, between the two, then old tokens meet new rows. A request that reads sees one moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

import pytest
from django.db import connection

from tests.builders import social
from tests.builders.people import make_person
from tests.builders.things import make_holding, make_thing
from wuyou.domains.identity.types import Person
from wuyou.domains.things import operations, queries
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import Audience, AudienceRule

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


def seen_after_removal(now: datetime, moment: Callable[[], AbstractContextManager[None]]) -> list[str]:
    """What a member sees who was read as one, then removed, before what was written for the label is listed."""
    owner, member = make_person(now), make_person(now)
    label = social.make_label(now, owner, "同学", member)
    rule = AudienceRule(Audience(labels=frozenset({label.id})))
    make_holding(now, owner, make_thing(now, "earlier"), audience=rule)
    is_read, is_written = threading.Event(), threading.Event()
    seen: list[str] = []

    def read() -> None:
        with moment():
            viewer = sight.get_viewer(member.id)
            is_read.set()
            assert is_written.wait(30)
            seen.extend(holding.thing.name for holding in queries.list_newest(viewer).items)

    reader = in_thread(read)
    assert is_read.wait(30)
    social.take_label(owner, label.id, member)
    make_holding(now, owner, make_thing(now, "later"), audience=rule)
    is_written.set()
    reader.join(30)
    return seen


def test_nobody_sees_what_is_written_after_their_removal(now: datetime) -> None:
    assert seen_after_removal(now, db.reading) == ["earlier"]


def test_control_without_one_moment_old_tokens_open_new_rows(now: datetime) -> None:
    assert seen_after_removal(now, nullcontext) == ["later", "earlier"]


def test_removals_writes_and_reads_at_once_never_show_a_later_copy(now: datetime) -> None:
    """Two real connections as fast as they can: the owner puts a member on and off, and writes for the label."""
    owner, member = make_person(now), make_person(now)
    label = social.make_label(now, owner, "同学")
    rule = AudienceRule(Audience(labels=frozenset({label.id})))
    thing = make_thing(now)
    forbidden: list[int] = []
    allowed: list[int] = []
    done = threading.Event()

    def write() -> None:
        try:
            for _ in range(40):
                social.put_label(now, owner, label.id, member)
                allowed.append(make_holding(now, owner, thing, audience=rule).id)
                social.take_label(owner, label.id, member)
                late = make_holding(now, owner, thing, audience=rule)
                forbidden.append(late.id)
                # Before the member comes back, the late copy goes: who comes back sees what was written meanwhile.
                remove(owner, late.id, now)
        finally:
            done.set()

    writer = in_thread(write)
    seen: set[int] = set()
    rounds = 0
    while not done.is_set():
        with db.reading():
            seen.update(holding.id for holding in queries.list_newest(sight.get_viewer(member.id)).items)
        rounds += 1
    writer.join(30)
    assert len(allowed) == len(forbidden) == 40
    assert seen.isdisjoint(forbidden)
    assert seen.intersection(allowed)
    assert rounds > 20


def remove(owner: Person, holding_id: int, now: datetime) -> None:
    db.in_transaction(lambda: operations.remove_holdings(actor=Actor(owner.id), holding_ids=[holding_id], now=now))
