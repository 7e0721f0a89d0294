"""Rows of insight: columns, constraints, indexes; no verbs."""

from __future__ import annotations

from django.db import models


class DailyFigure(models.Model):
    """What one day (of the installation's clock) brought an object: kept so that pages need not ask the lake."""

    pk = models.CompositePrimaryKey("object_kind", "object_id", "day")
    object_kind = models.TextField()
    object_id = models.BigIntegerField()
    day = models.DateField(db_index=True)
    people = models.BigIntegerField()
    """Everybody who was there that day. It cannot be added up over days."""
    exposures = models.BigIntegerField()
    dwell_s = models.BigIntegerField()
    clicks = models.BigIntegerField()
    dwell_median_ms = models.BigIntegerField(default=0)
    """How long the one in the middle looked, of those who did."""
    onward = models.BigIntegerField(default=0)
    """Presses on what is reached from it, such as the products in a post."""

    class Meta:
        db_table = "insight_daily_figure"
