"""Strangers and callers knock: one waits as a request, may be let in or not, and is never told which."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.builders.things import make_holding, make_thing
from tests.domains.messaging.test_messages import refuses
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import errors, operations, queries
from wuyou.domains.messaging.types import CallDoor, Card, Doors, MessageKind, Standing, WriteDoor
from wuyou.domains.social.errors import UnblockFirst
from wuyou.domains.things.types import Thing
from wuyou.infra import db
from wuyou.kernel.sight import ONLY_ME, PUBLIC

pytestmark = pytest.mark.django_db


def requests_of(person: Person) -> list[int]:
    return [line.conversation.id for line in queries.list_requests(talk.viewer(person))]


def conversations_of(person: Person) -> list[int]:
    return [line.conversation.id for line in queries.list_conversations(talk.viewer(person))[0]]


def set_doors(person: Person, doors: Doors) -> None:
    db.in_transaction(lambda: operations.set_doors(actor=actor_for(person), doors=doors))


def sharers(now: datetime) -> tuple[Person, Person, Thing]:
    """Two who do not know each other and have one camera in common, open to everyone."""
    me, you, thing = make_person(now, "阿九"), make_person(now, "小林"), make_thing(now)
    for person in (me, you):
        make_holding(now, person, thing, audience=PUBLIC)
    return me, you, thing


def test_first_message_of_a_stranger_waits_as_a_request(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    assert (requests_of(you), conversations_of(you)) == ([], [])

    talk.say(now, me, conversation, "你好")

    assert (requests_of(you), conversations_of(you), conversations_of(me)) == ([conversation], [], [conversation])
    assert queries.count_unread(talk.viewer(you)) == 1
    assert queries.get_conversation(talk.viewer(me), conversation).awaits_answer
    refuses(errors.AwaitingAnswer, lambda: talk.say(now, me, conversation, "在吗?"))


def test_accepting_lets_both_go_on(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)

    talk.accept(now, you, conversation)
    talk.accept(now, you, conversation)

    assert (requests_of(you), conversations_of(you)) == ([], [conversation])
    assert talk.say(now, me, conversation) == 2
    assert talk.say(now, you, conversation) == 3


def test_writing_back_is_accepting(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)

    talk.say(now, you, conversation)

    assert requests_of(you) == []
    assert queries.get_conversation(talk.viewer(you), conversation).standing is Standing.MEMBER
    talk.say(now, me, conversation)


def test_who_was_declined_is_not_told_and_waits_thirty_days(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    waiting = (
        queries.get_conversation(talk.viewer(me), conversation),
        queries.list_participants(talk.viewer(me), conversation),
    )
    changes = queries.last_number(me.id)

    talk.decline(now, you, conversation)

    assert (requests_of(you), conversations_of(you), queries.count_unread(talk.viewer(you))) == ([], [], 0)
    assert waiting == (
        queries.get_conversation(talk.viewer(me), conversation),
        queries.list_participants(talk.viewer(me), conversation),
    )
    assert queries.last_number(me.id) == changes
    refuses(errors.AwaitingAnswer, lambda: talk.say(now + timedelta(days=29), me, conversation))
    talk.say(now + timedelta(days=30), me, conversation, "又一次")
    assert requests_of(you) == [conversation]


def test_looking_at_a_request_tells_nothing(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    changes = queries.last_number(me.id)

    talk.see(now, you, conversation, 1)

    assert queries.last_number(me.id) == changes
    assert [
        p.seen_up_to for p in queries.list_participants(talk.viewer(me), conversation) if p.person_id == you.id
    ] == [0]


def test_who_declined_may_come_back_by_themselves(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    talk.decline(now, you, conversation)

    assert talk.open_with(now, you, me) == conversation
    talk.say(now, you, conversation)

    talk.say(now, me, conversation)


def test_friends_need_no_request_and_becoming_friends_opens_the_door(now: datetime) -> None:
    me, you = make_person(now), make_person(now)
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    talk.decline(now, you, conversation)

    social.befriend(now, me, you)

    talk.say(now, me, conversation)
    assert conversations_of(you) == [conversation]


def test_doors_say_who_may_begin(now: datetime) -> None:
    me, you, thing = sharers(now)
    friend = make_person(now)
    social.befriend(now, friend, you)
    conversation, with_friend = talk.open_with(now, me, you), talk.open_with(now, friend, you)
    assert queries.get_doors(you.id) == Doors()

    set_doors(you, Doors(WriteDoor.FRIENDS, CallDoor.FRIENDS))
    refuses(errors.DoorClosed, lambda: talk.say(now, me, conversation))
    refuses(errors.DoorClosed, lambda: talk.call_out(now, me, you, [thing.id]))
    talk.say(now, friend, with_friend)
    set_doors(you, Doors(WriteDoor.NOBODY, CallDoor.NOBODY))
    refuses(errors.DoorClosed, lambda: talk.say(now, me, conversation))
    refuses(errors.DoorClosed, lambda: talk.call_out(now, me, you, [thing.id]))

    talk.say(now, you, conversation)
    talk.accept(now, me, conversation)
    talk.say(now, me, conversation)


def test_call_out_names_what_both_have(now: datetime) -> None:
    me, you, thing = sharers(now)
    mine, theirs = make_holding(now, me, audience=PUBLIC), make_holding(now, you, audience=PUBLIC)
    hidden = make_thing(now)
    make_holding(now, me, hidden, audience=PUBLIC)
    make_holding(now, you, hidden)

    conversation, seq = talk.call_out(now, me, you, [thing.id], client_id="the-same-1")

    assert talk.call_out(now, me, you, [thing.id], client_id="the-same-1") == (conversation, seq)
    message = talk.read(you, conversation)[0]
    assert (message.kind, message.cards) == (MessageKind.CALL_OUT, (Card(thing),))
    assert requests_of(you) == [conversation]
    told = db.rows("SELECT payload FROM event WHERE name = 'messaging.called_out'")
    assert len(told) == 1
    third = make_person(now)
    make_holding(now, third, thing, audience=PUBLIC)
    for wanted in ([], [mine.thing.id], [theirs.thing.id], [hidden.id], [thing.id, 10**9]):
        refuses(errors.NothingInCommon, lambda wanted=wanted: talk.call_out(now, me, third, wanted))  # type: ignore[misc]
    refuses(errors.MessageEmpty, lambda: talk.call_out(now, me, third, [thing.id], text=" "))
    refuses(errors.MessageTooLong, lambda: talk.call_out(now, me, third, [thing.id], text="x" * 201))
    refuses(errors.NotYourself, lambda: talk.call_out(now, me, me, [thing.id]))


def test_call_out_shows_no_more_than_both_show_each_other_now(now: datetime) -> None:
    from wuyou.domains.things import operations as things

    me, you, thing = sharers(now)
    conversation, _ = talk.call_out(now, me, you, [thing.id])
    assert talk.read(me, conversation)[0].cards == (Card(thing),)

    def close(person: Person) -> None:
        (holding_id,) = (row[0] for row in db.rows("SELECT id FROM things_holding WHERE owner_id = %s", [person.id]))
        db.in_transaction(
            lambda: things.set_audience(actor=actor_for(person), holding_ids=[holding_id], rule=ONLY_ME, now=now)
        )

    close(me)
    assert talk.read(you, conversation)[0].cards == (Card(None),)
    assert talk.read(me, conversation)[0].cards == (Card(thing),)
    close(you)
    assert talk.read(me, conversation)[0].cards == (Card(None),)


def test_declined_caller_gets_the_same_answer_as_a_waiting_one(now: datetime) -> None:
    me, you, thing = sharers(now)
    talk.call_out(now, me, you, [thing.id])
    with pytest.raises(errors.AwaitingAnswer) as waiting:
        talk.call_out(now, me, you, [thing.id])

    talk.decline(now, you, requests_of(you)[0])

    with pytest.raises(errors.AwaitingAnswer) as declined:
        talk.call_out(now + timedelta(days=29), me, you, [thing.id])
    assert (declined.value.code, declined.value.facts) == (waiting.value.code, waiting.value.facts)
    talk.call_out(now + timedelta(days=31), me, you, [thing.id])


def test_nothing_is_called_or_written_across_a_block(now: datetime) -> None:
    me, you, thing = sharers(now)
    social.block(now, you, me)

    refuses(PersonNotFound, lambda: talk.call_out(now, me, you, [thing.id]))
    refuses(PersonNotFound, lambda: talk.open_with(now, me, you))
    refuses(UnblockFirst, lambda: talk.open_with(now, you, me))


def test_call_outs_of_a_day_are_limited(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from wuyou.domains.messaging.policies import MOST_A_DAY, Limited

    monkeypatch.setitem(MOST_A_DAY, Limited.CALL_OUT, 1)
    me, you, thing = sharers(now)
    third = make_person(now)
    make_holding(now, third, thing, audience=PUBLIC)
    talk.call_out(now, me, you, [thing.id])

    refuses(errors.TooManyToday, lambda: talk.call_out(now, me, third, [thing.id]))
    talk.call_out(now + timedelta(days=1), me, third, [thing.id])
