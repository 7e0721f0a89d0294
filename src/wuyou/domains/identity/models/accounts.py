"""Rows of what accounts are signed in with. E-mail addresses, passkeys and sessions are rows of django-allauth."""

from __future__ import annotations

from django.db import models

from wuyou.domains.identity.models.people import User


class PhoneNumber(models.Model):
    """The number that somebody has confirmed. An unconfirmed number is nowhere."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    number = models.CharField(max_length=16, unique=True)
    """E.164."""
    confirmed_at = models.DateTimeField()

    class Meta:
        db_table = "identity_phone_number"


class CodeTry(models.Model):
    """How often a code that was sent has been tried, and whether it was used."""

    key = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of the code and the session that it was sent for."""
    count = models.PositiveSmallIntegerField()
    is_used = models.BooleanField(default=False)
    first_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_code_try"


class RealNameProof(models.Model):
    """That somebody's real name was proven, and of the document only what cannot be turned back into it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    level = models.CharField(max_length=12)
    provider = models.CharField(max_length=20)
    reference = models.CharField(max_length=64, unique=True)
    """Keyed digest of the document's number: the same document makes the same, in this installation only."""
    checked_on = models.DateField()
    age_band = models.CharField(max_length=12)

    class Meta:
        db_table = "identity_real_name_proof"


class Rate(models.Model):
    """How often something was done lately: the table of Django's cache in the database."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    """A keyed digest (`identity.rates`): allauth's own keys hold addresses and people's ids."""
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_rate"
