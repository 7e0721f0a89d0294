"""Rows of what others say of posts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.content.models.posts import Post
from wuyou.domains.content.types import ReactionKind
from wuyou.infra.sight import Sighted


class Comment(Sighted):
    """What somebody says under a post. It is open to whom the post is, and closed across a block of its writer."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    """The comment that began it; None: it is that comment."""
    answers = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    """The one that it answers, within its thread."""
    text = models.TextField()
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta(Sighted.Meta):
        db_table = "content_comment"
        indexes = [
            *Sighted.Meta.indexes,
            # Threads, the latest first, are those without a thread; all of them are counted on every card.
            models.Index(fields=["post", "thread", "-id"], name="comments_of_a_post"),
            models.Index(fields=["thread", "id"], name="comments_of_a_thread", condition=Q(thread__isnull=False)),
        ]
        constraints = [
            *Sighted.Meta.constraints,
            models.CheckConstraint(
                condition=Q(answers__isnull=True) | Q(thread__isnull=False), name="answers_stand_in_a_thread"
            ),
            models.CheckConstraint(condition=Q(thread__isnull=True) | ~Q(thread=F("id")), name="thread_is_another"),
        ]


class Reaction(models.Model):
    """What somebody said of a post with a tap; one a person and post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6)
    reacted_at = models.DateTimeField()

    class Meta:
        db_table = "content_reaction"
        constraints = [
            models.UniqueConstraint(fields=["post", "person"], name="one_reaction_a_person_and_post"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ReactionKind]), name="reaction_kind_is_known"
            ),
        ]


class Save(models.Model):
    """A post that somebody keeps for themselves; nobody else learns of it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "content_save"
        constraints = [models.UniqueConstraint(fields=["person", "post"], name="one_save_a_person_and_post")]
