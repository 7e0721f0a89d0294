"""Senders, readers, admins and blockers at the same moment, each on a connection of their own; and the controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Barrier, Event
from typing import Any
from unittest import mock

import pytest

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.concurrency.conftest import rush as rush
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import errors, locks, operations, queries
from wuyou.domains.messaging.operations import messages
from wuyou.domains.messaging.types import Draft
from wuyou.domains.social import pairs
from wuyou.infra import db

pytestmark = pytest.mark.concurrency

Rush = Callable[[Sequence[Callable[[], Any]]], list[Any]]
ROUNDS = 6


def numbers(conversation: int) -> list[int]:
    found = db.rows("SELECT seq FROM messaging_message WHERE conversation_id = %s ORDER BY seq", [conversation])
    return [seq for (seq,) in found]


Read = Callable[[int, int, str], locks.Room]


def together(read: Read) -> Read:
    """Look, and wait until both have looked before what was found is acted on."""
    both = Barrier(2)

    def read_and_wait(person_id: int, conversation_id: int, client_id: str) -> locks.Room:
        found = read(person_id, conversation_id, client_id)
        both.wait(30)
        return found

    return read_and_wait


def test_one_client_id_sent_many_times_at_once_is_one_message(rush: Rush, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)

    results = rush([lambda: talk.say(now, me, conversation, client_id="the-same-1") for _ in range(8)])

    assert results == [1] * 8
    assert numbers(conversation) == [1]
    assert queries.last_number(you.id) == 1


def test_control_without_the_lock_the_second_of_two_is_refused_instead(rush: Rush, now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group = talk.make_group(now, me, you, third)
    send = lambda: talk.say(now, me, group, client_id="the-same-1")  # noqa: E731

    with (
        mock.patch.object(messages, "lock_row"),
        mock.patch.object(messages, "read_room", together(locks.read_room)),
    ):
        results = rush([send, send])

    assert [type(result) for result in sorted(results, key=str)].count(int) == 1
    assert any(isinstance(result, errors.ClientIdReused) for result in results)


def test_numbers_are_dense_whoever_sends_at_once(rush: Rush, now: datetime) -> None:
    people = talk.make_friends(now, "阿九", "小林", "阿布", "小满")
    group = talk.make_group(now, people[0], *people[1:])

    rush([lambda who=who: talk.say(now, who, group) for who in people for _ in range(6)])  # type: ignore[misc]

    assert numbers(group) == list(range(1, 26))
    for person in people:
        changes = queries.changes_after({person.id: 0})[person.id]
        assert [c.number for c in changes.lines] == list(range(1, 26))
        assert [c.message.seq for c in changes.lines if c.message] == numbers(group)


def test_control_a_sequence_of_the_server_leaves_gaps(rush: Rush, now: datetime) -> None:
    # Why the numbers come from a locked row: what is rolled back gives its number of a sequence never back.
    def fail() -> None:
        with pytest.raises(ZeroDivisionError):
            db.in_transaction(lambda: (db.row("SELECT nextval('messaging_message_id_seq')"), 1 / 0)[0])

    before = db.row("SELECT nextval('messaging_message_id_seq')")
    rush([fail, fail])
    after = db.row("SELECT nextval('messaging_message_id_seq')")

    assert before is not None
    assert after is not None
    assert after[0] == before[0] + 3


def test_seen_never_goes_back_whoever_says_so_at_once(rush: Rush, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    for _ in range(12):
        talk.say(now, me, conversation)

    rush([lambda seq=seq: talk.see(now, you, conversation, seq) for seq in (12, 3, 7, 1, 9, 11)])  # type: ignore[misc]

    assert queries.get_conversation(talk.viewer(you), conversation).seen_up_to == 12
    told = [c.seen_up_to for c in queries.changes_after({me.id: 12})[me.id].lines]
    assert told == sorted(told, key=lambda seq: seq or 0)
    assert told[-1] == 12


def test_nothing_new_is_said_after_a_block(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you = talk.make_friends(now, "阿九", "小林")
        conversation = talk.open_with(now, me, you)

        said, _ = rush(
            [
                lambda a=me, c=conversation: talk.say(now, a, c),  # type: ignore[misc]
                lambda a=me, b=you: social.block(now, b, a),  # type: ignore[misc]
            ]
        )

        assert said == 1 or isinstance(said, errors.ConversationNotFound)
        assert len(numbers(conversation)) == (said == 1)
        assert talk.read(you, conversation) == ()
        with pytest.raises(errors.ConversationNotFound):
            talk.say(now, me, conversation)


def test_control_without_the_lock_of_the_pair_a_message_outlives_the_block(rush: Rush, now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    blocked_first: list[bool] = []
    read = locks.read_room
    has_met, is_blocked = Event(), Event()

    def read_late(person_id: int, conversation_id: int, client_id: str) -> locks.Room:
        has_met.set()
        assert is_blocked.wait(30)
        return read(person_id, conversation_id, client_id)

    def send() -> int:
        def entry() -> int:
            seq = operations.send_message(
                actor=actor_for(me),
                conversation_id=conversation,
                client_id="the-same-1",
                draft=Draft("x"),
                now=now,
            )
            blocked_first.append(bool(db.row("SELECT 1 FROM social_block")))
            return seq

        return db.in_transaction(entry)

    def block() -> None:
        assert has_met.wait(30)
        social.block(now, you, me)
        is_blocked.set()

    with (
        mock.patch.object(pairs, "lock_pair"),
        mock.patch.object(messages, "read_room", read_late),
    ):
        said, _ = rush([send, block])

    assert said == 1
    assert blocked_first == [True]


def test_removed_member_reads_nothing_later(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
        group = talk.make_group(now, me, you, third)
        seen: list[tuple[int, ...]] = []

        def read(who: Person = third, where: int = group, into: list[tuple[int, ...]] = seen) -> None:
            into.extend(tuple(m.seq for m in talk.read(who, where)) for _ in range(10))

        rush(
            [
                lambda a=you, g=group: talk.say(now, a, g),  # type: ignore[misc]
                lambda a=you, g=group: talk.say(now, a, g),  # type: ignore[misc]
                lambda a=me, b=third, g=group: talk.remove(now, a, g, b),  # type: ignore[misc]
                read,
            ]
        )

        (removal,) = db.rows(
            "SELECT seq FROM messaging_message WHERE line = 'REMOVED' AND conversation_id = %s", [group]
        )
        assert all(seq < removal[0] for seqs in seen for seq in seqs)
        assert talk.read(third, group) == ()
        told = [c.message.seq for c in queries.changes_after({third.id: 0})[third.id].lines if c.message]
        assert told == []
        # And they were told of no message that came after.
        later = db.rows(
            """
            SELECT 1 FROM messaging_change c JOIN messaging_message m ON m.id = c.message_id
            WHERE c.person_id = %s AND m.conversation_id = %s AND m.seq >= %s
            """,
            [third.id, group, removal[0]],
        )
        assert later == []


def test_added_member_reads_nothing_earlier(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
        group = talk.make_group(now, me, you)

        rush(
            [
                lambda a=you, g=group: talk.say(now, a, g),  # type: ignore[misc]
                lambda a=me, b=third, g=group: talk.add(now, a, g, b),  # type: ignore[misc]
                lambda a=you, g=group: talk.say(now, a, g),  # type: ignore[misc]
            ]
        )

        (added,) = db.rows("SELECT seq FROM messaging_message WHERE line = 'ADDED' AND conversation_id = %s", [group])
        assert [m.seq for m in talk.read(third, group)] == list(range(added[0], 5))


def test_two_strangers_who_write_first_at_once_know_each_other(rush: Rush, now: datetime) -> None:
    for _ in range(ROUNDS):
        me, you = make_person(now), make_person(now)

        results = rush(
            [
                lambda a=a, b=b: talk.say(now, a, talk.open_with(now, a, b))  # type: ignore[misc]
                for a, b in [(me, you), (you, me)]
            ]
        )

        assert sorted(results) == [1, 2]
        assert not queries.list_requests(talk.viewer(me))
        assert not queries.list_requests(talk.viewer(you))
