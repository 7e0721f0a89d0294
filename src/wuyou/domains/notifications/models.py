"""Rows of notifications: ids and small facts alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wuyou.domains.notifications.types import Pace


class Notification(models.Model):
    """A fact that concerns a person."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=24)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    object_id = models.BigIntegerField(null=True)
    """What it is about; of which domain, the kind says."""
    group_key = models.CharField(max_length=80)
    facts = models.JSONField()
    happened_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications_notification"
        indexes = [
            models.Index(fields=["person", "-id"], name="notifications_of_a_person"),
            models.Index(fields=["person", "-id"], condition=Q(read_at__isnull=True), name="unread_notifications"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "actor", "object_id"], nulls_distinct=False, name="one_notification_a_fact"
            ),
            models.CheckConstraint(
                condition=Q(actor__isnull=True) | ~Q(actor=F("person")), name="nobody_notifies_themselves"
            ),
        ]


class Preference(models.Model):
    """From whom and by what way a person wants to be told; who has chosen nothing has no row."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    decisions = models.JSONField()
    """Of an `Origin`, a `Decision`; what is not there is accepted."""
    silenced = models.JSONField()
    """Pairs of a `Topic` and a `Channel` that is not to tell of it."""
    pace = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    shows_content = models.BooleanField(default=False)

    class Meta:
        db_table = "notifications_preference"
        constraints = [
            models.CheckConstraint(condition=Q(pace__in=[pace.value for pace in Pace]), name="pace_of_mail_is_known")
        ]


class Delivery(models.Model):
    """A notification that waits to leave the page by one way."""

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    """The notification's."""
    channel = models.CharField(max_length=4)
    due_at = models.DateTimeField()

    class Meta:
        db_table = "notifications_delivery"
        indexes = [
            models.Index(fields=["channel", "due_at"], name="due_deliveries"),
            models.Index(fields=["person", "channel"], name="deliveries_of_a_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="one_delivery_a_channel"),
            models.CheckConstraint(condition=Q(channel__in=["MAIL", "PUSH"]), name="delivery_leaves_the_page"),
        ]


class Turn(models.Model):
    """How far telling a person by one way has come: how often it was tried, and when it last went out."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=4)
    tries = models.PositiveSmallIntegerField()
    again_at = models.DateTimeField(null=True)
    """Taken until then; null: nobody is at it."""
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notifications_turn"
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="one_turn_a_person_and_channel")]


class Subscription(models.Model):
    """A browser that takes pushes. It goes with the session in which it was made: the database sees to that."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session_key = models.CharField(max_length=40, db_index=True)
    """References `django_session`, and is deleted with it (migration 0004)."""
    endpoint = models.CharField(max_length=1_000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    told = ArrayField(models.BigIntegerField(), default=list)
    """Notifications that it was told of and that wait on account of another browser."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "notifications_subscription"


class Presence(models.Model):
    """When a page last said that its reader is there. Shown to nobody."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "notifications_presence"
