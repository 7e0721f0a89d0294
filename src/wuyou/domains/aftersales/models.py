"""Rows of claims."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from wuyou.domains.aftersales.types import ENDED, ClaimKind, ClaimReason, ClaimSide, ClaimState, ClaimStepKind

_ENDED = sorted(state.value for state in ENDED)
_TIMED = sorted(state.value for state in (ClaimState.ASKED, ClaimState.TO_SEND, ClaimState.SENT, ClaimState.REFUSED))


class Claim(models.Model):
    """What a buyer asks for about an order. The amount is the buyer's, in the order's currency."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6)
    reason = models.CharField(max_length=16)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10)
    carrier = models.CharField(max_length=8, blank=True)
    parcel_no = models.CharField(max_length=32, blank=True)
    refund_no = models.CharField(max_length=24, blank=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "aftersales_claim"
        indexes = [
            models.Index(fields=["buyer", "-id"], name="claims_of_a_buyer"),
            models.Index(fields=["shop", "-id"], name="claims_of_a_shop"),
            models.Index(fields=["due_at"], name="claims_to_move", condition=Q(due_at__isnull=False)),
            models.Index(fields=["state", "-id"], name="claims_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="one_running_claim_an_order", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in ClaimKind]), name="claim_kind_is_known"),
            models.CheckConstraint(
                condition=Q(reason__in=[one.value for one in ClaimReason]), name="claim_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[one.value for one in ClaimState]), name="claim_state_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="claim_is_positive"),
            models.CheckConstraint(
                condition=Q(state__in=_ENDED, ended_at__isnull=False)
                | (~Q(state__in=_ENDED) & Q(ended_at__isnull=True)),
                name="claim_ends_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_TIMED, due_at__isnull=False) | (~Q(state__in=_TIMED) & Q(due_at__isnull=True)),
                name="claim_has_a_clock_while_it_waits",
            ),
        ]


class ClaimLine(models.Model):
    """So many pieces of a line of the order."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+", db_index=False)
    order_line = models.ForeignKey("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        db_table = "aftersales_claim_line"
        constraints = [
            models.UniqueConstraint(fields=["claim", "order_line"], name="one_claim_line_a_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="claim_line_is_positive"),
        ]


class Step(models.Model):
    """One line of a claim's timeline. It is never changed; the words of who was erased are empty."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=15)
    side = models.CharField(max_length=6)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "aftersales_step"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in ClaimStepKind]), name="claim_step_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(side__in=[one.value for one in ClaimSide]), name="claim_step_side_is_known"
            ),
        ]


class Photo(models.Model):
    """A picture in a claim. Who sees the claim sees it, and nobody else."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    position = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    blurhash = models.CharField(max_length=80)

    class Meta:
        db_table = "aftersales_photo"
