"""Rows of channels: columns, constraints, indexes; no verbs.

Posts are named by their numbers: what a post is and who sees it is asked of content whenever it matters; a row about
one that is gone says nothing and is swept away.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from wuyou.domains.channels.types import MAX_SLUG, HandKind


class Editor(models.Model):
    """Who may define channels and place posts."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    appointed_at = models.DateTimeField()

    class Meta:
        db_table = "channels_editor"


class Channel(models.Model):
    """A place for posts, defined by editors."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True)
    about_en = models.CharField(max_length=240, blank=True)
    picture = models.CharField(max_length=30, blank=True)
    """Name of a picture in the interface's set."""
    position = models.PositiveSmallIntegerField()
    is_open = models.BooleanField()
    version = models.PositiveIntegerField()
    """Of the rule in force; placements of an earlier one are not shown."""
    walk_below = models.BigIntegerField(null=True)
    """Posts below this number are still to be judged by the rule in force; null: all are."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "channels_channel"
        indexes = [models.Index(fields=["position", "id"], name="channels_in_order")]


class ChannelRule(models.Model):
    """What a channel takes, in versions: none is ever changed."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    rule = models.JSONField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "channels_rule"
        constraints = [models.UniqueConstraint(fields=["channel", "version"], name="one_rule_a_version")]


class Judged(models.Model):
    """A post that is judged for every channel, and when it is again. Its row is the lock of its placements."""

    post_id = models.BigIntegerField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "channels_judged"


class Placement(models.Model):
    """That a post has a place in a channel: by its rule, or by hand alone."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    post_id = models.BigIntegerField()
    by_rule = models.BooleanField()
    version = models.PositiveIntegerField()
    """Of the rule that judged it."""
    rank = models.FloatField()
    """`rules.rank_of`."""
    until = models.DateTimeField(null=True)
    """When the rule finds it too old."""
    reasons = models.JSONField()
    judged_at = models.DateTimeField()

    class Meta:
        db_table = "channels_placement"
        indexes = [
            models.Index(fields=["channel", "-rank", "-post_id"], name="placements_by_rank"),
            models.Index(fields=["post_id"], name="placements_of_a_post"),
        ]
        constraints = [models.UniqueConstraint(fields=["channel", "post_id"], name="one_placement_a_channel_and_post")]


class Hand(models.Model):
    """What an editor did with a post in a channel. Those that have ended are the log."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+", db_index=False)
    post_id = models.BigIntegerField()
    kind = models.CharField(max_length=3)
    place = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "channels_hand"
        indexes = [models.Index(fields=["post_id"], name="hands_of_a_post")]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "post_id"], condition=Q(ended_at__isnull=True), name="one_hand_a_channel_and_post"
            ),
            models.CheckConstraint(
                condition=Q(kind=HandKind.PIN.value, place__isnull=False)
                | Q(kind__in=[HandKind.IN.value, HandKind.OUT.value], place__isnull=True),
                name="pins_have_places",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(ended_by__isnull=True), name="who_ended_it_ended_it"
            ),
        ]
