"""Rows of how people are recognised."""

from __future__ import annotations

from django.db import models

from wuyou.domains.identity.models.people import User


class AccessToken(models.Model):
    """A secret that lets a program act for a person; only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=60)
    scope = models.CharField(max_length=20, blank=True, db_default="")
    """What it is good for (`types.TokenScope`)."""
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_access_token"


class SignInTry(models.Model):
    """How often somebody has lately tried to sign in as someone from one address, and not succeeded."""

    key = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of name and address: neither is kept in the clear."""
    count = models.PositiveSmallIntegerField()
    first_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_sign_in_try"
