"""Messages: numbered, sent once, revised for two minutes, seen, and shown through their reader's own sight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import messaging as talk
from tests.builders import social
from tests.builders.goods import make_product
from tests.builders.people import actor_for, make_person
from tests.builders.things import make_holding
from wuyou.domains.messaging import errors, operations, queries
from wuyou.domains.messaging.types import Card, Draft, MessageKind, Photo
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.things.errors import HoldingNotFound, ThingNotFound
from wuyou.infra import db
from wuyou.infra.sight import view_as
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, PUBLIC, Audience, AudienceRule

pytestmark = pytest.mark.django_db


def everything() -> list[list[tuple[object, ...]]]:
    """Every row of the domain, to see that a refusal changed none."""
    tables = ("conversation", "participant", "message", "photo", "thing", "inbox", "change", "door", "daily_use")
    return [db.rows(f"SELECT * FROM messaging_{table} ORDER BY 1, 2") for table in tables]


def refuses(error: type[DomainError], call: Callable[[], object]) -> None:
    before = everything()
    with pytest.raises(error):
        call()
    assert everything() == before


def test_messages_are_numbered_and_one_client_id_is_one_message(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)

    numbers = [talk.say(now, who, conversation, text) for who, text in [(me, "在吗"), (you, "在"), (me, " 好\r\n的 ")]]
    again = (
        talk.say(now, me, conversation, "另一句", client_id="the-same-1"),
        talk.say(now, me, conversation, "不会再说", client_id="the-same-1"),
    )

    assert numbers == [1, 2, 3]
    assert again == (4, 4)
    assert talk.texts(you, conversation) == talk.texts(me, conversation) == ["在吗", "在", "好\n的", "另一句"]
    assert [m.client_id for m in talk.read(you, conversation)] == [
        "",
        talk.read(you, conversation)[1].client_id,
        "",
        "",
    ]


def test_two_people_have_one_conversation(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")

    assert talk.open_with(now, me, you) == talk.open_with(now, you, me) != talk.open_with(now, me, third)
    refuses(errors.NotYourself, lambda: talk.open_with(now, me, me))


def test_client_id_of_another_conversation_is_refused(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    one, other = talk.open_with(now, me, you), talk.open_with(now, me, third)
    talk.say(now, me, one, client_id="the-same-1")

    refuses(errors.ClientIdReused, lambda: talk.say(now, me, other, client_id="the-same-1"))
    talk.say(now, you, one, client_id="the-same-1")


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (Draft(" \n "), errors.MessageEmpty),
        (Draft("x" * 4_001), errors.MessageTooLong),
        (Draft("a\x00b"), errors.MessageMalformed),
        (Draft("x", thing_id=1, product_id=1), errors.MessageMalformed),
        (Draft("x", photos=tuple(Photo(f"k{n}", 1, 1) for n in range(10))), errors.TooManyPhotos),
        (Draft("x", reply_to_seq=9), errors.MessageNotFound),
        (Draft("x", holding_id=1), HoldingNotFound),
    ],
)
def test_what_cannot_be_said_changes_nothing(now: datetime, draft: Draft, error: type[DomainError]) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)

    refuses(error, lambda: talk.say(now, me, conversation, draft=draft))
    refuses(errors.ClientIdMalformed, lambda: talk.say(now, me, conversation, client_id="short"))


def test_stranger_to_a_conversation_finds_nothing(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    third = make_person(now)
    conversation = talk.open_with(now, me, you)
    seq = talk.say(now, me, conversation)

    assert talk.read(third, conversation) == ()
    for call in (
        lambda: talk.say(now, third, conversation),
        lambda: talk.see(now, third, conversation, 1),
        lambda: talk.edit(now, third, conversation, seq, "x"),
        lambda: talk.withdraw(now, third, conversation, seq),
        lambda: talk.accept(now, third, conversation),
        lambda: queries.get_conversation(talk.viewer(third), conversation),
        lambda: queries.list_participants(talk.viewer(third), conversation),
    ):
        refuses(errors.ConversationNotFound, call)
    with pytest.raises(errors.MessageNotFound):
        queries.get_message(talk.viewer(third), conversation, seq)


def test_nobody_reads_with_anothers_eyes(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)

    for call in (queries.list_conversations, queries.list_requests, queries.count_unread):
        with pytest.raises(errors.ConversationNotFound):
            call(view_as(talk.viewer(me), you.id).at_most)
    with pytest.raises(errors.ConversationNotFound):
        queries.list_messages(view_as(talk.viewer(you), me.id).at_most, conversation)


def test_text_is_edited_within_two_minutes_and_says_so(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    seq = talk.say(now, me, conversation, "三点见")
    soon, late = now + timedelta(minutes=2), now + timedelta(minutes=2, seconds=1)

    talk.edit(soon, me, conversation, seq, "四点见")

    edited = talk.read(you, conversation)[0]
    assert (edited.text, edited.edited_at) == ("四点见", soon)
    talk.edit(late, me, conversation, seq, "四点见")
    refuses(errors.TooLate, lambda: talk.edit(late, me, conversation, seq, "五点见"))
    refuses(errors.MessageNotFound, lambda: talk.edit(soon, you, conversation, seq, "不见"))
    refuses(errors.MessageEmpty, lambda: talk.edit(soon, me, conversation, seq, " "))


def test_withdrawn_message_leaves_a_trace_and_no_content(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    one, two = talk.make_photo(), talk.make_photo()
    seq = talk.say(now, me, conversation, draft=Draft("看", photos=(one, two)))
    answer = talk.say(now, you, conversation, draft=Draft("好看", reply_to_seq=seq))
    assert queries.pictures_of_person(me.id) == (one.key, two.key)
    assert queries.may_see_photo(talk.viewer(you), one.key)
    soon = now + timedelta(minutes=1)

    assert talk.withdraw(soon, me, conversation, seq) == (one.key, two.key)
    assert talk.withdraw(soon, me, conversation, seq) == ()

    gone, reply = talk.read(you, conversation)
    assert (gone.text, gone.photos, gone.is_gone, gone.withdrawn_at) == ("", (), True, soon)
    assert reply.seq == answer
    assert reply.reply is not None
    assert (reply.reply.text, reply.reply.is_gone) == ("", True)
    assert not queries.may_see_photo(talk.viewer(you), one.key)
    refuses(errors.MessageNotFound, lambda: talk.edit(soon, me, conversation, seq, "又来"))
    refuses(errors.TooLate, lambda: talk.withdraw(now + timedelta(hours=1), you, conversation, answer))


def test_seen_moves_forward_only_and_counts_follow(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    for text in "一二三":
        talk.say(now, me, conversation, text)
    assert (queries.count_unread(talk.viewer(you)), queries.count_unread(talk.viewer(me))) == (1, 0)
    (line,), _ = queries.list_conversations(talk.viewer(you))
    assert (line.unread, line.last and line.last.text) == (3, "三")

    assert talk.see(now, you, conversation, 2)
    assert not talk.see(now, you, conversation, 1)
    (line,), _ = queries.list_conversations(talk.viewer(you))
    assert line.unread == 1
    assert talk.see(now, you, conversation, 99)
    assert not talk.see(now, you, conversation, 3)

    assert queries.count_unread_by_person([me.id, you.id]) == {me.id: 0, you.id: 0}
    assert queries.get_conversation(talk.viewer(you), conversation).seen_up_to == 3
    assert [p.seen_up_to for p in queries.list_participants(talk.viewer(me), conversation)] == [3, 3]


def test_muted_conversation_counts_nothing_and_notifies_nobody(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    assert notifications.count_unread(talk.viewer(you)) == 1

    def mute(is_muted: bool) -> None:
        db.in_transaction(
            lambda: operations.mute_conversation(
                actor=actor_for(you), conversation_id=conversation, is_muted=is_muted, now=now
            )
        )

    mute(True)
    assert (queries.count_unread(talk.viewer(you)), notifications.count_unread(talk.viewer(you))) == (0, 0)
    talk.say(now, me, conversation)
    assert queries.count_unread_by_person([you.id]) == {you.id: 0}
    mute(False)
    assert queries.count_unread(talk.viewer(you)) == 1


def test_first_unseen_message_notifies_and_no_later_one_until_it_was_seen(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    for text in "一二三":
        talk.say(now, me, conversation, text)

    def told() -> list[int | None]:
        groups = notifications.list_groups(talk.viewer(you)).items
        return [n.object_id for group in groups if group.kind is Kind.MESSAGE for n in group.notifications]

    assert told() == [talk.read(you, conversation)[0].id]

    talk.see(now, you, conversation, 3)
    assert told() == []
    talk.say(now, me, conversation, "四")

    assert told() == [talk.read(you, conversation)[-1].id]
    talk.withdraw(now, me, conversation, 4)
    assert told() == []


def test_a_text_between_friends_costs_eight_statements(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    draft = Draft("在吗")

    def entry() -> None:
        with django_assert_num_queries(8):
            operations.send_message(
                actor=actor_for(me), conversation_id=conversation, client_id="eight-000001", draft=draft, now=now
            )

    db.in_transaction(entry)


def test_card_of_a_copy_shows_what_its_reader_may_see_now(now: datetime) -> None:
    from wuyou.domains.things import operations as things

    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    mine = make_holding(now, me, audience=FRIENDS)
    hidden = make_holding(now, me)
    thing = make_holding(now, me).thing
    talk.say(now, me, conversation, draft=Draft(holding_id=mine.id))
    talk.say(now, me, conversation, draft=Draft("这个", holding_id=hidden.id))
    talk.say(now, me, conversation, draft=Draft(thing_id=thing.id))

    cards = [message.cards for message in talk.read(you, conversation)]
    assert cards == [(Card(mine.thing, mine.id),), (Card(None),), (Card(thing),)]
    assert talk.read(me, conversation)[1].cards == (Card(hidden.thing, hidden.id),)

    db.in_transaction(
        lambda: things.set_audience(
            actor=actor_for(me),
            holding_ids=[mine.id],
            rule=AudienceRule(PUBLIC.to, Audience(persons=frozenset({you.id}))),
            now=now,
        )
    )
    assert talk.read(you, conversation)[0].cards == (Card(None),)
    refuses(HoldingNotFound, lambda: talk.say(now, you, conversation, draft=Draft(holding_id=mine.id)))
    refuses(ThingNotFound, lambda: talk.say(now, you, conversation, draft=Draft(thing_id=hidden.thing.id)))


def test_product_is_shown_while_it_is_listed(now: datetime) -> None:
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    product = make_product(now)
    talk.say(now, me, conversation, draft=Draft(product_id=product.id))

    message = talk.read(you, conversation)[0]
    assert (message.kind, message.product and message.product.id) == (MessageKind.PRODUCT, product.id)


def test_one_finds_what_was_said_in_ones_own_conversations(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    mine, theirs = talk.open_with(now, me, you), talk.open_with(now, you, third)
    talk.say(now, me, mine, "周六去看 100% 的海鸥")
    talk.say(now, you, theirs, "海鸥相机归我")

    assert [m.text for m in queries.search_messages(talk.viewer(me), "海鸥")] == ["周六去看 100% 的海鸥"]
    assert [m.text for m in queries.search_messages(talk.viewer(you), "0% 的")] == ["周六去看 100% 的海鸥"]
    assert len(queries.search_messages(talk.viewer(you), "海鸥")) == 2
    assert queries.search_messages(talk.viewer(you), "%") == queries.search_messages(talk.viewer(you), "100%")
    assert queries.search_messages(talk.viewer(you), " ") == ()


def test_block_hides_the_conversation_from_both(now: datetime) -> None:
    me, you, third = talk.make_friends(now, "阿九", "小林", "阿布")
    conversation = talk.open_with(now, me, you)
    seq = talk.say(now, me, conversation, "先说一句")
    talk.say(now, me, talk.open_with(now, me, third))

    social.block(now, you, me)

    for who in (me, you):
        assert talk.read(who, conversation) == ()
        assert conversation not in [line.conversation.id for line in queries.list_conversations(talk.viewer(who))[0]]
        assert queries.search_messages(talk.viewer(who), "先说") == ()
        refuses(errors.ConversationNotFound, lambda who=who: talk.say(now, who, conversation))  # type: ignore[misc]
        refuses(errors.ConversationNotFound, lambda who=who: queries.get_conversation(talk.viewer(who), conversation))  # type: ignore[misc]
    refuses(errors.ConversationNotFound, lambda: talk.edit(now, me, conversation, seq, "改"))
    assert queries.count_unread(talk.viewer(you)) == 0
    assert queries.count_unread_by_person([you.id]) == {you.id: 0}
    kinds = {group.kind for group in notifications.list_groups(talk.viewer(you)).items}
    assert Kind.MESSAGE not in kinds
    social.unblock(now, you, me)
    assert talk.texts(you, conversation) == ["先说一句"]


def test_too_many_messages_a_day_are_refused_until_tomorrow(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    from wuyou.domains.messaging.policies import MOST_A_DAY, Limited

    monkeypatch.setitem(MOST_A_DAY, Limited.MESSAGE, 2)
    me, you = talk.make_friends(now, "阿九", "小林")
    conversation = talk.open_with(now, me, you)
    talk.say(now, me, conversation)
    talk.say(now, me, conversation)

    refuses(errors.TooManyToday, lambda: talk.say(now, me, conversation))
    talk.say(now, you, conversation)
    talk.say(now + timedelta(days=1), me, conversation)
