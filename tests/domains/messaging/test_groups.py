"""Groups: among friends, run by admins; who is not in one any more reads nothing of it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.people import actor_for, make_person
from tests.domains.messaging.test_messages import refuses
from wuyou.domains.identity.errors import PersonNotFound
from wuyou.domains.messaging import errors, operations, queries, rules
from wuyou.domains.messaging.types import SystemLine
from wuyou.infra import db

pytestmark = pytest.mark.django_db


def test_members_read_what_is_said_while_they_are_in(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group = talk.make_group(now, me, you)
    talk.say(now, me, group, "只有两个人")

    talk.add(now, me, group, third)
    talk.add(now, me, group, third)
    talk.say(now, you, group, "三个人")
    talk.remove(now, me, group, third)
    talk.say(now, you, group, "又是两个人")

    assert [m.text for m in talk.read(you, group) if m.line is None] == ["只有两个人", "三个人", "又是两个人"]
    assert [m.line for m in talk.read(me, group) if m.line] == [SystemLine.MADE, SystemLine.ADDED, SystemLine.REMOVED]
    assert talk.read(third, group) == ()
    refuses(errors.ConversationNotFound, lambda: talk.say(now, third, group))
    with pytest.raises(errors.ConversationNotFound):
        queries.get_conversation(talk.viewer(third), group)

    talk.add(now, me, group, third)
    talk.say(now, you, group, "回来了")
    assert [m.text for m in talk.read(third, group)] == ["", "回来了"]


def test_groups_are_among_friends_and_run_by_admins(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    stranger, blocker = make_person(now), make_person(now)
    social.block(now, blocker, me)
    group = talk.make_group(now, me, you)

    refuses(errors.FriendsOnly, lambda: talk.make_group(now, me, stranger))
    refuses(errors.FriendsOnly, lambda: talk.add(now, me, group, stranger))
    refuses(PersonNotFound, lambda: talk.add(now, me, group, blocker))
    social.befriend(now, you, stranger)
    refuses(errors.AdminsOnly, lambda: talk.add(now, you, group, stranger))
    refuses(errors.AdminsOnly, lambda: talk.remove(now, you, group, me))
    refuses(errors.NotYourself, lambda: talk.remove(now, me, group, me))
    refuses(errors.GroupNameMalformed, lambda: talk.make_group(now, me, you, name=" "))
    pair = talk.open_with(now, me, you)
    refuses(errors.NotAGroup, lambda: talk.leave(now, me, pair))

    def promote() -> None:
        db.in_transaction(
            lambda: operations.make_admin(actor=actor_for(me), conversation_id=group, person_id=you.id, now=now)
        )

    promote()
    promote()
    talk.add(now, you, group, stranger)
    assert [(p.person_id, p.is_admin) for p in queries.list_participants(talk.viewer(me), group)] == [
        (me.id, True),
        (you.id, True),
        (stranger.id, False),
    ]


def test_group_has_at_most_so_many_members(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_GROUP", 3)
    me, you, third, fourth = talk.make_friends(now, "阿九", "小林", "阿布", "小满")
    group = talk.make_group(now, me, you, third)

    refuses(errors.GroupTooLarge, lambda: talk.add(now, me, group, fourth))
    refuses(errors.GroupTooLarge, lambda: talk.make_group(now, me, you, third, fourth))


def test_group_of_which_the_last_admin_leaves_is_run_by_who_was_in_it_longest(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group = talk.make_group(now, me, you, third)

    talk.leave(now, me, group)

    assert [(p.person_id, p.is_admin) for p in queries.list_participants(talk.viewer(you), group)] == [
        (you.id, True),
        (third.id, False),
    ]
    refuses(errors.ConversationNotFound, lambda: talk.leave(now, me, group))


def test_renaming_tells_the_group_once(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    group = talk.make_group(now, me, you)

    for _ in range(2):
        db.in_transaction(
            lambda: operations.rename_group(actor=actor_for(me), conversation_id=group, name="胶片", now=now)
        )

    assert queries.get_conversation(talk.viewer(you), group).name == "胶片"
    assert [(m.line, m.text) for m in talk.read(me, group)][1:] == [(SystemLine.RENAMED, "胶片")]


def test_in_a_group_blocked_people_do_not_read_each_other(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    group = talk.make_group(now, me, you, third)
    talk.say(now, you, group, "拉黑之前")
    social.block(now, you, third)

    talk.say(now, you, group, "她看不到")
    answered = talk.say(now, third, group, "他看不到")
    reply = talk.say(now, me, group, "回复")

    def said(who: object) -> list[str]:
        return [m.text for m in talk.read(who, group) if m.line is None]  # type: ignore[arg-type]

    assert said(me) == ["拉黑之前", "她看不到", "他看不到", "回复"]
    assert said(you) == ["拉黑之前", "她看不到", "回复"]
    assert said(third) == ["他看不到", "回复"]
    assert [p.person_id for p in queries.list_participants(talk.viewer(third), group)] == [me.id, third.id]
    with pytest.raises(errors.MessageNotFound):
        queries.get_message(talk.viewer(you), group, answered)
    talk.see(now, third, group, reply)
    talk.say(now, you, group, "只有我")
    assert queries.count_unread(talk.viewer(third)) == 0
    assert queries.count_unread_by_person([third.id, me.id]) == {third.id: 0, me.id: 1}
