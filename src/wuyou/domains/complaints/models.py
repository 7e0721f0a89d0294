"""Rows of complaints."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from wuyou.domains.complaints.types import ENDED, ComplaintState, Reason, Side, StepKind

_ENDED = sorted(state.value for state in ENDED)


class Complaint(models.Model):
    """A complaint about an order."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=16)
    state = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "complaints_complaint"
        indexes = [
            models.Index(fields=["buyer", "-id"], name="complaints_of_a_buyer"),
            models.Index(fields=["shop", "-id"], name="complaints_of_a_shop"),
            models.Index(fields=["answer_by"], name="complaints_to_answer", condition=Q(state="OPEN")),
            models.Index(fields=["closes_at"], name="complaints_to_close", condition=Q(state="ANSWERED")),
            models.Index(fields=["state", "-id"], name="complaints_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="one_running_complaint_an_order", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[one.value for one in Reason]), name="complaint_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ComplaintState]), name="complaint_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_ENDED, ended_at__isnull=False)
                | (~Q(state__in=_ENDED) & Q(ended_at__isnull=True)),
                name="complaint_ends_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ANSWERED") | Q(closes_at__isnull=False), name="complaint_answered_has_a_clock"
            ),
        ]


class Step(models.Model):
    """One line of a complaint's timeline. It is never changed; the words of who was erased are empty."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9)
    side = models.CharField(max_length=6)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    text = models.TextField(blank=True)
    refund_no = models.CharField(max_length=24, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "complaints_step"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in StepKind]), name="step_kind_is_known"),
            models.CheckConstraint(condition=Q(side__in=[one.value for one in Side]), name="step_side_is_known"),
        ]


class Photo(models.Model):
    """A picture of what is wrong. Who sees the complaint sees it, and nobody else."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    position = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)

    class Meta:
        db_table = "complaints_photo"
