"""Rows of what is looked at before it is paid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from wuyou.domains.alliance.hold_types import HoldState


class Hold(models.Model):
    """The shares of a conversion wait, because of what was found; or are looked at, where they were settled before."""

    conversion = models.ForeignKey("alliance.Conversion", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    held_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    """When time ends it as its state says; empty once it has ended."""
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    """Which member of staff decided first; empty where time did."""
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")
    """Why, for the publisher to read."""
    appeal = models.TextField(default="")
    """The publisher's words."""
    appealed_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    """Which other member of staff looked again."""
    answer = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["conversion"], name="one_open_hold_a_conversion", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in HoldState]), name="hold_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["RELEASED", "VOID"], ended_at__isnull=False, due_at__isnull=True)
                | (~Q(state__in=["RELEASED", "VOID"]) & Q(ended_at__isnull=True, due_at__isnull=False)),
                name="hold_has_a_clock_until_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("decided_by")),
                name="hold_appeal_is_answered_by_another",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="holds_by_clock", condition=Q(due_at__isnull=False))]


class Finding(models.Model):
    """What one rule found of a conversion: its number, its parameters, and the rows that it saw. Never changed."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="+")
    conversion = models.ForeignKey("alliance.Conversion", on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=16)
    version = models.PositiveSmallIntegerField()
    parameters = models.JSONField()
    evidence = models.JSONField()
    """Numbers of clicks, orders and sums; nobody's name."""
    found_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_finding"
        constraints = [
            models.UniqueConstraint(fields=["conversion", "rule", "version"], name="one_finding_a_rule_and_conversion")
        ]
