"""Rows of what was claimed by whose link."""

from __future__ import annotations

from django.db import models


class VoucherOrigin(models.Model):
    """A voucher of what is for a publisher's links alone, and the place of the link by which its owner came."""

    voucher = models.OneToOneField("promotions.Voucher", on_delete=models.PROTECT, related_name="+")
    slot = models.ForeignKey("alliance.Slot", on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()

    class Meta:
        db_table = "alliance_voucher_origin"
