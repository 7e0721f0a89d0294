"""Rows of the alliance."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from wuyou.domains.alliance.types import MAX_RATE_BPS, CommissionState, PartyRole
from wuyou.kernel.money import BPS

SHARES_SUM_TO_ONE = Q(
    publisher_share_bps__gte=0,
    partner_share_bps__gte=0,
    platform_share_bps__gte=0,
    publisher_share_bps=BPS - F("partner_share_bps") - F("platform_share_bps"),
)


def _only(column: str | Coalesce) -> Func:
    """A range of one number, because GiST compares ranges, but not numbers, without an extension."""
    return Func(column, column, Value("[]"), function="int8range")


class Publisher(models.Model):
    """A person who spreads links."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_publisher"


class Slot(models.Model):
    """A place where a publisher puts links."""

    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_slot"
        constraints = [models.UniqueConstraint(fields=["publisher", "name"], name="one_slot_a_publisher_and_name")]


class Plan(models.Model):
    """What a shop pays during `[from_, until)`. Only `until` ever changes, and never to a moment that has passed."""

    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    """Empty means everything in the shop that has no plan of its own."""
    rate_bps = models.IntegerField()
    publisher_share_bps = models.IntegerField()
    partner_share_bps = models.IntegerField()
    platform_share_bps = models.IntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    recruiter = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_plan"
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_bps__gte=0, rate_bps__lte=MAX_RATE_BPS), name="plan_rate_is_in_range"
            ),
            models.CheckConstraint(condition=SHARES_SUM_TO_ONE, name="plan_shares_sum_to_one"),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")), name="plan_ends_after_it_begins"
            ),
            ExclusionConstraint(
                name="one_plan_at_a_time_for_the_same_goods",
                expressions=[
                    (_only("shop_id"), "="),
                    (_only(Coalesce("product_id", Value(0), output_field=models.BigIntegerField())), "="),
                    (Func("from_at", "until_at", Value("[)"), function="tstzrange"), "&&"),
                ],
            ),
        ]


class Link(models.Model):
    """A publisher's link to a product."""

    token = models.TextField()
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    path = models.CharField(max_length=200)
    partner = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    """Whose tool served the link."""
    made_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_link"
        constraints = [
            models.UniqueConstraint(fields=["token"], name="one_link_a_token"),
            models.UniqueConstraint(
                fields=["slot", "product", "path", "partner"], name="one_link_a_slot_and_target", nulls_distinct=False
            ),
        ]


class Click(models.Model):
    """One visit by a link. No address is kept, only the visitor's own random token."""

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="+")
    visitor = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    clicked_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    """When the visitor was first known to be `user`."""

    class Meta:
        db_table = "alliance_click"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, known_at__isnull=True)
                | Q(user__isnull=False, known_at__gte=F("clicked_at")),
                name="click_is_known_after_it_was_made",
            )
        ]
        indexes = [
            models.Index(fields=["user", "clicked_at"], name="clicks_of_a_buyer", condition=Q(user__isnull=False)),
            models.Index(fields=["visitor"], name="clicks_of_unknown_visitors", condition=Q(user__isnull=True)),
        ]


class Conversion(models.Model):
    """A paid line that a link brought: a frozen snapshot, its state, and the refunds of its order so far."""

    line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    order_no = models.CharField(max_length=20)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    click = models.ForeignKey(Click, on_delete=models.PROTECT, related_name="+", db_index=False)
    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_direct = models.BooleanField()
    rule_version = models.PositiveSmallIntegerField()
    rate_bps = models.IntegerField()
    publisher_share_bps = models.IntegerField()
    partner_share_bps = models.IntegerField()
    platform_share_bps = models.IntegerField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    """The line as paid, without shipping."""
    line_amounts_minor = ArrayField(models.BigIntegerField())
    """All lines of the order, so that its refunds are spread the same way at any later time."""
    line_position = models.PositiveSmallIntegerField()
    """Which of them this is, from 0."""
    order_total_minor = models.BigIntegerField()
    order_refunded_minor = models.BigIntegerField(default=0)
    """Refunds of the whole order so far."""
    refunded_minor = models.BigIntegerField(default=0)
    """What of them falls on this line."""
    state = models.CharField(max_length=9)
    clicked_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alliance_conversion"
        constraints = [
            models.CheckConstraint(condition=SHARES_SUM_TO_ONE, name="conversion_shares_sum_to_one"),
            models.CheckConstraint(
                condition=Q(rate_bps__gt=0, rate_bps__lte=MAX_RATE_BPS), name="conversion_rate_is_in_range"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CommissionState]), name="conversion_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("amount_minor"),
                    order_refunded_minor__gte=0,
                    order_refunded_minor__lte=F("order_total_minor"),
                ),
                name="conversion_refunds_are_within_amounts",
            ),
            models.CheckConstraint(
                condition=Q(clicked_at__lte=F("placed_at")), name="conversion_click_is_not_after_the_order"
            ),
            models.CheckConstraint(
                condition=Q(state="SETTLED", settled_at__isnull=False)
                | (~Q(state="SETTLED") & Q(settled_at__isnull=True)),
                name="conversion_is_settled_at_a_time",
            ),
        ]


class Commission(models.Model):
    """One party's part of a conversion's commission."""

    conversion = models.ForeignKey(Conversion, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=9)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    estimated_minor = models.BigIntegerField()
    """The party's, expected; after settlement, as booked then."""
    settled_minor = models.BigIntegerField(default=0)
    """The party's, in the books now."""

    class Meta:
        db_table = "alliance_commission"
        constraints = [
            models.UniqueConstraint(fields=["conversion", "role"], name="one_part_a_conversion_and_role"),
            models.CheckConstraint(
                condition=Q(role=PartyRole.PLATFORM.value, publisher__isnull=True)
                | Q(role__in=[PartyRole.PUBLISHER.value, PartyRole.PARTNER.value], publisher__isnull=False),
                name="commission_belongs_to_its_party",
            ),
            models.CheckConstraint(
                condition=Q(estimated_minor__gte=0, settled_minor__gte=0), name="commission_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(
                fields=["publisher", "-conversion"],
                name="commissions_of_a_publisher",
                condition=Q(publisher__isnull=False),
            )
        ]
