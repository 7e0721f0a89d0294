"""Rows of stock."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class StockItem(models.Model):
    """How many of one variant there are."""

    variant = models.OneToOneField("catalog.Variant", on_delete=models.PROTECT, related_name="+", primary_key=True)
    on_hand = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    shipped = models.BigIntegerField(default=0)

    class Meta:
        db_table = "inventory_stock_item"
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand")), name="reserved_is_within_stock_on_hand"
            )
        ]


class Reservation(models.Model):
    """So many of a variant kept for one order, named by `ref`."""

    ref = models.TextField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.BigIntegerField()
    reserved_at = models.DateTimeField()

    class Meta:
        db_table = "inventory_reservation"
        constraints = [
            models.UniqueConstraint(fields=["ref", "variant"], name="one_reservation_a_ref_and_variant"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_is_positive"),
        ]
