"""Rows of orders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThan

from wuyou.domains.orders.types import FulfilmentState, OrderKind, PaymentState, ScanKind


def _one_of(field: str, values: type) -> Q:
    return Q(**{f"{field}__in": [member.value for member in values]})  # type: ignore[attr-defined]


class Order(models.Model):
    """One order of one shop. Amounts are the buyer's, in the currency's smallest unit."""

    order_no = models.CharField(max_length=20, unique=True)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=5)
    currency = models.CharField(max_length=3)
    items_minor = models.BigIntegerField()
    """The goods at their prices, before anything is taken off."""
    discount_minor = models.BigIntegerField(db_default=0)
    """What the shop sells them for less."""
    funded_minor = models.BigIntegerField(db_default=0)
    """What somebody else pays of them for the buyer."""
    shipping_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    """What the buyer pays."""
    refunded_minor = models.BigIntegerField(db_default=0)
    funded_back_minor = models.BigIntegerField(db_default=0)
    """What went back, with the refunds, of what somebody else paid."""
    refund_count = models.PositiveSmallIntegerField(db_default=0)
    payment = models.CharField(max_length=6)
    fulfilment = models.CharField(max_length=9)
    placed_at = models.DateTimeField()
    pay_until = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    ship_by = models.DateTimeField(null=True)
    """Until when the shop should have sent it."""
    is_disputed = models.BooleanField(db_default=False)
    """A claim runs: it neither counts as received by itself, nor completes."""
    is_charged_back = models.BooleanField(db_default=False)
    """The buyer's bank asks the payment back: the same."""
    is_partly_sent = models.BooleanField(db_default=False)
    """Some of it is on its way, and some is still to be sent. It stands on this row, where refunds are decided."""
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    receives_at = models.DateTimeField(null=True)
    """When a shipped order counts as received though nobody said so."""
    completes_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_order"
        indexes = [
            models.Index(fields=["buyer", "-id"], name="orders_of_a_buyer"),
            models.Index(fields=["shop", "-id"], name="orders_of_a_shop"),
            models.Index(fields=["shop", "-id"], name="orders_to_send", condition=Q(fulfilment="READY")),
            models.Index(fields=["pay_until"], name="orders_to_close", condition=Q(payment="UNPAID")),
            models.Index(fields=["receives_at"], name="orders_to_receive", condition=Q(fulfilment="SHIPPED")),
            models.Index(fields=["completes_at"], name="orders_to_complete", condition=Q(fulfilment="RECEIVED")),
        ]
        constraints = [
            models.CheckConstraint(condition=_one_of("kind", OrderKind), name="order_kind_is_known"),
            models.CheckConstraint(condition=_one_of("payment", PaymentState), name="order_payment_is_known"),
            models.CheckConstraint(condition=_one_of("fulfilment", FulfilmentState), name="order_fulfilment_is_known"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("items_minor") - F("discount_minor") - F("funded_minor") + F("shipping_minor"),
                    items_minor__gt=F("discount_minor") + F("funded_minor"),
                    discount_minor__gte=0,
                    funded_minor__gte=0,
                    shipping_minor__gte=0,
                ),
                name="order_total_is_items_less_promotions_and_shipping",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("total_minor")),
                name="order_refunds_are_within_total",
            ),
            models.CheckConstraint(
                condition=Q(funded_back_minor__gte=0, funded_back_minor__lte=F("funded_minor")),
                name="order_gives_back_what_was_funded_at_most",
            ),
            models.CheckConstraint(
                condition=Q(is_partly_sent=False) | Q(fulfilment="READY"), name="order_partly_sent_is_to_be_sent"
            ),
            models.CheckConstraint(
                condition=Q(payment="PAID", paid_at__isnull=False) | (~Q(payment="PAID") & Q(paid_at__isnull=True)),
                name="order_is_paid_at_a_time",
            ),
        ]


class OrderLine(models.Model):
    """What was bought, as it was when it was bought."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.IntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(db_default=0)
    """Its part of what the shop takes off the order."""
    funded_minor = models.BigIntegerField(db_default=0)
    """Its part of what somebody else pays of the order."""
    sent_count = models.IntegerField(db_default=0)
    """Pieces that were handed to a carrier."""
    dropped_count = models.IntegerField(db_default=0)
    """Pieces that were taken off the order before they were sent, and paid back."""

    class Meta:
        db_table = "orders_order_line"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_price_minor__gt=0), name="order_line_is_positive"),
            models.CheckConstraint(
                condition=Q(discount_minor__gte=0, funded_minor__gte=0)
                & Q(GreaterThan(F("quantity") * F("unit_price_minor"), F("discount_minor") + F("funded_minor"))),
                name="order_line_costs_something",
            ),
            models.CheckConstraint(
                condition=Q(sent_count__gte=0, dropped_count__gte=0)
                & Q(quantity__gte=F("sent_count") + F("dropped_count")),
                name="order_line_sends_each_piece_once",
            ),
        ]


class Origin(models.Model):
    """Where on this site its buyer came from, so that they can go back there. Nobody else reads it."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="+")
    path = models.CharField(max_length=200)

    class Meta:
        db_table = "orders_origin"


class Refund(models.Model):
    """One promise to give money back."""

    refund_no = models.CharField(max_length=24, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    promised_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_refund"
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_is_positive")]


class CartLine(models.Model):
    """A variant that a person put aside to buy."""

    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+", db_index=False)
    quantity = models.IntegerField()
    added_at = models.DateTimeField()

    class Meta:
        db_table = "orders_cart_line"
        constraints = [
            models.UniqueConstraint(fields=["buyer", "variant"], name="one_cart_line_a_variant"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="cart_line_is_positive"),
        ]


class Parcel(models.Model):
    """What was handed to a carrier: all of one order, or a part of it."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey("catalog.Shop", on_delete=models.PROTECT, related_name="+", db_index=False)
    carrier = models.CharField(max_length=8)
    number = models.CharField(max_length=32)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "orders_parcel"
        indexes = [models.Index(fields=["shop", "number"], name="parcels_by_number")]
        constraints = [
            models.UniqueConstraint(fields=["order", "carrier", "number"], name="one_parcel_a_number_of_an_order")
        ]


class ParcelLine(models.Model):
    """So many of a line of its order that are in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        db_table = "orders_parcel_line"
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line"], name="one_parcel_line_a_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_is_positive"),
        ]


class Scan(models.Model):
    """One line of a parcel's way. It is never changed."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    place = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "orders_scan"
        constraints = [
            models.CheckConstraint(condition=_one_of("kind", ScanKind), name="scan_kind_is_known"),
            models.UniqueConstraint(fields=["parcel"], condition=Q(kind="DELIVERED"), name="parcel_is_delivered_once"),
        ]
