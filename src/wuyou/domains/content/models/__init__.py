"""Rows of content, by noun."""

from wuyou.domains.content.models.posts import (
    Post,
    PostPhoto,
    PostTopic,
    PostVideo,
    Revision,
    Series,
    Tag,
    Topic,
    Untold,
)
from wuyou.domains.content.models.responses import Comment, Reaction, Save

__all__ = [
    "Comment",
    "Post",
    "PostPhoto",
    "PostTopic",
    "PostVideo",
    "Reaction",
    "Revision",
    "Save",
    "Series",
    "Tag",
    "Topic",
    "Untold",
]
