"""Rows of what refunds take back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from wuyou.domains.alliance.reversal_types import ReversalPartState, ReversalSide, ReversalState


class Reversal(models.Model):
    """What one refund changes of a conversion, or a buyer's claim that may."""

    conversion = models.ForeignKey("alliance.Conversion", on_delete=models.PROTECT, related_name="+", db_index=False)
    refund_no = models.CharField(max_length=24)
    """Empty while the buyer only asks."""
    state = models.CharField(max_length=10)
    was_settled = models.BooleanField(default=False)
    refunded_minor = models.BigIntegerField(default=0)
    promoters_minor = models.BigIntegerField(default=0)
    """What all parties but the platform have less; below zero where a unit moved the other way."""
    platform_minor = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_reversal"
        constraints = [
            models.UniqueConstraint(
                fields=["conversion", "refund_no"],
                name="one_reversal_a_conversion_and_refund",
                condition=~Q(refund_no=""),
            ),
            models.UniqueConstraint(
                fields=["conversion"], name="one_open_reversal_a_conversion", condition=Q(state="OPEN")
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ReversalState]), name="reversal_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "COLLECTING"], ended_at__isnull=True)
                | (~Q(state__in=["OPEN", "COLLECTING"]) & Q(ended_at__isnull=False)),
                name="reversal_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "DROPPED"], refund_no="")
                | (~Q(state__in=["OPEN", "DROPPED"]) & ~Q(refund_no="")),
                name="reversal_of_money_has_a_refund",
            ),
        ]
        indexes = [models.Index(fields=["conversion", "id"], name="reversals_of_a_conversion")]


class ReversalPart(models.Model):
    """What one account gives back of what was settled."""

    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=8)
    account = models.TextField()
    """As the ledger calls it."""
    amount_minor = models.BigIntegerField()
    waits_minor = models.BigIntegerField()
    forgiven_before_minor = models.BigIntegerField()
    """What of the account's debts had been written off before."""
    state = models.CharField(max_length=8)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_reversal_part"
        constraints = [
            models.UniqueConstraint(fields=["reversal", "account"], name="one_part_a_reversal_and_account"),
            models.CheckConstraint(
                condition=Q(
                    side__in=[side.value for side in ReversalSide],
                    state__in=[state.value for state in ReversalPartState],
                ),
                name="reversal_part_is_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                & (
                    Q(state="WAITING", waits_minor__gt=0, waits_minor__lte=F("amount_minor"), ended_at__isnull=True)
                    | Q(state__in=["TAKEN", "FORGIVEN"], waits_minor=0, ended_at__isnull=False)
                ),
                name="reversal_part_waits_for_some_of_it",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="reversal_parts_that_wait", condition=Q(state="WAITING"))
        ]
