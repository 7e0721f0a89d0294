"""Rows of relations: one a fact, there while it is true. All of them point at people of `identity`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from wuyou.domains.social.types import RequestState
from wuyou.kernel.sight import SubjectKind


class Follow(models.Model):
    """Somebody follows a person."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_follow"
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="one_follow_a_pair"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="nobody_follows_themselves"),
        ]


class FriendRequest(models.Model):
    """Somebody asks another to be friends. Answered requests stay: they say how a friendship came about."""

    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "social_friend_request"
        constraints = [
            models.UniqueConstraint(
                Least("sender", "receiver"),
                Greatest("sender", "receiver"),
                condition=Q(state="PENDING"),
                name="one_pending_request_a_pair",
            ),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in RequestState]), name="friend_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="PENDING", answered_at__isnull=True)
                | (~Q(state="PENDING") & Q(answered_at__isnull=False)),
                name="friend_request_is_answered_once",
            ),
        ]


class Friendship(models.Model):
    """Two people are friends; the lower id stands first."""

    low = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    high = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_friendship"
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_friendship_a_pair"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="friends_stand_in_order"),
        ]


class Block(models.Model):
    """Somebody keeps a person away: neither sees the other."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "social_block"
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_a_pair_and_way"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]


class Mute(models.Model):
    """Somebody does not want to hear of a person; that person may still see and be seen."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        db_table = "social_mute"
        constraints = [
            models.UniqueConstraint(fields=["owner", "muted"], name="one_mute_a_pair"),
            models.CheckConstraint(condition=~Q(owner=F("muted")), name="nobody_mutes_themselves"),
        ]


class SubjectBlock(models.Model):
    """Somebody wants to see nothing about a thing or a brand, which live in higher domains and are named by id."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "social_subject_block"
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind", "subject_id"], name="one_block_a_subject"),
            models.CheckConstraint(
                condition=Q(kind__in=[int(kind) for kind in SubjectKind]), name="subject_kind_is_known"
            ),
        ]


class Label(models.Model):
    """A person's own class of people."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    """Given up. Its members stay, because rules may exclude them by it."""

    class Meta:
        db_table = "social_label"
        indexes = [models.Index(fields=["owner"], name="labels_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(retired_at__isnull=True), name="one_label_a_name"
            )
        ]


class LabelMember(models.Model):
    """A label is on a person."""

    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="members", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "social_label_member"
        constraints = [models.UniqueConstraint(fields=["label", "person"], name="one_label_once_a_person")]


class Note(models.Model):
    """What somebody notes about a person, for their own eyes."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=200)
    written_at = models.DateTimeField()

    class Meta:
        db_table = "social_note"
        constraints = [
            models.UniqueConstraint(fields=["owner", "about"], name="one_note_a_pair"),
            models.CheckConstraint(condition=~Q(owner=F("about")), name="nobody_notes_themselves"),
        ]
