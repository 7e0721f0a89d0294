"""Rows of people's own copies of their data, and of those who are about to leave."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wuyou.domains.identity.models.people import User
from wuyou.infra.models import StoredFile


class DataExport(models.Model):
    """A copy of their data that somebody asked for. It is written by a task, and swept away after a week."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    """When a worker last began to write it; another may try again a while later."""
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    size_bytes = models.BigIntegerField(default=0)

    class Meta:
        db_table = "identity_data_export"
        indexes = [
            models.Index(fields=["person", "-id"], name="data_exports_of_a_person"),
            models.Index(fields=["expires_at"], name="data_exports_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ready_at__isnull=True), name="one_data_export_in_writing"
            ),
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True, file__isnull=True, expires_at__isnull=True)
                | Q(ready_at__isnull=False, file__isnull=False, expires_at__isnull=False),
                name="data_export_is_ready_with_its_file",
            ),
        ]


class Leaving(models.Model):
    """Somebody asked to be erased. The row goes when they come back, and with them."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="+")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    """From then on they are erased, unless something is still open; then it is tried again every day."""
    is_held_up = models.BooleanField(default=False)

    class Meta:
        db_table = "identity_leaving"


class RetiredHandle(models.Model):
    """A handle of somebody who was erased, as a keyed digest: nobody can read it, and nobody gets it again."""

    digest = models.CharField(max_length=64, primary_key=True)

    class Meta:
        db_table = "identity_retired_handle"
