"""Rows of the feed."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Preference(models.Model):
    """What somebody has chosen; who has no row has chosen nothing."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    is_personal = models.BooleanField()

    class Meta:
        db_table = "feed_preference"


class LearntModel(models.Model):
    """The file of a recommender that was learnt. The newest serves; the one before stays until the next."""

    file = models.OneToOneField("infra.StoredFile", on_delete=models.PROTECT, related_name="+", db_column="key")
    learnt_at = models.DateTimeField()
    items = models.PositiveIntegerField()
    people = models.PositiveIntegerField()

    class Meta:
        db_table = "feed_learnt_model"
