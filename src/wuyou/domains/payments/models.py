"""Rows of payments, and apart from them the rows of the sandbox bank, which is somebody else's."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from wuyou.domains.payments.types import (
    BillKind,
    BillState,
    ChargeState,
    DiscrepancyReason,
    IntentState,
    MismatchReason,
    NoticeOutcome,
    RefundState,
)
from wuyou.kernel.money import MAX_MINOR

IS_AMOUNT = Q(amount_minor__gt=0) & Q(amount_minor__lte=MAX_MINOR)


class Intent(models.Model):
    """A sum that one person is asked for."""

    intent_no = models.TextField()
    payer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.TextField()
    """The caller's word for what it is for; never looked into here."""
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider = models.TextField()
    provider_ref = models.TextField(default="")
    payment_ref = models.TextField(db_default="")
    """What the provider calls the payment itself, where it tells of disputes by that."""
    state = models.TextField(default=IntentState.CREATED.value)
    refunds_minor = models.BigIntegerField(default=0)
    """Sum of all refunds asked for: pending, failed and succeeded."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    handed_over_at = models.DateTimeField(null=True)
    """When the payer was first sent to the provider."""
    authorised_at = models.DateTimeField(null=True)
    capture_asked_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    """When it was given up; stays set when the money came after all."""
    voided_at = models.DateTimeField(null=True)
    """When the provider gave its number up for good."""
    polls = models.PositiveSmallIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    """When the provider was last asked because somebody waits at a page."""
    """When to ask the provider next; empty when nothing more is expected."""

    class Meta:
        db_table = "payments_intent"
        constraints = [
            models.UniqueConstraint(fields=["intent_no"], name="one_intent_a_number"),
            models.CheckConstraint(condition=IS_AMOUNT, name="intent_amount_is_positive"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in IntentState]), name="intent_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=IntentState.CAPTURED.value, captured_at__isnull=False)
                | (~Q(state=IntentState.CAPTURED.value) & Q(captured_at__isnull=True, refunds_minor=0)),
                name="only_a_captured_intent_is_refunded",
            ),
            models.CheckConstraint(
                condition=Q(refunds_minor__gte=0) & Q(refunds_minor__lte=F("amount_minor")),
                name="refunds_stay_within_the_capture",
            ),
        ]
        indexes = [
            models.Index(fields=["next_poll_at"], name="intent_to_poll", condition=Q(next_poll_at__isnull=False)),
            models.Index(fields=["provider", "payment_ref"], name="intent_by_payment", condition=~Q(payment_ref="")),
        ]


class Refund(models.Model):
    """A part of a captured intent on its way back."""

    refund_no = models.TextField()
    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    state = models.TextField(default=RefundState.PENDING.value)
    provider_ref = models.TextField(default="")
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    """How often the provider answered that it failed."""
    reason = models.TextField(default="")
    asks = models.PositiveSmallIntegerField(default=0)
    """How often we turned to the provider; sets the pause before the next time."""
    submitted_at = models.DateTimeField(null=True)
    """Set while it is in the provider's hands and we have no final answer."""
    next_attempt_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_refund"
        constraints = [
            models.UniqueConstraint(fields=["refund_no"], name="one_refund_a_number"),
            models.CheckConstraint(condition=IS_AMOUNT, name="refund_amount_is_positive"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in RefundState]), name="refund_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=RefundState.PENDING.value, next_attempt_at__isnull=False)
                | (~Q(state=RefundState.PENDING.value) & Q(next_attempt_at__isnull=True)),
                name="a_pending_refund_is_tried_again",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="refund_to_submit", condition=Q(next_attempt_at__isnull=False)
            ),
            models.Index(fields=["id"], name="refund_waiting_for_staff", condition=Q(state=RefundState.FAILED.value)),
        ]


class Dispute(models.Model):
    """A payment that its payer's bank asks back. What was taken and given back only ever grows."""

    provider = models.TextField()
    dispute_ref = models.TextField()
    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="+")
    state = models.TextField()
    reason = models.TextField(default="")
    amount_minor = models.BigIntegerField()
    withdrawn_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    absorbed_minor = models.BigIntegerField(default=0)
    """What of it stands for refunds that we owed the payer: the bank has paid them in our place."""
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_dispute"
        constraints = [
            models.UniqueConstraint(fields=["provider", "dispute_ref"], name="one_dispute_a_number"),
            models.CheckConstraint(condition=IS_AMOUNT, name="dispute_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0)
                & Q(absorbed_minor__gte=0)
                & Q(withdrawn_minor__lte=MAX_MINOR)
                & Q(withdrawn_minor__gte=F("returned_minor") + F("absorbed_minor")),
                name="a_dispute_gives_back_no_more_than_it_took",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["inquiry", "open"], ended_at__isnull=True)
                | Q(state__in=["won", "lost", "dropped"], ended_at__isnull=False),
                name="dispute_state_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="dispute_to_answer", condition=Q(ended_at__isnull=True)),
        ]


class ProviderBill(models.Model):
    """What a provider billed for one business day: one a day, and read once."""

    provider = models.TextField()
    day = models.DateField()
    state = models.TextField()
    reason = models.TextField(default="")
    """Why it was refused."""
    line_count = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_bill"
        constraints = [
            models.UniqueConstraint(fields=["provider", "day"], name="one_bill_a_day"),
            models.CheckConstraint(
                condition=Q(state=BillState.READ.value, read_at__isnull=False)
                | Q(state__in=[BillState.WAITING.value, BillState.REFUSED.value], read_at__isnull=True),
                name="bill_state_is_known",
            ),
        ]


class ProviderBillLine(models.Model):
    """One line of a bill, as the provider said it. Its fee is booked under its number, once."""

    bill = models.ForeignKey(ProviderBill, on_delete=models.PROTECT, related_name="+")
    provider = models.TextField()
    line_ref = models.TextField()
    kind = models.TextField()
    number = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField()
    """What the provider keeps; below zero when it gives a fee back."""
    fee_currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    said = models.TextField()
    is_matched = models.BooleanField(default=False)

    class Meta:
        db_table = "payments_bill_line"
        constraints = [
            models.UniqueConstraint(fields=["provider", "line_ref"], name="one_bill_line_a_number"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in BillKind]), name="bill_line_kind_is_known"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, amount_minor__lte=MAX_MINOR), name="bill_line_amount_is_whole"
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "kind", "number"], name="bill_lines_by_number"),
            models.Index(fields=["id"], name="bill_lines_unmatched", condition=Q(is_matched=False)),
        ]


class Discrepancy(models.Model):
    """A difference between a bill and what we hold. It is never changed once it is resolved."""

    bill = models.ForeignKey(ProviderBill, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(ProviderBillLine, null=True, on_delete=models.PROTECT, related_name="+")
    """None for what no bill has."""
    reason = models.TextField()
    what = models.TextField()
    """The kind of line that it is about, or that is missing."""
    number = models.TextField()
    ours_minor = models.BigIntegerField(null=True)
    ours_currency = models.CharField(max_length=3, default="")
    noted_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    resolution = models.TextField(default="")

    class Meta:
        db_table = "payments_discrepancy"
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(line__isnull=False), name="one_discrepancy_a_bill_line"
            ),
            models.UniqueConstraint(
                fields=["what", "number"], condition=Q(line__isnull=True), name="one_discrepancy_a_missing_line"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in DiscrepancyReason]), name="discrepancy_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by__isnull=True, resolution="")
                | Q(resolved_at__isnull=False, resolved_by__isnull=True, resolution="")
                | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(resolution="")),
                name="who_resolves_says_why",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="open_discrepancies", condition=Q(resolved_at__isnull=True))]


class Mismatch(models.Model):
    """Something a provider reported that cannot be right; nothing was booked, staff looks."""

    what = models.TextField()
    """`charge`, `refund` or `dispute`."""
    number = models.TextField()
    reason = models.TextField()
    provider = models.TextField()
    provider_ref = models.TextField()
    expected_minor = models.BigIntegerField()
    expected_currency = models.CharField(max_length=3)
    received_minor = models.BigIntegerField()
    received_currency = models.CharField(max_length=3)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "payments_mismatch"
        constraints = [
            models.UniqueConstraint(
                fields=["number", "what", "reason", "provider", "provider_ref", "received_minor", "received_currency"],
                name="one_mismatch_a_report",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in MismatchReason]), name="mismatch_reason_is_known"
            ),
        ]


class ReceivedNotice(models.Model):
    """A notice that came to our door: a row each time, written when it comes and once more when it has been handled.

    It holds no body, no signature and nobody's name: the number leads to the payment, whose row names its payer.
    """

    provider = models.TextField()
    notice_id = models.TextField(default="")
    digest = models.CharField(max_length=64)
    size_bytes = models.IntegerField()
    what = models.TextField(default="")
    number = models.TextField(default="")
    said = models.TextField(default="")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="")
    received_at = models.DateTimeField()
    outcome = models.TextField(default="")
    """Empty until it has been handled."""
    reason = models.TextField(default="")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_notice"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", handled_at__isnull=True)
                | Q(outcome__in=[o.value for o in NoticeOutcome], handled_at__isnull=False),
                name="a_handled_notice_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "notice_id", "received_at"], name="notice_by_its_number"),
            models.Index(fields=["number", "id"], name="notice_by_payment", condition=~Q(number="")),
            models.Index(fields=["outcome", "id"], name="notice_by_outcome"),
            models.Index(fields=["received_at"], name="notice_to_forget"),
        ]


class NoticesCounted(models.Model):
    """How many notices came in an hour that were not kept, because too many like them were."""

    provider = models.TextField()
    hour_at = models.DateTimeField()
    notice_count = models.BigIntegerField()

    class Meta:
        db_table = "payments_notices_counted"
        constraints = [models.UniqueConstraint(fields=["provider", "hour_at"], name="one_count_an_hour")]


# ---------------------------------------------------------------------------------------------- the sandbox bank


class SandboxCharge(models.Model):
    """The bank's side of a charge: one a number, however often it is sent."""

    intent_no = models.TextField()
    provider_ref = models.TextField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.TextField()
    refunded_minor = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "payments_sandbox_charge"
        constraints = [
            models.UniqueConstraint(fields=["intent_no"], name="one_charge_a_number"),
            models.CheckConstraint(condition=IS_AMOUNT, name="sandbox_charge_is_positive"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ChargeState]), name="charge_state_is_known"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0) & Q(refunded_minor__lte=F("amount_minor")),
                name="the_bank_returns_no_more_than_it_took",
            ),
        ]


class SandboxRefund(models.Model):
    """The bank's side of a refund: one a number, however often it is sent."""

    refund_no = models.TextField()
    charge = models.ForeignKey(SandboxCharge, on_delete=models.PROTECT, related_name="+")
    provider_ref = models.TextField()
    amount_minor = models.BigIntegerField()
    has_failed = models.BooleanField()
    submissions = models.PositiveSmallIntegerField(default=1)
    settles_at = models.DateTimeField()
    """Pending before, decided from then on."""

    class Meta:
        db_table = "payments_sandbox_refund"
        constraints = [
            models.UniqueConstraint(fields=["refund_no"], name="one_bank_refund_a_number"),
            models.CheckConstraint(condition=IS_AMOUNT, name="sandbox_refund_is_positive"),
        ]


class SandboxNotice(models.Model):
    """A notice of the bank, sent until the receiver answers `success`."""

    notice_id = models.TextField()
    number = models.TextField()
    body = models.TextField()
    sort_key = models.IntegerField(default=0)
    """Order among notices that are due together; the same for all unless faults shuffle them."""
    copies = models.PositiveSmallIntegerField(default=1)
    """How often it must still be acknowledged."""
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    """Empty when delivered, lost or given up."""
    is_lost = models.BooleanField(default=False)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_sandbox_notice"
        constraints = [models.UniqueConstraint(fields=["notice_id"], name="one_notice_an_id")]
        indexes = [models.Index(fields=["due_at"], name="notice_to_deliver", condition=Q(due_at__isnull=False))]


class SandboxFaults(models.Model):
    """How the bank misbehaves at present; at most one row, none means well-behaved."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    faults = models.JSONField()

    class Meta:
        db_table = "payments_sandbox_faults"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="the_bank_has_one_mood")]
