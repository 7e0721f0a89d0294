"""What readers do about posts: comments in threads, reactions, thanks, what they save and pass on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ninja import Query, Router
from pydantic import Field, StringConstraints

from wuyou.domains.content import errors, operations, queries
from wuyou.domains.content.types import ReactionKind
from wuyou.domains.social import errors as social_errors
from wuyou.domains.social import queries as social
from wuyou.infra.sight import get_viewer
from wuyou.surfaces.api import audiences
from wuyou.surfaces.api.audiences import RuleDraft, rule_from
from wuyou.surfaces.api.entry import Call, Entry, Who, operation
from wuyou.surfaces.api.judging import SCREENED
from wuyou.surfaces.api.lines import Someone, someone
from wuyou.surfaces.api.post_lines import CommentLine, PostLine, PostList, comment_lines, post_lines, post_list
from wuyou.surfaces.api.problems import DOCUMENTED
from wuyou.surfaces.api.scalars import TEXT, Draft, Id, PageQuery

router = Router(tags=["posts"])

_SPOKEN = (errors.PostNotFound, errors.NotYetPublished, social_errors.UnblockFirst)
_Said = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=TEXT)]


class CommentText(Draft):
    """What you say under a post."""

    text: _Said
    answers_id: Id | None = None
    """The comment that you answer."""


class CommentEdit(Draft):
    """What your comment says from now on."""

    text: _Said


class ReactionDraft(Draft):
    """What a tap says."""

    kind: Annotated[ReactionKind, Field(strict=False)]


class RepostText(Draft):
    """Your words, and to whom of those who see the post itself it is passed on."""

    text: Annotated[str, StringConstraints(max_length=2_000, pattern=TEXT)] = ""
    audience: RuleDraft = RuleDraft()
    """You alone when left out."""


class PostThanks(Draft):
    """What you say with your thanks."""

    words: Annotated[str, StringConstraints(max_length=500, pattern=TEXT)] = ""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A comment that began a thread, with the answers in it."""

    __pydantic_config__ = DOCUMENTED

    comment: CommentLine
    answers: tuple[CommentLine, ...]
    """In their order; the first hundred."""


@dataclass(frozen=True, slots=True)
class ThreadList:
    """What is said under a post, as far as you may read it, newest threads first."""

    items: tuple[ThreadLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ReactionLine:
    """Who reacted, and how."""

    person: Someone
    kind: ReactionKind


@dataclass(frozen=True, slots=True)
class ReactionList:
    """Who reacted to a post, the latest first."""

    items: tuple[ReactionLine, ...]
    next_cursor: int | None


@operation(
    router,
    "GET",
    "/posts/{post_id}/comments",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.PostNotFound],
)
def list_comments(call: Call, post_id: Id, query: Query[PageQuery]) -> ThreadList:
    """List what is said under a post, with the answers that you may read."""
    viewer = get_viewer(call.actor.user_id)
    queries.get_post_for(viewer, post_id)
    page = queries.list_comments(viewer, post_id, cursor=query.cursor, limit=query.limit)
    answers = queries.comments_by_thread(viewer, [one.id for one in page.items]) if page.items else {}
    every = (*page.items, *(answer for each in answers.values() for answer in each))
    lines = {line.id: line for line in comment_lines(viewer, every)}
    threads = tuple(
        ThreadLine(lines[one.id], tuple(lines[a.id] for a in answers.get(one.id, ()) if a.id in lines))
        for one in page.items
        if one.id in lines
    )
    return ThreadList(threads, page.next_cursor)


@operation(
    router,
    "POST",
    "/posts/{post_id}/comments",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[*_SPOKEN, errors.CommentNotFound, errors.TextMalformed, *SCREENED],
)
def write_comment(call: Call, post_id: Id, body: CommentText) -> CommentLine:
    """Say something under a post that you see, or answer a comment there."""
    made = operations.write_comment(
        actor=call.actor, post_id=post_id, text=body.text, now=call.now, answers_id=body.answers_id
    )
    return _comment(call, made)


@operation(
    router,
    "PUT",
    "/comments/{comment_id}",
    entry=Entry.WRITE,
    refuses=[errors.CommentNotFound, errors.TextMalformed, *SCREENED],
)
def edit_comment(call: Call, comment_id: Id, body: CommentEdit) -> CommentLine:
    """Say a comment of yours otherwise; readers see that it was edited."""
    operations.edit_comment(actor=call.actor, comment_id=comment_id, text=body.text, now=call.now)
    return _comment(call, comment_id)


@operation(router, "DELETE", "/comments/{comment_id}", entry=Entry.WRITE, status=204, refuses=[errors.CommentNotFound])
def remove_comment(call: Call, comment_id: Id) -> None:
    """Take a comment of yours back, or one off your post, with the thread that it began."""
    operations.remove_comment(actor=call.actor, comment_id=comment_id)


@operation(
    router,
    "GET",
    "/posts/{post_id}/reactions",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.PostNotFound],
)
def list_reactions(call: Call, post_id: Id, query: Query[PageQuery]) -> ReactionList:
    """List who reacted to a post, without those across a block."""
    viewer = get_viewer(call.actor.user_id)
    queries.get_post_for(viewer, post_id)
    page = queries.list_reactions(viewer, post_id, cursor=query.cursor, limit=query.limit)
    faces = social.faces_by_person(viewer, {person for person, _ in page.items})
    lines = tuple(ReactionLine(someone(faces[who].person), kind) for who, kind in page.items if who in faces)
    return ReactionList(lines, page.next_cursor)


@operation(router, "PUT", "/posts/{post_id}/reaction", entry=Entry.WRITE, status=204, refuses=[*_SPOKEN])
def react(call: Call, post_id: Id, body: ReactionDraft) -> None:
    """Say with a tap what you think of a post; another says it otherwise."""
    operations.react(actor=call.actor, post_id=post_id, kind=body.kind, now=call.now)


@operation(router, "DELETE", "/posts/{post_id}/reaction", entry=Entry.WRITE, status=204)
def take_reaction_back(call: Call, post_id: Id) -> None:
    """Say nothing of it any more."""
    operations.take_reaction_back(actor=call.actor, post_id=post_id)


@operation(
    router,
    "PUT",
    "/posts/{post_id}/thanks",
    entry=Entry.WRITE,
    status=204,
    refuses=[*_SPOKEN, social_errors.NotYourself, social_errors.WordsMalformed, social_errors.TooManyThanks],
)
def thank(call: Call, post_id: Id, body: PostThanks) -> None:
    """Thank the author of a post; said again, the first thanks stand."""
    operations.thank_for_post(actor=call.actor, post_id=post_id, now=call.now, words=body.words)


@operation(router, "DELETE", "/posts/{post_id}/thanks", entry=Entry.WRITE, status=204)
def take_thanks_back(call: Call, post_id: Id) -> None:
    """Take your thanks back."""
    operations.take_thanks_back(actor=call.actor, post_id=post_id)


@operation(router, "PUT", "/posts/{post_id}/save", entry=Entry.WRITE, status=204, refuses=[errors.PostNotFound])
def save_post(call: Call, post_id: Id) -> None:
    """Keep a post for yourself; nobody else learns of it."""
    operations.save_post(actor=call.actor, post_id=post_id, now=call.now)


@operation(router, "DELETE", "/posts/{post_id}/save", entry=Entry.WRITE, status=204)
def unsave_post(call: Call, post_id: Id) -> None:
    """Keep it no longer."""
    operations.unsave_post(actor=call.actor, post_id=post_id)


@operation(
    router,
    "GET",
    "/posts/{post_id}/reposts",
    entry=Entry.READ,
    who=Who.ANYONE_KNOWN_OR_NOT,
    refuses=[errors.PostNotFound],
)
def list_reposts(call: Call, post_id: Id, query: Query[PageQuery]) -> PostList:
    """List what passes a post on, as far as you see it."""
    viewer = get_viewer(call.actor.user_id)
    queries.get_post_for(viewer, post_id)
    return post_list(viewer, queries.list_reposts(viewer, post_id, cursor=query.cursor, limit=query.limit))


@operation(
    router,
    "POST",
    "/posts/{post_id}/reposts",
    entry=Entry.ONCE_IF_KEYED,
    status=201,
    refuses=[*_SPOKEN, errors.TextMalformed, *SCREENED, *audiences.REFUSALS],
)
def repost(call: Call, post_id: Id, body: RepostText) -> PostLine:
    """Pass a post on, with words of your own; whoever does not see the post sees no repost of it."""
    made = operations.repost(
        actor=call.actor, post_id=post_id, audience=rule_from(body.audience), now=call.now, text=body.text
    )
    viewer = get_viewer(call.actor.person_id)
    return post_lines(viewer, [queries.get_post_for(viewer, made)])[0]


def _comment(call: Call, comment_id: int) -> CommentLine:
    viewer = get_viewer(call.actor.person_id)
    lines = comment_lines(viewer, [queries.get_comment_for(viewer, comment_id)])
    if not lines:
        raise errors.CommentNotFound()
    return lines[0]
