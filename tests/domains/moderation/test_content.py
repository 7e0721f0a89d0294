"""Posts and comments under review: their writers alone see them, until staff have looked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.builders import content
from tests.builders import moderation as judging
from tests.builders.people import actor_for, make_person
from wuyou.config.wiring import SUBSCRIBERS
from wuyou.domains.content import operations, tasks
from wuyou.domains.content import queries as posts
from wuyou.domains.content.types import PostDraft, PostKind
from wuyou.domains.identity.types import Person
from wuyou.domains.moderation import errors, queries
from wuyou.domains.moderation import tasks as moderation_tasks
from wuyou.domains.moderation.rules import APPEAL_FOR
from wuyou.domains.moderation.types import Outcome, SubjectKind, Verdict
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db, events
from wuyou.infra.sight import get_viewer
from wuyou.kernel.sight import PUBLIC

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def author(now: datetime) -> Person:
    return make_person(now, "林")


@pytest.fixture
def reader(now: datetime) -> Person:
    return make_person(now, "江")


def sees(person: Person, post_id: int) -> bool:
    return post_id in posts.posts_by_id(get_viewer(person.id), [post_id])


def edit(now: datetime, author: Person, post_id: int, text: str) -> None:
    draft = PostDraft(PostKind.PHOTOS, text, "", (), (), None, True, PUBLIC)
    db.in_transaction(lambda: operations.edit_post(actor=actor_for(author), post_id=post_id, draft=draft, now=now))


def settle(now: datetime) -> None:
    events.drain(SUBSCRIBERS, now)


def test_a_post_that_a_rule_holds_is_its_author_s_alone_until_it_is_kept(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, text="来 刷單 呀", photos=1)

    assert sees(author, post)
    assert not sees(reader, post)
    (case,) = queries.list_cases().items
    judging.decide(now, staff, case.id, Outcome.KEEP)
    settle(now)
    assert sees(reader, post)


def test_words_that_are_refused_are_not_published_and_the_draft_stays(
    now: datetime, author: Person, staff: Person
) -> None:
    draft = content.draft_post(now, author, text="加 微 信", photos=1)

    with pytest.raises(errors.WordsRefused):
        content.publish(now, author, draft)

    assert [post.id for post in posts.list_unpublished(author.id)] == [draft]
    with pytest.raises(errors.WordsRefused):
        content.publish(now, author, draft, now + timedelta(hours=1))
    assert db.rows("SELECT 1 FROM moderation_case") == []


def test_what_was_scheduled_and_is_held_comes_out_held(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    draft = content.draft_post(now, author, photos=1)
    content.publish(now, author, draft, now + timedelta(hours=1))
    edit(now, author, draft, "刷单")

    tasks.publish_due_posts(now + timedelta(hours=1))

    assert not sees(reader, draft)
    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.KEEP)
    settle(now)
    assert sees(reader, draft)


def test_an_edit_neither_opens_a_post_nor_escapes_the_rules(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, photos=1)

    edit(now, author, post, "刷单")
    assert not sees(reader, post)
    edit(now, author, post, "不说了")
    assert not sees(reader, post)
    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.WITHHOLD)
    settle(now)
    edit(now, author, post, "真的不说了")
    assert not sees(reader, post)
    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.KEEP)
    settle(now)
    assert sees(reader, post)


def test_a_removed_post_goes_when_nobody_can_appeal_any_more(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, photos=1)
    judging.report(now, reader, SubjectKind.POST, post)
    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.REMOVE)
    settle(now)
    assert sees(author, post)
    assert not sees(reader, post)

    moderation_tasks.finish_due_removals(now + APPEAL_FOR)
    settle(now)

    assert not sees(author, post)


def test_a_comment_that_is_held_is_told_to_nobody_until_it_opens(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, photos=1)

    comment = content.comment(now, reader, post, "刷单吗")

    def read(person: Person) -> list[int]:
        return [each.id for each in posts.list_comments(get_viewer(person.id), post).items]

    assert (read(reader), read(author)) == ([comment], [])
    assert notifications.list_groups(get_viewer(author.id)).items == ()
    assert db.rows("SELECT 1 FROM social_tie") == []
    (case,) = queries.list_cases().items
    assert case.subject.kind is SubjectKind.COMMENT

    judging.decide(now, staff, case.id, Outcome.KEEP)
    settle(now)

    assert read(author) == [comment]
    assert [group.kind for group in notifications.list_groups(get_viewer(author.id)).items] == [Kind.POST_COMMENTED]


def test_a_repost_with_words_that_a_rule_holds_is_held(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, photos=1)

    passed_on = content.repost(now, reader, post, text="刷单看这里")

    assert sees(reader, passed_on)
    assert not sees(author, passed_on)
    assert sees(author, post)


def told(name: str) -> list[int]:
    """The posts of which an event of this name tells, in their order."""
    return [
        post
        for (post,) in db.rows("SELECT (payload->>'post_id')::bigint FROM event WHERE name = %s ORDER BY seq", [name])
    ]


def test_what_is_held_as_it_is_published_is_told_when_it_is_let_go_and_stands_among_the_newest(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    held = content.make_post(now, author, text="刷单", photos=1)
    later = content.make_post(now + timedelta(hours=1), author, photos=1)
    passed_on = content.repost(now, reader, later, text="刷单看这里")

    assert told("content.post_published") == [later]
    assert notifications.list_groups(get_viewer(author.id)).items == ()

    let_go = now + timedelta(hours=2)
    for case in queries.list_cases().items:
        judging.decide(let_go, staff, case.id, Outcome.KEEP)
    settle(let_go)
    settle(let_go)

    assert sorted(told("content.post_published")) == sorted([later, held, passed_on])
    assert [post.id for post in posts.list_newest(get_viewer(reader.id)).items] == [held, later]
    assert [group.kind for group in notifications.list_groups(get_viewer(author.id)).items if group.actor_ids] == [
        Kind.POST_REPOSTED
    ]


def test_what_was_told_and_is_held_and_let_go_is_not_told_anew(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    post = content.make_post(now, author, photos=1)
    edit(now, author, post, "刷单")
    assert told("content.post_changed") == []

    judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.KEEP)
    settle(now)

    assert told("content.post_published") == [post]
    assert told("content.post_changed") == [post]


@pytest.mark.parametrize("verdict", [Verdict.HOLD, Verdict.REFUSE])
def test_what_was_scheduled_is_held_against_the_rules_of_the_moment_at_which_it_comes_out(
    now: datetime, author: Person, reader: Person, staff: Person, verdict: Verdict
) -> None:
    post = content.draft_post(now, author, text="清仓特卖", photos=1)
    due = now + timedelta(hours=1)
    content.publish(now, author, post, due)
    judging.make_rule(now, staff, "清仓", verdict)

    assert tasks.publish_due_posts(due) == 1

    assert (sees(author, post), sees(reader, post), told("content.post_published")) == (True, False, [])
    judging.decide(due, staff, queries.list_cases().items[0].id, Outcome.KEEP)
    settle(due)
    assert (sees(reader, post), told("content.post_published")) == (True, [post])


def test_what_was_scheduled_waits_while_its_author_may_not_publish(
    now: datetime, author: Person, reader: Person, staff: Person
) -> None:
    shown = content.make_post(now, author, photos=1)
    post = content.draft_post(now, author, photos=1)
    due = now + timedelta(hours=1)
    content.publish(now, author, post, due)
    for _ in range(3):
        judging.report(now, reader, SubjectKind.POST, shown)
        judging.decide(now, staff, queries.list_cases().items[0].id, Outcome.WARN)
    until = queries.paused_until(author.id, now)
    assert until is not None

    assert (tasks.publish_due_posts(due), sees(reader, post)) == (0, False)
    assert (tasks.publish_due_posts(until), sees(reader, post)) == (1, True)
