"""What is said under posts: in threads, seen by whom the post is, across no block, and told once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import content, social
from tests.builders.people import make_person
from tests.surfaces.storefront.conftest import footprint
from wuyou.domains.content import errors, operations, queries
from wuyou.domains.content.types import NO_RESPONSE, Comment, PostDraft, PostKind, ReactionKind, Response
from wuyou.domains.identity.types import Person
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.infra import db, sight
from wuyou.kernel.actor import Actor
from wuyou.kernel.errors import DomainError
from wuyou.kernel.sight import FRIENDS, ONLY_ME

pytestmark = pytest.mark.usefixtures("world")


def refuses(error: type[DomainError], act: Callable[[], object]) -> None:
    before = footprint()
    with pytest.raises(error):
        db.in_transaction(act)
    assert footprint() == before


def said(viewer: Person | None, post_id: int) -> list[tuple[Comment, tuple[Comment, ...]]]:
    looks = sight.get_viewer(viewer.id if viewer else None)
    threads = queries.list_comments(looks, post_id).items
    answers = queries.comments_by_thread(looks, [thread.id for thread in threads])
    return [(thread, answers.get(thread.id, ())) for thread in threads]


def received(viewer: Person | None, post_id: int) -> Response:
    return queries.responses_by_post(sight.get_viewer(viewer.id if viewer else None), [post_id])[post_id]


def told(person: Person) -> list[tuple[Kind, int | None]]:
    groups = notifications.list_groups(sight.get_viewer(person.id)).items
    return sorted((group.kind, n.actor_id) for group in groups for n in group.notifications)


def test_answers_stand_in_the_thread_of_what_they_answer(now: datetime) -> None:
    mei, lin, wu = (make_person(now) for _ in range(3))
    post = content.make_post(now, mei)
    first = content.comment(now, lin, post, "好看")
    answer = content.comment(now, mei, post, "谢谢", answers_id=first)
    deeper = content.comment(now, wu, post, "同感", answers_id=answer)
    second = content.comment(now, wu, post, "多少钱?")

    threads = said(None, post)

    assert [thread.id for thread, _ in threads] == [second, first]
    assert [(one.id, one.answers_id, one.thread_id) for one in threads[1][1]] == [
        (answer, first, first),
        (deeper, answer, first),
    ]
    assert received(None, post) == Response(0, 4, 0, None, False)
    assert told(mei) == [(Kind.COMMENT_ANSWERED, wu.id), (Kind.POST_COMMENTED, lin.id), (Kind.POST_COMMENTED, wu.id)]
    assert told(lin) == [(Kind.COMMENT_ANSWERED, mei.id)]


def test_comment_is_seen_by_whom_its_post_is_and_not_across_a_block(now: datetime) -> None:
    mei, lin, wu, fan = (make_person(now) for _ in range(4))
    for friend in (lin, wu):
        social.befriend(now, mei, friend)
    post = content.make_post(now, mei, audience=FRIENDS)
    first = content.comment(now, lin, post)
    content.comment(now, mei, post, "这里", answers_id=first)

    assert said(fan, post) == []
    assert queries.visible_comments_among(sight.get_viewer(fan.id), [first]) == set()
    social.block(now, lin, wu)
    assert said(wu, post) == []  # the thread of whom one does not see, with all that stands in it
    assert received(wu, post).comments == 0
    assert received(mei, post).comments == 2
    refuses(
        errors.CommentNotFound,
        lambda: operations.write_comment(actor=Actor(wu.id), post_id=post, text="看得到吗", now=now, answers_id=first),
    )
    refuses(
        errors.PostNotFound,
        lambda: operations.write_comment(actor=Actor(fan.id), post_id=post, text="看得到吗", now=now),
    )


def test_comment_of_another_post_cannot_be_answered_here_and_drafts_have_no_readers(now: datetime) -> None:
    mei = make_person(now)
    post, other, draft = content.make_post(now, mei), content.make_post(now, mei), content.draft_post(now, mei)
    elsewhere = content.comment(now, mei, other)

    refuses(
        errors.CommentNotFound,
        lambda: operations.write_comment(actor=Actor(mei.id), post_id=post, text="x", now=now, answers_id=elsewhere),
    )
    refuses(
        errors.NotYetPublished,
        lambda: operations.write_comment(actor=Actor(mei.id), post_id=draft, text="x", now=now),
    )
    refuses(
        errors.TextMalformed, lambda: operations.write_comment(actor=Actor(mei.id), post_id=post, text=" ", now=now)
    )


def test_writer_and_author_may_take_a_comment_away_and_its_thread_goes_with_it(now: datetime) -> None:
    mei, lin, wu = (make_person(now) for _ in range(3))
    post = content.make_post(now, mei)
    first = content.comment(now, lin, post)
    answer = content.comment(now, wu, post, answers_id=first)
    last = content.comment(now, lin, post, answers_id=answer)
    refuses(errors.CommentNotFound, lambda: operations.remove_comment(actor=Actor(wu.id), comment_id=first))

    db.in_transaction(lambda: operations.remove_comment(actor=Actor(wu.id), comment_id=answer))
    ((_, answers),) = said(None, post)
    assert [(one.id, one.answers_id) for one in answers] == [(last, None)]
    db.in_transaction(lambda: operations.remove_comment(actor=Actor(mei.id), comment_id=first))
    assert said(None, post) == []
    assert db.row("SELECT count(*) FROM content_comment") == (0,)


def test_edited_comment_says_so(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_post(now, mei)
    comment = content.comment(now, lin, post, "好看")
    later = now + timedelta(minutes=1)
    refuses(
        errors.CommentNotFound,
        lambda: operations.edit_comment(actor=Actor(mei.id), comment_id=comment, text="x", now=later),
    )

    db.in_transaction(
        lambda: operations.edit_comment(actor=Actor(lin.id), comment_id=comment, text="真好看", now=later)
    )
    db.in_transaction(
        lambda: operations.edit_comment(
            actor=Actor(lin.id), comment_id=comment, text="真好看", now=later + timedelta(minutes=1)
        )
    )

    ((seen, _),) = said(None, post)
    assert (seen.text, seen.edited_at) == ("真好看", later)


def test_held_comment_is_its_writers_alone(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_post(now, mei)
    comment = content.comment(now, lin, post)
    content.comment(now, mei, post, answers_id=comment)
    db.in_transaction(lambda: operations.hold_comment(comment_id=comment))

    assert (said(mei, post), received(mei, post).comments) == ([], 0)
    assert [(one.id, one.is_withheld) for one, _ in said(lin, post)] == [(comment, True)]
    db.in_transaction(lambda: operations.let_comment_go(comment_id=comment))
    assert received(mei, post).comments == 2


def test_one_reaction_a_person_which_may_be_said_otherwise_and_taken_back(now: datetime) -> None:
    mei, lin, wu = (make_person(now) for _ in range(3))
    post = content.make_post(now, mei)
    content.react(now, lin, post)
    content.react(now, lin, post, ReactionKind.USEFUL)
    content.react(now, wu, post)

    assert received(lin, post) == Response(2, 0, 0, ReactionKind.USEFUL, False)
    assert queries.list_reactions(sight.get_viewer(mei.id), post).items == (
        (wu.id, ReactionKind.LIKE),
        (lin.id, ReactionKind.USEFUL),
    )
    assert told(mei) == [(Kind.POST_REACTED, lin.id), (Kind.POST_REACTED, wu.id)]
    social.block(now, wu, lin)
    assert received(lin, post).reactions == 1
    db.in_transaction(lambda: operations.take_reaction_back(actor=Actor(lin.id), post_id=post))
    db.in_transaction(lambda: operations.take_reaction_back(actor=Actor(lin.id), post_id=post))
    assert received(lin, post) == NO_RESPONSE


def test_saved_post_is_nobody_elses_business_and_goes_with_its_sight(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_post(now, mei)
    for _ in range(2):
        db.in_transaction(lambda: operations.save_post(actor=Actor(lin.id), post_id=post, now=now))

    assert (received(lin, post).is_saved, received(mei, post).is_saved, told(mei)) == (True, False, [])
    assert [p.id for p in queries.list_saved(sight.get_viewer(lin.id)).items] == [post]
    db.in_transaction(
        lambda: operations.edit_post(
            actor=Actor(mei.id), post_id=post, draft=PostDraft(PostKind.PHOTOS, "x", audience=ONLY_ME), now=now
        )
    )
    assert queries.list_saved(sight.get_viewer(lin.id)).items == ()
    refuses(errors.PostNotFound, lambda: operations.save_post(actor=Actor(lin.id), post_id=post, now=now))
    db.in_transaction(lambda: operations.unsave_post(actor=Actor(lin.id), post_id=post))
    assert db.row("SELECT count(*) FROM content_save") == (0,)


def test_author_is_thanked_once_and_hears_of_it_as_long_as_the_post_is_there(now: datetime) -> None:
    mei, lin = make_person(now), make_person(now)
    post = content.make_post(now, mei)
    for _ in range(2):
        db.in_transaction(
            lambda: operations.thank_for_post(actor=Actor(lin.id), post_id=post, now=now, words="帮我省了很多时间")
        )

    assert told(mei) == [(Kind.APPRECIATED, lin.id)]
    db.in_transaction(lambda: operations.remove_post(actor=Actor(mei.id), post_id=post, now=now))
    assert told(mei) == []
