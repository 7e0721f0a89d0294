"""A post as its page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from wuyou.domains.content import queries
from wuyou.domains.content.types import Comment, Post, Tag
from wuyou.domains.social import queries as social
from wuyou.kernel.sight import Viewer
from wuyou.surfaces.storefront.viewmodels import covers, people
from wuyou.surfaces.storefront.viewmodels.covers import Cover
from wuyou.surfaces.ui import parts

_PHOTO = re.compile(r'<img data-photo="(\d+)" alt="([^"]*)">')
_WIDE = 960


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, with the answers in its thread."""

    id: int
    who: parts.Person
    text: str
    at: datetime
    is_edited: bool
    answers: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a post points at."""

    id: int
    title: str
    href: str
    words: str
    sells: bool


@dataclass(frozen=True, slots=True)
class PostPage:
    """A post with what stands in it and under it."""

    id: int
    author: parts.Person
    title: str
    text: str
    html: SafeString
    """Of an article, with its pictures."""
    photos: tuple[Cover, ...]
    pointed: tuple[Pointed, ...]
    topics: tuple[str, ...]
    is_ad: bool
    published_at: datetime | None
    edited_at: datetime | None
    comments: tuple[Said, ...]


def page_of(viewer: Viewer, post: Post) -> PostPage:
    """A post that the viewer sees. Cost: four queries."""
    threads = queries.list_comments(viewer, post.id).items
    answers = queries.comments_by_thread(viewer, [thread.id for thread in threads])
    writers = {post.owner_id, *(one.owner_id for one in (*threads, *(a for each in answers.values() for a in each)))}
    faces = {person_id: people.face(face.person) for person_id, face in social.faces_by_person(viewer, writers).items()}
    return PostPage(
        post.id,
        faces[post.owner_id],
        post.title,
        post.text,
        _html(post),
        tuple(covers.of_post_photo(photo, post.title) for photo in post.photos),
        tuple(_pointed(tag) for tag in post.tags),
        tuple(topic.name for topic in post.topics),
        post.is_ad,
        post.published_at,
        post.edited_at,
        tuple(_said(thread, faces, answers.get(thread.id, ())) for thread in threads if thread.owner_id in faces),
    )


def _said(comment: Comment, faces: dict[int, parts.Person], answers: tuple[Comment, ...] = ()) -> Said:
    return Said(
        comment.id,
        faces[comment.owner_id],
        comment.text,
        comment.written_at,
        comment.edited_at is not None,
        tuple(_said(answer, faces) for answer in answers if answer.owner_id in faces),
    )


def _pointed(tag: Tag) -> Pointed:
    """What a tag says, and where it leads: to buying it by way of the tag, so that its author is known."""
    sells = tag.product_id is not None
    href = reverse("storefront:follow-tag", args=[tag.post_id, tag.id]) if sells else covers.href_of(tag.thing.id)
    return Pointed(tag.id, covers.name_of(tag.thing), href, tag.words, sells)


def _html(post: Post) -> SafeString:
    """The article, which was cleaned when it was written, with the addresses of its pictures."""

    def address(found: re.Match[str]) -> str:
        photo = post.photos[int(found[1]) - 1] if int(found[1]) <= len(post.photos) else None
        if photo is None:
            return ""
        source = reverse("storefront:post-photo", args=[photo.id, _WIDE])
        size = f'width="{photo.width}" height="{photo.height}"'
        return f'<img src="{conditional_escape(source)}" {size} alt="{found[2]}" loading="lazy" decoding="async">'

    return mark_safe(_PHOTO.sub(address, post.html))  # noqa: S308  (cleaned by nh3 when it was written)
