"""Rows of promotions: columns, constraints, indexes; no verbs."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wuyou.domains.promotions.types import Funder, Layer, PromotionKind, UseState, VoucherState


def _one_of(field: str, values: type) -> Q:
    return Q(**{f"{field}__in": [member.value for member in values]})  # type: ignore[attr-defined]


class Promotion(models.Model):
    """What is taken off, of what, for whom, and who pays. Nothing of it changes but its counts and its end."""

    kind = models.CharField(max_length=6)
    funder = models.CharField(max_length=9)
    name = models.CharField(max_length=40)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    publisher_id = models.BigIntegerField(null=True)
    """Of the alliance, which stands above and is asked who came by whose link."""
    slot_id = models.BigIntegerField(null=True)
    """Of the alliance too: only by links of this place of the publisher's."""
    code = models.CharField(max_length=16, null=True)  # noqa: DJ001  (NULL is without a code, and codes are unique)
    currency = models.CharField(max_length=3)
    off_minor = models.BigIntegerField(null=True)
    off_bps = models.IntegerField(null=True)
    cap_minor = models.BigIntegerField(null=True)
    """The most that a rate takes off, in the currency's smallest unit."""
    threshold_minor = models.BigIntegerField()
    total_count = models.IntegerField(null=True)
    claimed_count = models.IntegerField(db_default=0)
    per_person = models.IntegerField()
    budget_minor = models.BigIntegerField(null=True)
    spent_minor = models.BigIntegerField(db_default=0)
    """Of a coupon with a budget: what uses that hold or paid took, less what went back."""
    begins_at = models.DateTimeField()
    until = models.DateTimeField()
    use_within_s = models.IntegerField(null=True)
    combines = ArrayField(models.CharField(max_length=6))
    for_teams = models.BooleanField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    """When what was left of a red packet went back to who paid for it."""

    class Meta:
        db_table = "promotions_promotion"
        indexes = [
            models.Index(fields=["shop", "-id"], name="promotions_of_a_shop"),
            models.Index(fields=["publisher_id", "-id"], name="promotions_of_a_publisher"),
            models.Index(fields=["-id"], name="promotions_of_the_platform", condition=Q(funder="PLATFORM")),
            models.Index(fields=["until"], name="packets_to_close", condition=Q(kind="PACKET", closed_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="one_promotion_a_code"),
            models.CheckConstraint(condition=_one_of("kind", PromotionKind), name="promotion_kind_is_known"),
            models.CheckConstraint(condition=_one_of("funder", Funder), name="promotion_funder_is_known"),
            models.CheckConstraint(
                condition=Q(off_minor__gt=0, off_bps__isnull=True, cap_minor__isnull=True)
                | Q(off_minor__isnull=True, off_bps__gt=0, cap_minor__gt=0),
                name="promotion_takes_an_amount_or_a_rate",
            ),
            models.CheckConstraint(
                condition=Q(claimed_count__gte=0)
                & (Q(total_count__isnull=True) | Q(claimed_count__lte=F("total_count"))),
                name="promotion_is_claimed_within_its_number",
            ),
            models.CheckConstraint(
                condition=Q(spent_minor__gte=0)
                & (Q(budget_minor__isnull=True) | Q(spent_minor__lte=F("budget_minor"))),
                name="promotion_is_spent_within_its_budget",
            ),
            models.CheckConstraint(
                condition=Q(kind="COUPON", funder="SHOP")
                | Q(kind="PACKET", budget_minor=F("off_minor") * F("total_count")),
                name="packet_has_a_budget_and_a_coupon_is_the_shops",
            ),
            models.CheckConstraint(condition=Q(kind="PACKET") | Q(closed_at__isnull=True), name="packets_are_closed"),
            models.CheckConstraint(
                condition=Q(slot_id__isnull=True) | Q(publisher_id__isnull=False),
                name="promotion_of_a_slot_is_a_publishers",
            ),
        ]


class Voucher(models.Model):
    """One of a promotion, claimed by a person."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ordinal = models.SmallIntegerField()
    """The person's first of it is 1."""
    state = models.CharField(max_length=4)
    claimed_at = models.DateTimeField()
    use_until = models.DateTimeField()

    class Meta:
        db_table = "promotions_voucher"
        indexes = [
            models.Index(fields=["person", "-id"], name="vouchers_of_a_person"),
            models.Index(fields=["promotion", "use_until"], name="vouchers_at_large", condition=~Q(state="USED")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["promotion", "person", "ordinal"], name="one_voucher_a_person_and_ordinal"),
            models.CheckConstraint(condition=_one_of("state", VoucherState), name="voucher_state_is_known"),
        ]


class Use(models.Model):
    """What a voucher takes off one order. Only its state and what went back change."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    ref = models.CharField(max_length=20)
    """The order's number."""
    layer = models.CharField(max_length=6)
    state = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    line_minor = ArrayField(models.BigIntegerField())
    """Of each line of the order, in their order."""
    back_minor = models.BigIntegerField(db_default=0)
    is_voucher_back = models.BooleanField(db_default=False)
    held_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "promotions_use"
        constraints = [
            models.UniqueConstraint(fields=["ref", "voucher"], name="one_use_a_voucher_and_order"),
            models.CheckConstraint(condition=_one_of("state", UseState), name="use_state_is_known"),
            models.CheckConstraint(condition=_one_of("layer", Layer), name="use_layer_is_known"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, back_minor__gte=0, back_minor__lte=F("amount_minor")),
                name="use_gives_back_what_it_took_at_most",
            ),
        ]
