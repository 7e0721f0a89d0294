"""What is said under a post: threads with their answers, each with the face of who says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wuyou.domains.content import queries
from wuyou.domains.content.types import Comment, Post
from wuyou.domains.identity.types import Person
from wuyou.domains.social import queries as social
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import people
from wuyou.surfaces.ui import parts

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, with the answers in its thread."""

    id: int
    who: parts.Person
    text: str
    at: datetime
    is_edited: bool
    is_held: bool
    is_mine: bool
    is_authors: bool
    """Whether the author of the post says it."""
    may_remove: bool
    to: str = ""
    """Whom it answers, when that is not who began the thread."""
    answers: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads under a post, where they go on, and who wrote the post."""

    author: Person
    threads: tuple[Said, ...]
    next_cursor: int | None


def of_post(viewer: Viewer, post: Post, *, after: int | None = None) -> Threads:
    """The threads under a post that the viewer sees. Cost: two queries without any, else three."""
    page = queries.list_comments(viewer, post.id, cursor=after, limit=SHOWN)
    answers = queries.comments_by_thread(viewer, [thread.id for thread in page.items]) if page.items else {}
    every = {one.id: one for one in (*page.items, *(answer for each in answers.values() for answer in each))}
    found = social.faces_by_person(viewer, {post.owner_id, *(one.owner_id for one in every.values())})
    faces = {key: people.face(face.person) for key, face in found.items()}

    def said(comment: Comment, inside: tuple[Comment, ...] = ()) -> Said:
        me = viewer.person_id
        return Said(
            comment.id,
            faces[comment.owner_id],
            comment.text,
            comment.written_at,
            comment.edited_at is not None,
            comment.is_withheld,
            me == comment.owner_id,
            comment.owner_id == post.owner_id,
            me is not None and me in (comment.owner_id, post.owner_id),
            _answered(comment, every, faces),
            tuple(said(answer) for answer in inside if answer.owner_id in faces),
        )

    return Threads(
        found[post.owner_id].person,
        tuple(said(thread, answers.get(thread.id, ())) for thread in page.items if thread.owner_id in faces),
        page.next_cursor,
    )


def _answered(comment: Comment, every: Mapping[int, Comment], faces: Mapping[int, parts.Person]) -> str:
    """Whom an answer within a thread is to; who began the thread goes without saying."""
    answered = every.get(comment.answers_id or 0)
    if answered is None or answered.thread_id is None or answered.owner_id not in faces:
        return ""
    return faces[answered.owner_id].name
