"""What content tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PostPublished:
    """A post has readers from now on; one that is held has when it is let go."""

    name: ClassVar[str] = "content.post_published"
    version: ClassVar[int] = 1
    post_id: int
    owner_id: int
    kind: str
    origin_id: int | None
    """Of a repost: what it passes on."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PostChanged:
    """A published post says something else, or is open to others than before."""

    name: ClassVar[str] = "content.post_changed"
    version: ClassVar[int] = 1
    post_id: int
    owner_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PostRemoved:
    """A published post is off the record."""

    name: ClassVar[str] = "content.post_removed"
    version: ClassVar[int] = 1
    post_id: int
    owner_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class CommentWritten:
    """Somebody said something under a post."""

    name: ClassVar[str] = "content.comment_written"
    version: ClassVar[int] = 1
    comment_id: int
    post_id: int
    owner_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class PostReacted:
    """Somebody said with a tap what they think of a post."""

    name: ClassVar[str] = "content.post_reacted"
    version: ClassVar[int] = 1
    post_id: int
    person_id: int
    kind: str
    occurred_at: datetime
