"""What screens read from a cursor: everything once, in order, as far as its reader may see it; and what is erased."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import make_person
from tests.builders.things import make_holding
from wuyou.domains.identity.types import Person
from wuyou.domains.messaging import operations, queries
from wuyou.domains.messaging.types import Change, ChangeKind, Changes, Draft
from wuyou.infra import db

pytestmark = pytest.mark.django_db


def after(person: Person, cursor: int) -> Changes:
    return queries.changes_after({person.id: cursor}).get(person.id, Changes((), cursor))


def brief(lines: tuple[Change, ...]) -> list[tuple[int, str, str | int | None]]:
    return [(c.number, c.kind.value, c.message.text if c.message else c.seen_up_to) for c in lines]


def test_changes_are_numbered_for_each_person_and_read_from_a_cursor(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    seq = talk.say(now, me, conversation, "一")
    talk.say(now, you, conversation, "二", client_id="the-same-1")
    talk.see(now, you, conversation, 2)
    talk.see(now, me, conversation, 2)
    talk.edit(now, me, conversation, seq, "壹")

    mine = after(me, 0)
    assert brief(mine.lines) == [
        (1, "MESSAGE", "壹"),
        (2, "MESSAGE", "二"),
        (3, "SEEN", 2),
        (4, "REVISED", "壹"),
    ]
    assert mine.upto == 4
    assert brief(after(me, 2).lines) == brief(mine.lines)[2:]
    assert queries.changes_after({me.id: 4, you.id: queries.last_number(you.id)}) == {}
    assert [c.message.client_id for c in mine.lines if c.message][1] == ""
    assert [c.message.client_id for c in after(you, 0).lines if c.message][1] == "the-same-1"


def test_what_one_may_no_longer_read_is_passed_over(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group = talk.make_group(now, me, you, third)
    cursor = queries.last_number(third.id)
    talk.say(now, you, group, "还在")
    talk.remove(now, me, group, third)

    changes = after(third, cursor)
    assert [c.kind for c in changes.lines] == [ChangeKind.CONVERSATION]
    assert changes.upto == queries.last_number(third.id)


def test_what_a_block_keeps_away_is_passed_over(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group, pair = talk.make_group(now, me, you, third), talk.open_with(now, you, third)
    cursor = queries.last_number(third.id)
    talk.say(now, you, group, "群里")
    talk.say(now, you, pair, "私下")
    talk.say(now, me, group, "我也在")

    social.block(now, third, you)

    assert [c.message.text for c in after(third, cursor).lines if c.message] == ["我也在"]


def test_stream_says_of_a_card_only_that_it_is_there(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation, draft=Draft(thing_id=make_holding(now, me).thing.id))

    (change,) = after(you, 0).lines
    assert change.message is not None
    assert (change.message.kind.value, change.message.text) == ("THING", "")


def test_cursor_that_is_too_old_or_of_another_database_is_told_to_begin_anew(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    for number in range(4):
        talk.say(now + timedelta(days=number * 3), me, conversation)

    forgotten = db.in_transaction(lambda: operations.forget_old_changes(now=now + timedelta(days=10, hours=1)))

    assert forgotten == 4
    assert after(you, 2).lines[0].number == 3
    assert (after(you, 1).is_behind, after(you, 1).upto) == (True, 4)
    assert after(you, 99).is_behind
    assert after(make_person(now), 0) == Changes((), 0)


def test_many_changes_come_in_pieces(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    for number in range(103):
        talk.say(now, me, conversation, str(number))

    first = after(you, 0)
    rest = after(you, first.upto)
    assert [c.number for c in (*first.lines, *rest.lines)] == list(range(1, 104))


def test_erased_person_leaves_lines_without_words(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    pair, group = talk.open_with(now, me, you), talk.make_group(now, me, you, third)
    photo = talk.make_photo()
    talk.say(now, me, pair, draft=Draft("我的秘密", photos=(photo,)))
    talk.say(now, you, pair, "知道了")
    talk.say(now, me, group, draft=Draft("看", thing_id=make_holding(now, me).thing.id))
    exported = dict(queries.export_person(me.id))
    assert [record["text"] for record in exported["messages"]] == ["我的秘密", "看"]
    assert exported["messages"][0]["photos"] == [photo.key]
    assert [record["kind"] for record in exported["conversations"]] == ["PAIR", "GROUP"]

    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))
    db.in_transaction(lambda: operations.erase_person(person_id=me.id, now=now))

    erased, answer = talk.read(you, pair)
    assert (erased.is_erased, erased.text, erased.photos, answer.text) == (True, "", (), "知道了")
    assert [m.is_erased for m in talk.read(third, group) if m.line is None] == [True]
    assert [(p.person_id, p.is_admin) for p in queries.list_participants(talk.viewer(you), group)] == [
        (you.id, True),
        (third.id, False),
    ]
    assert dict(queries.export_person(me.id))["messages"][0]["text"] == ""
    assert queries.pictures_of_person(me.id) == ()
    assert db.row("SELECT count(*) FROM messaging_message WHERE text LIKE '%%秘密%%'") == (0,)
